"""The home page's card of data supply: officials see how many reports of how many agencies are late now, and go to the board."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from datasets.model.audience import PUBLIC
from superset_ioc.home_cards import TEXTS, Card, Shown
from superset_ioc.supply.texts import texts

PAGE = "/ioc/supply/"
SUBSYSTEM = "data_supply"

Ask = Callable[[str, Mapping[str, Any]], Sequence[tuple[Any, ...]]]
"""Rows of a query with named parameters."""

LATE = """
SELECT count(*), count(DISTINCT agency), (SELECT count(*) FROM supply.obligation)
FROM supply.state WHERE received_at IS NULL AND punctuality = 'missing'
"""


def read_late(ask: Ask, audience: str) -> tuple[int, int] | None:
    """Reports that are late now and agencies that owe them; None for the public, and where nothing is owed. Raises what asking raises."""
    if audience == PUBLIC:
        return None
    ((reports, agencies, obligations),) = ask(LATE, {})
    return (reports, agencies) if obligations else None


def with_supply(cards: Sequence[Card], late: tuple[int, int] | None, audience: str, language: str) -> list[Card]:
    """The cards, the one of data supply leading officials to the board with what `read_late` found; the public's says that they log in."""
    return [_card(card, late, audience, language) if card.name == SUBSYSTEM else card for card in cards]


def _card(card: Card, late: tuple[int, int] | None, audience: str, language: str) -> Card:
    if audience == PUBLIC:
        return replace(card, state="closed", state_words=TEXTS[language]["closed"], facts=[TEXTS[language]["log_in"]])
    if late is None:
        return replace(card, address=PAGE)
    words = texts(language)
    reports, agencies = (f"{count:,}".replace(",", ".") for count in late)
    figures = [Shown(words["home_reports"], reports, "", ""), Shown(words["home_agencies"], agencies, "", "")]
    state_words = words["home_late" if late[0] else "none_overdue"]
    return replace(card, state="live", state_words=state_words, about="", figures=figures, is_late=late[0] > 0, address=PAGE)
