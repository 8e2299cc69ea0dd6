"""When the agencies of the demonstration deliver, and the habits planted among them.

Most deliver some time before the due moment. One report is late, one is missing, one is excused, one is a declaration of zero, and one
file holds rows that are rejected, so that every state of supply can be seen. All of it is simulated and says so; what is planted and
why is written in docs/reference/demonstration.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from datasets.demonstration.world import ONE_DAY, World
from datasets.model.calendar import ZONE
from datasets.model.contract import Calendar, Resource, Scope
from datasets.model.obligation import due_at
from datasets.model.period import bounds

OBLIGED_DAYS = 35
"""So many days before the last one the demonstration's obligations come into force, or with the first period that is delivered."""

LATE_BY = timedelta(hours=16, minutes=20)
EXCUSED_FOR = timedelta(days=14)
"""From the demonstration's end; afterwards the report is missing."""


class Habit(StrEnum):
    """What an agency does with one report."""

    LATE = "late"
    MISSING = "missing"
    EXCUSED = "excused"
    ZERO = "zero"
    REJECTS = "rejects"
    RESTATED = "restated"
    THOUSANDFOLD = "thousandfold"
    SWAPPED = "swapped"


@dataclass(frozen=True, slots=True)
class Planted:
    """One habit, at one report: the n-th last period that the resource's agencies deliver (0 is the last)."""

    contract: str
    resource: str
    agency: str
    nth_last: int
    habit: Habit


# Bed days that are two weeks old are in no tile that looks at the last week: the board shows the gap and the tiles keep their figures.
PLANTED = (
    Planted("health", "bed-days", "benh-vien-huu-nghi-da-khoa", 5, Habit.LATE),
    Planted("health", "bed-days", "benh-vien-san-nhi", 13, Habit.MISSING),
    Planted("health", "bed-days", "benh-vien-huu-nghi-da-khoa", 13, Habit.EXCUSED),
    Planted("health", "tests", "benh-vien-huu-nghi-da-khoa", 0, Habit.ZERO),
    Planted("health", "vaccination", "trung-tam-kiem-soat-benh-tat", 0, Habit.REJECTS),
)


def calendar_of_reports(resource: Resource) -> Calendar:
    """The calendar by which a delivery's report is named: of its periods, or where it is the whole or an addition of its obligation."""
    if resource.delivery.scope is Scope.PERIOD and resource.delivery.calendar is not None:
        return resource.delivery.calendar
    return resource.obligation.calendar


def habit_of(contract: str, resource: str, agency: str, period: str, delivered: Iterable[str]) -> Habit | None:
    """The habit planted at this report, None for the usual one. `delivered`: the periods that the resource's agencies deliver."""
    known = sorted(delivered)
    for planted in PLANTED:
        here = (planted.contract, planted.resource, planted.agency) == (contract, resource, agency)
        if here and planted.nth_last < len(known) and known[-1 - planted.nth_last] == period:
            return planted.habit
    return None


def delivered_at(world: World, resource: Resource, agency: str, period: str, habit: Habit | None) -> datetime:
    """The simulated moment at which the agency's clerk delivers: some minutes to hours before it is due, never after the world's end.

    `period`: that of its report.
    """
    end = datetime.combine(world.until + ONE_DAY, time(), ZONE)
    draw = world.draw("delivered", resource.name, agency, period)
    starts, ends = bounds(calendar_of_reports(resource), period)
    due = due_at(resource.obligation.due, starts, ends, world.reference.calendar)
    if habit is Habit.LATE:
        return min(due + LATE_BY, end)
    early = timedelta(minutes=draw.randint(8, 55)) if ends - starts == ONE_DAY else timedelta(minutes=draw.randint(20, 240))
    return min(due - early, end - timedelta(minutes=draw.randint(360, 480)))
