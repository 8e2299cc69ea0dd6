"""A contract resource as a table of the store, and the difference to the table that is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from control.compile.store.step import Step, names
from datasets.model.contract import Contract, Resource

COLUMN_TYPES = {
    "string": "text",
    "integer": "bigint",
    "number": "numeric",
    "boolean": "boolean",
    "date": "date",
    "datetime": "timestamp with time zone",
    "year": "integer",
    "geojson": "geometry(Geometry,4326)",
}
WIDER = {("bigint", "numeric"), ("integer", "bigint"), ("integer", "numeric")}
"""Changes of type that every stored value survives unchanged."""

AS_OF_SUFFIX = "__as_of"

COLUMNS = """
SELECT a.attname, format_type(a.atttypid, a.atttypmod)
FROM pg_attribute a
WHERE a.attrelid = to_regclass(%s) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
"""
PRIMARY_KEY = """
SELECT a.attname
FROM pg_index i CROSS JOIN unnest(i.indkey) WITH ORDINALITY AS k (attnum, n)
JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
WHERE i.indrelid = to_regclass(%s) AND i.indisprimary
ORDER BY k.n
"""


@dataclass(frozen=True)
class StoreTable:
    """The table that a resource asks for."""

    schema: str
    name: str
    columns: dict[str, str]
    """Name → PostgreSQL type, in the table's order."""
    key: list[str]
    """Key columns, `unit_id` first, without `load_id`."""
    own_key: list[str]
    """Key columns as the contract writes them."""

    @classmethod
    def of(cls, contract: Contract, resource: Resource) -> StoreTable:
        values = {f.column: COLUMN_TYPES[f.type] for f in resource.value_fields}
        columns = {"unit_id": "text", "agency": "text", **values, "load_id": "bigint", "line": "integer", "closed_by": "bigint"}
        own_key = [resource.schema_.field(name).stored_as for name in resource.schema_.primaryKey]
        return cls(contract.pg_schema, contract.table(resource), columns, resource.key_columns, own_key)

    @property
    def identifier(self) -> sql.Identifier:
        return sql.Identifier(self.schema, self.name)

    @property
    def text(self) -> str:
        """`health.bed_days__v1`, as the ledger writes it."""
        return f"{self.schema}.{self.name}"


def existing_columns(conn: psycopg.Connection[Any], schema: str, name: str) -> dict[str, str]:
    """Columns of a table or view, name → type in their order; empty when there is none."""
    return dict(conn.execute(COLUMNS, (f'"{schema}"."{name}"',)).fetchall())


def create(table: StoreTable) -> list[Step]:
    """A new table with its keys. Rows of a scope are found by load_id, history by closed_by."""
    fixed = {"unit_id", "agency", "load_id", "line", *table.key}
    lines = [
        sql.SQL("{} {}{}").format(sql.Identifier(name), sql.SQL(kind), sql.SQL(" NOT NULL" if name in fixed else ""))
        for name, kind in table.columns.items()
    ]
    lines.append(sql.SQL("PRIMARY KEY ({})").format(names([*table.key, "load_id"])))
    on = table.identifier
    steps = [
        Step(f"table {table.text} is made", sql.SQL("CREATE TABLE {} ({})").format(on, sql.SQL(", ").join(lines))),
        Step("", sql.SQL("CREATE UNIQUE INDEX ON {} ({}) WHERE closed_by IS NULL").format(on, names(table.key))),
        Step("", sql.SQL("CREATE INDEX ON {} (load_id) WHERE closed_by IS NULL").format(on)),
        Step("", sql.SQL("CREATE INDEX ON {} (closed_by) WHERE closed_by IS NOT NULL").format(on)),
    ]
    if "unit_id" not in table.own_key:
        steps.append(Step("", sql.SQL("CREATE INDEX ON {} ({}) WHERE closed_by IS NULL").format(on, names(table.own_key))))
    steps.extend(
        Step("", sql.SQL("CREATE INDEX ON {} USING gist ({}) WHERE closed_by IS NULL").format(on, sql.Identifier(name)))
        for name, kind in table.columns.items()
        if kind.startswith("geometry")
    )
    return steps


def alter(table: StoreTable, there: dict[str, str], key_there: list[str], rows: int) -> tuple[list[Step], list[str], bool]:
    """Steps from the table that is there to the one asked for; what only a new major version may do; whether its view has to go first.

    `rows`: how many it shows, which is said and nothing else.
    """
    steps: list[Step] = []
    problems: list[str] = []
    retyped = False
    if key_there != [*table.key, "load_id"]:
        problems.append(f"the key was ({', '.join(key_there[:-1])}) and would be ({', '.join(table.key)})")
    for name in there:
        if name not in table.columns:
            problems.append(f"column {name} is no longer there")
    for name, kind in table.columns.items():
        if name not in there:
            add = sql.SQL("ALTER TABLE {} ADD COLUMN {} {}").format(table.identifier, sql.Identifier(name), sql.SQL(kind))
            older = f"; the {rows:,} rows that are there have no value in it" if rows else ""
            steps.append(Step(f"column {table.text}.{name} is added{older}", add))
        elif (there[name], kind) in WIDER:
            wider = sql.SQL("ALTER TABLE {} ALTER COLUMN {} TYPE {}").format(table.identifier, sql.Identifier(name), sql.SQL(kind))
            text = f"column {table.text}.{name} becomes {kind} (it was {there[name]}); its values stay as they are"
            steps.append(Step(text, wider, kind="changed"))
            retyped = True
        elif there[name] != kind:
            problems.append(f"column {name} is {there[name]} and would be {kind}")
    return steps, problems, retyped


def primary_key(conn: psycopg.Connection[Any], table: StoreTable) -> list[str]:
    """Columns of the primary key of the table that is there."""
    return [row[0] for row in conn.execute(PRIMARY_KEY, (f'"{table.schema}"."{table.name}"',))]
