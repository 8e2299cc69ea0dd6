"""How far back charts of indicators look until somebody chooses a period, by the calendar that they count by."""

from __future__ import annotations

from dataclasses import dataclass

from control.compile.superset.chart import ANY_TIME
from datasets.model.calendar_name import Calendar

DAY = "%d/%m/%Y"


@dataclass(frozen=True)
class Reach:
    """How far back charts of a calendar look until somebody chooses a period."""

    tile: str
    trend: str
    finished: str
    """As `trend`, without the period that runs."""
    map: str
    axis: str
    """d3 format of the time axis."""


def since(count: int, unit: str) -> str:
    """From so many days, weeks, months or years ago to the end of today: Superset's own "Last 7 days" ends before today begins."""
    return f"DATEADD(DATETIME('today'), -{count}, {unit}) : DATEADD(DATETIME('today'), 1, day)"


def before(count: int, unit: str, running: str) -> str:
    """From so many months or years ago to the first day of the period that runs, which is not among them.

    A week of two days would end each line in a fall that is none.
    """
    return f"DATEADD(DATETIME('today'), -{count}, {unit}) : {running}"


RUNNING_WEEK = "DATETRUNC(DATETIME('today'), week)"
RUNNING_MONTH = "DATETRUNC(DATETIME('today'), month)"
RUNNING_QUARTER = "DATETRUNC(DATETIME('today'), quarter)"
# An administrative month begins on the 15th of the month before the one it is named after; a quarter is three of them from 15 December.
RUNNING_ADMINISTRATIVE_MONTH = "DATEADD(DATETRUNC(DATEADD(DATETIME('today'), -14, day), month), 14, day)"
RUNNING_ADMINISTRATIVE_QUARTER = (
    "DATEADD(DATEADD(DATETRUNC(DATEADD(DATEADD(DATETIME('today'), -14, day), 1, month), quarter), -1, month), 14, day)"
)


def _months(running: str) -> tuple[str, str, str, str]:
    return since(60, "month"), since(36, "month"), before(36, "month", running), since(24, "month")


def _quarters(running: str) -> tuple[str, str, str, str]:
    return since(10, "year"), since(5, "year"), before(5, "year", running), since(5, "year")


REACH = {
    Calendar.DAY: Reach(since(60, "day"), since(90, "day"), since(90, "day"), since(30, "day"), "%d/%m"),
    Calendar.WEEK: Reach(since(60, "week"), since(12, "month"), before(12, "month", RUNNING_WEEK), since(26, "week"), "%d/%m"),
    Calendar.MONTH: Reach(*_months(RUNNING_MONTH), "%m/%Y"),
    Calendar.ADMINISTRATIVE_MONTH: Reach(*_months(RUNNING_ADMINISTRATIVE_MONTH), DAY),
    Calendar.QUARTER: Reach(*_quarters(RUNNING_QUARTER), "%m/%Y"),
    Calendar.ADMINISTRATIVE_QUARTER: Reach(*_quarters(RUNNING_ADMINISTRATIVE_QUARTER), DAY),
}
PLAIN_PERIODS = (Calendar.DAY, Calendar.MONTH, Calendar.YEAR, Calendar.SCHOOL_YEAR)
"""Calendars whose periods the axis names by itself; of the others it names the first day."""
EVER = Reach(ANY_TIME, ANY_TIME, ANY_TIME, ANY_TIME, "%Y")


def reach(calendar: Calendar) -> Reach:
    return REACH.get(calendar, EVER)
