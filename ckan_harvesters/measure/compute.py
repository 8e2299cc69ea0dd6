"""Cells brought to the rows: of what a load changed, of a whole measure, of a moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from ckan_harvesters.applied import Applied
from ckan_harvesters.measure import cells, lock
from ckan_harvesters.measure.by_function import by_function
from ckan_harvesters.measure.declared import Declared, declared, one
from ckan_harvesters.measure.touched import Change, Shape, span, touch, touch_all, years
from ckan_harvesters.measure.working_tables import working_tables
from ckan_harvesters.measure.write import close_calendars, write
from datasets.model.contract import Contract

DATASET = "SELECT contract, resource FROM ledger.dataset WHERE table_name = %s AND is_current"


@dataclass
class _Part:
    """The measures that one change touches, and the numbers of their shapes in the working tables."""

    change: Change
    measures: list[Declared]
    numbers: dict[Shape, int]


def compute(conn: psycopg.Connection[Any], changes: Sequence[Change], now: datetime) -> int:
    """Recomputes the cells that these changes of rows touch, in the load's own transaction; how many are new, other or gone.

    The applied contract says what is computed, not the one that a file was checked under: a measure that an apply brought while the load
    waited would miss its rows for ever. A table that the applied contract no longer has gets none. `now`: with a time zone.
    """
    parts: list[_Part] = []
    for change in changes:
        measures = measures_of(conn, change.table_name)
        first = sum(len(part.numbers) for part in parts)
        shapes = dict.fromkeys(Shape.of(d) for d in measures)
        if measures:
            parts.append(_Part(change, measures, {shape: number for number, shape in enumerate(shapes, start=first)}))
    if not parts:
        return 0
    with working_tables(conn, _with_lineage(parts)):
        for part in parts:
            touch(conn, part.measures, part.change, part.numbers, now)
        span(conn)
        lock.cells(conn, ((part.change.table_name, year) for part in parts for year in years(conn, part.numbers)))
        changed = 0
        for part in parts:
            for d in part.measures:
                changed += _bring(conn, d, part.numbers[Shape.of(d)], part.change, part.change.load_id, now)
    return changed


def recompute(conn: psycopg.Connection[Any], contract: Contract, name: str, load_id: int, now: datetime) -> int:
    """Computes every cell of a measure anew, as `contract` says; how many are new, other or gone. Takes the contract alone.

    `name`: as the contract writes it. Cells of calendars that it is no longer kept for are closed. Of a snapshot only today's cell is.
    """
    lock.alone_with_contract(conn, contract.name)
    d = one(contract, name)
    number = 0
    shape = Shape.of(d)
    with working_tables(conn, shape.of_ancestors):
        touch_all(conn, d, number, cells.stretches(conn, d) if d.has_zeros else (), now)
        return _bring(conn, d, number, None, load_id, now) + close_calendars(conn, d, load_id)


def snapshot(conn: psycopg.Connection[Any], measures: Sequence[Declared], load_id: int, now: datetime) -> int:
    """Computes today's cells of measures that the clock changes, of tables whose locks are held; how many are new, other or gone."""
    numbers = {shape: number for number, shape in enumerate(dict.fromkeys(Shape.of(d) for d in measures))}
    with working_tables(conn, any(shape.of_ancestors for shape in numbers)):
        for d in measures:
            touch_all(conn, d, numbers[Shape.of(d)], (), now)
        return sum(_bring(conn, d, numbers[Shape.of(d)], None, load_id, now) for d in measures)


def measures_of(conn: psycopg.Connection[Any], table_name: str) -> list[Declared]:
    """Measures that the applied contract has over a table of the store; none when the table is no longer its."""
    row = conn.execute(DATASET, (table_name,)).fetchone()
    terms = Applied(conn).terms(f"{row[0]}/{row[1]}") if row else None
    if terms is None or f"{terms.contract.pg_schema}.{terms.contract.table(terms.resource)}" != table_name:
        return []
    return declared(terms.contract, terms.resource)


def _with_lineage(parts: Sequence[_Part]) -> bool:
    return any(shape.of_ancestors for part in parts for shape in part.numbers)


def _bring(conn: psycopg.Connection[Any], d: Declared, number: int, change: Change | None, load_id: int, now: datetime) -> int:
    """Computes and writes the touched cells of one measure, its finest calendar first.

    Without a change all its cells; of a snapshot today's, since the earlier ones are of moments that have passed.
    """
    whole = change is None and d.on is not None
    if d.has_zeros:
        cells.standing(conn, d, number, change, now)
    changed = 0
    for calendar in d.from_rows:
        if d.measure.function is not None:
            by_function(conn, d, number, calendar, now)
        else:
            cells.from_rows(conn, d, number, calendar, now, whole)
        if d.has_zeros:
            cells.zeros(conn, d, number, calendar)
        changed += write(conn, d, number, calendar, load_id, whole)
    for calendar in d.from_cells:
        cells.from_cells(conn, d, number, calendar, whole)
        changed += write(conn, d, number, calendar, load_id, whole)
    return changed
