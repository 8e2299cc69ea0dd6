"""A figure of the home page in words: as its tile says it, and shorter where a tile has more room."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from datasets.model.tile_state import State
from superset_ioc.home_figure import Figure, Headline
from superset_ioc.home_texts import TILE_TEXTS
from superset_ioc.words import number, period

NO_BREAK = "\u00a0"
SIGNS = {"good": "✓", "watch": "!", "bad": "✗"}
SHORT_UNIT = 5
"""Letters of a unit of measure that is said with the target too, as `tile_data.js` has it."""
BRIEF = ("late_data", "refused_data", "excused_data", "stale")
"""Reasons that a tile says in a sentence, and the page in a few words."""


@dataclass(frozen=True)
class Shown:
    """One figure on a card."""

    title: str
    value: str | None
    """The number, or the name of its level; None is missing."""
    unit: str = ""
    period: str = ""
    state: State = "neutral"
    sign: str = ""
    """Beside the verdict for the eye; the words say it too."""
    verdict: str = ""
    """The state in words; empty for what is held against nothing."""
    why: str = ""
    """Why the figure is not judged."""
    target: str = ""
    since: str = ""
    """Since when there is none although its data came."""
    colour: str = ""
    """Name of the level's colour."""


def shown(figure: Figure, language: str, *, names_simulated: bool = True) -> Shown:
    """The figure as a card shows it; that it is simulated is not said of each where the card says it of all."""
    headline, texts = figure.headline, TILE_TEXTS[language]
    title, state = headline.titles[language], figure.state.state
    verdict, why = _verdict(figure, language), _upper_first(_why(figure, texts))
    if figure.shown is None or figure.shown.value is None:
        return Shown(title, None, state=state, verdict=verdict if why else "", why=why)
    level = headline.look.level_of(figure.shown.value)
    value = number(figure.shown.value, headline.decimals, figure.is_signed)
    return Shown(
        title,
        _said(level["label"], language) if level else value,
        unit="" if level else headline.unit,
        period=_period(figure, language, names_simulated=names_simulated),
        state=state,
        sign=SIGNS.get(state, "") if verdict else "",
        verdict=verdict,
        why=why,
        target=_target(headline, figure.shown.target, texts),
        since=texts["noDataSince"].format(period=period(headline.calendar, figure.silent_since, language)) if figure.silent_since else "",
        colour=level.get("colour", "") if level and state != "grey" else "",
    )


def _said(texts: Mapping[str, str], language: str) -> str:
    return texts.get(language) or texts["vi"]


def _upper_first(words: str) -> str:
    return words[:1].upper() + words[1:]


def _verdict(figure: Figure, language: str) -> str:
    texts, state = TILE_TEXTS[language], figure.state
    if state.state == "grey" or state.reason == "small_number":
        return texts["state_grey" if state.state == "grey" else "state_small"]
    if figure.shown is None:
        return ""
    if figure.shown.target is not None and state.state in SIGNS:
        return _upper_first(texts[f"state_{state.state}"])
    level = figure.headline.look.level_of(figure.shown.value)
    return _said(level["meaning"], language) if level and level.get("meaning") else ""


def _why(figure: Figure, texts: Mapping[str, str]) -> str:
    reason, covered = figure.state.reason, figure.judged.covered
    if reason is None or (figure.state.state != "grey" and reason != "small_number") or reason == "no_value":
        return ""
    if reason == "incomplete":
        return (
            "" if covered is None else texts[reason].format(received=covered.received, expected=covered.expected, what=texts[covered.kind])
        )
    return texts[f"{reason}_brief" if reason in BRIEF else reason]


def _period(figure: Figure, language: str, *, names_simulated: bool) -> str:
    texts, look = TILE_TEXTS[language], figure.headline.look
    if figure.shown is None:
        return ""
    when = texts["now"] if figure.judged.stands else period(figure.headline.calendar, figure.shown.starts, language)
    status = figure.shown.status or look.status
    kinds = [texts[f"status_{status}"]] if status != "official" else []
    kinds += [texts["simulated"]] if figure.judged.simulated and names_simulated else []
    return f"{when} ({', '.join(kinds)})" if kinds else when


def _target(headline: Headline, target: float | None, texts: Mapping[str, Any]) -> str:
    """The target with the side on which it is met; of nothing it is said plainly, since there is no less."""
    if target is None:
        return ""
    look = headline.look
    side = {"up": "≥", "down": "≤", "none": ""}[look.direction]
    amount = number(target, 0 if target.is_integer() else headline.decimals)
    if headline.unit and len(headline.unit) <= SHORT_UNIT:
        amount += f"{NO_BREAK}{headline.unit}"
    value = NO_BREAK.join(part for part in ("" if target == 0 and look.direction == "down" else side, amount) if part)
    words: str = texts["target_paced" if look.target_paced else "target"].format(value=value)
    return f"{words} ({texts['proposed']})" if look.target_proposed else words
