"""The cells of a file to the contract's frame: columns by field, subtotals left out, wide columns made rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from ckan_harvesters.decode.decoded import LINES
from ckan_harvesters.decode.header import Header, canonical
from ckan_harvesters.errors import VALUE_LIMIT, Refused, Rejected
from datasets.model.contract import ContractField, Resource

LINE = "line"
BLANKS = " \t\r\n\u00a0\u202f"
MOST_COLUMNS = 2047
"""Wide columns of a file; with more, the number of a row would not fit into 31 bits."""
NAMED_LINES = 20
"""Lines of subtotals that a receipt names; the others are counted."""

Written = Callable[[ContractField, pl.Expr], pl.Expr]


@dataclass(frozen=True)
class Framed:
    """`frame`: `line` (UInt32) and a String column for each field that the file holds. `left_out`: a word on rows that are no data."""

    frame: pl.DataFrame
    left_out: list[Rejected]


def framed(lines: pl.Series, cells: pl.DataFrame, header: Header, resource: Resource, written: Written) -> Framed:
    """`cells`: one String column for each column of the file, in its order. `written`: a cell as the contract writes it.

    In a wide table each cell with a value is a row, and `line` says its column too: see `Decoded.columns`. Raises Refused `wide_too_large`.
    """
    columns = [_cell(cells, index, resource.schema_.field(name), written) for name, index in header.positions.items()]
    named = pl.DataFrame([lines.cast(pl.UInt32).alias(LINE), *columns])
    keep, left_out = _subtotals(named, resource, header)
    if resource.wide is None:
        return Framed(named if keep is None else named.filter(keep), left_out)
    if (cells.height and int(str(lines.max())) >= LINES) or len(header.spread) > MOST_COLUMNS:
        raise Refused("wide_too_large", lines=LINES - 1, columns=MOST_COLUMNS)
    return Framed(_long(named, keep, cells, header, resource, written), left_out)


def _cell(cells: pl.DataFrame, index: int, field: ContractField, written: Written) -> pl.Series:
    column = cells.to_series(index).alias(field.name)
    return pl.DataFrame([column]).select(written(field, pl.col(field.name)).alias(field.name)).to_series()


def _subtotals(named: pl.DataFrame, resource: Resource, header: Header) -> tuple[pl.Series | None, list[Rejected]]:
    """Which rows stay, and one warning about those that do not."""
    subtotals = resource.subtotals
    if subtotals is None:
        return None, []
    wanted = {canonical(value) for value in subtotals.values}
    texts = named[subtotals.column]
    told = {text: canonical(text) in wanted for text in texts.drop_nulls().unique()}
    away = pl.Series([told.get(text, False) for text in texts], dtype=pl.Boolean)
    if not away.any():
        return None, []
    lines = named[LINE].filter(away).to_list()
    listed = ", ".join(map(str, lines[:NAMED_LINES])) + (", …" if len(lines) > NAMED_LINES else "")
    values = ", ".join(dict.fromkeys(text.strip() for text in texts.filter(away)))[:VALUE_LIMIT]
    column = header.written.get(subtotals.column, subtotals.column)
    return ~away, [Rejected(lines[0], column, "subtotals_left_out", values, {"count": len(lines), "lines": listed})]


def _long(
    named: pl.DataFrame, keep: pl.Series | None, cells: pl.DataFrame, header: Header, resource: Resource, written: Written
) -> pl.DataFrame:
    """One row for each cell of the wide columns that has a value, in the file's order."""
    if resource.wide is None:
        raise AssertionError("only a wide table is made long")
    value = resource.schema_.field(resource.wide.value)
    missing = [*{text.strip(BLANKS) for text in resource.schema_.missingValues}, ""]
    blocks = []
    for number, spread in enumerate(header.spread):
        block = named.with_columns(
            (pl.col(LINE) + number * LINES).cast(pl.UInt32).alias(LINE),
            *[pl.lit(text).alias(name) for name, text in spread.values.items()],
            _cell(cells, spread.index, value, written),
        )
        block = block if keep is None else block.filter(keep)
        if not value.constraints.required:
            block = block.filter(~pl.col(value.name).fill_null("").str.strip_chars(BLANKS).is_in(missing))
        blocks.append(block)
    return pl.concat(blocks).sort(pl.col(LINE) % LINES, pl.col(LINE))
