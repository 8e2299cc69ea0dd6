"""Clusters in place and time, drawn by hand: one thousandth of a degree of latitude is 110.6 m at 19° north, of longitude 105 m."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest

from ckan_harvesters.measure.functions import DAY, FUNCTIONS, LATITUDE, LONGITUDE
from datasets.model.measure_function import MEASURE_FUNCTIONS, arguments_of, columns_of
from datasets.model.period import period

CLUSTERS = FUNCTIONS["clustered_count"]
NOVEMBER = period("month", "2026-11")
RULE: dict[str, Any] = {"radius_m": 150, "least": 3, "days": 10}


def frame(*rows: tuple[str, float | None, float | None]) -> pl.DataFrame:
    """Rows of (day, thousandths of a degree east of 105.0, north of 19.0)."""
    placed = [
        (dt.date.fromisoformat(day), None if x is None else 105 + x / 1000, None if y is None else 19 + y / 1000) for day, x, y in rows
    ]
    return pl.DataFrame(placed, schema={DAY: pl.Date, LONGITUDE: pl.Float64, LATITUDE: pl.Float64}, orient="row")


THREE_TOGETHER = (("2026-11-02", 0, 0), ("2026-11-03", 1, 0), ("2026-11-04", 0, 1))
THREE_ELSEWHERE = (("2026-11-20", 50, 0), ("2026-11-21", 51, 0), ("2026-11-22", 50, 1))


def test_rows_close_together_are_a_cluster() -> None:
    # From the first, both others are 105 and 111 m away: it is a core, and they are its neighbours.
    assert CLUSTERS.compute(frame(*THREE_TOGETHER), NOVEMBER, RULE) == (1.0, 3)
    assert CLUSTERS.compute(frame(*THREE_TOGETHER, *THREE_ELSEWHERE), NOVEMBER, RULE) == (2.0, 6)


def test_two_rows_are_none() -> None:
    assert CLUSTERS.compute(frame(*THREE_TOGETHER[:2]), NOVEMBER, RULE) == (0.0, 2)
    assert CLUSTERS.compute(frame(*THREE_TOGETHER[:1]), NOVEMBER, RULE) == (0.0, 1)


def test_rows_farther_apart_than_the_radius_are_none() -> None:
    assert CLUSTERS.compute(frame(*THREE_TOGETHER), NOVEMBER, {**RULE, "radius_m": 100}) == (0.0, 3)
    assert CLUSTERS.compute(frame(*THREE_TOGETHER), NOVEMBER, {**RULE, "radius_m": 112}) == (1.0, 3)


def test_rows_of_one_place_but_different_days_are_none() -> None:
    same_place = (("2026-11-01", 0, 0), ("2026-11-12", 0, 0), ("2026-11-23", 0, 0))
    assert CLUSTERS.compute(frame(*same_place), NOVEMBER, RULE) == (0.0, 3)
    assert CLUSTERS.compute(frame(*same_place), NOVEMBER, {**RULE, "days": 11}) == (1.0, 3)


def test_cores_that_touch_are_one_cluster() -> None:
    chain = tuple(("2026-11-05", x, 0.0) for x in range(8))  # a row every 105 m, 735 m in all
    assert CLUSTERS.compute(frame(*chain), NOVEMBER, RULE) == (1.0, 8)


def test_rows_before_the_period_help_but_make_no_cluster_of_their_own() -> None:
    before = (("2026-10-28", 0, 0), ("2026-10-29", 1, 0), ("2026-10-30", 0, 1))
    assert CLUSTERS.compute(frame(*before), NOVEMBER, RULE) == (None, 0)
    assert CLUSTERS.compute(frame(*before, ("2026-11-03", 0, 0)), NOVEMBER, RULE) == (1.0, 1)
    assert CLUSTERS.compute(frame(*before, ("2026-11-03", 90, 0)), NOVEMBER, RULE) == (0.0, 1)
    assert CLUSTERS.reach(RULE) == 10


def test_rows_without_a_place_are_left_out() -> None:
    assert CLUSTERS.compute(frame(*THREE_TOGETHER, ("2026-11-04", None, None)), NOVEMBER, RULE) == (1.0, 3)
    assert CLUSTERS.compute(frame(("2026-11-04", None, None)), NOVEMBER, RULE) == (None, 0)
    assert CLUSTERS.compute(frame(), NOVEMBER, RULE) == (None, 0)


def test_the_place_may_be_in_two_columns() -> None:
    named = frame(*THREE_TOGETHER).rename({LONGITUDE: "kinh_do", LATITUDE: "vi_do"})
    given = {**RULE, "longitude": "kinh_do", "latitude": "vi_do"}
    assert CLUSTERS.compute(named, NOVEMBER, given) == (1.0, 3)
    assert CLUSTERS.columns(given) == ["kinh_do", "vi_do"]
    assert not CLUSTERS.needs_location(given)
    assert CLUSTERS.needs_location(RULE)


def test_every_declared_function_is_there_and_no_other() -> None:
    assert FUNCTIONS.keys() == MEASURE_FUNCTIONS.keys()


@pytest.mark.parametrize(
    ("function", "given", "said"),
    [
        ("median", {}, "'median' does not exist; write one of clustered_count, percentile_elapsed"),
        ("clustered_count", {"radius_m": 100}, "days: Field required"),
        ("clustered_count", {"radius_m": 100, "days": 3, "latitude": "y"}, "write both or neither"),
        ("percentile_working_hours", {"starts": "a", "ends": "b", "share": 50}, "share: Input should be less than 1"),
        ("reproduction_number", {"serial_interval_mean": 1, "serial_interval_sd": 1}, "serial_interval_mean: Input should be greater"),
        ("reproduction_number", {"serial_interval_mean": 4, "serial_interval_sd": 1, "days": 7}, "days: Extra inputs are not permitted"),
    ],
)
def test_arguments_that_cannot_be_are_named(function: str, given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        arguments_of(function, given)


def test_the_columns_of_arguments_can_be_checked_against_a_resource() -> None:
    assert columns_of("percentile_working_hours", {"starts": "a", "ends": "b"}) == {"starts": "a", "ends": "b"}
    assert columns_of("reproduction_number", {"serial_interval_mean": 4, "serial_interval_sd": 1}) == {}
