"""Temporary tables in which cells are computed before they are compared with those that are there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

CREATE = """
CREATE TEMPORARY TABLE changed (column_name text, unit_id text, day date);
CREATE TEMPORARY TABLE delivered (shape integer, starts date, ends date);
CREATE TEMPORARY TABLE touched (
    shape integer, calendar text, unit_id text, starts date, ends date, PRIMARY KEY (shape, calendar, unit_id, starts)
);
CREATE TEMPORARY TABLE span (shape integer, calendar text, unit_id text, starts date, ends date);
CREATE TEMPORARY TABLE lineage (ancestor text, unit_id text);
CREATE TEMPORARY TABLE standing (shape integer, agency text, starts date, ends date);
CREATE TEMPORARY TABLE computed (unit_id text, agency text, starts date, breakdown text, value numeric, n bigint, status text);
CREATE TEMPORARY TABLE existing (
    unit_id text, agency text, starts date, breakdown text, value numeric, n bigint, status text, period text, access text, dataset text,
    load_id bigint, same boolean NOT NULL DEFAULT false
)
"""
DROP = "DROP TABLE pg_temp.changed, pg_temp.delivered, pg_temp.touched, pg_temp.span, pg_temp.lineage, pg_temp.standing, "
DROP += "pg_temp.computed, pg_temp.existing"

LINEAGE = """
INSERT INTO pg_temp.lineage (ancestor, unit_id)
WITH RECURSIVE up AS (
    SELECT unit_id, unit_id AS ancestor, parent, level FROM ref.unit
    UNION ALL
    SELECT up.unit_id, p.unit_id, p.parent, p.level FROM up JOIN ref.unit p ON p.unit_id = up.parent
)
SELECT ancestor, unit_id FROM up WHERE level <> 'country'
"""
INDEX_LINEAGE = "CREATE INDEX ON pg_temp.lineage (ancestor); CREATE INDEX ON pg_temp.lineage (unit_id); ANALYZE pg_temp.lineage"

# A plan that costs little today must not become a scan of the whole table when its statistics are a day old.
BY_INDEX = """
SELECT set_config('enable_hashjoin', {0}, true), set_config('enable_mergejoin', {0}, true), set_config('enable_seqscan', {0}, true)
"""
NO_JIT = "SELECT set_config('jit', 'off', true)"


@contextmanager
def working_tables(conn: psycopg.Connection[Any], with_lineage: bool) -> Iterator[None]:
    """The tables, empty but for the lineage of units, for the time of the block; a failure ends the transaction and them with it."""
    conn.execute(NO_JIT)
    conn.execute(CREATE)
    if with_lineage:
        conn.execute(LINEAGE)
        conn.execute(INDEX_LINEAGE)
    yield
    conn.execute(DROP)


@contextmanager
def by_index(conn: psycopg.Connection[Any], wanted: bool = True) -> Iterator[None]:
    """Joins within the block go from a small table into the index of a large one."""
    if wanted:
        conn.execute(sql.SQL(BY_INDEX).format(sql.Literal("off")))
    yield
    if wanted:
        conn.execute(sql.SQL(BY_INDEX).format(sql.Literal("on")))


def fill(conn: psycopg.Connection[Any], statement: str, **parts: sql.Composable) -> int:
    """Runs a statement with its parts; how many rows. Values are literals, since a contract's SQL may hold percent signs."""
    return conn.execute(sql.SQL(statement).format(**parts)).rowcount


def analyze(conn: psycopg.Connection[Any], *tables: str) -> None:
    for name in tables:
        conn.execute(sql.SQL("ANALYZE {}").format(sql.Identifier("pg_temp", name)))


def empty(conn: psycopg.Connection[Any], *tables: str) -> None:
    conn.execute(sql.SQL("TRUNCATE {}").format(sql.SQL(", ").join(sql.Identifier("pg_temp", name) for name in tables)))
