"""The tick: what the clock alone changes ("overdue now") is computed anew, as a load of its own when it changed a cell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from ckan_harvesters import ledger
from ckan_harvesters.edition import publish
from ckan_harvesters.measure import lock
from ckan_harvesters.measure.compute import measures_of, snapshot
from ckan_harvesters.measure.declared import Declared
from ckan_harvesters.measure.touched import today
from ckan_harvesters.transaction import in_transaction

CURSOR = "tick by day"
"""Line of ledger.cursor: the day, in the province, on which the measures of a day were computed last."""

TABLES = "SELECT table_name, contract FROM ledger.dataset WHERE is_current ORDER BY table_name"
MAKE_CURSOR = "INSERT INTO ledger.cursor (name, value) VALUES (%s, '') ON CONFLICT DO NOTHING"
LOCK_CURSOR = "SELECT value FROM ledger.cursor WHERE name = %s FOR UPDATE"
MOVE_CURSOR = "UPDATE ledger.cursor SET value = %s, at = clock_timestamp() WHERE name = %s"


@dataclass(frozen=True)
class Ticked:
    """What a tick did."""

    cells: int
    """Cells that are new, other or gone."""
    edition: int | None
    """None when no cell changed."""


def tick(dsn: str, now: datetime) -> Ticked:
    """Brings the measures that the clock changes to this moment, in one transaction; a second one at the same moment changes nothing.

    `dsn`: the store as ioc_loader; `now`: with a time zone. Measures of an hour are computed each time, those of a day on the first tick
    of a day in the province. Raises as `load` does.
    """
    return in_transaction(dsn, lambda conn: _tick(conn, now))


def _tick(conn: psycopg.Connection[Any], now: datetime) -> Ticked:
    found = conn.execute(TABLES).fetchall()
    for contract in sorted({contract for _, contract in found}):
        lock.under_contract(conn, contract)
    conn.execute(MAKE_CURSOR, (CURSOR,))
    row = conn.execute(LOCK_CURSOR, (CURSOR,)).fetchone()
    day = today(now).isoformat()
    is_new_day = row is None or row[0] != day
    wanted = _wanted((table_name for table_name, _ in found), conn, is_new_day)
    lock.cells(conn, ((table_name, lock.SNAPSHOT) for table_name in wanted))
    load_id = ledger.next_load(conn)
    cells = sum(snapshot(conn, measures, load_id, now) for measures in wanted.values())
    conn.execute(MOVE_CURSOR, (day, CURSOR))
    if cells == 0:
        return Ticked(0, None)
    ledger.record(conn, ledger.Line(load_id, kind="tick", state="done", scope=now.isoformat(), params={"cells": cells}))
    return Ticked(cells, publish(conn, load_id))


def _wanted(tables: Iterable[str], conn: psycopg.Connection[Any], is_new_day: bool) -> dict[str, list[Declared]]:
    """Measures to be computed by their table."""
    wanted: dict[str, list[Declared]] = defaultdict(list)
    for table_name in tables:
        for d in measures_of(conn, table_name):
            if d.measure.tick == "hour" or (d.measure.tick == "day" and is_new_day):
                wanted[table_name].append(d)
    return wanted
