"""Text files with a delimiter, with the physical line of each row.

A file without quotes is cut into lines by Polars; one with quotes goes through Python's csv module, which alone knows on which line a
quoted row began, and its rows are joined again with a character that the file does not have. Polars then splits both (a million rows of
eight cells: 1 s, with quotes 3 s).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from ckan_harvesters.decode.decoded import LINES, Decoded, shown
from ckan_harvesters.decode.frame import framed
from ckan_harvesters.decode.header import Header, match_header
from ckan_harvesters.decode.text import decode_text
from ckan_harvesters.errors import Refused, Rejected
from datasets.model.contract import Resource

DECODER = "csv/1"
BLOCK = 100_000
MAX_CELL = 131_072
LINE = "line"
ROW = "row"
NUL = "\x00"
SEPARATORS = ("\x1f", "\x1e", "\x1d", "\x1c", *map(chr, range(0xE000, 0xF8FF)))


def decode_delimited(path: Path, resource: Resource) -> Decoded:
    """Decode a text file. Raises Refused, see `decode`."""
    text = decode_text(path.read_bytes(), resource.encoding)
    plain = '"' not in text and text.count("\r") == text.count("\r\n")
    decoded = _by_lines(text, resource) if plain else _by_records(text, resource)
    cut = decoded.rejected[-1] if decoded.rejected else None
    if cut and cut.rule == "row_cells" and not text.endswith(("\n", "\r")) and cut.params["found"] < cut.params["expected"]:
        lines = decoded.frame[LINE]
        last = (lines % LINES if resource.wide else lines).max()
        if cut.line is not None and (last is None or cut.line > int(str(last))):
            raise Refused("truncated", line=cut.line)
    return decoded


def _by_lines(text: str, resource: Resource) -> Decoded:
    delimiter, header_row = resource.dialect.delimiter, resource.dialect.header_row
    rows = pl.Series(ROW, [text]).str.split("\n").explode().to_frame().with_row_index(LINE, offset=1)
    rows = rows.with_columns(pl.col(ROW).str.strip_suffix("\r"))
    if rows.height < header_row:
        raise _no_header(resource)
    header = match_header(rows[ROW][header_row - 1].split(delimiter), resource, header_row)
    return _split(rows.slice(header_row), delimiter, header, resource, [])


def _by_records(text: str, resource: Resource) -> Decoded:
    broken: list[Rejected] = []
    records = _records(text, resource, broken)
    line, names = next(((line, cells) for line, cells in records if line >= resource.dialect.header_row), (0, []))
    if not line:
        raise _no_header(resource)
    header = match_header(names, resource, line)
    broken.clear()
    separator = next(s for s in SEPARATORS if s not in text)
    blocks = [pl.DataFrame(schema={LINE: pl.UInt32, ROW: pl.String})]
    lines: list[int] = []
    rows: list[str] = []
    # Each row is joined at once: lists kept by the hundred thousand keep Python's garbage collector busy for longer than all else.
    for line, cells in records:
        lines.append(line)
        rows.append(separator.join(cells))
        if len(lines) == BLOCK:
            blocks.append(_block(lines, rows))
            lines, rows = [], []
    blocks.append(_block(lines, rows))
    return _split(pl.concat(blocks), separator, header, resource, broken)


def _block(lines: list[int], rows: list[str]) -> pl.DataFrame:
    return pl.DataFrame([pl.Series(LINE, lines, pl.UInt32), pl.Series(ROW, rows, pl.String)])


def _records(text: str, resource: Resource, broken: list[Rejected]) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line on which each begins; a row with broken quotes is rejected with the lines it took."""
    csv.field_size_limit(MAX_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=resource.dialect.delimiter, strict=True)
    begins = 1
    while True:
        try:
            for cells in reader:
                yield begins, cells
                begins = reader.line_num + 1
        except csv.Error as error:
            if "unexpected end of data" in str(error) or "field limit" in str(error):
                raise Refused("truncated", line=begins) from error
            broken.append(Rejected(begins, None, "row_quotes", None, {"line": begins, "last_line": reader.line_num}))
            begins = reader.line_num + 1
            continue
        return


def _split(rows: pl.DataFrame, separator: str, header: Header, resource: Resource, broken: list[Rejected]) -> Decoded:
    """Rows (`line`, `row`) to columns: blank rows are dropped, those that are ragged or hold a NUL rejected."""
    row = pl.col(ROW)
    rows = rows.filter(row.str.replace_all(separator, "", literal=True).str.strip_chars() != "")
    rows = rows.with_columns(row.str.count_matches(separator, literal=True).alias("cells") + 1)
    whole = pl.col("cells") == header.width
    rejected = [
        Rejected(line, None, "row_cells", _shown(text, separator, resource), {"found": cells, "expected": header.width})
        for line, text, cells in rows.filter(~whole).select(LINE, ROW, "cells").iter_rows()
    ]
    damaged = row.str.contains(NUL, literal=True)
    for line, text in rows.filter(whole & damaged).select(LINE, ROW).iter_rows():
        rejected.append(Rejected(line, None, "null_byte", _shown(text, separator, resource)))
    good = rows.filter(whole & ~damaged)
    cells = good.select(row.str.split_exact(separator, header.width - 1).alias("cells")).unnest("cells")
    _unnamed_must_be_empty(cells, header, good[LINE])
    made = framed(good[LINE], cells, header, resource, lambda _field, cell: cell)
    problems = sorted([*broken, *rejected], key=lambda r: r.line or 0)
    return Decoded(made.frame, header.written, DECODER, problems, made.left_out, tuple(s.written for s in header.spread))


def _no_header(resource: Resource) -> Refused:
    return Refused("header_wrong", found="", expected=", ".join(f.name for f in resource.file_fields), line=resource.dialect.header_row)


def _shown(row: str, separator: str, resource: Resource) -> str:
    return shown(row.replace(separator, resource.dialect.delimiter), resource)


def _unnamed_must_be_empty(cells: pl.DataFrame, header: Header, lines: pl.Series) -> None:
    for index in header.unnamed:
        filled = cells.to_series(index).str.strip_chars() != ""
        if filled.any():
            raise Refused("unnamed_column", position=index + 1, line=int(lines.filter(filled)[0]))
