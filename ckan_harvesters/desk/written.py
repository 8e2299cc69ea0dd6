"""Rows of a form as the file that their contract asks for."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from datasets.model.contract import Resource

NEWLINE = "\r\n"


@dataclass(frozen=True)
class Written:
    """The file's bytes, and which row of the form begins on which line of it."""

    data: bytes
    rows: dict[int, int]
    """Physical line of the file → row of the form, from 1."""


def write_rows(header: Sequence[str], rows: Sequence[Sequence[str]], resource: Resource) -> Written:
    """A CSV file in the contract's dialect; rows without any value are left out.

    A contract in another encoding than UTF-8 gets UTF-8 with its byte order mark, which every contract takes: no letter is lost.
    """
    text = io.StringIO(newline="")
    text.write(NEWLINE * (resource.dialect.header_row - 1))
    writer = csv.writer(text, delimiter=resource.dialect.delimiter, lineterminator=NEWLINE)
    writer.writerow(header)
    line = resource.dialect.header_row + _breaks(header) + 1
    lines: dict[int, int] = {}
    for number, row in enumerate(rows, start=1):
        if not any(cell.strip() for cell in row):
            continue
        writer.writerow(row)
        lines[line] = number
        line += 1 + _breaks(row)
    plain = codecs.lookup(resource.encoding).name in ("utf-8", "ascii")
    return Written(text.getvalue().encode("utf-8" if plain else "utf-8-sig"), lines)


def _breaks(cells: Sequence[str]) -> int:
    """Line ends inside the cells, as the csv module counts them."""
    return sum(len(cell.splitlines()) - 1 + cell.endswith(("\n", "\r")) for cell in cells if "\n" in cell or "\r" in cell)
