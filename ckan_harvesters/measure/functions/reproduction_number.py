"""The reproduction number Rt: how many people one case infects, from the counts of the days before.

Source: Cori A, Ferguson NM, Fraser C, Cauchemez S. A new framework and software to estimate time-varying reproduction numbers during
epidemics. Am J Epidemiol 2013;178:1505-1512, doi:10.1093/aje/kwt133. Their software is the R package EpiEstim; the published figures
of its demonstration are the tests of this module.

    Λ(t) = Σ w(s) · I(t - s), s = 1, 2, …          infectiousness of day t, from the new cases I of the days before
    R | I  ~  Gamma(shape = a + Σ I, scale = 1 / (1/b + Σ Λ))     sums over the window's days; prior shape a = 1, scale b = 5

w is the serial interval in whole days: a gamma distribution shifted by one day (nobody infects on the day of onset), discretised as in
the article's web appendix 11.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import polars as pl

from ckan_harvesters.measure.functions.gamma_distribution import probability_up_to, quantile
from ckan_harvesters.measure.functions.measure_function import DAY, MeasureFunction
from datasets.model.measure_function import ReproductionNumber
from datasets.model.period import Period

PRIOR_SHAPE, PRIOR_SCALE = 1.0, 5.0
"""Mean and standard deviation 5: an outbreak is not called over for want of cases."""

LEFT_OUT = 1e-4
"""Share of the serial intervals that may be longer than the days looked back."""

LONGEST = 400


@lru_cache(maxsize=64)
def serial_interval(mean: float, sd: float) -> tuple[float, ...]:
    """Share of the serial intervals of 0, 1, 2, … days, up to where only LEFT_OUT is longer (at most LONGEST days).

    Raises ValueError for a mean of one day or less, or a standard deviation that is not above 0.
    """
    if mean <= 1 or sd <= 0:
        raise ValueError(f"mean {mean} must be above 1 and standard deviation {sd} above 0")
    shape, scale = ((mean - 1) / sd) ** 2, sd**2 / (mean - 1)

    def up_to(days: int) -> float:
        return probability_up_to(days, shape, scale)

    def weighted_up_to(days: int) -> float:
        return probability_up_to(days, shape + 1, scale)

    shares: list[float] = []
    for k in range(LONGEST):
        share = k * up_to(k) + (k - 2) * up_to(k - 2) - 2 * (k - 1) * up_to(k - 1)
        share += shape * scale * (2 * weighted_up_to(k - 1) - weighted_up_to(k - 2) - weighted_up_to(k))
        shares.append(max(0.0, share))
        if sum(shares) > 1 - LEFT_OUT:
            break
    return tuple(shares)


def compute(rows: pl.DataFrame, period: Period, arguments: Mapping[str, Any]) -> tuple[float | None, int]:
    """Rt (people infected by one case) over the `window` days that end on the period's last day with a row.

    A day without a row between others had no cases. None without a row in the period, with fewer than `least_cases` cases in the
    window, and with less than `least_history` days from the first row to the window. n counts the rows of the window. Days beyond the
    first row count as free of cases, so that the first weeks of an outbreak whose earlier cases were not counted come out too high.
    """
    wanted = ReproductionNumber.model_validate(dict(arguments))
    rows = rows.filter(pl.col(DAY).is_not_null() & (pl.col(DAY) < period.ends))
    last = rows[DAY].max()
    if not isinstance(last, date) or last < period.starts:
        return None, 0
    count = pl.len() if wanted.cases is None else pl.col(wanted.cases).cast(pl.Float64).sum()
    by_day = rows.group_by(DAY).agg(count.alias("cases"), pl.len().alias("rows"))
    cases = {day: float(number) for day, number in by_day.select(DAY, "cases").iter_rows()}
    days = [last - timedelta(days=back) for back in range(wanted.window)]
    n = int(by_day.filter(pl.col(DAY).is_in(days))["rows"].sum())
    seen = sum(cases.get(day, 0.0) for day in days)
    if seen < wanted.least_cases or (days[-1] - min(cases)).days < wanted.least_history:
        return None, n
    shares = serial_interval(wanted.serial_interval_mean, wanted.serial_interval_sd)
    infectiousness = sum(share * cases.get(day - timedelta(days=s), 0.0) for day in days for s, share in enumerate(shares) if s > 0)
    return quantile(wanted.quantile, PRIOR_SHAPE + seen, 1 / (1 / PRIOR_SCALE + infectiousness)), n


def _columns(arguments: Mapping[str, Any]) -> list[str]:
    cases = ReproductionNumber.model_validate(dict(arguments)).cases
    return [] if cases is None else [cases]


def _reach(arguments: Mapping[str, Any]) -> int:
    wanted = ReproductionNumber.model_validate(dict(arguments))
    longest = len(serial_interval(wanted.serial_interval_mean, wanted.serial_interval_sd)) - 1
    return wanted.window - 1 + max(longest, wanted.least_history)


FUNCTION = MeasureFunction("reproduction_number", compute, _columns, _reach, lambda _: False)
