"""Units, agencies and periods of the reference, brought into `ref`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg
from psycopg import sql

from control.compile.store.edition import begin, publish
from control.compile.store.step import names
from datasets.model.contract import Calendar
from datasets.model.period import periods
from datasets.model.reference import Reference

FIRST_DAY, LAST_DAY = date(2015, 1, 1), date(2035, 12, 31)
"""Days that `ref.period` covers in every calendar."""

# What was delivered as a boundary stays; a schematic cell is replaced by a newer one and never by nothing.
GEOMETRY = """
UPDATE ref.unit u SET geom = c.geom, geom_source = 'schematic'
FROM (SELECT unit_id, ST_SetSRID(ST_GeomFromWKB(cell), 4326) AS geom FROM given_cell) c
WHERE c.unit_id = u.unit_id AND u.geom_source IS DISTINCT FROM 'boundaries' AND u.geom IS DISTINCT FROM c.geom
"""


@dataclass(frozen=True)
class ReferenceTable:
    """One table of `ref` and the rows that the reference has for it."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    rows: Sequence[tuple[Any, ...]]
    complete: bool = False
    """Whether rows that the reference does not have are deleted; facts never refer to such a table."""


def reference_tables(reference: Reference) -> list[ReferenceTable]:
    """The tables in the order in which they refer to each other."""
    unit_columns = ("unit_id", "code", "valid_from", "valid_to", "level", "parent", "name", "name_en", "lon", "lat")
    units = [
        (u.unit_id, u.code, u.valid_from, u.valid_to, u.level.value, u.parent, u.name, u.name_en, u.lon, u.lat) for u in reference.units
    ]
    agencies = [(a.name, a.title, a.titles.en, a.titles.fr, a.kind, a.parent, a.unit, a.email) for a in reference.agencies.values()]
    spans = [(p.calendar.value, p.text, p.starts, p.ends) for c in Calendar for p in periods(c, FIRST_DAY, LAST_DAY)]
    groups = [(g.group_id, g.unit_id, g.title, g.title_en, g.title_fr) for g in reference.groups]
    crosswalk = [(c.from_unit, c.to_unit, c.weight, c.method) for c in reference.crosswalk]
    return [
        ReferenceTable("unit", unit_columns, ("unit_id",), units),
        ReferenceTable("agency", ("agency", "title", "title_en", "title_fr", "kind", "parent", "unit", "email"), ("agency",), agencies),
        ReferenceTable("period", ("calendar", "period", "starts", "ends"), ("calendar", "period"), spans),
        ReferenceTable(
            "unit_group", ("group_id", "unit_id", "title", "title_en", "title_fr"), ("group_id", "unit_id"), groups, complete=True
        ),
        ReferenceTable("crosswalk", ("from_unit", "to_unit", "weight", "method"), ("from_unit", "to_unit"), crosswalk, complete=True),
    ]


def apply_reference(conn: psycopg.Connection[Any], reference: Reference, cells: Mapping[str, bytes]) -> list[str]:
    """Brings `ref` to the reference in the current transaction; what changed, in words. `cells`: unit_id → WKB polygon in EPSG:4326.

    A unit or agency that is gone from the reference stays, because facts refer to it. A change is a load of kind `units` with an edition.
    """
    changed: list[str] = []
    tables = reference_tables(reference)
    for table in tables:
        count = _bring(conn, table)
        if count:
            changed.append(f"ref.{table.name}: {count} rows")
    _copy(conn, "given_cell", "unit_id text, cell bytea", ("unit_id", "cell"), cells.items())
    drawn = conn.execute(GEOMETRY).rowcount
    if drawn:
        changed.append(f"ref.unit: {drawn} schematic cells")
    if changed:
        digest = hashlib.sha256(repr([(t.name, t.rows) for t in tables] + sorted(cells.items())).encode()).hexdigest()
        publish(conn, begin(conn, "units", scope="", accepted=sum(len(t.rows) for t in tables), row_digest=digest))
    return changed


def _bring(conn: psycopg.Connection[Any], table: ReferenceTable) -> int:
    """Inserts and updates rows that differ; how many."""
    target, given = sql.Identifier("ref", table.name), f"given_{table.name}"
    conn.execute(
        sql.SQL("CREATE TEMP TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA").format(
            sql.Identifier(given), names(table.columns), target
        )
    )
    _copy(conn, given, None, table.columns, table.rows)
    values = [c for c in table.columns if c not in table.key]
    count = 0
    if table.complete:
        same = sql.SQL(" AND ").join(sql.SQL("g.{0} = t.{0}").format(sql.Identifier(k)) for k in table.key)
        gone = sql.SQL("DELETE FROM {} t WHERE NOT EXISTS (SELECT FROM {} g WHERE {})").format(target, sql.Identifier(given), same)
        count += conn.execute(gone).rowcount
    upsert = sql.SQL(
        "INSERT INTO {target} AS t ({columns}) SELECT {columns} FROM {given} ON CONFLICT ({key}) DO UPDATE SET ({values}) = ROW({new}) "
        "WHERE ({old}) IS DISTINCT FROM ({new})"
    ).format(
        target=target,
        columns=names(table.columns),
        given=sql.Identifier(given),
        key=names(table.key),
        values=names(values),
        new=names(values, "excluded"),
        old=names(values, "t"),
    )
    return count + conn.execute(upsert).rowcount


def _copy(
    conn: psycopg.Connection[Any], name: str, definition: str | None, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]
) -> None:
    if definition:
        conn.execute(sql.SQL("CREATE TEMP TABLE {} ({}) ON COMMIT DROP").format(sql.Identifier(name), sql.SQL(definition)))
    with (
        conn.cursor() as cursor,
        cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(name), names(columns))) as copy,
    ):
        for row in rows:
            copy.write_row(row)
