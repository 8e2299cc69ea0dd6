"""What decoding a delivery gives."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from ckan_harvesters.errors import MASK, VALUE_LIMIT, Rejected
from datasets.model.contract import Resource

LINES = 2**20
"""More than a wide table has lines: its rows bear the line plus this times the number of the column that their cell is in."""


@dataclass(frozen=True)
class Decoded:
    """The file's rows as text.

    `frame` has one String column for each field that the file holds, named as the contract names it, and `line` (UInt32).
    `headers` gives for each field the header as the file writes it. `decoder` names the reader and its version.
    """

    frame: pl.DataFrame
    headers: dict[str, str]
    decoder: str
    rejected: list[Rejected] = field(default_factory=list)
    left_out: list[Rejected] = field(default_factory=list)
    """What is told of rows that the contract leaves out, such as subtotals."""
    columns: tuple[str, ...] = ()
    """Of a wide table: the headers of the columns that were made rows, as the file writes them; `line` tells which, see `LINES`."""


def shown(row: str, resource: Resource) -> str:
    """A whole row as a problem may show it: short, and masked where any field is personal."""
    if any(f.personal != "none" for f in resource.schema_.fields):
        return MASK
    return row.replace("\x00", "␀")[:VALUE_LIMIT]
