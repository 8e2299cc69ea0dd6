"""The usual trouble of real deliveries, planted so that a receipt has something to say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

WRONG = ({"commune": "99999"}, {"people": "khoảng 20"})
"""A commune that does not exist, and words where a number belongs."""
THOUSAND = 1000
FIRST_SAID = 0.94
"""What an agency counted at first, of what it says when it restates a month."""

Row = dict[str, Any]


def with_trouble(table: Sequence[Row]) -> tuple[list[Row], int]:
    """The rows with a few of them spoilt, spread over the file, and how many were."""
    rows = [dict(row) for row in table]
    if len(rows) < 100:
        return rows, 0
    for number, wrong in enumerate(WRONG, start=1):
        rows[len(rows) * number // (len(WRONG) + 1)].update(wrong)
    return rows, len(WRONG)


def multiplied(table: Sequence[Row], columns: Sequence[str], factor: float) -> list[Row]:
    """The rows with these columns multiplied; whole numbers stay whole."""
    return [{**row, **{column: _times(row[column], factor) for column in columns}} for row in table]


def swapped(table: Sequence[Row], one: str, other: str) -> list[Row]:
    """The rows with the values of two columns under each other's header."""
    return [{**row, one: row[other], other: row[one]} for row in table]


def _times(value: Any, factor: float) -> Any:
    if value is None:
        return None
    return round(value * factor) if isinstance(value, int) else round(value * factor, 6)
