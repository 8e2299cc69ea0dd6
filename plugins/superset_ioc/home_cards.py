"""The home page's cards: each subsystem with its state in words, its figures and its dashboard."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Literal, Protocol

from datasets.model.audience import PUBLIC
from datasets.model.calendar import ZONE
from datasets.model.table_schema import Translations
from superset_ioc.home_store import FIGURES_SHOWN, Found
from superset_ioc.home_texts import TEXTS
from superset_ioc.home_words import Shown, shown
from superset_ioc.words import day, last_day, moment

DATA_SUPPLY = "data_supply"
"""The subsystem that watches the supply of the others."""
State = Literal["live", "waiting", "closed", "none"]


class Declared(Protocol):
    """What is asked of a subsystem of the reference data."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def titles(self) -> Translations: ...
    @property
    def description(self) -> str: ...
    @property
    def descriptions(self) -> Translations: ...


@dataclass(frozen=True)
class Received:
    """Reports of one agency: how many came of those that were due."""

    agency: str
    expected: int
    received: int
    spoken: str


@dataclass(frozen=True)
class Card:
    """One subsystem as the page shows it."""

    name: str
    title: str
    state: State
    state_words: str
    about: str = ""
    """What is seen there, of a subsystem that has no figure to show."""
    facts: list[str] = field(default_factory=list)
    simulated: bool = False
    is_late: bool = False
    """Whether reports that were due are not there."""
    figures: list[Shown] = field(default_factory=list)
    address: str | None = None
    """Of its dashboard; None when there is none for this viewer."""
    agencies: list[Received] = field(default_factory=list)
    """What agencies owed and sent, on the card of data supply."""
    agencies_words: str = ""


def slug_of(name: str) -> str:
    """Name of a subsystem's dashboard in its address."""
    return name.replace("_", "-")


def address_of(name: str, audience: str, dashboards: Set[str]) -> str | None:
    """Where the viewer finds the subsystem: officials on its own dashboard, everyone on the open one; None when it does not exist."""
    own, everyones = slug_of(name), f"{slug_of(name)}-open"
    order = [everyones] if audience == PUBLIC else [own, everyones]
    slug = next((slug for slug in order if slug in dashboards), None)
    return f"/superset/dashboard/{slug}/" if slug else None


def _in(language: str, vietnamese: str, translations: Translations) -> str:
    return {"vi": vietnamese, "en": translations.en, "fr": translations.fr}[language] or vietnamese


def _facts(found: Found, language: str, today: dt.date) -> list[str]:
    texts = TEXTS[language]
    facts = [texts["late_reports"].format(count=found.overdue)] if found.overdue else []
    if found.until is not None:
        calendar, starts = found.until
        facts.append(texts["until"].format(day=day(min(last_day(calendar, starts), today))))
    elif found.loaded_at is not None:
        facts.append(texts["loaded"].format(at=moment(found.loaded_at)))
    facts.append(texts["datasets"].format(loaded=found.loaded, all=found.visible))
    if found.edition is not None and found.loaded_at is not None:
        facts.append(texts["edition"].format(edition=found.edition, at=moment(found.loaded_at)))
    return facts


def _card(found: Found, title: str, about: str, language: str, audience: str, dashboards: Set[str], today: dt.date) -> Card:
    texts = TEXTS[language]
    address = address_of(found.name, audience, dashboards)
    if not found.visible and found.datasets:
        facts = [texts["log_in"]] if audience == PUBLIC else []
        return Card(found.name, title, "closed", texts["closed"], about, facts, address=address)
    if not found.loaded:
        since = max(filter(None, (found.applied_at, found.loaded_at)))
        return Card(found.name, title, "waiting", texts["waiting"].format(since=day(since.astimezone(ZONE).date())), about, address=address)
    chosen = found.figures[:FIGURES_SHOWN]
    is_all_simulated = found.simulated and all(figure.judged.simulated for figure in chosen)
    figures = [shown(figure, language, names_simulated=not is_all_simulated) for figure in chosen]
    facts = _facts(found, language, today)
    is_late = found.overdue > 0
    words = texts["late" if is_late else "live"]
    return Card(found.name, title, "live", words, "" if figures else about, facts, found.simulated, is_late, figures, address)


def cards(
    declared: Sequence[Declared], found: Sequence[Found], language: str, audience: str, dashboards: Set[str], today: dt.date
) -> list[Card]:
    """A card for each declared subsystem in their order, then one for each other contract that has data and a dashboard to show."""
    applied: Mapping[str, Found] = {one.name: one for one in found}
    made = []
    for subsystem in declared:
        title = _in(language, subsystem.title, subsystem.titles)
        about = _in(language, subsystem.description, subsystem.descriptions)
        if subsystem.name in applied:
            made.append(_card(applied[subsystem.name], title, about, language, audience, dashboards, today))
        else:
            made.append(Card(subsystem.name, title, "none", TEXTS[language]["none"], about))
    named = {subsystem.name for subsystem in declared}
    for one in sorted(found, key=lambda one: (one.position, one.name)):
        if one.name not in named and one.loaded and address_of(one.name, audience, dashboards):
            made.append(_card(one, one.titles[language], "", language, audience, dashboards, today))
    return made


def live_count(cards: Sequence[Card], declared: Sequence[Declared], language: str) -> str:
    """How many of the declared subsystems live; that of data supply watches them and is not counted."""
    watched = {one.name for one in declared if one.name != DATA_SUPPLY}
    live = sum(card.state == "live" for card in cards if card.name in watched)
    return TEXTS[language]["live_count"].format(live=live, all=len(watched))
