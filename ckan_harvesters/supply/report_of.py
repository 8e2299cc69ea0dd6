"""Which report a delivery is for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg

from ckan_harvesters.ledger import Line
from ckan_harvesters.supply.reports import catch_up, make_one
from datasets.model.contract import Contract, Resource, Scope
from datasets.model.period import period

OBLIGATION = "SELECT obligation, calendar, due_rule, valid_from, valid_to FROM supply.obligation WHERE dataset = %s AND agency = %s"
REPORT = "SELECT report, period, ends FROM supply.report WHERE obligation = %s AND period = %s"
# An upload that is read anew (another contract, another decoder) stays what it was delivered for.
SAME_UPLOAD = """
SELECT report_period FROM ledger.load
WHERE ckan_resource = %s AND received_at = %s AND report_period IS NOT NULL ORDER BY load_id DESC LIMIT 1
"""
OWED_LAST = """
SELECT period FROM supply.report WHERE obligation = %s AND due_at <= %s AND received_at IS NULL ORDER BY due_at DESC, starts DESC LIMIT 1
"""
DUE_NEXT = "SELECT period FROM supply.report WHERE obligation = %s AND due_at > %s ORDER BY due_at, starts LIMIT 1"


@dataclass(frozen=True)
class Report:
    """One expected report."""

    report: int
    period: str
    ends: date
    """First day after its period."""


def report_for(conn: psycopg.Connection[Any], contract: Contract, resource: Resource, line: Line, wanted: str | None) -> Report | None:
    """The report that a delivery is for, noted in its line; None when its agency owes none of that period.

    A delivery by period is for that period. Another is for the period `wanted` that it names, and for none when that one is not owed, as a
    table of last year is not the report of this month; else for the one that the same upload was for before, else for the last that was due
    without having come, else for the one that is due next.
    """
    row = conn.execute(OBLIGATION, (contract.dataset_name(resource), line.agency)).fetchone()
    if row is None:
        return None
    report = (
        _of_period(conn, row, line.scope.rpartition("|")[2])
        if resource.delivery.scope is Scope.PERIOD
        else _chosen(conn, row, line, wanted)
    )
    line.report_period = report.period if report else None
    return report


def _chosen(conn: psycopg.Connection[Any], obligation: tuple[Any, ...], line: Line, wanted: str | None) -> Report | None:
    if wanted and _is_period(obligation[1], wanted):
        return _of_period(conn, obligation, wanted)
    before = conn.execute(SAME_UPLOAD, (line.ckan_resource, line.received_at)).fetchone()
    if before and (found := _of_period(conn, obligation, before[0])):
        return found
    catch_up(conn, obligation[0])
    parameters = (obligation[0], line.received_at)
    row = conn.execute(OWED_LAST, parameters).fetchone() or conn.execute(DUE_NEXT, parameters).fetchone()
    return _of_period(conn, obligation, row[0]) if row else None


def _of_period(conn: psycopg.Connection[Any], obligation: tuple[Any, ...], text: str) -> Report | None:
    """The report of a period, made now when it is owed and lies further ahead than reports are made."""
    name, calendar, rule, valid_from, valid_to = obligation
    row = conn.execute(REPORT, (name, text)).fetchone()
    if row is None:
        if not _is_period(calendar, text):
            return None  # another calendar's period, or none at all: nothing is owed of it
        wanted = period(calendar, text)
        if wanted.ends <= valid_from or (valid_to is not None and wanted.starts >= valid_to):
            return None
        make_one(conn, name, rule, wanted)
        row = conn.execute(REPORT, (name, text)).fetchone()
    return Report(*row) if row else None


def _is_period(calendar: str, text: str) -> bool:
    try:
        period(calendar, text)
    except ValueError:
        return False
    return True
