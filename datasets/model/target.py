"""The target that a period's value is held against, as SQL over a wide view; of a paced one, the part for the year so far."""

from __future__ import annotations

import datetime as dt

from datasets.model.calendar_name import Calendar
from datasets.model.formula import valid_when
from datasets.model.indicator import Indicator, Target
from datasets.model.period import bounds, period_of

PERIOD = "MAX(period_starts)"
LENGTHS = {
    Calendar.DAY: "1 day",
    Calendar.WEEK: "7 days",
    Calendar.MONTH: "1 month",
    Calendar.QUARTER: "3 months",
    Calendar.ADMINISTRATIVE_MONTH: "1 month",
    Calendar.ADMINISTRATIVE_QUARTER: "3 months",
}
"""From a period's first day to the first day after it, for the calendars shorter than a year."""

YEARS = {
    Calendar.ADMINISTRATIVE_MONTH: Calendar.ADMINISTRATIVE_YEAR,
    Calendar.ADMINISTRATIVE_QUARTER: Calendar.ADMINISTRATIVE_YEAR,
    Calendar.ADMINISTRATIVE_YEAR: Calendar.ADMINISTRATIVE_YEAR,
    Calendar.SCHOOL_YEAR: Calendar.SCHOOL_YEAR,
}
"""The year in which a calendar's periods lie; that of the calendar for the others."""


def target_metric(indicator: Indicator, calendar: Calendar) -> str | None:
    """SQL of the province-wide target that is valid when the last of the calendar's periods begins; None without one."""
    cases = [valid_when(t.from_, t.to, _value(t, calendar)) for t in indicator.targets if t.unit is None]
    return f"CASE {' '.join(cases)} END" if cases else None


def last_target(indicator: Indicator) -> Target | None:
    """The province-wide target that was set last: what is said of a target (proposed, amber) is said of this one."""
    return max((t for t in indicator.targets if t.unit is None), key=lambda t: t.from_, default=None)


def elapsed_share(calendar: Calendar, starts: dt.date) -> float:
    """Share of its year that has passed at the end of the calendar's period that begins on `starts`, between 0 and 1, by days.

    A week over New Year belongs to the year of its last day, as its figures do that count from the beginning of a year.
    """
    ends = bounds(calendar, period_of(calendar, starts))[1]
    of_year = YEARS.get(calendar, Calendar.YEAR)
    first, after = bounds(of_year, period_of(of_year, ends - dt.timedelta(days=1)))
    return (ends - first).days / (after - first).days


def _value(target: Target, calendar: Calendar) -> str:
    value = str(int(target.value)) if target.value.is_integer() else repr(target.value)
    if not target.paced or calendar not in LENGTHS:
        return value
    ends = f"({PERIOD} + INTERVAL '{LENGTHS[calendar]}')"
    if calendar in YEARS:  # 15 December less 17 days before 1 January
        first = f"(DATE_TRUNC('year', {ends} - INTERVAL '1 day' + INTERVAL '17 days') - INTERVAL '17 days')"
    else:
        first = f"DATE_TRUNC('year', {ends} - INTERVAL '1 day')"
    days, year = f"CAST({ends} AS DATE) - CAST({first} AS DATE)", f"CAST({first} + INTERVAL '1 year' AS DATE) - CAST({first} AS DATE)"
    return f"{value} * CAST({days} AS NUMERIC) / ({year})"
