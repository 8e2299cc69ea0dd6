"""What the workbooks have in common. Text from data is written as text: nothing that stands in a file becomes a formula or a link."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from ckan_harvesters.check.columns import type_params
from ckan_harvesters.decode.stamp import CONTRACT, DATASET, PART, VERSION
from ckan_harvesters.desk.laid import Column
from ckan_harvesters.desk.options import allowed_values
from ckan_harvesters.written_date import date_format
from datasets.model.contract import Contract, ContractField, Resource
from datasets.model.messages import say

INERT = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
EXCEL_DATES = {"%d": "dd", "%m": "mm", "%Y": "yyyy", "%y": "yy", "%H": "hh", "%M": "mm", "%S": "ss"}
LONGEST_LIST = 250
LONGEST_COMMENT = 1500
LONGEST_SHEET_NAME = 31
NOT_IN_SHEET_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))


@dataclass(frozen=True)
class Book:
    """A workbook under way, and the formats that its sheets use."""

    file: xlsxwriter.Workbook
    header: Format
    required: Format
    text: Format
    wrapped: Format
    example: Format
    wrong: Format
    bad_row: Format

    @classmethod
    def begin(cls, path: Path, contract: Contract, dataset: str) -> Book:
        """A new workbook that bears the stamp of its contract."""
        file = xlsxwriter.Workbook(str(path), INERT)
        file.set_custom_property(DATASET, dataset, "text")
        file.set_custom_property(CONTRACT, contract.sha256, "text")
        file.set_custom_property(VERSION, contract.version, "text")
        head = {"bold": True, "border": 1, "border_color": "#8A97A8", "num_format": "@", "valign": "vcenter"}
        return cls(
            file=file,
            header=file.add_format({**head, "bg_color": "#E6ECF3"}),
            required=file.add_format({**head, "bg_color": "#C9DBF0"}),
            text=file.add_format({"num_format": "@"}),
            wrapped=file.add_format({"num_format": "@", "text_wrap": True, "valign": "top"}),
            example=file.add_format({"num_format": "@", "italic": True, "font_color": "#667085"}),
            wrong=file.add_format({"num_format": "@", "bg_color": "#F9D3CF", "border": 1, "border_color": "#B42318"}),
            bad_row=file.add_format({"num_format": "@", "bg_color": "#FDF3E7"}),
        )

    def mark_part(self, is_part: bool) -> None:
        """Keeps in the workbook that it has only some rows of a delivery, so that it is not taken for the whole."""
        if is_part:
            self.file.set_custom_property(PART, "rejected", "text")

    def format_of(self, field: ContractField, **more: Any) -> Format:
        """How a column's cells are kept: codes as text, so that no zero is lost; dates as the contract writes them."""
        return self.file.add_format({"num_format": excel_format(field), **more})

    def sheet(self, name: str) -> Worksheet:
        return self.file.add_worksheet(sheet_name(name))


def sheet_name(name: str) -> str:
    return name.translate(NOT_IN_SHEET_NAMES)[:LONGEST_SHEET_NAME].strip()


def excel_format(field: ContractField) -> str:
    """The number format of a column."""
    if field.type == "date":
        form = date_format(field.format)
    elif field.type == "datetime":
        form = "%Y-%m-%d %H:%M" if field.format in (None, "default") else str(field.format)
    else:
        return {"integer": "0", "number": "General", "year": "0"}.get(field.type, "@")
    for word, excel in EXCEL_DATES.items():
        form = form.replace(word, excel)
    return form


def write_header(book: Book, sheet: Worksheet, columns: Sequence[Column], resource: Resource, row: int, language: str) -> None:
    """The header, its explanations as comments, widths, and the header held in place."""
    for place, column in enumerate(columns):
        field = column.field
        needed = field.constraints.required or field.name in resource.schema_.primaryKey
        sheet.write_string(row, place, column.header, book.required if needed else book.header)
        comment(sheet, row, place, explanation(field, resource, language))
        sheet.set_column(place, place, min(32, max(12, len(column.header) + 4)), book.format_of(field))
    sheet.freeze_panes(row + 1, 0)


def comment(sheet: Worksheet, row: int, column: int, text: str) -> None:
    """A note on a cell, large enough to be read."""
    lines = sum(1 + len(line) // 42 for line in text.split("\n"))
    sheet.write_comment(
        row, column, text[:LONGEST_COMMENT], {"width": 300, "height": min(400, 24 + 18 * lines), "font_size": 10, "author": ""}
    )


def explanation(field: ContractField, resource: Resource, language: str) -> str:
    """Title, what is counted, how it is written, within which limits."""
    title = field.title if language == "vi" or field.titles is None else getattr(field.titles, language) or field.title
    needed = field.constraints.required or field.name in resource.schema_.primaryKey
    lines = [title, field.description if language == "vi" else None, how_written(field, resource, language), limits(field, language)]
    lines.append(f"{say('book.required', language)}: {say('book.yes' if needed else 'book.no', language)}")
    return "\n".join(line for line in lines if line)


def how_written(field: ContractField, resource: Resource, language: str) -> str:
    """One line about the way a column is written."""
    values = allowed_values(field, resource)
    if field.is_unit:
        return say("book.unit_code", language, sheet=sheet_name(say("book.units", language)))
    if field.refers and field.refers.agency:
        return say("book.agency_code", language, sheet=sheet_name(say("book.values", language)))
    if values:
        listed = ", ".join(values)
        if len(listed) <= LONGEST_LIST:
            return say("book.list", language, values=listed)
        return say("book.list_sheet", language, sheet=sheet_name(say("book.values", language)))
    params = type_params(field)
    if field.type in ("date", "datetime"):
        return say("book.date", language, **params)
    if field.type in ("integer", "number"):
        return say(f"book.{field.type}", language, **params)
    return say(f"book.{field.type}", language)


def limits(field: ContractField, language: str) -> str:
    said = [
        say("book.from", language, minimum=field.constraints.minimum) if field.constraints.minimum is not None else "",
        say("book.upto", language, maximum=field.constraints.maximum) if field.constraints.maximum is not None else "",
        say("book.unit", language, unit=field.unit) if field.unit else "",
    ]
    return ", ".join(part for part in said if part)
