"""One figure of the home page, judged as its tile is: the period that is shown, its state and why, and whether it carries a sign.

`static/charts/tile_data.js` does the same in the browser; a test gives both the same rows and the same facts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, NamedTuple

from datasets.model.figure_status import STATUSES, FigureStatus
from datasets.model.tile_state import TileFacts, TileState, tile_state
from superset_ioc.home_supply import Judged, Supply


@dataclass(frozen=True)
class Look:
    """How a figure is judged and written: what its tile is told."""

    direction: Literal["up", "down", "none"] = "none"
    amber: float | None = None
    amber_share: float | None = None
    """Of the target, where the amber band of a paced one begins."""
    scale: float = 100
    target_proposed: bool = False
    target_paced: bool = False
    is_count: bool = False
    status: FigureStatus = "official"
    levels: Sequence[Mapping[str, Any]] = ()
    """The few values that it can have: each `value`, `label` and perhaps `meaning` by language, `state`, perhaps `colour`."""
    may_sink: bool = False
    """Whether values below zero are possible."""

    def amber_of(self, target: float | None) -> float | None:
        """Where the amber band begins for a target."""
        return target * self.amber_share if self.amber_share and target is not None else self.amber

    def level_of(self, value: Decimal | None) -> Mapping[str, Any] | None:
        """The level of a value; None where it has none."""
        return None if value is None else next((level for level in self.levels if level["value"] == round(value)), None)


@dataclass(frozen=True)
class Headline:
    """One figure that stands for a subsystem, as apply declared it."""

    indicator: str
    titles: dict[str, str]
    unit: str
    decimals: int
    calendar: str
    access: str
    look: Look = Look()


class Period(NamedTuple):
    """An indicator in one period, over the whole province."""

    starts: dt.date
    value: Decimal | None
    target: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    status: FigureStatus | None = None


@dataclass(frozen=True)
class Figure:
    """A headline in the period that is shown of it."""

    headline: Headline
    shown: Period | None
    """None where no period has a value."""
    state: TileState
    judged: Judged
    is_signed: bool = False
    """Whether it moves around zero and is written with its sign."""
    silent_since: dt.date | None = None
    """First day of the first period after the one shown that is over and has no value; None where its data are late, which is said then."""

    @property
    def starts(self) -> dt.date | None:
        return None if self.shown is None else self.shown.starts

    @property
    def value(self) -> Decimal | None:
        return None if self.shown is None else self.shown.value


def status_at(place: int | None) -> FigureStatus | None:
    """The status that the store counts from 1."""
    return None if place is None else STATUSES[place - 1]


def figure_of(headline: Headline, course: Sequence[Period], supply: Supply) -> Figure:
    """The figure of the last period that is over, as the tile shows it; `course` holds periods with their first days rising."""

    def judge(starts: dt.date) -> Judged:
        return supply.judge(headline.indicator, headline.calendar, starts)

    known = [one for one in course if one.value is not None]
    if not known:
        judged = judge(course[-1].starts if course else supply.today)
        return Figure(headline, None, tile_state(TileFacts(value=None, supply=judged.supply)), judged)
    shown = next((one for one in reversed(known) if judge(one.starts).over), known[-1])
    judged = judge(shown.starts)
    state = _state(headline.look, shown, judged)
    later = (one.starts for one in course if one.starts > known[-1].starts)
    silent = next((starts for starts in later if (told := judge(starts)).over and told.due), None)
    is_signed = any((one.value or 0) < 0 or (one.target or 0) < 0 for one in course)
    return Figure(headline, shown, state, judged, is_signed, None if state.state == "grey" else silent)


def _state(look: Look, shown: Period, judged: Judged) -> TileState:
    value = None if shown.value is None else float(shown.value)
    level = look.level_of(shown.value)
    return tile_state(
        TileFacts(
            value=value,
            target=shown.target,
            amber=look.amber_of(shown.target),
            direction=look.direction,
            coverage=None if judged.covered is None else judged.covered.coverage,
            supply=judged.supply,
            numerator=value if look.is_count else shown.numerator,
            denominator=None if look.is_count else shown.denominator,
            scale=look.scale,
            period_over=judged.over,
            level=level["state"] if level else None,
        )
    )
