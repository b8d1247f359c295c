"""The interval of a mean of independent values between bounds."""

from typing import NamedTuple

import numpy as np

from fmnist_tf.intervals.proportions import Interval, VarianceEstimate, as_interval, interval_from_variance


class Sums(NamedTuple):
    """Sums over independent values x with weights w.

    Attributes:
        weight: the sum of w.
        total: the sum of w x.
        square: the sum of w x^2.
        effective: the effective number of values, (sum w)^2 / sum w^2.
    """

    weight: float
    total: float
    square: float
    effective: float


def mean_interval(sums: Sums, bounds: tuple[float, float], level: float) -> Interval:
    """Wilson's interval of a proportion with the variance of a mean.

    It is the wider of two: the second has one value more, in the middle of the bounds, since equal values have no
    variance, and yet another sample may differ.

    Args:
        sums: of the values.
        bounds: the least and the greatest value that is possible.
        level: the probability of covering.

    Returns:
        Low and high; from bound to bound without values.
    """
    if not sums.weight:
        return as_interval(*bounds)
    middle, scale, n = sum(bounds) / 2, sums.effective / sums.weight, sums.effective
    first, second = sums.total * scale, sums.square * scale
    spreads = [_spread(n, first, second), _spread(n + 1, first + middle, second + middle**2)]
    return interval_from_variance(first / n, spreads, bounds, level)


def _spread(n: float, first: float, second: float) -> VarianceEstimate:
    """The mean of n values, from their sum and the sum of their squares, and its variance."""
    mean = first / n
    return VarianceEstimate(mean, np.maximum(second / n - mean**2, 0.0) / max(n - 1, 1.0))
