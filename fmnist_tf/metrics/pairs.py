"""`PairScore`: the part of a metric whose score is a ratio of two weighted sums over the cells of its matrix."""

from typing import TYPE_CHECKING

import numpy as np
import tensorflow as tf

from fmnist_tf.intervals import Interval
from fmnist_tf.intervals.pairs import pair_interval
from fmnist_tf.metrics.matrix import MatrixMetric
from fmnist_tf.scores import divide
from fmnist_tf.scores.pairs import PairRatio

# A mixin adds no level to the inheritance below keras.metrics.Metric; for the type checker it is a MatrixMetric.
if TYPE_CHECKING:
    MatrixMetricLike = MatrixMetric
else:
    MatrixMetricLike = object


class PairScore(MatrixMetricLike):
    """A score that is a ratio of two weighted sums over the cells; a mixin of `MatrixMetric`."""

    @property
    def _bounds(self) -> tuple[float, float]:
        """The least and the greatest value of the score."""
        return 0.0, 1.0

    def _ratio(self) -> PairRatio | None:
        """The weights of the cells, for the state; None before the number of classes is known."""
        raise NotImplementedError

    def _value(self) -> tf.Tensor:
        ratio = self._ratio()
        if ratio is None:
            return tf.constant(self.zero_division, tf.float64)
        return divide(*ratio.fraction(self.matrix), self.zero_division)

    def interval(self, level: float = 0.95) -> Interval:
        """The confidence interval of the score, for samples that are independent, by the delta method.

        Args:
            level: the probability of covering.

        Returns:
            Low and high, floats; from bound to bound where the score is 0/0.
        """
        ratio, matrix = self._ratio(), self.matrix.numpy()
        if ratio is None or not matrix.sum():
            return Interval(*self._bounds)
        weights = PairRatio(*(np.asarray(part) for part in ratio))
        return pair_interval(matrix * (self.effective_total / matrix.sum()), weights, self._bounds, level)
