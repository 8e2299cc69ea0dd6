"""Working hours at a percentile, worked out by hand from the calendar: 7:30 to 11:30 and 13:30 to 17:00 on working days, 7.5 hours."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from ckan_harvesters.measure.functions import DAY, FUNCTIONS
from datasets.model.calendar import read_calendar
from datasets.model.period import period
from datasets.model.reference import FOLDER

HOURS = FUNCTIONS["percentile_working_hours"]
NOVEMBER = period("month", "2026-11")
COLUMNS = {"starts": "received_at", "ends": "returned_at"}
LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=LOCAL)


def frame(*rows: tuple[str | None, str | None]) -> pl.DataFrame:
    moments = [(at(a) if a else None, at(b) if b else None) for a, b in rows]
    kind = pl.Datetime("us", "Asia/Ho_Chi_Minh")
    schema = {"received_at": kind, "returned_at": kind}
    days = pl.Series(DAY, [dt.date(2026, 11, 2)] * len(rows), dtype=pl.Date)
    return pl.DataFrame(moments, schema=schema, orient="row").with_columns(days)


def days(*rows: tuple[str, str]) -> pl.DataFrame:
    return pl.DataFrame(
        [(dt.date.fromisoformat(a), dt.date.fromisoformat(b)) for a, b in rows],
        schema={"received_at": pl.Date, "returned_at": pl.Date},
        orient="row",
    )


@pytest.mark.parametrize(
    ("starts", "ends", "hours"),
    [
        ("2026-11-02T08:00", "2026-11-02T10:00", 2.0),  # Monday morning
        ("2026-11-02T11:00", "2026-11-02T14:00", 1.0),  # half an hour before and after the break
        ("2026-11-02T06:00", "2026-11-02T20:00", 7.5),  # the whole day, opened early and closed late
        ("2026-11-06T16:00", "2026-11-09T08:30", 2.0),  # Friday's last hour and Monday's first
        ("2026-11-07T09:00", "2026-11-08T15:00", 0.0),  # a weekend
        ("2026-11-02T07:30", "2026-11-06T17:00", 37.5),  # a week
        ("2026-02-13T16:00", "2026-02-23T08:30", 2.0),  # Tết: Friday's last hour and the first of the Monday ten days later
        ("2026-01-09T16:00", "2026-01-10T08:30", 2.0),  # 10 January is a Saturday worked for 2 January
        ("2026-11-02T08:00", "2026-11-02T08:00", 0.0),
    ],
)
def test_hours_are_those_in_which_the_agencies_work(starts: str, ends: str, hours: float) -> None:
    assert HOURS.compute(frame((starts, ends)), NOVEMBER, COLUMNS) == pytest.approx((hours, 1))


def test_days_count_whole() -> None:
    # Received Monday and returned Tuesday: two working days of 7.5 hours.
    assert HOURS.compute(days(("2026-11-02", "2026-11-03")), NOVEMBER, COLUMNS) == (15.0, 1)


def test_the_median_lies_between_the_middle_two() -> None:
    of_four = frame(*(("2026-11-02T07:30", f"2026-11-02T{end}") for end in ("08:30", "09:30", "10:30", "11:30")))
    assert HOURS.compute(of_four, NOVEMBER, COLUMNS) == (2.5, 4)


def test_a_percentile_lies_between_two_rows() -> None:
    # 1, 2, 3, 4 hours at 90 %: place 1 + 0.9 x 3 = 3.7, so 3 + 0.7 x 1 (type 7).
    of_four = frame(*(("2026-11-02T07:30", f"2026-11-02T{end}") for end in ("08:30", "09:30", "10:30", "11:30")))
    value, n = HOURS.compute(of_four, NOVEMBER, {**COLUMNS, "share": 0.9})
    assert (value, n) == pytest.approx((3.7, 4))


def test_open_rows_are_left_out_and_not_counted() -> None:
    with_open = frame(("2026-11-02T07:30", "2026-11-02T09:30"), ("2026-11-02T07:30", None), (None, "2026-11-02T09:30"))
    assert HOURS.compute(with_open, NOVEMBER, COLUMNS) == (2.0, 1)


def test_a_row_that_ends_before_it_starts_is_left_out() -> None:
    assert HOURS.compute(frame(("2026-11-03T09:00", "2026-11-02T09:00")), NOVEMBER, COLUMNS) == (None, 0)


def test_no_rows_give_no_figure() -> None:
    assert HOURS.compute(frame(), NOVEMBER, COLUMNS) == (None, 0)
    assert HOURS.compute(frame(("2026-11-02T07:30", None)), NOVEMBER, COLUMNS) == (None, 0)


def test_moments_of_another_zone_are_read_on_the_local_clock() -> None:
    in_utc = frame(("2026-11-02T08:00", "2026-11-02T10:00")).with_columns(
        pl.col("received_at").dt.convert_time_zone("UTC"), pl.col("returned_at").dt.convert_time_zone("UTC")
    )
    assert HOURS.compute(in_utc, NOVEMBER, COLUMNS) == (2.0, 1)


def test_a_moment_without_a_zone_is_refused() -> None:
    naive = frame(("2026-11-02T08:00", "2026-11-02T10:00")).with_columns(pl.col("returned_at").dt.replace_time_zone(None))
    with pytest.raises(ValueError, match=r"returned_at holds Datetime.*time zone"):
        HOURS.compute(naive, NOVEMBER, COLUMNS)


def test_many_rows_agree_with_the_calendar_row_by_row() -> None:
    calendar = read_calendar(FOLDER)
    start = at("2026-01-28T00:17")
    pairs = [(start + dt.timedelta(hours=7 * n), start + dt.timedelta(hours=7 * n + 3 * n % 400)) for n in range(120)]
    rows = pl.DataFrame(pairs, schema={"received_at": pl.Datetime("us", "UTC"), "returned_at": pl.Datetime("us", "UTC")}, orient="row")
    by_row = sorted(calendar.working_hours(a, b) for a, b in pairs)
    value, n = HOURS.compute(rows, NOVEMBER, COLUMNS)
    assert (value, n) == pytest.approx(((by_row[59] + by_row[60]) / 2, 120))


def test_it_names_its_columns() -> None:
    assert HOURS.columns(COLUMNS) == ["received_at", "returned_at"]
    assert HOURS.reach(COLUMNS) == 0
    assert not HOURS.needs_location(COLUMNS)
