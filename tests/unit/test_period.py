"""Periods, worked by hand."""

import itertools
from datetime import date, timedelta

import pytest

from datasets.model.contract import Calendar
from datasets.model.period import HOW_TO_WRITE, bounds, calendar_of, period_of, periods

pytestmark = pytest.mark.unit

BY_HAND = [
    (Calendar.DAY, "2021-08-01", date(2021, 8, 1), date(2021, 8, 2)),
    (Calendar.DAY, "2024-02-29", date(2024, 2, 29), date(2024, 3, 1)),
    (Calendar.WEEK, "2021-W31", date(2021, 8, 2), date(2021, 8, 9)),
    (Calendar.WEEK, "2020-W53", date(2020, 12, 28), date(2021, 1, 4)),
    (Calendar.MONTH, "2021-12", date(2021, 12, 1), date(2022, 1, 1)),
    (Calendar.QUARTER, "2021-Q3", date(2021, 7, 1), date(2021, 10, 1)),
    (Calendar.QUARTER, "2021-Q4", date(2021, 10, 1), date(2022, 1, 1)),
    (Calendar.YEAR, "2021", date(2021, 1, 1), date(2022, 1, 1)),
    (Calendar.ADMINISTRATIVE_MONTH, "2021-08A", date(2021, 7, 15), date(2021, 8, 15)),
    (Calendar.ADMINISTRATIVE_MONTH, "2022-01A", date(2021, 12, 15), date(2022, 1, 15)),
    (Calendar.SCHOOL_YEAR, "2021-2022", date(2021, 8, 1), date(2022, 8, 1)),
]


@pytest.mark.parametrize(("calendar", "text", "starts", "ends"), BY_HAND)
def test_a_period_has_the_bounds_that_were_worked_by_hand(calendar: Calendar, text: str, starts: date, ends: date) -> None:
    assert bounds(calendar, text) == (starts, ends)
    assert bounds(calendar.value, text) == (starts, ends)
    assert period_of(calendar, starts) == text
    assert period_of(calendar, ends - timedelta(days=1)) == text
    assert period_of(calendar, ends) != text
    assert calendar_of(text) is calendar


@pytest.mark.parametrize(
    ("day", "period"),
    [
        (date(2025, 6, 14), "2025-06A"),
        (date(2025, 6, 15), "2025-07A"),
        (date(2025, 6, 30), "2025-07A"),
        (date(2025, 7, 1), "2025-07A"),
        (date(2025, 7, 14), "2025-07A"),
        (date(2021, 12, 15), "2022-01A"),
    ],
)
def test_the_administrative_month_of_the_reform_holds_days_before_and_after_it(day: date, period: str) -> None:
    assert period_of(Calendar.ADMINISTRATIVE_MONTH, day) == period


def test_1_january_can_lie_in_a_week_of_the_year_before() -> None:
    assert period_of(Calendar.WEEK, date(2021, 1, 1)) == "2020-W53"


@pytest.mark.parametrize("calendar", list(Calendar))
def test_the_periods_of_a_calendar_follow_each_other_without_gaps(calendar: Calendar) -> None:
    found = list(periods(calendar, date(2019, 12, 20), date(2022, 3, 3)))
    assert found[0].starts <= date(2019, 12, 20) < found[0].ends
    assert found[-1].starts <= date(2022, 3, 3) < found[-1].ends
    assert all(a.ends == b.starts for a, b in itertools.pairwise(found))


WRONG = [
    (Calendar.DAY, "2021-02-30"),
    (Calendar.DAY, "1/8/2021"),
    (Calendar.WEEK, "2021-W53"),
    (Calendar.WEEK, "2021-31"),
    (Calendar.MONTH, "2021-13"),
    (Calendar.MONTH, "2021-08A"),
    (Calendar.MONTH, "٢٠٢١-08"),
    (Calendar.QUARTER, "2021-Q5"),
    (Calendar.YEAR, "21"),
    (Calendar.YEAR, "2021 "),
    (Calendar.ADMINISTRATIVE_MONTH, "2021-00A"),
    (Calendar.SCHOOL_YEAR, "2021-2023"),
]


@pytest.mark.parametrize(("calendar", "text"), WRONG)
def test_a_wrong_period_is_answered_with_what_to_write(calendar: Calendar, text: str) -> None:
    with pytest.raises(ValueError, match="write it like") as error:
        bounds(calendar, text)
    assert repr(HOW_TO_WRITE[calendar]) in str(error.value)


def test_a_text_of_no_calendar_is_answered_with_all_the_ways() -> None:
    with pytest.raises(ValueError, match="2021-W31"):
        calendar_of("tháng 8")
