"""What one CKAN resource delivers: by whom, for which period, under which resource of which contract."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ckan_harvesters.errors import Refused
from datasets.model.contract import Calendar, Resource, Scope
from datasets.model.period import HOW_TO_WRITE, bounds

TIME_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
SEPARATOR = "|"


@dataclass(frozen=True)
class DeliveryScope:
    """The part of a dataset that one delivery replaces.

    `starts` and `ends` (exclusive) bound the period of a delivery by period, None otherwise. `key` is the scope as the
    ledger writes it.
    """

    agency: str
    period: str | None = None
    starts: date | None = None
    ends: date | None = None
    key: str = ""

    @property
    def as_of(self) -> date:
        """Day on which a code without a date of its own is read: the period's last day, or today."""
        return self.ends - timedelta(days=1) if self.ends else datetime.now(TIME_ZONE).date()


def scope_of(resource: Resource, agency: str, period: str | None, ckan_resource: str) -> DeliveryScope:
    """The scope that a delivery declares. Raises Refused `not_a_publisher` or `period_wrong`."""
    if agency not in resource.publishers:
        raise Refused("not_a_publisher", agency=agency, publishers=", ".join(resource.publishers))
    if resource.delivery.scope is Scope.WHOLE:
        return DeliveryScope(agency, key=agency)
    if resource.delivery.scope is Scope.ADDITION:
        return DeliveryScope(agency, key=f"{agency}{SEPARATOR}{ckan_resource}")
    calendar = resource.delivery.calendar or Calendar.DAY
    try:
        starts, ends = bounds(calendar, period or "")
    except ValueError as error:
        raise Refused("period_wrong", period=period or "", example=HOW_TO_WRITE[calendar]) from error
    return DeliveryScope(agency, period, starts, ends, f"{agency}{SEPARATOR}{period}")


@dataclass(frozen=True)
class Delivery:
    """One resource of CKAN as the harvest sees it, with what it needs of its dataset."""

    ckan_resource: str
    dataset: str
    """Name of the dataset."""
    dataset_id: str
    contract_resource: str
    """"health/bed-days", "" when the dataset is under no contract."""
    private: bool
    agency: str
    period: str | None
    simulated: bool
    url: str
    uploaded: bool
    last_modified: str
    """When the file was last uploaded, as CKAN writes it."""
    report_period: str | None = None
    """Period of the report that it is for, where its scope does not say."""
    zero_by: str | None = None
    """Who declared, and when, that there is nothing to deliver."""
    delivered_at: str = ""
    """Moment that stands for the upload of a simulated delivery."""

    @classmethod
    def from_ckan(cls, dataset: dict[str, Any], resource: dict[str, Any]) -> Delivery:
        """Read CKAN's two dictionaries, as `package_show` gives them."""
        return cls(
            ckan_resource=resource["id"],
            dataset=dataset["name"],
            dataset_id=dataset["id"],
            contract_resource=dataset.get("contract_resource") or "",
            private=bool(dataset.get("private")),
            agency=resource.get("agency") or "",
            period=resource.get("period") or None,
            simulated=str(resource.get("simulated") or "").casefold() == "true",
            url=resource.get("url") or "",
            uploaded=resource.get("url_type") == "upload",
            last_modified=resource.get("last_modified") or resource.get("created") or "",
            report_period=resource.get("report_period") or None,
            zero_by=resource.get("zero_by") or None,
            delivered_at=resource.get("delivered_at") or "",
        )

    @property
    def fingerprint(self) -> str:
        """What makes this delivery another one than before; equal fingerprints need no work."""
        parts = (self.url, self.last_modified, self.agency, self.period or "", str(self.simulated), self.contract_resource)
        # What most deliveries do not have is added only where it is there, so that those keep their fingerprint.
        more = (f"{name}={value}" for name, value in (("report", self.report_period), ("zero", self.zero_by)) if value)
        return SEPARATOR.join((*parts, *more))

    @property
    def uploaded_at(self) -> datetime | None:
        """When it was uploaded; of a simulated delivery the moment that it says. None when CKAN says none that can be read."""
        said = [self.delivered_at] if self.simulated else []
        for text in (*said, self.last_modified):
            try:
                moment = datetime.fromisoformat(text)
            except ValueError:
                continue
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return None
