"""What agencies owe, and one report with its events, from the ledger of supply."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from psycopg.rows import dict_row

from ckan_harvesters.desk.asked import Unanswerable, text
from ckan_harvesters.desk.store import Connection
from datasets.model.reference import read_reference

AHEAD_DAYS = 35
MOST_DAYS = 1100
MOST_REPORTS = 5000
MOST_AGENCIES = 500

PositionTitles = tuple[str | None, str | None, str | None]

COLUMNS = """
obligation, dataset, agency, agency_title, agency_title_en, agency_title_fr, period, starts, ends, calendar, due_at, punctuality, quality,
is_zero, received_at, checked_at, edition, load_id, ckan_resource, rows_accepted, rows_rejected, refused_code, units_present,
units_expected, excused_until, excused_by, excuse_reason, zero_by, title, title_en, title_fr, subsystem, scope, steward, clause, simulated
"""
NOW = "SELECT supply.now()"
OWED = f"""
SELECT {COLUMNS} FROM supply.state
WHERE agency = ANY(%(agencies)s)
    AND (received_at IS NULL AND due_at < %(now)s + make_interval(days => %(ahead)s)
        OR received_at >= %(now)s - make_interval(days => %(days)s))
ORDER BY due_at, dataset, agency, period LIMIT %(most)s
"""  # noqa: S608 - columns are ours
REPORT = f"""
SELECT report, {COLUMNS} FROM supply.state WHERE dataset = %(dataset)s AND agency = %(agency)s AND period = %(period)s
"""  # noqa: S608
EVENTS = """
SELECT e.at, e.kind, e.received_at, e.by, e.until, e.note, e.load_id, n.edition, e.details ->> 'refused_code' AS refused_code
FROM supply.event e LEFT JOIN ledger.edition n ON n.load_id = e.load_id WHERE e.report = %s ORDER BY e.event
"""


def owed(conn: Connection, agencies: Sequence[str], days: str | None) -> dict[str, Any]:
    """Reports not received and due within five weeks or before, and those received in the last `days`, by due moment."""
    if not agencies or len(agencies) > MOST_AGENCIES:
        raise Unanswerable("parameter_missing", name="agency")
    now = _now(conn)
    asked = {
        "agencies": list(agencies), "now": now, "ahead": AHEAD_DAYS, "days": number(days, "days", 45, MOST_DAYS), "most": MOST_REPORTS + 1
    }  # fmt: skip
    found = [_named(row, "excused_by") for row in _rows(conn, OWED, asked)]
    return {"now": now.isoformat(), "reports": found[:MOST_REPORTS], "cut": len(found) > MOST_REPORTS}


def report(conn: Connection, given: Mapping[str, Any]) -> dict[str, Any]:
    """One report with all its events. Raises Unanswerable `unknown_report`."""
    asked = {name: text(given, name) for name in ("dataset", "agency", "period")}
    found = _rows(conn, REPORT, asked)
    if not found:
        raise Unanswerable("unknown_report", 404, **asked)
    number_of = found[0].pop("report")
    events = [_named(event, "by") for event in _rows(conn, EVENTS, (number_of,))]
    return {"now": _now(conn).isoformat(), **_named(found[0], "excused_by"), "events": events}


def number(given: str | None, name: str, default: int | None, most: int) -> int:
    """A whole number of the request from 0 to `most`. Raises Unanswerable."""
    if given is None and default is not None:
        return default
    if given is None or not given.isascii() or not given.isdigit() or int(given) > most:
        raise Unanswerable("parameter_missing", name=name)
    return int(given)


def plain(value: Any) -> Any:
    """A value of the store as JSON has it: moments and days in ISO 8601."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value


@lru_cache(maxsize=1)
def _positions() -> dict[str, PositionTitles]:
    return {name: (p.title, p.titles.en, p.titles.fr) for name, p in read_reference().positions.items()}


def _named(row: dict[str, Any], column: str) -> dict[str, Any]:
    """The row with the title of a position, in three languages; None where the name is none of a position."""
    title, title_en, title_fr = _positions().get(row[column] or "", (None, None, None))
    return {**row, f"{column}_title": title, f"{column}_title_en": title_en, f"{column}_title_fr": title_fr}


def _rows(conn: Connection, query: str, parameters: Mapping[str, Any] | Sequence[Any]) -> list[dict[str, Any]]:
    with conn.cursor(row_factory=dict_row) as cursor:
        return [{name: plain(value) for name, value in row.items()} for row in cursor.execute(query, parameters)]


def _now(conn: Connection) -> datetime:
    row = conn.execute(NOW).fetchone()
    if row is None:
        raise AssertionError("a query without a table gave no row")
    now: datetime = row[0]
    return now
