"""Loads that are no file: a contract applied or removed, units brought up to date. Each has an edition."""

from __future__ import annotations

from typing import Any, Literal

import psycopg

RECORD = """
INSERT INTO ledger.load (kind, scope, contract_sha256, state, accepted, row_digest)
VALUES (%(kind)s, %(scope)s, %(contract_sha256)s, 'done', %(accepted)s, %(row_digest)s)
RETURNING load_id
"""


def begin(
    conn: psycopg.Connection[Any],
    kind: Literal["contract", "units"],
    scope: str,
    contract_sha256: str | None = None,
    accepted: int = 0,
    row_digest: str | None = None,
) -> int:
    """Records the load in the current transaction, so that rows can name it; its load_id. It is no edition before `publish`."""
    values = {"kind": kind, "scope": scope, "contract_sha256": contract_sha256, "accepted": accepted, "row_digest": row_digest}
    row = conn.execute(RECORD, values).fetchone()
    if row is None:
        raise AssertionError("an insert gave no load_id")
    return int(row[0])


def publish(conn: psycopg.Connection[Any], load_id: int) -> int:
    """Gives the load the next edition, as the last statement of the current transaction; the edition."""
    row = conn.execute("SELECT ledger.publish(%s)", (load_id,)).fetchone()
    if row is None:
        raise AssertionError("ledger.publish gave no row")
    return int(row[0])
