"""Which cells a load touches: those of the rows that it added or closed, and those that a delivery without rows says are zero."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import psycopg
from psycopg import sql

from ckan_harvesters.delivery import SEPARATOR
from ckan_harvesters.measure.declared import Declared, OnColumn, literals
from ckan_harvesters.measure.functions import FUNCTIONS
from ckan_harvesters.measure.lock import SNAPSHOT
from ckan_harvesters.measure.working_tables import analyze, fill
from datasets.model.calendar import ZONE
from datasets.model.calendar_name import Calendar
from datasets.model.contract import Resource, Scope
from datasets.model.period import bounds, period, period_of, periods
from datasets.model.reference import read_reference
from datasets.model.table_schema import Level

CHANGED = """
INSERT INTO pg_temp.changed (column_name, unit_id, day)
SELECT {name}, r.unit_id, r.day FROM (
    SELECT t.unit_id, {day} AS day FROM {table} t WHERE t.load_id = {load} AND t.closed_by IS NULL
    UNION
    SELECT t.unit_id, {day} FROM {table} t WHERE t.closed_by IN ({closed_by})
) r WHERE r.day IS NOT NULL
"""
ALL_ROWS = """
INSERT INTO pg_temp.changed (column_name, unit_id, day)
SELECT DISTINCT {name}, t.unit_id, {day} FROM {table} t WHERE t.closed_by IS NULL AND {day} IS NOT NULL
"""
OF_ROWS = """
INSERT INTO pg_temp.touched (shape, calendar, unit_id, starts, ends)
SELECT {shape}, {calendar}, p.unit_id, p.starts, ref.period_ends({calendar}, p.starts)
FROM (
    SELECT DISTINCT {unit} AS unit_id, ref.period_starts({calendar}, c.day + later.days) AS starts
    FROM pg_temp.changed c {lineage} CROSS JOIN generate_series(0, {reach}) AS later (days)
    WHERE c.column_name = {name}
) p
ON CONFLICT DO NOTHING
"""
OF_DELIVERIES = """
INSERT INTO pg_temp.touched (shape, calendar, unit_id, starts, ends)
SELECT {shape}, {calendar}, u.unit_id, d.starts, d.ends FROM pg_temp.delivered d JOIN ref.unit u ON {is_owed}
WHERE d.shape = {shape}
ON CONFLICT DO NOTHING
"""
OF_SNAPSHOT = """
INSERT INTO pg_temp.touched (shape, calendar, unit_id, starts, ends)
SELECT {shape}, {calendar}, unit_id, {starts}, {ends} FROM ref.unit
ON CONFLICT DO NOTHING
"""
LONGER = """
INSERT INTO pg_temp.touched (shape, calendar, unit_id, starts, ends)
SELECT {shape}, {calendar}, p.unit_id, p.starts, ref.period_ends({calendar}, p.starts)
FROM (
    SELECT DISTINCT t.unit_id, ref.period_starts({calendar}, t.starts) AS starts
    FROM pg_temp.touched t WHERE t.shape = {shape} AND t.calendar = {finest}
) p
ON CONFLICT DO NOTHING
"""
# Periods of a unit that follow each other are one span, so that its rows are found by few descents of the index.
SPANS = """
INSERT INTO pg_temp.span (shape, calendar, unit_id, starts, ends)
SELECT shape, calendar, unit_id, min(starts), max(ends)
FROM (
    SELECT b.*, count(*) FILTER (WHERE follows IS NOT TRUE) OVER (PARTITION BY shape, calendar, unit_id ORDER BY starts) AS number
    FROM (
        SELECT t.*, starts = lag(ends) OVER (PARTITION BY shape, calendar, unit_id ORDER BY starts) AS follows FROM pg_temp.touched t
    ) b
) s
GROUP BY shape, calendar, unit_id, number
"""
# Valid on the period's last day, in the province that is installed.
IS_OWED = """
u.level = {level} AND (u.level <> 'province' OR u.code = {province})
AND u.valid_from < {ends} AND (u.valid_to IS NULL OR u.valid_to >= {ends})
"""
YEARS = "SELECT DISTINCT extract(year FROM starts)::integer FROM pg_temp.touched WHERE shape = ANY(%s)"


@dataclass(frozen=True)
class Change:
    """What happened to the rows of one table in this transaction."""

    table_name: str
    load_id: int
    """The load that the new cells are written under."""
    closed_by: tuple[int, ...] = ()
    """Further loads that closed rows: withdrawals of a delivery that moved."""
    standing: tuple[str, ...] = ()
    """Scopes that stand now, though the ledger does not show it yet."""
    gone: tuple[str, ...] = ()
    """Scopes that no longer do."""


@dataclass(frozen=True)
class Shape:
    """What measures have in common that touch the same cells."""

    on: OnColumn | None
    from_rows: tuple[Calendar, ...]
    from_cells: tuple[Calendar, ...]
    of_ancestors: bool
    has_zeros: bool
    reach: int

    @classmethod
    def of(cls, d: Declared) -> Shape:
        reach = FUNCTIONS[d.measure.function].reach(d.measure.with_) if d.measure.function else 0
        return cls(d.on, d.from_rows, d.from_cells, d.of_ancestors, d.has_zeros, reach)

    @property
    def is_snapshot(self) -> bool:
        return self.on is None


def touch(conn: psycopg.Connection[Any], measures: Sequence[Declared], change: Change, numbers: dict[Shape, int], now: datetime) -> None:
    """Notes the cells of these measures of one table that a change touches."""
    table = measures[0].table
    closed_by = literals([change.load_id, *change.closed_by])
    for column in {d.on for d in measures if d.on is not None}:
        day = column.day("t")
        fill(conn, CHANGED, name=sql.Literal(column.name), day=day, table=table, load=sql.Literal(change.load_id), closed_by=closed_by)
    analyze(conn, "changed")
    stretches = [stretch for scope in (*change.standing, *change.gone) if (stretch := delivered(measures[0].resource, scope))]
    for shape in {Shape.of(d): None for d in measures}:
        _touch(conn, measures[0].resource, shape, numbers[shape], stretches, now)
    fill(conn, "TRUNCATE pg_temp.changed")


def touch_all(conn: psycopg.Connection[Any], d: Declared, number: int, stretches: Iterable[tuple[date, date]], now: datetime) -> None:
    """Notes every cell that has to be known before it is computed: of a snapshot, of a function, zeros of deliveries that stand.

    `stretches`: their periods (first day, first day after). Other cells follow from all rows.
    """
    if d.on is not None and d.measure.function is not None:
        fill(conn, ALL_ROWS, name=sql.Literal(d.on.name), day=d.on.day("t"), table=d.table)
        analyze(conn, "changed")
    _touch(conn, d.resource, Shape.of(d), number, stretches, now)
    analyze(conn, "touched")


def span(conn: psycopg.Connection[Any]) -> None:
    """Puts touched periods that follow each other together."""
    analyze(conn, "touched")
    fill(conn, SPANS)
    analyze(conn, "span")


def years(conn: psycopg.Connection[Any], numbers: dict[Shape, int]) -> list[str]:
    """Years in which the touched periods of these shapes begin, or SNAPSHOT, as the locks are named."""
    found = [SNAPSHOT] if any(shape.is_snapshot for shape in numbers) else []
    dated = [number for shape, number in numbers.items() if not shape.is_snapshot]
    return found + [f"{row[0]:04d}" for row in conn.execute(YEARS, (dated,))]


def is_owed(resource: Resource, ends: sql.Composable) -> sql.Composed:
    """Whether a unit `u` is one of those for which no row means zero, on the last day before `ends`."""
    field = resource.unit_field
    level = (field.refers.unit if field is not None and field.refers is not None else None) or Level.PROVINCE
    return sql.SQL(IS_OWED).format(level=sql.Literal(level.value), province=sql.Literal(read_reference().province), ends=ends)


def delivered(resource: Resource, scope: str) -> tuple[date, date] | None:
    """First day of a delivery's period and first day after it; None for a scope that is no period."""
    if resource.delivery.scope is not Scope.PERIOD:
        return None
    return bounds(resource.delivery.calendar or Calendar.DAY, scope.partition(SEPARATOR)[2])


def today(now: datetime) -> date:
    """The day of a moment in the province."""
    return now.astimezone(ZONE).date()


def _touch(
    conn: psycopg.Connection[Any],
    resource: Resource,
    shape: Shape,
    number: int,
    stretches: Iterable[tuple[date, date]],
    now: datetime,
) -> None:
    for calendar in shape.from_rows:
        parts: dict[str, sql.Composable] = {"shape": sql.Literal(number), "calendar": sql.Literal(calendar.value)}
        if shape.on is None:
            here = period(calendar, period_of(calendar, today(now)))
            fill(conn, OF_SNAPSHOT, **parts, starts=sql.Literal(here.starts), ends=sql.Literal(here.ends))
            continue
        unit = sql.SQL("l.ancestor" if shape.of_ancestors else "c.unit_id")
        lineage = sql.SQL("JOIN pg_temp.lineage l ON l.unit_id = c.unit_id" if shape.of_ancestors else "")
        name, reach = sql.Literal(shape.on.name), sql.Literal(shape.reach)
        fill(conn, OF_ROWS, **parts, unit=unit, lineage=lineage, name=name, reach=reach)
        if shape.has_zeros:
            _deliver(conn, number, calendar, stretches)
            fill(conn, OF_DELIVERIES, **parts, is_owed=is_owed(resource, sql.SQL("d.ends")))
    for calendar in shape.from_cells:
        finest = sql.Literal(shape.from_rows[0].value)
        fill(conn, LONGER, shape=sql.Literal(number), calendar=sql.Literal(calendar.value), finest=finest)


def _deliver(conn: psycopg.Connection[Any], number: int, calendar: Calendar, stretches: Iterable[tuple[date, date]]) -> None:
    """Periods of the calendar that lie wholly within a delivery's."""
    fill(conn, "TRUNCATE pg_temp.delivered")
    with conn.cursor() as cursor, cursor.copy("COPY pg_temp.delivered (shape, starts, ends) FROM STDIN") as copy:
        for first, ends in stretches:
            for one in periods(calendar, first, ends - timedelta(days=1)):
                if first <= one.starts and one.ends <= ends:
                    copy.write_row((number, one.starts, one.ends))
