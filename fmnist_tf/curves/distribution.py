"""`Distribution`: a histogram of scores with its edges, on the host, for pictures and reports."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, NamedTuple

import numpy as np
import tensorflow as tf

from fmnist_tf.curves import operating, ranking
from fmnist_tf.curves.averages import mean
from fmnist_tf.curves.histogram import Histogram

_Measure = Callable[[Histogram], ranking.Bounded]


class Certified(NamedTuple):
    """A score and the interval that holds its exact value for certain: floats, or arrays (C,) of one a class."""

    value: Any
    low: Any
    high: Any

    def of_class(self, class_id: int) -> "Certified":
        """The score of one class."""
        return Certified(*(float(field[class_id]) for field in self))


@dataclass(frozen=True, eq=False)
class Distribution:
    """What a metric of scores had counted.

    Attributes:
        weights: weight of negatives and positives in each bin, the lowest scores first, float64 (C, num_bins, 2).
        edges: thresholds between the bins, (num_bins + 1,).
        multiclass: whether the classes exclude each other.
        of_logits: whether the edges are logits.
        fractional: how many weights were no integers.
    """

    weights: np.ndarray
    edges: np.ndarray
    multiclass: bool
    of_logits: bool = False
    fractional: float = 0.0

    @classmethod
    def of(cls, source: Any) -> "Distribution":
        """Of a metric with a histogram, such as `AUROC` or `CurveSet`; a `Distribution` is taken as it is.

        Raises:
            TypeError: it is neither.
        """
        found = getattr(source, "distribution", source)
        if not isinstance(found, cls):
            raise TypeError(f"curves need a metric with a histogram, such as AUROC or CurveSet, got {source!r}")
        return found

    @property
    def num_classes(self) -> int:
        """C."""
        return len(self.weights)

    @cached_property
    def histogram(self) -> Histogram:
        """The same as tensors."""
        negatives, positives = (tf.constant(self.weights[..., answer], tf.float64) for answer in (0, 1))
        return Histogram(negatives, positives, tf.constant(self.fractional, tf.float64))

    @property
    def support(self) -> np.ndarray:
        """The weight truly of each class, (C,)."""
        return self.weights[..., 1].sum(axis=-1)

    @property
    def total(self) -> np.ndarray:
        """The weight looked at for each class, (C,)."""
        return self.weights.sum(axis=(1, 2))

    @property
    def thresholds(self) -> np.ndarray:
        """The edges as probabilities."""
        return tf.sigmoid(self.edges).numpy() if self.of_logits else self.edges

    def auroc(self, average: Literal["macro"] | None = None) -> Certified:
        """Area under the ROC curve: one value a class, (C,), or their mean over the classes that have one."""
        return self._certified(ranking.auroc, average)

    def average_precision(self, average: Literal["macro"] | None = None) -> Certified:
        """Average precision: one value a class, (C,), or their mean over the classes that have one."""
        return self._certified(ranking.average_precision, average)

    def _certified(
        self, measure: Callable[[Histogram], ranking.Bounded], average: Literal["macro"] | None
    ) -> Certified:
        h = self.histogram
        fields = measure(h) if average is None else (mean(field, h.support, average) for field in measure(h))
        return Certified(*(field.numpy() for field in fields))

    def roc(self) -> tuple[np.ndarray, np.ndarray]:
        """False and true positive rate, rising, each (C, num_bins + 1); NaN where there is nothing to divide by."""
        fpr, tpr, _ = operating.roc(self.histogram.counts(), self.edges)
        return fpr.numpy(), tpr.numpy()

    def precision_recall(self) -> tuple[np.ndarray, np.ndarray]:
        """Precision and recall, recall falling from 1 to 0, each (C, num_bins + 1)."""
        precision, recall, _ = operating.precision_recall(self.histogram.counts(), self.edges)
        return precision.numpy(), recall.numpy()
