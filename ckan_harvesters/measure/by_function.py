"""Cells that a function computes: the rows of some units at a time, cut into the units, periods and breakdowns of the cells."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

import polars as pl
import psycopg
from psycopg import sql

from ckan_harvesters.measure.declared import Declared, literals
from ckan_harvesters.measure.functions import DAY, FUNCTIONS, LATITUDE, LONGITUDE
from ckan_harvesters.measure.working_tables import by_index
from datasets.model.calendar_name import Calendar
from datasets.model.contract import Resource
from datasets.model.figure_status import FigureStatus, least_firm
from datasets.model.period import Period, period_of
from datasets.model.table_schema import FieldType

TYPES: dict[FieldType, Any] = {
    "string": pl.String,
    "integer": pl.Int64,
    "number": pl.Float64,
    "boolean": pl.Boolean,
    "date": pl.Date,
    "datetime": pl.Datetime("us", "UTC"),
    "year": pl.Int64,
}
"""Types of a frame's columns; numbers are floats, which is what the functions compute with."""

TOUCHED = """
SELECT unit_id, starts, ends FROM pg_temp.touched WHERE shape = {shape} AND calendar = {calendar}
ORDER BY unit_id, starts
"""
ROWS = """
SELECT t._unit, {agency}, {breakdown}, {day}, {status}, {columns}
FROM ({source} AND {between} AND t.closed_by IS NULL) t
WHERE {where}
"""
OF_UNITS = "SELECT t.unit_id AS _unit, t.* FROM {table} t WHERE t.unit_id IN ({units})"
BELOW_UNITS = """
SELECT l.ancestor AS _unit, t.* FROM pg_temp.lineage l JOIN {table} t ON t.unit_id = l.unit_id WHERE l.ancestor IN ({units})
"""
PLACE = "ST_X(ST_Centroid(t.{0})), ST_Y(ST_Centroid(t.{0}))"
COPY = "COPY pg_temp.computed (unit_id, agency, starts, breakdown, value, n, status) FROM STDIN"

UNIT, AGENCY, BREAKDOWN, STATUS = "_unit", "_agency", "_breakdown", "_status"
UNITS_AT_ONCE = 50

Cell = tuple[str, str, date, str, float | None, int, FigureStatus]


def by_function(conn: psycopg.Connection[Any], d: Declared, number: int, calendar: Calendar, now: datetime) -> None:
    """The touched cells of one calendar. A function that gives no value over no rows gives no cell."""
    touched = conn.execute(sql.SQL(TOUCHED).format(shape=sql.Literal(number), calendar=sql.Literal(calendar.value))).fetchall()
    # A quarter of some units' rows at a time: a query for each unit costs more than its rows, and a measure that is computed wholly must
    # not hold a table in memory.
    quarters: dict[tuple[int, int], dict[str, list[Period]]] = {}
    for unit, starts, ends in touched:
        by_unit = quarters.setdefault((starts.year, (starts.month - 1) // 3), {})
        by_unit.setdefault(unit, []).append(Period(calendar, period_of(calendar, starts), starts, ends))
    for by_unit in quarters.values():
        for units in batched(by_unit, UNITS_AT_ONCE):
            _write(conn, d, {unit: by_unit[unit] for unit in units}, now)


def batched(units: Iterable[str], count: int) -> Iterator[list[str]]:
    """The units in lists of at most `count`."""
    rest = iter(units)
    while found := list(islice(rest, count)):
        yield found


def _write(conn: psycopg.Connection[Any], d: Declared, stretches: dict[str, list[Period]], now: datetime) -> None:
    """The cells of these periods of each unit."""
    parts = _rows(conn, d, stretches, now).partition_by(UNIT, as_dict=True, include_key=False)
    frames = {str(unit): frame for (unit,), frame in parts.items()}
    cells = [cell for unit, periods in stretches.items() if unit in frames for p in periods for cell in _cells(d, unit, p, frames[unit])]
    if cells:
        with conn.cursor() as cursor, cursor.copy(COPY) as copy:
            for cell in cells:
                copy.write_row(cell)


def _cells(d: Declared, unit: str, period: Period, frame: pl.DataFrame) -> Iterator[Cell]:
    function, arguments = FUNCTIONS[d.measure.function or ""], d.measure.with_
    first = period.starts - timedelta(days=function.reach(arguments))
    rows = frame.filter((pl.col(DAY) >= first) & (pl.col(DAY) < period.ends))
    if rows.is_empty():
        return
    groups: list[tuple[str, str, pl.DataFrame]] = []
    if not d.of_ancestors or d.measure.by:
        parts = rows.partition_by(AGENCY, BREAKDOWN, as_dict=True, include_key=False)
        groups += [(str(agency), str(breakdown), part) for (agency, breakdown), part in sorted(parts.items())]
    if d.of_ancestors:
        groups.append((d.resource.owner, "", rows.drop(AGENCY, BREAKDOWN)))
    for agency, breakdown, part in groups:
        value, n = function.compute(part.drop(STATUS), period, arguments)
        if value is not None and not math.isfinite(value):
            value = None
        if value is not None or n > 0:
            yield unit, agency, period.starts, breakdown, value, n, least_firm(part[STATUS].unique())


def _rows(conn: psycopg.Connection[Any], d: Declared, stretches: dict[str, list[Period]], now: datetime) -> pl.DataFrame:
    """Rows of the units (and of those below them, for what does not add) from the reach before the first period to the end of the last."""
    function, arguments = FUNCTIONS[d.measure.function or ""], d.measure.with_
    on = d.on
    if on is None:
        raise AssertionError("a snapshot is not computed by a function")
    first = min(periods[0].starts for periods in stretches.values()) - timedelta(days=function.reach(arguments))
    ends = max(periods[-1].ends for periods in stretches.values())
    fields = {f.column: f.type for f in d.resource.value_fields}
    columns = [c for c in function.columns(arguments) if c != DAY]
    schema: dict[str, Any] = {
        UNIT: pl.String,
        AGENCY: pl.String,
        BREAKDOWN: pl.String,
        DAY: pl.Date,
        STATUS: pl.String,
        **{c: TYPES[fields[c]] for c in columns},
    }
    selected: list[sql.Composable] = [_selected(c, fields[c]) for c in columns]
    if function.needs_location(arguments):
        selected.append(sql.SQL(PLACE).format(sql.Identifier(_geometry(d.resource))))
        schema |= {LONGITUDE: pl.Float64, LATITUDE: pl.Float64}
    source = sql.SQL(BELOW_UNITS if d.of_ancestors else OF_UNITS).format(table=d.table, units=literals(list(stretches)))
    query = sql.SQL(ROWS).format(
        agency=d.agency(),
        breakdown=d.breakdown(),
        day=on.day("t"),
        status=_status(d.resource),
        columns=sql.SQL(", ").join(selected) if selected else sql.SQL("NULL"),
        source=source,
        between=on.between("t", sql.Literal(first), sql.Literal(ends)),
        where=d.where(now),
    )
    with by_index(conn, d.of_ancestors):
        found = conn.execute(query).fetchall()
    width = len(schema)
    return pl.DataFrame([row[:width] for row in found], schema=schema, orient="row")


def _selected(column: str, kind: FieldType) -> sql.Composable:
    return sql.SQL("{}::float8" if kind == "number" else "{}").format(sql.Identifier("t", column))


def _status(resource: Resource) -> sql.Composable:
    field = resource.status_field
    return sql.Identifier("t", field.column) if field else sql.Literal(resource.same_status)


def _geometry(resource: Resource) -> str:
    return next(f.column for f in resource.value_fields if f.type == "geojson")
