"""The centre's own report: the centre is a publisher under contract too, of what it knows about the supply of all agencies.

It is made from obligations, events and loads, and delivered through CKAN like any other delivery, so that supply has editions, a
history, measures and tiles. A month is delivered again when it was not over at the last delivery, when something happened to its reports
since, and when more or less is owed of it than then; the same bytes are never delivered twice.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

import psycopg

from ckan_harvesters import progress
from ckan_harvesters.applied import Applied, Terms
from ckan_harvesters.clock import store_now
from ckan_harvesters.delivery import SEPARATOR
from ckan_harvesters.desk.written import write_rows
from ckan_harvesters.errors import Gone, TerminalError
from ckan_harvesters.supply.own_rows import OWN, Line, Rows, count_reports, days_to_report, freshness_rows, reports
from datasets.model.calendar import ZONE
from datasets.model.calendar_name import Calendar
from datasets.model.period import Period, periods

log = logging.getLogger(__name__)

REPORTS, FRESHNESS = "reports", "freshness"
RESOURCES = (REPORTS, FRESHNESS)

FIRST_DUE = "SELECT min(due_at) FROM supply.report r JOIN supply.obligation o USING (obligation) WHERE o.contract <> %s AND r.due_at <= %s"
# By the scope: a month of which the centre owed nothing yet is delivered too, for no report of its own.
LAST_LOAD = """
SELECT l.received_at, l.began_at, l.accepted, l.file_sha256 FROM ledger.load l JOIN ledger.dataset d ON d.table_name = l.table_name
WHERE d.dataset = %s AND d.is_current AND l.scope = %s AND l.kind = 'file'
    AND l.state IN ('done', 'done_with_rejects')
ORDER BY l.load_id DESC LIMIT 1
"""
# Whether something was written down about a month's reports since shortly before that load began: its file was made a moment earlier.
HAPPENED = """
SELECT EXISTS (
    SELECT FROM supply.report r
    JOIN supply.obligation o USING (obligation)
    JOIN supply.event e USING (report)
    LEFT JOIN ledger.load l ON l.load_id = e.load_id
    WHERE o.contract <> %s AND r.due_at >= %s AND r.due_at < %s AND coalesce(l.ended_at, e.at) > %s - interval '10 minutes'
)
"""


class Deliverer(Protocol):
    """Who hands a file in at CKAN."""

    def deliver(self, dataset: str, agency: str, period: str, file_name: str, content: bytes, *, simulated: bool) -> str:
        """Id of the CKAN resource."""


@dataclass(frozen=True, slots=True)
class OwnDelivery:
    """One file of the centre's own report."""

    dataset: str
    agency: str
    period: str
    content: bytes
    rows: int
    simulated: bool


def deliver_own_report(dsn: str, portal: Deliverer) -> list[str]:
    """Delivers what changed of the centre's own report; ids of the CKAN resources, none where the contract is not applied.

    `dsn`: the store as ioc_loader. A file that CKAN refuses does not keep back those after it. Raises TransientError when the store or CKAN
    does not answer, and TerminalError or Gone, once all others are delivered, for the first file that CKAN refused.
    """
    with progress.connect(dsn) as conn:
        files = changed_files(conn)
    delivered: list[str] = []
    refused: list[TerminalError | Gone] = []
    for f in files:
        try:
            name = f"{f.dataset}_{f.period}.csv"
            delivered.append(portal.deliver(f.dataset, f.agency, f.period, name, f.content, simulated=f.simulated))
        except (TerminalError, Gone) as error:
            log.error("the own report %s of %s was refused: %s", f.dataset, f.period, error)
            refused.append(error)
    if refused:
        raise refused[0]
    return delivered


def changed_files(conn: psycopg.Connection[Any]) -> list[OwnDelivery]:
    """Files whose content is other than what stands, the oldest month first."""
    applied = Applied(conn)
    now = store_now(conn)
    found: list[OwnDelivery] = []
    for month in _months(conn, now):
        for name in RESOURCES:
            terms = applied.terms(f"{OWN}/{name}")
            if terms is None:
                continue
            file = _changed_file(conn, terms, month, now)
            found += [file] if file is not None else []
    return found


def _months(conn: psycopg.Connection[Any], now: datetime) -> Sequence[Period]:
    """Months from that of the first report that came due to the running one; none before anything was due."""
    row = conn.execute(FIRST_DUE, (OWN, now)).fetchone()
    if row is None or row[0] is None:
        return []
    return list(periods(Calendar.MONTH, _day(row[0]), _day(now)))


def _changed_file(conn: psycopg.Connection[Any], terms: Terms, month: Period, now: datetime) -> OwnDelivery | None:
    resource = terms.resource
    dataset, agency = terms.contract.dataset_name(resource), resource.owner
    last = conn.execute(LAST_LOAD, (dataset, f"{agency}{SEPARATOR}{month.text}")).fetchone()
    # Of a month to which nothing happened since: how many rows it was told in.
    told = last[2] if last is not None and _is_settled(conn, month, last[0], last[1]) else None
    if resource.name == FRESHNESS:
        rows = freshness_rows(conn, days_to_report(month, _day(now)), now)
    elif count_reports(conn, month) == told:
        return None  # without a look at the cells of all deliveries
    else:
        rows = reports(conn, month)
    if not rows.lines or len(rows.lines) == told:
        return None
    content = _written(rows, terms)
    if last is not None and hashlib.sha256(content).hexdigest() == last[3]:
        return None
    return OwnDelivery(dataset, agency, month.text, content, len(rows.lines), rows.simulated)


def _is_settled(conn: psycopg.Connection[Any], month: Period, delivered: datetime, began: datetime) -> bool:
    """Whether a month was over when it was delivered, and nothing happened to its reports since that load began."""
    starts, ends = (datetime(day.year, day.month, day.day, tzinfo=ZONE) for day in (month.starts, month.ends))
    if delivered < ends:
        return False
    row = conn.execute(HAPPENED, (OWN, starts, ends, began)).fetchone()
    return row is not None and not row[0]


def _written(rows: Rows, terms: Terms) -> bytes:
    """The file as the contract says."""
    fields = terms.resource.schema_.fields
    table = [[_text(line, field.column) for field in fields] for line in rows.lines]
    return write_rows([field.name for field in fields], table, terms.resource).data


def _text(line: Line, column: str) -> str:
    value = line[column]
    return "" if value is None else value.isoformat() if isinstance(value, date) else str(value)


def _day(moment: datetime) -> date:
    return moment.astimezone(ZONE).date()
