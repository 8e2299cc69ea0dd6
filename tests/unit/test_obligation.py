"""A rule, a period and the working calendar go in; the moment a report is due comes out. The moments are worked out by hand."""

from __future__ import annotations

import shutil
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from datasets.model.calendar import ZONE, WorkCalendar, read_calendar
from datasets.model.obligation import Validity, due_at, first_period, in_force, owed_periods
from datasets.model.period import bounds, calendar_of
from datasets.model.reference import FOLDER

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def calendar() -> WorkCalendar:
    return read_calendar(FOLDER)


def due(calendar: WorkCalendar, rule: str, period: str) -> str:
    """The due moment of a period, as the province's clock shows it."""
    moment = due_at(rule, *bounds(calendar_of(period), period), calendar)
    assert moment.utcoffset() == timedelta(hours=7)
    return f"{moment:%Y-%m-%d %H:%M}"


CALENDAR_DAYS = [
    ("17:00", "2026-11-23", "2026-11-23 17:00"),
    ("17:00", "2026-11", "2026-11-30 17:00"),
    ("17:00", "2026-Q3", "2026-09-30 17:00"),
    ("+0d 17:00", "2026-11", "2026-11-30 17:00"),
    ("+2d 14:00", "2026-W47", "2026-11-24 14:00"),
    ("+5d 17:00", "2026-10", "2026-11-05 17:00"),
    ("+90d 17:00", "2026", "2027-03-31 17:00"),
    ("+90d 17:00", "2023", "2024-03-30 17:00"),
    ("+1d 00:00", "2026-11-23", "2026-11-24 00:00"),
    # The administrative month ends on the 14th, the administrative year on 14 December, the school year on 31 July
    ("+3d 17:00", "2026-08A", "2026-08-17 17:00"),
    ("+3d 17:00", "2026A", "2026-12-17 17:00"),
    ("+10d 17:00", "2025-2026", "2026-08-10 17:00"),
    # A calendar day falls where it falls: on 30 April (a holiday), on a Sunday, within Tết
    ("17:00", "2026-04", "2026-04-30 17:00"),
    ("17:00", "2026-05", "2026-05-31 17:00"),
    ("+3d 17:00", "2026-W07", "2026-02-18 17:00"),
    # A leap year's February has a 29th
    ("17:00", "2028-02", "2028-02-29 17:00"),
    ("17:00", "2028-02-29", "2028-02-29 17:00"),
    ("+29d 17:00", "2028-01", "2028-02-29 17:00"),
    ("+29d 17:00", "2027-01", "2027-03-01 17:00"),
]


@pytest.mark.parametrize(("rule", "period", "moment"), CALENDAR_DAYS)
def test_calendar_days_are_counted_from_the_last_day_of_the_period(calendar: WorkCalendar, rule: str, period: str, moment: str) -> None:
    assert due(calendar, rule, period) == moment


WORKING_DAYS = [
    # Monday 30 November is the last day: Tuesday 1, Wednesday 2, Thursday 3 December
    ("+3wd 17:00", "2026-11", "2026-12-03 17:00"),
    # Saturday 31 October: Monday 2, Tuesday 3, Wednesday 4 November
    ("+3wd 17:00", "2026-10", "2026-11-04 17:00"),
    # The last day itself, or the next that is worked
    ("+0wd 17:00", "2026-11", "2026-11-30 17:00"),
    ("+0wd 17:00", "2026-10", "2026-11-02 17:00"),
    # April ends on a holiday (Thursday 30), followed by another (Friday 1 May) and a weekend
    ("+0wd 17:00", "2026-04", "2026-05-04 17:00"),
    ("+1wd 17:00", "2026-04", "2026-05-04 17:00"),
    ("+3wd 17:00", "2026-04", "2026-05-06 17:00"),
    # Tết 2026: Monday 16 (eve) to Friday 20 February off, between two weekends; Sunday 15 February ends week 7
    ("+1wd 17:00", "2026-W07", "2026-02-23 17:00"),
    ("+3wd 17:00", "2026-02-13", "2026-02-25 17:00"),
    # Week 6 ends on Sunday 8 February: 9, 10, 11, 12, 13 February, then Tết, so the sixth working day is the 23rd
    ("+5wd 17:00", "2026-W06", "2026-02-13 17:00"),
    ("+6wd 17:00", "2026-W06", "2026-02-23 17:00"),
    # January 2026 ends on a Saturday; ten working days later is the last Friday before Tết, the eleventh after it
    ("+10wd 17:00", "2026-01", "2026-02-13 17:00"),
    ("+11wd 17:00", "2026-01", "2026-02-23 17:00"),
    # Tết 2027: Thursday 4 to Wednesday 10 February off; January ends on a Sunday: 1, 2, 3, then 11, 12 February
    ("+3wd 17:00", "2027-01", "2027-02-03 17:00"),
    ("+4wd 17:00", "2027-01", "2027-02-11 17:00"),
    ("+5wd 17:00", "2027-01", "2027-02-12 17:00"),
    # 1 January 2026 is a holiday, Friday 2 was exchanged for Saturday 10, which is worked
    ("+1wd 17:00", "2025", "2026-01-05 17:00"),
    ("+5wd 17:00", "2025-12", "2026-01-09 17:00"),
    ("+6wd 17:00", "2025-12", "2026-01-10 17:00"),
    ("+7wd 17:00", "2025-12", "2026-01-12 17:00"),
    ("+0wd 17:00", "2026-01-10", "2026-01-10 17:00"),
    # The Hùng Kings' day 2026 is the 10th of the third lunar month, Sunday 26 April, and Monday 27 is off for it
    ("+1wd 17:00", "2026-W17", "2026-04-28 17:00"),
    # The National Day 2026: Wednesday 2 September; Tuesday 1 is its other day off, Monday 31 August was exchanged
    ("+1wd 17:00", "2026-09-02", "2026-09-03 17:00"),
]


@pytest.mark.parametrize(("rule", "period", "moment"), WORKING_DAYS)
def test_working_days_pass_over_weekends_tet_and_holidays(calendar: WorkCalendar, rule: str, period: str, moment: str) -> None:
    assert due(calendar, rule, period) == moment


def test_a_day_off_that_the_government_decides_moves_what_is_due(tmp_path: Path, calendar: WorkCalendar) -> None:
    folder = Path(shutil.copytree(FOLDER, tmp_path / "reference"))
    path = folder / "calendars.yaml"
    line = "  - {day: 2026-12-01, make_up: 2026-12-05, title: Nghỉ bão, basis: Công điện}\n"
    path.write_text(path.read_text(encoding="utf-8").replace("days_off:\n", f"days_off:\n{line}"), encoding="utf-8")
    changed = read_calendar(folder)
    assert due(calendar, "+3wd 17:00", "2026-11") == "2026-12-03 17:00"
    assert due(changed, "+3wd 17:00", "2026-11") == "2026-12-04 17:00"
    assert due(changed, "+4wd 17:00", "2026-11") == "2026-12-05 17:00", "a Saturday that is worked instead counts"


@pytest.mark.parametrize(
    "rule", ["5pm", "24:00", "17:60", "+3 17:00", "-3d 17:00", "+3wd", "+1000d 17:00", "+٣d 17:00", " 17:00", "17:00\n"]
)
def test_a_rule_that_cannot_be_says_what_to_write(calendar: WorkCalendar, rule: str) -> None:
    with pytest.raises(ValueError, match="write"):
        due_at(rule, date(2026, 1, 1), date(2026, 2, 1), calendar)


def test_a_period_ends_after_it_begins(calendar: WorkCalendar) -> None:
    with pytest.raises(ValueError, match="first day after it"):
        due_at("17:00", date(2026, 1, 1), date(2026, 1, 1), calendar)


A, B, C = date(2026, 1, 1), date(2026, 3, 15), date(2026, 9, 1)

IN_FORCE = [
    # clause from, clause to, since, first seen, removed → first day and end
    (A, None, None, B, None, Validity(B, None)),
    (B, None, None, A, None, Validity(B, None)),
    (A, None, A, C, None, Validity(A, None)),
    (B, None, A, C, None, Validity(B, None)),
    (A, None, C, B, None, Validity(C, None)),
    (None, None, None, B, None, Validity(B, None)),
    (A, C, None, B, None, Validity(B, C)),
    (A, None, None, B, C, Validity(B, C)),
    (A, C, None, A, B, Validity(A, B)),
    (A, B, None, C, None, None),
    (A, B, None, B, None, None),
    (A, None, C, A, B, None),
]


@pytest.mark.parametrize(("begins", "ends", "since", "seen", "removed", "found"), IN_FORCE)
def test_an_obligation_begins_with_clause_and_dataset_and_ends_with_either(
    begins: date | None, ends: date | None, since: date | None, seen: date, removed: date | None, found: Validity | None
) -> None:
    assert in_force(begins, ends, since, seen, removed) == found


def test_an_obligation_holds_up_to_the_day_before_its_end() -> None:
    force = Validity(B, C)
    assert [force.holds(day) for day in (B - timedelta(days=1), B, C - timedelta(days=1), C)] == [False, True, True, False]
    assert Validity(B, None).holds(date(9999, 12, 31))


def test_the_first_report_is_that_of_the_period_which_holds_the_first_day() -> None:
    force = Validity(date(2026, 3, 15), None)
    assert first_period("month", force).text == "2026-03"
    assert first_period("administrative-month", force).text == "2026-04A"
    assert [p.text for p in owed_periods("month", force, date(2026, 5, 31))] == ["2026-03", "2026-04", "2026-05", "2026-06", "2026-07"]


def test_reports_are_made_of_periods_that_begin_within_forty_days() -> None:
    force = Validity(date(2026, 11, 20), None)
    days = [p.text for p in owed_periods("day", force, date(2026, 11, 23))]
    assert (days[0], days[-1], len(days)) == ("2026-11-20", "2027-01-02", 44)
    assert [p.text for p in owed_periods("year", force, date(2026, 11, 21))] == ["2026"]
    assert [p.text for p in owed_periods("year", force, date(2026, 11, 22))] == ["2026", "2027"]


def test_no_report_is_made_of_a_period_that_begins_after_the_obligation_ends() -> None:
    force = Validity(date(2026, 1, 10), date(2026, 3, 1))
    assert [p.text for p in owed_periods("month", force, date(2026, 11, 23))] == ["2026-01", "2026-02"]
    force = Validity(date(2026, 1, 10), date(2026, 3, 2))
    assert [p.text for p in owed_periods("month", force, date(2026, 11, 23))] == ["2026-01", "2026-02", "2026-03"]


def test_nothing_is_owed_before_an_obligation_that_begins_later() -> None:
    assert list(owed_periods("month", Validity(date(2027, 6, 1), None), date(2026, 11, 23))) == []


def test_a_later_day_makes_only_more_reports() -> None:
    """What was made stays the same when it is made again on another day."""
    force = Validity(date(2026, 1, 30), None)
    for calendar in ("day", "week", "month", "quarter", "school-year"):
        made = [p.text for p in owed_periods(calendar, force, date(2026, 5, 1))]
        again = [p.text for p in owed_periods(calendar, force, date(2026, 8, 1))]
        assert again[: len(made)] == made and len(set(again)) == len(again)


def test_a_due_moment_is_the_same_moment_everywhere(calendar: WorkCalendar) -> None:
    moment = due_at("17:00", date(2026, 11, 23), date(2026, 11, 24), calendar)
    assert moment == datetime(2026, 11, 23, 17, tzinfo=ZONE) and moment.timestamp() == 1795428000
