"""Locks that keep two loads from missing each other's rows in a cell that both touch.

A load writes its rows, then waits for the lock of each (table, year in which a touched period begins), then computes by statements that
begin after it. Under READ COMMITTED such a statement sees every load that held the lock before, because PostgreSQL lets the locks of a
transaction go after its commit can be seen. So of two loads that touch one cell the second computes it with the rows of both.

It cannot deadlock: everything a load waits for is taken in one order of kinds, and within a kind in one order. These are the contract
(shared), the delivery, its scopes by name, the rows' keys as they are inserted, the table's keys, the snapshots of a table, its years in
order, the edition. A load that holds a year has inserted all its rows, and waits for nothing that a load which still inserts may hold.
An apply takes the contract alone, before its first DDL.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import psycopg

ALONE = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
SHARED = "SELECT pg_advisory_xact_lock_shared(hashtextextended(%s, 0))"

SNAPSHOT = ""
"""Instead of a year: the measures that a clock changes, which are computed from all rows of a table. It is before every year."""


def alone_with_contract(conn: psycopg.Connection[Any], contract: str) -> None:
    """Waits for the loads under a contract and keeps others waiting, to the transaction's end. First in it, before any DDL."""
    conn.execute(ALONE, (f"contract {contract}",))


def under_contract(conn: psycopg.Connection[Any], contract: str) -> None:
    """Keeps the applied contract as it is to the transaction's end; first in it."""
    conn.execute(SHARED, (f"contract {contract}",))


def cells(conn: psycopg.Connection[Any], wanted: Iterable[tuple[str, str]]) -> None:
    """Waits for the cells of each (table, year or SNAPSHOT), in the one order."""
    for table_name, year in sorted(set(wanted)):
        conn.execute(ALONE, (f"measures {table_name} {year}",))
