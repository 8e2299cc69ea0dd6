"""What of the supply board is asked for, as its address says it, and which periods that are."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from datasets.model.contract import Calendar
from datasets.model.period import bounds, period_of

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")
MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
LATE = ("", "now", "any")
"""Rows of the matrix: all, those with a report that is late now, those with one that was or is late."""

PERIODS_SHOWN = {
    Calendar.DAY: 14,
    Calendar.WEEK: 12,
    Calendar.MONTH: 12,
    Calendar.ADMINISTRATIVE_MONTH: 12,
    Calendar.QUARTER: 8,
    Calendar.ADMINISTRATIVE_QUARTER: 8,
    Calendar.YEAR: 4,
    Calendar.ADMINISTRATIVE_YEAR: 4,
    Calendar.SCHOOL_YEAR: 4,
}
"""Periods of a calendar up to the one that runs, without a range in the address."""
MOST_PERIODS = 62
"""Periods of a calendar that are shown at most, the last of the range."""

WRONG = {
    "name": "{key}={value}: hãy viết tên bằng chữ thường không dấu / write a name in lower-case letters",
    "calendar": "calendar={value}: hãy viết một trong / write one of: " + ", ".join(one.value for one in Calendar),
    "month": "{key}={value}: hãy viết tháng theo dạng / write a month as: 2026-11",
    "order": "from={first} đứng sau / is after to={last}",
    "late": "late={value}: hãy viết / write now, any",
}


class BoardRefused(ValueError):
    """What the address asks for is no board; the message says what to write, in Vietnamese and English."""


@dataclass(frozen=True)
class Span:
    """Periods of one calendar that are shown: those that begin on `first`, on `last` or between."""

    calendar: Calendar
    first: dt.date
    last: dt.date
    is_cut: bool = False
    """Whether the range holds more periods, before these."""


@dataclass(frozen=True)
class Filters:
    """What the address narrows; None and "" narrow nothing."""

    subsystem: str | None = None
    agency: str | None = None
    calendar: Calendar | None = None
    first_month: dt.date | None = None
    last_month: dt.date | None = None
    late: str = ""

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> Filters:
        """From the address's parameters; an empty one says nothing. Raises BoardRefused."""
        first, last = _month(asked, "from"), _month(asked, "to")
        if first and last and first > last:
            raise BoardRefused(WRONG["order"].format(first=asked["from"], last=asked["to"]))
        calendar, late = asked.get("calendar", ""), asked.get("late", "")
        if calendar and calendar not in {one.value for one in Calendar}:
            raise BoardRefused(WRONG["calendar"].format(value=calendar))
        if late not in LATE:
            raise BoardRefused(WRONG["late"].format(value=late))
        return cls(_name(asked, "subsystem"), _name(asked, "agency"), Calendar(calendar) if calendar else None, first, last, late)

    def spans(self, calendars: Iterable[str], today: dt.date) -> list[Span]:
        """Periods that are shown of each calendar (in the calendars' own order), none that begins after `today`."""
        there = set(calendars)
        wanted = [one for one in Calendar if one.value in there and self.calendar in (None, one)]
        return [self._span(calendar, today) for calendar in wanted]

    def _span(self, calendar: Calendar, today: dt.date) -> Span:
        end = min(today, _last_day(self.last_month)) if self.last_month else today
        last = bounds(calendar, period_of(calendar, end))[0]
        if self.first_month is None:
            return Span(calendar, _back(calendar, last, PERIODS_SHOWN[calendar]), last)
        first = bounds(calendar, period_of(calendar, self.first_month))[0]
        most = _back(calendar, last, MOST_PERIODS)
        return Span(calendar, max(first, most), last, is_cut=first < most)


def _back(calendar: Calendar, last: dt.date, count: int) -> dt.date:
    """First day of the first of `count` periods, of which the last begins on `last`."""
    for _ in range(count - 1):
        last = bounds(calendar, period_of(calendar, last - dt.timedelta(days=1)))[0]
    return last


def _last_day(month: dt.date) -> dt.date:
    return bounds(Calendar.MONTH, period_of(Calendar.MONTH, month))[1] - dt.timedelta(days=1)


def _name(asked: Mapping[str, str], key: str) -> str | None:
    value = asked.get(key, "")
    if value and not NAME.fullmatch(value):
        raise BoardRefused(WRONG["name"].format(key=key, value=value[:60]))
    return value or None


def _month(asked: Mapping[str, str], key: str) -> dt.date | None:
    value = asked.get(key, "")
    if not value:
        return None
    found = MONTH.fullmatch(value)
    if found is None or int(found[1]) < 1900:
        raise BoardRefused(WRONG["month"].format(key=key, value=value[:60]))
    return dt.date(int(found[1]), int(found[2]), 1)
