"""Events of reports, written in the transaction of the load, the refusal or the withdrawal that they are about."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from ckan_harvesters.clock import store_now
from ckan_harvesters.ledger import Entry, Line
from ckan_harvesters.supply.report_of import Report

SET_CLOCK = "SELECT at FROM supply.clock"
EVENT = """
INSERT INTO supply.event (report, at, kind, received_at, load_id, ckan_resource, by, details)
VALUES (%(report)s, supply.now(), %(kind)s, %(received_at)s, %(load_id)s, %(ckan_resource)s, %(by)s, %(details)s)
"""
COUNTED = "SELECT FROM supply.event WHERE load_id = %s AND report = %s AND kind = ANY (%s) AND NOT details ? 'again'"
# The last report that the load stands for: the one that is withdrawn with it.
STANDS_FOR = """
SELECT e.report FROM supply.event e
WHERE e.load_id = %s AND NOT e.details ? 'again' AND e.kind IN ('accepted', 'zero') ORDER BY e.event DESC LIMIT 1
"""
WITHDRAWN = """
INSERT INTO supply.event (report, at, kind, load_id, ckan_resource) VALUES (%s, supply.now(), 'withdrawn', %s, %s) RETURNING event
"""
# Of a report made up of several deliveries the others stand as they came.
AGAIN = """
INSERT INTO supply.event (report, at, kind, received_at, load_id, ckan_resource, by, details)
SELECT e.report, supply.now(), e.kind, e.received_at, e.load_id, e.ckan_resource, e.by, e.details || '{"again": true}'
FROM supply.event e
WHERE e.report = %(report)s AND e.kind IN ('accepted', 'zero') AND e.event < %(withdrawn)s AND e.ckan_resource <> %(ckan_resource)s
    AND e.event > (
        SELECT coalesce(max(w.event), 0) FROM supply.event w
        WHERE w.report = %(report)s AND w.kind = 'withdrawn' AND w.event < %(withdrawn)s
    )
ORDER BY e.event
"""


def received_at(conn: psycopg.Connection[Any], uploaded_at: datetime | None) -> datetime:
    """When a delivery counts as received: the moment of its upload, never after now; by a clock that is set, now."""
    now = store_now(conn)
    if uploaded_at is None or conn.execute(SET_CLOCK).fetchone() is not None:
        return now
    return min(uploaded_at, now)


def accepted(
    conn: psycopg.Connection[Any], report: Report, line: Line, zero_by: str | None = None, units: tuple[int, int] | None = None
) -> None:
    """The delivery was loaded. `zero_by`: who declared that there is nothing; `units`: how many units it has, and how many it should."""
    details: dict[str, Any] = {"accepted": line.accepted, "rejected": line.rejected, "simulated": line.simulated}
    if units is not None:
        details |= {"units_present": units[0], "units_expected": units[1]}
    is_zero = zero_by is not None and line.accepted == 0 and line.rejected == 0
    _event(conn, report, "zero" if is_zero else "accepted", line, line.load_id, details, zero_by if is_zero else None)


def still_accepted(conn: psycopg.Connection[Any], report: Report, line: Line, standing: Entry, zero_by: str | None = None) -> None:
    """The very file that load `standing` brought was delivered again: for another report it counts too, to the same it adds nothing."""
    is_zero = zero_by is not None and standing.accepted == 0 and standing.rejected == 0
    kinds = ["zero"] if is_zero else ["accepted", "zero"]
    if conn.execute(COUNTED, (standing.load_id, report.report, kinds)).fetchone() is None:
        details = {"accepted": standing.accepted, "rejected": standing.rejected, "simulated": standing.simulated}
        _event(conn, report, kinds[0], line, standing.load_id, details, zero_by if is_zero else None)


def refused(conn: psycopg.Connection[Any], report: Report, line: Line) -> None:
    """The delivery was refused; what was accepted before goes on standing."""
    details = {"refused_code": line.refused_code, "simulated": line.simulated}
    _event(conn, report, "refused", line, line.load_id, details, None)


def withdrawn(conn: psycopg.Connection[Any], load_id: int, standing: int, ckan_resource: str | None) -> None:
    """The delivery that load `standing` had brought was withdrawn by load `load_id`."""
    row = conn.execute(STANDS_FOR, (standing,)).fetchone()
    if row is None:
        return
    event = conn.execute(WITHDRAWN, (row[0], load_id, ckan_resource)).fetchone()
    if event is None:
        raise AssertionError("an insert gave no event")
    conn.execute(AGAIN, {"report": row[0], "withdrawn": event[0], "ckan_resource": ckan_resource})


def _event(
    conn: psycopg.Connection[Any], report: Report, kind: str, line: Line, load_id: int, details: dict[str, Any], by: str | None
) -> None:
    values = {"report": report.report, "kind": kind, "received_at": line.received_at, "load_id": load_id}
    conn.execute(EVENT, {**values, "ckan_resource": line.ckan_resource, "by": by, "details": Jsonb(details)})
