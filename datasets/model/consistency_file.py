"""What must agree in how a resource's files are written: encoding, wide headers, subtotals, the status of figures."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from datasets.model.explain import nearest
from datasets.model.figure_status import STATUSES, StatusColumn
from datasets.model.problem import Fault, KeyPath
from datasets.model.resource import Resource

HEADER_TYPES = ("year", "date", "string", "integer")
"""Types of what a wide header may hold."""


def file_faults(at: KeyPath, resource: Resource) -> Iterator[Fault]:
    """Faults of a resource's `encoding`, `wide`, `subtotals`, `status` and `within`."""
    yield from _encoding_faults((*at, "encoding"), resource.encoding)
    yield from _wide_faults((*at, "wide"), resource)
    yield from _subtotal_faults((*at, "subtotals"), resource)
    yield from _status_faults((*at, "status"), resource)
    yield from _within_faults(at, resource)


def named_field_faults(path: KeyPath, name: str, resource: Resource, types: Collection[str] | None) -> Iterator[Fault]:
    """Faults of a key that names a field by its header, one of these types; None is any type."""
    fields = {field.name: field for field in resource.schema_.fields}
    if name not in fields:
        by_column = {field.column: field.name for field in fields.values()}
        near = by_column.get(name) or nearest(name, fields)
        hint = f"write {near}" if near else f"the fields are {', '.join(fields)}"
        yield path, name, f'"{name}" is no field here; {hint}'
    elif types is not None and fields[name].type not in types:
        fitting = [field.name for field in fields.values() if field.type in types]
        hint = f"write {' or '.join(fitting)}" if fitting else f"give it type: {next(iter(types))}"
        yield path, name, f'the field "{name}" has the type {fields[name].type}, not {" or ".join(types)}; {hint}'


def _encoding_faults(path: KeyPath, encoding: str) -> Iterator[Fault]:
    try:
        "".encode(encoding)
    except (LookupError, ValueError):  # no encoding, one of bytes, a name that cannot be one
        yield path, encoding, f'"{encoding}" is no known encoding; write utf-8 or windows-1258'


def _wide_faults(path: KeyPath, resource: Resource) -> Iterator[Fault]:
    wide = resource.wide
    if wide is None:
        return
    here, parts = (*path, "headers"), wide.parts
    dated = [field.name for field in resource.schema_.fields if field.type in ("year", "date")]
    if not parts:
        hint = f'write "{{{dated[0]}}}"' if dated else "name a field in braces"
        yield here, wide.headers, f'"{wide.headers}" names no field; {hint}'
    for name in parts:
        yield from named_field_faults(here, name, resource, HEADER_TYPES)
        if parts.count(name) > 1:
            yield here, wide.headers, f'"{{{name}}}" is written twice; write it once'
            return
    if any(not text for text in wide.texts[1:-1]):
        yield here, wide.headers, f'two fields of "{wide.headers}" touch; write what stands between them in the file, like a blank'
    yield from named_field_faults((*path, "value"), wide.value, resource, None)
    if wide.value in parts:
        yield (*path, "value"), wide.value, f'"{wide.value}" is in headers already; write the field that the cells hold'
    if not resource.file_fields:
        yield path, wide.headers, "no field is left that tells the rows of the file apart; one must have a column of its own"
    if resource.path.endswith(".geojson"):
        yield path, wide.headers, "a map is no wide table; remove wide"


def _subtotal_faults(path: KeyPath, resource: Resource) -> Iterator[Fault]:
    subtotals = resource.subtotals
    if subtotals is None:
        return
    names = [field.name for field in resource.schema_.fields]
    columns = [field.name for field in resource.file_fields]
    if subtotals.column in names and subtotals.column not in columns:
        message = f'"{subtotals.column}" is no column of the file; write {" or ".join(columns)}'
        yield (*path, "column"), subtotals.column, message
        return
    yield from named_field_faults((*path, "column"), subtotals.column, resource, None)


def _status_faults(path: KeyPath, resource: Resource) -> Iterator[Fault]:
    status = resource.status
    if not isinstance(status, StatusColumn):
        return
    yield from named_field_faults((*path, "column"), status.column, resource, ("string",))
    number, field = next(((n, f) for n, f in enumerate(resource.schema_.fields) if f.name == status.column), (0, None))
    if field is None:
        return
    at: KeyPath = (*path[:-1], "schema", "fields", number)
    if field.name in resource.schema_.primaryKey:
        yield path, status.column, f'"{status.column}" is part of the primaryKey, and a figure that becomes official stays the same figure'
    if field.constraints.enum is not None:
        yield (*at, "constraints", "enum"), None, "the words of a status are those of status.words; remove enum"
    for index, category in enumerate(field.categories or []):
        if category.value not in STATUSES:
            message = f"a status is stored as one of {', '.join(STATUSES)}; write one of them, with the label that readers see"
            yield (*at, "categories", index, "value"), category.value, message


def _within_faults(at: KeyPath, resource: Resource) -> Iterator[Fault]:
    for number, field in enumerate(resource.schema_.fields):
        if field.within is None:
            continue
        path: KeyPath = (*at, "schema", "fields", number, "within")
        status = resource.status
        if not isinstance(status, StatusColumn) or status.column != field.name:
            yield (
                path,
                field.within,
                f"only a status is written within another field; write status: {{column: {field.name}}}, or remove within",
            )
        elif status.words is None:
            yield path, field.within, f"say what is written there: status: {{column: {field.name}, words: {{preliminary: [Sơ bộ]}}}}"
        yield from named_field_faults(path, field.within, resource, ("year",))
