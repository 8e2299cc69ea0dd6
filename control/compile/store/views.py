"""The stable view of current rows and the function that reads a table as of an edition."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql

from control.compile.changes import Kind
from control.compile.store.step import Step
from control.compile.store.tables import AS_OF_SUFFIX, StoreTable, existing_columns
from datasets.model.audience import readable_fields
from datasets.model.contract import STORE_COLUMNS, Contract, Resource

MADE: Kind = "made"
CHANGED: Kind = "changed"
ZONE = "Asia/Ho_Chi_Minh"

# Contract columns come last and in the table's order, so that a column added later can be added to the view in place.
VIEW = """
SELECT t.unit_id, u.code AS unit_code, u.name AS unit_name, u.level AS unit_level,
    t.agency, a.title AS agency_title, t.load_id, t.line{period}{titles}{columns}
FROM {table} t
LEFT JOIN ref.unit u ON u.unit_id = t.unit_id
LEFT JOIN ref.agency a ON a.agency = t.agency
{named}
WHERE t.closed_by IS NULL
"""

AS_OF = """
SELECT {columns}
FROM {table} t
JOIN ledger.edition began ON began.load_id = t.load_id AND began.edition <= $1
LEFT JOIN ledger.edition ended ON ended.load_id = t.closed_by AND ended.edition <= $1
WHERE ended.load_id IS NULL
"""


def period_column(resource: Resource) -> sql.Composable:
    """`period_starts` as a column of the view: the delivery's own column as a date. Empty when no column is declared or it is no date."""
    if resource.delivery.column is None:
        return sql.SQL("")
    declared = resource.schema_.field(resource.delivery.column)
    column = sql.Identifier("t", declared.column)
    if declared.type == "date":
        expression: sql.Composable = column
    elif declared.type == "datetime":
        expression = sql.SQL("({} AT TIME ZONE {})::date").format(column, sql.Literal(ZONE))
    elif declared.type == "year":
        expression = sql.SQL("CASE WHEN {0} BETWEEN 1 AND 9999 THEN make_date({0}, 1, 1) END").format(column)
    else:
        return sql.SQL("")
    return sql.SQL(", {} AS period_starts").format(expression)


def table_order(table: StoreTable, there: dict[str, str]) -> list[str]:
    """Columns in the order they have in the database: those that are there, then new ones."""
    return [*there, *[c for c in table.columns if c not in there]]


def readable_columns(table: StoreTable, there: dict[str, str], resource: Resource) -> list[str]:
    """Contract columns that audiences see, in the table's order."""
    seen = {f.column for f in readable_fields(resource)}
    return [c for c in table_order(table, there) if c in seen]


def agency_titles(resource: Resource) -> dict[str, str]:
    """Columns that hold an agency's code, and what the column with its title is called: `office`, `office_title`."""
    taken = {f.column for f in resource.schema_.fields}
    titles = {f.column: f"{f.column}_title" for f in readable_fields(resource) if f.refers is not None and f.refers.agency}
    return {column: title for column, title in titles.items() if title not in taken}


def view_query(table: StoreTable, there: dict[str, str], resource: Resource) -> sql.Composed:
    columns = [sql.SQL(", {}").format(sql.Identifier("t", c)) for c in readable_columns(table, there, resource)]
    titles = agency_titles(resource)
    return sql.SQL(VIEW).format(
        table=table.identifier,
        period=period_column(resource),
        titles=sql.SQL("").join(sql.SQL(", {}.title AS {}").format(sql.Identifier(f"a_{c}"), sql.Identifier(t)) for c, t in titles.items()),
        columns=sql.SQL("").join(columns),
        named=sql.SQL("\n").join(
            sql.SQL("LEFT JOIN ref.agency {a} ON {a}.agency = {c}").format(a=sql.Identifier(f"a_{c}"), c=sql.Identifier("t", c))
            for c in titles
        ),
    )


def as_of_query(table: StoreTable, there: dict[str, str], resource: Resource) -> sql.Composed:
    """Columns that audiences may not read are null; so is closed_by, since no row of an edition is closed in it."""
    seen = {*readable_columns(table, there, resource), *STORE_COLUMNS} - {"closed_by"}
    columns = [
        sql.Identifier("t", c) if c in seen else sql.SQL("NULL::{}").format(sql.SQL(table.columns[c])) for c in table_order(table, there)
    ]
    return sql.SQL(AS_OF).format(table=table.identifier, columns=sql.SQL(", ").join(columns))


@dataclass
class Definition:
    """Steps of a view or function: what goes before the table changes, and what is made after."""

    drop: list[Step] = field(default_factory=list)
    make: list[Step] = field(default_factory=list)


def view_steps(
    conn: psycopg.Connection[Any], contract: Contract, resource: Resource, table: StoreTable, there: dict[str, str], retyped: bool
) -> Definition:
    """What makes the view say what it should; nothing when it does. It is replaced in place unless a column changed or went."""
    name = contract.view(resource)
    view = sql.Identifier(table.schema, name)
    query = view_query(table, there, resource)
    mark = f"definition {digest_of(conn, query)}"
    before = list(existing_columns(conn, table.schema, name))
    if before and not retyped and comment_on(conn, "to_regclass", "pg_class", f'"{table.schema}"."{name}"') == mark:
        return Definition()
    after = ["unit_id", "unit_code", "unit_name", "unit_level", "agency", "agency_title", "load_id", "line"]
    after += ["period_starts"] if period_column(resource).as_string(conn) else []
    after += agency_titles(resource).values()
    after += readable_columns(table, there, resource)
    done = Definition()
    if before and (retyped or not there or after[: len(before)] != before):
        done.drop.append(Step("", sql.SQL("DROP VIEW {}").format(view)))
    create = sql.SQL("CREATE OR REPLACE VIEW {} WITH (security_invoker = true) AS {}").format(view, query)
    word, kind = ("is made", MADE) if not before else ("is defined anew", CHANGED)
    done.make.append(Step(f"view {table.schema}.{name} {word}", create, kind=kind))
    done.make.append(Step("", sql.SQL("COMMENT ON VIEW {} IS {}").format(view, sql.Literal(mark))))
    return done


def as_of_steps(
    conn: psycopg.Connection[Any], contract: Contract, resource: Resource, table: StoreTable, there: dict[str, str], retyped: bool
) -> Definition:
    """What makes the as-of function say what it should; nothing when it does."""
    name = contract.view(resource) + AS_OF_SUFFIX
    function = sql.Identifier(table.schema, name)
    body = as_of_query(table, there, resource)
    mark = f"definition {digest_of(conn, body)}"
    comment = comment_on(conn, "to_regprocedure", "pg_proc", f'"{table.schema}"."{name}"(bigint)')
    if comment == mark and not retyped:
        return Definition()
    done = Definition()
    if comment is not None:
        done.drop.append(Step("", sql.SQL("DROP FUNCTION {}(bigint)").format(function)))
    create = sql.SQL("CREATE FUNCTION {}(edition bigint) RETURNS SETOF {} LANGUAGE sql STABLE AS {}").format(
        function, table.identifier, sql.Literal(body.as_string(conn))
    )
    word, kind = ("is made", MADE) if comment is None else ("is defined anew", CHANGED)
    done.make.append(Step(f"function {table.schema}.{name} {word}", create, kind=kind))
    done.make.append(Step("", sql.SQL("COMMENT ON FUNCTION {}(bigint) IS {}").format(function, sql.Literal(mark))))
    return done


def digest_of(conn: psycopg.Connection[Any], statement: sql.Composed) -> str:
    """Sixteen letters that tell one definition from another; kept in the comment of what was made by it."""
    return hashlib.sha256(statement.as_string(conn).encode()).hexdigest()[:16]


def comment_on(conn: psycopg.Connection[Any], lookup: str, catalogue: str, name: str) -> str | None:
    """Comment of a view (`to_regclass`, `pg_class`) or a function (`to_regprocedure`, `pg_proc`); None when there is no such thing."""
    query = sql.SQL("SELECT coalesce(obj_description(o, {}), '') FROM {}({}) AS f (o) WHERE o IS NOT NULL")
    row = conn.execute(query.format(catalogue, sql.SQL(lookup), name)).fetchone()
    return row[0] if row else None
