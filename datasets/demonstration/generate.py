"""Files of simulated deliveries, as the agencies would write them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Any

from datasets.demonstration import health, public_services
from datasets.demonstration.habits import Habit, delivered_at, habit_of
from datasets.demonstration.row import Maker, Row
from datasets.demonstration.trouble import with_trouble
from datasets.demonstration.world import World
from datasets.demonstration.write import write_table
from datasets.model.contract import Contract, Resource, Scope
from datasets.model.period import period_of
from datasets.model.reference import Reference

DAYS = 112
MAKERS: dict[str, dict[str, Maker]] = {"health": dict(health.MAKERS), "public_services": dict(public_services.MAKERS)}
"""By contract and resource; a resource without a maker (boundaries, say) is not simulated."""


@dataclass(frozen=True)
class DemonstrationFile:
    """One simulated delivery."""

    contract: Contract
    resource: Resource
    agency: str
    """Who delivers it."""
    period: str | None
    """The delivery's period as text; None for scope whole and addition."""
    path: Path
    rows: int
    delivered_at: datetime
    """The simulated moment of the delivery, with a time zone."""
    habit: Habit | None = None
    """What is planted at this report; a file of habit zero has a header and no row."""
    bad_rows: int = 0
    """Rows that break the contract on purpose and will be rejected."""
    simulated: bool = True

    @property
    def title(self) -> str:
        """What the delivery is called in CKAN: it says that it is simulated."""
        return f"{self.resource.title}{f', {self.period}' if self.period else ''} (số liệu mô phỏng)"


def generate(
    contracts: Sequence[Contract],
    reference: Reference,
    out: Path,
    *,
    seed: int = 1,
    days: int = DAYS,
    until: date | None = None,
) -> list[DemonstrationFile]:
    """Write the files of `days` days up to `until` (otherwise yesterday) into `out`, in the order of delivery.

    The same contracts, reference, seed, days and until give the same bytes. What is delivered by day covers the last fourteen days,
    cases the weeks that are over, what is delivered by month the last months that are over. Raises ValueError for days < 1.
    """
    if days < 1:
        raise ValueError(f"days is {days}; write at least 1")
    last = until or date.today() - timedelta(days=1)  # noqa: DTZ011 - a day of the demonstration, not a moment
    world = World(reference, seed, first=last - timedelta(days=days - 1), until=last)
    out.mkdir(parents=True, exist_ok=True)
    files: list[DemonstrationFile] = []
    for contract in contracts:
        for resource in contract.resources:
            maker = MAKERS.get(contract.name, {}).get(resource.name)
            if maker is not None:
                files += _files(world, contract, resource, maker(world, resource), out)
    return files


def _files(world: World, contract: Contract, resource: Resource, rows: Iterable[Row], out: Path) -> list[DemonstrationFile]:
    tables = _by_delivery(resource, rows)
    periods = {period for _, period in tables}
    files = []
    for agency, period in sorted(tables, key=lambda scope: (scope[1] or "", scope[0])):
        habit = habit_of(contract.name, resource.name, agency, period, periods)
        if habit in (Habit.MISSING, Habit.EXCUSED):
            continue
        table, bad_rows = tables[agency, period], 0
        if habit is Habit.ZERO:
            table = []
        elif habit is Habit.REJECTS:
            table, bad_rows = with_trouble(table)
        name = "_".join(part for part in (contract.dataset_name(resource), agency, period, "mo-phong") if part)
        path = out / f"{name}{PurePosixPath(resource.path).suffix}"
        write_table(path, resource, table)
        moment = delivered_at(world, resource, agency, period, habit)
        files.append(DemonstrationFile(contract, resource, agency, period, path, len(table), moment, habit, bad_rows))
    return files


def _by_delivery(resource: Resource, rows: Iterable[Row]) -> dict[tuple[str, str | None], list[dict[str, Any]]]:
    """Rows of each delivery, by agency and period, in the order of the contract's key."""
    calendar = resource.delivery.calendar if resource.delivery.scope is Scope.PERIOD else None
    tables: dict[tuple[str, str | None], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        tables[row.agency, period_of(calendar, row.day) if calendar else None].append(row.values)
    key = [resource.schema_.field(name).column for name in resource.schema_.primaryKey]
    for table in tables.values():
        table.sort(key=lambda values: tuple(values[column] for column in key))
    return dict(tables)
