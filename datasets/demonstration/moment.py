"""When the agencies of the demonstration deliver."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from datasets.demonstration.habits import Habit, calendar_of_reports, is_often_late
from datasets.demonstration.world import ONE_DAY, World
from datasets.model.calendar import ZONE
from datasets.model.contract import Resource
from datasets.model.obligation import due_at
from datasets.model.period import bounds

LATE_BY = timedelta(hours=16, minutes=20)
LAST_HOUR = time(16, 55)
"""On the last day everything is delivered by then: before reports of each day are due."""
SECOND_AFTER = {
    Habit.RESTATED: timedelta(days=9, hours=2),
    Habit.THOUSANDFOLD: timedelta(days=3, hours=1),
    Habit.WRONG_FILE: timedelta(hours=3, minutes=10),
}
"""How long after the first delivery of a report its second one comes."""


def delivered_at(world: World, resource: Resource, agency: str, period: str, habit: Habit | None) -> datetime:
    """The simulated moment at which the agency's clerk delivers: some minutes to hours before it is due, never after the world's end.

    `period`: that of its report. An agency that is often late delivers up to two days after it was due.
    """
    end = datetime.combine(world.until, LAST_HOUR, ZONE)
    draw = world.draw("delivered", resource.name, agency, period)
    starts, ends = bounds(calendar_of_reports(resource), period)
    due = due_at(resource.obligation.due, starts, ends, world.reference.calendar)
    if habit is Habit.LATE:
        return min(due + LATE_BY, end)
    early = timedelta(minutes=draw.randint(8, 55)) if ends - starts == ONE_DAY else timedelta(minutes=draw.randint(20, 240))
    late = due + timedelta(minutes=draw.randint(40, 2_800))
    if habit is None and late <= end and is_often_late(world, resource, agency, period):
        return late
    return min(due - early, end - timedelta(minutes=draw.randint(0, 85)))


def second_at(world: World, first: datetime, habit: Habit) -> datetime:
    """When the second delivery of a report comes whose first one came at that moment. Raises KeyError for a habit without a second."""
    return min(first + SECOND_AFTER[habit], datetime.combine(world.until, LAST_HOUR, ZONE) + timedelta(minutes=2))
