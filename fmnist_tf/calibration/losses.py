"""Losses of probabilities that are sums over positions, and so exact in a state of two numbers a column."""

from collections.abc import Callable
from dataclasses import dataclass

import tensorflow as tf

from fmnist_tf.counts import discard_bin, effective_weight, redirect_invalid
from fmnist_tf.labels import VALID, Labels
from fmnist_tf.labels.probabilities import log_softmax, probabilities, softplus

#: (labels with scores, whether these are logits) -> float64 loss of each position, of yes/no columns of each entry.
Loss = Callable[[Labels, bool], tf.Tensor]
#: Where log loss cuts probabilities off, as scikit-learn does: at the distance of 1 from the next larger number.
_EPSILON = {"bfloat16": 2.0**-7, "float16": 2.0**-10, "float32": 2.0**-23, "float64": 2.0**-52}


def brier_score(labels: Labels, from_logits: bool) -> tf.Tensor:
    """Squared difference of probability and truth, of exclusive classes the sum over them, (N, ...).

    Source: Brier, Verification of forecasts expressed in terms of probability, Monthly Weather Review 78, 1950.
    """
    p = probabilities(labels, from_logits)
    square = tf.square(p - tf.cast(predictions(labels), tf.float64))
    return tf.reduce_sum(square, axis=-1) if labels.input_format.multiclass else square


def log_loss(labels: Labels, from_logits: bool) -> tf.Tensor:
    """-log of the probability of what is true, (N, ...); from logits without going through the probability.

    Probabilities are cut off at the epsilon of their dtype, so that a loss is finite; those of a row are taken as they
    are, whatever their sum.
    """
    if not from_logits:
        epsilon = _EPSILON[labels.pred.dtype.name]
        p = tf.clip_by_value(tf.cast(labels.pred, tf.float64), epsilon, 1.0 - epsilon)
        return (
            _of_true_class(-tf.math.log(p), labels)
            if labels.input_format.multiclass
            else _log_loss_of_answers(p, labels)
        )
    if labels.input_format.multiclass:
        return _of_true_class(-log_softmax(labels.pred), labels)
    logits = tf.cast(labels.pred, tf.float64)
    return softplus(tf.where(labels.true, -logits, logits))


def _log_loss_of_answers(p: tf.Tensor, labels: Labels) -> tf.Tensor:
    return -tf.math.log(tf.where(labels.true, p, 1.0 - p))


def _of_true_class(values: tf.Tensor, labels: Labels) -> tf.Tensor:
    """The value in the column of the true class; a product with one-hot rows would make 0 x infinity of others."""
    return tf.reduce_sum(tf.where(predictions(labels), values, tf.zeros_like(values)), axis=-1)


def predictions(labels: Labels) -> tf.Tensor:
    """Whether each class is the true one, bool (N, ..., C)."""
    if not labels.input_format.multiclass:
        return labels.true
    return tf.expand_dims(labels.true, -1) == tf.range(labels.input_format.num_classes, dtype=tf.int64)


@dataclass(frozen=True)
class LossSums:
    """Sums of weight x loss of each column, then sums of weight; exclusive classes are one column.

    Attributes:
        loss: which loss.
        num_columns: number of yes/no columns, or 1.
        from_logits: whether scores are logits.
    """

    loss: Loss
    num_columns: int
    from_logits: bool = False

    @property
    def size(self) -> int:
        """Number of cells, those of faults not included."""
        return 2 * self.num_columns

    def bin_indices(self, labels: Labels) -> tuple[tf.Tensor, tf.Tensor]:
        """The cells of a batch and what is added to them, as `Layout` says."""
        return sum_bins(labels, column_of(labels), self.num_columns, [self.loss(labels, self.from_logits), None])

    def read(self, state: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """State (size,) -> sums of weight x loss, sums of weight, each (num_columns,)."""
        return state[: self.num_columns], state[self.num_columns :]


def column_of(labels: Labels) -> tf.Tensor:
    """The column of each position, int64 and shaped like `labels.true`: 0 of exclusive classes."""
    zero = tf.zeros_like(labels.true, tf.int64)
    return zero if labels.input_format.multiclass else zero + tf.range(labels.input_format.num_classes, dtype=tf.int64)


def sum_bins(
    labels: Labels, cells: tf.Tensor, num_cells: int, summands: list[tf.Tensor | None]
) -> tuple[tf.Tensor, tf.Tensor]:
    """Cells and weights of several sums over the same positions, one block of `num_cells` cells for each summand.

    Args:
        labels: the batch.
        cells: int64 cell of each position within a block.
        num_cells: length of a block.
        summands: what is summed, weighted, float64 and shaped like `cells`; None for the weight itself.
    """
    size, fine = num_cells * len(summands), labels.status == VALID
    aside = tf.constant(discard_bin(size), tf.int64)
    blocks = [redirect_invalid(cells, labels.masks, size)]  # a fault counts once, in the first block
    blocks += [tf.where(fine, cells + num_cells * number, aside) for number in range(1, len(summands))]
    given = effective_weight(labels)
    weight = tf.ones_like(cells, tf.float64) if given is None else given
    weights = [weight if values is None else tf.where(fine, weight * values, weight) for values in summands]
    return tf.stack(blocks), tf.stack(weights)
