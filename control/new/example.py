"""The example file of a first contract: the sample's first rows as they are written, without what it says of persons."""

from __future__ import annotations

import csv
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import xlsxwriter

from control.new.sample import Sample
from control.new.sample_table import Column, Table

ROWS = 20
MADE_UP_FROM = date(1990, 1, 1)
ISO = "%Y-%m-%d"


def write_example(sample: Sample, table: Table, target: Path) -> None:
    """Writes the header, on the line it had, and at most 20 rows; values of personal columns are made up."""
    kept = sample.rows.head(ROWS)
    rows = [
        [_made_up(column, n) if column.personal != "none" and value else value for column, value in zip(table.columns, row, strict=True)]
        for n, row in enumerate(kept.iter_rows())
    ]
    if sample.is_workbook:
        _write_workbook(sample, table, rows, target)
    else:
        _write_text(sample, rows, target)


def _made_up(column: Column, n: int) -> str:
    if column.type == "year":
        return str(MADE_UP_FROM.year + n)
    if column.type == "date":
        return (MADE_UP_FROM + timedelta(days=n)).strftime(column.guess.format or ISO)
    return f"ví dụ {n + 1}"


def _write_text(sample: Sample, rows: list[list[str]], target: Path) -> None:
    # With its mark a file in UTF-8 is read whatever encoding the contract names; old encodings cannot write every Vietnamese letter.
    encoding = "utf-8" if sample.encoding == "utf-8" else "utf-8-sig"
    with target.open("w", newline="", encoding=encoding) as file:
        file.write("\n" * (sample.header_row - 1))
        writer = csv.writer(file, delimiter=sample.delimiter or ",", lineterminator="\n")
        writer.writerow(sample.headers)
        writer.writerows(rows)


def _write_workbook(sample: Sample, table: Table, rows: list[list[str]], target: Path) -> None:
    with xlsxwriter.Workbook(str(target)) as book:
        sheet = book.add_worksheet()
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_row(sample.header_row - 1, 0, sample.headers)
        for n, row in enumerate(rows, start=sample.header_row):
            for place, (column, value) in enumerate(zip(table.columns, row, strict=True)):
                cell = _cell(column, value)
                if isinstance(cell, date):
                    sheet.write_datetime(n, place, datetime(cell.year, cell.month, cell.day), day)  # noqa: DTZ001 - a day has no zone
                elif isinstance(cell, str):
                    sheet.write_string(n, place, cell)
                else:
                    sheet.write_number(n, place, cell)


def _cell(column: Column, value: str | None) -> Any:
    """A value as a workbook keeps it: numbers and days as such where the column has that type, the rest as text."""
    text = value or ""
    try:
        if column.type in ("integer", "year"):
            return int(text)
        if column.type == "number":
            return float(text)
        if column.type == "date":
            return datetime.strptime(text, ISO).date()  # noqa: DTZ007 - a day of the file
    except ValueError:
        return text
    return text
