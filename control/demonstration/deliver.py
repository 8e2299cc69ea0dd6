"""Simulated files delivered in CKAN as an agency's editor does it, day by day of the simulated clock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import ckanapi

from control.apply import ckan_site
from control.demonstration.harvested import last_loads, wait_until_harvested
from control.hosts import CKAN, asked
from control.secrets import Secrets
from control.services import postgres
from control.settings import Instance
from control.steps import StepFailed
from datasets.demonstration import DemonstrationFile
from datasets.demonstration.habits import Habit
from datasets.model.contract import Contract, Scope

SIDE_BY_SIDE = 3
"""Datasets that are delivered to at a time. Deliveries to one dataset follow one another: CKAN rewrites its list of resources."""

Place = tuple[str, str, str]
"""Where a delivery stands: dataset, agency, and its period ("" for the whole)."""


@dataclass
class Standing:
    """A delivery that CKAN has."""

    resource: str
    """Id of the CKAN resource."""
    delivered_at: dt.datetime | None
    """The simulated moment at which its file came; None for a real delivery."""
    upload: str = ""
    """CKAN's `last_modified` of a file that an earlier run delivered, whose load may still be to come; empty for one of this run."""

    def is_as_new_as(self, file: DemonstrationFile) -> bool:
        """Whether this file, or one that came later, stands there. A real delivery is never replaced."""
        return self.delivered_at is None or self.delivered_at >= file.delivered_at


@dataclass
class Portal:
    """CKAN as the demonstration delivers to it."""

    instance: Instance
    secrets: Secrets
    standing: dict[Place, Standing] = field(default_factory=dict)
    waited_for: dict[str, int] = field(default_factory=dict)
    """By CKAN resource that was replaced, the number of the load before."""
    made: int = 0
    """Deliveries made by this run."""

    @asked(CKAN)
    def read(self, contracts: Sequence[Contract]) -> None:
        """Reads which deliveries there are. Raises StepFailed for a dataset that is not applied, and when CKAN does not answer."""
        site = ckan_site(self.instance, self.secrets["ckan_admin_token"])
        for contract in contracts:
            for resource in contract.resources:
                name = contract.dataset_name(resource)
                try:
                    shown = site.call_action("package_show", {"id": name})
                except ckanapi.NotFound as error:
                    raise StepFailed(f"CKAN has no dataset {name}", advice="./ioc apply, then again") from error
                for there in shown["resources"]:
                    self.standing[_place(name, resource.delivery.scope, there)] = _standing(there)

    @asked(CKAN)
    def deliver(self, files: Sequence[DemonstrationFile], *, again: bool = False, progress: Callable[[dt.date, int], None]) -> list[str]:
        """Delivers, day by day, what is not there; returns the ids of the CKAN resources in order.

        `again`: also what is there, in its place. `progress` is told each simulated day and how many deliveries are made by its end.
        Raises StepFailed when CKAN does not answer or refuses; what was delivered stays, and is not delivered again.
        """
        made: list[str] = []
        with ThreadPoolExecutor(max_workers=SIDE_BY_SIDE) as pool:
            for day, today in groupby(files, key=lambda file: file.delivered_at.date()):
                batches: dict[str, list[DemonstrationFile]] = {}
                for file in today:
                    batches.setdefault(file.contract.dataset_name(file.resource), []).append(file)
                works = [pool.submit(self._deliver_batch, batch, again) for batch in batches.values()]
                made += [resource for work in works for resource in work.result()]
                progress(day, len(made))
        return made

    def _deliver_batch(self, batch: Sequence[DemonstrationFile], again: bool) -> list[str]:
        return [self._deliver(file, again) for file in batch]

    def _deliver(self, file: DemonstrationFile, again: bool) -> str:
        """Delivers one file as its agency's editor; returns the id of the CKAN resource."""
        place = place_of(file)
        there = self.standing.get(place)
        if there is not None and there.is_as_new_as(file) and not (again and there.delivered_at is not None):
            return there.resource
        site = ckan_site(self.instance, self.secrets[f"editor_token.{file.agency}"])
        if there is not None:
            self._wait_for(there)
        made = _hand_in(site, file, is_replaced=there is not None)
        self.standing[place] = Standing(made, file.delivered_at)
        self.made += 1
        return made

    def _wait_for(self, there: Standing) -> None:
        """A file that is replaced before it is harvested is never loaded, and what it said is in no edition."""
        uploads = {there.resource: there.upload} if there.upload else {}
        wait_until_harvested(self.instance, self.secrets, [there.resource], after=self.waited_for, uploads=uploads)
        with postgres.connect(self.instance, self.secrets, "ioc") as connection:
            self.waited_for[there.resource] = last_loads(connection, [there.resource])[there.resource][0]

    @property
    def earlier_uploads(self) -> dict[str, str]:
        """CKAN's `last_modified` by resource, of the files that stand there from an earlier run."""
        return {there.resource: there.upload for there in self.standing.values() if there.upload}


def place_of(file: DemonstrationFile) -> Place:
    """Where the file is delivered."""
    dataset = file.contract.dataset_name(file.resource)
    match file.resource.delivery.scope:
        case Scope.WHOLE:
            return dataset, file.agency, ""
        case _:
            return dataset, file.agency, file.period


def _place(dataset: str, scope: Scope, there: dict[str, Any]) -> Place:
    names = {Scope.PERIOD: "period", Scope.ADDITION: "report_period"}
    period = there.get(names[scope]) if scope in names else None
    return dataset, there.get("agency") or "", period or ""


def _standing(there: dict[str, Any]) -> Standing:
    told = there.get("delivered_at")
    return Standing(there["id"], dt.datetime.fromisoformat(told) if told else None, there.get("last_modified") or "")


def _hand_in(site: ckanapi.RemoteCKAN, file: DemonstrationFile, *, is_replaced: bool) -> str:
    dataset = file.contract.dataset_name(file.resource)
    told: dict[str, Any] = {"agency": file.agency, "simulated": "true", "delivered_at": file.delivered_at.isoformat()}
    if file.habit is Habit.ZERO:
        declared = site.call_action("ioc_deliver", {"dataset": dataset, "zero": "true", "period": file.period, **told})
        return str(declared["resource_id"])
    with file.path.open("rb") as stream:
        upload = {"upload": (file.path.name, stream)}
        if is_replaced:
            replaced = site.call_action("ioc_deliver", {"dataset": dataset, "period": file.period, **told}, files=upload)
            return str(replaced["resource_id"])
        period = "period" if file.resource.delivery.scope is Scope.PERIOD else "report_period"
        made = site.call_action("resource_create", {"package_id": dataset, "name": file.title, period: file.period, **told}, files=upload)
        return str(made["id"])
