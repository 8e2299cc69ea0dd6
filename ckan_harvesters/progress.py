"""How far the harvest is with each delivery (`ledger.delivery`): what the poll compares CKAN with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from ckan_harvesters.delivery import Delivery
from ckan_harvesters.errors import TransientError

Connection = psycopg.Connection[Any]

FINAL = ("done", "done_with_rejects", "refused", "withdrawn")
ACCEPTED = ("done", "done_with_rejects")
CONNECT_SECONDS = 10

LOCK = "SELECT pg_try_advisory_lock(hashtextextended('harvest ' || %s, 0))"
UNLOCK = "SELECT pg_advisory_unlock(hashtextextended('harvest ' || %s, 0))"

COLUMNS = """
    ckan_resource, dataset, dataset_id, contract_resource, agency, fingerprint, state, generation, attempts, ended_at,
    next_try_at, etag, file_sha256, contract_sha256, receipt, receipt_sent_at
"""
FIND = f"SELECT {COLUMNS} FROM ledger.delivery WHERE ckan_resource = %s"  # noqa: S608 - constant text
FIND_ALL = f"SELECT {COLUMNS} FROM ledger.delivery ORDER BY began_at, ckan_resource"  # noqa: S608
BEGIN = """
INSERT INTO ledger.delivery AS d
    (ckan_resource, dataset, dataset_id, contract_resource, agency, fingerprint, state, attempts, contract_sha256)
VALUES
    (%(ckan_resource)s, %(dataset)s, %(dataset_id)s, %(contract_resource)s, %(agency)s, %(fingerprint)s, 'checking', 1, %(contract)s)
ON CONFLICT (ckan_resource) DO UPDATE SET
    dataset = excluded.dataset, dataset_id = excluded.dataset_id, contract_resource = excluded.contract_resource, agency = excluded.agency,
    attempts = CASE WHEN (d.fingerprint, d.contract_sha256) IS NOT DISTINCT FROM (excluded.fingerprint, excluded.contract_sha256)
        AND d.state IN ('checking', 'failed') THEN d.attempts + 1 ELSE 1 END,
    fingerprint = excluded.fingerprint, contract_sha256 = excluded.contract_sha256, state = 'checking',
    began_at = clock_timestamp(), ended_at = NULL, next_try_at = NULL, error = NULL
RETURNING attempts
"""
FILE = "UPDATE ledger.delivery SET etag = %s, file_sha256 = %s WHERE ckan_resource = %s"
END = """
UPDATE ledger.delivery SET state = %(state)s, receipt = %(receipt)s, receipt_sent_at = NULL, error = %(error)s,
    ended_at = clock_timestamp(), generation = generation + (%(state)s = 'withdrawn')::int,
    next_try_at = clock_timestamp() + %(retry_seconds)s * interval '1 second'
WHERE ckan_resource = %(ckan_resource)s
"""
SENT = "UPDATE ledger.delivery SET receipt_sent_at = clock_timestamp() WHERE ckan_resource = %s"
RETRY_FAILED = "UPDATE ledger.delivery SET next_try_at = clock_timestamp() WHERE state = 'failed' AND next_try_at IS NULL"
REOPEN = """
UPDATE ledger.delivery SET state = 'failed', next_try_at = clock_timestamp(), generation = generation + 1
WHERE dataset_id = %s AND state = 'refused' AND receipt ->> 'refused_code' = 'duplicate_scope'
"""
UNSENT = "UPDATE ledger.delivery SET receipt_sent_at = NULL WHERE ckan_resource = %s"
READ_CURSOR = "SELECT value FROM ledger.cursor WHERE name = %s"
WRITE_CURSOR = """
INSERT INTO ledger.cursor (name, value) VALUES (%s, %s)
ON CONFLICT (name) DO UPDATE SET value = excluded.value, at = clock_timestamp()
"""


@dataclass(frozen=True)
class Known:
    """One delivery as it was last begun."""

    ckan_resource: str
    dataset: str
    dataset_id: str
    contract_resource: str
    agency: str
    fingerprint: str
    state: str
    generation: int
    attempts: int
    ended_at: datetime | None
    next_try_at: datetime | None
    etag: str | None
    file_sha256: str | None
    contract_sha256: str | None
    receipt: dict[str, Any] | None
    receipt_sent_at: datetime | None

    def has_ended(self, fingerprint: str, contract_sha256: str) -> bool:
        """Whether nothing is left to do for a delivery that CKAN describes so.

        What was refused or failed is looked at again under another contract; what was accepted stays.
        """
        if self.fingerprint != fingerprint:
            return False
        if self.state in ACCEPTED:
            return True
        if self.contract_sha256 != contract_sha256:
            return False
        return self.state == "refused" or (self.state == "failed" and self.next_try_at is None)

    def may_begin(self, now: datetime) -> bool:
        """Whether the poll should begin it now: a failure of the platform waits until its next try."""
        return self.state != "failed" or self.next_try_at is None or self.next_try_at <= now


def connect(store_url: str) -> Connection:
    """A connection of its own, each statement its own transaction. Raises TransientError."""
    try:
        return psycopg.connect(store_url, autocommit=True, connect_timeout=CONNECT_SECONDS, application_name="ioc-harvest")
    except psycopg.OperationalError as error:
        raise TransientError(f"The store did not answer: {error}.") from error


@contextmanager
def alone(conn: Connection, ckan_resource: str) -> Iterator[bool]:
    """Hold the delivery's lock for the block; gives False when another worker holds it.

    PostgreSQL lets go of it by itself when the connection of a killed worker ends.
    """
    row = conn.execute(LOCK, (ckan_resource,)).fetchone()
    held = bool(row and row[0])
    try:
        yield held
    finally:
        if held and not conn.closed:
            conn.execute(UNLOCK, (ckan_resource,))


def find(conn: Connection, ckan_resource: str) -> Known | None:
    """What is known of a delivery."""
    with conn.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(FIND, (ckan_resource,)).fetchone()
    return Known(**row) if row else None


def find_all(conn: Connection) -> list[Known]:
    """All deliveries ever begun, longest ago first."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return [Known(**row) for row in cursor.execute(FIND_ALL)]


def begin(conn: Connection, delivery: Delivery, contract_sha256: str) -> int:
    """Note that work begins; gives how often it began for this file and contract without coming to an end."""
    given = {
        "ckan_resource": delivery.ckan_resource,
        "dataset": delivery.dataset,
        "dataset_id": delivery.dataset_id,
        "contract_resource": delivery.contract_resource,
        "agency": delivery.agency,
        "fingerprint": delivery.fingerprint,
        "contract": contract_sha256,
    }
    row = conn.execute(BEGIN, given).fetchone()
    return int(row[0]) if row else 1


def remember_file(conn: Connection, ckan_resource: str, etag: str | None, sha256: str) -> None:
    """Keep what the next conditional request asks with."""
    conn.execute(FILE, (etag, sha256, ckan_resource))


def end(
    conn: Connection,
    ckan_resource: str,
    state: str,
    receipt: dict[str, Any] | None,
    error: str | None = None,
    retry_seconds: int | None = None,
) -> None:
    """Note how the work ended; the receipt counts as unsent until `sent`."""
    given = {
        "ckan_resource": ckan_resource,
        "state": state,
        "receipt": Jsonb(receipt) if receipt is not None else None,
        "error": error,
        "retry_seconds": retry_seconds,
    }
    conn.execute(END, given)


def sent(conn: Connection, ckan_resource: str) -> None:
    """Note that CKAN took the receipt."""
    conn.execute(SENT, (ckan_resource,))


def unsent(conn: Connection, ckan_resource: str) -> None:
    """Note that CKAN lacks the receipt."""
    conn.execute(UNSENT, (ckan_resource,))


def retry_failed(conn: Connection) -> int:
    """Let what failed for good be tried once more, since the platform may have been repaired; gives how many."""
    return conn.execute(RETRY_FAILED).rowcount


def reopen(conn: Connection, dataset_id: str) -> int:
    """Let deliveries that were refused for a scope already taken be looked at again, since one was withdrawn; gives how many."""
    return conn.execute(REOPEN, (dataset_id,)).rowcount


def read_cursor(conn: Connection, name: str) -> str | None:
    """How far a recurring search came."""
    row = conn.execute(READ_CURSOR, (name,)).fetchone()
    return str(row[0]) if row else None


def write_cursor(conn: Connection, name: str, value: str) -> None:
    """Note how far a recurring search came, and that it ran."""
    conn.execute(WRITE_CURSOR, (name, value))
