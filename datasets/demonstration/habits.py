"""What agencies of the demonstration do with a report beside delivering it whole and in time.

Some habits are planted at one report each, so that every state of supply and every usual trouble can be seen; some agencies are often
late. All of it is simulated and says so; what is planted and why is written in docs/reference/demonstration.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from datasets.demonstration.world import World
from datasets.model.contract import Calendar, Resource, Scope

OBLIGED_DAYS = 100
"""So many days before the last one the demonstration's obligations come into force, or with the first period that is delivered."""

EXCUSED_FOR = timedelta(days=14)
"""From the demonstration's end; afterwards the report is missing."""

OFTEN_LATE = {"xa-con-cuong": 0.5, "phuong-thai-hoa": 0.35, "so-xay-dung": 0.3, "cong-an-tinh": 0.15, "so-cong-thuong": 0.15}
"""Share of its reports that an agency hands in after they were due."""


class Habit(StrEnum):
    """What an agency does with one report."""

    LATE = "late"
    MISSING = "missing"
    EXCUSED = "excused"
    ZERO = "zero"
    REJECTS = "rejects"
    RESTATED = "restated"
    """Other figures at first, those that hold some days later."""
    THOUSANDFOLD = "thousandfold"
    """Units where thousands belong in some columns; corrected some days later."""
    WRONG_FILE = "wrong-file"
    """The file of another dataset at first, the right one some hours later."""
    SWAPPED = "swapped"
    """Two columns stand under each other's header; nobody notices."""


TWICE = frozenset({Habit.RESTATED, Habit.THOUSANDFOLD, Habit.WRONG_FILE})
"""Habits of a report that is delivered a second time, with what should have been in the first."""


@dataclass(frozen=True, slots=True)
class Planted:
    """One habit, at one report: the n-th last period that the resource's agencies deliver (0 is the last)."""

    contract: str
    resource: str
    agency: str
    nth_last: int
    habit: Habit
    columns: tuple[str, ...] = ()
    """The columns it is about."""


# Bed days of nine days ago are in no tile: the board shows the gap and the tiles keep their figures.
PLANTED = (
    Planted("health", "bed-days", "benh-vien-huu-nghi-da-khoa", 5, Habit.LATE),
    Planted("health", "bed-days", "benh-vien-san-nhi", 9, Habit.MISSING),
    Planted("health", "bed-days", "benh-vien-huu-nghi-da-khoa", 9, Habit.EXCUSED),
    Planted("health", "tests", "benh-vien-huu-nghi-da-khoa", 0, Habit.ZERO),
    Planted("health", "tests", "benh-vien-huu-nghi-da-khoa", 1, Habit.WRONG_FILE),
    Planted("health", "vaccination", "trung-tam-kiem-soat-benh-tat", 0, Habit.REJECTS),
    Planted("health", "insurance", "bao-hiem-xa-hoi-tinh", 2, Habit.RESTATED, ("insured",)),
    Planted("public_services", "files", "phuong-cua-lo", 2, Habit.SWAPPED, ("online", "digitised")),
    Planted("public_safety", "cameras", "cong-an-tinh", 0, Habit.MISSING),
    Planted("public_safety", "cameras", "cong-an-tinh", 1, Habit.MISSING),
    Planted("socioeconomic", "public-investment", "so-tai-chinh", 2, Habit.THOUSANDFOLD, ("paid",)),
)


def calendar_of_reports(resource: Resource) -> Calendar:
    """The calendar by which a delivery's report is named: of its periods, or where it is the whole or an addition of its obligation."""
    if resource.delivery.scope is Scope.PERIOD and resource.delivery.calendar is not None:
        return resource.delivery.calendar
    return resource.obligation.calendar


def planted_at(contract: str, resource: str, agency: str, period: str, delivered: Iterable[str]) -> Planted | None:
    """What is planted at this report, None for the usual. `delivered`: the periods that the resource's agencies deliver."""
    known = sorted(delivered)
    for planted in PLANTED:
        here = (planted.contract, planted.resource, planted.agency) == (contract, resource, agency)
        if here and planted.nth_last < len(known) and known[-1 - planted.nth_last] == period:
            return planted
    return None


def is_often_late(world: World, resource: Resource, agency: str, period: str) -> bool:
    """Whether an agency that is often late is late with this report. What replaces the whole comes in order, so it does not."""
    if resource.delivery.scope is not Scope.PERIOD:
        return False
    return world.draw("late", resource.name, agency, period).random() < OFTEN_LATE.get(agency, 0)
