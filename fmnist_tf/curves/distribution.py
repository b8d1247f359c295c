"""`Distribution`: a histogram of scores with its edges, on the host, for pictures and reports."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import tensorflow as tf

from fmnist_tf.curves import operating, ranking
from fmnist_tf.curves.averages import Averaging, Measure
from fmnist_tf.curves.bounds import Bounds
from fmnist_tf.curves.histogram import Histogram

#: Bounds of a mean further apart than this leave its third digit open.
UNCERTAIN = 0.01


@dataclass(frozen=True, eq=False)
class Distribution:
    """The scores that a metric counted.

    Attributes:
        weights: weight of negatives and positives in each bin, the lowest scores first, float64 (C, num_bins, 2).
        edges: thresholds between the bins, (num_bins + 1,).
        multiclass: whether the classes exclude each other, rather than being binary columns.
        of_logits: whether the edges are logits.
        fractional: how many weights were no integers.
        classes: the classes that means run over; None for all.
    """

    weights: np.ndarray
    edges: np.ndarray
    multiclass: bool
    of_logits: bool = False
    fractional: float = 0.0
    classes: tuple[int, ...] | None = None

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
        negatives, positives = (tf.constant(self.weights[..., label], tf.float64) for label in (0, 1))
        return Histogram(negatives, positives, tf.constant(self.fractional, tf.float64))

    @property
    def support(self) -> np.ndarray:
        """The weight truly of each class, (C,)."""
        return self.weights[..., 1].sum(axis=-1)

    @property
    def total(self) -> np.ndarray:
        """The weight counted for each class, (C,)."""
        return self.weights.sum(axis=(1, 2))

    @property
    def thresholds(self) -> np.ndarray:
        """The edges as probabilities."""
        return tf.sigmoid(self.edges).numpy() if self.of_logits else self.edges

    def auroc(self, average: Literal["macro"] | None = None) -> Bounds:
        """Area under the ROC curve: one value a class, (C,), or their mean over the classes that have one."""
        return self._read(ranking.auroc, average)

    def average_precision(self, average: Literal["macro"] | None = None) -> Bounds:
        """Average precision: one value a class, (C,), or their mean over the classes that have one."""
        return self._read(ranking.average_precision, average)

    def _read(self, measure: Measure, average: Literal["macro"] | None) -> Bounds:
        h = self.histogram
        values = measure(h) if average is None else Averaging(classes=self.classes)(measure, h)
        return Bounds(*(field.numpy() for field in values))

    @cached_property
    def widest(self) -> float:
        """The greater width of the bounds of macro AUROC and average precision; NaN where neither has a value."""
        widths = [float(bounds.width) for bounds in (self.auroc("macro"), self.average_precision("macro"))]
        return float(np.max(widths))

    @property
    def is_uncertain(self) -> bool:
        """Whether bins hide more of AUROC or average precision than 0.01."""
        return self.widest > UNCERTAIN

    @property
    def remedy(self) -> str | None:
        """One line that says how wide the bounds are, why, and how to narrow them; None where they are narrow."""
        if not self.is_uncertain:
            return None
        start = f"bounds of AUROC and average precision are up to {self.widest:.2g} wide"
        in_bins = self.weights.sum(axis=(0, 2))[:-1]
        fullest, share = int(in_bins.argmax()), in_bins.max() / in_bins.sum()
        if share <= 0.5:
            return f"{start}; pass a larger num_bins="
        kind, low, high = "logits" if self.of_logits else "probabilities", *self.edges[fullest : fullest + 2]
        spread = "subtract a constant from the logits, or " if self.of_logits else ""
        spread = spread if self.of_logits or self.multiclass else "give logits with from_logits=True, or "
        return (
            f"{start}, since {share:.0%} of the {kind} lie between {low:g} and {high:g}, in "
            f"one bin; {spread}pass a larger num_bins="
        )

    def roc(self) -> tuple[np.ndarray, np.ndarray]:
        """False and true positive rate, rising, each (C, num_bins + 1); NaN where there is nothing to divide by."""
        fpr, tpr, _ = operating.roc(self.histogram, self.edges)
        return fpr.numpy(), tpr.numpy()

    def precision_recall(self) -> tuple[np.ndarray, np.ndarray]:
        """Precision and recall, recall falling from 1 to 0, each (C, num_bins + 1)."""
        precision, recall, _ = operating.precision_recall(self.histogram, self.edges)
        return precision.numpy(), recall.numpy()
