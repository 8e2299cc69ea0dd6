"""The percentile of rows that stand for several cases, against lists written out by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from ckan_harvesters.measure.functions import FUNCTIONS
from datasets.model.measure_function import arguments_of, columns_of
from datasets.model.period import Period, period

FUNCTION = FUNCTIONS["weighted_percentile"]
WEEK: Period = period("week", "2026-W32")
BY_VALUE = {"value": "lag", "weight": "cases"}
BY_DAYS = {"starts": "onset", "ends": "report", "weight": "cases"}


def rows(*pairs: tuple[float | None, int | None]) -> pl.DataFrame:
    return pl.DataFrame(pairs, schema={"lag": pl.Float64, "cases": pl.Int64}, orient="row")


@pytest.mark.parametrize(
    ("found", "share", "expected"),
    [
        ([(0, 1), (1, 3), (4, 1)], 0.5, 1),  # 0 1 1 1 4: the third of five
        ([(1, 2), (2, 2)], 0.5, 1.5),  # 1 1 2 2: half way between the second and the third
        ([(4, 1), (0, 1), (1, 3)], 0.5, 1),  # the order of the rows is nothing
        ([(0, 9), (10, 1)], 0.9, 1),  # ten of them: place 8.1, a tenth of the way from 0 to 10
        ([(3, 1)], 0.25, 3),
        ([(0, 0), (2, 5), (None, 7), (9, None)], 0.5, 2),  # no case, no value, no weight: left out
    ],
)
def test_is_that_of_the_list_with_every_value_as_often_as_its_weight(
    found: list[tuple[float | None, int | None]], share: float, expected: float
) -> None:
    value, n = FUNCTION.compute(rows(*found), WEEK, {**BY_VALUE, "share": share})
    assert value == pytest.approx(expected)
    assert n == sum(weight for lag, weight in found if lag is not None and weight)


def test_counts_days_between_dates() -> None:
    frame = pl.DataFrame(
        [(date(2026, 8, 1), date(2026, 8, 3), 4), (date(2026, 8, 3), date(2026, 8, 3), 1)],
        schema={"onset": pl.Date, "report": pl.Date, "cases": pl.Int64},
        orient="row",
    )
    assert FUNCTION.compute(frame, WEEK, BY_DAYS) == (2, 5)
    assert FUNCTION.columns(BY_DAYS) == ["onset", "report", "cases"]


def test_has_no_figure_below_the_least_number_of_cases() -> None:
    assert FUNCTION.compute(rows((1, 4)), WEEK, {**BY_VALUE, "least": 5}) == (None, 4)
    assert FUNCTION.compute(rows(), WEEK, BY_VALUE) == (None, 0)


@pytest.mark.parametrize("wrong", [{"weight": "cases"}, {**BY_DAYS, "value": "lag"}, {"starts": "onset", "weight": "cases"}])
def test_is_of_a_number_or_of_two_dates(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="write value, or starts and ends"):
        arguments_of("weighted_percentile", wrong)


def test_names_its_columns_for_the_check_of_contracts() -> None:
    assert columns_of("weighted_percentile", BY_DAYS) == {"starts": "onset", "ends": "report", "weight": "cases"}
