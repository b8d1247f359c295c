"""`Bounds`: a score read off a histogram, and the ends between which its exact value lies for certain."""

from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

#: What rounding may do to sums of positive terms, generously: bounds are widened by so much.
ROUNDING = 256 * float(np.finfo(np.float64).eps)


class Bounds(NamedTuple):
    """A score with its bounds: tensors (C,) or () in a graph, arrays (C,) or floats on the host.

    Bounds are certain: they say what binning hides, whatever the data. An interval is statistical: it says what another
    sample might give. The two are never mixed.

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
        """How much is not known: high - low."""
        return self.high - self.low

    def of_class(self, class_id: int) -> "Bounds":
        """The score of one class, as floats."""
        return Bounds(*(float(field[class_id]) for field in self))


def make_bounds(value: tf.Tensor, low: tf.Tensor, high: tf.Tensor) -> Bounds:
    """Bounds of a score from 0 to 1: no rounding puts a value above 1 or outside of its bounds, NaN where it is."""
    value = tf.where(value > 1.0, tf.constant(1.0, tf.float64), value)
    low = tf.maximum(tf.minimum(low, value) - ROUNDING, 0.0)
    high = tf.minimum(tf.maximum(high, value) + ROUNDING, 1.0)
    undefined = tf.math.is_nan(value)  # a minimum with NaN may or may not be NaN
    return Bounds(value, *(tf.where(undefined, value, end) for end in (low, high)))
