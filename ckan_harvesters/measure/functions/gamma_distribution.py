"""The gamma distribution: probability up to a value, and its quantiles.

The environment of the harvest holds no library of distributions (SciPy would add 100 MB for these two functions), so the regularised
incomplete gamma function is computed as its textbooks say: NIST Digital Library of Mathematical Functions, https://dlmf.nist.gov/,
series 8.11.4 below the mean and continued fraction 8.9.2 above it. Both are exact to about 1e-13.
"""

from __future__ import annotations

import math

SMALLEST = 1e-300
PRECISION = 1e-16
MOST_TERMS = 10_000


def probability_up_to(value: float, shape: float, scale: float) -> float:
    """Probability (0 to 1) that a gamma-distributed number of this shape and scale is at most `value`; 0 for a value below 0.

    Raises ValueError for a shape or scale that is not above 0.
    """
    if shape <= 0 or scale <= 0:
        raise ValueError(f"shape {shape} and scale {scale} must be above 0")
    x = value / scale
    if x <= 0:
        return 0.0
    if math.isinf(x):
        return 1.0
    front = math.exp(shape * math.log(x) - x - math.lgamma(shape))
    return front * _series(shape, x) if x < shape + 1 else 1.0 - front * _continued_fraction(shape, x)


def _series(shape: float, x: float) -> float:
    """Sum of x^k / (a (a+1) … (a+k))."""
    term = total = 1.0 / shape
    for k in range(1, MOST_TERMS):
        term *= x / (shape + k)
        total += term
        if term < total * PRECISION:
            return total
    raise ArithmeticError(f"the series of the gamma distribution does not end for shape {shape} and value {x}")


def _continued_fraction(shape: float, x: float) -> float:
    """1 / (x + (1-a) / (1 + 1 / (x + (2-a) / (1 + 2 / (x + …))))), in the contracted form, by Lentz's method."""
    b = x + 1.0 - shape
    c = 1.0 / SMALLEST
    d = 1.0 / b
    total = d
    for k in range(1, MOST_TERMS):
        numerator = -k * (k - shape)
        b += 2.0
        d = 1.0 / _not_zero(numerator * d + b)
        c = _not_zero(b + numerator / c)
        total *= c * d
        if abs(c * d - 1.0) < 1e-15:
            return total
    raise ArithmeticError(f"the fraction of the gamma distribution does not end for shape {shape} and value {x}")


def _not_zero(number: float) -> float:
    return number if abs(number) > SMALLEST else SMALLEST


def quantile(share: float, shape: float, scale: float) -> float:
    """The value that a gamma-distributed number does not pass with probability `share`. Raises ValueError unless 0 < share < 1."""
    if not 0 < share < 1:
        raise ValueError(f"share is {share}; write a number between 0 and 1")
    low, high = 0.0, shape * scale
    while probability_up_to(high, shape, scale) < share:
        low, high = high, high * 2
    while high - low > 1e-14 * high:
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if probability_up_to(middle, shape, scale) < share else (low, middle)
    return (low + high) / 2
