"""A delivery is one resource of a dataset: what its dataset allows, what scope it has, and who may see it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ckan import authz, model

from . import agencies
from .receipt import Receipt, receipts_of

NAMES_A_PERSON = frozenset({"zero_by"})
"""Fields of a delivery that the public is not told."""


@dataclass(frozen=True)
class DatasetFacts:
    """What a dataset says about its deliveries."""

    publishers: tuple[str, ...]
    named: tuple[str, ...]
    """Agencies that a restricted dataset is opened to beside its publishers."""
    access_class: str
    scope: str
    calendar: str | None

    @classmethod
    def of(cls, package: Any) -> DatasetFacts:
        """From a CKAN package (the model's object)."""
        extras = package.extras
        return cls(
            publishers=tuple((extras.get("publishers") or "").split()),
            named=tuple((extras.get("restricted_to") or "").split()),
            access_class=extras.get("access_class") or "restricted",
            scope=extras.get("delivery_scope") or "whole",
            calendar=extras.get("delivery_calendar") or None,
        )

    def may_deliver(self, user: Any) -> list[str]:
        """Agencies for which the user may deliver to this dataset."""
        if user is not None and authz.is_sysadmin(user.name):
            return list(self.publishers)
        own = agencies.delivers_for(user)
        return [name for name in self.publishers if name in own]


def same_scope(facts: DatasetFacts, package: Any, agency: str, period: str | None, besides: str | None) -> Any:
    """Another active delivery of the dataset with that scope, None when there is none; an addition shares its scope with no other."""
    if facts.scope == "addition":
        return None
    for other in package.resources:
        if other.id == besides or other.state != "active" or other.extras.get("agency") != agency:
            continue
        if facts.scope == "whole" or (other.extras.get("period") or "") == (period or ""):
            return other
    return None


@dataclass(frozen=True)
class Viewer:
    """Whoever asks, with what decides which deliveries they see."""

    everything: bool
    memberships: dict[str, str]

    @classmethod
    def of(cls, user: Any) -> Viewer:
        return cls(everything=agencies.sees_everything(user), memberships=agencies.memberships(user))

    @property
    def is_official(self) -> bool:
        return self.everything or bool(self.memberships)

    def sees(self, agency: str | None, receipt: Receipt | None) -> bool:
        """Whether this viewer, who may read the dataset, sees a delivery of that agency: their own, or an accepted one."""
        if self.everything or (agency is not None and agency in self.memberships):
            return True
        return receipt is not None and receipt.accepted

    def edits(self, agency: str | None) -> bool:
        """Whether this viewer delivers for that agency. Sysadmins need not be asked; the harvest reads everything and writes nothing."""
        return agency is not None and self.memberships.get(agency) in agencies.DELIVERING


def visible(resources: Iterable[dict[str, Any]], viewer: Viewer) -> list[dict[str, Any]]:
    """The deliveries (resource dicts) among those given that the viewer sees."""
    given = list(resources)
    if viewer.everything or not given:
        return given
    if not viewer.is_official:
        given = [{name: value for name, value in resource.items() if name not in NAMES_A_PERSON} for resource in given]
    receipts = receipts_of([r["id"] for r in given])
    return [r for r in given if viewer.sees(r.get("agency"), receipts.get(r["id"]))]


def may_see(user: Any, resource: Any) -> bool:
    """Whether a user who may read the dataset sees that delivery (the model's resource)."""
    receipt = model.Session.get(Receipt, resource.id)
    return Viewer.of(user).sees(resource.extras.get("agency"), receipt)
