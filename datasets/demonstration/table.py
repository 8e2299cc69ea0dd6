"""The table of a file: rows of a long table under their headers, or spread over the columns of a wide one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from datasets.demonstration.encode import written
from datasets.model.contract import ContractField, Resource

Table = Sequence[dict[str, Any]]
"""Rows by column of the store; a value of the wrong type is written as it is, which is how trouble gets into a file."""


@dataclass(frozen=True)
class FileTable:
    """A header, the field that each of its columns belongs to, and the cells of the rows."""

    header: list[str]
    fields: list[ContractField]
    rows: Iterable[list[Any]]


def table_of(resource: Resource, rows: Table) -> FileTable:
    """The rows as the resource's files hold them. Raises KeyError for a row without one of the contract's columns."""
    if resource.wide is not None:
        return _wide(resource, rows)
    fields = resource.file_fields
    return FileTable([field.name for field in fields], fields, _long(resource, fields, rows))


def _long(resource: Resource, fields: Sequence[ContractField], rows: Table) -> Iterator[list[Any]]:
    beside = _beside(resource)
    for row in rows:
        yield [_cell(row, field, beside) for field in fields]


def _wide(resource: Resource, rows: Table) -> FileTable:
    """A column for each header that the rows' values make, in the order of their first row; a row for each set of the other fields."""
    wide = resource.wide
    if wide is None:
        raise ValueError(f"{resource.name} is not wide")
    fields, value = resource.file_fields, resource.schema_.field(wide.value)
    parts, beside = [resource.schema_.field(name) for name in wide.parts], _beside(resource)
    headers: dict[str, None] = {}
    lines: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in rows:
        texts = [str(written(_cell(row, part, beside), part, [""])) for part in parts]
        header = "".join(piece for pair in zip(wide.texts, [*texts, ""], strict=True) for piece in pair)
        headers[header] = None
        lines.setdefault(tuple(_cell(row, field, beside) for field in fields), {})[header] = row[value.column]
    names = list(headers)
    cells = [[*fixed, *(found.get(name) for name in names)] for fixed, found in lines.items()]
    return FileTable([*(field.name for field in fields), *names], [*fields, *(value for _ in names)], cells)


def _beside(resource: Resource) -> dict[str, ContractField]:
    """By field, the one that is written beside its value: the mark of a year."""
    return {field.within: field for field in resource.schema_.fields if field.within}


def _cell(row: dict[str, Any], field: ContractField, beside: dict[str, ContractField]) -> Any:
    """The value, with what is written beside it: "Prel. 2016"."""
    value, mark = row[field.column], beside.get(field.name)
    said = row[mark.column] if mark is not None else None
    return f"{said} {value}" if said else value
