"""Time on the clock at a percentile, worked out by hand."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from ckan_harvesters.measure.functions import DAY, FUNCTIONS
from datasets.model.measure_function import arguments_of, columns_of, unit_of_function
from datasets.model.period import period

ELAPSED = FUNCTIONS["percentile_elapsed"]
NOVEMBER = period("month", "2026-11")
COLUMNS = {"starts": "called_at", "ends": "arrived_at"}
LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")


def frame(*rows: tuple[str | None, str | None]) -> pl.DataFrame:
    moments = [tuple(dt.datetime.fromisoformat(text).replace(tzinfo=LOCAL) if text else None for text in row) for row in rows]
    kind = pl.Datetime("us", "Asia/Ho_Chi_Minh")
    made = pl.DataFrame(moments, schema={"called_at": kind, "arrived_at": kind}, orient="row")
    return made.with_columns(pl.Series(DAY, [dt.date(2026, 11, 2)] * len(rows), dtype=pl.Date))


@pytest.mark.parametrize(
    ("starts", "ends", "hours"),
    [
        ("2026-11-02T08:00", "2026-11-02T10:30", 2.5),
        ("2026-11-06T16:00", "2026-11-09T08:30", 64.5),  # Friday's afternoon to Monday's morning: 8 + 24 + 24 + 8.5
        ("2026-11-02T08:00", "2026-11-02T08:00", 0.0),
    ],
)
def test_nights_and_weekends_count(starts: str, ends: str, hours: float) -> None:
    assert ELAPSED.compute(frame((starts, ends)), NOVEMBER, COLUMNS) == pytest.approx((hours, 1))


def test_nine_of_ten_arrive_within_these_minutes() -> None:
    # 6, 9, 12, 20 minutes at 90 %: place 1 + 0.9 x 3 = 3.7, so 12 + 0.7 x 8 = 17.6 (type 7).
    calls = frame(*(("2026-11-02T23:50", f"2026-11-{moment}") for moment in ("02T23:56", "02T23:59", "03T00:02", "03T00:10")))
    value, n = ELAPSED.compute(calls, NOVEMBER, {**COLUMNS, "share": 0.9, "unit": "minute"})
    assert (value, n) == pytest.approx((17.6, 4))


def test_the_median_is_of_those_that_have_both_moments_in_order() -> None:
    rows = frame(
        ("2026-11-02T08:00", "2026-11-02T09:00"),
        ("2026-11-02T08:00", "2026-11-02T11:00"),
        ("2026-11-02T08:00", None),
        (None, "2026-11-02T09:00"),
        ("2026-11-02T08:00", "2026-11-02T07:00"),
    )
    assert ELAPSED.compute(rows, NOVEMBER, COLUMNS) == (2.0, 2)


def test_no_rows_give_no_figure() -> None:
    assert ELAPSED.compute(frame(), NOVEMBER, COLUMNS) == (None, 0)
    assert ELAPSED.compute(frame(("2026-11-02T08:00", None)), NOVEMBER, COLUMNS) == (None, 0)


def test_a_moment_of_another_zone_is_the_same_moment() -> None:
    in_utc = frame(("2026-11-02T08:00", "2026-11-02T10:00")).with_columns(pl.col("arrived_at").dt.convert_time_zone("UTC"))
    assert ELAPSED.compute(in_utc, NOVEMBER, COLUMNS) == (2.0, 1)


def test_a_moment_without_a_zone_is_refused() -> None:
    naive = frame(("2026-11-02T08:00", "2026-11-02T10:00")).with_columns(pl.col("arrived_at").dt.replace_time_zone(None))
    with pytest.raises(ValueError, match=r"arrived_at holds Datetime.*time zone"):
        ELAPSED.compute(naive, NOVEMBER, COLUMNS)


def test_its_argument_says_the_unit_of_measure() -> None:
    assert unit_of_function("percentile_elapsed", COLUMNS) == "giờ"
    assert unit_of_function("percentile_elapsed", {**COLUMNS, "unit": "minute"}) == "phút"
    assert unit_of_function("percentile_working_hours", COLUMNS) == "giờ làm việc"


def test_a_wrong_unit_is_named_with_what_it_takes() -> None:
    with pytest.raises(ValueError, match=r"percentile_elapsed: unit: .*it takes starts, ends, share, unit"):
        arguments_of("percentile_elapsed", {**COLUMNS, "unit": "second"})
    assert columns_of("percentile_elapsed", COLUMNS) == COLUMNS
