"""Time on the clock between two moments of a row, at a percentile of the rows: how long it takes until a fire engine arrives.

Nights and holidays count, unlike in `percentile_working_hours`: a citizen waits through them. The percentile is Hyndman and Fan's type 7
(linear between the two nearest rows; the default of R and of PostgreSQL's percentile_cont): doi:10.1080/00031305.1996.10473566.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from ckan_harvesters.measure.functions.measure_function import MeasureFunction
from datasets.model.measure_function import PercentileElapsed
from datasets.model.period import Period

SECONDS = {"hour": 3600.0, "minute": 60.0}


def compute(rows: pl.DataFrame, period: Period, arguments: Mapping[str, Any]) -> tuple[float | None, int]:
    """Percentile of the time from `starts` to `ends`, in hours or minutes.

    Rows without one of the two (not yet answered) and rows that end before they start are left out; n counts those used. None without
    any. Raises ValueError for moments without a time zone.
    """
    del period  # the rows are those of the period
    wanted = PercentileElapsed.model_validate(dict(arguments))
    elapsed = rows.select((_moment(rows, wanted.ends) - _moment(rows, wanted.starts)).dt.total_microseconds().alias("elapsed"))["elapsed"]
    elapsed = elapsed.drop_nulls()
    elapsed = elapsed.filter(elapsed >= 0)
    if elapsed.is_empty():
        return None, 0
    return (elapsed / (1e6 * SECONDS[wanted.unit])).quantile(wanted.share, interpolation="linear"), len(elapsed)


def _moment(rows: pl.DataFrame, column: str) -> pl.Expr:
    """The column as a moment in UTC, so that two time zones are no difference."""
    kind = rows.schema[column]
    if isinstance(kind, pl.Datetime) and kind.time_zone is not None:
        return pl.col(column).dt.convert_time_zone("UTC").cast(pl.Datetime("us", "UTC"))
    raise ValueError(f"column {column} holds {kind}; it must hold moments with a time zone")


def _columns(arguments: Mapping[str, Any]) -> list[str]:
    wanted = PercentileElapsed.model_validate(dict(arguments))
    return [wanted.starts, wanted.ends]


FUNCTION = MeasureFunction("percentile_elapsed", compute, _columns, lambda _: 0, lambda _: False)
