"""Cells computed anew: from the rows by SQL, from the cells of shorter periods, and zeros where nothing was to be counted."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import psycopg
from psycopg import sql

from ckan_harvesters.delivery import SEPARATOR
from ckan_harvesters.measure import firmness
from ckan_harvesters.measure.declared import Declared, literals
from ckan_harvesters.measure.touched import Change, delivered, is_owed, today
from ckan_harvesters.measure.working_tables import by_index, fill
from datasets.model.calendar_name import Calendar
from datasets.model.measure import OverTime
from datasets.model.period import period, period_of

FROM_ROWS = """
INSERT INTO pg_temp.computed (unit_id, agency, starts, breakdown, value, n, status)
SELECT r."_unit", r."_agency", r."_starts", {breakdown}, ({value})::numeric, count(*), {status}
FROM ({rows}) r
WHERE {where}
GROUP BY 1, 2, 3, 4
"""
# The names begin with an underscore, which no column of a contract does. OFFSET 0 keeps the order of the join: from a span into the index
# of (unit, day). Statistics know nothing of rows that a load has just brought, and the planner was seen to begin with these, taken for
# one, and to compare each of ten thousand with all spans.
ROWS_OF_SPANS = """
SELECT t.*, s.unit_id AS "_unit", {agency} AS "_agency", {starts} AS "_starts"
FROM pg_temp.span s {lineage} CROSS JOIN LATERAL (
    SELECT t.* FROM {table} t WHERE t.unit_id = {unit} AND {between} AND t.closed_by IS NULL AND {within} OFFSET 0
) t
WHERE s.shape = {shape} AND s.calendar = {calendar}
"""
# The days of all spans together, as constants: with bounds that come from another table alone, the planner was seen to look up a unit in
# the index and to read its rows of all years.
DAYS_OF_SPANS = "SELECT min(starts), max(ends) FROM pg_temp.span WHERE shape = %s AND calendar = %s"
ALL_ROWS = """
SELECT t.*, {unit} AS "_unit", {agency} AS "_agency", {starts} AS "_starts"
FROM {table} t {lineage}
WHERE t.closed_by IS NULL AND {starts} IS NOT NULL
"""
FROM_CELLS = """
INSERT INTO pg_temp.computed (unit_id, agency, starts, breakdown, value, n, status)
SELECT t.unit_id, v.agency, t.starts, v.breakdown, {value}, {n}, {status}
FROM pg_temp.touched t
JOIN measure.value v ON v.measure = {measure} AND v.calendar = {finest} AND v.unit_id = t.unit_id
    AND v.starts >= t.starts AND v.starts < t.ends AND v.closed_by IS NULL
WHERE t.shape = {shape} AND t.calendar = {calendar}
GROUP BY 1, 2, 3, 4
"""
FROM_ALL_CELLS = """
INSERT INTO pg_temp.computed (unit_id, agency, starts, breakdown, value, n, status)
SELECT v.unit_id, v.agency, ref.period_starts({calendar}, v.starts), v.breakdown, {value}, {n}, {status}
FROM measure.value v
WHERE v.measure = {measure} AND v.calendar = {finest} AND v.closed_by IS NULL
GROUP BY 1, 2, 3, 4
"""
SUM_OF_N = "sum(v.n)"
LAST = "(array_agg(v.{0} ORDER BY v.starts DESC) FILTER (WHERE v.value IS NOT NULL))[1]"
OVER_TIME = {
    OverTime.SUM: ("sum(v.value)", SUM_OF_N),
    OverTime.MEAN: ("avg(v.value)", SUM_OF_N),
    OverTime.LAST: (LAST.format("value"), f"coalesce({LAST.format('n')}, {SUM_OF_N})"),
}
"""Value and n of a longer period from the cells of its shorter ones; missing values are left out, and where all are missing it is too."""

ZEROS = """
INSERT INTO pg_temp.computed (unit_id, agency, starts, breakdown, value, n, status)
SELECT t.unit_id, d.agency, t.starts, '', 0, 0, {status}
FROM pg_temp.touched t
JOIN ref.unit u ON u.unit_id = t.unit_id AND {is_owed}
JOIN pg_temp.standing d ON d.starts <= t.starts AND t.ends <= d.ends
WHERE t.shape = {shape} AND t.calendar = {calendar}
AND NOT EXISTS (SELECT FROM pg_temp.computed c WHERE c.unit_id = t.unit_id AND c.starts = t.starts AND c.agency = d.agency)
"""

# What the ledger shows of each publisher's delivery of each touched period.
STANDING = """
INSERT INTO pg_temp.standing (agency, starts, ends)
SELECT p.agency, p.starts, ref.period_ends({calendar}, p.starts)
FROM (
    SELECT DISTINCT a.agency, ref.period_starts({calendar}, t.starts) AS starts
    FROM pg_temp.touched t CROSS JOIN unnest({publishers}::text[]) AS a (agency)
    WHERE t.shape = {shape} AND t.calendar IN ({calendars})
) p
CROSS JOIN LATERAL (
    SELECT l.kind FROM ledger.load l JOIN ledger.edition e USING (load_id)
    WHERE l.table_name = {table_name} AND l.scope = p.agency || {separator} || ref.period_text({calendar}, p.starts)
    AND l.kind IN ('file', 'withdrawal', 'erasure')
    ORDER BY e.edition DESC LIMIT 1
) c
WHERE c.kind = 'file' AND NOT p.agency || {separator} || ref.period_text({calendar}, p.starts) = ANY({changed})
"""
STANDS = "INSERT INTO pg_temp.standing (agency, starts, ends) VALUES ({agency}, {starts}, {ends})"
ALL_SCOPES = "SELECT l.scope FROM ledger.current_load l WHERE l.table_name = %s AND l.kind = 'file'"


def from_rows(conn: psycopg.Connection[Any], d: Declared, number: int, calendar: Calendar, now: datetime, whole: bool) -> None:
    """Cells of one calendar by the measure's own aggregate; of all rows when `whole`, else of the touched periods."""
    everything = whole or d.on is None
    parts: dict[str, sql.Composable] = {
        "table": d.table,
        "agency": d.agency(),
        "shape": sql.Literal(number),
        "calendar": sql.Literal(calendar.value),
        "starts": starts_of(d, calendar, now),
    }
    if everything:
        parts["unit"] = sql.SQL("l.ancestor" if d.of_ancestors else "t.unit_id")
        parts["lineage"] = sql.SQL("JOIN pg_temp.lineage l ON l.unit_id = t.unit_id" if d.of_ancestors else "")
    elif d.on is not None:
        first, end = conn.execute(DAYS_OF_SPANS, (number, calendar.value)).fetchone() or (None, None)
        if first is None:
            return
        parts["within"] = d.on.between("t", sql.Literal(first), sql.Literal(end))
        parts["unit"] = sql.SQL("l.unit_id" if d.of_ancestors else "s.unit_id")
        parts["lineage"] = sql.SQL("JOIN pg_temp.lineage l ON l.ancestor = s.unit_id" if d.of_ancestors else "")
        parts["between"] = d.on.between("t", sql.SQL("s.starts"), sql.SQL("s.ends"))
    rows = sql.SQL(ALL_ROWS if everything else ROWS_OF_SPANS).format(**parts)
    with by_index(conn, not everything):
        for breakdown in d.breakdowns():
            fill(conn, FROM_ROWS, rows=rows, breakdown=breakdown, value=d.value(now), status=firmness.of_rows(d), where=d.where(now))


def starts_of(d: Declared, calendar: Calendar, now: datetime) -> sql.Composable:
    """First day of the period in which a row of table `t` lies; of a snapshot, of today's."""
    if d.on is None:
        return sql.Literal(period(calendar, period_of(calendar, today(now))).starts)
    return sql.SQL("ref.period_starts({}, {})").format(sql.Literal(calendar.value), d.on.day("t"))


def from_cells(conn: psycopg.Connection[Any], d: Declared, number: int, calendar: Calendar, whole: bool) -> None:
    """Cells of a longer calendar from those of the finest, which are written already."""
    value, n = OVER_TIME[d.measure.over_time]
    with by_index(conn, not whole):
        fill(
            conn,
            FROM_ALL_CELLS if whole else FROM_CELLS,
            value=sql.SQL(value),
            n=sql.SQL(n),
            status=firmness.of_cells(d),
            measure=sql.Literal(d.full_name),
            finest=sql.Literal(d.measure.calendar.value),
            shape=sql.Literal(number),
            calendar=sql.Literal(calendar.value),
        )


def zeros(conn: psycopg.Connection[Any], d: Declared, number: int, calendar: Calendar) -> None:
    """A zero for each unit that should have been counted in a period that was delivered, and has no counted row there."""
    fill(
        conn,
        ZEROS,
        is_owed=is_owed(d.resource, sql.SQL("t.ends")),
        status=firmness.of_nothing(d),
        shape=sql.Literal(number),
        calendar=sql.Literal(calendar.value),
    )


def standing(conn: psycopg.Connection[Any], d: Declared, number: int, change: Change | None, now: datetime) -> None:
    """Notes which agencies' deliveries stand for the touched periods: what the ledger shows, changed by what this transaction does."""
    fill(conn, "TRUNCATE pg_temp.standing")
    arrived, gone = (change.standing, change.gone) if change is not None else ((), ())
    parts: dict[str, sql.Composable] = {"table_name": sql.Literal(d.table_text), "changed": sql.Literal([*arrived, *gone])}
    if d.resource.delivery.calendar is None:
        return
    fill(
        conn,
        STANDING,
        **parts,
        calendar=sql.Literal(d.resource.delivery.calendar.value),
        calendars=literals([c.value for c in d.from_rows]),
        publishers=sql.Literal(d.resource.publishers),
        separator=sql.Literal(SEPARATOR),
        shape=sql.Literal(number),
    )
    for scope in arrived:
        stretch = delivered(d.resource, scope)
        if stretch is not None:
            fill(conn, STANDS, agency=_agency(scope), starts=sql.Literal(stretch[0]), ends=sql.Literal(stretch[1]))


def stretches(conn: psycopg.Connection[Any], d: Declared) -> list[tuple[date, date]]:
    """Periods of every delivery that stands: (first day, first day after)."""
    scopes = [row[0] for row in conn.execute(ALL_SCOPES, (d.table_text,))]
    return [stretch for scope in scopes if (stretch := delivered(d.resource, scope)) is not None]


def _agency(scope: str) -> sql.Literal:
    """Who delivered a scope."""
    return sql.Literal(scope.partition(SEPARATOR)[0])
