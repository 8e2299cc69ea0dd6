"""Hours of work between two moments of a row, at a percentile of the rows: the median time that an office takes.

Hours of work are those of `datasets/reference/calendars.yaml`: working days without weekends, public holidays and Tết, and on them the
working hours of the day, so that the lunch break does not count. The percentile is Hyndman and Fan's type 7 (linear between the two
nearest rows; the default of R and of PostgreSQL's percentile_cont): doi:10.1080/00031305.1996.10473566.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time, timedelta
from functools import lru_cache
from typing import Any

import polars as pl

from ckan_harvesters.measure.functions.measure_function import MeasureFunction
from datasets.model.calendar import WorkCalendar, read_calendar
from datasets.model.measure_function import PercentileWorkingHours
from datasets.model.period import Period
from datasets.model.reference import FOLDER


@lru_cache(maxsize=1)
def work_calendar() -> WorkCalendar:
    """The working calendar of the installation."""
    return read_calendar(FOLDER)


def compute(rows: pl.DataFrame, period: Period, arguments: Mapping[str, Any]) -> tuple[float | None, int]:
    """Percentile of the hours of work from `starts` to `ends`.

    A day counts from its first moment as `starts` and to its last as `ends`: received and returned on one working day is that day's
    hours. Rows without one of the two (not yet closed) and rows that end before they start are left out; n counts those used. None
    without any. Raises ValueError for moments without a time zone.
    """
    del period  # the rows are those of the period
    wanted = PercentileWorkingHours.model_validate(dict(arguments))
    moments = rows.select(_moment(rows, wanted.starts, 0).alias("starts"), _moment(rows, wanted.ends, 1).alias("ends"))
    moments = moments.filter(pl.col("starts") <= pl.col("ends"))
    if moments.is_empty():
        return None, 0
    days = _hours_before(moments.select(first=pl.col("starts").min().dt.date(), last=pl.col("ends").max().dt.date()).row(0))
    hours = (_hours_up_to(moments["ends"], days) - _hours_up_to(moments["starts"], days)).quantile(wanted.share, interpolation="linear")
    return hours, len(moments)


def _moment(rows: pl.DataFrame, column: str, day_after: int) -> pl.Expr:
    """The column as local time without a zone; a day begins at midnight, `day_after` days later."""
    kind = rows.schema[column]
    if kind == pl.Date:
        return pl.col(column).cast(pl.Datetime("us")) + pl.duration(days=day_after)
    if isinstance(kind, pl.Datetime) and kind.time_zone is not None:
        return pl.col(column).dt.convert_time_zone(str(work_calendar().zone)).dt.replace_time_zone(None).cast(pl.Datetime("us"))
    raise ValueError(f"column {column} holds {kind}; it must hold days or moments with a time zone")


def _hours_before(bounds: tuple[date, date]) -> pl.DataFrame:
    """For each day of the bounds (both inclusive): whether it is worked, and the hours of work of all days before it."""
    first, last = bounds
    calendar = work_calendar()
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    worked = pl.Series("worked", [calendar.is_working_day(day) for day in days], dtype=pl.Boolean)
    of_a_day = sum(_seconds(closes) - _seconds(opens) for opens, closes in calendar.settings.working_hours) / 3600
    return pl.DataFrame({"date": days, "worked": worked, "before": (worked.cast(pl.Float64) * of_a_day).cum_sum().shift(1, fill_value=0.0)})


def _hours_up_to(moments: pl.Series, days: pl.DataFrame) -> pl.Series:
    """Hours of work from the first of the days up to each moment, in the order of the moments."""
    second = (
        pl.col("moment").dt.hour().cast(pl.Int64) * 3600 + pl.col("moment").dt.minute().cast(pl.Int64) * 60 + pl.col("moment").dt.second()
    )
    today = pl.sum_horizontal(
        (second.clip(_seconds(opens), _seconds(closes)) - _seconds(opens)) for opens, closes in work_calendar().settings.working_hours
    )
    joined = (
        pl.DataFrame({"moment": moments})
        .with_columns(date=pl.col("moment").dt.date())
        .join(days, on="date", how="left", maintain_order="left")
    )
    return joined.select(pl.col("before") + pl.col("worked").cast(pl.Float64) * today / 3600).to_series()


def _seconds(moment: time) -> int:
    return moment.hour * 3600 + moment.minute * 60 + moment.second


def _columns(arguments: Mapping[str, Any]) -> list[str]:
    wanted = PercentileWorkingHours.model_validate(dict(arguments))
    return [wanted.starts, wanted.ends]


FUNCTION = MeasureFunction("percentile_working_hours", compute, _columns, lambda _: 0, lambda _: False)
