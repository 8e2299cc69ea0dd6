"""Working days and hours of the agencies: weekends, public holidays with Tết, days off and make-up days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import yaml
from pydantic import Field, field_validator

from datasets.model.contract import Strict

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
"""Local time of deliveries, due moments and pages."""

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class DayOff(Strict):
    """A day off that the government decided."""

    day: date
    make_up: date | None = None
    """The day of a weekend worked instead."""
    title: str
    basis: str


class DayWorked(Strict):
    """A day of a weekend or holiday that was worked."""

    day: date
    basis: str


class CalendarSettings(Strict):
    """`calendars.yaml`: what the library of holidays cannot know."""

    country: str
    time_zone: str
    weekend: list[Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]]
    working_hours: list[tuple[time, time]] = Field(min_length=1)
    days_off: list[DayOff] = Field(default_factory=list)
    days_worked: list[DayWorked] = Field(default_factory=list)

    @field_validator("working_hours")
    @classmethod
    def _in_order(cls, hours: list[tuple[time, time]]) -> list[tuple[time, time]]:
        flat = [moment for pair in hours for moment in pair]
        if flat != sorted(set(flat)):
            raise ValueError('write the hours in order of the day, like [["07:30", "11:30"], ["13:30", "17:00"]]')
        return hours


class WorkCalendar:
    """Which days and hours are worked.

    Public holidays and most exchanged days come from python-holidays, needed by every method; the rest from the settings.
    """

    def __init__(self, settings: CalendarSettings) -> None:
        self.settings = settings
        self.zone = ZoneInfo(settings.time_zone)
        self._weekend = {WEEKDAYS.index(name) for name in settings.weekend}
        self._off = {d.day: d.title for d in settings.days_off}
        self._worked = {d.make_up for d in settings.days_off if d.make_up} | {d.day for d in settings.days_worked}

    def holiday(self, day: date) -> str | None:
        """Vietnamese name of the public holiday or day off, else None; a plain weekend has none."""
        if day in self._off:
            return self._off[day]
        if day in self._worked:
            return None
        return _holidays(self.settings.country, day.year)[0].get(day)

    def is_working_day(self, day: date) -> bool:
        """Whether the agencies work on that day."""
        if day in self._worked:
            return True
        if self.holiday(day) is not None:
            return False
        return day.weekday() not in self._weekend or day in _holidays(self.settings.country, day.year)[1]

    def working_days(self, first: date, end: date) -> list[date]:
        """Working days from `first` up to, without, `end`."""
        return [day for day in _days(first, end) if self.is_working_day(day)]

    def add_working_days(self, day: date, count: int) -> date:
        """The day `count` working days after `day`, which itself does not count; 0 gives `day` or the next working day.

        Raises ValueError for a negative count.
        """
        if count < 0:
            raise ValueError(f"count is {count}; write 0 or more working days")
        if count == 0:
            return self.next_working_day(day)
        while count > 0:
            day += timedelta(days=1)
            count -= self.is_working_day(day)
        return day

    def next_working_day(self, day: date) -> date:
        """`day` itself when it is worked, else the first working day after it."""
        while not self.is_working_day(day):
            day += timedelta(days=1)
        return day

    def working_hours(self, start: datetime, end: datetime) -> float:
        """Hours of work between two moments with a time zone, 0 when `end` is not after `start`. Raises ValueError without a zone."""
        if start.tzinfo is None or end.tzinfo is None:
            raise ValueError("both moments need a time zone; use datasets.model.calendar.ZONE")
        start, end = start.astimezone(self.zone), end.astimezone(self.zone)
        seconds = 0.0
        for day in _days(start.date(), end.date() + timedelta(days=1)):
            if not self.is_working_day(day):
                continue
            for opens, closes in self.settings.working_hours:
                begins = max(start, datetime.combine(day, opens, self.zone))
                stops = min(end, datetime.combine(day, closes, self.zone))
                seconds += max(0.0, (stops - begins).total_seconds())
        return seconds / 3600

    def nth_working_day(self, first: date, end: date, number: int) -> date:
        """The `number`-th (from 1) working day of `first` up to, without, `end`. Raises ValueError when there are fewer."""
        days = self.working_days(first, end)
        if not 1 <= number <= len(days):
            raise ValueError(f"{number} is outside the {len(days)} working days from {first} to {end}")
        return days[number - 1]


def _days(first: date, end: date) -> Iterator[date]:
    for offset in range((end - first).days):
        yield first + timedelta(days=offset)


@lru_cache(maxsize=200)
def _holidays(country: str, year: int) -> tuple[dict[date, str], frozenset[date]]:
    """Public holidays of a year by day, and the weekend days worked instead of an exchanged day."""
    import holidays

    found = holidays.country_holidays(country, years=year, language="vi")
    # The day worked for an exchanged day can lie in the year before or after, so the neighbours are asked too.
    around = holidays.country_holidays(country, years=range(year - 1, year + 2), language="vi")
    return {day: str(name) for day, name in found.items() if day.year == year}, frozenset(around.weekend_workdays)


def read_calendar(folder: Path) -> WorkCalendar:
    """The working calendar of `calendars.yaml` in a folder. Raises ValueError naming the file."""
    path = folder / "calendars.yaml"
    try:
        with path.open(encoding="utf-8") as file:
            return WorkCalendar(CalendarSettings.model_validate(yaml.safe_load(file)))
    except (OSError, yaml.YAMLError, ValueError) as error:
        raise ValueError(f"{path}: {error}") from error
