"""Excuses: someone of the steering committee or its working group lets an agency off one report, up to a moment."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import psycopg

from ckan_harvesters.clock import store_now
from datasets.model.explain import nearest
from datasets.model.reference import Reference

REPORT = """
SELECT report, due_at, excused_until, (SELECT e.at FROM supply.event e WHERE e.event = r.last_event) AS last_at
FROM supply.report r WHERE obligation = %s AND period = %s
"""
OBLIGATIONS = "SELECT obligation FROM supply.obligation ORDER BY 1"
PERIODS = "SELECT period FROM supply.report WHERE obligation = %s ORDER BY due_at DESC LIMIT 3"
EVENT = "INSERT INTO supply.event (report, at, kind, by, until, note) VALUES (%s, supply.now(), %s, %s, %s, %s) RETURNING event"


class ExcuseError(ValueError):
    """An excuse that cannot be given; says what to write."""


def excuse(
    conn: psycopg.Connection[Any], obligation: str, period: str, *, until: datetime, by: str, reason: str, reference: Reference
) -> int:
    """Excuses a report up to a moment, in the current transaction; the number of the event.

    `conn`: as ioc_owner or ioc_loader; `obligation`: `dataset@agency`; `by`: a position of the steering committee or the working group.
    The last excuse counts: another one replaces it. Raises ExcuseError.
    """
    report, due = _report(conn, obligation, period)[:2]
    _may_excuse(by, reference)
    if not reason.strip():
        raise ExcuseError("an excuse has a reason; write why the report may come later")
    if until.tzinfo is None:
        raise ExcuseError(f"{until} has no time zone; write a moment with its offset, like 2026-12-01T17:00:00+07:00")
    now = store_now(conn)
    if until <= max(due, now):
        raise ExcuseError(f"until is {until}; write a moment after {max(due, now)}: the report is due at {due}")
    return _event(conn, report, "excused", by, until, reason.strip())


def end_excuse(conn: psycopg.Connection[Any], obligation: str, period: str, *, by: str, reason: str, reference: Reference) -> int:
    """Ends the excuse of a report, in the current transaction; the number of the event. Raises ExcuseError as `excuse`."""
    report, _, until = _report(conn, obligation, period)
    _may_excuse(by, reference)
    if until is None:
        raise ExcuseError(f"{obligation} is not excused for {period}; there is nothing to end")
    return _event(conn, report, "excuse_ended", by, None, reason.strip() or None)


def _report(conn: psycopg.Connection[Any], obligation: str, period: str) -> tuple[int, datetime, datetime | None]:
    row = conn.execute(REPORT, (obligation, period)).fetchone()
    if row is not None:
        return row[0], row[1], row[2]
    known = [name for (name,) in conn.execute(OBLIGATIONS)]
    if obligation not in known:
        like = nearest(obligation, known)
        raise ExcuseError(
            f"{obligation!r} is no obligation; " + (f"did you mean {like!r}?" if like else "./ioc supply lists those that are")
        )
    periods = ", ".join(text for (text,) in conn.execute(PERIODS, (obligation,))) or "none yet"
    raise ExcuseError(f"{obligation} expects no report of {period!r}; the last it expects are {periods}")


def _may_excuse(by: str, reference: Reference) -> None:
    bodies = sorted(name for name, position in reference.positions.items() if position.body is not None)
    if by not in bodies:
        raise ExcuseError(f"{by!r} is no position of the steering committee or its working group; write one of {', '.join(bodies)}")


def _event(conn: psycopg.Connection[Any], report: int, kind: str, by: str, until: datetime | None, note: str | None) -> int:
    row = conn.execute(EVENT, (report, kind, by, until, note)).fetchone()
    if row is None:
        raise AssertionError("an insert gave no event")
    return int(row[0])
