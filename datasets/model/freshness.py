"""How fresh a dataset is by the frequency that it declares.

The limits are those of the Humanitarian Data Exchange (HDX, "Expected update frequency and freshness status"): a dataset is due when its
update is expected, overdue when it may still be on its way, and delinquent when its agency should be asked. Calendars that HDX does not
name take the limits of the one that is as long.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from datasets.model.calendar_name import Calendar

Freshness = Literal["fresh", "due", "overdue", "delinquent", "never"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Days since the last delivery from which a dataset is no longer fresh."""

    due: int
    overdue: int
    delinquent: int


_DAILY, _WEEKLY, _MONTHLY, _QUARTERLY, _YEARLY = (
    Limits(1, 2, 3),
    Limits(7, 14, 21),
    Limits(30, 44, 60),
    Limits(90, 120, 150),
    Limits(365, 425, 455),
)
LIMITS: dict[Calendar, Limits] = {
    Calendar.DAY: _DAILY,
    Calendar.WEEK: _WEEKLY,
    Calendar.MONTH: _MONTHLY,
    Calendar.ADMINISTRATIVE_MONTH: _MONTHLY,
    Calendar.QUARTER: _QUARTERLY,
    Calendar.ADMINISTRATIVE_QUARTER: _QUARTERLY,
    Calendar.YEAR: _YEARLY,
    Calendar.ADMINISTRATIVE_YEAR: _YEARLY,
    Calendar.SCHOOL_YEAR: _YEARLY,
}


def freshness(frequency: Calendar | str, days: int | None) -> Freshness:
    """The state of a dataset so many whole days after its last delivery; None when there was none.

    Raises ValueError for days before 0 and for a calendar that is none.
    """
    limits = LIMITS[Calendar(frequency)]
    if days is None:
        return "never"
    if days < 0:
        raise ValueError(f"{days} days since the last delivery; write 0 or more")
    if days >= limits.delinquent:
        return "delinquent"
    return "overdue" if days >= limits.overdue else "due" if days >= limits.due else "fresh"
