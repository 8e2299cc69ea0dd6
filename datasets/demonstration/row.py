"""One simulated row, before it is written in a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from datasets.model.contract import Resource

if TYPE_CHECKING:
    from datasets.demonstration.world import World


@dataclass(frozen=True, slots=True)
class Row:
    """Who delivers it, the day that decides its period, and its values."""

    agency: str
    day: date
    values: dict[str, Any]
    """By the contract's column (not header): text, int, float, date, or None where a value is missing."""


Maker = Callable[["World", Resource], Iterator[Row]]
"""Makes the rows of one resource."""
