"""`PrevalenceSample`: a confusion matrix at another prevalence, with intervals of its scores.

The rates of each true class stay as they were counted; only how often the classes occur changes. So each true class is
a separate sample, a stratum, of which only the predictions are random.
"""

from typing import Any

import numpy as np
import tensorflow as tf

from fmnist_tf.counts import Counts
from fmnist_tf.intervals.inputs import is_undefined
from fmnist_tf.intervals.proportions import Interval, VarianceEstimate, as_interval, interval_from_variance
from fmnist_tf.intervals.sample import Sample, counts_of
from fmnist_tf.scores import Selection, per_class_values

#: Predictions added to each true class, spread evenly, for the second estimate of a variance.
_PRIOR = 1.0


class PrevalenceSample(Sample):
    """A matrix whose rows are scaled to other class frequencies.

    Args:
        counted: the matrix as it was counted, (C, C), or (C, 2, 2) of columns; every row that gets a share is counted.
        shares: how often each true class is to occur, (C,), of columns (C, 2), no and yes.
        binary: whether the matrix (2, 2) is that of one binary column.
        zero_division: the value of 0/0.
        classes: the class ids that averages run over; None for all.
        effective_total: the effective number of samples of weighted counts.
    """

    def __init__(
        self,
        counted: np.ndarray,
        shares: np.ndarray,
        *,
        binary: bool = False,
        zero_division: float = 0.0,
        classes: tuple[int, ...] | None = None,
        effective_total: float | None = None,
    ):
        options: Any = {"zero_division": zero_division, "classes": classes, "effective_total": effective_total}
        drawn = Sample(counted, multiclass=False if binary else None, **options)
        supports = np.sum(drawn.cells, axis=-1)
        wanted = shares * np.sum(supports, axis=-1, keepdims=True)
        self.drawn = drawn.cells
        self.factors = np.where(supports > 0, wanted / np.where(supports > 0, supports, 1.0), 0.0)
        super().__init__(
            self.drawn * self.factors[..., np.newaxis],
            multiclass=False if binary else None,
            zero_division=zero_division,
            classes=classes,
        )
        self.is_countable = True

    def interval(self, selection: Selection, level: float) -> Interval:
        """The interval of a score, or with `average=None` of each class, by the delta method within each true class."""
        if selection.average is None and selection.class_id is None and not selection.is_overall(self.multiclass):
            return self._of_classes(selection, level)
        bounds, zero_division = selection.score.bounds, self.rules.zero_division
        if is_undefined(selection, self.counts, self.rules):
            return as_interval(min(bounds[0], zero_division), max(bounds[1], zero_division))

        def value_of(counts: Counts) -> tf.Tensor:
            return self.rules.evaluate(selection, counts)

        spreads = [self._spread(prior, value_of) for prior in (0.0, _PRIOR)]
        return interval_from_variance(value_of(self.counts).numpy(), spreads, bounds, level)

    def _of_classes(self, selection: Selection, level: float) -> Interval:
        score, zero_division = selection.score, self.rules.zero_division
        value = per_class_values(score, self.counts, np.nan).numpy()
        spreads = [self._spread_of_classes(prior, selection) for prior in (0.0, _PRIOR)]
        low, high = interval_from_variance(np.nan_to_num(value), spreads, score.bounds, level)
        undefined = np.isnan(value)
        ends = (np.fmin(score.bounds[0], zero_division), np.fmax(score.bounds[1], zero_division))
        return Interval(np.where(undefined, ends[0], low), np.where(undefined, ends[1], high))

    def _cells(self, prior: float) -> np.ndarray:
        return self.drawn + prior * (self.drawn.sum(axis=-1, keepdims=True) > 0) / self.drawn.shape[-1]

    def _spread(self, prior: float, value_of: Any) -> VarianceEstimate:
        """Value and variance of one number; columns may depend on each other, so that their deviations are added."""
        cells = self._cells(prior)
        counts = counts_of(cells * self.factors[..., np.newaxis], self.multiclass)
        value, (tp, predicted) = _differentiate(value_of, counts)
        gradient = _of_cells(tp, predicted, self.multiclass)
        variances = self.factors**2 * _within_rows(cells, gradient)
        variance = variances.sum() if self.multiclass else np.sqrt(variances.sum(axis=-1)).sum() ** 2
        return VarianceEstimate(value, variance)

    def _spread_of_classes(self, prior: float, selection: Selection) -> VarianceEstimate:
        """Values and variances of each class against the rest, (C,)."""
        cells = self._cells(prior)
        counts = counts_of(cells * self.factors[..., np.newaxis], self.multiclass)

        def total_of(counts: Counts) -> tf.Tensor:
            return tf.reduce_sum(per_class_values(selection.score, counts, 0.0))

        _, (tp, predicted) = _differentiate(total_of, counts)
        value = per_class_values(selection.score, counts, 0.0).numpy()
        if not self.multiclass:
            gradient = _of_cells(tp, predicted, multiclass=False)
            return VarianceEstimate(value, (self.factors**2 * _within_rows(cells, gradient)).sum(axis=-1))
        of_rows = cells.sum(axis=-1, keepdims=True)
        share = np.where(of_rows > 0, cells / np.where(of_rows > 0, of_rows, 1.0), 0.0)  # predicted as each class
        slope = predicted + np.diag(tp)
        variance = self.factors[:, np.newaxis] ** 2 * of_rows * share * (1 - share) * slope**2
        return VarianceEstimate(value, variance.sum(axis=0))


def _differentiate(function: Any, counts: Counts) -> tuple[Any, tuple[np.ndarray, np.ndarray]]:
    """The value, and its derivatives with respect to tp and predicted: within a true class nothing else is random."""
    with tf.GradientTape() as tape:
        tape.watch(counts)
        value = function(counts)
    gradient = tape.gradient(value, counts[:2], unconnected_gradients=tf.UnconnectedGradients.ZERO)
    tp, predicted = (np.nan_to_num(np.asarray(part)) for part in gradient)
    return value.numpy(), (tp, predicted)


def _of_cells(tp: np.ndarray, predicted: np.ndarray, multiclass: bool) -> np.ndarray:
    """The derivative with respect to each cell of the matrix, up to a constant in each row."""
    if multiclass:
        return predicted + np.diag(tp)
    nothing = np.zeros_like(tp)
    return np.stack([nothing, predicted, nothing, predicted + tp], axis=-1).reshape(-1, 2, 2)


def _within_rows(cells: np.ndarray, gradient: np.ndarray) -> np.ndarray:
    """The variance of sum(cells x gradient) of each row, whose sum is fixed."""
    samples = cells.sum(axis=-1, keepdims=True)
    mean = np.sum(cells * gradient, axis=-1, keepdims=True) / np.where(samples > 0, samples, 1.0)
    return np.sum(cells * (gradient - mean) ** 2, axis=-1)
