"""Deliveries of an agency in a dataset, and what one of them changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from psycopg import sql
from psycopg.rows import dict_row

from ckan_harvesters.applied import Applied
from ckan_harvesters.delivery import SEPARATOR
from ckan_harvesters.desk.asked import Asked, Unanswerable
from ckan_harvesters.desk.cells import cell
from ckan_harvesters.desk.form import title
from ckan_harvesters.desk.owed import plain
from ckan_harvesters.desk.store import Connection
from ckan_harvesters.errors import MASK
from datasets.model.contract import ContractField, Resource

MOST_DELIVERIES = 500
LISTED = 500

HISTORY = """
SELECT l.load_id, e.edition, l.kind, l.state, CASE WHEN d.whole THEN l.report_period ELSE split_part(l.scope, '|', 2) END AS period,
    l.received_at, e.committed_at, l.ended_at, l.accepted, l.rejected, l.added, l.changed, l.removed, l.file_sha256, l.refused_code,
    l.ckan_resource, l.simulated
FROM ledger.load l LEFT JOIN ledger.edition e USING (load_id) CROSS JOIN (SELECT %(whole)s::boolean AS whole) d
WHERE l.table_name IN (SELECT table_name FROM ledger.dataset WHERE dataset = %(dataset)s) AND l.agency = %(agency)s
    AND l.kind IN ('file', 'withdrawal', 'erasure') AND l.state <> 'failed'
    AND (%(period)s::text IS NULL OR CASE WHEN d.whole THEN l.report_period = %(period)s ELSE l.scope = %(scope)s END)
ORDER BY l.load_id DESC LIMIT %(most)s
"""
LOAD = """
SELECT l.table_name, l.scope, l.agency, e.edition, d.contract || '/' || d.resource, d.dataset
FROM ledger.load l JOIN ledger.edition e USING (load_id) JOIN ledger.dataset d USING (table_name)
WHERE l.load_id = %s AND l.kind IN ('file', 'withdrawal', 'erasure')
"""
READABLE = "SELECT column_name FROM information_schema.columns WHERE table_schema = %s AND table_name = %s"

# A row stood after edition `since` and was closed until `upto`, or was opened in between and still stood: keys that have both were changed.
DIFFERENCE = """
WITH delivered AS (
    SELECT {columns}, u.code AS unit_code, t.line, o.edition AS opened, c.edition AS closed
    FROM {table} t
    JOIN (SELECT l.load_id, e.edition FROM ledger.load l JOIN ledger.edition e USING (load_id)
          WHERE l.table_name = %(table)s AND l.scope = %(scope)s) o USING (load_id)
    LEFT JOIN ledger.edition c ON c.load_id = t.closed_by
    LEFT JOIN ref.unit u ON u.unit_id = t.unit_id
), before AS (
    SELECT * FROM delivered WHERE opened <= %(since)s AND closed > %(since)s AND closed <= %(upto)s
), after AS (
    SELECT * FROM delivered WHERE opened > %(since)s AND opened <= %(upto)s AND (closed IS NULL OR closed > %(upto)s)
), paired AS (
    SELECT CASE WHEN b.opened IS NULL THEN 'added' WHEN a.opened IS NULL THEN 'removed' ELSE 'changed' END AS kind,
        a.line, b.line AS line_before,
        {pairs}
    FROM before b FULL JOIN after a ON {key}
)
SELECT count(*) FILTER (WHERE kind = 'added') OVER () AS n_added, count(*) FILTER (WHERE kind = 'changed') OVER () AS n_changed,
    count(*) FILTER (WHERE kind = 'removed') OVER () AS n_removed, paired.*
FROM paired ORDER BY array_position(ARRAY['changed', 'added', 'removed'], kind), coalesce(line, line_before) LIMIT %(most)s
"""


def history(conn: Connection, asked: Asked) -> dict[str, Any]:
    """Deliveries and withdrawals, the newest first; with a period, those for it."""
    whole = asked.resource.delivery.scope.value != "period"
    given = {
        "dataset": asked.dataset, "agency": asked.agency, "period": asked.period, "whole": whole,
        "scope": f"{asked.agency}{SEPARATOR}{asked.period}", "most": MOST_DELIVERIES,
    }  # fmt: skip
    with conn.cursor(row_factory=dict_row) as cursor:
        found = [{name: plain(value) for name, value in row.items()} for row in cursor.execute(HISTORY, given)]
    return {"deliveries": found}


@dataclass(frozen=True)
class Compared:
    """Two states of one scope."""

    table: str
    scope: str
    resource: Resource
    since: int
    """Edition after which rows are compared."""
    upto: int
    about: dict[str, str | None]
    """dataset, agency and period, so that CKAN sees whose it is."""


def difference(conn: Connection, load: int, before: int | None, language: str = "vi") -> dict[str, Any]:
    """Rows added, changed and removed by a delivery, or from the delivery `before` to it; cells as the contract writes them.

    Raises Unanswerable `unknown_load`.
    """
    compared = _compared(conn, load, before)
    schema, name = compared.table.split(".")
    readable = {row[0] for row in conn.execute(READABLE, (schema, name))}
    fields = [f for f in compared.resource.schema_.fields if f.is_unit or f.column in readable or f.personal != "none"]
    told = [{"name": f.name, "title": title(f, language), "key": f.name in compared.resource.schema_.primaryKey} for f in fields]
    shown = [f for f in fields if not f.is_unit and f.column in readable]
    key = compared.resource.key_columns
    if not set(key) <= readable:
        return {**compared.about, "added": None, "changed": None, "removed": None, "columns": told, "rows": [], "masked": True}
    rows = _rows(conn, compared, shown, key)
    counts = {kind: rows[0][f"n_{kind}"] if rows else 0 for kind in ("added", "changed", "removed")}
    return {**compared.about, **counts, "columns": told, "rows": [_said(row, fields, compared.resource) for row in rows], "masked": False}


def _compared(conn: Connection, load: int, before: int | None) -> Compared:
    row = conn.execute(LOAD, (load,)).fetchone()
    terms = Applied(conn).terms(row[4]) if row else None
    if row is None or terms is None:
        raise Unanswerable("unknown_load", 404, load=load)
    since = row[3] - 1
    if before is not None:
        other = conn.execute(LOAD, (before,)).fetchone()
        if other is None or other[:3] != row[:3]:
            raise Unanswerable("unknown_load", 404, load=before)
        since = other[3]
    about = {"dataset": row[5], "agency": row[2], "period": row[1].partition(SEPARATOR)[2] or None}
    return Compared(row[0], row[1], terms.resource, min(since, row[3]), max(since, row[3]), about)


def _rows(conn: Connection, compared: Compared, shown: list[ContractField], key: list[str]) -> list[dict[str, Any]]:
    columns = list(dict.fromkeys(["unit_id", *key, *(f.column for f in shown)]))
    pairs = [
        sql.SQL("{0}.{1} AS {2}").format(sql.Identifier(side), sql.Identifier(c), sql.Identifier(f"{side}.{c}"))
        for side in ("b", "a")
        for c in ["unit_code", *(f.column for f in shown)]
    ]
    query = sql.SQL(DIFFERENCE).format(
        columns=sql.SQL(", ").join(sql.Identifier("t", c) for c in columns),
        table=sql.Identifier(*compared.table.split(".")),
        pairs=sql.SQL(", ").join(pairs),
        key=sql.SQL(" AND ").join(sql.SQL("b.{0} = a.{0}").format(sql.Identifier(c)) for c in key),
    )
    given = {"table": compared.table, "scope": compared.scope, "since": compared.since, "upto": compared.upto, "most": LISTED}
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, given).fetchall()


def _said(row: dict[str, Any], fields: list[ContractField], resource: Resource) -> dict[str, Any]:
    before = None if row["kind"] == "added" else _cells(row, "b", fields)
    after = None if row["kind"] == "removed" else _cells(row, "a", fields)
    known = after or before or {}
    return {
        "kind": row["kind"],
        "line": row["line"] if row["line"] is not None else row["line_before"],
        "key": {name: known[name] for name in resource.schema_.primaryKey if name in known},
        "before": before,
        "after": after,
    }


def _cells(row: dict[str, Any], side: str, fields: list[ContractField]) -> dict[str, str]:
    cells = {}
    for field in fields:
        name = f"{side}.unit_code" if field.is_unit else f"{side}.{field.column}"
        cells[field.name] = MASK if field.personal != "none" else cell(row.get(name), field)
    return cells
