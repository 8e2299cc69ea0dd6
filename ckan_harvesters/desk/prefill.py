"""What a form begins with: what stands for this period, else the facilities of the period before, else the units."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from psycopg import sql

from ckan_harvesters.applied import Places
from ckan_harvesters.delivery import SEPARATOR, DeliveryScope
from ckan_harvesters.desk.asked import Asked
from ckan_harvesters.desk.cells import cell
from ckan_harvesters.desk.form import MOST_ROWS, default_day, scope, unit_rows
from ckan_harvesters.desk.options import file_word
from ckan_harvesters.desk.store import Connection
from datasets.model.calendar_name import Calendar
from datasets.model.contract import Resource, Scope
from datasets.model.period import bounds

STANDING = """
SELECT scope FROM ledger.current_load WHERE table_name = %(table)s AND agency = %(agency)s AND kind = 'file' AND accepted > 0
"""
ROWS = """
SELECT {columns} FROM {table} t LEFT JOIN ref.unit u ON u.unit_id = t.unit_id
WHERE t.closed_by IS NULL AND t.load_id IN (SELECT l.load_id FROM ledger.load l WHERE l.table_name = %(name)s AND l.scope = %(scope)s)
ORDER BY t.line LIMIT %(most)s
"""


def prefill(conn: Connection, asked: Asked, places: Places) -> dict[str, Any]:
    """{"from": this_period, last_period, units or none; "period": whose rows; "rows": cells as the contract has them}."""
    here, resource = scope(asked), asked.resource
    if not any(f.type == "geojson" for f in resource.schema_.fields) and resource.delivery.scope is not Scope.ADDITION:
        standing = {row[0] for row in conn.execute(STANDING, {"table": _table(asked), "agency": asked.agency})}
        if here.key in standing and (rows := _rows(conn, asked, here.key)):
            return _said("this_period", asked.period, [_cells(r, resource) for r in rows])
        before = _before(standing, here, resource)
        if before is not None and (rows := _rows(conn, asked, f"{asked.agency}{SEPARATOR}{before}")):
            return _said("last_period", before, _carried(rows, resource, here, before))
    rows_of_units = unit_rows(resource.schema_.fields, resource, here, places)
    return _said("units", None, rows_of_units) if rows_of_units else _said("none", None, [])


def _said(source: str, period: str | None, rows: list[list[str]]) -> dict[str, Any]:
    return {"from": source, "period": period, "rows": rows[:MOST_ROWS], "cut": len(rows) > MOST_ROWS}


def _table(asked: Asked) -> str:
    return f"{asked.contract.pg_schema}.{asked.contract.table(asked.resource)}"


def _before(standing: set[str], here: DeliveryScope, resource: Resource) -> str | None:
    """The last period before this one that the agency delivered."""
    calendar = resource.delivery.calendar
    if calendar is None or here.starts is None:
        return None
    periods = [s.partition(SEPARATOR)[2] for s in standing]
    earlier = [(bounds(calendar, p)[0], p) for p in periods if p]
    return max(((starts, p) for starts, p in earlier if starts < here.starts), default=(None, None))[1]


def _rows(conn: Connection, asked: Asked, scope_key: str) -> list[tuple[Any, ...]]:
    """Open rows of a scope: a value for each field, units by their codes, nothing for personal fields."""
    columns: list[sql.Composable] = []
    for field in asked.resource.schema_.fields:
        if field.is_unit:
            columns.append(sql.SQL("u.name" if field.refers and field.refers.by == "name" else "u.code"))
        elif field.personal != "none":
            columns.append(sql.SQL("NULL"))
        else:
            columns.append(sql.Identifier("t", field.column))
    table = sql.Identifier(asked.contract.pg_schema, asked.contract.table(asked.resource))
    query = sql.SQL(ROWS).format(columns=sql.SQL(", ").join(columns), table=table)
    return conn.execute(query, {"name": _table(asked), "scope": scope_key, "most": MOST_ROWS + 1}).fetchall()


def _cells(row: tuple[Any, ...], resource: Resource) -> list[str]:
    fields = resource.schema_.fields
    return [file_word(cell(v, f), f, resource) for v, f in zip(row, fields, strict=True)]


def _carried(rows: list[tuple[Any, ...]], resource: Resource, here: DeliveryScope, before: str) -> list[list[str]]:
    """Keys and units of the period before, its dates moved into this one, each once; numbers and remarks are left to be filled in."""
    fields = resource.schema_.fields
    carried: dict[tuple[str, ...], None] = {}
    moved = _moved_day(rows, resource, here, before)
    for row in rows:
        cells = []
        for value, field in zip(row, fields, strict=True):
            if field.name == resource.delivery.column:
                cells.append(cell(moved, field) if moved else "")
            elif field.type in ("date", "datetime"):
                cells.append("")
            elif field.name in resource.schema_.primaryKey or field.refers is not None:
                cells.append(cell(value, field))
            else:
                cells.append("")
        carried.setdefault(tuple(cells))
    return [list(cells) for cells in carried]


def _moved_day(rows: list[tuple[Any, ...]], resource: Resource, here: DeliveryScope, before: str) -> date | None:
    """The day that stands for the whole period: its only one, or its first or last where all rows of the period before had that."""
    only = default_day(resource, here)
    column, calendar = resource.delivery.column, resource.delivery.calendar
    if only is not None or column is None or calendar is None or here.starts is None:
        return only
    place = next(i for i, f in enumerate(resource.schema_.fields) if f.name == column)
    days = {row[place] for row in rows}
    starts, ends = bounds(Calendar(calendar), before)
    if days == {starts}:
        return here.starts
    return here.as_of if days == {ends - timedelta(days=1)} else None
