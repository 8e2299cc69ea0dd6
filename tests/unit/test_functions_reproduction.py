"""The reproduction number by name, against figures that others published.

The expected figures are printed in the demonstration of the R package EpiEstim ("EpiEstim: a demonstration", its authors' own page of
doi:10.1093/aje/kwt133), for new influenza cases a day in a school in Pennsylvania from 27 April 2009 and a serial interval of 2.6 days
(standard deviation 1.5). The page prints the first six days of cases; the others follow from its posterior means and standard
deviations: (mean / sd)² is the shape, which is 1 + the cases of the window.
"""

from __future__ import annotations

import datetime as dt
import math

import polars as pl
import pytest

from ckan_harvesters.measure.functions import DAY, FUNCTIONS
from ckan_harvesters.measure.functions.gamma_distribution import probability_up_to, quantile
from datasets.model.period import Period, period

RT = FUNCTIONS["reproduction_number"]
FIRST_DAY = dt.date(2009, 4, 27)
CASES = [1, 1, 0, 2, 5, 3, 3, 3, 6, 2, 5, 9, 13]
SERIAL_INTERVAL = {"serial_interval_mean": 2.6, "serial_interval_sd": 1.5}
# Last day of the window (1 is 27 April): 2.5 %, median, 97.5 %.
PUBLISHED = {
    8: (1.0287437, 1.703761, 2.624781),
    9: (1.1088223, 1.723884, 2.533119),
    10: (0.9947030, 1.516613, 2.195540),
    11: (0.9514466, 1.414830, 2.008849),
    12: (0.9731426, 1.407932, 1.956336),
    13: (1.1786332, 1.622413, 2.165745),
}


def frame(cases: list[int], first: dt.date = FIRST_DAY) -> pl.DataFrame:
    days = [first + dt.timedelta(days=n) for n in range(len(cases))]
    return pl.DataFrame({DAY: days, "new_cases": cases}, schema={DAY: pl.Date, "new_cases": pl.Int64})


def day(number: int) -> Period:
    return period("day", str(FIRST_DAY + dt.timedelta(days=number - 1)))


@pytest.mark.parametrize("last", PUBLISHED)
def test_the_published_figures_come_out(last: int) -> None:
    for share, expected in zip((0.025, 0.5, 0.975), PUBLISHED[last], strict=True):
        value, n = RT.compute(frame(CASES), day(last), {"cases": "new_cases", "quantile": share, **SERIAL_INTERVAL})
        assert value == pytest.approx(expected, abs=6e-7)
        assert n == 7


def test_rows_after_the_period_change_nothing() -> None:
    shorter = RT.compute(frame(CASES[:10]), day(10), {"cases": "new_cases", **SERIAL_INTERVAL})
    assert RT.compute(frame(CASES), day(10), {"cases": "new_cases", **SERIAL_INTERVAL}) == shorter


def test_the_window_ends_at_the_last_day_with_data_of_a_longer_period() -> None:
    # The ISO week of 4 to 10 May: its last day with data is 9 May, the 13th day.
    value, _ = RT.compute(frame(CASES), period("week", "2009-W19"), {"cases": "new_cases", **SERIAL_INTERVAL})
    assert value == pytest.approx(PUBLISHED[13][1], abs=6e-7)


def test_a_row_may_be_a_case() -> None:
    days = [FIRST_DAY + dt.timedelta(days=n) for n, cases in enumerate(CASES) for _ in range(cases)]
    value, n = RT.compute(pl.DataFrame({DAY: days}, schema={DAY: pl.Date}), day(13), SERIAL_INTERVAL)
    assert value == pytest.approx(PUBLISHED[13][1], abs=6e-7)
    assert n == sum(CASES[6:13])


def test_a_day_without_a_row_had_no_cases() -> None:
    without_third = frame(CASES).filter(pl.col("new_cases") > 0)
    value, n = RT.compute(without_third, day(8), {"cases": "new_cases", **SERIAL_INTERVAL})
    assert value == pytest.approx(PUBLISHED[8][1], abs=6e-7)
    assert n == 6


def test_several_rows_of_a_day_are_added() -> None:
    halves = pl.concat([frame([0, 1, 0, 1, 2, 1, 1, 1]), frame([1, 0, 0, 1, 3, 2, 2, 2])])
    value, n = RT.compute(halves, day(8), {"cases": "new_cases", **SERIAL_INTERVAL})
    assert value == pytest.approx(PUBLISHED[8][1], abs=6e-7)
    assert n == 14


def test_too_few_cases_give_no_figure() -> None:
    few = {"cases": "new_cases", "least_cases": 18, **SERIAL_INTERVAL}
    assert RT.compute(frame(CASES), day(8), few) == (None, 7)  # 17 cases from day 2 to day 8
    assert RT.compute(frame(CASES), day(8), {**few, "least_cases": 17})[0] is not None


def test_the_first_days_of_a_series_give_no_figure_where_a_history_is_asked_for() -> None:
    asked = {"cases": "new_cases", **SERIAL_INTERVAL}
    assert RT.compute(frame(CASES), day(12), {**asked, "least_history": 5})[0] is not None, "the window begins 5 days after the first"
    assert RT.compute(frame(CASES), day(12), {**asked, "least_history": 6})[0] is None


def test_no_rows_in_the_period_give_no_figure() -> None:
    given = {"cases": "new_cases", **SERIAL_INTERVAL}
    assert RT.compute(frame([]), day(8), given) == (None, 0)
    assert RT.compute(frame(CASES[:7]), day(8), given) == (None, 0)
    assert RT.compute(frame([3]), day(1), given) == (None, 1)


def test_no_earlier_case_leaves_the_prior_alone() -> None:
    # Nobody could have infected the only cases: Λ is 0, so the posterior is Gamma(1 + 20, scale 5), of mean 105.
    value, _ = RT.compute(frame([20]), day(1), {"cases": "new_cases", "window": 1, **SERIAL_INTERVAL})
    assert value == pytest.approx(quantile(0.5, 21, 5))
    assert value == pytest.approx(105 - 5 / 3, abs=0.05)  # a gamma's median lies about a third of its scale under the mean


def test_it_says_which_columns_and_how_many_days_before_it_needs() -> None:
    assert RT.columns({"cases": "new_cases", **SERIAL_INTERVAL}) == ["new_cases"]
    assert RT.columns(SERIAL_INTERVAL) == []
    reach = RT.reach({"cases": "new_cases", **SERIAL_INTERVAL})
    whole = RT.compute(frame([50] * 60), day(60), {"cases": "new_cases", **SERIAL_INTERVAL})[0]
    cut = RT.compute(frame([50] * 60).tail(reach + 1), day(60), {"cases": "new_cases", **SERIAL_INTERVAL})[0]
    assert whole == cut
    long = {"cases": "new_cases", **SERIAL_INTERVAL, "least_history": 90}
    assert RT.reach(long) == 90 + 6, "a history longer than infections reach is looked for as far back"
    assert RT.compute(frame([50] * 120).tail(RT.reach(long) + 1), day(120), long)[0] is not None


# Quantiles of chi-square as printed in statistical tables: twice a gamma of shape df / 2 and scale 1.
@pytest.mark.parametrize(
    ("share", "degrees", "expected"),
    [(0.95, 1, 3.841459), (0.95, 10, 18.307038), (0.05, 10, 3.940299), (0.99, 100, 135.806723), (0.01, 100, 70.064895)],
)
def test_gamma_quantiles_are_those_of_the_tables(share: float, degrees: int, expected: float) -> None:
    assert 2 * quantile(share, degrees / 2, 1.0) == pytest.approx(expected, abs=1e-6)


def test_a_gamma_of_shape_one_is_exponential() -> None:
    for value in (0.001, 0.5, 1.9, 2.1, 30.0):
        assert probability_up_to(value, 1.0, 2.0) == pytest.approx(1 - math.exp(-value / 2), rel=1e-13)
    assert quantile(0.5, 1.0, 2.0) == pytest.approx(2 * math.log(2), rel=1e-13)
    assert probability_up_to(-1.0, 1.0, 2.0) == 0.0


def test_a_gamma_of_whole_shape_is_a_sum_of_poisson_terms() -> None:
    for value in (1.0, 40.0, 59.0, 61.0, 90.0):
        at_least = 1 - sum(math.exp(-value + k * math.log(value) - math.lgamma(k + 1)) for k in range(60))
        assert probability_up_to(value, 60.0, 1.0) == pytest.approx(at_least, abs=1e-12)
