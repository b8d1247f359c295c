"""`Snapshot`: what a metric had counted at one moment, on the host, where a callback can keep it."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from fmnist_tf.callbacks.curve_metrics import CurveMetrics, CurveReading
from fmnist_tf.counts import ConfusionLayout, Counts
from fmnist_tf.curves.distribution import Distribution
from fmnist_tf.metrics import CountMetric
from fmnist_tf.scores import Selection, evaluate_all, per_class_values


class Snapshot(NamedTuple):
    """Counts of one moment.

    Attributes:
        counts: float64 arrays (C,).
        matrix: the confusion matrix, float64 (C, C), where one was kept; else None.
        multiclass: whether the classes exclude each other.
        zero_division: the value of 0/0.
        curves: what metrics of scores said beside it, if there were any.
    """

    counts: Counts
    matrix: np.ndarray | None
    multiclass: bool
    zero_division: float
    curves: CurveReading | None = None

    @property
    def num_classes(self) -> int:
        """Number of classes, or of yes/no columns."""
        return len(self.counts.tp)

    def since(self, earlier: "Snapshot | None") -> "Snapshot":
        """What was counted after an earlier snapshot of the same stream."""
        if earlier is None:
            return self
        counts = Counts(*(late - soon for late, soon in zip(self.counts, earlier.counts, strict=True)))
        matrix = None if self.matrix is None or earlier.matrix is None else self.matrix - earlier.matrix
        return self._replace(counts=counts, matrix=matrix)

    def scores(self, selections: Mapping[str, Selection]) -> dict[str, float]:
        """The values of the selected scores."""
        values = evaluate_all(selections, self._tensors, multiclass=self.multiclass, zero_division=self.zero_division)
        return dict(zip(selections, values.numpy().tolist(), strict=True))

    @property
    def curve_scores(self) -> dict[str, float]:
        """The values of scores of the whole distribution."""
        return self.curves.values if self.curves else {}

    @property
    def distribution(self) -> Distribution | None:
        """The histogram of scores with its edges, if one was kept."""
        return self.curves.distribution if self.curves else None

    def evaluate(self, selection: Selection) -> tf.Tensor:
        """One score of the snapshot, float64."""
        return selection.evaluate(self._tensors, multiclass=self.multiclass, zero_division=self.zero_division)

    def class_scores(self, selection: Selection) -> np.ndarray:
        """The score of each class against the rest, float64 (C,)."""
        return per_class_values(selection.score, self._tensors, self.zero_division).numpy()

    @property
    def _tensors(self) -> Counts:
        return Counts(*(tf.constant(field, tf.float64) for field in self.counts))

    @property
    def matrix_or_counts(self) -> np.ndarray | Counts:
        """What a report is made of: the matrix (C, C), the columns (C, 2, 2), or where there is neither the counts."""
        if self.multiclass:
            return self.counts if self.matrix is None else self.matrix
        c = self.counts
        return np.stack([np.stack([c.tn, c.fp], -1), np.stack([c.fn, c.tp], -1)], axis=-2)


def take_snapshot(metric: CountMetric, curve_metrics: CurveMetrics | None = None) -> Snapshot:
    """Reads a metric and those beside it. Under several workers this is collective: all of them must read."""
    layout = metric._layout
    counts = Counts._make(np.array(field) for field in metric.counts)
    matrix = (
        np.array(layout.matrix(metric._bins())) if metric.multiclass and isinstance(layout, ConfusionLayout) else None
    )
    return Snapshot(counts, matrix, metric.multiclass, metric.zero_division, curve_metrics and curve_metrics.read())


def key_of(name: str, score: str) -> str:
    """The key of a score in logs and history: training scores stand under their own name."""
    return score if name == "train" else f"{name}_{score}"
