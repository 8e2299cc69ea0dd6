"""A sample file as a person has it, read by the harvest's own decoder: how it is written, its headers, its rows as text."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl

from ckan_harvesters.decode import decode
from ckan_harvesters.decode.header import DELIMITERS
from ckan_harvesters.decode.text import decode_text, seems
from ckan_harvesters.decode.workbook import guard, read_apart
from ckan_harvesters.errors import Refused
from control.steps import StepFailed
from datasets.model.contract import Resource
from datasets.model.messages import say

LOOKED_AT = 40
"""Rows at the top of the file among which the header is looked for."""
LINE = "line"


@dataclass(frozen=True)
class Sample:
    """The table of a file."""

    path: Path
    rows: pl.DataFrame
    """One String column for each header, in the file's order, as decoded."""
    header_row: int
    delimiter: str | None
    """None for a workbook."""
    encoding: str
    dropped: int = 0
    """Rows that could not be read as rows of the table."""

    @property
    def is_workbook(self) -> bool:
        return self.delimiter is None

    @property
    def headers(self) -> list[str]:
        return self.rows.columns


def read_sample(path: Path) -> Sample:
    """Reads a CSV file or a workbook. Raises StepFailed in words when it is neither, is empty, or has no header."""
    if path.suffix.lower() not in (".csv", ".xlsx"):
        raise StepFailed(f"{path} is no sample that can be read", advice="give a .csv or an .xlsx file")
    try:
        return _workbook(path) if path.suffix.lower() == ".xlsx" else _text(path)
    except OSError as error:
        raise StepFailed(f"{path} cannot be read: {error.strerror}", advice="give the path of a file that is there") from error
    except Refused as refused:
        raise StepFailed(f"{path}: {say(f'refused.{refused.code}', 'en', **refused.params)}", advice="save the file anew") from refused


def _text(path: Path) -> Sample:
    data = path.read_bytes()
    encoding = seems(data)
    text = decode_text(data, encoding)
    delimiter = _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    header_row, headers = _header(path, _numbered(reader))
    decoded = decode(path, _provisional(headers, {"delimiter": delimiter, "headerRows": [header_row]}, encoding))
    return Sample(path, decoded.frame.drop(LINE), header_row, delimiter, encoding, len(decoded.rejected))


def _workbook(path: Path) -> Sample:
    guard(path)
    with tempfile.TemporaryDirectory(prefix="sample-") as folder:
        target = Path(folder) / "sheet.csv"
        read_apart(path, target, "")
        with target.open(newline="", encoding="utf-8") as file:
            rows = [(n, [cell[1:] for cell in row]) for n, row in enumerate(islice(csv.reader(file), LOOKED_AT), start=1)]
    header_row, headers = _header(path, iter(rows))
    decoded = decode(path, _provisional(headers, {"headerRows": [header_row]}, "utf-8"))
    return Sample(path, decoded.frame.drop(LINE), header_row, None, "utf-8", len(decoded.rejected))


def _numbered(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line on which each begins."""
    begins = 1
    for row in islice(reader, LOOKED_AT):
        yield begins, row
        begins = reader.line_num + 1


def _delimiter(text: str) -> str:
    """The delimiter that cuts most of the first lines into the same number of cells, more than one."""
    lines = [line for line in text.splitlines()[:LOOKED_AT] if line.strip()]

    def fit(delimiter: str) -> tuple[int, int]:
        counts = [len(row) for row in csv.reader(lines, delimiter=delimiter)]
        usual = max(set(counts), key=counts.count)
        return (counts.count(usual) if usual > 1 else 0, usual)

    return max(DELIMITERS, key=fit)


def _header(path: Path, rows: Iterator[tuple[int, list[str]]]) -> tuple[int, list[str]]:
    """Line and cells of the header: the first row with as many words as the table is wide, none of them a number."""
    found = [(line, [cell.strip() for cell in row]) for line, row in rows]
    width = max((sum(bool(cell) for cell in row) for _, row in found), default=0)
    for line, row in found:
        words = [cell for cell in row if cell]
        if len(words) >= max(1, width - 1) and all(any(letter.isalpha() for letter in word) for word in words):
            return line, words
    raise StepFailed(f"{path} has no row of headers in its first {LOOKED_AT} lines", advice="write a name above each column")


def _provisional(headers: Sequence[str], dialect: dict[str, Any], encoding: str) -> Resource:
    """A resource that takes every column as text, so that the decoder can be asked for them."""
    return Resource.model_validate(
        {
            "name": "sample",
            "path": "sample.csv",
            "title": "sample",
            "titles": {"en": "sample"},
            "publishers": ["sample"],
            "steward": "sample/sample",
            "access": "shared",
            "legal_basis": "sample",
            "dialect": dialect,
            "encoding": encoding,
            "delivery": {"scope": "whole"},
            "obligation": {"calendar": "month", "due": "17:00"},
            "schema": {
                "fields": [{"name": name, "column": f"c{number}", "title": name} for number, name in enumerate(headers)],
                "primaryKey": [headers[0]],
            },
        }
    )
