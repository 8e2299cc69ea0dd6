"""What the supply board reads of the store, with the login of the viewer's audience: two questions, however many reports there are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from superset_ioc.supply.filters import Filters, Span

MOST_ROWS = 120
"""Obligations of a calendar that are shown one by one; of more, each agency's reports are counted by period."""

Ask = Callable[[str, Mapping[str, Any]], Sequence[tuple[Any, ...]]]
"""Rows of a query with named parameters."""

OPTIONS = """
SELECT supply.now(),
    (SELECT min(starts) FROM supply.report),
    (SELECT json_agg(s ORDER BY s.subsystem) FROM (
        SELECT o.subsystem, s.title, s.title_en, s.title_fr
        FROM (SELECT DISTINCT subsystem FROM supply.obligation) o LEFT JOIN ledger.subsystem s USING (subsystem)) s),
    (SELECT json_agg(DISTINCT calendar) FROM supply.obligation),
    (SELECT json_agg(a ORDER BY a.title) FROM (
        SELECT agency, title, title_en, title_fr FROM ref.agency WHERE agency IN (SELECT agency FROM supply.obligation)) a)
"""

# One row of three lists. `code` says a report's state in few letters (see matrix.CODES); what the matrix shows one by one is
# decided here, so that no more rows leave the store than the page shows.
BOARD = """
WITH span AS MATERIALIZED (
    SELECT * FROM unnest(%(calendars)s::text[], %(firsts)s::date[], %(lasts)s::date[]) AS span (calendar, first, last)
), owed AS MATERIALIZED (
    SELECT obligation, subsystem, agency, calendar FROM supply.obligation
    WHERE (%(subsystem)s::text IS NULL OR subsystem = %(subsystem)s) AND (%(agency)s::text IS NULL OR agency = %(agency)s)
), shown AS MATERIALIZED (
    SELECT s.obligation, s.subsystem, s.agency, s.calendar, s.period, s.starts, s.punctuality, s.quality, s.is_zero,
        s.is_expected, s.is_received, s.is_on_time, s.received_at, s.due_at, s.excused_until, s.simulated
    FROM span JOIN owed o ON o.calendar = span.calendar
        JOIN supply.state s ON s.obligation = o.obligation AND s.starts BETWEEN span.first AND span.last
), by_period AS MATERIALIZED (
    SELECT subsystem, agency, calendar, period, {counted} FROM shown GROUP BY subsystem, agency, calendar, period
), counts AS MATERIALIZED (
    SELECT subsystem, agency, calendar, obligations, {summed}
    FROM by_period JOIN (
        SELECT subsystem, agency, calendar, count(*) AS obligations
        FROM (SELECT DISTINCT subsystem, agency, calendar, obligation FROM shown) o GROUP BY subsystem, agency, calendar
    ) o USING (subsystem, agency, calendar) GROUP BY subsystem, agency, calendar, obligations
), wide AS (
    SELECT calendar FROM counts GROUP BY calendar HAVING sum(obligations) > %(most_rows)s AND %(late)s = ''
), late AS (
    SELECT obligation FROM shown GROUP BY obligation
    HAVING bool_or(punctuality = 'missing' OR (%(late)s = 'any' AND punctuality = 'late'))
), each AS (
    SELECT calendar, obligation, count(*) FILTER (WHERE punctuality = 'missing') AS overdue,
        count(*) FILTER (WHERE punctuality = 'late') AS late,
        array_agg(period ORDER BY starts) AS periods,
        array_agg({code} ORDER BY starts) AS codes
    FROM shown
    WHERE calendar NOT IN (SELECT calendar FROM wide) AND (%(late)s = '' OR obligation IN (SELECT obligation FROM late))
    GROUP BY calendar, obligation
), ranked AS (
    SELECT *, row_number() OVER (PARTITION BY calendar ORDER BY overdue DESC, late DESC, obligation) AS place,
        count(*) OVER (PARTITION BY calendar) AS of_all
    FROM each
)
SELECT
    (SELECT json_agg(c) FROM counts c),
    (SELECT json_agg(p) FROM (
        SELECT calendar, agency, period, {summed} FROM by_period
        WHERE calendar IN (SELECT calendar FROM wide) GROUP BY calendar, agency, period) p),
    (SELECT json_agg(r) FROM (
        SELECT r.calendar, r.obligation, o.dataset, o.subsystem, o.agency, o.title, o.title_en, o.title_fr, r.overdue, r.late, r.periods,
            r.codes, r.of_all
        FROM ranked r JOIN supply.obligation o USING (obligation) WHERE r.place <= %(most_rows)s) r),
    (SELECT json_agg(older) FROM (
        SELECT o.subsystem, o.agency, count(*) AS overdue
        FROM span JOIN owed o ON o.calendar = span.calendar JOIN supply.state s ON s.obligation = o.obligation
        WHERE s.starts < span.first AND s.received_at IS NULL AND s.punctuality = 'missing' GROUP BY o.subsystem, o.agency) older)
"""
COUNTED = {
    "reports": "true",
    "expected": "is_expected",
    "received": "is_expected AND is_received",
    "on_time": "is_expected AND is_on_time",
    "overdue": "punctuality = 'missing'",
    "late": "punctuality = 'late'",
    "due_soon": "punctuality = 'due_soon'",
    "excused": "punctuality = 'excused'",
    "returned": "quality = 'refused'",
    "simulated": "simulated",
}
"""What is counted of reports, in this order wherever counts stand in a list."""
# Letters of punctuality and quality, z for a declaration of zero, and whole hours after the due moment of what is or was late.
CODE = """CASE punctuality WHEN 'not_due' THEN 'n' WHEN 'due_soon' THEN 's' WHEN 'on_time' THEN 'o' WHEN 'late' THEN 'l'
            WHEN 'missing' THEN 'm' ELSE 'e' END
        || CASE quality WHEN 'accepted' THEN 'a' WHEN 'accepted_with_rejects' THEN 'r' WHEN 'refused' THEN 'f' ELSE '-' END
        || CASE WHEN is_zero THEN 'z' ELSE '.' END
        || CASE WHEN punctuality IN ('late', 'missing') THEN floor(extract(epoch FROM
            CASE punctuality WHEN 'late' THEN received_at ELSE %(now)s END - greatest(due_at, excused_until)) / 3600)::bigint::text
            ELSE '' END"""
BOARD = BOARD.format(
    counted=", ".join(f"count(*) FILTER (WHERE {condition}) AS {name}" for name, condition in COUNTED.items()),
    summed=", ".join(f"sum({name})::bigint AS {name}" for name in COUNTED),
    code=CODE,
)


@dataclass(frozen=True)
class Options:
    """What there is to choose from, and the store's moment."""

    now: dt.datetime
    earliest: dt.date | None
    """First day of the first period that was ever owed."""
    subsystems: list[dict[str, Any]]
    """subsystem, and title, title_en, title_fr of the contract, None where it is not applied."""
    calendars: list[str]
    agencies: list[dict[str, Any]]
    """agency, title, title_en, title_fr."""


@dataclass
class Read:
    """What is shown, counted by the store."""

    options: Options
    spans: list[Span]
    counts: list[dict[str, Any]] = field(default_factory=list)
    """By subsystem, agency and calendar."""
    by_period: list[dict[str, Any]] = field(default_factory=list)
    """By calendar, agency and period, of calendars with more than MOST_ROWS obligations."""
    rows: list[dict[str, Any]] = field(default_factory=list)
    """Obligations of the other calendars, each with the codes of its reports; `of_all` is how many there are."""
    older: list[dict[str, Any]] = field(default_factory=list)
    """By subsystem and agency, reports that are late now and belong to periods before those shown."""


def read_options(ask: Ask) -> Options:
    """Raises what asking raises."""
    ((now, earliest, subsystems, calendars, agencies),) = ask(OPTIONS, {})
    return Options(now, earliest, subsystems or [], calendars or [], agencies or [])


def read_board(ask: Ask, filters: Filters, zone: dt.tzinfo) -> Read:
    """Everything the board shows, of the periods that `filters` ask for. Raises what asking raises."""
    options = read_options(ask)
    spans = filters.spans(options.calendars, options.now.astimezone(zone).date())
    read = Read(options, spans)
    if not spans:
        return read
    asked = {
        "calendars": [span.calendar.value for span in spans],
        "firsts": [span.first for span in spans],
        "lasts": [span.last for span in spans],
        "subsystem": filters.subsystem,
        "agency": filters.agency,
        "late": filters.late,
        "most_rows": MOST_ROWS,
        "now": options.now,
    }
    ((counts, by_period, rows, older),) = ask(BOARD, asked)
    read.counts, read.by_period, read.rows, read.older = counts or [], by_period or [], rows or [], older or []
    return read
