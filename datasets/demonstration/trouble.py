"""The usual trouble of a real delivery, planted so that a receipt has something to say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

WRONG = ({"commune": "99999"}, {"people": "khoảng 20"})
"""A commune that does not exist, and words where a number belongs."""


def with_trouble(table: Sequence[dict[str, Any]]) -> tuple[list[dict[str, Any]], int]:
    """The rows with a few of them spoilt, spread over the file, and how many were."""
    rows = [dict(row) for row in table]
    if len(rows) < 100:
        return rows, 0
    for number, wrong in enumerate(WRONG, start=1):
        rows[len(rows) * number // (len(WRONG) + 1)].update(wrong)
    return rows, len(WRONG)
