"""What a small number can say: exact tails of the binomial and the Poisson distribution, summed term by term.

A count below ten moves by chance as much as by anything that was done. It is held against a target only when the exact 95 % interval
(Clopper and Pearson 1934 for a share, Garwood 1936 for a count) does not hold the target. Whether it does is asked of the tails at the
target: a target lies within the interval when both tails there are at least 2.5 %.
"""

from __future__ import annotations

import math

SMALL = 10
"""A count below this is small."""

TAIL = 0.025
"""Each tail of a 95 % interval."""


def binomial_tails(count: int, total: int, share: float) -> tuple[float, float]:
    """P(X ≤ count) and P(X ≥ count) for X binomial with `total` trials of chance `share` (0 to 1). Raises ValueError outside of these."""
    if not 0 <= count <= total:
        raise ValueError(f"{count} of {total} is no share")
    if not 0 <= share <= 1:
        raise ValueError(f"a chance of {share} lies outside 0 to 1")
    if count > total - count:
        lower, upper = binomial_tails(total - count, total, 1 - share)
        return upper, lower
    below = _binomial_sum(count - 1, total, share)
    here = _binomial_term(count, total, share)
    return min(1.0, below + here), max(0.0, 1 - below)


def poisson_tails(count: int, mean: float) -> tuple[float, float]:
    """P(X ≤ count) and P(X ≥ count) for X Poisson of that mean. Raises ValueError for a negative count or mean."""
    if count < 0 or mean < 0:
        raise ValueError(f"a count of {count} with a mean of {mean} cannot be")
    if mean == 0:
        return 1.0, 1.0 if count == 0 else 0.0
    terms = [math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(count + 1)]
    return min(1.0, math.fsum(terms)), max(0.0, 1 - math.fsum(terms[:-1]))


def share_holds(count: int, total: int, share: float) -> bool:
    """Whether the exact 95 % interval of `count` of `total` holds the share (0 to 1)."""
    return min(binomial_tails(count, total, share)) >= TAIL


def count_holds(count: int, mean: float) -> bool:
    """Whether the exact 95 % interval of a count holds the mean."""
    return min(poisson_tails(count, mean)) >= TAIL


def is_small_share(count: int, total: int) -> bool:
    """Whether those counted, or those not counted, are fewer than ten."""
    return min(count, total - count) < SMALL


def change_is_clear(before: int, after: int, exposure_before: float = 1, exposure_after: float = 1) -> bool:
    """Whether two counts differ by more than chance: a binomial test of the second, given their sum (Przyborowski and Wilenski 1940).

    The exposures are what the counts arose from (days, people); equal ones need not be given. Two large counts are taken as they are.
    Raises ValueError for an exposure that is not above 0.
    """
    if exposure_before <= 0 or exposure_after <= 0:
        raise ValueError("an exposure is a number above 0")
    if min(before, after) >= SMALL:
        return before / exposure_before != after / exposure_after
    share = exposure_after / (exposure_before + exposure_after)
    return min(binomial_tails(after, before + after, share)) < TAIL


def _binomial_sum(last: int, total: int, share: float) -> float:
    return math.fsum(_binomial_term(k, total, share) for k in range(last + 1))


def _binomial_term(count: int, total: int, share: float) -> float:
    if share in (0.0, 1.0):
        return float(count == total * share)
    ways = math.lgamma(total + 1) - math.lgamma(count + 1) - math.lgamma(total - count + 1)
    return math.exp(ways + count * math.log(share) + (total - count) * math.log1p(-share))
