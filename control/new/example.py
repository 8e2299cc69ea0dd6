"""The example file of a first contract: the sample's first rows as they are written, without what it says of persons."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import xlsxwriter

from control.new.sample import Sample
from control.new.sample_table import Column, Table

ROWS = 20
MADE_UP_FROM = date(1990, 1, 1)
ISO = "%Y-%m-%d"


def write_example(sample: Sample, table: Table, target: Path, without: Collection[int] = ()) -> dict[int, int]:
    """Writes the header, on the line it had, and at most 20 rows; values of personal columns are made up.

    `without`: numbers of rows that are left out, from 0. Gives the line on which each row begins, with its number.
    """
    kept = sample.rows.head(ROWS)
    rows = {
        n: [_made_up(column, n) if column.personal != "none" and value else value for column, value in zip(table.columns, row, strict=True)]
        for n, row in enumerate(kept.iter_rows())
        if n not in without
    }
    if sample.is_workbook:
        _write_workbook(sample, table, list(rows.values()), target)
        return dict(enumerate(rows, start=sample.header_row + 1))
    return _write_text(sample, rows, target)


def _made_up(column: Column, n: int) -> str:
    if column.type == "year":
        return str(MADE_UP_FROM.year + n)
    if column.type == "date":
        return (MADE_UP_FROM + timedelta(days=n)).strftime(column.guess.format or ISO)
    return f"ví dụ {n + 1}"


def _write_text(sample: Sample, rows: Mapping[int, list[str]], target: Path) -> dict[int, int]:
    # With its mark a file in UTF-8 is read whatever encoding the contract names; old encodings cannot write every Vietnamese letter.
    encoding = "utf-8" if sample.encoding == "utf-8" else "utf-8-sig"
    text = io.StringIO(newline="")
    text.write("\n" * (sample.header_row - 1))
    writer = csv.writer(text, delimiter=sample.delimiter or ",", lineterminator="\n")
    writer.writerow(sample.headers)
    lines = {}
    for n, row in rows.items():
        lines[text.getvalue().count("\n") + 1] = n
        writer.writerow(row)
    target.write_bytes(text.getvalue().encode(encoding))
    return lines


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
