"""The form that a contract makes: its fields, what may be entered, and the units."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import date
from typing import Any

from ckan_harvesters.applied import Places
from ckan_harvesters.check.columns import type_params
from ckan_harvesters.delivery import DeliveryScope, scope_of
from ckan_harvesters.desk.asked import Asked, Unanswerable
from ckan_harvesters.desk.cells import cell
from ckan_harvesters.desk.options import file_word
from ckan_harvesters.desk.store import Connection
from ckan_harvesters.errors import Refused
from datasets.model.calendar_name import Calendar
from datasets.model.contract import ContractField, Resource
from datasets.model.unit import Unit

LANGUAGES = ("vi", "en", "fr")
MOST_ROWS = 5000
"""Rows that a form or a template begins with."""

AGENCIES = "SELECT agency, title, title_en, title_fr FROM ref.agency ORDER BY agency"


def scope(asked: Asked) -> DeliveryScope:
    """The scope of the period that was asked for. Raises Unanswerable for a period that is none."""
    try:
        return scope_of(asked.resource, asked.agency, asked.period, "desk")
    except Refused as refused:
        raise Unanswerable(refused.code, 400, **refused.params) from refused


def form(conn: Connection, asked: Asked, places: Places, language: str) -> dict[str, Any]:
    """Fields as the page needs them, labels in `language`; `units` are the codes that hold in the period, by name of field."""
    here = scope(asked)
    units = {
        f.name: [[unit_cell(u, f), unit_name(u, language)] for u in units_of(f, here, places)]
        for f in asked.resource.schema_.fields
        if f.is_unit
    }
    return {
        "fields": [_field(conn, f, asked.resource, here, language) for f in asked.resource.schema_.fields],
        "units": next(iter(units.values()), None),
        "units_of": units,
        "contract": {"name": asked.contract.name, "version": asked.contract.version, "sha256": asked.contract.sha256},
        "allowed_reject_share": asked.resource.allowed_reject_share,
        "scope": asked.resource.delivery.scope.value,
        "delimiter": asked.resource.dialect.delimiter,
    }


def units_of(field: ContractField, here: DeliveryScope, places: Places, on: date | None = None) -> list[Unit]:
    """Units of the province that a field may hold, by code: on the day that the contract names, else `on`, else the delivery's last."""
    if field.refers is None or field.refers.unit is None:
        return []
    return places.units.valid(field.refers.unit, field.refers.at or on or here.as_of, places.province)


def unit_rows(
    fields: Sequence[ContractField], resource: Resource, here: DeliveryScope, places: Places, on: date | None = None
) -> list[list[str]]:
    """A row of `fields` for each unit of the key, and for each value of the key's other columns that take only some."""
    key = [field for field in fields if field.name in resource.schema_.primaryKey]
    if not any(f.is_unit for f in key):
        return []
    day = default_day(resource, here)
    choices: list[list[str]] = []
    for field in fields:
        if field not in key:
            choices.append([""])
        elif field.is_unit:
            choices.append([unit_cell(u, field) for u in units_of(field, here, places, on)])
        elif field.name == resource.delivery.column and day:
            choices.append([cell(day, field)])
        else:
            choices.append([str(v) for v in field.constraints.enum or [""]])
    rows = [list(row) for row in itertools.islice(itertools.product(*choices), MOST_ROWS + 1)]
    if len(rows) > MOST_ROWS:
        rows = [
            list(row) for row in itertools.product(*(c if f.is_unit or len(c) == 1 else [""] for f, c in zip(fields, choices, strict=True)))
        ]
    return rows


def unit_cell(unit: Unit, field: ContractField) -> str:
    """What stands in the file for a unit: its code, or its name where the contract has units by name."""
    return unit.name if field.refers is not None and field.refers.by == "name" else unit.code


def unit_name(unit: Unit, language: str) -> str:
    return unit.name if language == "vi" else unit.name_en or unit.name


def default_day(resource: Resource, here: DeliveryScope) -> date | None:
    """The one day that a date column of the delivery's period can hold; None where there are more."""
    return here.starts if here.starts is not None and resource.delivery.calendar is Calendar.DAY else None


def options(conn: Connection, field: ContractField, resource: Resource, language: str) -> list[list[str]] | None:
    """Values as the file writes them, and their labels; None for a field that takes any."""
    if field.refers and field.refers.agency:
        place = LANGUAGES.index(language) + 1
        return [[row[0], row[place] or row[1]] for row in conn.execute(AGENCIES)]
    labels = {file_word(c.value, field, resource): _label(c.label, c.labels, language) for c in field.categories or []}
    if field.constraints.enum:
        return [[str(v), labels.get(str(v), str(v))] for v in field.constraints.enum]
    return [[value, label] for value, label in labels.items()] or None


def title(field: ContractField, language: str) -> str:
    return _label(field.title, field.titles, language)


def _field(conn: Connection, field: ContractField, resource: Resource, here: DeliveryScope, language: str) -> dict[str, Any]:
    limits = field.constraints
    day = default_day(resource, here) if field.name == resource.delivery.column and field.type == "date" else None
    form_of = type_params(field)
    return {
        "name": field.name,
        "title": title(field, language),
        "titles": {"vi": field.title, "en": title(field, "en"), "fr": title(field, "fr")},
        "type": field.type,
        "format": field.format,
        "decimal": field.decimalChar,
        "required": limits.required or field.name in resource.schema_.primaryKey,
        "minimum": limits.minimum,
        "maximum": limits.maximum,
        "min_length": limits.minLength,
        "max_length": limits.maxLength,
        "pattern": limits.pattern,
        "options": options(conn, field, resource, language),
        "unit": field.unit,
        "help": field.description,
        "key": field.name in resource.schema_.primaryKey,
        "is_unit": field.is_unit,
        "default": day.strftime(field.format) if day and field.format not in (None, "default") else day.isoformat() if day else None,
        "example": form_of.get("example"),
        "written": form_of["form"][language] if "form" in form_of else None,
        "personal": field.personal != "none",
    }


def _label(vietnamese: str, others: Any, language: str) -> str:
    if language == "vi" or others is None:
        return vietnamese
    found: str | None = getattr(others, language)
    return found or others.en or vietnamese
