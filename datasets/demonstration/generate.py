"""Files of simulated deliveries, as the agencies would write them."""

from __future__ import annotations

import importlib
import importlib.util
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path, PurePosixPath
from types import ModuleType
from typing import Any

from datasets.demonstration.habits import TWICE, Habit, Planted, calendar_of_reports, planted_at
from datasets.demonstration.moment import delivered_at, second_at
from datasets.demonstration.row import Maker, Row
from datasets.demonstration.trouble import FIRST_SAID, THOUSAND, multiplied, swapped, with_trouble
from datasets.demonstration.world import World
from datasets.demonstration.write import write_table
from datasets.model.calendar import ZONE
from datasets.model.contract import Contract, Resource, Scope
from datasets.model.period import period_of
from datasets.model.reference import Reference

DAYS = 112
FULL_MONTHS = 36


@dataclass(frozen=True)
class DemonstrationFile:
    """One simulated delivery."""

    contract: Contract
    resource: Resource
    agency: str
    """Who delivers it."""
    period: str
    """The period of its report as text: of scope whole and addition, that of the obligation's calendar."""
    path: Path
    rows: int
    delivered_at: datetime
    """The simulated moment of the delivery, with a time zone."""
    habit: Habit | None = None
    """What is planted at this report; a file of habit zero has a header and no row."""
    bad_rows: int = 0
    """Rows that break the contract on purpose and will be rejected."""
    number: int = 1
    """Which delivery of its report it is: 2 for what replaces a first one."""
    simulated: bool = True

    @property
    def title(self) -> str:
        """What the delivery is called in CKAN: it says that it is simulated."""
        return f"{self.resource.title}, {self.period} (số liệu mô phỏng)"


def generate(
    contracts: Sequence[Contract],
    reference: Reference,
    out: Path,
    *,
    seed: int = 1,
    days: int = DAYS,
    until: date | None = None,
    full: bool = False,
) -> list[DemonstrationFile]:
    """Write the files of `days` days up to `until` (otherwise yesterday) into `out`, in the order of delivery.

    `full`: those of 36 months instead. The same contracts, reference, seed, days, until and full give the same bytes. A dataset without
    a maker (boundaries, say) is not simulated. Raises ValueError for days < 1.
    """
    world = world_of(reference, seed, until or yesterday(), days=days, full=full)
    out.mkdir(parents=True, exist_ok=True)
    files: list[DemonstrationFile] = []
    for contract in contracts:
        makers = makers_of(contract)
        for resource in contract.resources:
            if resource.name in makers:
                files += _files(world, contract, resource, makers[resource.name](world, resource), out)
    return sorted(files, key=lambda file: file.delivered_at)


def yesterday(now: datetime | None = None) -> date:
    """The day before that of `now` (otherwise the clock's), in the province. `now` has a time zone."""
    return (now or datetime.now(ZONE)).astimezone(ZONE).date() - timedelta(days=1)


def world_of(reference: Reference, seed: int, until: date, *, days: int = DAYS, full: bool = False, scale: float = 1.0) -> World:
    """The simulated province up to a day, of so many days or of 36 months. Raises ValueError for days < 1."""
    if days < 1:
        raise ValueError(f"days is {days}; write at least 1")
    world = World(reference, seed, first=until - timedelta(days=days - 1), until=until, is_full=full, scale=scale)
    if full:
        world.first = world.months(FULL_MONTHS)[0]
    return world


def makers_of(contract: Contract) -> dict[str, Maker]:
    """Makers of a contract's rows by resource, from the module of this package that is named after it; none without such a module."""
    return dict(getattr(_module_of(contract), "MAKERS", {}))


def cases_of(contract: Contract) -> dict[str, str]:
    """Resources of a contract whose rows are single cases, so that they grow with the world's scale, each with the column of its number."""
    return dict(getattr(_module_of(contract), "CASES", {}))


def _module_of(contract: Contract) -> ModuleType | None:
    name = f"{__package__}.{contract.pg_schema}"
    return importlib.import_module(name) if importlib.util.find_spec(name) is not None else None


def _files(world: World, contract: Contract, resource: Resource, rows: Iterable[Row], out: Path) -> list[DemonstrationFile]:
    tables = _by_delivery(resource, rows)
    periods = {period for _, period in tables}
    _declare_nothing(resource, tables, periods)
    files = []
    for agency, period in sorted(tables, key=lambda scope: (scope[1], scope[0])):
        planted = planted_at(contract.name, resource.name, agency, period, periods)
        files += _reports(world, Report(contract, resource, agency, period, tables[agency, period]), planted, out)
    return files


def _declare_nothing(resource: Resource, tables: dict[tuple[str, str], list[dict[str, Any]]], periods: Iterable[str]) -> None:
    """An agency that has no row of a period between two others declares that there was nothing."""
    if resource.delivery.scope is not Scope.PERIOD:
        return
    known: dict[str, list[str]] = defaultdict(list)
    for agency, period in tables:
        known[agency].append(period)
    for agency, own in known.items():
        for period in periods:
            if min(own) < period < max(own):
                tables.setdefault((agency, period), [])


@dataclass(frozen=True)
class Report:
    """What an agency has to say of a period."""

    contract: Contract
    resource: Resource
    agency: str
    period: str
    rows: list[dict[str, Any]]


def _reports(world: World, report: Report, planted: Planted | None, out: Path) -> list[DemonstrationFile]:
    """The deliveries of a report: one usually, none of a missing one, two of one that is wrong at first."""
    habit = planted.habit if planted is not None else (None if report.rows else Habit.ZERO)
    columns = planted.columns if planted is not None else ()
    table, bad_rows = report.rows, 0
    moment = delivered_at(world, report.resource, report.agency, report.period, habit)
    match habit:
        case Habit.MISSING | Habit.EXCUSED:
            return []
        case Habit.ZERO:
            table = []
        case Habit.REJECTS:
            table, bad_rows = with_trouble(table)
        case Habit.SWAPPED:
            table = swapped(table, *columns)
        case Habit.RESTATED:
            table = multiplied(table, columns, FIRST_SAID)
        case Habit.THOUSANDFOLD:
            table = multiplied(table, columns, THOUSAND)
    first = _file(report, table, out, moment, habit, bad_rows=bad_rows)
    if habit is Habit.WRONG_FILE:
        first = replace(first, path=_file_of_another(report, first.path))
    if habit not in TWICE:
        return [first]
    return [first, _file(report, report.rows, out, second_at(world, moment, habit), habit, number=2)]


def _file(
    report: Report, table: list[dict[str, Any]], out: Path, moment: datetime, habit: Habit | None, *, bad_rows: int = 0, number: int = 1
) -> DemonstrationFile:
    again = [f"lan-{number}"] if number > 1 else []
    name = "_".join((report.contract.dataset_name(report.resource), report.agency, report.period, *again, "mo-phong"))
    path = out / f"{name}{PurePosixPath(report.resource.path).suffix}"
    write_table(path, report.resource, table)
    return DemonstrationFile(
        report.contract, report.resource, report.agency, report.period, path, len(table), moment, habit, bad_rows, number
    )


def _file_of_another(report: Report, path: Path) -> Path:
    """The file of another dataset of the contract, without a row, instead of this one's. Raises StopIteration where there is no other."""
    other = next(one for one in report.contract.resources if one.name != report.resource.name)
    path.unlink()
    wrong = path.with_suffix(PurePosixPath(other.path).suffix)
    write_table(wrong, other, [])
    return wrong


def _by_delivery(resource: Resource, rows: Iterable[Row]) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Rows of each delivery, by agency and period, in the order of the contract's key.

    Where a delivery is the whole or an addition, a row's day tells the report that it is in, by the obligation's calendar.
    """
    calendar = calendar_of_reports(resource)
    tables: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        tables[row.agency, period_of(calendar, row.day)].append(row.values)
    key = [resource.schema_.field(name).column for name in resource.schema_.primaryKey]
    for table in tables.values():
        table.sort(key=lambda values: tuple(values[column] for column in key))
    return dict(tables)
