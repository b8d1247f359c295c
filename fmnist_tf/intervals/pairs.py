"""The interval of a ratio of two weighted sums over the cells of a confusion matrix."""

import numpy as np

from fmnist_tf.intervals.proportions import Interval, VarianceEstimate, as_interval, interval_from_variance
from fmnist_tf.scores.pairs import PairRatio

#: Spread evenly over the cells for the second estimate: equal samples have no variance, and another set may differ.
_PRIOR = 1.0


def pair_interval(matrix: np.ndarray, ratio: PairRatio, bounds: tuple[float, float], level: float) -> Interval:
    """The delta method: with R = a / b, the variance is the sum of m (A - R B)^2 / b^2 over the cells.

    The interval is Wilson's of a proportion with this variance, the wider of two: the second estimate has one sample
    more, spread over all cells.

    Args:
        matrix: counts (C, C), rows true, which need not be whole.
        ratio: the weights A and B of each cell.
        bounds: the least and the greatest value of R.
        level: the probability of covering.

    Returns:
        Low and high; from bound to bound where R is 0/0.

    Source: Cochran, Sampling Techniques, 3rd edition, 1977, section 6.3.
    """
    if not np.sum(matrix * ratio.denominator):
        return as_interval(*bounds)
    spreads = [_spread(cells, ratio) for cells in (matrix, matrix + _PRIOR / matrix.size)]
    return interval_from_variance(spreads[0].value, spreads, bounds, level)


def _spread(matrix: np.ndarray, ratio: PairRatio) -> VarianceEstimate:
    whole, samples = np.sum(matrix * ratio.denominator), np.sum(matrix)
    value = np.sum(matrix * ratio.numerator) / whole
    residuals = ratio.numerator - value * ratio.denominator
    correction = samples / max(samples - 1, 1.0)
    return VarianceEstimate(value, correction * np.sum(matrix * residuals**2) / whole**2)
