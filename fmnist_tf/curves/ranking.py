"""AUROC and average precision of a histogram of scores, with the bounds of the exact value.

The order of the scores within a bin is unknown. The value counts them as ties; the bounds are those of the best and the
worst order. The last bin holds a single score, whose ties are real.
"""

from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from fmnist_tf import kernels
from fmnist_tf.curves.bounds import Bounds, make_bounds
from fmnist_tf.curves.histogram import Histogram


def auroc(h: Histogram) -> Bounds:
    """Area under the ROC curve: the chance that a positive scores above a negative, ties counting half.

    value = sum_b p_b (N_b + n_b / 2) / (P N), where p_b and n_b are the weights in bin b, and N_b the negatives below
    it. A pair within one bin adds between 0 and 1 in place of a half, so that the exact value lies within
    sum_b p_b n_b / (2 P N) of it.
    Source: Hanley and McNeil, The meaning and use of the area under a ROC curve, Radiology 143, 1982.
    """
    ranked = kernels.rank(h.positives, h.negatives, compiled=h.compiled)
    pairs = ranked.positives * ranked.negatives
    value = ranked.pairs / pairs  # 0/0 is NaN, as it should be
    slack = tf.reduce_sum(h.where_order_is_unknown(h.positives * h.negatives, 0.0), axis=-1) / (2 * pairs)
    return make_bounds(value, value - slack, value + slack)


@dataclass(frozen=True)
class PartialAuroc:
    """Area under the ROC curve up to a false positive rate, scaled so that guessing gives 1/2 and a perfect order 1.

    With A the area up to m it is (1 + (A - m^2 / 2) / (m - m^2 / 2)) / 2, as scikit-learn's `max_fpr` gives it. Within
    a bin the curve is a straight line; at best it rises before it goes right, at worst after. Source: McClish,
    Analyzing a portion of the ROC curve, Medical Decision Making 9, 1989.

    Attributes:
        max_fpr: m, above 0 and at most 1.
    """

    max_fpr: float

    def __call__(self, h: Histogram) -> Bounds:
        """The value of each class with its bounds, (C,)."""
        above, m = h.above_edges(), self.max_fpr
        fpr, tpr = above.fp / above.fp[:, :1], above.tp / above.tp[:, :1]
        right, left = fpr[:, :-1], fpr[:, 1:]
        width = tf.minimum(right, m) - tf.minimum(left, m)
        before, after = tpr[:, 1:], tpr[:, :-1]
        rise = (after - before) * tf.math.divide_no_nan(width, right - left)
        line = width * (before + rise / 2)
        low, high = (h.where_order_is_unknown(width * height, line) for height in (before, after))
        areas = (tf.reduce_sum(area, axis=-1) for area in (line, low, high))
        least, most = m * m / 2, m
        return make_bounds(*((1 + (area - least) / (most - least)) / 2 for area in areas))


def average_precision(h: Histogram) -> Bounds:
    """Average precision: sum over thresholds of precision x the recall gained, from the top score down.

    With TP and FP above a bin that holds p positives and n negatives, the bin taken as ties adds
    p (TP + p) / (TP + p + FP + n) / P, scikit-learn's step function. It adds most with all positives tied ahead of the
    negatives, p (TP + p) / (TP + p + FP) / P, and least with each positive alone, behind the negatives: `_least`.
    Source: Davis and Goadrich, The relationship between precision-recall and ROC curves, ICML 2006.
    """
    p, n = h.positives, h.negatives
    tp, fp = kernels.reverse_cumsum(p), kernels.reverse_cumsum(n)
    tied = p * tf.math.divide_no_nan(tp, tp + fp)
    ahead = p * tf.math.divide_no_nan(tp, tp + (fp - n))
    least = _least(p, tp - p, fp, h.fractional > 0)
    low, high = (h.where_order_is_unknown(bound, tied) for bound in (least, ahead))
    ranked = kernels.rank(p, n, compiled=h.compiled)  # its precision is the sum of `tied`, without keeping the terms
    sums = ranked.precision, tf.reduce_sum(low, axis=-1), tf.reduce_sum(high, axis=-1)
    support = tf.where(ranked.negatives > 0, ranked.positives, tf.constant(np.nan, tf.float64))
    return make_bounds(*(part / support for part in sums))


def _least(p: tf.Tensor, tp: tf.Tensor, fp: tf.Tensor, fractional: tf.Tensor) -> tf.Tensor:
    """The sum of precisions of p positives, each alone, after `tp` others and all `fp` negatives; at least nearly.

    With a = tp + fp it is sum_j (tp + j) / (a + j) = p - fp sum_j 1 / (a + j), j = 1, ..., p. Since 1 / x is convex,
    1 / (a + j) is at most the integral of 1 / x over a length of 1 around a + j: the first term is taken as it is, the
    others are at most log((a + p + 1/2) / (a + 3/2)). Positives of fractional weight may come in parts as small as one
    likes, and the sum is the integral, log((a + p) / a).
    """
    a = tp + fp
    first = tf.minimum(p, 1.0) / (a + 1.0)
    whole = first + tf.math.log1p(tf.maximum(p - 1.0, 0.0) / (a + 1.5))
    parts = tf.math.log1p(tf.math.divide_no_nan(p, a))
    return p - fp * tf.where(fractional, parts, whole)
