"""One value a class -> an average of those that are defined, or the value of one class."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import tensorflow as tf

from fmnist_tf.curves.bounds import Bounds
from fmnist_tf.curves.histogram import Histogram

Average = Literal["auto", "macro", "micro", "weighted"] | None
#: A histogram with fields (C, num_bins) -> one float64 value a class with its bounds, (C,), NaN where it has none.
Measure = Callable[[Histogram], Bounds]


@dataclass(frozen=True)
class Averaging:
    """How the values of classes become one.

    Attributes:
        average: "auto" or "macro", the mean over the classes that have a value; "weighted", that mean by support;
            "micro", the value of all classes pooled; None, one value a class. Of one binary column "auto" is
            the value of yes, and the others go over no and yes.
        class_id: the value of this class alone, in place of an average; of one binary column 0 is no, 1 is yes.
        classes: the classes that averages run over; None for all. Without an average the others are NaN.
    """

    average: Average = "auto"
    class_id: int | None = None
    classes: tuple[int, ...] | None = None

    def __call__(self, measure: Measure, h: Histogram) -> Bounds:
        """The value of a measure with its bounds, float64: () or, with `average=None`, (C,), of one column (2,).

        A mean lies between the means of the bounds.
        """
        if self.class_id is not None:
            return self._of_one_class(measure, h)
        if self.average == "auto" and h.num_classes == 1:
            return _first(measure(h))
        if self.average == "micro":
            return _first(measure(h.pooled(self.classes)))
        return Bounds(*(self._combine(field, h) for field in _of_classes(measure, h)))

    def _of_one_class(self, measure: Measure, h: Histogram) -> Bounds:
        if h.num_classes == 1:
            return _first(measure(h if self.class_id == 1 else h.of_no()))
        values = measure(h)
        return Bounds(*(field[self.class_id] for field in values))

    def _combine(self, values: tf.Tensor, h: Histogram) -> tf.Tensor:
        support = h.support if h.num_classes > 1 else tf.concat([h.rest, h.support], axis=0)
        values = self.leave_out(values)
        return values if self.average is None else mean(values, support if self.average == "weighted" else None)

    def leave_out(self, values: tf.Tensor) -> tf.Tensor:
        """Values (C,), NaN where averages do not run."""
        if self.classes is None:
            return values
        kept = np.isin(np.arange(values.shape[0] or 0), self.classes)
        return tf.where(kept, values, tf.constant(np.nan, tf.float64))


def mean(values: tf.Tensor, weights: tf.Tensor | None = None) -> tf.Tensor:
    """The mean, equal or by weight (C,), of the values (C,) that are not NaN; NaN if there is none."""
    if values.shape[0] == 1:
        return values[0]
    defined, zero = tf.logical_not(tf.math.is_nan(values)), tf.zeros_like(values)
    weights = tf.cast(defined, tf.float64) if weights is None else tf.where(defined, weights, zero)
    return tf.reduce_sum(tf.where(defined, values * weights, zero)) / tf.reduce_sum(weights)


def _of_classes(measure: Measure, h: Histogram) -> Bounds:
    """One value a class, (C,); of one column those of no and yes, (2,)."""
    if h.num_classes > 1:
        return measure(h)
    no_and_yes = zip(measure(h.of_no()), measure(h), strict=True)
    return Bounds(*(tf.concat(fields, axis=0) for fields in no_and_yes))


def _first(values: Bounds) -> Bounds:
    """The only value, ()."""
    return Bounds(*(field[0] for field in values))
