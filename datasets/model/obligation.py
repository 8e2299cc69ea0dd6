"""What an obligation asks: the moment a report is due, from when to when it is owed, and for which periods."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from datasets.model.calendar import ZONE, WorkCalendar
from datasets.model.calendar_name import Calendar
from datasets.model.due_rule import due_rule
from datasets.model.period import Period, period, period_of, periods

AHEAD = timedelta(days=40)
"""Reports are made of periods that begin up to so long after today."""


@dataclass(frozen=True, slots=True)
class Validity:
    """From when to when an obligation is owed."""

    first: date
    end: date | None
    """First day on which it is no longer owed; None while no end is known."""

    def holds(self, day: date) -> bool:
        """Whether the obligation is owed on that day."""
        return self.first <= day and (self.end is None or day < self.end)


def due_at(rule: str, starts: date, ends: date, calendar: WorkCalendar) -> datetime:
    """The moment at which the report of a period is due, in the zone Asia/Ho_Chi_Minh.

    `ends` is the first day after the period. Days are counted from the period's last day. Calendar days (`17:00`, `+10d 17:00`) fall
    where they fall, on a holiday too; working days (`+3wd 17:00`) pass over weekends, Tết, holidays and days off, and days worked
    instead count. `+0wd` is the last day itself when it is worked, else the next working day. Raises ValueError for a rule or a
    period that cannot be.
    """
    if ends <= starts:
        raise ValueError(f"the period ends on {ends}, not after its first day {starts}; `ends` is the first day after it")
    parts = due_rule(rule)
    last = ends - timedelta(days=1)
    day = calendar.add_working_days(last, parts.days) if parts.working else last + timedelta(days=parts.days)
    return datetime.combine(day, parts.at, ZONE)


def in_force(
    clause_from: date | None, clause_to: date | None, since: date | None, first_seen: date, removed: date | None = None
) -> Validity | None:
    """From when to when an obligation is owed; None when that is no day at all.

    It begins with the clause, and not before `since` (the contract's key) or, without that, `first_seen`: the day on which the
    dataset was first applied. It ends with the clause (`clause_to` is the first day on which it no longer holds) or on the day
    `removed` on which the contract let it go. A document that the reference does not hold has no days: both are None.
    """
    first = since or first_seen
    if clause_from is not None and clause_from > first:
        first = clause_from
    ends = [day for day in (clause_to, removed) if day is not None]
    end = min(ends, default=None)
    return None if end is not None and end <= first else Validity(first, end)


def owed_periods(calendar: Calendar | str, force: Validity, today: date, ahead: timedelta = AHEAD) -> Iterator[Period]:
    """Periods of which a report is owed, in order: from the one that holds the first day of the obligation to the last one that begins
    before its end and at most `ahead` after today."""
    horizon = today + ahead
    if force.end is not None:
        horizon = min(horizon, force.end - timedelta(days=1))
    yield from periods(calendar, force.first, horizon)


def first_period(calendar: Calendar | str, force: Validity) -> Period:
    """The first period of which a report is owed: the one that holds the obligation's first day."""
    return period(calendar, period_of(calendar, force.first))
