"""Scores of the whole distribution as Keras metrics: AUROC and average precision, with certified bounds."""

import numpy as np
import tensorflow as tf

from fmnist_tf.compat import higher_is_better
from fmnist_tf.curves import ranking
from fmnist_tf.curves.averages import averaged
from fmnist_tf.curves.histogram import Histogram
from fmnist_tf.metrics.base import registered
from fmnist_tf.metrics.histograms import AveragedHistogramMetric


@higher_is_better
class BoundedMetric(AveragedHistogramMetric):
    """A metric whose exact value lies for certain within bounds that follow from the histogram."""

    @staticmethod
    def _ranking(h: Histogram) -> ranking.Bounded:
        """The value of each class with its bounds."""
        raise NotImplementedError

    def _measure(self, h: Histogram, edges: np.ndarray) -> tf.Tensor:
        return self._ranking(h).value

    def bounds_of(self, h: Histogram) -> tuple[tf.Tensor, tf.Tensor]:
        """(low, high) of a histogram, averaged as the value is: a mean lies between the means of the bounds."""
        low, high = (
            averaged(lambda part, end=end: self._ranking(part)[end], h, self.average, self.class_id) for end in (1, 2)
        )
        return low, high

    @property
    def bounds(self) -> tuple[tf.Tensor, tf.Tensor]:
        """(low, high), float64 and shaped like the result: the exact value of the scores counted lies between them."""
        return self.bounds_of(self._histogram)


@registered
class AUROC(BoundedMetric):
    """Area under the ROC curve: the chance that a positive scores above a negative, ties counting half.

    `bounds` is the interval that holds the exact value. A class without positives or without negatives has none.
    Thousands of bins are ranked each time somebody looks, in `fit` at every step.

    Args:
        num_classes: as for every metric of scores, see `ScoreMetric`; likewise those not named here.
        average: "macro", "weighted", "micro" or None, see `AveragedHistogramMetric`; likewise `class_id`.
        num_bins: bins a class, see `HistogramMetric`.

    Example:
        >>> metric = AUROC()
        >>> metric.update_state([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
        >>> float(metric.result())
        0.75
    """

    default_name = "auroc"
    _ranking = staticmethod(ranking.auroc)


@registered
class AveragePrecision(BoundedMetric):
    """Average precision: the sum of precision x the recall gained, from the top score down; no interpolation.

    `bounds` is the interval that holds the exact value. A class without positives or without negatives has none.

    Args:
        num_classes: as for every metric of scores, see `ScoreMetric`; likewise those not named here.
        average: "macro", "weighted", "micro" or None, see `AveragedHistogramMetric`; likewise `class_id`.
        num_bins: bins a class, see `HistogramMetric`.

    Example:
        >>> metric = AveragePrecision(dtype="float64")
        >>> metric.update_state([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
        >>> round(float(metric.result()), 2)
        0.83
    """

    default_name = "average_precision"
    _ranking = staticmethod(ranking.average_precision)
