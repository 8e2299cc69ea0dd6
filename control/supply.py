"""`ioc supply`: what agencies owe and what came of it, by agency; and excuses."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, Any

import psycopg
import typer
from psycopg.rows import class_row
from rich.console import Console
from rich.table import Table

from control.settings import Instance
from control.steps import StepFailed
from datasets.model.calendar import ZONE

RATES = """
SELECT s.agency, min(s.agency_title) AS title, count(*) FILTER (WHERE s.is_expected) AS expected,
    count(*) FILTER (WHERE s.is_received) AS received, count(*) FILTER (WHERE s.is_on_time) AS on_time,
    count(*) FILTER (WHERE s.punctuality = 'missing') AS missing, count(*) FILTER (WHERE s.punctuality = 'due_soon') AS due_soon,
    count(*) FILTER (WHERE s.punctuality = 'excused') AS excused
FROM supply.state s
WHERE s.due_at > s.moment - make_interval(days => %(days)s) AND (%(agency)s::text IS NULL OR s.agency = %(agency)s)
    AND (s.due_at <= s.moment OR s.punctuality = 'due_soon')
GROUP BY s.agency ORDER BY s.agency
"""
# A late one is told for as long as it weighs on the rates; a missing or refused one until it comes.
OPEN = """
SELECT s.dataset, s.agency, s.period, s.due_at, s.punctuality, s.quality, s.refused_code, s.received_at, s.excused_until, s.excused_by
FROM supply.state s
WHERE s.due_at > s.moment - make_interval(days => %(days)s) AND (%(agency)s::text IS NULL OR s.agency = %(agency)s)
    AND (s.punctuality IN ('missing', 'late', 'excused', 'due_soon') OR (s.quality = 'refused' AND s.due_at <= s.moment))
ORDER BY s.due_at, s.agency, s.dataset
"""

DAYS = 35
SHOWN = {"missing": "[red]missing[/red]", "late": "[yellow]late[/yellow]", "excused": "excused", "due_soon": "due soon"}

commands = typer.Typer(help="What agencies owe, what came of it, and excuses.", invoke_without_command=True)
console = Console(width=None if sys.stdout.isatty() else 160)


@dataclass(frozen=True)
class AgencyRates:
    """Reports of one agency that were due in the days asked for, and those due within 24 hours."""

    agency: str
    title: str | None
    expected: int
    received: int
    on_time: int
    missing: int
    due_soon: int
    excused: int


@dataclass(frozen=True)
class OpenReport:
    """A report that someone should look at."""

    dataset: str
    agency: str
    period: str
    due_at: datetime
    punctuality: str
    quality: str
    refused_code: str | None
    received_at: datetime | None
    excused_until: datetime | None
    excused_by: str | None


@commands.callback()
def supply(
    context: typer.Context,
    agency: Annotated[str | None, typer.Option("--agency", help="One agency; without it all.")] = None,
    days: Annotated[int, typer.Option("--days", min=1, help="Reports that were due in so many days.")] = DAYS,
    machine_readable: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> None:
    """List both rates of each agency, and the reports that are missing, late, refused, excused or due within 24 hours."""
    if context.invoked_subcommand is not None:
        return
    with _store() as conn:
        rates, reports = rates_of(conn, days, agency), open_reports(conn, days, agency)
    if machine_readable:
        said = {"days": days, "agencies": [asdict(r) for r in rates], "reports": [asdict(r) for r in reports]}
        print(json.dumps(said, ensure_ascii=False, indent=1, default=str))  # noqa: T201 - for machines, without Rich's wrapping
        return
    if not rates:
        console.print(f"No report was due in the last {days} days.")
        return
    console.print(_table_of_rates(rates, days))
    if reports:
        console.print(_table_of_reports(reports))


@commands.command()
def excuse(
    dataset: Annotated[str, typer.Argument(help="Dataset, as CKAN names it: health-bed-days.")],
    agency: Annotated[str, typer.Argument(help="The agency that owes it.")],
    period: Annotated[str, typer.Argument(help="Period of the report: 2026-11-20, 2026-W47, 2026-11, 2026-Q4.")],
    by: Annotated[str, typer.Option("--by", help="Position of the steering committee or its working group.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; officials read it.")],
    until: Annotated[str | None, typer.Option("--until", help='Moment in the province: "2026-11-27 17:00".')] = None,
    end: Annotated[bool, typer.Option("--end", help="End the excuse that was given.")] = False,
) -> None:
    """Excuse an agency from one report until a moment, or end an excuse; both stay in the report's history."""
    from ckan_harvesters.supply.excuse import ExcuseError, end_excuse
    from ckan_harvesters.supply.excuse import excuse as give
    from datasets.model.reference import read_reference

    obligation, reference = f"{dataset}@{agency}", read_reference()
    if end == (until is not None):
        raise StepFailed("An excuse has an end, or is ended", advice='write --until "2026-11-27 17:00", or --end')
    try:
        with _store() as conn:
            if until is None:
                end_excuse(conn, obligation, period, by=by, reason=reason, reference=reference)
                said = f"{obligation}, {period}: the excuse is ended."
            else:
                moment = moment_of(until)
                give(conn, obligation, period, until=moment, by=by, reason=reason, reference=reference)
                said = f"{obligation}, {period}: excused until {moment:%Y-%m-%d %H:%M} by {by}."
    except ExcuseError as problem:
        raise StepFailed(f"Nothing was changed: {problem}", advice="./ioc supply excuse --help") from problem
    console.print(said, markup=False, highlight=False, soft_wrap=True)


def moment_of(text: str) -> datetime:
    """A moment as a person writes it, in the province's time zone unless it has its own. Raises StepFailed."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise StepFailed(f"{text!r} is no moment", advice='write --until "2026-11-27 17:00"') from error
    return moment if moment.tzinfo else moment.replace(tzinfo=ZONE)


def rates_of(conn: psycopg.Connection[Any], days: int, agency: str | None = None) -> list[AgencyRates]:
    """Expected, received and on time of each agency, of reports that were due in so many days."""
    with conn.cursor(row_factory=class_row(AgencyRates)) as cursor:
        return cursor.execute(RATES, {"days": days, "agency": agency}).fetchall()


def open_reports(conn: psycopg.Connection[Any], days: int, agency: str | None = None) -> list[OpenReport]:
    """Reports that someone should look at, by due moment."""
    with conn.cursor(row_factory=class_row(OpenReport)) as cursor:
        return cursor.execute(OPEN, {"days": days, "agency": agency}).fetchall()


def _store() -> psycopg.Connection[Any]:
    from control.hosts import Hosts
    from control.secrets import Secrets

    here = Instance.from_environment()
    try:
        return Hosts.of(here, Secrets(here)).store()
    except psycopg.OperationalError as error:
        raise StepFailed(f"The store does not answer: {error}", advice="./ioc status") from error


def _table_of_rates(rates: list[AgencyRates], days: int) -> Table:
    shown = Table(title=f"Reports due in the last {days} days", title_justify="left", box=None, pad_edge=False)
    for heading in ("agency", "expected", "received", "on time", "missing", "excused", "due soon"):
        shown.add_column(heading, justify="left" if heading == "agency" else "right")
    for r in rates:
        received, on_time = (f"{n} ({share(n, r.expected)})" for n in (r.received, r.on_time))
        shown.add_row(r.agency, str(r.expected), received, on_time, *(str(n or "") for n in (r.missing, r.excused, r.due_soon)))
    return shown


def _table_of_reports(reports: list[OpenReport]) -> Table:
    shown = Table(title="\nTo look at", title_justify="left", box=None, pad_edge=False)
    for heading in ("state", "dataset", "agency", "period", "due", ""):
        shown.add_column(heading)
    for r in reports:
        state = SHOWN.get(r.punctuality, r.punctuality)
        if r.quality == "refused":
            state += ", refused"
        note = f"until {_local(r.excused_until)}, by {r.excused_by}" if r.punctuality == "excused" and r.excused_until else ""
        note = note or (f"came {_local(r.received_at)}" if r.received_at else r.refused_code or "")
        shown.add_row(state, r.dataset, r.agency, r.period, _local(r.due_at), note)
    return shown


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(ZONE):%Y-%m-%d %H:%M}"


def share(part: int, whole: int) -> str:
    """A rate as a person reads it; "–" when nothing was expected."""
    return f"{part / whole:.0%}" if whole else "–"
