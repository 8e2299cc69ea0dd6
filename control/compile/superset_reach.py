"""How far back charts of indicators look until somebody chooses a period, by the calendar that they count by."""

from __future__ import annotations

from dataclasses import dataclass

from control.compile.superset_chart import ANY_TIME
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


REACH = {
    Calendar.DAY: Reach("Last 60 days", "Last 90 days", "Last 30 days", "%d/%m"),
    Calendar.WEEK: Reach("Last 60 weeks", "Last 12 months", "Last 26 weeks", "%d/%m"),
    Calendar.MONTH: Reach("Last 60 months", "Last 36 months", "Last 24 months", "%m/%Y"),
    Calendar.ADMINISTRATIVE_MONTH: Reach("Last 60 months", "Last 36 months", "Last 24 months", DAY),
    Calendar.QUARTER: Reach("Last 10 years", "Last 5 years", "Last 5 years", "%m/%Y"),
    Calendar.ADMINISTRATIVE_QUARTER: Reach("Last 10 years", "Last 5 years", "Last 5 years", DAY),
}
PLAIN_PERIODS = (Calendar.DAY, Calendar.MONTH, Calendar.YEAR, Calendar.SCHOOL_YEAR)
"""Calendars whose periods the axis names by itself; of the others it names the first day."""
EVER = Reach(ANY_TIME, ANY_TIME, ANY_TIME, "%Y")


def reach(calendar: Calendar) -> Reach:
    return REACH.get(calendar, EVER)
