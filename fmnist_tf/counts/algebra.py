"""`Counts`, of which every score is a function, and their algebra: from a matrix, pooled, one-vs-rest."""

from typing import NamedTuple

import tensorflow as tf


class Counts(NamedTuple):
    """Counts, of which every score is a function: four float64 tensors (..., C), one column a class.

    Attributes:
        tp: true positives, the weight of samples of class c that were predicted as c.
        predicted: the weight of samples predicted as c, tp + fp.
        support: the weight of samples of class c, tp + fn.
        total: the weight of all samples, tp + fp + fn + tn.
    """

    tp: tf.Tensor
    predicted: tf.Tensor
    support: tf.Tensor
    total: tf.Tensor

    @property
    def fp(self) -> tf.Tensor:
        """False positives, predicted - tp."""
        return _difference(self.predicted, self.tp, self.total)

    @property
    def fn(self) -> tf.Tensor:
        """False negatives, support - tp."""
        return _difference(self.support, self.tp, self.total)

    @property
    def tn(self) -> tf.Tensor:
        """True negatives, (total - predicted) - (support - tp): each step exact up to 2**53."""
        return _difference(self.total - self.predicted, self.support - self.tp, self.total)

    @property
    def negatives(self) -> tf.Tensor:
        """The weight of samples of other classes, total - support."""
        return _difference(self.total, self.support, self.total)

    @property
    def predicted_negatives(self) -> tf.Tensor:
        """The weight of samples predicted as other classes, total - predicted."""
        return _difference(self.total, self.predicted, self.total)


def _difference(minuend: tf.Tensor, subtrahend: tf.Tensor, total: tf.Tensor) -> tf.Tensor:
    """A difference; zero where it is only a rounding error of fractional weights.

    Sums of the same fractional weights in another order differ in their last digits, and a score would divide one such
    error by another. A rounding error has a fractional part and is below 1e-12 of the total in size. Differences of
    integer counts are exact and stay as they are.
    """
    rest = minuend - subtrahend
    residue = (rest < 1e-12 * total) & (rest != tf.round(rest))
    return tf.where(residue, tf.constant(0.0, tf.float64), rest)


def from_matrix(matrix: tf.Tensor) -> Counts:
    """Counts of a confusion matrix (C, C), rows true, or of C binary columns (C, 2, 2), [[tn, fp], [fn, tp]]."""
    matrix = tf.convert_to_tensor(matrix, tf.float64)
    if matrix.shape.rank == 3 and matrix.shape[1:] == (2, 2):
        tn, fp, fn, tp = (matrix[:, row, column] for row in (0, 1) for column in (0, 1))
        return Counts(tp, tp + fp, tp + fn, (tp + fp) + (fn + tn))
    if matrix.shape.rank != 2 or matrix.shape[0] != matrix.shape[1]:
        raise ValueError(f"a confusion matrix must have shape (C, C) or (C, 2, 2), got {matrix.shape}")
    tp = tf.linalg.diag_part(matrix)
    return Counts(
        tp,
        tf.reduce_sum(matrix, axis=0),
        tf.reduce_sum(matrix, axis=1),
        tf.fill(tf.shape(tp), tf.reduce_sum(matrix)),
    )


def pool(counts: Counts) -> Counts:
    """All classes as one binary problem: sums over the last axis, which stays with length 1."""
    return Counts(*(tf.reduce_sum(field, axis=-1, keepdims=True) for field in counts))


def no_and_yes(counts: Counts) -> Counts:
    """The two classes no (0) and yes (1) of one binary column: fields (..., 1) become (..., 2)."""
    return Counts(*(tf.squeeze(field, axis=-2) for field in one_vs_rest(counts)))


def one_vs_rest(counts: Counts) -> Counts:
    """Each class c one-vs-rest, as the two classes [not c, c]: fields (..., C) become (..., C, 2)."""
    pairs = (
        (counts.tn, counts.tp),
        (counts.predicted_negatives, counts.predicted),
        (counts.negatives, counts.support),
        (counts.total, counts.total),
    )
    return Counts(*(tf.stack(pair, axis=-1) for pair in pairs))


def effective_number(weight: float, squares: float) -> float:
    """The effective number of samples (sum w)^2 / sum w^2; 0 where nothing is known of it.

    Args:
        weight: the sum of the weights w.
        squares: the sum of their squares: 0 if there are none, or they are too small for float64, infinite if they are
            too large for it.

    Source: Kish, Survey Sampling, 1965.
    """
    return weight * (weight / squares) if squares > 0 else 0.0
