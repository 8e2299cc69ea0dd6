"""The home page's card of data supply: officials see what is late now and what each agency owed and sent, and go to the board."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from datasets.model.audience import PUBLIC
from superset_ioc.home_cards import DATA_SUPPLY, Card, Received
from superset_ioc.home_texts import TEXTS
from superset_ioc.home_words import Shown
from superset_ioc.supply.texts import texts

PAGE = "/ioc/supply/"
DAYS = 35
"""Days before now whose due reports are counted by agency: each month's are among them. `ioc status` counts the same."""

Ask = Callable[[str, Mapping[str, Any]], Sequence[tuple[Any, ...]]]
"""Rows of a query with named parameters."""

LATE = """
SELECT count(*), count(DISTINCT agency), (SELECT count(*) FROM supply.obligation)
FROM supply.state WHERE received_at IS NULL AND punctuality = 'missing'
"""
BY_AGENCY = """
SELECT agency_title, agency_title_en, agency_title_fr, count(*), count(*) FILTER (WHERE is_received)
FROM supply.state
WHERE is_expected AND due_at > moment - make_interval(days => %(days)s)
GROUP BY agency, agency_title, agency_title_en, agency_title_fr
ORDER BY count(*) FILTER (WHERE NOT is_received) DESC, agency_title COLLATE "vi-x-icu"
"""


@dataclass(frozen=True)
class Late:
    """What the home page is told of the supply of data."""

    reports: int
    """Reports that are late now."""
    agencies: int
    """Agencies that owe them."""
    by_agency: tuple[tuple[dict[str, str], int, int], ...] = ()
    """Titles, reports due and reports received of each agency in the last DAYS days; those that owe most come first."""


def read_late(ask: Ask, audience: str) -> Late | None:
    """What is late now, and what each agency owed and sent; None for the public, and where nothing is owed. Raises what asking raises."""
    if audience == PUBLIC:
        return None
    ((reports, agencies, obligations),) = ask(LATE, {})
    if not obligations:
        return None
    by_agency = tuple(
        ({"vi": title, "en": english or title, "fr": french or title}, expected, received)
        for title, english, french, expected, received in ask(BY_AGENCY, {"days": DAYS})
    )
    return Late(reports, agencies, by_agency)


def with_supply(cards: Sequence[Card], late: Late | None, audience: str, language: str) -> list[Card]:
    """The cards, the one of data supply leading officials to the board with what `read_late` found.

    The public finds its own dashboard there when one is open, and otherwise that officials log in.
    """
    return [_card(card, late, audience, language) if card.name == DATA_SUPPLY else card for card in cards]


def _card(card: Card, late: Late | None, audience: str, language: str) -> Card:
    if audience == PUBLIC:
        if card.state == "live" and card.address:
            return card
        return replace(card, state="closed", state_words=TEXTS[language]["closed"], facts=[TEXTS[language]["log_in"]])
    if late is None:
        return replace(card, address=PAGE)
    words = texts(language)
    reports, agencies = (f"{count:,}".replace(",", ".") for count in (late.reports, late.agencies))
    figures = [Shown(words["home_reports"], reports), Shown(words["home_agencies"], agencies)]
    return replace(
        card,
        state="live",
        state_words=words["home_late" if late.reports else "none_overdue"],
        about="",
        figures=[*figures, *card.figures],
        is_late=late.reports > 0,
        address=PAGE,
        agencies=[_received(one, language) for one in late.by_agency],
        agencies_words=TEXTS[language]["by_agency"].format(days=DAYS),
    )


def _received(told: tuple[dict[str, str], int, int], language: str) -> Received:
    titles, expected, received = told
    title = titles[language]
    return Received(title, expected, received, TEXTS[language]["of_agency"].format(title=title, expected=expected, received=received))
