"""The interval of a difference between two models that were scored on the same samples: paired predictions.

Both models often err on the same samples, so that their scores vary together from test set to test set. The difference
then varies less than that of independent test sets. Only the paired predictions tell how much less.
"""

from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from fmnist_tf.counts import Counts, from_matrix
from fmnist_tf.intervals.inputs import Function, ScoreLike, read_score, select
from fmnist_tf.intervals.jackknife import class_tables, is_large, leave_one_out
from fmnist_tf.intervals.proportions import Interval, as_interval, quantile
from fmnist_tf.intervals.sample import Sample, cell_gradient, counts_of
from fmnist_tf.scores import Score, per_class_values

#: Samples added before a gradient is taken: of each class that occurs, half of them right for either model.
_ADDED = 2.0


class Influence(NamedTuple):
    """The effect of a sample on a score, by its true and its predicted class.

    Attributes:
        value: the score.
        without: (R, R), the score without one sample of the cell.
        gradient: (R, R), the gradient of the score where the added samples have been counted.
    """

    value: Any
    without: np.ndarray
    gradient: np.ndarray


class Paired:
    """Class ids that two models predicted of the same samples.

    Args:
        y_true: true class ids (N,).
        pred_a: predictions of model a, the baseline, (N,).
        pred_b: predictions of model b, which is compared with it, (N,).
        num_classes: C.
        zero_division: the value of 0/0.
        classes: the class ids that averages run over; None for all.

    Attributes:
        true: (N,), as given.
        pred_a: (N,), as given.
        pred_b: (N,), as given.
        a: the `Sample` of model a.
        b: the `Sample` of model b.

    Raises:
        ValueError: shapes that differ, no sample, or an id that is not a class.

    Example:
        >>> pairs = Paired([0, 0, 1, 1] * 50, [0, 1, 1, 1] * 50, [0, 0, 1, 1] * 50, num_classes=2)
        >>> low, high = pairs.difference("accuracy")
        >>> print(f"{low:+.3f} {high:+.3f}")
        +0.190 +0.310

    Source: Agresti and Min, Simple improved confidence intervals for comparing matched proportions, Statistics in
    Medicine 24, 2005: the variance of the difference of accuracies, with two samples added.
    """

    def __init__(
        self,
        y_true: Any,
        pred_a: Any,
        pred_b: Any,
        num_classes: int,
        *,
        zero_division: float = 0.0,
        classes: tuple[int, ...] | None = None,
    ):
        self.true, self.pred_a, self.pred_b = (np.asarray(ids) for ids in (y_true, pred_a, pred_b))
        for ids in (self.true, self.pred_a, self.pred_b):
            if ids.ndim != 1 or ids.shape != self.true.shape or not ids.size or ids.dtype.kind not in "iu":
                raise ValueError(f"paired class ids must be integers (N,), got {ids.dtype} {ids.shape}")
            if ids.min() < 0 or ids.max() >= num_classes:
                raise ValueError(
                    f"paired class ids must be from 0 to {num_classes - 1}, got {ids.min()} to {ids.max()}"
                )
        self._num_classes = num_classes
        self.a, self.b = (
            Sample(self._matrix(pred), zero_division=zero_division, classes=classes)
            for pred in (self.pred_a, self.pred_b)
        )

    def _matrix(self, pred: np.ndarray) -> np.ndarray:
        size = self._num_classes
        return np.bincount(self.true.astype(np.int64) * size + pred, minlength=size**2).reshape(size, size)

    def fits(self, a: Any, b: Any) -> bool:
        """Whether these are the confusion matrices (C, C) of the two models."""
        pairs = zip((self.a, self.b), (a, b), strict=True)
        return all(matrix is not None and np.array_equal(sample.cells, matrix) for sample, matrix in pairs)

    def _is(self, class_id: int) -> tuple[np.ndarray, ...]:
        """Whether each id is that class, as ids of no and yes."""
        return tuple((ids == class_id).astype(np.int64) for ids in (self.true, self.pred_a, self.pred_b))

    def difference(self, score: ScoreLike, level: float = 0.95) -> Interval:
        """Interval of score(b) - score(a), of an overall score or an average.

        The jackknife leaves out one sample of both models at a time; the gradient of both scores gives the least
        variance, as in `jackknife`. The interval is symmetric, since differences are far from their bounds.

        Args:
            score: a name such as "macro_f1", or a `Selection`.
            level: the probability of covering.

        Raises:
            ValueError: a score without finite bounds, or of single classes.
        """
        selection = select(score)
        width = _width(selection.score)
        if selection.class_id is not None or selection.average is None:
            raise ValueError("ask `class_differences` for the differences of single classes")
        function, _ = read_score(selection, self.a.rules)
        added = _added(self._num_classes, np.unique(self.true))
        a, b = (_of_whole(sample, function, added) for sample in (self.a, self.b))
        return _between(a, b, (self.true, self.pred_a, self.pred_b), added, width=width, level=level)

    def class_differences(self, score: ScoreLike, level: float = 0.95) -> Interval:
        """One interval a class, (C,): each class against the rest is a problem of no and yes.

        Args:
            score: the name of a score of single classes, such as "recall".
            level: the probability of covering.
        """
        row = select(score).score
        width = _width(row)
        influences = zip(*(_of_classes(sample, row) for sample in (self.a, self.b)), strict=True)
        ends = [
            _between(a, b, self._is(k), _TO_TABLES, width=width, level=level) for k, (a, b) in enumerate(influences)
        ]
        return as_interval(*np.transpose(ends))


def _added(size: int, occurring: np.ndarray) -> np.ndarray:
    """The samples added to the cells (R, R) of either model."""
    added = np.zeros((size, size))
    added[occurring] = 0.5 / max(size - 1, 1)
    added[occurring, occurring] = 0.5
    return _ADDED / len(occurring) * added


_TO_TABLES = _added(2, np.arange(2))


def _of_whole(sample: Sample, function: Function, added: np.ndarray) -> Influence:
    value = function(sample.counts).numpy()
    without = np.full(sample.cells.shape, value)
    if not is_large(sample.cells):  # else the variance is that of the gradient alone
        without[np.nonzero(sample.cells)] = function(sample.without).numpy()
    return Influence(value, without, cell_gradient(sample.cells + added, function, multiclass=True))


def _of_classes(sample: Sample, score: Score) -> list[Influence]:
    """One influence (2, 2) a class, whose cells are those of its table."""

    def values_of(counts: Counts) -> Any:
        return per_class_values(score, counts, sample.rules.zero_division)

    tables = class_tables(sample.counts)
    values = values_of(from_matrix(tf.constant(tables))).numpy()
    cells = np.maximum(tables[:, np.newaxis] - np.eye(4).reshape(4, 2, 2), 0.0)
    without = values_of(counts_of(cells, multiclass=False)).numpy().reshape(-1, 2, 2)
    gradient = cell_gradient(tables + _TO_TABLES, values_of, multiclass=False)
    return [Influence(*parts) for parts in zip(values, without, gradient, strict=True)]


def _between(
    a: Influence, b: Influence, ids: tuple[np.ndarray, ...], added: np.ndarray, *, width: float, level: float
) -> Interval:
    """Around the difference without its bias; it always contains the difference itself."""
    true, pred_a, pred_b = ids
    value = b.value - a.value
    bias, variance = leave_one_out(b.without[true, pred_b] - a.without[true, pred_a], value, np.ones(len(true)))
    floor = _scatter(b.gradient[true, pred_b] - a.gradient[true, pred_a], *_moments(a.gradient, b.gradient, added))
    half = quantile(level) * np.sqrt(max(variance, floor))
    ends = (min(value - bias - half, value), max(value - bias + half, value))
    return as_interval(*np.clip(ends, -width, width))


def _scatter(effects: np.ndarray, added: float, added_squares: float) -> float:
    """Sum of squares around the mean effect of samples on the difference, with the sums of those added."""
    whole = np.sum(effects) + added
    return float(np.sum(effects**2) + added_squares - whole**2 / (len(effects) + _ADDED))


def _moments(gradient_a: np.ndarray, gradient_b: np.ndarray, added: np.ndarray) -> tuple[float, float]:
    """Sum and sum of squares of the effects of the added samples, which both models predict independently."""
    share = np.maximum(np.sum(added, axis=1), 1e-300)
    mean_a, mean_b = (np.sum(added * gradient, axis=1) for gradient in (gradient_a, gradient_b))
    squares = np.sum(added * (gradient_a**2 + gradient_b**2)) - 2 * np.sum(mean_a * mean_b / share)
    return float(np.sum(mean_b - mean_a)), float(squares)


def _width(score: Score) -> float:
    """Between the bounds of a score: no difference is larger."""
    if not np.all(np.isfinite(score.bounds)):
        raise ValueError(f"the difference of {score.name} has no symmetric interval: the score has no finite bounds")
    return score.bounds[1] - score.bounds[0]
