"""Operating points: what the thresholds between the bins attain, and the best of them."""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from fmnist_tf.counts import Counts
from fmnist_tf.scores import Score, per_class_values, table


class Rates(NamedTuple):
    """What is asked and what is wanted at each edge, float64 (num_bins + 1, C); NaN where it is 0/0."""

    constraint: tf.Tensor
    objective: tf.Tensor


class OperatingPoint(NamedTuple):
    """The threshold that was chosen for each class, and what it attains, float64 (C,)."""

    threshold: tf.Tensor
    value: tf.Tensor


def values(counts: Counts, score: Score) -> tf.Tensor:
    """A score at every edge, float64 (num_bins + 1, C), NaN where it is 0/0."""
    return per_class_values(score, counts, np.nan)


def rates(counts: Counts, constraint: Score, objective: Score) -> Rates:
    """Two scores at every edge."""
    return Rates(values(counts, constraint), values(counts, objective))


def best_attaining(r: Rates, least: float, edges: np.ndarray) -> OperatingPoint:
    """The largest wanted rate where the asked one is at least `least`; of several thresholds, where that is largest.

    0 where no threshold attains it, at a threshold of NaN; NaN and NaN for a class of which one of the two rates is 0/0
    at every threshold, as recall is without positives.
    """
    objective = _or_least(tf.where(r.constraint >= least, r.objective, tf.constant(np.nan, tf.float64)))
    value = tf.reduce_max(objective, axis=0)
    constraint = _or_least(tf.where(objective == value, r.constraint, tf.constant(np.nan, tf.float64)))
    place = tf.argmax(constraint, axis=0, output_type=tf.int64)
    threshold = tf.where(value >= 0, tf.gather(tf.constant(edges), place), tf.constant(np.nan, tf.float64))
    return _where_defined(OperatingPoint(threshold, tf.maximum(value, 0.0)), r.constraint, r.objective)


def best(counts: Counts, score: Score, edges: np.ndarray) -> OperatingPoint:
    """Where a score is best, at the lowest of several thresholds, and its value; NaN where it is 0/0 at all of them."""
    at_edges = values(counts, score)
    goodness = _or_least(-at_edges if score.direction == "down" else at_edges)
    place = tf.argmax(goodness, axis=0, output_type=tf.int64)
    value = tf.reduce_max(goodness, axis=0)
    chosen = OperatingPoint(tf.gather(tf.constant(edges), place), -value if score.direction == "down" else value)
    return _where_defined(chosen, at_edges)


def _or_least(values: tf.Tensor) -> tf.Tensor:
    """Values in which NaN is less than any: comparisons with NaN differ between compilers."""
    return tf.where(tf.math.is_nan(values), tf.constant(-np.inf, tf.float64), values)


def _where_defined(chosen: OperatingPoint, *at_edges: tf.Tensor) -> OperatingPoint:
    """NaN for the classes of which one of the scores (num_bins + 1, C) is NaN throughout."""
    undefined = tf.add_n([tf.cast(tf.reduce_all(tf.math.is_nan(part), axis=0), tf.float64) for part in at_edges]) > 0
    nan = tf.constant(np.nan, tf.float64)
    return OperatingPoint(*(tf.where(undefined, nan, field) for field in chosen))


class Roc(NamedTuple):
    """A ROC curve, in the order of scikit-learn's `roc_curve`, thresholds descending.

    Attributes:
        fpr: false positive rate above each threshold, rising from 0 to 1, (C, num_bins + 1).
        tpr: true positive rate, likewise.
        thresholds: what a score must exceed, falling, (num_bins + 1,).
    """

    fpr: tf.Tensor
    tpr: tf.Tensor
    thresholds: tf.Tensor


class PrecisionRecall(NamedTuple):
    """A precision-recall curve, in the order of scikit-learn's `precision_recall_curve`, thresholds ascending.

    Attributes:
        precision: precision above each threshold, and at the end, where nothing is predicted, 1, (C, num_bins + 1).
        recall: recall, falling from 1 to 0, likewise.
        thresholds: what a score must exceed, rising, (num_bins,): one fewer.
    """

    precision: tf.Tensor
    recall: tf.Tensor
    thresholds: tf.Tensor


def roc(counts: Counts, edges: np.ndarray) -> Roc:
    """The ROC curve of each class, NaN where a class has no negatives or no positives."""
    r = rates(counts, table.false_positive_rate, table.recall)
    fpr, tpr = (tf.reverse(tf.transpose(rate), axis=[1]) for rate in r)
    return Roc(fpr, tpr, tf.constant(edges[::-1].copy()))


def precision_recall(counts: Counts, edges: np.ndarray) -> PrecisionRecall:
    """The precision-recall curve of each class; where nothing is predicted precision is 1."""
    precision = per_class_values(table.precision, counts, 1.0)
    recall = per_class_values(table.recall, counts, np.nan)
    return PrecisionRecall(tf.transpose(precision), tf.transpose(recall), tf.constant(edges[:-1]))
