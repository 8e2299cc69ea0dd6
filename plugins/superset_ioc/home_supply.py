"""What the home page's figures say of the supply of their data, from the facts that charts have too."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from datasets.model.calendar import ZONE
from datasets.model.tile_state import Coverage, Reason, TileFacts, tile_state
from superset_ioc.supply.facts import worst
from superset_ioc.words import last_day


@dataclass(frozen=True)
class Judged:
    """Whether a figure may be judged, and how much of its data is there."""

    reason: Reason | None
    """Why it may not."""
    coverage: Coverage | None


@dataclass(frozen=True)
class Supply:
    """The facts of supply of every subsystem, as `supply_facts.read_facts` gives them."""

    facts: Mapping[str, Any]

    @property
    def today(self) -> dt.date:
        return dt.datetime.fromisoformat(self.facts["moment"]).astimezone(ZONE).date()

    def overdue(self, subsystem: str) -> int:
        """Last due reports of the datasets of a subsystem's indicators that are not there, without those excused."""
        names = {
            name for indicator, used in self.facts["indicators"].items() for name, _ in used if indicator.split(".", 1)[0] == subsystem
        }
        return sum(int(self.facts["datasets"][name]["overdue"]) for name in names)

    def is_over(self, indicator: str, calendar: str, starts: dt.date) -> bool:
        """Whether the period has ended, or all reports of it are past due before it has."""
        return self._stands(indicator) or self._over(self._rows(indicator, calendar, starts), _ends(calendar, starts))

    def judge(self, indicator: str, calendar: str, starts: dt.date | None, value: Decimal | None) -> Judged:
        """What is to be said of an indicator's value in the period of the calendar that begins on this day."""
        used: Sequence[Sequence[Any]] = self.facts["indicators"].get(indicator, ())
        word = worst(self.facts["datasets"][name]["supply"] for name, _ in used)
        if starts is None:
            return Judged(tile_state(TileFacts(value=None, supply=word)).reason, None)
        rows = self._rows(indicator, calendar, starts)
        over = self.is_over(indicator, calendar, starts)
        coverage = _least([_coverage(r, over) for r in rows if r])
        state = tile_state(TileFacts(value=None if value is None else float(value), supply=word, coverage=coverage, period_over=over))
        return Judged(state.reason if state.state == "grey" else None, coverage)

    def _stands(self, indicator: str) -> bool:
        """Whether it is a stock, or what the clock alone changes: its value stands for this moment."""
        used = self.facts["indicators"].get(indicator, ())
        return bool(used) and all(as_of for _, as_of in used)

    def _rows(self, indicator: str, calendar: str, starts: dt.date) -> list[list[Sequence[Any]]]:
        """Periods of each dataset of flows that lie in the span."""
        flows = [self.facts["datasets"][name] for name, as_of in self.facts["indicators"].get(indicator, ()) if not as_of]
        return [list(_within(flow["periods"], starts, _ends(calendar, starts))) for flow in flows]

    def _over(self, rows: Sequence[Sequence[Sequence[Any]]], ends: dt.date) -> bool:
        found = [r for r in rows if r]
        whole = bool(found) and all(all(row[4] == row[2] for row in r) and max(row[1] for row in r) >= ends.isoformat() for r in found)
        return whole or ends <= self.today


def _ends(calendar: str, starts: dt.date) -> dt.date:
    return last_day(calendar, starts) + dt.timedelta(days=1)


def _within(periods: Sequence[Sequence[Any]], starts: dt.date, ends: dt.date) -> Iterator[Sequence[Any]]:
    return (row for row in periods if row[0] < ends.isoformat() and row[1] > starts.isoformat())


def _coverage(rows: Sequence[Sequence[Any]], over: bool) -> Coverage:
    received = sum(int(row[3]) for row in rows)
    expected = sum(int(row[2]) for row in rows)
    return Coverage(received, expected if over else max(sum(int(row[4]) for row in rows), received))


def _least(found: Sequence[Coverage]) -> Coverage | None:
    return min(found, key=lambda one: one.received / one.expected if one.expected else 1, default=None)
