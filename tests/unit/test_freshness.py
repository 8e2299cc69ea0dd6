"""How fresh a dataset is: days since its last delivery and its declared frequency go in, the state comes out."""

from __future__ import annotations

import pytest

from datasets.model.calendar_name import Calendar
from datasets.model.freshness import LIMITS, freshness

pytestmark = pytest.mark.unit

# The last day on which each state holds, as HDX lists the limits: daily 1/2/3, weekly 7/14/21, monthly 30/44/60, quarterly 90/120/150.
STORIES = [
    ("day", {0: "fresh", 1: "due", 2: "overdue", 3: "delinquent", 400: "delinquent"}),
    ("week", {0: "fresh", 6: "fresh", 7: "due", 13: "due", 14: "overdue", 20: "overdue", 21: "delinquent"}),
    ("month", {29: "fresh", 30: "due", 43: "due", 44: "overdue", 59: "overdue", 60: "delinquent"}),
    ("quarter", {89: "fresh", 90: "due", 119: "due", 120: "overdue", 149: "overdue", 150: "delinquent"}),
    ("administrative-month", {29: "fresh", 30: "due", 60: "delinquent"}),
    ("school-year", {364: "fresh", 365: "due", 425: "overdue", 455: "delinquent"}),
]


@pytest.mark.parametrize(("frequency", "story"), STORIES, ids=[frequency for frequency, _ in STORIES])
def test_a_dataset_ages_by_its_own_frequency(frequency: str, story: dict[int, str]) -> None:
    assert {days: freshness(frequency, days) for days in story} == story


@pytest.mark.parametrize("frequency", list(Calendar))
def test_every_calendar_has_limits_and_what_never_came_is_not_fresh(frequency: Calendar) -> None:
    limits = LIMITS[frequency]
    assert 0 < limits.due < limits.overdue < limits.delinquent
    assert freshness(frequency, None) == "never"


def test_days_do_not_run_backwards() -> None:
    with pytest.raises(ValueError, match="write 0 or more"):
        freshness("day", -1)
