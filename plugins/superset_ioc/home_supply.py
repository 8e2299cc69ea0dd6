"""What the home page's figures say of the supply of their data, from the facts that charts have too."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from datasets.model import tile_state
from datasets.model.calendar import ZONE
from superset_ioc.supply.facts import worst
from superset_ioc.words import last_day

Kind = Literal["agencies", "reports", "localities", "periods_day", "periods_week", "periods_month", "periods_other"]


@dataclass(frozen=True)
class Covered:
    """How much of the data of a period is there, and what is counted."""

    received: int
    expected: int
    kind: Kind

    @property
    def coverage(self) -> tile_state.Coverage:
        return tile_state.Coverage(self.received, self.expected)


@dataclass(frozen=True)
class Judged:
    """What the facts of supply say of an indicator in one period, as `judge` of `static/charts/supply_judged.js` does."""

    supply: tile_state.Supply
    """The worst of the datasets it rests on."""
    over: bool
    """Whether the period has ended, or all reports of it are past due before it has."""
    due: bool = True
    """Whether all reports of the period are past due."""
    stands: bool = False
    """Whether it is a stock, or what the clock alone changes, that stands for this moment."""
    covered: Covered | None = None
    """What lacks most: of reports, or of localities in them."""
    simulated: bool = False


@dataclass(frozen=True)
class Supply:
    """The facts of supply of every subsystem, as `supply.facts.read_facts` gives them."""

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

    def judge(self, indicator: str, calendar: str, starts: dt.date) -> Judged:
        """What is to be said of an indicator in the period of the calendar that begins on this day."""
        ends = last_day(calendar, starts) + dt.timedelta(days=1)
        passed = ends <= self.today
        used: Sequence[Sequence[Any]] = self.facts["indicators"].get(indicator, ())
        if not used:
            return Judged("none", over=passed)
        datasets = [self.facts["datasets"][name] for name, _ in used]
        flows = [self.facts["datasets"][name] for name, as_of in used if not as_of]
        found = [rows for rows in (list(_within(flow["periods"], starts, ends)) for flow in flows) if rows]
        due = all(row[4] == row[2] for rows in found for row in rows)
        # Reports that are all past due say that a period is whole before its last day ends: beds counted at 16:00, due at 17:00.
        whole = bool(found) and due and all(max(row[1] for row in rows) >= ends.isoformat() for rows in found)
        over = passed or whole or not flows
        return Judged(
            supply=worst(one["supply"] for one in datasets),
            over=over,
            due=due,
            stands=not flows and not passed,
            covered=_least([covered for rows in found for covered in _covered(rows, over)]),
            simulated=any(one["simulated"] for one in datasets),
        )


def _within(periods: Sequence[Sequence[Any]], starts: dt.date, ends: dt.date) -> Iterator[Sequence[Any]]:
    return (row for row in periods if row[0] < ends.isoformat() and row[1] > starts.isoformat())


def _covered(rows: Sequence[Sequence[Any]], over: bool) -> Iterator[Covered]:
    """Reports of a dataset's periods, and localities in each where those are counted."""
    received = sum(int(row[3]) for row in rows)
    expected = sum(int(row[2]) for row in rows) if over else max(sum(int(row[4]) for row in rows), received)
    yield Covered(received, expected, _kind(rows))
    for row in rows:
        if row[7]:
            yield Covered(int(row[6]), int(row[7]), "localities")


def _kind(rows: Sequence[Sequence[Any]]) -> Kind:
    """What is counted: agencies of one period, periods of one agency, or reports of several in several."""
    if len(rows) == 1:
        return "agencies"
    if any(row[2] != 1 for row in rows):
        return "reports"
    days = (dt.date.fromisoformat(rows[0][1]) - dt.date.fromisoformat(rows[0][0])).days
    return "periods_day" if days == 1 else "periods_week" if days == 7 else "periods_month" if days < 32 else "periods_other"


def _least(found: Sequence[Covered]) -> Covered | None:
    """The least share that is there, and of equal ones the most that is expected."""
    return min(found, key=lambda one: (one.received / one.expected if one.expected else 1, -one.expected), default=None)
