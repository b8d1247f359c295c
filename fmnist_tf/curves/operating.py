"""Operating points: the rates at thresholds, the best threshold, and bounds for a better one within a bin.

A threshold is an edge between bins. A histogram cannot tell apart the thresholds between two edges, but the best rates
that they may have follow from the weights in the bin.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from fmnist_tf.counts import Counts
from fmnist_tf.curves.bounds import ROUNDING, Bounds, make_bounds
from fmnist_tf.curves.histogram import Above, Histogram
from fmnist_tf.scores import Score, per_class_values


class OperatingPoint(NamedTuple):
    """The threshold that was chosen for each class, and the score at it, float64 (C,)."""

    threshold: tf.Tensor
    value: tf.Tensor


def recall(above: Above) -> tf.Tensor:
    """Tp / P at each edge, (C, num_bins + 1), never rising with the edge; NaN without positives."""
    return above.tp / above.tp[:, :1]


def false_positive_rate(above: Above) -> tf.Tensor:
    """Fp / N at each edge, (C, num_bins + 1), never rising with the edge; NaN without negatives."""
    return above.fp / above.fp[:, :1]


def specificity(above: Above) -> tf.Tensor:
    """(N - fp) / N at each edge, (C, num_bins + 1); NaN without negatives."""
    return (above.fp[:, :1] - above.fp) / above.fp[:, :1]


def precision(above: Above) -> tf.Tensor:
    """Tp / (tp + fp) at each edge, (C, num_bins + 1); NaN where no score is above it."""
    return above.tp / (above.tp + above.fp)


#: The rates that can be constraint or objective. Each grows with tp and shrinks with fp, or does not depend on it.
RATES: dict[str, Callable[[Above], tf.Tensor]] = {
    "precision": precision,
    "recall": recall,
    "specificity": specificity,
}


@dataclass(frozen=True)
class ConstrainedBest:
    """The largest value of one rate at the thresholds where another one is at least a number.

    Attributes:
        objective: the rate to maximize, a key of `RATES`.
        constraint: the rate that must be at least `least`, a key of `RATES`.
        least: a number from 0 to 1.
    """

    objective: str
    constraint: str
    least: float

    def __call__(self, h: Histogram) -> Bounds:
        """The largest value at the edges, exactly, and the bounds of the largest at any threshold, (C,).

        Edges are some of all thresholds, so that the optimum is at least the value. Above a threshold within a bin are
        some positives and some negatives of the bin. Both rates are largest with all of the positives and none of
        the negatives, as if every positive of the bin scored above every negative.
        """
        above, value = h.above_edges(), self.choose(h, np.zeros(h.num_bins + 1)).value
        attained = self._objective_where_allowed(_at_best_within(above), self.least - ROUNDING)
        hidden = h.where_order_is_unknown(attained[:, 1:], -np.inf)
        return make_bounds(value, value, tf.maximum(value, tf.reduce_max(hidden, axis=1)))

    def choose(self, h: Histogram, edges: np.ndarray) -> OperatingPoint:
        """The best edge of each class; of several, where the constraint is largest.

        The value is 0 and the threshold NaN if no threshold meets the constraint. Both are NaN for a class of which one
        of the two rates is 0/0 at every threshold, as recall is without positives.
        """
        above = h.above_edges()
        asked, wanted = RATES[self.constraint](above), RATES[self.objective](above)
        objective = self._objective_where_allowed(above, self.least)
        value = tf.reduce_max(objective, axis=1)
        constraint = _or_least(tf.where(objective == value[:, tf.newaxis], asked, tf.constant(np.nan, tf.float64)))
        place = tf.argmax(constraint, axis=1, output_type=tf.int64)
        threshold = tf.where(value >= 0, tf.gather(tf.constant(edges), place), tf.constant(np.nan, tf.float64))
        return _where_defined(OperatingPoint(threshold, tf.maximum(value, 0.0)), 1, asked, wanted)

    def _objective_where_allowed(self, above: Above, least: float) -> tf.Tensor:
        """The objective where the constraint is met, else (also for 0/0) minus infinity."""
        allowed = RATES[self.constraint](above) >= least
        return _or_least(tf.where(allowed, RATES[self.objective](above), tf.constant(np.nan, tf.float64)))


def equal_error_rate(h: Histogram) -> Bounds:
    """The error rate at which false positive and false negative rate are equal, (C,).

    The ROC curve is joined by straight lines, and met with the line from (0, 1) to (1, 0). Within a bin the curve at
    best rises before it goes right, and at worst after; in the bin of the greatest score alone the line is exact.
    """
    above = h.above_edges()
    fpr, tpr = false_positive_rate(above), recall(above)
    (left, bottom), (right, top) = (fpr[:, 1:], tpr[:, 1:]), (fpr[:, :-1], tpr[:, :-1])
    along = tf.math.divide_no_nan(1.0 - left - bottom, (right - left) + (top - bottom))
    value = left + (right - left) * along
    ends = tf.maximum(left, 1.0 - top), tf.minimum(right, 1.0 - bottom)
    low, high = (h.where_order_is_unknown(end, value) for end in ends)
    edges_beyond = tf.reduce_sum(tf.cast(fpr + tpr >= 1.0, tf.int64), axis=1, keepdims=True)
    crossed = tf.clip_by_value(edges_beyond - 1, 0, h.num_bins - 1)
    return make_bounds(*(tf.gather(part, crossed, axis=1, batch_dims=1)[:, 0] for part in (value, low, high)))


def _at_best_within(above: Above) -> Above:
    """Above a threshold within each bin all its positives and none of its negatives; first of all P and N."""
    return Above(above.fp, tf.concat([above.tp[:, :1], above.tp[:, :-1]], axis=1))


def best(counts: Counts, score: Score, edges: np.ndarray) -> OperatingPoint:
    """Where a score is best, at the lowest of several thresholds, and its value; NaN where it is 0/0 at all of them."""
    at_edges = per_class_values(score, counts, np.nan)
    goodness = _or_least(-at_edges if score.direction == "down" else at_edges)
    place = tf.argmax(goodness, axis=0, output_type=tf.int64)
    value = tf.reduce_max(goodness, axis=0)
    chosen = OperatingPoint(tf.gather(tf.constant(edges), place), -value if score.direction == "down" else value)
    return _where_defined(chosen, 0, at_edges)


def _or_least(values: tf.Tensor) -> tf.Tensor:
    """Values with NaN replaced by minus infinity: comparisons with NaN differ between compilers."""
    return tf.where(tf.math.is_nan(values), tf.constant(-np.inf, tf.float64), values)


def _where_defined(chosen: OperatingPoint, axis: int, *at_edges: tf.Tensor) -> OperatingPoint:
    """NaN for the classes of which one of the scores is NaN at every edge, which lie along `axis`."""
    undefined = [tf.reduce_all(tf.math.is_nan(part), axis=axis) for part in at_edges]
    nowhere = tf.reduce_any(tf.stack(undefined), axis=0)
    return OperatingPoint(*(tf.where(nowhere, tf.constant(np.nan, tf.float64), field) for field in chosen))


class Roc(NamedTuple):
    """A ROC curve, in the order of scikit-learn's `roc_curve`, thresholds descending.

    Attributes:
        fpr: false positive rate above each threshold, never falling, from 0 to 1, (C, num_bins + 1).
        tpr: true positive rate above each threshold, never falling, from 0 to 1, (C, num_bins + 1).
        thresholds: numbers that a score must exceed, falling, (num_bins + 1,).
    """

    fpr: tf.Tensor
    tpr: tf.Tensor
    thresholds: tf.Tensor


class PrecisionRecall(NamedTuple):
    """A precision-recall curve, in the order of scikit-learn's `precision_recall_curve`, thresholds ascending.

    Attributes:
        precision: precision above each threshold, and at the end, where nothing is predicted, 1, (C, num_bins + 1).
        recall: recall above each threshold, never rising, from 1 to 0, (C, num_bins + 1).
        thresholds: numbers that a score must exceed, rising, (num_bins,): one fewer.
    """

    precision: tf.Tensor
    recall: tf.Tensor
    thresholds: tf.Tensor


def roc(h: Histogram, edges: np.ndarray) -> Roc:
    """The ROC curve of each class, NaN where a class has no negatives or no positives."""
    above = h.above_edges()
    fpr, tpr = (tf.reverse(rate(above), axis=[1]) for rate in (false_positive_rate, recall))
    return Roc(fpr, tpr, tf.constant(edges[::-1].copy()))


def precision_recall(h: Histogram, edges: np.ndarray) -> PrecisionRecall:
    """The precision-recall curve of each class; where nothing is predicted precision is 1."""
    above = h.above_edges()
    at_edges = precision(above)
    at_edges = tf.where(tf.math.is_nan(at_edges), tf.constant(1.0, tf.float64), at_edges)
    return PrecisionRecall(at_edges, recall(above), tf.constant(edges[:-1]))
