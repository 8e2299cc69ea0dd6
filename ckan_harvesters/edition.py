"""Editions: the digest of what a load changed, the chain of hashes, and their verification.

The digest of a load is SHA-256 over the rows it added and then the rows it closed, each as PostgreSQL's text COPY writes them (UTC, ISO
dates) with the load's columns and `line`: those added in order of line and key, a line `\\.`, those closed with their load_id before, in
order of load_id, line and key. Text is ordered by its bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

ADDED = "COPY (SELECT {columns}, line FROM {table} WHERE load_id = {load}{open} ORDER BY line, {order}) TO STDOUT"
CLOSED = "COPY (SELECT load_id, {columns}, line FROM {table} WHERE closed_by = {load} ORDER BY load_id, line, {order}) TO STDOUT"
SEPARATOR = b"\\.\n"

REMOVED_TABLES = "removed_tables"
"""Key in the params of a load that removed a contract: its tables, of all major versions."""

TEXT_FORM = (
    "SELECT set_config('timezone', 'UTC', true), set_config('datestyle', 'ISO, YMD', true), set_config('extra_float_digits', '1', true)"
)

CHAIN = """
SELECT e.edition, e.committed_at, e.prev_hash, e.hash, l.load_id, l.kind, l.table_name, l.scope, l.file_sha256, l.contract_sha256,
    l.decoder, l.accepted, l.rejected, l.added, l.changed, l.removed, l.columns, l.row_digest, l.params
FROM ledger.edition e JOIN ledger.load l USING (load_id) ORDER BY e.edition
"""
COLUMN_TYPES = """
SELECT attname, atttypid = 'text'::regtype FROM pg_attribute
WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped
"""


@dataclass(frozen=True)
class Broken:
    """An edition that is not what its hash or its digest says."""

    edition: int
    what: str


def publish(conn: psycopg.Connection[Any], load_id: int) -> int:
    """Gives the load the next edition, hashed and announced on channel `ioc_edition`. The last statement before COMMIT."""
    row = conn.execute("SELECT ledger.publish(%s)", (load_id,)).fetchone()
    if row is None:
        raise AssertionError("ledger.publish gave no row")
    return int(row[0])


def row_digest(conn: psycopg.Connection[Any], table_name: str, columns: Sequence[str], load_id: int, just_loaded: bool = False) -> str:
    """Digest of what a load changed in its table, in hexadecimal.

    `just_loaded`: in the load's own transaction, where all that it added is still open and found by the index.
    """
    conn.execute(TEXT_FORM)
    table = table_name.split(".")
    text = dict(conn.execute(COLUMN_TYPES, (".".join(f'"{part}"' for part in table),)).fetchall())
    parts: dict[str, sql.Composable] = {
        "columns": sql.SQL(", ").join(map(sql.Identifier, columns)),
        "table": sql.Identifier(*table),
        "load": sql.Literal(load_id),
        "open": sql.SQL(" AND closed_by IS NULL" if just_loaded else ""),
        "order": sql.SQL(", ").join(
            sql.SQL('{} COLLATE "C"' if text.get(c) else "{}").format(sql.Identifier(c)) for c in _key_of(conn, table_name)
        ),
    }
    digest = hashlib.sha256()
    with conn.cursor() as cursor:
        for number, query in enumerate((ADDED, CLOSED)):
            if number:
                digest.update(SEPARATOR)
            with cursor.copy(sql.SQL(query).format(**parts)) as copy:
                for block in copy:
                    digest.update(block)
    return digest.hexdigest()


def edition_hash(row: dict[str, Any], prev: str) -> str:
    """Hash of an edition from its line and its load's, the way `ledger.edition_text` writes them."""
    at: datetime = row["committed_at"].astimezone(UTC)
    counts = ",".join(str(row[name]) for name in ("accepted", "rejected", "added", "changed", "removed"))
    lines = (
        f"edition={row['edition']}",
        f"prev={prev}",
        f"load={row['load_id']}",
        f"kind={row['kind']}",
        f"table={row['table_name'] or ''}",
        f"scope={row['scope']}",
        f"file={row['file_sha256'] or ''}",
        f"contract={row['contract_sha256'] or ''}",
        f"decoder={row['decoder'] or ''}",
        f"counts={counts}",
        f"rows={row['row_digest'] or ''}",
        f"at={at:%Y-%m-%dT%H:%M:%S.%f}Z",
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def tables_digest(tables: Sequence[str]) -> str:
    """What an edition that removes a contract has in place of its rows' digest: that of its tables' names, in their order."""
    return hashlib.sha256("\n".join(tables).encode()).hexdigest()


def verify(conn: psycopg.Connection[Any], rows: bool = False) -> list[Broken]:
    """Recomputes the chain from its first edition, and with `rows` the digests of the rows too; what does not agree, in order.

    Rows of a table that a later edition removed with its contract are gone and not asked for. A table that is not there without such an
    edition is broken.
    """
    broken: list[Broken] = []
    expected, prev = 1, ""
    with conn.transaction(), conn.cursor(row_factory=dict_row) as cursor:
        chain = cursor.execute(CHAIN).fetchall()
        removed = {table: row["edition"] for row in chain for table in _removed_tables(row)}
        for row in chain:
            whats = []
            if row["edition"] != expected:
                whats.append(f"edition {expected} is missing before it")
            if row["prev_hash"] != prev:
                whats.append("it does not follow the hash of the edition before")
            if edition_hash(row, prev) != row["hash"]:
                whats.append("its hash is not that of its line in the ledger")
            if row["kind"] == "contract" and row["contract_sha256"] is None and not _removed_tables(row):
                whats.append("the tables it removed are not those of its digest")
            if rows and row["columns"] and removed.get(row["table_name"], 0) < row["edition"]:
                whats += _rows_that_differ(conn, row)
            broken += [Broken(row["edition"], what) for what in whats]
            expected, prev = row["edition"] + 1, row["hash"]
    return broken


def _removed_tables(row: dict[str, Any]) -> list[str]:
    """Tables that an edition removed; none when it names others than its digest covers."""
    tables: list[str] = row["params"].get(REMOVED_TABLES, []) if row["kind"] == "contract" and row["contract_sha256"] is None else []
    return tables if tables_digest(tables) == row["row_digest"] else []


def _rows_that_differ(conn: psycopg.Connection[Any], row: dict[str, Any]) -> list[str]:
    there = conn.execute("SELECT to_regclass(%s) IS NOT NULL", (".".join(f'"{part}"' for part in row["table_name"].split(".")),)).fetchone()
    if there is None or not there[0]:
        return [f"the table {row['table_name']} is not there, and no edition removed it"]
    if row_digest(conn, row["table_name"], row["columns"], row["load_id"]) == row["row_digest"]:
        return []
    return [f"the rows that load {row['load_id']} added and closed are not those of its digest"]


def _key_of(conn: psycopg.Connection[Any], table_name: str) -> list[str]:
    query = """
    SELECT a.attname FROM pg_index i CROSS JOIN unnest(i.indkey) WITH ORDINALITY AS k (attnum, n)
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
    WHERE i.indrelid = to_regclass(%s) AND i.indisprimary AND a.attname <> 'load_id' ORDER BY k.n
    """
    return [row[0] for row in conn.execute(query, (".".join(f'"{part}"' for part in table_name.split(".")),))]
