"""The simulated province: its communes with made-up populations, its working days, and randomness that a seed repeats.

Every draw is keyed by what it is for ("cases", commune, day), so a figure does not change when other figures are added.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property, lru_cache

from datasets.model.contract import Calendar, Level
from datasets.model.period import Period, period, period_of, periods
from datasets.model.reference import Reference
from datasets.model.unit import Unit

ONE_DAY = timedelta(days=1)
PEOPLE = 3_450_000
"""Inhabitants of the simulated province."""

FULL_PERIODS = {
    Calendar.DAY: 1,
    Calendar.WEEK: 1,
    Calendar.MONTH: 36,
    Calendar.QUARTER: 12,
    Calendar.YEAR: 3,
    Calendar.ADMINISTRATIVE_MONTH: 36,
    Calendar.ADMINISTRATIVE_QUARTER: 12,
    Calendar.ADMINISTRATIVE_YEAR: 3,
    Calendar.SCHOOL_YEAR: 3,
}
"""Periods of 36 months; days and weeks are counted from the first of those months."""
FULL_DAILY = 120
LUNAR_NEW_YEAR = "Tết Nguyên Đán"


@dataclass
class World:
    """What the makers of rows look at.

    In the light version a maker asks for as many periods as its dashboard needs; in the full one the same call gives those of 36 months.
    """

    reference: Reference
    seed: int
    first: date
    """First day of what is counted by day."""
    until: date
    """Last day."""
    is_full: bool = False
    """Whether all series are as long as 36 months."""
    scale: float = 1.0
    """What makers of single cases multiply their expected counts by."""
    _people: dict[tuple[str, ...], dict[str, int]] = field(default_factory=dict)

    def draw(self, *key: object) -> random.Random:
        """A source of randomness for one purpose, the same for the same seed and key."""
        return random.Random("/".join(str(part) for part in (self.seed, *key)))  # noqa: S311 - simulated figures, no secret

    @cached_property
    def days(self) -> list[date]:
        """All days, first to last."""
        return self._between(self.first, self.until + ONE_DAY)

    @cached_property
    def working_days(self) -> list[date]:
        """Days on which offices are open."""
        return [day for day in self.days if self.is_working_day(day)]

    def is_working_day(self, day: date) -> bool:
        """Whether offices are open."""
        return self.reference.calendar.is_working_day(day)

    @cached_property
    def weeks(self) -> list[date]:
        """Days of the weeks that lie wholly within the days: a part of a week would look like a fall. All days when no week does."""
        inside = [p for p in periods(Calendar.WEEK, self.first, self.until) if p.starts >= self.first and p.ends <= self.until + ONE_DAY]
        return [day for day in self.days if inside and inside[0].starts <= day < inside[-1].ends] or self.days

    def over(self, calendar: Calendar | str, count: int) -> list[Period]:
        """The last `count` periods of a calendar that were over by the last day, in order; in the full version those of 36 months.

        A calendar with fewer periods in 36 months than `count` gives `count` in the full version too. Raises ValueError for count < 1.
        """
        if count < 1:
            raise ValueError(f"count is {count}; write at least 1 period")
        wanted = max(count, FULL_PERIODS[Calendar(calendar)]) if self.is_full else count
        if self.is_full and Calendar(calendar) in (Calendar.DAY, Calendar.WEEK):
            first = self.over(Calendar.MONTH, 1)[0].starts
            wanted = max(count, (self.until + ONE_DAY - first).days // (7 if Calendar(calendar) is Calendar.WEEK else 1))
        found: list[Period] = []
        day = self.until + ONE_DAY
        here = period(calendar, period_of(calendar, day))
        while len(found) < wanted:
            here = period(calendar, period_of(calendar, here.starts - ONE_DAY))
            found.append(here)
        return found[::-1]

    def days_of(self, calendar: Calendar | str, count: int) -> list[date]:
        """Days of the periods of `over`: of administrative months, say."""
        found = self.over(calendar, count)
        return self._between(found[0].starts, found[-1].ends)

    def ends_of(self, calendar: Calendar | str, count: int) -> list[date]:
        """Last days of the periods of `over`."""
        return [p.ends - ONE_DAY for p in self.over(calendar, count)]

    def days_back(self, count: int) -> list[date]:
        """The last `count` days, the last one included."""
        return self.days_of(Calendar.DAY, count)

    def daily_deliveries(self, count: int) -> list[date]:
        """Days of what is delivered each day: the last `count`, in the full version 120.

        CKAN keeps the deliveries of a dataset in one list, which takes longer to add to the longer it is.
        """
        return self._between(self.until - timedelta(days=max(count, FULL_DAILY if self.is_full else 0) - 1), self.until + ONE_DAY)

    def weeks_back(self, count: int) -> list[date]:
        """Days of the last `count` weeks that were over by the last day."""
        return self.days_of(Calendar.WEEK, count)

    def months(self, count: int) -> list[date]:
        """Days of the last `count` months that were over by the last day, whether they are within the days or not."""
        return self.days_of(Calendar.MONTH, count)

    def quarters(self, count: int) -> list[date]:
        """Days of the last `count` quarters that were over by the last day."""
        return self.days_of(Calendar.QUARTER, count)

    def years(self, count: int) -> list[date]:
        """Days of the last `count` years that were over by the last day."""
        return self.days_of(Calendar.YEAR, count)

    def school_years(self, count: int) -> list[date]:
        """Days of the last `count` school years that were over by the last day."""
        return self.days_of(Calendar.SCHOOL_YEAR, count)

    def month_ends(self, count: int) -> list[date]:
        """Last days of the `count` months that were over by the last day, in order."""
        return self.ends_of(Calendar.MONTH, count)

    def quarter_ends(self, count: int) -> list[date]:
        """Last days of the `count` quarters that were over by the last day, in order."""
        return self.ends_of(Calendar.QUARTER, count)

    def year_ends(self, count: int) -> list[date]:
        """Last days of the `count` years that were over by the last day, in order."""
        return self.ends_of(Calendar.YEAR, count)

    @staticmethod
    def _between(first: date, end: date) -> list[date]:
        return [first + timedelta(days=n) for n in range((end - first).days)]

    def communes(self, day: date) -> list[Unit]:
        """Communes of the province on a day, by code."""
        return self.reference.unit_index.valid(Level.COMMUNE, day, self.reference.province)

    def people(self, day: date) -> dict[str, int]:
        """Simulated inhabitants by unit_id of the communes of a day; wards and the plain in the east have more."""
        communes = self.communes(day)
        key = tuple(unit.unit_id for unit in communes)
        if key not in self._people:
            weights = {unit.unit_id: self._weight(unit) for unit in communes}
            scale = PEOPLE / sum(weights.values())
            self._people[key] = {unit_id: round(weight * scale) for unit_id, weight in weights.items()}
        return self._people[key]

    def _weight(self, unit: Unit) -> float:
        spread = math.exp(self.draw("people", unit.code).gauss(0, 0.3))
        mountain = 0.45 if unit.lon is not None and unit.lon < 104.95 else 1.0
        return spread * mountain * (1.6 if unit.name.startswith("Phường") else 1.0)

    def by_commune(self, days: Sequence[date]) -> Iterator[tuple[date, Unit, int]]:
        """Each of the days with every commune of that day and its inhabitants."""
        for day in days:
            people = self.people(day)
            for unit in self.communes(day):
                yield day, unit, people[unit.unit_id]


def count(draw: random.Random, expected: float) -> int:
    """A Poisson number; above 30 its normal approximation, never below 0."""
    if expected <= 0:
        return 0
    if expected > 30:
        return max(0, round(draw.gauss(expected, math.sqrt(expected))))
    limit, product, number = math.exp(-expected), draw.random(), 0
    while product > limit:
        product *= draw.random()
        number += 1
    return number


def share(draw: random.Random, total: int, chance: float) -> int:
    """How many of a total: binomial by its normal approximation, between 0 and the total."""
    chance = min(max(chance, 0.0), 1.0)
    return min(total, max(0, round(draw.gauss(total * chance, math.sqrt(total * chance * (1 - chance))))))


def wave(day: date, peak: int, width: float) -> float:
    """A yearly wave between 0 and 1: its height on a day, with the peak on that day of the year and the width in days."""
    away = abs(day.timetuple().tm_yday - peak)
    return math.exp(-((min(away, 365 - away) / width) ** 2) / 2)


@lru_cache(maxsize=100)
def tet(year: int) -> date:
    """The first day of the lunar year that begins in a year, by the package of holidays. Raises KeyError where it knows none."""
    import holidays

    found = holidays.country_holidays("VN", years=year, language="vi")
    return {name: day for day, name in found.items() if day.year == year}[LUNAR_NEW_YEAR]
