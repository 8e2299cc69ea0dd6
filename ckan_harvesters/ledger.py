"""Lines of the ledger: files, loads, rejected rows; what the current load of a scope is."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from ckan_harvesters.errors import MASK, Rejected
from datasets.model.contract import Resource

State = Literal["done", "done_with_rejects", "refused", "failed", "unchanged"]
Kind = Literal["file", "withdrawal", "tick"]

KEY_OPEN_ELSEWHERE = "key_open_elsewhere"

NEXT_LOAD = "SELECT nextval('ledger.load_id')"
RECORD_FILE = """
INSERT INTO ledger.file AS f (sha256, size, path) VALUES (%s, %s, %s)
ON CONFLICT (sha256) DO UPDATE SET first_seen = now(), erased_at = NULL, erased_why = NULL WHERE f.erased_at IS NOT NULL
"""
RECORD_LOAD = """
INSERT INTO ledger.load (load_id, kind, table_name, ckan_resource, scope, agency, file_sha256, contract_sha256, decoder, job_id, state,
    refused_code, params, simulated, accepted, rejected, elsewhere, added, changed, removed, columns, row_digest,
    received_at, report_period)
VALUES (%(load_id)s, %(kind)s, %(table_name)s, %(ckan_resource)s, %(scope)s, %(agency)s, %(file_sha256)s, %(contract_sha256)s, %(decoder)s,
    %(job_id)s, %(state)s, %(refused_code)s, %(params)s, %(simulated)s, %(accepted)s, %(rejected)s, %(elsewhere)s, %(added)s, %(changed)s,
    %(removed)s, %(columns)s, %(row_digest)s, %(received_at)s, %(report_period)s)
"""
REJECTED = "COPY ledger.rejected_row (load_id, n, line, column_name, rule, masked_value, params) FROM STDIN"

LOADS = "SELECT l.*, e.edition FROM ledger.load l LEFT JOIN ledger.edition e USING (load_id) "
CURRENT_OF_SCOPE = LOADS + (
    "WHERE l.table_name = %s AND l.scope = %s AND l.kind IN ('file', 'withdrawal', 'erasure') AND e.edition IS NOT NULL "
    "ORDER BY e.edition DESC LIMIT 1"
)
ENDED_JOB = LOADS + "WHERE l.job_id = %s AND l.state IN ('done', 'done_with_rejects', 'refused', 'unchanged')"
OF_RESOURCE = """
SELECT c.* FROM (SELECT DISTINCT table_name, scope FROM ledger.load WHERE ckan_resource = %(resource)s) s
CROSS JOIN LATERAL (
    SELECT l.*, e.edition FROM ledger.load l JOIN ledger.edition e USING (load_id)
    WHERE l.table_name = s.table_name AND l.scope = s.scope AND l.kind IN ('file', 'withdrawal', 'erasure')
    ORDER BY e.edition DESC LIMIT 1
) c
WHERE c.kind = 'file' AND c.ckan_resource = %(resource)s
ORDER BY c.table_name, c.scope
"""
LOADS_OF_SCOPE = """
SELECT coalesce(array_agg(l.load_id), '{}') FROM ledger.load l JOIN ledger.edition e USING (load_id)
WHERE l.table_name = %s AND l.scope = %s AND l.kind = 'file'
"""


@dataclass(frozen=True)
class Entry:
    """One load as the ledger has it."""

    load_id: int
    kind: str
    state: State
    edition: int | None
    """None for what changed nothing: refused, failed, unchanged."""
    table_name: str | None
    scope: str
    ckan_resource: str | None
    agency: str | None
    file_sha256: str | None
    contract_sha256: str | None
    decoder: str | None
    simulated: bool
    refused_code: str | None
    params: dict[str, Any]
    accepted: int
    rejected: int
    elsewhere: int
    added: int
    changed: int
    removed: int
    columns: list[str]
    """Columns that its digest covers."""


@dataclass
class Line:
    """A load about to be written; `load_id` is drawn from the sequence before."""

    load_id: int
    kind: Kind
    state: State
    table_name: str | None = None
    ckan_resource: str | None = None
    scope: str = ""
    agency: str | None = None
    file_sha256: str | None = None
    contract_sha256: str | None = None
    decoder: str | None = None
    job_id: str | None = None
    refused_code: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    simulated: bool = False
    accepted: int = 0
    rejected: int = 0
    elsewhere: int = 0
    added: int = 0
    changed: int = 0
    removed: int = 0
    columns: list[str] = field(default_factory=list)
    row_digest: str | None = None
    received_at: datetime | None = None
    """When the publisher uploaded it."""
    report_period: str | None = None
    """Period of the report that it is for."""


def next_load(conn: psycopg.Connection[Any]) -> int:
    """A new load_id; numbers of loads that were rolled back are not used again."""
    row = conn.execute(NEXT_LOAD).fetchone()
    if row is None:
        raise AssertionError("a sequence gave no number")
    return int(row[0])


def record(conn: psycopg.Connection[Any], line: Line) -> None:
    """Writes the load's line. Raises psycopg.errors.UniqueViolation when its job has already ended."""
    conn.execute(RECORD_LOAD, {**vars(line), "params": Jsonb(dict(line.params))})


def record_file(conn: psycopg.Connection[Any], sha256: str, size: int) -> None:
    """Keeps that a file was seen, anew if it had been erased; its path under the folder of files follows from its SHA-256."""
    conn.execute(RECORD_FILE, (sha256, size, f"{sha256[:2]}/{sha256[2:]}"))


def record_rejected(conn: psycopg.Connection[Any], load_id: int, rows: Iterable[Rejected], resource: Resource | None) -> int:
    """Keeps rejected rows in their order, values of personal columns masked; how many."""
    personal = {f.name for f in resource.schema_.fields if f.personal != "none"} if resource else set()
    n = 0
    with conn.cursor() as cursor, cursor.copy(REJECTED) as copy:
        for n, row in enumerate(rows, start=1):
            value = MASK if row.value is not None and row.column in personal else _storable(row.value)
            params = json.dumps(row.params, ensure_ascii=False, default=str).replace("\\u0000", "\\ufffd")
            copy.write_row((load_id, n, row.line, _storable(row.column), row.rule, value, params))
    return n


def ended_job(conn: psycopg.Connection[Any], job_id: str) -> Entry | None:
    """The load that a job ended with, when it has ended before."""
    return _entry(conn, ENDED_JOB, (job_id,))


def current_of_scope(conn: psycopg.Connection[Any], table_name: str, scope: str) -> Entry | None:
    """The load whose rows a scope shows now, a withdrawal included; None when nothing was ever loaded."""
    return _entry(conn, CURRENT_OF_SCOPE, (table_name, scope))


def current_of_resource(conn: psycopg.Connection[Any], ckan_resource: str) -> list[Entry]:
    """Loads that are current and came from this delivery; one, unless its scope or its contract's major version changed."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return [_as_entry(row) for row in cursor.execute(OF_RESOURCE, {"resource": ckan_resource})]


def by_id(conn: psycopg.Connection[Any], load_id: int) -> Entry | None:
    return _entry(conn, LOADS + "WHERE l.load_id = %s", (load_id,))


def loads_of_scope(conn: psycopg.Connection[Any], table_name: str, scope: str) -> list[int]:
    """Loads whose rows, as far as they are open, belong to the scope."""
    row = conn.execute(LOADS_OF_SCOPE, (table_name, scope)).fetchone()
    return list(row[0]) if row else []


def _entry(conn: psycopg.Connection[Any], query: str, parameters: tuple[Any, ...]) -> Entry | None:
    with conn.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(query, parameters).fetchone()
    return _as_entry(row) if row else None


def _as_entry(row: dict[str, Any]) -> Entry:
    return Entry(**{name: row[name] for name in Entry.__dataclass_fields__})


def _storable(value: str | None) -> str | None:
    """PostgreSQL's text holds every character but NUL."""
    return value if value is None else value.replace("\x00", "\ufffd")
