"""One value a class -> an average of those that are defined, or the value of one class."""

from collections.abc import Callable

import tensorflow as tf

from fmnist_tf.curves.histogram import Histogram
from fmnist_tf.scores import Average

#: A histogram with fields (C, num_bins) -> one float64 value a class, (C,), NaN where it has none.
Measure = Callable[[Histogram], tf.Tensor]


def averaged(measure: Measure, h: Histogram, average: Average, class_id: int | None = None) -> tf.Tensor:
    """The value of a measure, float64: () or, with `average=None`, (C,).

    Args:
        measure: what is averaged.
        h: fields (C, num_bins).
        average: "macro", the mean over the classes that have a value; "weighted", likewise by support; "micro", the
            value of all columns as one; None, one value a class.
        class_id: the value of this class alone, in place of an average.
    """
    if class_id is None and average == "micro":
        return measure(h.pooled())[0]
    values = measure(h)
    if class_id is not None:
        return values[class_id]
    return values if average is None else mean(values, h.support, average)


def mean(values: tf.Tensor, support: tf.Tensor, average: Average) -> tf.Tensor:
    """The mean of the values (C,) that are no NaN, each alike or "weighted" by support; NaN where there is none."""
    if values.shape[0] == 1:
        return values[0]
    defined, zero = tf.logical_not(tf.math.is_nan(values)), tf.zeros_like(values)
    weights = tf.where(defined, support, zero) if average == "weighted" else tf.cast(defined, tf.float64)
    return tf.reduce_sum(tf.where(defined, values * weights, zero)) / tf.reduce_sum(weights)
