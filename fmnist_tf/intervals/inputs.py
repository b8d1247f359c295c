"""What an interval is asked of: scores by name, matrices and counts, checked."""

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from fmnist_tf.counts import Counts, from_matrix
from fmnist_tf.scores import Score, Selection, find_score

#: A score as a function of `Counts` (..., C) -> (...).
Function = Callable[[Counts], tf.Tensor]
#: A name as `find_score` reads it, a row of the table, a `Selection`, or a function of `Counts`.
ScoreLike = str | Score | Selection | Function

_UNBOUNDED = (-np.inf, np.inf)


def select(score: ScoreLike) -> Selection:
    """The `Selection` that a score stands for."""
    if isinstance(score, str):
        return find_score(score)
    if isinstance(score, Score):
        return Selection(score)
    if isinstance(score, Selection):
        return score
    raise TypeError(f"`score` must be the name of a score, a Score or a Selection, got {type(score).__name__}")


def read_score(score: ScoreLike, multiclass: bool) -> tuple[Function, tuple[float, float]]:
    """A score as a function of counts, and its bounds; those of a function are not known."""
    if callable(score) and not isinstance(score, Score):
        return score, _UNBOUNDED
    selection = select(score)
    return lambda counts: selection.evaluate(counts, multiclass=multiclass), selection.score.bounds


def is_undefined(score: ScoreLike, counts: Counts, multiclass: bool) -> Any:
    """Whether a score is 0/0 of counts (..., C), so that they say nothing of it; of a function nothing is known."""
    if callable(score) and not isinstance(score, Score):
        return False
    return np.isnan(select(score).evaluate(counts, multiclass=multiclass, zero_division=np.nan))


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


def value_of(score: ScoreLike, matrix_or_counts: Any, *, multiclass: bool | None = None) -> Any:
    """The value itself, float64: a float, or an array (C,) with `average=None`."""
    counts, matrix = as_counts(matrix_or_counts)
    function, _ = read_score(score, resolve_multiclass(counts, matrix, multiclass))
    return function(counts).numpy()[()]


def resolve_multiclass(counts: Counts, matrix: np.ndarray | None, multiclass: bool | None) -> bool:
    """Whether classes exclude each other: a matrix says it by its shape, counts by a caller who knows or their sums."""
    if matrix is not None:
        return matrix.ndim == 2
    return is_multiclass(counts) if multiclass is None else multiclass


def is_multiclass(counts: Counts) -> bool:
    """Whether counts can be those of exclusive classes: every position is of one class, and predicted as one.

    Yes/no columns with one yes in every row, true and predicted, have the same sums.
    """
    total = np.asarray(counts.total)
    sums = [np.sum(counts.support), np.sum(counts.predicted)]
    return total.size > 1 and bool(np.allclose(sums, total[0], rtol=1e-9, atol=0))


def is_whole(counts: Counts) -> bool:
    """Whether the counts are whole numbers, so that they can be numbers of samples."""
    return all(np.array_equal(field, np.round(field)) for field in map(np.asarray, counts))


def _is_square(matrix: np.ndarray) -> bool:
    return matrix.ndim == 2 and matrix.shape[0] == matrix.shape[1]
