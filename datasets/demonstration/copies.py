"""Many copies of some rows in a text file, made by columns instead of row by row."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any, BinaryIO

import numpy as np
import polars as pl

from datasets.demonstration.encode import encodable, missing_mark, written
from datasets.demonstration.write import csv_lines
from datasets.model.contract import ContractField, Resource

BLOCK = 100_000
"""Rows that are made at a time; more only when one copy has more."""
CLOCK = "%H:%M"
CLOCKS = pl.Series([f"{minute // 60:02d}:{minute % 60:02d}" for minute in range(1440)])
MINUTES = 30
"""The moments of a copy are at most so many minutes before or after those of its row, all by the same, and on the same days."""
PLACES = ("longitude", "latitude")
ASIDE = 90
"""The place of a copy is at most so many hundred-thousandths of a degree (about metres) to each side of that of its row."""


class CopiedRows:
    """Rows of a file, of which copies are written that differ in their number, their moments and their place."""

    def __init__(self, resource: Resource, number: str) -> None:
        """`number`: the column that tells one case from another; in a copy it ends with the number of the copy."""
        self.resource, self.number, self.rows = resource, number, 0
        self._cells: list[list[Any]] = [[] for _ in resource.file_fields]

    def add(self, values: dict[str, Any]) -> None:
        """One row more, by column of the store. Raises KeyError when it lacks a column."""
        for cells, field in zip(self._cells, self.resource.file_fields, strict=True):
            cells.append(values[field.column])
        self.rows += 1

    def write(self, path: Path, rows: int, draw: Random, *, digits: int) -> None:
        """Write so many rows as CSV: all of them again and again, the last time some that are spread evenly among them.

        `digits`: of a copy's number; with 0 the rows are written as they are. The same arguments and state of `draw` give the same bytes.
        """
        frame = self._frame()
        whole, rest = divmod(rows, self.rows)
        at_a_time = max(1, BLOCK // self.rows)
        with path.open("wb") as file:
            self._head(file)
            for first in range(0, whole, at_a_time):
                numbers = range(first, min(first + at_a_time, whole))
                block = pl.concat([frame] * len(numbers)).with_columns(copy=np.repeat(numbers, self.rows))
                self._append(file, self._moved(block, draw, digits) if digits else block)
            if rest:
                row = pl.int_range(self.rows)
                some = frame.filter((row + 1) * rest // self.rows > row * rest // self.rows).with_columns(copy=whole)
                self._append(file, self._moved(some, draw, digits) if digits else some)

    def _head(self, file: BinaryIO) -> None:
        """What stands above the rows."""
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=self.resource.dialect.delimiter, lineterminator="\r\n").writerows(csv_lines(self.resource, []))
        file.write(text.getvalue().encode(self.resource.encoding))

    def _frame(self) -> pl.DataFrame:
        """A column of text for each field, with the minute of the day in one of its own, and places as numbers."""
        columns: dict[str, pl.Series] = {}
        for field, cells in zip(self.resource.file_fields, self._cells, strict=True):
            name = field.column
            if name in PLACES:
                columns[name] = pl.Series(cells, dtype=pl.Float64)
            elif _is_moment(field):
                columns |= _moments(name, field.format or "", cells)
            else:
                texts = [encodable(written(value, field, self.resource.schema_.missingValues), self.resource.encoding) for value in cells]
                columns[name] = pl.Series(texts, dtype=pl.String)
        frame = pl.DataFrame(columns).with_columns(earlier=pl.lit(0, pl.Int32), room=pl.lit(1, pl.Int32))
        clocks = [_minute(field) for field in self.resource.file_fields if _is_moment(field)]
        if not clocks:
            return frame
        earlier = pl.min_horizontal(*clocks, pl.lit(MINUTES, pl.Int32))
        later = pl.min_horizontal(1439 - pl.max_horizontal(*clocks), pl.lit(MINUTES, pl.Int32))
        return frame.with_columns(earlier=earlier, room=earlier + later + 1)

    def _moved(self, block: pl.DataFrame, draw: Random, digits: int) -> pl.DataFrame:
        """The copies of the rows: another number, and moments and a place beside those of the row."""
        numbers = np.frombuffer(draw.randbytes(6 * block.height), dtype="<u2").reshape(3, block.height).astype(np.int32)
        block = block.with_columns(shift=pl.Series(numbers[0]))
        shift = pl.col("shift") % pl.col("room") - pl.col("earlier")
        clocks = [_minute(field) + shift for field in self.resource.file_fields if _is_moment(field)]
        sides = {name: pl.Series(numbers[n] % (2 * ASIDE + 1) - ASIDE) for n, name in enumerate(PLACES, start=1) if name in block.columns}
        return block.with_columns(
            pl.concat_str(self.number, pl.col("copy").cast(pl.String).str.zfill(digits)).alias(self.number),
            *clocks,
            *((pl.col(name) + side / 100_000).round(5) for name, side in sides.items()),
        )

    def _append(self, file: BinaryIO, block: pl.DataFrame) -> None:
        mark = missing_mark(self.resource.schema_.missingValues)
        lines = block.select(_text(field, mark).replace("", None).alias(field.column) for field in self.resource.file_fields)
        text = io.BytesIO()
        lines.write_csv(text, include_header=False, separator=self.resource.dialect.delimiter, line_terminator="\r\n")
        encoding = self.resource.encoding
        file.write(text.getbuffer() if encoding == "utf-8" else text.getvalue().decode().encode(encoding))


def _is_moment(field: ContractField) -> bool:
    return field.type == "datetime" and CLOCK in (field.format or "")


def _minute(field: ContractField) -> pl.Expr:
    return pl.col(f"{field.column} minute")


def _moments(name: str, form: str, cells: Sequence[datetime | None]) -> dict[str, pl.Series]:
    """What a moment's form writes before its clock and after it, and the minute of the day."""
    before, after = form.split(CLOCK, 1)
    minutes = [None if moment is None else moment.hour * 60 + moment.minute for moment in cells]
    return {
        f"{name} before": pl.Series([None if moment is None else moment.strftime(before) for moment in cells], dtype=pl.String),
        f"{name} minute": pl.Series(minutes, dtype=pl.Int32),
        f"{name} after": pl.Series([None if moment is None else moment.strftime(after) for moment in cells], dtype=pl.String),
    }


def _text(field: ContractField, mark: str) -> pl.Expr:
    """A field as text; what is missing as its mark."""
    name = field.column
    if _is_moment(field):
        clock = pl.lit(CLOCKS).gather(_minute(field))
        return pl.concat_str(f"{name} before", clock, f"{name} after").fill_null(mark)
    if name in PLACES:
        return pl.col(name).cast(pl.String).str.replace(".", field.decimalChar, literal=True).fill_null(mark)
    return pl.col(name)
