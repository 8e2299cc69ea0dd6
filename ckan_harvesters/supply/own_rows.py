"""Rows of the centre's own report: what became of each report that came due, and how fresh each dataset was.

The centre's own datasets are left out: a report about itself would change with every delivery of itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from datasets.model.calendar import ZONE
from datasets.model.freshness import Freshness, freshness
from datasets.model.period import Period

OWN = "data_supply"
"""Name of the contract of the centre's own report."""

REPORTS = """
SELECT (s.due_at AT TIME ZONE %(zone)s)::date AS due_date, s.agency AS supplier, s.subsystem, s.dataset, s.title AS dataset_title,
    s.period AS report_period, s.is_expected::integer AS expected, (s.is_expected AND s.is_received)::integer AS received,
    s.is_on_time::integer AS on_time, s.rows_accepted, s.rows_rejected, s.units_present, s.units_expected,
    (SELECT count(*) FROM supply.event e WHERE e.report = s.report AND e.kind = 'accepted' AND NOT e.details ? 'again'
        AND e.received_at > s.due_at AND e.event > (
            SELECT min(f.event) FROM supply.event f WHERE f.report = s.report AND f.kind IN ('accepted', 'zero'))) AS corrections,
    s.view_name, s.load_id, s.simulated
FROM supply.state s
WHERE s.contract <> %(own)s AND s.due_at <= s.moment AND s.due_at >= %(starts)s AND s.due_at < %(ends)s
ORDER BY s.due_at, s.dataset, s.agency, s.period
"""

COUNT = """
SELECT count(*) FROM supply.report r JOIN supply.obligation o USING (obligation)
WHERE o.contract <> %(own)s AND r.due_at <= supply.now() AND r.due_at >= %(starts)s AND r.due_at < %(ends)s
"""

# What came of a report that is not made any more, or came before anything was owed, is a delivery too: it is read from the loads.
FRESHNESS = """
SELECT m.day, o.agency AS supplier, o.subsystem, o.dataset, o.title AS dataset_title, o.calendar AS frequency,
    (max(l.received_at) AT TIME ZONE %(zone)s)::date AS last_received, coalesce(bool_or(l.simulated), false) AS simulated
FROM unnest(%(days)s::date[], %(moments)s::timestamptz[]) m (day, moment)
JOIN supply.obligation o ON o.contract <> %(own)s AND o.valid_from <= m.day AND (o.valid_to IS NULL OR o.valid_to > m.day)
LEFT JOIN ledger.dataset d ON d.dataset = o.dataset AND d.is_current
LEFT JOIN ledger.load l ON l.table_name = d.table_name AND l.agency = o.agency AND l.kind = 'file'
    AND l.state IN ('done', 'done_with_rejects') AND l.received_at <= m.moment
GROUP BY m.day, m.moment, o.obligation
HAVING max(l.received_at) IS NOT NULL
    OR EXISTS (SELECT FROM supply.report r WHERE r.obligation = o.obligation AND r.due_at <= m.moment)
ORDER BY m.day, o.dataset, o.agency
"""

STATES: Mapping[Freshness, str] = {"fresh": "moi", "due": "den-ky", "overdue": "qua-ky", "delinquent": "qua-lau", "never": "chua-co"}
"""How the contract's file writes each state."""

COLUMNS = """
SELECT v.view_name, d.table_name, array_agg(a.attname::text ORDER BY a.attnum)
FROM (SELECT DISTINCT unnest(%s::text[]) AS view_name) v
JOIN ledger.dataset d ON d.view_name = v.view_name AND d.is_current
JOIN pg_attribute a ON a.attrelid = to_regclass(d.table_name) AND a.attnum > 0 AND NOT a.attisdropped
    AND a.attname <> ALL ('{agency,load_id,line,closed_by}')
GROUP BY 1, 2
"""
CELLS = """
SELECT t.load_id, sum(num_nonnulls({columns})), count(*) * {width} FROM {table} t
WHERE t.load_id = ANY (%s) AND t.closed_by IS NULL GROUP BY 1
"""

Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one file by the contract's columns."""

    lines: list[Line]
    simulated: bool
    """Whether one of them is about simulated data."""


def reports(conn: psycopg.Connection[Any], month: Period) -> Rows:
    """A row for each report that came due in a month, up to now, with its rows and cells as they stand."""
    wanted = {"own": OWN, "zone": str(ZONE), "starts": _midnight(month.starts), "ends": _midnight(month.ends)}
    with conn.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(REPORTS, wanted).fetchall()
    cells = _cells(conn, [(line["view_name"], line["load_id"]) for line in found if line["load_id"] is not None])
    simulated = any(line["simulated"] for line in found)
    for line in found:
        line["cells_filled"], line["cells"] = cells.get(line["load_id"], (None, None)) if line["received"] else (None, None)
    return Rows(found, simulated)


def count_reports(conn: psycopg.Connection[Any], month: Period) -> int:
    """How many rows `reports` has."""
    row = conn.execute(COUNT, {"own": OWN, "starts": _midnight(month.starts), "ends": _midnight(month.ends)}).fetchone()
    return int(row[0]) if row else 0


def freshness_rows(conn: psycopg.Connection[Any], days: Sequence[date], now: datetime) -> Rows:
    """A row for each of these days and each dataset of an agency that owes it; a day that is not over is looked at now."""
    # What comes at midnight comes on the day that begins.
    moments = [min(_midnight(day + timedelta(days=1)) - timedelta.resolution, now) for day in days]
    wanted = {"own": OWN, "zone": str(ZONE), "days": list(days), "moments": moments}
    with conn.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(FRESHNESS, wanted).fetchall()
    for line in found:
        last = line["last_received"]
        line["days_since"] = (line["day"] - last).days if last is not None else None
        line["freshness_state"] = STATES[freshness(line["frequency"], line["days_since"])]
    return Rows(found, any(line["simulated"] for line in found))


def days_to_report(month: Period, today: date) -> list[date]:
    """Days of a month on which freshness is told: its Sundays, and its last day or today."""
    last = min(month.ends - timedelta(days=1), today)
    days = [month.starts + timedelta(days=n) for n in range((last - month.starts).days + 1)]
    return [day for day in days if day.weekday() == 6 or day == last]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZONE)


def _cells(conn: psycopg.Connection[Any], loads: Iterable[tuple[str, int]]) -> dict[int, tuple[int, int]]:
    """Cells with a value and all cells of the rows that each of these loads (view, load) brought and that stand, by load."""
    by_view: dict[str, list[int]] = defaultdict(list)
    for view, load in loads:
        by_view[view].append(load)
    found: dict[int, tuple[int, int]] = {}
    for view, table, columns in conn.execute(COLUMNS, (list(by_view),)).fetchall():
        query = sql.SQL(CELLS).format(
            columns=sql.SQL(", ").join(sql.Identifier("t", column) for column in columns),
            width=sql.Literal(len(columns)),
            table=sql.Identifier(*table.split(".")),
        )
        found |= {load: (int(filled), int(cells)) for load, filled, cells in conn.execute(query, (by_view[view],))}
    return found
