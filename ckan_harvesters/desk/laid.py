"""How a template is laid out: its columns, and the rows that it begins with. Of a wide table, the header that its period asks for."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from psycopg import sql

from ckan_harvesters.applied import Places
from ckan_harvesters.decode.frame import MOST_COLUMNS
from ckan_harvesters.delivery import TIME_ZONE, DeliveryScope
from ckan_harvesters.desk.asked import Asked, Unanswerable
from ckan_harvesters.desk.cells import cell
from ckan_harvesters.desk.form import unit_rows
from ckan_harvesters.desk.store import Connection
from datasets.model.contract import ContractField, Resource, Scope
from datasets.model.figure_status import STATUSES, StatusColumn, least_firm
from datasets.model.period import bounds, calendar_of

OFFICIAL = STATUSES[-1]

STANDING = """
SELECT DISTINCT {columns} FROM {table} t
WHERE t.closed_by IS NULL AND t.load_id IN (SELECT l.load_id FROM ledger.load l WHERE l.table_name = %(name)s AND l.agency = %(agency)s)
ORDER BY {columns}
"""


@dataclass(frozen=True)
class Column:
    """A column of the file: its header, and the field that its cells hold."""

    header: str
    field: ContractField


@dataclass(frozen=True)
class Laid:
    """`rows` have a text for each of the first columns; the others are empty."""

    columns: list[Column]
    rows: list[list[str]]


def laid_long(resource: Resource) -> Laid:
    """A column for each field."""
    return Laid([Column(field.name, field) for field in resource.schema_.fields], [])


def laid(conn: Connection, asked: Asked, here: DeliveryScope, places: Places) -> Laid:
    """The template of what is asked. Of a wide table: a column for each year, day and item that stands already or that the period asks for,
    marked as preliminary where it is so, and a row for each unit. Where nobody knows the items yet, those columns are left to the agency.

    Raises Unanswerable `no_template` when that would be more columns than a file may have.
    """
    resource, wide = asked.resource, asked.resource.wide
    if wide is None:
        return laid_long(resource)
    parts = [resource.schema_.field(name) for name in wide.parts]
    standing = _standing(conn, asked, parts)
    starts, as_of = _period(asked, here)
    choices = [_values(place, field, resource, standing, starts, as_of) for place, field in enumerate(parts)]
    combined = 1
    for values in choices:
        combined *= len(values)
    if combined > MOST_COLUMNS:
        raise Unanswerable("no_template", 404, dataset=asked.dataset)
    marks = _marks(resource, parts, standing)
    headers = [_header(wide.texts, parts, values, marks) for values in itertools.product(*choices)]
    value = resource.schema_.field(wide.value)
    own = [Column(field.name, field) for field in resource.file_fields]
    years = [values for field, values in zip(parts, choices, strict=True) if field.type == "year"]
    day = date(max(years[0]), 12, 31) if years and years[0] else as_of
    rows = unit_rows(resource.file_fields, resource, here, places, min(day, datetime.now(TIME_ZONE).date()))
    return Laid([*own, *(Column(header, value) for header in headers)], rows)


def _standing(conn: Connection, asked: Asked, parts: Sequence[ContractField]) -> list[tuple[Any, ...]]:
    """What the headers of the agency's open rows say, and their status where the header says it, in the order of their names: the store
    does not keep that of the columns."""
    status = asked.resource.status_field
    fields = [*parts, *([status] if status is not None and status.within else [])]
    if any(field.personal != "none" or field.is_unit for field in fields):
        return []  # the desk's login reads no personal column
    name = asked.contract.table(asked.resource)
    query = sql.SQL(STANDING).format(
        columns=sql.SQL(", ").join(sql.Identifier("t", field.column) for field in fields),
        table=sql.Identifier(asked.contract.pg_schema, name),
    )
    return conn.execute(query, {"name": f"{asked.contract.pg_schema}.{name}", "agency": asked.agency}).fetchall()


def _period(asked: Asked, here: DeliveryScope) -> tuple[date, date]:
    """First and last day of the period that was asked for; without one, today."""
    if here.starts is not None:
        return here.starts, here.as_of
    if asked.period:
        try:
            starts, ends = bounds(calendar_of(asked.period), asked.period)
        except ValueError as error:
            raise Unanswerable("period_wrong", 400, period=asked.period, example="2026") from error
        return starts, ends - timedelta(days=1)
    return here.as_of, here.as_of


def _values(
    place: int, field: ContractField, resource: Resource, standing: Sequence[tuple[Any, ...]], starts: date, as_of: date
) -> list[Any]:
    """What a part of the header says, in its order."""
    known = list(dict.fromkeys(row[place] for row in standing if row[place] is not None))
    if field.constraints.enum:
        return list(field.constraints.enum)
    # A delivery of a period holds nothing of another one; any other replaces or repeats what stands.
    before = [] if resource.delivery.scope is Scope.PERIOD and resource.delivery.column == field.name else known
    if field.type == "year":
        return sorted({*before, *range(starts.year, as_of.year + 1)})
    if field.type == "date" and resource.delivery.scope is Scope.PERIOD:
        return [starts + timedelta(days=n) for n in range((as_of - starts).days + 1)]
    if field.type == "date":
        return sorted({*before, as_of})
    return known or [category.value for category in field.categories or []]


def _marks(resource: Resource, parts: Sequence[ContractField], standing: Sequence[tuple[Any, ...]]) -> dict[tuple[str, Any], str]:
    """The word beside a year whose figures are not official, by its field's name and itself: so filled in, they stay what they are."""
    status, own = resource.status, resource.status_field
    if not isinstance(status, StatusColumn) or own is None or own.within is None:
        return {}
    place = next((n for n, field in enumerate(parts) if field.name == own.within), None)
    if place is None:
        return {}
    found: dict[Any, list[Any]] = {}
    for row in standing:
        if row[-1] in STATUSES:
            found.setdefault(row[place], []).append(row[-1])
    firmness = {value: least_firm(statuses) for value, statuses in found.items()}
    return {
        (own.within, value): status.written(firm) for value, firm in firmness.items() if firm != OFFICIAL and (status.words or {}).get(firm)
    }


def _header(texts: Sequence[str], parts: Sequence[ContractField], values: Sequence[Any], marks: dict[tuple[str, Any], str]) -> str:
    """The header of one column, as the contract says that it is written."""
    text = texts[0]
    for field, value, after in zip(parts, values, texts[1:], strict=True):
        mark = marks.get((field.name, value))
        text += (f"{mark} " if mark else "") + cell(value, field) + after
    return text.strip()
