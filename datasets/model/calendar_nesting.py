"""Which calendars are made of whole periods of which others."""

from __future__ import annotations

from datasets.model.calendar_name import Calendar

_LONGER: dict[Calendar, frozenset[Calendar]] = {
    Calendar.DAY: frozenset(Calendar) - {Calendar.DAY},
    Calendar.MONTH: frozenset({Calendar.QUARTER, Calendar.YEAR, Calendar.SCHOOL_YEAR}),
    Calendar.QUARTER: frozenset({Calendar.YEAR}),
    Calendar.ADMINISTRATIVE_MONTH: frozenset({Calendar.ADMINISTRATIVE_QUARTER, Calendar.ADMINISTRATIVE_YEAR}),
    Calendar.ADMINISTRATIVE_QUARTER: frozenset({Calendar.ADMINISTRATIVE_YEAR}),
}


def longer_than(calendar: Calendar) -> frozenset[Calendar]:
    """Calendars of which each period is made of whole periods of this one: a month is no sum of weeks, nor of administrative months."""
    return _LONGER.get(calendar, frozenset())


def lies_within(calendar: Calendar, other: Calendar) -> bool:
    """Whether each period of the calendar lies within one period of the other."""
    return calendar is other or other in longer_than(calendar)
