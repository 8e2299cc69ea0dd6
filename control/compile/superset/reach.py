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
    map: str
    axis: str
    """d3 format of the time axis."""


def since(count: int, unit: str) -> str:
    """From so many days, weeks, months or years ago to the end of today: Superset's own "Last 7 days" ends before today begins."""
    return f"DATEADD(DATETIME('today'), -{count}, {unit}) : DATEADD(DATETIME('today'), 1, day)"


MONTHS = (since(60, "month"), since(36, "month"), since(24, "month"))
QUARTERS = (since(10, "year"), since(5, "year"), since(5, "year"))
REACH = {
    Calendar.DAY: Reach(since(60, "day"), since(90, "day"), since(30, "day"), "%d/%m"),
    Calendar.WEEK: Reach(since(60, "week"), since(12, "month"), since(26, "week"), "%d/%m"),
    Calendar.MONTH: Reach(*MONTHS, "%m/%Y"),
    Calendar.ADMINISTRATIVE_MONTH: Reach(*MONTHS, DAY),
    Calendar.QUARTER: Reach(*QUARTERS, "%m/%Y"),
    Calendar.ADMINISTRATIVE_QUARTER: Reach(*QUARTERS, DAY),
}
PLAIN_PERIODS = (Calendar.DAY, Calendar.MONTH, Calendar.YEAR, Calendar.SCHOOL_YEAR)
"""Calendars whose periods the axis names by itself; of the others it names the first day."""
EVER = Reach(ANY_TIME, ANY_TIME, ANY_TIME, "%Y")


def reach(calendar: Calendar) -> Reach:
    return REACH.get(calendar, EVER)
