"""`Sample`: one confusion matrix, with the parts of variance estimates, computed once for all scores."""

from functools import cached_property
from typing import Any

import numpy as np
import tensorflow as tf

from fmnist_tf.counts import Counts, from_matrix
from fmnist_tf.intervals.inputs import Function, Rules, is_whole, read_source, scale_to
from fmnist_tf.intervals.proportions import VarianceEstimate

#: Spread evenly over the cells before a gradient is taken: an empty cell is rare but possible, and no root or
#: denominator is zero.
_PRIOR = 1.0


class Sample:
    """A confusion matrix or `Counts`, with the rules for their scores.

    Args:
        matrix_or_counts: counts (C, C), rows true; tables (C, 2, 2) of multilabel columns; or `Counts` (C,), which
            leave the intervals of averages unknown.
        multiclass: of `Counts` alone: whether the classes exclude each other; None tells it from their sums. False with
            a matrix (2, 2): it is that of one binary column.
        zero_division: the value of 0/0.
        classes: the class ids that averages run over; None for all.
        effective_total: the effective number of samples of weighted counts, (sum w)^2 / sum w^2, to which the counts
            are scaled; None takes the counts as numbers of samples.

    Attributes:
        counts: `Counts` (C,), scaled.
        matrix: float64 (C, C) or (C, 2, 2), scaled, or None.
        rules: how counts become values.
        is_countable: whether the counts tell the number of samples.
        is_scaled: whether they are no longer the counts that were given.

    Raises:
        ValueError: another shape, counts that are negative or not finite, or an effective total that is not above 0.
    """

    def __init__(
        self,
        matrix_or_counts: Any,
        *,
        multiclass: bool | None = None,
        zero_division: float = 0.0,
        classes: tuple[int, ...] | None = None,
        effective_total: float | None = None,
    ):
        source = read_source(matrix_or_counts, multiclass)
        self.rules = Rules(source.multiclass, zero_division, classes, source.binary)
        self.is_countable = effective_total is not None or is_whole(source.counts)
        self.counts, self.matrix = source.counts, source.matrix
        self.is_scaled = False
        if effective_total is not None:
            self._scale(effective_total)

    def _scale(self, effective_total: float) -> None:
        total = float(np.max(self.counts.total))
        if not (np.isfinite(effective_total) and (effective_total > 0 or total == 0)):
            raise ValueError(
                f"`effective_total` must be a number above 0, got {effective_total}; weights so large or small that "
                "their squares are no numbers have none: divide them by a constant"
            )
        factor = effective_total / total if total else 1.0
        self.is_scaled = not np.isclose(factor, 1.0)
        if self.matrix is None:
            self.counts = Counts(*(tf.constant(scale_to(np.asarray(field), factor)) for field in self.counts))
        else:
            self.matrix = scale_to(self.matrix, factor)
            self.counts = from_matrix(tf.constant(self.matrix))

    @property
    def multiclass(self) -> bool:
        """Whether the classes exclude each other."""
        return self.rules.multiclass

    @property
    def cells(self) -> np.ndarray:
        """The matrix, where there is one.

        Raises:
            ValueError: there are counts alone.
        """
        if self.matrix is None:
            raise ValueError("this interval needs a confusion matrix; Counts do not say which classes were confused")
        return self.matrix

    @cached_property
    def without(self) -> Counts:
        """Counts (K, C) without one sample of each cell that has any; of (4 C, C) tables, of every cell.

        Of a cell with less than one sample, as weights may give, all is left out.
        """
        if self.multiclass:
            return self._without_pairs()
        cells = np.eye(self.cells.size).reshape(-1, *self.cells.shape)
        return counts_of(np.maximum(self.cells - cells, 0.0), multiclass=False)

    @cached_property
    def without_and_with(self) -> Counts:
        """Counts (K + 1, C): those of `without`, and in the last row those of all samples."""
        pairs = zip(self.without, self.counts, strict=True)
        return Counts(*(tf.concat([rest, whole[tf.newaxis]], axis=0) for rest, whole in pairs))

    def _without_pairs(self) -> Counts:
        """No K matrices are made: one sample less changes one count of each field."""
        true, pred = np.nonzero(self.cells)
        unit = np.eye(len(self.cells))
        one = np.minimum(self.cells[true, pred], 1.0)[:, np.newaxis]
        tp, predicted, support, total = (field.numpy() for field in self.counts)
        fields = (tp - one * unit[true] * unit[pred], predicted - one * unit[pred], support - one * unit[true])
        rest = np.broadcast_to(total - one, fields[0].shape)
        return Counts(*(tf.constant(np.maximum(field, 0.0)) for field in (*fields, rest)))

    @cached_property
    def _smooth(self) -> tuple[np.ndarray, Counts]:
        return _smoothed(self.cells, self.multiclass)

    def variance_estimate(self, function: Function) -> VarianceEstimate:
        """Value and variance of a function of counts by its gradient, as `linearise` gives them."""
        return _linearised(*self._smooth, function, self.multiclass)


def as_sample(matrix: Any) -> Sample:
    """A sample as it is, or the sample of a matrix."""
    return matrix if isinstance(matrix, Sample) else Sample(matrix)


def linearise(matrix: np.ndarray, function: Function, *, multiclass: bool) -> VarianceEstimate:
    """Value and variance of a function of counts, at slightly smoothed cells (..., C, C) or (..., 2, 2).

    The function takes `Counts` (..., C); C is the third axis from the end of the tables of multilabel columns. Each
    matrix or table is a separate multinomial, with a separate part of the variance.
    """
    return _linearised(*_smoothed(matrix, multiclass), function, multiclass)


def _smoothed(matrix: np.ndarray, multiclass: bool) -> tuple[np.ndarray, Counts]:
    cells = matrix + (_prior_of_classes(matrix) if multiclass else _PRIOR / 4)
    return cells, counts_of(cells, multiclass)


def _prior_of_classes(matrix: np.ndarray) -> np.ndarray:
    """Added to the cells (..., C, C) of classes that exclude each other.

    A class that does not occur gets nothing: as in a bootstrap, its score stays `zero_division`. A class that occurs
    and is never predicted gets one whole prediction, since the precision of a fraction of a prediction has no meaning.
    """
    support, predicted = np.sum(matrix, axis=-1), np.sum(matrix, axis=-2)
    num_classes = matrix.shape[-1]
    predictions = np.where(predicted > 0, _PRIOR / num_classes, np.where(support > 0, _PRIOR, 0.0))
    return (support > 0)[..., :, np.newaxis] * predictions[..., np.newaxis, :] / num_classes


def cell_gradient(cells: np.ndarray, function: Function, *, multiclass: bool) -> np.ndarray:
    """The gradient of a function of counts with respect to the cells, shaped like them."""
    return _differentiate(counts_of(cells, multiclass), function, multiclass)[1]


# Where a score is infinite so is its gradient, and inf x 0 and inf - inf are NaN: a variance that no interval has.
_without_warning = np.errstate(invalid="ignore")


@_without_warning
def _linearised(cells: np.ndarray, counts: Counts, function: Function, multiclass: bool) -> VarianceEstimate:
    value, gradient = _differentiate(counts, function, multiclass)
    axes = (-2, -1)
    mean = np.sum(cells * gradient, axis=axes, keepdims=True) / np.sum(cells, axis=axes, keepdims=True)
    return VarianceEstimate(value, np.sum(cells * (gradient - mean) ** 2, axis=axes))


def _differentiate(counts: Counts, function: Function, multiclass: bool) -> tuple[np.ndarray, np.ndarray]:
    """Value of a function of counts, and its gradient with respect to the cells."""
    with tf.GradientTape() as tape:
        tape.watch(counts)
        value = function(counts)
    gradient = tape.gradient(value, counts, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    return value.numpy(), _to_cells(*(np.asarray(field) for field in gradient), multiclass=multiclass)


def counts_of(cells: np.ndarray, multiclass: bool) -> Counts:
    """Counts (..., C) of matrices (..., C, C), or of tables (..., C, 2, 2), [[tn, fp], [fn, tp]]."""
    if multiclass:
        tp, total = np.diagonal(cells, axis1=-2, axis2=-1), np.sum(cells, axis=(-2, -1))[..., np.newaxis]
        fields = (tp, np.sum(cells, axis=-2), np.sum(cells, axis=-1), np.broadcast_to(total, tp.shape))
    else:
        tn, fp, fn, tp = np.moveaxis(cells.reshape(*cells.shape[:-2], 4), -1, 0)
        fields = (tp, tp + fp, tp + fn, (tp + fp) + (fn + tn))
    return Counts(*map(tf.constant, fields))


@_without_warning
def _to_cells(
    tp: np.ndarray, predicted: np.ndarray, support: np.ndarray, total: np.ndarray, multiclass: bool
) -> np.ndarray:
    """The gradient with respect to the cells, by the chain rule of `counts_of`: far fewer operations than its tape."""
    if multiclass:
        diagonal = tp[..., np.newaxis] * np.eye(tp.shape[-1])
        whole = np.sum(total, axis=-1)[..., np.newaxis, np.newaxis]
        return diagonal + predicted[..., np.newaxis, :] + support[..., :, np.newaxis] + whole
    cells = [total, predicted + total, support + total, tp + predicted + support + total]
    return np.stack(cells, axis=-1).reshape(*tp.shape, 2, 2)
