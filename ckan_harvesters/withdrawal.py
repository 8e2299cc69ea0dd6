"""Withdrawals: the open rows of a delivery are closed by a load of their own."""

from __future__ import annotations

from typing import Any

import psycopg

from ckan_harvesters import ledger, measure, supply
from ckan_harvesters.clock import now
from ckan_harvesters.difference import close_all
from ckan_harvesters.edition import publish, row_digest
from ckan_harvesters.outcome import Outcome, Within
from ckan_harvesters.transaction import in_transaction, lock

CONTRACTS = """
SELECT DISTINCT d.contract FROM ledger.load l JOIN ledger.dataset d USING (table_name) WHERE l.ckan_resource = %s ORDER BY d.contract
"""


def withdraw(dsn: str, ckan_resource: str, within: Within | None = None) -> Outcome | None:
    """Closes every open row of a delivery that is no longer in CKAN, as a new edition; None when it has none. Raises as `load` does."""
    return in_transaction(dsn, lambda conn: _withdraw(conn, ckan_resource, within))


def _withdraw(conn: psycopg.Connection[Any], ckan_resource: str, within: Within | None) -> Outcome | None:
    for row in conn.execute(CONTRACTS, (ckan_resource,)).fetchall():
        measure.under_contract(conn, row[0])
    lock(conn, f"delivery {ckan_resource}")
    entries = ledger.current_of_resource(conn, ckan_resource)
    for entry in entries:
        lock(conn, f"scope {entry.table_name} {entry.scope}")
    lines = [close_scope(conn, entry, within) for entry in entries]
    measure.compute(
        conn,
        [measure.Change(entry.table_name or "", line.load_id, gone=(entry.scope,)) for entry, line in zip(entries, lines, strict=True)],
        now(),
    )
    outcome = None
    for line in lines:
        outcome = Outcome("done", publish(conn, line.load_id), line.load_id, removed=line.removed)
    return outcome


def close_scope(conn: psycopg.Connection[Any], entry: ledger.Entry, within: Within | None = None) -> ledger.Line:
    """Closes the open rows of a scope whose lock is held and records the withdrawal; the caller publishes it at the end."""
    table_name = entry.table_name or ""
    load_id = ledger.next_load(conn)
    removed = close_all(conn, table_name, ledger.loads_of_scope(conn, table_name, entry.scope), load_id)
    if within is not None:
        within(conn, load_id)
    line = ledger.Line(
        load_id=load_id,
        kind="withdrawal",
        state="done",
        table_name=table_name,
        ckan_resource=entry.ckan_resource,
        scope=entry.scope,
        agency=entry.agency,
        contract_sha256=entry.contract_sha256,
        simulated=entry.simulated,
        removed=removed,
        columns=entry.columns,
        row_digest=row_digest(conn, table_name, entry.columns, load_id, just_loaded=True),
    )
    ledger.record(conn, line)
    supply.withdrawn(conn, load_id, entry.load_id, entry.ckan_resource)
    return line
