"""Periods of the calendars: how they are written, where they begin and end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from datasets.model.contract import Calendar

ADMINISTRATIVE_DAY = 15
"""First day of an administrative month: `2021-08A` is 15 July to 14 August (Decree 09/2019, reports run from the 15th to the 14th)."""

SCHOOL_YEAR_MONTH = 8
"""A school year runs from 1 August to 31 July, so that each day lies in one; lessons begin within its first weeks."""

HOW_TO_WRITE = {
    Calendar.DAY: "2021-08-01",
    Calendar.WEEK: "2021-W31",
    Calendar.MONTH: "2021-08",
    Calendar.QUARTER: "2021-Q3",
    Calendar.YEAR: "2021",
    Calendar.ADMINISTRATIVE_MONTH: "2021-08A",
    Calendar.ADMINISTRATIVE_QUARTER: "2021-Q3A",
    Calendar.ADMINISTRATIVE_YEAR: "2021A",
    Calendar.SCHOOL_YEAR: "2021-2022",
}

PATTERNS = {
    Calendar.DAY: r"(\d{4})-(\d{2})-(\d{2})",
    Calendar.WEEK: r"(\d{4})-W(\d{2})",
    Calendar.MONTH: r"(\d{4})-(\d{2})",
    Calendar.QUARTER: r"(\d{4})-Q([1-4])",
    Calendar.YEAR: r"(\d{4})",
    Calendar.ADMINISTRATIVE_MONTH: r"(\d{4})-(\d{2})A",
    Calendar.ADMINISTRATIVE_QUARTER: r"(\d{4})-Q([1-4])A",
    Calendar.ADMINISTRATIVE_YEAR: r"(\d{4})A",
    Calendar.SCHOOL_YEAR: r"(\d{4})-(\d{4})",
}


@dataclass(frozen=True, slots=True)
class Period:
    """A named stretch of days."""

    calendar: Calendar
    text: str
    starts: date
    ends: date
    """First day after it."""


def period_of(calendar: Calendar | str, day: date) -> str:
    """The period of the calendar in which the day lies, as text. Raises ValueError for a calendar that does not exist."""
    match Calendar(calendar):
        case Calendar.DAY:
            return f"{day:%Y-%m-%d}"
        case Calendar.WEEK:
            iso = day.isocalendar()
            return f"{iso.year:04d}-W{iso.week:02d}"
        case Calendar.MONTH:
            return f"{day:%Y-%m}"
        case Calendar.QUARTER:
            return f"{day:%Y}-Q{(day.month + 2) // 3}"
        case Calendar.YEAR:
            return f"{day:%Y}"
        case Calendar.ADMINISTRATIVE_MONTH:
            year, month = _month(day.year, day.month + (day.day >= ADMINISTRATIVE_DAY))
            return f"{year:04d}-{month:02d}A"
        case Calendar.ADMINISTRATIVE_QUARTER:
            year, month = _month(day.year, day.month + (day.day >= ADMINISTRATIVE_DAY))
            return f"{year:04d}-Q{(month + 2) // 3}A"
        case Calendar.ADMINISTRATIVE_YEAR:
            return f"{_month(day.year, day.month + (day.day >= ADMINISTRATIVE_DAY))[0]:04d}A"
        case Calendar.SCHOOL_YEAR:
            first = day.year - (day.month < SCHOOL_YEAR_MONTH)
            return f"{first:04d}-{first + 1:04d}"


def bounds(calendar: Calendar | str, period: str) -> tuple[date, date]:
    """First day of the period and first day after it. Raises ValueError that says what to write."""
    calendar = Calendar(calendar)
    match_ = re.fullmatch(PATTERNS[calendar], period, flags=re.ASCII)
    try:
        if match_ is None:
            raise ValueError("not of that form")
        return _bounds(calendar, [int(n) for n in match_.groups()])
    except ValueError as error:
        raise ValueError(f"{period!r} is no {calendar.value} ({error}); write it like {HOW_TO_WRITE[calendar]!r}") from error


def _bounds(calendar: Calendar, numbers: list[int]) -> tuple[date, date]:
    year = numbers[0]
    match calendar:
        case Calendar.DAY:
            day = date(*numbers)
            return day, day + timedelta(days=1)
        case Calendar.WEEK:
            monday = date.fromisocalendar(year, numbers[1], 1)
            return monday, monday + timedelta(days=7)
        case Calendar.MONTH:
            return date(year, numbers[1], 1), date(*_month(year, numbers[1] + 1), 1)
        case Calendar.QUARTER:
            month = numbers[1] * 3 - 2
            return date(year, month, 1), date(*_month(year, month + 3), 1)
        case Calendar.YEAR:
            return date(year, 1, 1), date(year + 1, 1, 1)
        case Calendar.ADMINISTRATIVE_MONTH:
            ends = date(year, numbers[1], ADMINISTRATIVE_DAY)
            return date(*_month(year, numbers[1] - 1), ADMINISTRATIVE_DAY), ends
        case Calendar.ADMINISTRATIVE_QUARTER:
            month = numbers[1] * 3
            return date(*_month(year, month - 3), ADMINISTRATIVE_DAY), date(year, month, ADMINISTRATIVE_DAY)
        case Calendar.ADMINISTRATIVE_YEAR:
            return date(year - 1, 12, ADMINISTRATIVE_DAY), date(year, 12, ADMINISTRATIVE_DAY)
        case Calendar.SCHOOL_YEAR:
            if numbers[1] != year + 1:
                raise ValueError("the second year follows the first")
            return date(year, SCHOOL_YEAR_MONTH, 1), date(year + 1, SCHOOL_YEAR_MONTH, 1)


def _month(year: int, month: int) -> tuple[int, int]:
    """Year and month with a month number of 0 to 15 brought into 1 to 12."""
    months = year * 12 + month - 1
    return months // 12, months % 12 + 1


def period(calendar: Calendar | str, text: str) -> Period:
    """The period of that text. Raises ValueError that says what to write."""
    starts, ends = bounds(calendar, text)
    return Period(Calendar(calendar), text, starts, ends)


def periods(calendar: Calendar | str, first: date, last: date) -> Iterator[Period]:
    """Periods in order, from the one that holds `first` to the one that holds `last` (both inclusive)."""
    calendar = Calendar(calendar)
    day = first
    while day <= last:
        here = period(calendar, period_of(calendar, day))
        yield here
        day = here.ends


def calendar_of(text: str) -> Calendar:
    """The calendar whose way of writing the text has. Raises ValueError that lists the ways."""
    for calendar, pattern in PATTERNS.items():
        if re.fullmatch(pattern, text, flags=re.ASCII):
            return calendar
    raise ValueError(f"{text!r} is no period; write one of {', '.join(HOW_TO_WRITE.values())}")
