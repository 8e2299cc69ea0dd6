"""A large delivery of days that the table's statistics do not know yet: its rows are looked up by span, in the index of unit and day."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import sql

from ckan_harvesters.measure import cells, touched
from ckan_harvesters.measure.working_tables import by_index, working_tables
from tests.store.conftest import Store

pytestmark = pytest.mark.store

ROWS = """
CREATE TEMPORARY TABLE arrived (unit_id text, day date, closed_by bigint);
CREATE UNIQUE INDEX ON arrived (unit_id, day);
INSERT INTO arrived SELECT 'u' || u, date '2026-01-01' + 2 * d FROM generate_series(1, 100) u, generate_series(0, 99) d;
ANALYZE arrived;
INSERT INTO arrived SELECT 'u' || u, date '2026-10-01' + 2 * d FROM generate_series(1, 300) u, generate_series(0, 14) d;
INSERT INTO touched SELECT 0, 'day', unit_id, day, day + 1 FROM arrived WHERE day >= '2026-10-01'
"""


def test_each_span_looks_its_rows_up_and_no_row_is_compared_with_every_span(store: Store) -> None:
    between = sql.SQL("t.day >= {} AND t.day < {}")
    rows = sql.SQL(cells.ROWS_OF_SPANS).format(
        agency=sql.Literal("so-y-te"),
        starts=sql.SQL("t.day"),
        lineage=sql.SQL(""),
        table=sql.SQL("arrived"),
        unit=sql.SQL("s.unit_id"),
        between=between.format(sql.SQL("s.starts"), sql.SQL("s.ends")),
        within=between.format(sql.Literal("2026-10-01"), sql.Literal("2026-11-01")),
        shape=sql.Literal(0),
        calendar=sql.Literal("day"),
    )
    with psycopg.connect(store.loader) as conn, working_tables(conn, False):
        conn.execute(ROWS)
        touched.span(conn)
        with by_index(conn):
            plan = conn.execute(sql.SQL("EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {}").format(rows)).fetchone()
    assert plan is not None
    join = plan[0][0]["Plan"]
    spans, rows_of = join["Plans"]
    assert (spans["Relation Name"], spans["Actual Loops"], join["Actual Rows"]) == ("span", 1, 4_500)
    while "Plans" in rows_of:
        (rows_of,) = rows_of["Plans"]
    assert rows_of["Node Type"] == "Index Scan" and "unit_id = s.unit_id" in rows_of["Index Cond"]
