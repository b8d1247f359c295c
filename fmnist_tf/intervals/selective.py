"""The interval of the area under the generalized risk-coverage curve, from a histogram of confidence."""

import numpy as np

from fmnist_tf.intervals.means import Sums, mean_interval
from fmnist_tf.intervals.proportions import Interval, as_interval

#: A prediction that is never more confident when right than when wrong: the area is at most 1/2.
_BOUNDS = (0.0, 0.5)


def augrc_interval(wrong: np.ndarray, right: np.ndarray, effective: float, level: float) -> Interval:
    """Hoeffding's projection: the area is a mean over pairs, of which each sample decides a part.

    With W the share of samples below a bin (ties half) and E the share of samples that are wrong and above it (ties
    half), a sample adds W if it is wrong, and E in any case; the area is half the mean of the sum.

    Args:
        wrong: the weight of wrong predictions in each bin of confidence, the lowest first, (num_bins,).
        right: that of right ones.
        effective: the effective number of samples.
        level: the probability of covering.

    Source: Hoeffding, A class of statistics with asymptotically normal distribution, 1948.
    """
    both = wrong + right
    total = both.sum()
    if not total:
        return as_interval(*_BOUNDS)
    below = (np.cumsum(both) - both / 2) / total
    wrong_above = (np.cumsum(wrong[::-1])[::-1] - wrong / 2) / total
    area = np.sum(wrong * below) / total
    # The variance of the mean of (value + E) is that of a mean of numbers from -1/2 to 1/2 around the area.
    of_wrong, of_right = below + wrong_above - area, wrong_above - area
    sums = Sums(
        float(total),
        float(np.sum(wrong * of_wrong + right * of_right)),
        float(np.sum(wrong * of_wrong**2 + right * of_right**2)),
        effective,
    )
    low, high = mean_interval(sums, (-0.5, 1.0), level)
    return as_interval(max(low, _BOUNDS[0]), min(high, _BOUNDS[1]))
