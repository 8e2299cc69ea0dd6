"""Exact tails against published and hand-worked figures."""

from __future__ import annotations

import math

import pytest

from datasets.model.small_number import binomial_tails, change_is_clear, count_holds, is_small_share, poisson_tails, share_holds

pytestmark = pytest.mark.unit

# Limits of Clopper and Pearson, 95 %. With no case of n the upper limit is 1 - 0.025^(1/n), worked by hand; the others are
# those that statistical packages print (binom.test(8, 10) in R: 0.4439045 to 0.9747893).
SHARES = [
    (0, 5, 0.0, 0.5218),
    (0, 10, 0.0, 0.3085),
    (0, 20, 0.0, 0.1684),
    (1, 10, 0.0025, 0.4450),
    (2, 10, 0.0252, 0.5561),
    (5, 10, 0.1871, 0.8129),
    (8, 10, 0.4439, 0.9748),
    (10, 10, 0.6915, 1.0),
    (3, 20, 0.0321, 0.3789),
    (1, 100, 0.000253, 0.0545),
]

# Limits of Garwood (Biometrika 28, 1936), 95 %, as they stand in tables of the Poisson mean.
COUNTS = [
    (0, 0.0, 3.6889),
    (1, 0.0253, 5.5716),
    (2, 0.2422, 7.2247),
    (3, 0.6187, 8.7673),
    (4, 1.0899, 10.2416),
    (5, 1.6235, 11.6683),
    (6, 2.2019, 13.0595),
    (7, 2.8144, 14.4227),
    (8, 3.4538, 15.7632),
    (9, 4.1154, 17.0848),
]


@pytest.mark.parametrize(("count", "total", "low", "high"), SHARES)
def test_the_interval_of_a_share_ends_where_the_tables_say(count: int, total: int, low: float, high: float) -> None:
    step = 0.00006
    assert share_holds(count, total, low + step) and share_holds(count, total, high - step)
    assert low == 0 or not share_holds(count, total, low - step)
    assert high == 1 or not share_holds(count, total, high + step)


@pytest.mark.parametrize(("count", "low", "high"), COUNTS)
def test_the_interval_of_a_count_ends_where_the_tables_say(count: int, low: float, high: float) -> None:
    step = 0.00006
    assert count_holds(count, low + step) and count_holds(count, high - step)
    assert low == 0 or not count_holds(count, low - step)
    assert not count_holds(count, high + step)


def test_no_case_has_the_limit_that_one_works_out_by_hand() -> None:
    for total in (1, 5, 20, 300):
        assert binomial_tails(0, total, 1 - 0.025 ** (1 / total))[0] == pytest.approx(0.025, rel=1e-9)
    assert poisson_tails(0, -math.log(0.025))[0] == pytest.approx(0.025, rel=1e-12)


def test_tails_of_a_fair_coin_are_counted_on_fingers() -> None:
    """Of four throws: 1, 4, 6, 4, 1 sixteenths."""
    assert binomial_tails(1, 4, 0.5) == pytest.approx((5 / 16, 15 / 16))
    assert binomial_tails(2, 4, 0.5) == pytest.approx((11 / 16, 11 / 16))
    assert binomial_tails(4, 4, 0.5) == pytest.approx((1, 1 / 16))


@pytest.mark.parametrize("total", [1, 2, 9, 30])
@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.5, 0.97, 1.0])
def test_both_tails_hold_the_count_itself_once(total: int, share: float) -> None:
    for count in range(total + 1):
        lower, upper = binomial_tails(count, total, share)
        here = math.comb(total, count) * share**count * (1 - share) ** (total - count)
        assert lower + upper == pytest.approx(1 + here, abs=1e-12)
        if count:
            assert binomial_tails(count - 1, total, share)[0] == pytest.approx(1 - upper, abs=1e-12)


def test_a_few_of_very_many_are_a_count() -> None:
    """3 of 3,120,000 people is held against a rate as 3 cases are against their mean."""
    one, other = binomial_tails(3, 3_120_000, 8 / 3_120_000), poisson_tails(3, 8)
    assert one == pytest.approx(other, rel=1e-4)


def test_a_share_of_which_few_are_missing_is_small_too() -> None:
    assert [is_small_share(*counts) for counts in ((9, 1000), (10, 1000), (990, 1000), (991, 1000), (10, 19), (10, 20))] == [
        True,
        False,
        False,
        True,
        True,
        False,
    ]


# Two counts of equal time are compared as throws of a coin: P(X ≤ 1 of 9) = 10/512 = 0.0195, P(X ≤ 2 of 10) = 56/1024 = 0.0547.
CHANGES = [
    (1, 8, True),
    (8, 1, True),
    (2, 8, False),
    (0, 5, False),
    (0, 6, True),
    (3, 3, False),
    (0, 0, False),
    (9, 9, False),
    (3, 400, True),
    (9, 15, False),
    (100, 101, True),
    (100, 100, False),
]


@pytest.mark.parametrize(("before", "after", "clear"), CHANGES)
def test_a_change_between_small_counts_is_clear_beyond_chance(before: int, after: int, clear: bool) -> None:
    assert change_is_clear(before, after) is clear


def test_counts_of_unequal_time_are_compared_by_their_rates() -> None:
    assert not change_is_clear(3, 9, exposure_before=10, exposure_after=30)
    assert change_is_clear(3, 9, exposure_before=30, exposure_after=10)


def test_what_cannot_be_is_no_number() -> None:
    for wrong in ((3, 2, 0.5), (-1, 2, 0.5), (1, 2, 1.5), (1, 2, -0.1)):
        with pytest.raises(ValueError, match=r"no share|lies outside"):
            binomial_tails(*wrong)
    with pytest.raises(ValueError, match="cannot be"):
        poisson_tails(3, -1)
    with pytest.raises(ValueError, match="above 0"):
        change_is_clear(1, 2, exposure_before=0)
