"""Write simulated rows as the contract says its files are written."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import xlsxwriter

from datasets.demonstration.encode import encodable, missing_mark, written
from datasets.demonstration.table import Table, table_of
from datasets.model.contract import Resource


def write_table(path: Path, resource: Resource, rows: Table) -> None:
    """Write a CSV or an XLSX file, by the path's ending; the same rows give the same bytes. Raises ValueError for another ending."""
    if path.suffix == ".csv":
        _write_csv(path, resource, rows)
    elif path.suffix == ".xlsx":
        _write_workbook(path, resource, rows)
    else:
        raise ValueError(f"{path.name}: only .csv and .xlsx are simulated")


def above_header(resource: Resource) -> list[list[str]]:
    """Lines before the header: the title, then empty ones."""
    lines = resource.dialect.header_row - 1
    return [[f"{resource.title} (số liệu mô phỏng)"], *([] for _ in range(lines - 1))] if lines else []


def _write_csv(path: Path, resource: Resource, rows: Table) -> None:
    with path.open("w", encoding=resource.encoding, newline="") as file:
        writer = csv.writer(file, delimiter=resource.dialect.delimiter, lineterminator="\r\n")
        writer.writerows(csv_lines(resource, rows))


def _lines(resource: Resource, rows: Table) -> Iterator[list[str]]:
    """Lines of a text file: what is above the header, the header, the rows."""
    table, missing = table_of(resource, rows), resource.schema_.missingValues
    yield from above_header(resource)
    yield table.header
    for cells in table.rows:
        yield [written(value, field, missing) for value, field in zip(cells, table.fields, strict=True)]


def csv_lines(resource: Resource, rows: Table, *, header: bool = True) -> Iterator[list[str]]:
    """Cells of the lines of a text file, in its encoding's letters; without the header only those of the rows."""
    for number, line in enumerate(_lines(resource, rows)):
        if header or number >= resource.dialect.header_row:
            yield [encodable(cell, resource.encoding) for cell in line]


def _write_workbook(path: Path, resource: Resource, rows: Table) -> None:
    table, mark = table_of(resource, rows), missing_mark(resource.schema_.missingValues)
    with xlsxwriter.Workbook(str(path)) as book:
        # The time of writing is part of a workbook; a fixed one keeps its bytes the same.
        book.set_properties({"title": f"{resource.title} (số liệu mô phỏng)", "created": datetime(2020, 1, 1)})  # noqa: DTZ001
        sheet = book.add_worksheet(resource.dialect.sheet)
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        moment = book.add_format({"num_format": "dd/mm/yyyy hh:mm:ss"})
        for number, line in enumerate([*above_header(resource), table.header]):
            sheet.write_row(number, 0, line)
        for number, cells in enumerate(table.rows, start=resource.dialect.header_row):
            for column, value in enumerate(cells):
                if isinstance(value, datetime):
                    sheet.write_datetime(number, column, value.replace(tzinfo=None), moment)
                elif isinstance(value, date):
                    sheet.write_datetime(number, column, datetime(value.year, value.month, value.day), day)  # noqa: DTZ001
                elif isinstance(value, bool):
                    sheet.write_boolean(number, column, value)
                elif isinstance(value, int | float):
                    sheet.write_number(number, column, value)
                elif value is not None or mark:
                    sheet.write_string(number, column, mark if value is None else str(value))
