"""Expected reports, made ahead for each period that is owed. Making them again makes none twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import psycopg

from ckan_harvesters.clock import store_now
from ckan_harvesters.measure.lock import under_contract
from ckan_harvesters.transaction import in_transaction
from datasets.model.calendar import ZONE, WorkCalendar, read_calendar
from datasets.model.obligation import AHEAD, Validity, due_at, owed_periods
from datasets.model.period import Period
from datasets.model.reference_file import FOLDER

INSERT = """
INSERT INTO supply.report (obligation, period, starts, ends, due_at)
SELECT * FROM unnest(%s::text[], %s::text[], %s::date[], %s::date[], %s::timestamptz[])
ON CONFLICT (obligation, period) DO NOTHING RETURNING report
"""
MADE = """
UPDATE supply.obligation o SET made_until = m.until FROM unnest(%s::text[], %s::date[]) m (obligation, until)
WHERE o.obligation = m.obligation AND (o.made_until IS NULL OR o.made_until < m.until)
"""
# What had been delivered of a period before its report was made: an installation that is brought up to date, a `since` set back.
DELIVERED_BEFORE = """
INSERT INTO supply.event (report, at, kind, received_at, load_id, ckan_resource, details)
SELECT r.report, coalesce(e.committed_at, l.ended_at),
    CASE WHEN l.kind = 'withdrawal' THEN 'withdrawn' WHEN l.state = 'refused' THEN 'refused' ELSE 'accepted' END,
    CASE WHEN l.kind = 'file' THEN coalesce(l.received_at, l.began_at) END, l.load_id, l.ckan_resource,
    jsonb_strip_nulls(jsonb_build_object('accepted', l.accepted, 'rejected', l.rejected, 'refused_code', l.refused_code,
        'simulated', l.simulated))
FROM supply.report r
JOIN supply.obligation o USING (obligation)
JOIN ledger.dataset d ON d.dataset = o.dataset
JOIN ledger.load l ON l.table_name = d.table_name AND l.scope = o.agency || '|' || r.period
LEFT JOIN ledger.edition e ON e.load_id = l.load_id
WHERE r.report = ANY (%s) AND o.scope = 'period' AND l.kind IN ('file', 'withdrawal')
    AND (e.edition IS NOT NULL OR l.state = 'refused')
ORDER BY coalesce(e.committed_at, l.ended_at), l.load_id
"""
BEHIND = """
SELECT contract, obligation, calendar, due_rule, coalesce(made_until, valid_from), valid_to FROM supply.obligation
WHERE coalesce(made_until, valid_from) <= %(horizon)s AND (valid_to IS NULL OR coalesce(made_until, valid_from) < valid_to)
"""
BEHIND_ONE = BEHIND + "AND obligation = %(one)s"
BEHIND_ALL = BEHIND + "ORDER BY contract, obligation"


@dataclass(frozen=True)
class Wanted:
    """Periods of which an obligation's reports are to be made."""

    obligation: str
    calendar: str
    due_rule: str
    first: date
    """Day in the first period."""
    end: date | None = None
    """Periods that begin on this day or later are not owed."""
    due_after: datetime | None = None
    """Only reports that are due after this moment."""


def working_days() -> WorkCalendar:
    """The working calendar of the installation. Raises ValueError naming the file."""
    return read_calendar(FOLDER)


def local_day(moment: datetime) -> date:
    """The province's date at a moment."""
    return moment.astimezone(ZONE).date()


def make(conn: psycopg.Connection[Any], wanted: Sequence[Wanted], today: date, work: WorkCalendar) -> int:
    """Makes the reports of periods that begin up to 40 days after `today`, and says of each what had been delivered; how many are new."""
    rows: list[tuple[str, str, date, date, datetime]] = []
    until: dict[str, date] = {}
    known: dict[tuple[str, date, date], datetime] = {}
    for w in wanted:
        if w.end is not None and w.end <= w.first:
            continue
        for p in owed_periods(w.calendar, Validity(w.first, w.end), today):
            due = known.get((w.due_rule, p.starts, p.ends))
            if due is None:
                due = known[w.due_rule, p.starts, p.ends] = due_at(w.due_rule, p.starts, p.ends, work)
            until[w.obligation] = p.ends
            if w.due_after is None or due > w.due_after:
                rows.append((w.obligation, p.text, p.starts, p.ends, due))
    if not until:
        return 0
    new = insert(conn, rows)
    conn.execute(MADE, (list(until), list(until.values())))
    return new


def insert(conn: psycopg.Connection[Any], rows: Sequence[tuple[str, str, date, date, datetime]]) -> int:
    """Inserts reports (obligation, period, starts, ends, due_at) that are not there, each with the events of what had been delivered."""
    if not rows:
        return 0
    columns = [list(column) for column in zip(*rows, strict=True)]
    new = [row[0] for row in conn.execute(INSERT, columns)]
    if new:
        conn.execute(DELIVERED_BEFORE, (new,))
    return len(new)


def make_one(conn: psycopg.Connection[Any], obligation: str, rule: str, p: Period) -> None:
    """Makes the report of one period, which need not be near."""
    insert(conn, [(obligation, p.text, p.starts, p.ends, due_at(rule, p.starts, p.ends, working_days()))])


def catch_up(conn: psycopg.Connection[Any], obligation: str) -> None:
    """Makes the reports of one obligation that a tick would make now: beat may have stood still."""
    today = local_day(store_now(conn))
    wanted = [Wanted(*row[1:]) for row in conn.execute(BEHIND_ONE, {"horizon": today + AHEAD, "one": obligation})]
    if wanted:
        make(conn, wanted, today, working_days())


def tick(dsn: str) -> int:
    """Makes the reports whose time to be made has come; how many. Costs one small query when there are none. Raises as `load` does.

    `dsn`: the store as ioc_loader.
    """
    return in_transaction(dsn, make_ahead)


def make_ahead(conn: psycopg.Connection[Any]) -> int:
    """The same in the current transaction."""
    today = local_day(store_now(conn))
    horizon = {"horizon": today + AHEAD}
    contracts = sorted({row[0] for row in conn.execute(BEHIND_ALL, horizon)})
    if not contracts:
        return 0
    for contract in contracts:
        under_contract(conn, contract)
    # Asked again under the lock: an apply or a removal may have come between.
    wanted = [Wanted(*row[1:]) for row in conn.execute(BEHIND_ALL, horizon)]
    return make(conn, wanted, today, working_days())
