"""A percentile of rows that each stand for several cases: the median of the days from onset to report, from counts by day.

It is the percentile of the list in which every row's value stands as often as its weight says, by Hyndman and Fan's type 7 (linear
between the two nearest of the list; the default of R and of PostgreSQL's percentile_cont): doi:10.1080/00031305.1996.10473566.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import floor
from typing import Any

import polars as pl

from ckan_harvesters.measure.functions.measure_function import MeasureFunction
from datasets.model.measure_function import WeightedPercentile
from datasets.model.period import Period


def compute(rows: pl.DataFrame, period: Period, arguments: Mapping[str, Any]) -> tuple[float | None, int]:
    """Percentile of `value`, or of the days from `starts` to `ends`; n counts the cases.

    Rows without a value or a weight, and weights of 0, are left out. None below `least` cases.
    """
    del period  # the rows are those of the period
    wanted = WeightedPercentile.model_validate(dict(arguments))
    value = pl.col(wanted.value) if wanted.value else (pl.col(wanted.ends or "") - pl.col(wanted.starts or "")).dt.total_days()
    counted = (
        rows.select(value=value.cast(pl.Float64), weight=pl.col(wanted.weight))
        .filter(pl.col("value").is_not_null() & (pl.col("weight") > 0))
        .sort("value")
        .with_columns(upto=pl.col("weight").cum_sum())
    )
    n = int(counted["weight"].sum()) if len(counted) else 0
    if n < wanted.least:
        return None, n
    place = (n - 1) * wanted.share
    below, above = (_at(counted, position) for position in (floor(place), min(floor(place) + 1, n - 1)))
    return below + (above - below) * (place - floor(place)), n


def _at(counted: pl.DataFrame, position: int) -> float:
    """The value at a position, from 0, of the list with every value as often as its weight."""
    return float(counted.filter(pl.col("upto") > position)["value"][0])


def _columns(arguments: Mapping[str, Any]) -> list[str]:
    wanted = WeightedPercentile.model_validate(dict(arguments))
    return [column for column in (wanted.value, wanted.starts, wanted.ends, wanted.weight) if column is not None]


FUNCTION = MeasureFunction("weighted_percentile", compute, _columns, lambda _: 0, lambda _: False)
