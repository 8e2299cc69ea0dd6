"""What must agree within a contract, and between it, its folder and the reference."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from datasets.model.consistency_dashboard import dashboard_faults
from datasets.model.consistency_file import file_faults, named_field_faults
from datasets.model.consistency_indicator import indicator_faults
from datasets.model.consistency_measure import measure_faults
from datasets.model.consistency_obligation import obligation_faults
from datasets.model.contract import STORE_COLUMNS, VIEW_COLUMNS, Calendar, Contract, ContractField, Resource, Scope
from datasets.model.explain import nearest
from datasets.model.problem import Fault, KeyPath
from datasets.model.rule import rule_fault

if TYPE_CHECKING:
    from datasets.model.reference import Reference

FORMATS = (".csv", ".xlsx", ".geojson")
TAKEN_SCHEMAS = ("public", "information_schema", "staging", "ref", "ledger", "measure", "indicator", "supply", "operations")
MAX_VIEW_NAME = 54  # PostgreSQL's 63 less `__as_of` with room for `__v99`

# Words that PostgreSQL reserves, and the columns that every one of its tables has.
RESERVED_WORDS = """
all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation column concurrently
constraint create cross current_catalog current_date current_role current_schema current_time current_timestamp current_user default
deferrable desc distinct do else end except false fetch for foreign freeze from full grant group having ilike in initially inner intersect
into is isnull join lateral leading left like limit localtime localtimestamp natural not notnull null offset on only or order outer
overlaps placing primary references returning right select session_user similar some symmetric system_user table tablesample then to
trailing true union unique user using variadic verbose when where window with
ctid cmin cmax xmin xmax tableoid
"""
RESERVED = frozenset(RESERVED_WORDS.split())

ORDERED_TYPES = ("integer", "number", "year", "date", "datetime")


def faults(contract: Contract, folder: Path | None, reference: Reference | None) -> Iterator[Fault]:
    """Everything that does not agree. Without a folder the example files, without a reference the agencies go unchecked."""
    if contract.pg_schema in TAKEN_SCHEMAS or contract.pg_schema.startswith("pg_"):
        yield ("name",), contract.name, f"the store's own schema is called {contract.pg_schema}; write another name"
    if reference is not None:
        yield from _agency_faults(("subsystem", "owner"), contract.subsystem.owner, reference)
        yield from _subsystem_faults(contract, reference)
    views: dict[str, str] = {}
    for index, resource in enumerate(contract.resources):
        at: KeyPath = ("resources", index)
        view = contract.view(resource)
        if view in views:
            yield (*at, "name"), resource.name, f'the resource "{views[view]}" already has the table {view}; write another name'
        elif len(view) > MAX_VIEW_NAME:
            yield (*at, "name"), resource.name, f"the name is longer than {MAX_VIEW_NAME} characters; write a shorter one"
        views.setdefault(view, resource.name)
        yield from _file_faults(at, resource, folder)
        yield from _column_faults(at, resource)
        yield from file_faults(at, resource)
        yield from _key_faults(at, resource)
        yield from _delivery_faults(at, resource)
        yield from _people_faults(at, resource, reference)
        if folder is not None or reference is not None:
            yield from obligation_faults(at, resource, reference)
        for number, check in enumerate(resource.checks):
            if fault := rule_fault(check.rule, {f.column: f.type for f in resource.value_fields}):
                yield (*at, "checks", number, "rule"), check.rule, f'the rule "{check.rule}" {fault}'
    yield from measure_faults(contract)
    yield from indicator_faults(contract, reference)
    yield from dashboard_faults(contract)


def _subsystem_faults(contract: Contract, reference: Reference) -> Iterator[Fault]:
    """The centre's own subsystems keep their places: a contract takes the one whose name it bears."""
    path: KeyPath = ("subsystem", "order")
    order = contract.subsystem.order
    own = reference.subsystems.get(contract.pg_schema)
    other = next((entry for entry in reference.subsystems.values() if entry.order == order), None)
    if own is not None and own.order != order:
        yield path, order, f"the place of {own.name} among the subsystems is {own.order}; write order: {own.order}"
    elif own is None and other is not None:
        yield path, order, f"{order} is the place of the subsystem {other.name}; write name: {other.name}, or an order of 10 or more"


def _file_faults(at: KeyPath, resource: Resource, folder: Path | None) -> Iterator[Fault]:
    path = PurePosixPath(resource.path)
    if path.is_absolute() or ".." in path.parts or "\\" in resource.path or "://" in resource.path:
        yield (*at, "path"), resource.path, f'"{resource.path}" leaves the contract\'s folder; write examples/{path.name}'
    elif path.suffix not in FORMATS:
        yield (*at, "path"), resource.path, f'"{resource.path}" has an ending that is not read; write one of {", ".join(FORMATS)}'
    elif folder is not None and not (folder / path).is_file():
        others = sorted(p.relative_to(folder).as_posix() for p in folder.glob("*/*") if p.suffix in FORMATS)
        near = nearest(resource.path, others)
        hint = f'write "{near}"' if near else "put a small example file there"
        yield (*at, "path"), resource.path, f'the file "{resource.path}" is not in the contract\'s folder; {hint}'


def _column_faults(at: KeyPath, resource: Resource) -> Iterator[Fault]:
    headers: set[str] = set()
    columns: dict[str, str] = {}
    units: list[str] = []
    for index, field in enumerate(resource.schema_.fields):
        here: KeyPath = (*at, "schema", "fields", index)
        if field.name in headers:
            yield (*here, "name"), field.name, f'the header "{field.name}" is written twice; write another header'
        headers.add(field.name)
        if field.column in columns:
            message = f'the field "{columns[field.column]}" already has the column {field.column}; write another column'
            yield (*here, "column"), field.column, message
        columns.setdefault(field.column, field.name)
        if field.column in (*STORE_COLUMNS, *VIEW_COLUMNS):
            message = f"{field.column} is a column that the store adds to every table; write another, like {field.column}_given"
            yield (*here, "column"), field.column, message
        elif field.column in RESERVED:
            yield (*here, "column"), field.column, f"{field.column} is a word of SQL; write another, like {field.column}_value"
        if field.is_unit:
            units.append(field.name)
        yield from _field_faults(here, field)
        yield from _refers_faults(here, field, resource)
    if len(units) > 1:
        path: KeyPath = (*at, "schema", "fields")
        yield path, units, f"{' and '.join(units)} both refer to a unit; keep refers: {{unit: …}} on the one that the row is about"


def _field_faults(here: KeyPath, field: ContractField) -> Iterator[Fault]:
    rules = field.constraints
    if field.type == "date" and field.format is not None and not all(part in field.format for part in ("%d", "%m", "%Y")):
        message = f'the format "{field.format}" does not say day, month and year; write "%d/%m/%Y" or "%Y-%m-%d"'
        yield (*here, "format"), field.format, message
    for key in ("minimum", "maximum"):
        limit = getattr(rules, key)
        if limit is not None and _comparable(field.type, limit) is None:
            wanted = 'a date in quotes, like "2021-01-01"' if field.type.startswith("date") else "a number"
            hint = f"write {wanted}" if field.type in ORDERED_TYPES else f"remove it, or write type: integer instead of {field.type}"
            yield (*here, "constraints", key), limit, f"{limit} cannot be compared with a value of type {field.type}; {hint}"
    low, high = (_comparable(field.type, limit) for limit in (rules.minimum, rules.maximum))
    if low is not None and high is not None and low > high:
        message = f"the minimum {rules.minimum} is greater than the maximum {rules.maximum}; exchange them"
        yield (*here, "constraints", "minimum"), rules.minimum, message
    if rules.minLength is not None and rules.maxLength is not None and rules.minLength > rules.maxLength:
        message = f"minLength {rules.minLength} is greater than maxLength {rules.maxLength}; exchange them"
        yield (*here, "constraints", "minLength"), rules.minLength, message
    if rules.pattern is not None:
        try:
            re.compile(rules.pattern)
        except re.error as error:
            yield (
                (*here, "constraints", "pattern"),
                rules.pattern,
                f'"{rules.pattern}" is no regular expression ({error}); write "^[0-9]{{5}}$"',
            )
    if rules.enum == []:
        yield (*here, "constraints", "enum"), [], "the list of allowed values is empty; write the values or remove enum"
    yield from _category_faults(here, field)
    if field.groupChar is not None and field.groupChar == field.decimalChar:
        message = f'decimalChar and groupChar are both "{field.groupChar}"; write decimalChar: "," and groupChar: "."'
        yield (*here, "groupChar"), field.groupChar, message


def _category_faults(here: KeyPath, field: ContractField) -> Iterator[Fault]:
    path: KeyPath = (*here, "categories")
    if field.categories is None:
        return
    if field.type not in ("string", "integer"):
        yield path, None, f"only texts and whole numbers have categories, not {field.type}; remove them"
    wanted = int if field.type == "integer" else str
    values = [category.value for category in field.categories]
    for index, value in enumerate(values):
        if value in values[:index]:
            yield (*path, index, "value"), value, f"{value} is written twice; remove one"
        elif not isinstance(value, wanted):
            hint = f"write {value} without quotes" if wanted is int else f'write "{value}" in quotes'
            yield (*path, index, "value"), value, f"{value} is not of the field's type {field.type}; {hint}"
        elif field.constraints.enum is not None and value not in field.constraints.enum:
            near = nearest(str(value), map(str, field.constraints.enum))
            yield (*path, index, "value"), value, f"{value} is not in enum; {f'write {near}' if near else 'add it there, or remove it'}"
    if missing := [value for value in field.constraints.enum or [] if value not in values]:
        named = ", ".join(map(str, missing))
        yield path, None, f"enum holds {named} too; write {{value: {missing[0]}, label: …, labels: {{en: …, fr: …}}}}"


def _comparable(kind: str, limit: Any) -> float | None:
    """The limit as a number that compares with others of the field's type (dates by their day); None when it does not."""
    if kind in ("integer", "number", "year"):
        return float(limit) if isinstance(limit, int | float) else None
    if kind in ("date", "datetime") and isinstance(limit, str):
        try:
            return float(date.fromisoformat(limit[:10]).toordinal())
        except ValueError:
            return None
    return None


def _refers_faults(here: KeyPath, field: ContractField, resource: Resource) -> Iterator[Fault]:
    if field.refers is None:
        return
    if field.type != "string":
        message = f"{field.type} would lose the leading zeros of codes; write type: string"
        yield (*here, "type"), field.type, message
    on = field.refers.on
    if field.refers.by == "name" and field.refers.unit is None:
        yield (*here, "refers", "by"), "name", "only units are known by their names; agencies are named as in agencies.yaml, remove by"
    if on is not None:
        yield from named_field_faults((*here, "refers", "on"), on, resource, ("date", "datetime", "year"))


def _key_faults(at: KeyPath, resource: Resource) -> Iterator[Fault]:
    path: KeyPath = (*at, "schema", "primaryKey")
    required = {field.name: field.constraints.required for field in resource.schema_.fields}
    if not resource.schema_.primaryKey:
        yield path, [], "the key is empty; name the fields that together tell two rows apart"
    for index, name in enumerate(resource.schema_.primaryKey):
        if name in resource.schema_.primaryKey[:index]:
            yield (*path, index), name, f'"{name}" is named twice; remove one'
        elif name not in required:
            yield from named_field_faults((*path, index), name, resource, ())
        elif not required[name]:
            number = list(required).index(name)
            message = f'the field "{name}" is part of the primaryKey; write constraints: {{required: true}}'
            yield (*at, "schema", "fields", number, "constraints"), None, message


def _delivery_faults(at: KeyPath, resource: Resource) -> Iterator[Fault]:
    delivery, path = resource.delivery, (*at, "delivery")
    by_period = delivery.scope is Scope.PERIOD
    if by_period and delivery.calendar is None:
        message = f"scope: period needs a calendar; write calendar: {resource.obligation.calendar.value}"
        yield (*path, "calendar"), None, message
    types = ("date", "datetime", "year") if delivery.calendar is Calendar.YEAR or not by_period else ("date", "datetime")
    if delivery.column is not None:
        yield from named_field_faults((*path, "column"), delivery.column, resource, types)
    elif by_period:
        dated = [field.name for field in resource.schema_.fields if field.type in types]
        hint = f"write column: {dated[0]}" if dated else "add a field of type date and name it"
        yield (*path, "column"), None, f"scope: period needs the column that lies in the period; {hint}"
    if not by_period and delivery.calendar is not None:
        message = f"scope: {delivery.scope.value} has no calendar; remove it or write scope: period"
        yield (*path, "calendar"), delivery.calendar.value, message


def _people_faults(at: KeyPath, resource: Resource, reference: Reference | None) -> Iterator[Fault]:
    for index, name in enumerate(resource.publishers):
        if name in resource.publishers[:index]:
            yield (*at, "publishers", index), name, f'"{name}" is named twice; remove one'
    agency, _, position = resource.steward.partition("/")
    if not agency or not position or "/" in position:
        message = f'"{resource.steward}" is not agency/position; write {resource.owner}/thu-truong'
        yield (*at, "steward"), resource.steward, message
    yield from _locality_faults((*at, "access", "localities"), resource)
    if reference is None:
        return
    for index, name in enumerate(resource.publishers):
        yield from _agency_faults((*at, "publishers", index), name, reference)
    for index, name in enumerate(resource.named_agencies):
        yield from _agency_faults((*at, "access", "restricted", index), name, reference)
    if agency and position:
        yield from _agency_faults((*at, "steward"), agency, reference)
        yield from _position_faults((*at, "steward"), resource.steward, agency, reference)


def _locality_faults(path: KeyPath, resource: Resource) -> Iterator[Fault]:
    """Localities read rows by unit, and are no readers that a contract names one by one."""
    if not resource.is_read_by_localities:
        return
    if resource.unit_field is None:
        yield path, True, "localities read the rows of their own units, and no field refers to a unit; remove localities"
    personal = [field.name for field in resource.schema_.fields if field.personal != "none"]
    if personal:
        message = f"the field {personal[0]} is personal, and localities are not named one by one; remove localities, or the field"
        yield path, True, message


def _position_faults(path: KeyPath, steward: str, agency: str, reference: Reference) -> Iterator[Fault]:
    if agency in reference.agencies and steward not in reference.positions:
        known = [name for name in reference.positions if name.startswith(f"{agency}/")]
        near = nearest(steward, known)
        hint = f"write {near}" if near else f"write one of {', '.join(known)}"
        yield path, steward, f'the position "{steward}" is not in the reference; {hint}, or add it in datasets/reference/people.yaml'


def _agency_faults(path: KeyPath, name: str, reference: Reference) -> Iterator[Fault]:
    if name not in reference.agencies:
        near = nearest(name, reference.agencies)
        hint = f"write {near}" if near else "write one of datasets/reference/agencies.yaml, or add it there"
        yield path, name, f'the agency "{name}" is not in the reference; {hint}'
