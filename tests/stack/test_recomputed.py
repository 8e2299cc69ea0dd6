"""The figures of the wide views are those that the list of indicators defines, worked out again from the files that were delivered.

What depends on the clock (overdue now) has cases worked out by hand in `tests/store/subsystems`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql

from datasets.model.contract import Contract
from datasets.model.formula import formulas
from datasets.model.read import read_all
from tests.running import Running
from tests.stack.delivered_rows import DeliveredRows, Row
from tests.stack.recomputed import Figures, column, differences, last, percentile, plus, share, total, where

pytestmark = pytest.mark.stack

Worked = Callable[[DeliveredRows, str, str | None], Figures]
WEIGHTS = {"0-4": 8.86, "5-14": 17.29, "15-29": 24.62, "30-59": 37.31, "60+": 11.95}
GROUPS = {"cong-khai": 18, "tien-do": 20, "so-hoa": 22, "truc-tuyen": 22, "hai-long": 18}


@pytest.fixture(scope="module")
def store(instance: Running) -> Iterator[psycopg.Connection[Any]]:
    """One moment of the store: what other tests deliver meanwhile is not seen."""
    with instance.store() as conn:
        conn.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        with conn.transaction():
            yield conn


@pytest.fixture(scope="module")
def delivered(store: psycopg.Connection[Any], instance: Running) -> DeliveredRows:
    return DeliveredRows(store, instance.instance.var / "files")


@pytest.fixture(scope="module")
def contracts() -> dict[str, Contract]:
    return {contract.name: contract for contract in read_all()}


def in_view(store: psycopg.Connection[Any], known: dict[str, Contract], name: str, calendar: str, by: str | None) -> Figures:
    """The indicator as a dashboard asks it, for every period and value of `by`."""
    contract = known[name.partition(".")[0]]
    formula = formulas(contract, list(known.values()))[name.partition(".")[2]]
    grouped = {None: sql.SQL("NULL"), "commune": sql.SQL("unit_code")}.get(by, sql.Identifier(by or ""))
    query = sql.SQL(
        "SELECT period, {by}::text, ({metric})::float8 FROM {view} WHERE measure = ANY({measures}){of_unit} GROUP BY 1, 2"
    ).format(
        by=grouped,
        metric=sql.SQL(formula.metric),
        view=sql.Identifier(contract.pg_schema, f"indicators_{calendar.replace('-', '_')}"),
        measures=sql.Literal([ref.full for ref in formula.measures]),
        of_unit=sql.SQL(" AND unit_level = 'commune'") if by == "commune" else sql.SQL(""),
    )
    found = store.execute(query).fetchall()
    return {(period, key): value for period, key, value in found if by is None or key is not None}


def ratio(table: str, on: str, counted: str, of: str, *, least: float = 0, scale: float = 100, add: Any = total) -> Worked:
    """Sum of one column by that of another, over the rows that say both."""

    def worked(d: DeliveredRows, calendar: str, by: str | None) -> Figures:
        above = add(d[table], on, calendar, by, column(counted, of))
        return share(above, add(d[table], on, calendar, by, column(of, counted)), scale, least)

    return worked


def added(table: str, on: str, *columns: str, add: Any = total) -> Worked:
    """Sum of columns."""
    return lambda d, calendar, by: add(d[table], on, calendar, by, lambda row: sum(row[name] for name in columns))


def on_time_at_communes(d: DeliveredRows, calendar: str, by: str | None) -> Figures:
    """Files resolved on time of all resolved and those open and overdue on the last day."""
    files = d["public_services/files"]
    in_time, late = (total(files, "day", calendar, by, column(name)) for name in ("on_time", "late"))
    return share(in_time, plus(in_time, late, last(files, "day", calendar, by, column("open_overdue"))), least=10)


def feedback_on_time(d: DeliveredRows, calendar: str, by: str | None) -> Figures:
    """Resolved in time, of these and the deadlines missed: resolved late, or open and late."""
    valid = [row for row in d["feedback/reports"] if row["screening"] == "hop-le"]
    in_time = [row for row in valid if row["resolved_at"] is not None and row["resolved_at"] <= row["due_at"]]
    missed = [
        row for row in valid if row["progress"] == "qua-han" or (row["resolved_at"] is not None and row["resolved_at"] > row["due_at"])
    ]
    kept = total(in_time, "resolved_at", calendar, by, where(lambda _: True))
    broken = total(missed, "due_at", calendar, by, where(lambda _: True))
    whole = plus(kept, broken)
    return share({key: kept.get(key) or 0 for key in whole}, whole, least=10)


def service_quality(d: DeliveredRows, calendar: str, by: str | None) -> Figures:
    """Five groups by the points that Decision 766 gives each."""
    parts = []
    for group, most in GROUPS.items():
        rows = [row for row in d["public_services/service-quality"] if row["group_name"] == group]
        points, possible = (total(rows, "cutoff_date", calendar, by, column(name)) for name in ("points", "possible"))
        parts.append(share(points, possible, most))
    return {key: sum(part[key] or 0 for part in parts) for key in parts[0] if all(part.get(key) is not None for part in parts)}


def of_people(counts: Figures, d: DeliveredRows, by: str | None, scale: float) -> Figures:
    """By the population of the last year that had begun; None before the first one."""
    found: Figures = {}
    for (period, key), value in counts.items():
        known = [row for row in d["health/population"] if row["reference_date"].year <= int(period[:4]) and (by is None or row[by] == key)]
        newest = max((row["reference_date"] for row in known), default=None)
        people = sum(row["people"] for row in known if row["reference_date"] == newest)
        found[(period, key)] = value / people * scale if people and value is not None else None
    return found


def weekly_incidence(d: DeliveredRows, calendar: str, by: str | None) -> Figures:
    return of_people(total(d["health/epidemic-control"], "assessed_on", calendar, by, column("community_cases")), d, by, 100_000)


def crimes(d: DeliveredRows, calendar: str, by: str | None) -> Figures:
    return of_people(total(d["public_safety/monthly-cases"], "cutoff_date", calendar, by, column("criminal_cases")), d, by, 100_000)


def insured(d: DeliveredRows, calendar: str, by: str | None) -> Figures:
    return of_people(last(d["health/insurance"], "cutoff_date", calendar, by, column("insured")), d, by, 100)


def beds_in_use(d: DeliveredRows, calendar: str, by: str | None) -> Figures:
    rows = [row for row in d["health/bed-days"] if row["ward"] == "thuong"]
    used = total(rows, "day", calendar, by, column("beds_occupied", "beds_available"))
    return share(used, total(rows, "day", calendar, by, column("beds_available", "beds_occupied")), least=10)


def standardised(d: DeliveredRows, calendar: str, by: str | None) -> Figures:
    """The incidences of five age groups, weighted by WHO's world population."""
    weighted: list[Figures] = []
    for group, weight in WEIGHTS.items():
        cases = total([r for r in d["health/cases-by-age"] if r["age_group"] == group], "month_end", calendar, by, column("new_cases"))
        people = [row for row in d["health/population-by-age"] if row["age_group"] == group]
        year = max(row["reference_date"] for row in people)
        of = {key: sum(r["people"] for r in people if r["reference_date"] == year and (by is None or r[by] == key[1])) for key in cases}
        weighted.append(share(cases, of, weight * 100_000 / sum(WEIGHTS.values())))
    return plus(*weighted)


def report_lag(d: DeliveredRows, calendar: str, by: str | None) -> Figures:
    """Median of the days from onset to report, each row as often as it has cases; at least five."""
    cases = total(d["health/cases"], "report_date", calendar, by, column("new_cases"))
    days = percentile(
        d["health/cases"], "report_date", calendar, 0.5, lambda r: [(r["report_date"] - r["onset_date"]).days] * int(r["new_cases"])
    )
    return {key: value if (cases[key] or 0) >= 5 else None for key, value in days.items()}


def elapsed(table: str, on: str, starts: str, ends: str, part: float, seconds: int) -> Worked:
    """A percentile of the time between two moments."""

    def length(row: Row) -> list[float]:
        return [(row[ends] - row[starts]).total_seconds() / seconds] if row[starts] and row[ends] else []

    return lambda d, calendar, _by: percentile(d[table], on, calendar, part, length)


def weighted_index(table: str, index: str) -> Worked:
    """Mean of an index by the weights of its parts, less 100."""

    def worked(d: DeliveredRows, calendar: str, by: str | None) -> Figures:
        rows = [{**row, "product": row[index] * row["weight"]} for row in d[table]]
        product, weight = (total(rows, "month_end", calendar, by, column(name)) for name in ("product", "weight"))
        mean = share(product, weight, 1)
        return {key: value - 100 if value is not None else None for key, value in mean.items()}

    return worked


def growth(d: DeliveredRows, calendar: str, by: str | None) -> Figures:
    now, before = (total(d["socioeconomic/grdp"], "quarter_end", calendar, by, column(name)) for name in ("grdp", "grdp_before"))
    return {key: (value or 0) / (before[key] or 1) * 100 - 100 for key, value in now.items()}


def accident_change(d: DeliveredRows, calendar: str, by: str | None) -> Figures:
    rows = d["public_safety/traffic-summary"]
    now, before = (last(rows, "cutoff_date", calendar, by, column(name)) for name in ("accidents_so_far", "accidents_year_before"))
    return {key: value / of * 100 - 100 for key, value in now.items() if value is not None and (of := before[key])}


def critical(d: DeliveredRows, calendar: str, by: str | None) -> Figures:
    long = where(lambda r: r["severity"] == "nghiem-trong" and r["cutoff_date"] - r["found_on"] > dt.timedelta(days=15))
    return last(d["infosec/vulnerabilities"], "cutoff_date", calendar, by, long)


def teachers_per_class(d: DeliveredRows, calendar: str, by: str | None) -> Figures:
    rows = [row for row in d["education/schools"] if row["stage"] == "tieu-hoc"]
    teachers, classes = (last(rows, "counted_on", calendar, by, column(name, "teachers")) for name in ("teachers", "classes"))
    return share(teachers, classes, 1, least=3)


def accidents(d: DeliveredRows, calendar: str, by: str | None) -> Figures:
    return total(d["public_safety/accidents"], "occurred_at", calendar, by, where(lambda _: True))


def tasks_on_time(d: DeliveredRows, calendar: str, by: str | None) -> Figures:
    """Of what fell due up to the cut-off day, done or not."""
    due = [row for row in d["documents/tasks"] if row["due_date"] <= row["cutoff_date"]]
    in_time = total(due, "due_date", calendar, by, where(lambda r: r["done_date"] is not None and r["done_date"] <= r["due_date"]))
    return share(in_time, total(due, "due_date", calendar, by, where(lambda _: True)), least=5)


def drop_out(d: DeliveredRows, calendar: str, by: str | None) -> Figures:
    rows = d["education/pupil-flow"]
    dropped, enrolled = (total(rows, "month_end", calendar, by, column(name)) for name in ("dropped", "enrolled"))
    return share(dropped, enrolled, least=100)


DAILY, FILES = ("documents/daily", "day"), ("public_services/files", "day")
VISITS = ("tourism/visits", "day", "domestic_overnight", "domestic_same_day", "international")
CASES: list[tuple[str, str, tuple[str | None, ...], Worked]] = [
    ("documents.on-time", "week", (None, "office"), ratio(*DAILY, "handled_on_time", "due", least=10)),
    ("documents.on-time", "administrative-month", (None, "office"), ratio(*DAILY, "handled_on_time", "due", least=10)),
    ("documents.signed", "month", (None, "office"), ratio(*DAILY, "signed", "outgoing", least=10)),
    ("documents.signed-on-axis", "month", (None, "office"), ratio(*DAILY, "signed_on_axis", "sent_on_axis", least=10)),
    ("documents.tasks-on-time", "quarter", (None, "office"), tasks_on_time),
    ("public_services.on-time", "week", (None, "commune"), on_time_at_communes),
    ("public_services.on-time", "administrative-month", (None, "commune"), on_time_at_communes),
    ("public_services.online", "month", (None, "commune"), ratio(*FILES, "online", "received", least=10)),
    ("public_services.service-quality", "quarter", (None, "commune"), service_quality),
    ("socioeconomic.grdp-growth", "quarter", (None, "sector"), growth),
    ("socioeconomic.industrial-growth", "month", (None,), weighted_index("socioeconomic/industrial-production", "index_same_month")),
    ("socioeconomic.consumer-prices-december", "month", (None,), weighted_index("socioeconomic/consumer-prices", "index_december")),
    (
        "socioeconomic.revenue-against-estimate",
        "year",
        (None, "item"),
        ratio("socioeconomic/budget-revenue", "month_end", "revenue_to_date", "estimate", add=last),
    ),
    (
        "socioeconomic.disbursed-of-government-plan",
        "quarter",
        (None, "investor"),
        ratio("socioeconomic/public-investment", "month_end", "paid", "plan_government", add=last),
    ),
    ("health.community-cases-per-100k", "week", (None, "commune"), weekly_incidence),
    ("health.insurance-coverage", "month", (None, "commune"), insured),
    ("health.bed-occupancy", "week", (None, "facility"), beds_in_use),
    ("health.standardised-incidence", "month", (None, "sex"), standardised),
    ("health.report-lag", "week", (None,), report_lag),
    ("education.drop-out", "month", (None, "commune", "stage"), drop_out),
    ("education.primary-teachers-per-class", "school-year", (None, "commune", "area"), teachers_per_class),
    ("feedback.on-time", "week", (None, "office", "category"), feedback_on_time),
    ("feedback.resolving-time-p90", "week", (None,), elapsed("feedback/reports", "resolved_at", "received_at", "resolved_at", 0.9, 3600)),
    ("tourism.visits", "quarter", (None, "commune"), added(*VISITS)),
    (
        "tourism.room-occupancy",
        "month",
        (None, "rank"),
        ratio("tourism/lodging", "cutoff_date", "room_nights_sold", "room_nights_available", least=100),
    ),
    ("infosec.critical-overdue", "week", (None, "office"), critical),
    ("infosec.time-to-detect", "month", (None,), elapsed("infosec/incidents", "detected_on", "began_at", "detected_at", 0.5, 3600)),
    ("public_safety.accident-count", "administrative-month", (None, "commune", "cause"), accidents),
    ("public_safety.accident-count", "administrative-year", (None, "commune"), accidents),
    ("public_safety.crimes-per-100k", "administrative-month", (None,), crimes),
    ("public_safety.accident-change", "administrative-month", (None,), accident_change),
    ("data_supply.timeliness", "month", (None, "supplier"), ratio("data_supply/reports", "due_date", "on_time", "expected")),
]


@pytest.mark.parametrize(("name", "calendar", "keys", "worked"), CASES, ids=[f"{case[0]} by {case[1]}" for case in CASES])
def test_a_figure_is_what_the_delivered_files_give(
    store: psycopg.Connection[Any],
    delivered: DeliveredRows,
    contracts: dict[str, Contract],
    name: str,
    calendar: str,
    keys: tuple[str | None, ...],
    worked: Worked,
) -> None:
    for by in keys:
        expected = worked(delivered, calendar, by)
        assert any(value is not None for value in expected.values()), f"{name} by {calendar} and {by} has nothing delivered to compare"
        assert differences(expected, in_view(store, contracts, name, calendar, by)) == [], f"by {by}"
