"""A delivery with its measures, and a dashboard over them, as the rows under them grow; beside doing without kept measures.

    python bench/measures.py [--rows 200000 1000000] [--deliveries 3]

For each number of detail rows (10,000 a day, one day after the other; 1, 5 and 20 million are 100 days to 5½ years):

- seconds of a delivery of 10,000 rows, from the rows to the edition with all measures, beside computing all measures of the table anew,
  which is what a store does that keeps totals and does not know which of them a delivery touches;
- seconds in the database, on one core, of the dashboard's questions (four tiles, three trends, a ranking, a map, over the periods that
  compiled dashboards ask for) on the wide view, beside the same questions on the detail rows. Both ways must give the same figures.

PostgreSQL is a cluster of this program's own that waits for the disk. The days before the deliveries are written straight into the table,
since loading 20 million rows is what bench/load.py measures.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import polars as pl
import psycopg
from psycopg import sql

from ckan_harvesters import ledger, measure
from ckan_harvesters.clock import now
from ckan_harvesters.load import load
from control.compile.store import apply_store
from datasets.model.contract import Contract
from datasets.model.formula import formulas
from datasets.model.reference import read_reference
from tests.store import cluster as clusters
from tests.store.cluster import SECRET, Cluster
from tests.store.contracts import FIELDS, POPULATION, contract, delivered, indicator, resource

DATABASE = "bench"
ON_DISK = {"fsync": "on", "full_page_writes": "on", "shared_buffers": "1GB", "max_wal_size": "8GB", "work_mem": "64MB"}
ROWS_A_DAY = 10_000
UNITS = 130
DISEASES = 10
LAST_DAY = date(2026, 11, 15)
"""A Sunday: the last day of the history; deliveries are of the days after it."""
MOST_SECONDS = 600
ANSWERS = 3
"""A question is asked so often; the quickest answer counts, on both sides."""

CASES = [
    FIELDS[0],
    FIELDS[1],
    FIELDS[2],
    {"name": "co_so", "column": "facility", "title": "Cơ sở", "type": "string", "constraints": {"required": True}},
    {"name": "so_ca", "column": "cases", "title": "Số ca", "type": "integer"},
    {"name": "so_ca_nang", "column": "severe", "title": "Số ca nặng", "type": "integer"},
]
FLOW = {"of": "cases", "unit": "ca", "calendar": "day", "also": ["week", "month"], "over_time": "sum", "over_units": "sum"}
APART = {"of": "cases", "unit": "ca", "calendar": "week", "over_time": "none", "over_units": "none"}
SERIAL_INTERVAL = {"cases": "cases", "serial_interval_mean": 4.7, "serial_interval_sd": 2.9}
MEASURES = {
    "new_cases": {**FLOW, "value": "SUM(cases)", "by": ["disease"]},
    "severe": {**FLOW, "value": "SUM(severe)"},
    "highest": {**APART, "value": "MAX(cases)"},
    "rt": {**APART, "unit": None, "title": "R", "function": "reproduction_number", "with": SERIAL_INTERVAL, "where": "disease = 'd0'"},
    "population": {"of": "population", "value": "SUM(people)", "calendar": "year", "over_time": "last", "over_units": "sum", "as_of": True},
}
INDICATORS = {
    "cases": indicator("new_cases", "ca", "week"),
    "per-head": indicator("new_cases / population * 100000", "ca/100.000 dân", "week", when_zero="missing"),
    "severe-share": indicator("severe / new_cases * 100", "%", "week", when_zero="missing"),
    "worst": indicator("highest", "ca", "week"),
}
# The same figures from the rows themselves, by whatever the question groups by.
PEOPLE = "(SELECT sum(people) FROM clinic.population p{of_unit})"
ON_ROWS = {
    "cases": "sum(d.cases)",
    "per-head": "sum(d.cases) * 100000.0 / " + PEOPLE,
    "severe-share": "sum(d.severe) * 100.0 / nullif(sum(d.cases), 0)",
    "worst": "max(d.cases)",
}

HISTORY = """
INSERT INTO {table} (unit_id, agency, day, disease, facility, cases, severe, load_id, line)
SELECT ({units}::text[])[1 + n % {unit_count}], 'so-y-te', {first}::date + d, 'd' || (n / {unit_count}) % {diseases},
    'f' || n / ({unit_count} * {diseases}), (n * 7 + d) % 5, (n + d) % 50 / 49, {load}, d * {a_day} + n + 2
FROM generate_series(0, {days} - 1) d CROSS JOIN generate_series(0, {a_day} - 1) n
"""


@dataclass(frozen=True)
class Question:
    """What one chart asks, as the compiled dashboards do."""

    name: str
    indicator: str
    by: tuple[str, ...]
    weeks: int
    """How many of the last weeks."""
    most: int = 10_000


TIME = "period_starts"
QUESTIONS = (
    Question("tile cases", "cases", (TIME,), 60, 60),
    Question("tile per-head", "per-head", (TIME,), 60, 60),
    Question("tile severe-share", "severe-share", (TIME,), 60, 60),
    Question("tile worst", "worst", (TIME,), 60, 60),
    Question("trend per-head", "per-head", (TIME,), 52),
    Question("trend severe-share", "severe-share", (TIME,), 52),
    Question("trend by disease", "cases", (TIME, "disease"), 52),
    Question("ranking per-head", "per-head", ("unit_id", "unit_name"), 4, 15),
    Question("map per-head", "per-head", ("unit_id", "unit_name", TIME), 26, 8_000),
)


@dataclass
class Found:
    """Seconds at one number of rows."""

    rows: int
    deliveries: list[float] = field(default_factory=list)
    recomputed: float = 0.0
    on_view: dict[str, float] = field(default_factory=dict)
    on_rows: dict[str, float] = field(default_factory=dict)


class Bench:
    """A store with the contract applied."""

    def __init__(self, cluster: Cluster) -> None:
        cluster.make_store(DATABASE)
        migrated = cluster.migrate(DATABASE)
        if migrated.returncode != 0:
            raise SystemExit(migrated.stderr)
        self.used = _contract()
        self.superuser = cluster.url("postgres", DATABASE)
        self.loader = cluster.url("ioc_loader", DATABASE)
        with psycopg.connect(cluster.url("ioc_owner", DATABASE)) as conn:
            apply_store(conn, [self.used], read_reference(), SECRET)
            found = conn.execute("SELECT unit_id FROM ref.unit WHERE level = 'commune' AND valid_to IS NULL ORDER BY 1").fetchall()
        self.units = [row[0] for row in found]
        if len(self.units) != UNITS:
            raise SystemExit(f"{len(self.units)} communes instead of {UNITS}")
        people = [{"unit_id": unit, "reference_date": "2025-07-01", "people": 20_000 + n} for n, unit in enumerate(self.units)]
        self._deliver(delivered(self.used, "population", people, scope="so-y-te|2025-07-01"), "population")

    def _deliver(self, what: Any, job: str) -> float:
        began = time.perf_counter()
        outcome = load(self.loader, what, job)
        if outcome.state != "done" or outcome.accepted != what.rows.height:
            raise SystemExit(f"{job} ended {outcome.state} with {outcome.accepted} rows")
        return time.perf_counter() - began

    def day(self, day: date, shift: int) -> pl.DataFrame:
        """The 10,000 rows of a day, as the history has them."""
        n = pl.int_range(0, ROWS_A_DAY, eager=True).alias("n").to_frame()
        return n.select(
            unit_id=pl.Series([self.units[k % UNITS] for k in range(ROWS_A_DAY)]),
            day=pl.lit(day),
            disease=pl.format("d{}", pl.col("n") // UNITS % DISEASES),
            facility=pl.format("f{}", pl.col("n") // (UNITS * DISEASES)),
            cases=(pl.col("n") * 7 + shift) % 5,
            severe=(pl.col("n") + shift) % 50 // 49,
            line=(pl.col("n") + 2).cast(pl.Int32),
        )

    def fill(self, rows: int) -> int:
        """Write the days before LAST_DAY straight into the table. Returns the load they are said to be of."""
        days = max(1, rows // ROWS_A_DAY)
        with psycopg.connect(self.superuser) as conn:
            conn.execute("TRUNCATE clinic.cases__v1")
            conn.execute("DELETE FROM measure.value WHERE measure <> 'clinic.population'")
            load_id = ledger.next_load(conn)
            conn.execute(
                sql.SQL(HISTORY).format(
                    table=sql.Identifier("clinic", "cases__v1"),
                    units=self.units,
                    unit_count=UNITS,
                    diseases=DISEASES,
                    first=LAST_DAY - timedelta(days=days - 1),
                    load=load_id,
                    days=days,
                    a_day=ROWS_A_DAY,
                )
            )
        return load_id

    def recompute(self, load_id: int) -> float:
        """Every measure over the cases, wholly."""
        began = time.perf_counter()
        with psycopg.connect(self.loader) as conn:
            for name in MEASURES:
                if name != "population":
                    measure.recompute(conn, self.used, name, load_id, now())
        return time.perf_counter() - began

    def settle(self, *, vacuum: bool) -> None:
        with psycopg.connect(self.superuser, autocommit=True) as conn:
            conn.execute("VACUUM ANALYZE" if vacuum else "ANALYZE")
            conn.execute("CHECKPOINT")

    def deliver(self, rows: int, number: int) -> float:
        day = LAST_DAY + timedelta(days=number)
        scope, job = f"so-y-te|{day}", f"{rows} rows, day {number}"
        return self._deliver(delivered_frame(self.used, self.day(day, number), scope, job), job)

    def ask(self, question: Question, on_view: bool) -> tuple[float, list[tuple[Any, ...]]]:
        """Seconds of the quickest answer, and the answer, as a leader is given it."""
        text = self.of_view(question) if on_view else self.of_rows(question)
        quickest, answer = float("inf"), []
        with psycopg.connect(self.superuser) as conn:
            conn.execute("SET ROLE aud_leader")
            # Time is to be work: many viewers at once leave no core free for a second worker.
            conn.execute("SET max_parallel_workers_per_gather = 0")
            conn.execute("SELECT set_config('statement_timeout', %s, false)", (f"{MOST_SECONDS}s",))
            for _ in range(ANSWERS):
                began = time.perf_counter()
                answer = conn.execute(text).fetchall()
                quickest = min(quickest, time.perf_counter() - began)
        return quickest, answer

    def of_view(self, question: Question) -> str:
        """As Superset asks: the indicator's metric over the wide view, with a filter on its measures."""
        formula = formulas(self.used)[question.indicator]
        measures = ", ".join(f"'{ref.full}'" for ref in formula.measures)
        apart = " AND unit_level = 'province'" if question.indicator == "worst" else ""
        where = f"measure IN ({measures}) AND {_within(question, TIME)}{apart}"
        by = ", ".join(question.by)
        having = f"HAVING {formula.metric} IS NOT NULL"
        return f"SELECT {by}, {formula.metric} FROM clinic.indicators_week WHERE {where} GROUP BY {by} {having} {_end(question)}"

    def of_rows(self, question: Question) -> str:
        """The same question over the rows."""
        week = "date_trunc('week', d.day)::date"
        by = ", ".join(f"{week} AS {TIME}" if name == TIME else f"d.{name}" for name in question.by)
        group = ", ".join(week if name == TIME else f"d.{name}" for name in question.by)
        of_unit = " WHERE p.unit_id = d.unit_id" if "unit_id" in question.by else ""
        value = ON_ROWS[question.indicator].format(of_unit=of_unit)
        return f"SELECT {by}, {value} FROM clinic.cases d WHERE {_within(question, 'd.day')} GROUP BY {group} {_end(question)}"

    def at(self, rows: int, deliveries: int) -> Found:
        """Everything at one number of rows."""
        found = Found(rows)
        load_id = self.fill(rows)
        self.settle(vacuum=False)
        found.recomputed = self.recompute(load_id)
        self.settle(vacuum=True)
        for question in QUESTIONS:
            found.on_view[question.name], view = self.ask(question, on_view=True)
            found.on_rows[question.name], detail = self.ask(question, on_view=False)
            if rounded(view) != rounded(detail):
                raise SystemExit(f"{question.name}: {rounded(view)[:3]} on the view, {rounded(detail)[:3]} on the rows")
        found.deliveries = [self.deliver(rows, number) for number in range(1, deliveries + 1)]
        return found


def _contract() -> Contract:
    cases = resource("cases", access="shared", fields=CASES, key=["ngay", "ma_xa", "benh", "co_so"])
    return contract(cases, resource("population", fields=POPULATION, key=["ngay", "ma_xa"]), measures=MEASURES, indicators=INDICATORS)


def delivered_frame(used: Contract, rows: pl.DataFrame, scope: str, job: str) -> Any:
    from tests.store.contracts import checked

    return checked(rows, scope=scope, of=used, ckan_resource=f"cases of {scope}", file=job)


def _within(question: Question, column: str) -> str:
    since = _monday(LAST_DAY) - timedelta(weeks=question.weeks - 1)
    return f"{column} >= '{since}' AND {column} <= '{LAST_DAY}'"


def _end(question: Question) -> str:
    newest = f"{TIME} DESC, " if TIME in question.by else ""
    return (
        f"ORDER BY {newest}{', '.join(str(n) for n, name in enumerate(question.by, start=1) if name != TIME) or '1'} LIMIT {question.most}"
    )


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def rounded(answer: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """What two ways of computing an answer have in common: the view also has weeks that only the population has figures for."""
    return [(*row[:-1], round(float(row[-1]), 6)) for row in answer if row[-1] is not None]


def show(found: Found) -> list[str]:
    delivery = statistics.median(found.deliveries)
    each = ", ".join(f"{seconds:.2f}" for seconds in found.deliveries)
    view, rows = sum(found.on_view.values()), sum(found.on_rows.values())
    lines = [
        f"{found.rows:>11,} rows: a delivery of {ROWS_A_DAY:,} rows {delivery:.2f} s (all: {each}), "
        f"all measures anew {found.recomputed:.1f} s: {found.recomputed / delivery:.0f} times as long",
        f"{'':>11}  dashboard, {len(QUESTIONS)} questions: {view * 1000:.0f} ms on the view, {rows * 1000:.0f} ms on the rows: "
        f"{rows / view:.0f} times as long",
    ]
    lines += [
        f"{'':>13}{q.name}: {found.on_view[q.name] * 1000:.1f} ms, {found.on_rows[q.name] * 1000:.1f} ms, "
        f"{found.on_rows[q.name] / found.on_view[q.name]:.0f} times"
        for q in QUESTIONS
    ]
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[200_000, 1_000_000], help="detail rows, 10,000 a day")
    parser.add_argument("--deliveries", type=int, default=3)
    given = parser.parse_args()
    clusters.SETTINGS.update(ON_DISK)
    cluster = Cluster.start()
    try:
        bench = Bench(cluster)
        for rows in given.rows:
            print("\n".join(show(bench.at(rows, given.deliveries))), flush=True)
    finally:
        cluster.stop()


if __name__ == "__main__":
    main()
