"""The input of an interval: scores by name, matrices and counts, checked."""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeGuard

import numpy as np
import tensorflow as tf

from fmnist_tf.counts import Counts, from_matrix
from fmnist_tf.scores import Score, Selection, find_score

#: A score as a function of `Counts` (..., C) -> (...).
Function = Callable[[Counts], tf.Tensor]
#: A name as `find_score` reads it, a row of the table, a `Selection`, or a function of `Counts`.
ScoreLike = str | Score | Selection | Function

_UNBOUNDED = (-np.inf, np.inf)


class Source(NamedTuple):
    """Counts of one data set, as every interval and report reads them.

    Attributes:
        counts: fields (C,), float64; of one binary column (2,), no and yes.
        matrix: (C, C), rows true, or (C, 2, 2); None where there are counts alone.
        multiclass: whether the classes exclude each other, as no and yes do.
        binary: whether this is one binary column, of which a score without an average is that of yes.
    """

    counts: Counts
    matrix: np.ndarray | None
    multiclass: bool
    binary: bool = False


class Rules(NamedTuple):
    """The rules by which counts become values.

    Attributes:
        multiclass: whether the classes exclude each other.
        zero_division: the value of 0/0.
        classes: the ids that averages run over; None for all.
        binary: whether a score without an average is that of yes, class 1.
    """

    multiclass: bool
    zero_division: float = 0.0
    classes: tuple[int, ...] | None = None
    binary: bool = False

    def select(self, score: ScoreLike) -> Selection:
        """The `Selection` that a score stands for."""
        selection = select(score)
        overall = selection.score.overall is not None
        if self.binary and selection.average == "auto" and selection.class_id is None and not overall:
            return selection._replace(class_id=1)
        return selection

    def evaluate(self, score: ScoreLike, counts: Counts, zero_division: float | None = None) -> tf.Tensor:
        """The value of a score of counts (..., C)."""
        selection = self.select(score)
        return selection.evaluate(
            counts,
            multiclass=self.multiclass,
            zero_division=self.zero_division if zero_division is None else zero_division,
            classes=None if selection.average is None else self.classes,
        )


def select(score: ScoreLike) -> Selection:
    """The `Selection` that a score stands for."""
    if isinstance(score, str):
        return find_score(score)
    if isinstance(score, Score):
        return Selection(score)
    if isinstance(score, Selection):
        return score
    raise TypeError(f"`score` must be the name of a score, a Score or a Selection, got {type(score).__name__}")


def read_score(score: ScoreLike, rules: Rules | bool) -> tuple[Function, tuple[float, float]]:
    """A score as a function of counts, and its bounds; those of a function are not known."""
    if _is_function(score):
        return score, _UNBOUNDED
    rules = rules if isinstance(rules, Rules) else Rules(rules)
    return lambda counts: rules.evaluate(score, counts), select(score).score.bounds


def is_undefined(score: ScoreLike, counts: Counts, rules: Rules | bool) -> Any:
    """Whether a score of counts (..., C) is 0/0; False for a function, of which nothing is known."""
    if _is_function(score):
        return False
    rules = rules if isinstance(rules, Rules) else Rules(rules)
    return np.isnan(rules.evaluate(score, counts, np.nan))


def _is_function(score: ScoreLike) -> TypeGuard[Function]:
    return callable(score) and not isinstance(score, Score)


def read_matrix(matrix: Any) -> np.ndarray:
    """A confusion matrix as float64 (C, C) or (C, 2, 2).

    Raises:
        ValueError: another shape, or counts that are negative or not finite.
    """
    matrix = np.asarray(matrix, np.float64)
    if matrix.size == 0 or not (_is_square(matrix) or (matrix.ndim == 3 and matrix.shape[1:] == (2, 2))):
        raise ValueError(f"a confusion matrix must have shape (C, C) or (C, 2, 2), got {matrix.shape}")
    if not np.all(np.isfinite(matrix) & (matrix >= 0)):
        raise ValueError("a confusion matrix must hold finite counts of zero or more")
    return matrix


def as_counts(matrix_or_counts: Any) -> tuple[Counts, np.ndarray | None]:
    """`Counts` of float64 tensors (C,), and the matrix they come from if there is one.

    Raises:
        ValueError: another shape, or counts that are negative, not finite, or contradict each other.
    """
    if not isinstance(matrix_or_counts, Counts):
        matrix = read_matrix(matrix_or_counts)
        return from_matrix(tf.constant(matrix)), matrix
    fields = [np.asarray(field, np.float64) for field in matrix_or_counts]
    if fields[0].ndim != 1 or any(field.shape != fields[0].shape for field in fields) or not fields[0].size:
        raise ValueError(f"`Counts` must have four fields (C,), got {[field.shape for field in fields]}")
    tp, predicted, support, total = fields
    if not all(np.all(np.isfinite(field) & (field >= 0)) for field in fields):
        raise ValueError("`Counts` must hold finite counts of zero or more")
    slack = 1e-9 * total
    if np.any(tp > np.minimum(predicted, support) + slack) or np.any(np.maximum(predicted, support) > total + slack):
        raise ValueError("`Counts` contradict each other: tp must not exceed predicted or support, nor these total")
    return Counts(*map(tf.constant, fields)), None


def read_source(matrix_or_counts: Any, multiclass: bool | None = None) -> Source:
    """Counts and matrix, and the form that they determine: one binary column becomes its matrix of no and yes.

    Args:
        matrix_or_counts: (C, C), (C, 2, 2) or `Counts` (C,).
        multiclass: whether the classes exclude each other; False with a matrix (2, 2) makes it that of one column.

    Raises:
        ValueError: another shape, invalid counts, or `multiclass` that contradicts the shape.
    """
    counts, matrix = as_counts(matrix_or_counts)
    num_classes = len(np.asarray(counts.tp))
    square = matrix is not None and matrix.ndim == 2
    if matrix is not None and multiclass not in (None, square) and not (square and num_classes == 2):
        raise ValueError(f"`multiclass` contradicts a matrix of shape {matrix.shape}; leave it out")
    if square and num_classes == 2 and multiclass is False:
        return Source(counts, matrix, multiclass=True, binary=True)
    if not square and num_classes == 1 and not multiclass:
        table = np.array([[counts.tn[0], counts.fp[0]], [counts.fn[0], counts.tp[0]]], np.float64)
        return Source(from_matrix(tf.constant(table)), table, multiclass=True, binary=True)
    if matrix is not None:
        return Source(counts, matrix, square)
    return Source(counts, None, is_multiclass(counts) if multiclass is None else multiclass)


def value_of(
    score: ScoreLike,
    matrix_or_counts: Any,
    *,
    multiclass: bool | None = None,
    zero_division: float = 0.0,
    classes: tuple[int, ...] | None = None,
) -> Any:
    """The value of a score, float64.

    Args:
        score: a name such as "macro_f1", or a `Selection`.
        matrix_or_counts: counts (C, C), (C, 2, 2), or `Counts` (C,).
        multiclass: of `Counts` alone: whether the classes exclude each other; None tells it from their sums.
        zero_division: the value of 0/0.
        classes: the class ids that averages run over; None for all.

    Returns:
        A float, or an array (C,) with `average=None`.

    Example:
        >>> float(value_of("macro_recall", [[8, 2], [1, 9]]))
        0.8500000000000001
    """
    source = read_source(matrix_or_counts, multiclass)
    rules = Rules(source.multiclass, zero_division, classes, source.binary)
    function, _ = read_score(score, rules)
    return function(source.counts).numpy()[()]


def is_multiclass(counts: Counts) -> bool:
    """Whether counts can be multiclass: every sample has one class, and is predicted as one.

    Multilabel columns with one yes in every row, true and predicted, have the same sums.
    """
    total = np.asarray(counts.total)
    sums = [np.sum(counts.support), np.sum(counts.predicted)]
    return total.size > 1 and bool(np.allclose(sums, total[0], rtol=1e-9, atol=0))


def is_whole(counts: Counts) -> bool:
    """Whether the counts are whole numbers, so that they can be numbers of samples."""
    return all(np.array_equal(field, np.round(field)) for field in map(np.asarray, counts))


def scale_to(values: np.ndarray, factor: float) -> np.ndarray:
    """Weights scaled to numbers of samples; numbers that are whole up to rounding become whole."""
    scaled = values * factor
    whole = np.round(scaled)
    return np.where(np.abs(scaled - whole) <= 1e-9 * np.maximum(whole, 1.0), whole, scaled)


def _is_square(matrix: np.ndarray) -> bool:
    return matrix.ndim == 2 and matrix.shape[0] == matrix.shape[1]
