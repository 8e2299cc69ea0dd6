"""What a tile may say of its value: good, watch, bad, neutral, or grey with the reason.

The same function stands in JavaScript for the pages (`static/charts/tile_state.js` of Superset's plugin); both are held to
`tile_state_examples.yaml`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from datasets.model.small_number import SMALL, count_holds, is_small_share, share_holds
from datasets.model.supply_state import ReportState

State = Literal["good", "watch", "bad", "neutral", "grey"]
Reason = Literal[
    "late_data",
    "refused_data",
    "excused_data",
    "stale",
    "no_value",
    "incomplete",
    "period_running",
    "no_target",
    "no_direction",
    "small_number",
]
Supply = Literal["ok", "due_soon", "late", "missing", "refused", "excused", "incomplete", "stale", "none"]

SUPPLY_ORDER: tuple[Supply, ...] = ("refused", "missing", "excused", "incomplete", "stale", "late", "due_soon", "ok", "none")
"""Worst first: what several datasets say of a tile together is the first of these that one says."""

_GREY: dict[Supply, Reason] = {
    "refused": "refused_data",
    "missing": "late_data",
    "excused": "excused_data",
    "incomplete": "incomplete",
    "stale": "stale",
}


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many of those expected are there: agencies, localities or days of the period shown."""

    received: int
    expected: int


@dataclass(frozen=True, slots=True)
class TileFacts:
    """What is known of the value on a tile."""

    value: float | None = None
    """None is missing; 0 is a value."""
    target: float | None = None
    amber: float | None = None
    """Where the amber band begins, on the good side of the target."""
    direction: Literal["up", "down", "none"] = "none"
    """Better when higher (up), better when lower (down), or neither."""
    coverage: Coverage | None = None
    supply: Supply = "none"
    """The worst of the datasets it rests on: their last reports that were due."""
    status: Literal["estimate", "preliminary", "official"] | None = "official"
    """Shown beside the value; changes no colour."""
    simulated: bool = False
    """Shown beside the value; changes no colour."""
    numerator: float | None = None
    """Count above the line of a share, or the count itself when there is no denominator."""
    denominator: float | None = None
    """Count below the line of a share."""
    scale: float = 100
    """Value of a share when numerator and denominator are equal: 100 for a percentage."""
    period_over: bool = True
    """Whether the period shown has ended."""
    level: Literal["good", "watch", "bad"] | None = None
    """How the value's own level is judged, of an indicator that has only a few values with names."""


@dataclass(frozen=True, slots=True)
class TileState:
    """What the tile shows, and why when it is no plain answer."""

    state: State
    reason: Reason | None = None


def tile_state(facts: TileFacts) -> TileState:
    """The state of a tile. Grey before neutral before a colour; the first reason that holds is the one given."""
    if facts.supply in _GREY:
        return TileState("grey", _GREY[facts.supply])
    if facts.value is None:
        return TileState("grey", "no_value")
    if not facts.period_over:
        return TileState("grey", "period_running")
    if facts.coverage is not None and facts.coverage.received < facts.coverage.expected:
        return TileState("grey", "incomplete")
    if facts.level is not None:
        return TileState(facts.level)
    if facts.direction == "none":
        return TileState("neutral", "no_direction")
    if facts.target is None:
        return TileState("neutral", "no_target")
    if _is_too_small(facts, facts.target):
        return TileState("neutral", "small_number")
    return TileState(_colour(facts.value, facts.target, facts.amber, facts.direction))


def supply_of(last_due: Iterable[ReportState]) -> Supply:
    """What the last due reports of the datasets of a tile say together; `none` when there is none.

    A report that came late is there, and one that was refused and not yet due is not missed.
    """
    found = {_supply_word(state) for state in last_due}
    return next((word for word in SUPPLY_ORDER if word in found), "none")


def _supply_word(state: ReportState) -> Supply:
    match state.punctuality:
        case "missing":
            return "refused" if state.quality == "refused" else "missing"
        case "excused":
            return "excused"
        case "late":
            return "late"
        case "due_soon":
            return "due_soon"
        case _:
            return "ok"


def _colour(value: float, target: float, amber: float | None, direction: Literal["up", "down"]) -> State:
    """A limit is met at its own value."""
    sign = 1 if direction == "up" else -1
    if sign * (value - target) < 0:
        return "bad"
    return "watch" if amber is not None and sign * (value - amber) < 0 else "good"


def _is_too_small(facts: TileFacts, target: float) -> bool:
    """Whether the counts are small and their exact interval holds the target.

    A target of none or of all is met or missed by the count itself: one case is enough to miss it.
    """
    if facts.numerator is None:
        return False
    count = round(facts.numerator)
    if facts.denominator is None:
        return 0 <= count < SMALL and target > 0 and count_holds(count, target)
    total, share = round(facts.denominator), target / facts.scale
    if not 0 <= count <= total or not 0 < share < 1 or not is_small_share(count, total):
        return False
    return share_holds(count, total, share)
