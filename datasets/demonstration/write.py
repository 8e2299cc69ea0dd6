"""Write simulated rows as the contract says its files are written."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from datasets.model.contract import ContractField, Resource

Table = Sequence[dict[str, Any]]
"""Rows by column; a value of the wrong type is written as it is, which is how trouble gets into a file."""


def write_table(path: Path, resource: Resource, rows: Table) -> None:
    """Write a CSV or an XLSX file, by the path's ending; the same rows give the same bytes. Raises ValueError for another ending."""
    if path.suffix == ".csv":
        _write_csv(path, resource, rows)
    elif path.suffix == ".xlsx":
        _write_workbook(path, resource, rows)
    else:
        raise ValueError(f"{path.name}: only .csv and .xlsx are simulated")


def _above_header(resource: Resource) -> list[list[str]]:
    """Lines before the header: the title, then empty ones."""
    lines = resource.dialect.header_row - 1
    return [[f"{resource.title} (số liệu mô phỏng)"], *([] for _ in range(lines - 1))] if lines else []


def _write_csv(path: Path, resource: Resource, rows: Table) -> None:
    with path.open("w", encoding=resource.encoding, newline="") as file:
        writer = csv.writer(file, delimiter=resource.dialect.delimiter, lineterminator="\r\n")
        writer.writerows(_above_header(resource))
        writer.writerow(field.name for field in resource.schema_.fields)
        missing = resource.schema_.missingValues
        writer.writerows([_text(row[f.column], f, missing) for f in resource.schema_.fields] for row in rows)


def _text(value: Any, field: ContractField, missing: list[str]) -> str:
    if value is None:
        return missing[-1] if missing else ""
    if isinstance(value, date):
        return value.strftime(field.format or "%Y-%m-%d")
    if isinstance(value, float):
        return str(value).replace(".", field.decimalChar)
    return str(value)


def _write_workbook(path: Path, resource: Resource, rows: Table) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        # The time of writing is part of a workbook; a fixed one keeps its bytes the same.
        book.set_properties({"title": f"{resource.title} (số liệu mô phỏng)", "created": datetime(2020, 1, 1)})  # noqa: DTZ001
        sheet = book.add_worksheet(resource.dialect.sheet)
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        for number, line in enumerate([*_above_header(resource), [field.name for field in resource.schema_.fields]]):
            sheet.write_row(number, 0, line)
        for number, row in enumerate(rows, start=resource.dialect.header_row):
            for column, field in enumerate(resource.schema_.fields):
                value = row[field.column]
                if isinstance(value, date):
                    sheet.write_datetime(number, column, datetime(value.year, value.month, value.day), day)  # noqa: DTZ001
                elif isinstance(value, str):
                    sheet.write_string(number, column, value)
                elif value is not None:
                    sheet.write_number(number, column, value)
