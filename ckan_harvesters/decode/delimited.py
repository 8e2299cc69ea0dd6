"""Text files with a delimiter, with the physical line of each row.

A file without quotes is split by Polars (1 s for a million rows of eight cells); one with quotes goes through Python's csv
module (2.6 s), which alone knows on which line a quoted row began.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import polars as pl

from ckan_harvesters.decode.decoded import Decoded, shown
from ckan_harvesters.decode.header import Header, match_header
from ckan_harvesters.decode.text import decode_text
from ckan_harvesters.errors import Refused, Rejected
from datasets.model.contract import Resource

DECODER = "csv/1"
BLOCK = 50_000
MAX_CELL = 131_072
LINE = "line"


def decode_delimited(path: Path, resource: Resource) -> Decoded:
    """Decode a text file. Raises Refused, see `decode`."""
    text = decode_text(path.read_bytes(), resource.encoding)
    plain = '"' not in text and "\x00" not in text and text.count("\r") == text.count("\r\n")
    decoded = _by_polars(text, resource) if plain else _by_csv(text, resource)
    cut = decoded.rejected[-1] if decoded.rejected else None
    if cut and cut.rule == "row_cells" and not text.endswith(("\n", "\r")) and cut.params["found"] < cut.params["expected"]:
        last = decoded.frame[LINE].max()
        if cut.line is not None and (last is None or cut.line > int(str(last))):
            raise Refused("truncated", line=cut.line)
    return decoded


def _by_polars(text: str, resource: Resource) -> Decoded:
    delimiter, header_row = resource.dialect.delimiter, resource.dialect.header_row
    rows = pl.Series("row", [text]).str.split("\n").explode().to_frame().with_row_index(LINE, offset=1)
    rows = rows.with_columns(pl.col("row").str.strip_suffix("\r"))
    if rows.height < header_row:
        raise _no_header(resource)
    header = match_header(rows["row"][header_row - 1].split(delimiter), resource, header_row)
    rows = rows.slice(header_row)
    rows = rows.filter(pl.col("row").str.replace_all(delimiter, "", literal=True).str.strip_chars() != "")
    rows = rows.with_columns(pl.col("row").str.count_matches(delimiter, literal=True).alias("cells") + 1)
    ragged = rows.filter(pl.col("cells") != header.width)
    rejected = [_ragged(line, cells, row, header, resource) for line, row, cells in ragged.iter_rows()]
    good = rows.filter(pl.col("cells") == header.width)
    cells = good.select(pl.col("row").str.split_exact(delimiter, header.width - 1).alias("cells")).unnest("cells")
    frame = pl.DataFrame([good[LINE], *[cells.to_series(index).alias(name) for name, index in header.positions.items()]])
    _unnamed_must_be_empty(cells, header, good[LINE])
    return Decoded(frame, header.written, DECODER, rejected)


def _by_csv(text: str, resource: Resource) -> Decoded:
    header: Header | None = None
    rejected: list[Rejected] = []
    blocks: list[pl.DataFrame] = []
    records = _records(text, resource, rejected)
    for line, cells in records:
        if line >= resource.dialect.header_row:
            header = match_header(cells, resource, line)
            break
    if header is None:
        raise _no_header(resource)
    rejected.clear()
    nulls = "\x00" in text
    columns = [str(index) for index in range(header.width)]
    while True:
        good = list(islice(_whole_rows(records, header, resource, rejected, nulls=nulls), BLOCK))
        if not good:
            break
        lines, rows = zip(*good, strict=True)
        block = pl.DataFrame(dict(zip(columns, zip(*rows, strict=True), strict=True)), dict.fromkeys(columns, pl.String))
        _unnamed_must_be_empty(block, header, pl.Series(LINE, lines))
        named = [block[str(index)].alias(name) for name, index in header.positions.items()]
        blocks.append(pl.DataFrame([pl.Series(LINE, lines, pl.UInt32), *named]))
    empty = {LINE: pl.UInt32, **dict.fromkeys(header.positions, pl.String)}
    return Decoded(pl.concat([pl.DataFrame(schema=empty), *blocks]), header.written, DECODER, rejected)


def _no_header(resource: Resource) -> Refused:
    return Refused("header_wrong", found="", expected=", ".join(f.name for f in resource.schema_.fields), line=resource.dialect.header_row)


def _records(text: str, resource: Resource, rejected: list[Rejected]) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line on which each begins; a row with broken quotes is rejected with the lines it took."""
    csv.field_size_limit(MAX_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=resource.dialect.delimiter, strict=True)
    while True:
        begins = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "unexpected end of data" in str(error) or "field limit" in str(error):
                raise Refused("truncated", line=begins) from error
            rejected.append(Rejected(begins, None, "row_quotes", None, {"line": begins, "last_line": reader.line_num}))
            continue
        yield begins, cells


def _whole_rows(
    records: Iterator[tuple[int, list[str]]], header: Header, resource: Resource, rejected: list[Rejected], *, nulls: bool
) -> Iterator[tuple[int, list[str]]]:
    for line, cells in records:
        if not nulls and len(cells) == header.width and cells[0].strip():
            yield line, cells
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != header.width:
            rejected.append(_ragged(line, len(cells), resource.dialect.delimiter.join(cells), header, resource))
        elif any("\x00" in cell for cell in cells):
            rejected.append(Rejected(line, None, "null_byte", shown(resource.dialect.delimiter.join(cells), resource)))
        else:
            yield line, cells


def _ragged(line: int, cells: int, row: str, header: Header, resource: Resource) -> Rejected:
    return Rejected(line, None, "row_cells", shown(row, resource), {"found": cells, "expected": header.width})


def _unnamed_must_be_empty(cells: pl.DataFrame, header: Header, lines: pl.Series) -> None:
    for index in header.unnamed:
        filled = cells.to_series(index).str.strip_chars() != ""
        if filled.any():
            line = int(lines.filter(filled)[0])
            raise Refused("unnamed_column", position=index + 1, line=line)
