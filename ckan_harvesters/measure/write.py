"""The difference between cells computed anew and those that are there: what changed is closed and written, the rest stays as it is."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

from ckan_harvesters.measure.declared import Declared
from ckan_harvesters.measure.working_tables import analyze, by_index, empty, fill
from datasets.model.calendar_name import Calendar

EXISTING = """
INSERT INTO pg_temp.existing (unit_id, agency, starts, breakdown, value, n, status, period, access, dataset, load_id)
SELECT v.unit_id, v.agency, v.starts, v.breakdown, v.value, v.n, v.status, v.period, v.access, v.dataset, v.load_id
FROM pg_temp.touched t
JOIN measure.value v ON v.measure = {measure} AND v.calendar = {calendar} AND v.unit_id = t.unit_id AND v.starts = t.starts
    AND v.closed_by IS NULL
WHERE t.shape = {shape} AND t.calendar = {calendar}
"""
ALL_EXISTING = """
INSERT INTO pg_temp.existing (unit_id, agency, starts, breakdown, value, n, status, period, access, dataset, load_id)
SELECT v.unit_id, v.agency, v.starts, v.breakdown, v.value, v.n, v.status, v.period, v.access, v.dataset, v.load_id
FROM measure.value v WHERE v.measure = {measure} AND v.calendar = {calendar} AND v.closed_by IS NULL
"""
SAME_CELL = "c.unit_id = e.unit_id AND c.starts = e.starts AND c.agency = e.agency AND c.breakdown = e.breakdown"
SAME = """
UPDATE pg_temp.existing e SET same = true FROM pg_temp.computed c
WHERE {same_cell} AND c.value IS NOT DISTINCT FROM e.value AND c.n IS NOT DISTINCT FROM e.n AND c.status = e.status
    AND e.access = {access} AND e.dataset = {dataset}
"""
KEEP_DIFFERENT = "DELETE FROM pg_temp.computed c USING pg_temp.existing e WHERE {same_cell} AND e.same"
KEEP_GONE = "DELETE FROM pg_temp.existing e WHERE e.same"
CLOSE = """
UPDATE measure.value v SET closed_by = {load} FROM pg_temp.existing e
WHERE v.unit_id = e.unit_id AND v.measure = {measure} AND v.agency = e.agency AND v.calendar = {calendar} AND v.period = e.period
    AND v.breakdown = e.breakdown AND v.load_id = e.load_id
"""
INSERT = """
INSERT INTO measure.value (unit_id, measure, agency, calendar, period, starts, breakdown, value, n, status, access, dataset, load_id)
SELECT c.unit_id, {measure}, c.agency, {calendar}, p.period, c.starts, c.breakdown, c.value, c.n, c.status, {access}, {dataset}, {load}
FROM pg_temp.computed c
JOIN (SELECT starts, ref.period_text({calendar}, starts) AS period FROM (SELECT DISTINCT starts FROM pg_temp.computed) s) p USING (starts)
ORDER BY c.unit_id, c.agency, c.starts, c.breakdown
"""
REPLACED = "SELECT count(*) FROM pg_temp.computed c JOIN pg_temp.existing e ON {same_cell}"
CLOSE_MEASURE = "UPDATE measure.value SET closed_by = {load} WHERE measure = {measure} AND closed_by IS NULL{but}"


def write(conn: psycopg.Connection[Any], d: Declared, number: int, calendar: Calendar, load_id: int, whole: bool) -> int:
    """Brings the touched cells of one calendar, or with `whole` all, to those computed, and empties these.

    How many cells are new, other or gone.
    """
    parts: dict[str, sql.Composable] = {
        "measure": sql.Literal(d.full_name),
        "calendar": sql.Literal(calendar.value),
        "shape": sql.Literal(number),
        "access": sql.Literal(d.resource.access_class),
        "dataset": sql.Literal(d.contract.dataset_name(d.resource)),
        "load": sql.Literal(load_id),
        "same_cell": sql.SQL(SAME_CELL),
    }
    with by_index(conn, not whole):
        fill(conn, ALL_EXISTING if whole else EXISTING, **parts)
    analyze(conn, "existing", "computed")
    fill(conn, SAME, **parts)
    fill(conn, KEEP_DIFFERENT, **parts)
    fill(conn, KEEP_GONE, **parts)
    replaced = conn.execute(sql.SQL(REPLACED).format(**parts)).fetchone()
    with by_index(conn, not whole):
        closed = fill(conn, CLOSE, **parts)
    inserted = fill(conn, INSERT, **parts)
    empty(conn, "computed", "existing")
    return closed + inserted - (int(replaced[0]) if replaced else 0)


def close_calendars(conn: psycopg.Connection[Any], d: Declared, load_id: int) -> int:
    """Closes the cells of calendars for which the measure is no longer kept; how many."""
    kept = sql.SQL(" AND NOT calendar = ANY({})").format(sql.Literal([c.value for c in d.measure.calendars]))
    return fill(conn, CLOSE_MEASURE, measure=sql.Literal(d.full_name), load=sql.Literal(load_id), but=kept)


def close_measure(conn: psycopg.Connection[Any], full_name: str, load_id: int) -> int:
    """Closes every cell of a measure (`health.new_cases`); how many."""
    return fill(conn, CLOSE_MEASURE, measure=sql.Literal(full_name), load=sql.Literal(load_id), but=sql.SQL(""))
