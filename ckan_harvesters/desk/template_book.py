"""The template as a workbook: header with explanations, lists to choose from, units' codes, and an example row that is known again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from xlsxwriter.worksheet import Worksheet

from ckan_harvesters.check.columns import EXAMPLE_DAY, type_params
from ckan_harvesters.check.example_row import MARKERS, example_values
from ckan_harvesters.delivery import DeliveryScope
from ckan_harvesters.desk.asked import Asked
from ckan_harvesters.desk.book import LONGEST_LIST, Book, comment, explanation, sheet_name, write_header
from ckan_harvesters.desk.form import title as field_title
from ckan_harvesters.desk.laid import Laid
from ckan_harvesters.desk.options import allowed_values
from ckan_harvesters.written_date import date_format
from datasets.model.contract import ContractField, Resource
from datasets.model.figure_status import StatusColumn
from datasets.model.messages import say

ROWS = 5000
"""Rows below the header that offer lists and limits."""


@dataclass(frozen=True)
class Codes:
    """What the template offers beside the contract."""

    units: Mapping[str, Sequence[Sequence[str]]]
    """Code and name of the units that a field may hold, by field."""
    options: Mapping[str, Sequence[Sequence[str]]]
    """Value and label of the other fields that take only some."""


def write_template(path: Path, asked: Asked, laid: Laid, here: DeliveryScope, codes: Codes, agency_title: str, language: str) -> None:
    """Writes the workbook to `path`."""
    resource, head = asked.resource, asked.resource.dialect.header_row - 1
    book = Book.begin(path, asked.contract, asked.dataset)
    data = book.sheet(resource.dialect.sheet or say("book.data", language))
    write_header(book, data, laid.columns, resource, head, language)
    if resource.wide is None:
        _example(book, data, resource, codes, head + 1, language)
    for number, row in enumerate(laid.rows, start=head + 1):
        for place, text in enumerate(row):
            if text:
                data.write_string(number, place, text, book.text)
    _guide(book, asked, laid, agency_title, language)
    where = {**_units(book, codes, language), **_lists(book, resource, codes, language)}
    first = head + (2 if resource.wide is None else 1)
    for place, column in enumerate(laid.columns):
        rule = _rule(column.field, resource, here, where.get(column.field.name), language)
        if rule:
            data.data_validation(first, place, head + ROWS, place, rule)
    data.activate()
    book.file.close()


def _example(book: Book, sheet: Worksheet, resource: Resource, codes: Codes, row: int, language: str) -> None:
    values = example_values(resource)
    marker = MARKERS[language]
    for column, field in enumerate(resource.schema_.fields):
        units = codes.units.get(field.name)
        value = units[0][0] if units else values.get(field.name, "")
        look = book.format_of(field, italic=True, font_color="#667085")
        if column == 0:
            sheet.write_string(row, column, f"{marker} {value}".strip(), book.example)
            comment(sheet, row, column, say("book.example_note", language, marker=marker))
        elif not value:
            sheet.write_blank(row, column, None, look)
        elif field.type in ("date", "datetime"):
            sheet.write_datetime(row, column, EXAMPLE_DAY if field.type == "datetime" else EXAMPLE_DAY.date(), look)
        elif field.type in ("integer", "number", "year"):
            sheet.write_number(row, column, float(value.replace(field.decimalChar, ".")), look)
        elif field.type == "boolean":
            sheet.write_boolean(row, column, value == "true", look)
        else:
            sheet.write_string(row, column, value, look)


def _guide(book: Book, asked: Asked, laid: Laid, agency_title: str, language: str) -> None:
    sheet = book.sheet(say("book.guide", language))
    sheet.set_column(0, 0, 28, book.wrapped)
    sheet.set_column(1, 1, 34, book.wrapped)
    sheet.set_column(2, 2, 70, book.wrapped)
    title = asked.resource.title if language == "vi" else getattr(asked.resource.titles, language) or asked.resource.titles.en
    facts = [("dataset", title), ("agency", agency_title), ("period", asked.period or ""), ("version", asked.contract.version)]
    for row, (code, value) in enumerate(facts):
        sheet.write_string(row, 0, say(f"book.{code}", language), book.header)
        sheet.write_string(row, 1, value, book.wrapped)
    sheet.merge_range(5, 0, 5, 2, say("book.steps" if asked.resource.wide is None else "book.steps_wide", language), book.wrapped)
    sheet.set_row(5, 48)
    for column, code in enumerate(("column", "meaning", "how")):
        sheet.write_string(7, column, say(f"book.{code}", language), book.header)
    lines = [(field.name, *_explained(field, asked.resource, language)) for field in asked.resource.file_fields]
    for row, cells in enumerate([*lines, *_wide_line(asked.resource, laid, language)], start=8):
        for column, text in enumerate(cells):
            sheet.write_string(row, column, text, book.wrapped)


def _explained(field: ContractField, resource: Resource, language: str) -> tuple[str, str]:
    title, _, rest = explanation(field, resource, language).partition("\n")
    return title, rest


def _wide_line(resource: Resource, laid: Laid, language: str) -> list[tuple[str, str, str]]:
    """How the columns across are headed and filled in; none for a table that has no such columns."""
    wide, status = resource.wide, resource.status
    if wide is None:
        return []
    title, rest = _explained(resource.schema_.field(wide.value), resource, language)
    parts = ", ".join(field_title(resource.schema_.field(name), language) for name in wide.parts)
    across = [column.header for column in laid.columns if column.field.name == wide.value]
    said = [say("book.wide", language, parts=parts, example=across[-1] if across else wide.headers)]
    if isinstance(status, StatusColumn) and (own := resource.status_field) is not None and own.within in wide.parts:
        words = ", ".join(word for listed in (status.words or {}).values() for word in listed)
        said.append(say("book.wide_status", language, words=words))
    return [(wide.headers, title, "\n".join([*said, rest]))]


def _units(book: Book, codes: Codes, language: str) -> dict[str, str]:
    """The sheet of units' codes; where each field's list stands."""
    where: dict[str, str] = {}
    if not codes.units:
        return where
    name = sheet_name(say("book.units", language))
    sheet = book.sheet(name)
    for place, (field, units) in enumerate(codes.units.items()):
        _list(book, sheet, place * 3, (say("book.code", language), say("book.unit_name", language)), units)
        where[field] = _range(name, place * 3, len(units))
    sheet.freeze_panes(1, 0)
    return where


def _lists(book: Book, resource: Resource, codes: Codes, language: str) -> dict[str, str]:
    """The sheet of the other lists, when there are any."""
    where: dict[str, str] = {}
    listed = [f for f in resource.schema_.fields if codes.options.get(f.name)]
    if not listed:
        return where
    name = sheet_name(say("book.values", language))
    sheet = book.sheet(name)
    for place, field in enumerate(listed):
        values = codes.options[field.name]
        _list(book, sheet, place * 3, (field.name, say("book.label", language)), values)
        where[field.name] = _range(name, place * 3, len(values))
    sheet.freeze_panes(1, 0)
    return where


def _list(book: Book, sheet: Worksheet, column: int, heads: Sequence[str], values: Sequence[Sequence[str]]) -> None:
    sheet.set_column(column, column, 18, book.text)
    sheet.set_column(column + 1, column + 1, 42, book.text)
    for offset, head in enumerate(heads):
        sheet.write_string(0, column + offset, head, book.header)
    for row, pair in enumerate(values, start=1):
        for offset, text in enumerate(pair[:2]):
            sheet.write_string(row, column + offset, text, book.text)


def _range(sheet: str, column: int, count: int) -> str:
    letter = chr(ord("A") + column) if column < 26 else f"{chr(ord('A') + column // 26 - 1)}{chr(ord('A') + column % 26)}"
    return f"='{sheet}'!${letter}$2:${letter}${max(2, count + 1)}"


def _rule(field: ContractField, resource: Resource, here: DeliveryScope, where: str | None, language: str) -> dict[str, Any] | None:
    """What the workbook lets one enter; a paste is not held up by it, the check is."""
    words = {"error_title": say("book.wrong_title", language)}
    values = allowed_values(field, resource)
    if values and len(",".join(values)) <= LONGEST_LIST and not any("," in v for v in values):
        return {"validate": "list", "source": values, "error_message": say("book.wrong_list", language), **words}
    if where is not None:
        return {"validate": "list", "source": where, "error_message": say("book.wrong_list", language), **words}
    if field.type == "boolean":
        return {"validate": "list", "source": ["true", "false"], "error_message": say("book.wrong_list", language), **words}
    if field.type in ("integer", "number"):
        least, most = _bounds(field)
        kind = "integer" if field.type == "integer" else "decimal"
        message = say("book.wrong_number", language)
        return {"validate": kind, "criteria": "between", "minimum": least, "maximum": most, "error_message": message, **words}
    if field.type == "date" and field.name == resource.delivery.column and here.starts and here.ends:
        first, last = here.starts, here.ends - timedelta(days=1)
        return _days(first, last, field, language) | words
    return None


def _bounds(field: ContractField) -> tuple[float, float]:
    least, most = field.constraints.minimum, field.constraints.maximum
    return (least if isinstance(least, int | float) else -1e15, most if isinstance(most, int | float) else 1e15)


def _days(first: date, last: date, field: ContractField, language: str) -> dict[str, Any]:
    said = say("book.date", language, form=type_params(field)["form"], example=first.strftime(date_format(field.format)))
    return {"validate": "date", "criteria": "between", "minimum": first, "maximum": last, "error_message": said[:250]}
