"""Cells that a function computes: one unit's rows at a time, cut into the periods and breakdowns of its cells."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

import polars as pl
import psycopg
from psycopg import sql

from ckan_harvesters.measure.declared import Declared
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
SELECT {agency}, {breakdown}, {day}, {status}, {columns}
FROM (SELECT t.* FROM {table} t WHERE t.unit_id IN ({units}) AND {between} AND t.closed_by IS NULL) t
WHERE {where}
"""
OWN_UNIT = "{unit}"
LINEAGE = "SELECT l.unit_id FROM pg_temp.lineage l WHERE l.ancestor = {unit}"
PLACE = "ST_X(ST_Centroid(t.{0})), ST_Y(ST_Centroid(t.{0}))"
COPY = "COPY pg_temp.computed (unit_id, agency, starts, breakdown, value, n, status) FROM STDIN"

AGENCY, BREAKDOWN, STATUS = "_agency", "_breakdown", "_status"

Cell = tuple[str, str, date, str, float | None, int, FigureStatus]


def by_function(conn: psycopg.Connection[Any], d: Declared, number: int, calendar: Calendar, now: datetime) -> None:
    """The touched cells of one calendar. A function that gives no value over no rows gives no cell."""
    touched = conn.execute(sql.SQL(TOUCHED).format(shape=sql.Literal(number), calendar=sql.Literal(calendar.value))).fetchall()
    # A quarter of one unit's rows at a time, so that a measure that is computed wholly does not hold a table in memory.
    for (unit, _, _), group in groupby(touched, key=lambda row: (row[0], row[1].year, (row[1].month - 1) // 3)):
        stretches = [Period(calendar, period_of(calendar, starts), starts, ends) for _, starts, ends in group]
        frame = _rows(conn, d, unit, stretches, now)
        if frame.is_empty():
            continue
        cells = [cell for period in stretches for cell in _cells(d, unit, period, frame)]
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


def _rows(conn: psycopg.Connection[Any], d: Declared, unit: str, periods: list[Period], now: datetime) -> pl.DataFrame:
    """Rows of a unit (and of those below it, for what does not add) from the reach before its first period to the end of its last."""
    function, arguments = FUNCTIONS[d.measure.function or ""], d.measure.with_
    on = d.on
    if on is None:
        raise AssertionError("a snapshot is not computed by a function")
    first = periods[0].starts - timedelta(days=function.reach(arguments))
    fields = {f.column: f.type for f in d.resource.value_fields}
    columns = [c for c in function.columns(arguments) if c != DAY]
    schema: dict[str, Any] = {
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
    units = sql.SQL(LINEAGE if d.of_ancestors else OWN_UNIT).format(unit=sql.Literal(unit))
    query = sql.SQL(ROWS).format(
        agency=d.agency(),
        breakdown=d.breakdown(),
        day=on.day("t"),
        status=_status(d.resource),
        columns=sql.SQL(", ").join(selected) if selected else sql.SQL("NULL"),
        table=d.table,
        units=units,
        between=on.between("t", sql.Literal(first), sql.Literal(periods[-1].ends)),
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
