"""`Bounds`: a score from a histogram, and the certain bounds of its exact value."""

from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

#: A generous limit of rounding errors of sums of positive terms: bounds are widened by it.
ROUNDING = 256 * float(np.finfo(np.float64).eps)


class Bounds(NamedTuple):
    """A score with its bounds: tensors (C,) or () in a graph, arrays (C,) or floats on the host.

    Bounds are certain: the exact score of these data lies between them, and the distance is the effect of binning. An
    interval is statistical: it tells how another sample may differ. The two are never mixed.

    Attributes:
        value: the score, NaN where there is none.
        low: the exact score is at least this, NaN where there is none.
        high: the exact score is at most this, NaN where there is none.
    """

    value: Any
    low: Any
    high: Any

    @property
    def width(self) -> Any:
        """How much is unknown: high - low."""
        return self.high - self.low

    def of_class(self, class_id: int) -> "Bounds":
        """The score of one class, as floats."""
        return Bounds(*(float(field[class_id]) for field in self))


def make_bounds(value: tf.Tensor, low: tf.Tensor, high: tf.Tensor) -> Bounds:
    """Bounds of a score from 0 to 1, clipped so that rounding moves no value out of them; NaN where the value is."""
    value = tf.where(value > 1.0, tf.constant(1.0, tf.float64), value)
    low = tf.maximum(tf.minimum(low, value) - ROUNDING, 0.0)
    high = tf.minimum(tf.maximum(high, value) + ROUNDING, 1.0)
    undefined = tf.math.is_nan(value)  # a minimum with NaN may or may not be NaN
    return Bounds(value, *(tf.where(undefined, value, end) for end in (low, high)))
