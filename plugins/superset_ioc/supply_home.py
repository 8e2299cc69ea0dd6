"""The line of the home page that leads officials to the supply board: how many reports are late now, and of how many agencies."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from datasets.model.audience import PUBLIC
from superset_ioc.supply_texts import texts

PAGE = "/ioc/supply/"

Ask = Callable[[str, Mapping[str, Any]], Sequence[tuple[Any, ...]]]
"""Rows of a query with named parameters."""

LATE = """
SELECT count(*), count(DISTINCT agency), (SELECT count(*) FROM supply.obligation)
FROM supply.state WHERE received_at IS NULL AND punctuality = 'missing'
"""


@dataclass(frozen=True)
class SupplyLine:
    """One line that leads to the board."""

    words: str
    is_late: bool
    address: str = PAGE


def read_late(ask: Ask, audience: str) -> tuple[int, int] | None:
    """Reports that are late now and agencies that owe them; None for the public, and where nothing is owed. Raises what asking raises."""
    if audience == PUBLIC:
        return None
    ((reports, agencies, obligations),) = ask(LATE, {})
    return (reports, agencies) if obligations else None


def supply_line(late: tuple[int, int] | None, language: str) -> SupplyLine | None:
    """What `read_late` found, in words."""
    if late is None:
        return None
    words = texts(language)
    reports, agencies = late
    return SupplyLine(words["home_overdue"].format(n=reports, agencies=agencies) if reports else words["home_none"], bool(reports))
