"""Losses of probabilities that are sums over samples, and so exact in a state of two numbers a column."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import tensorflow as tf

from fmnist_tf.counts import discard_bin, effective_weight, redirect_invalid
from fmnist_tf.labels import VALID, Labels
from fmnist_tf.labels.probabilities import log_softmax, probabilities, softplus

#: (labels with scores, whether these are logits) -> float64 loss of each sample, of binary columns of each entry.
Loss = Callable[[Labels, bool], tf.Tensor]
#: Log loss clips probabilities to [eps, 1 - eps], as scikit-learn does; eps is the machine epsilon of their dtype.
_EPSILON = {"bfloat16": 2.0**-7, "float16": 2.0**-10, "float32": 2.0**-23, "float64": 2.0**-52}


def brier_score(labels: Labels, from_logits: bool) -> tf.Tensor:
    """Squared difference of probability and label, (p - y)^2, of multiclass scores the sum over classes, (N, ...).

    Source: Brier, Verification of forecasts expressed in terms of probability, Monthly Weather Review 78, 1950.
    """
    square = tf.square(probabilities(labels, from_logits) - label_distribution(labels))
    return tf.reduce_sum(square, axis=-1) if labels.input_format.multiclass else square


def log_loss(labels: Labels, from_logits: bool) -> tf.Tensor:
    """-sum_c y_c log p_c, (N, ...); from logits it is computed without probabilities.

    Probabilities are clipped at the epsilon of their dtype, so that a loss is finite.
    """
    if not labels.input_format.multiclass:
        return _log_loss_of_logits(labels) if from_logits else _log_loss_of_columns(labels)
    log_p = log_softmax(labels.pred) if from_logits else tf.math.log(_cut_off(labels.pred))
    y = label_distribution(labels)
    # Where y is 0 the logarithm may be -infinity, and their product NaN.
    return -tf.reduce_sum(tf.where(y > 0, y * log_p, tf.zeros_like(log_p)), axis=-1)


def _log_loss_of_logits(labels: Labels) -> tf.Tensor:
    logits = tf.cast(labels.pred, tf.float64)
    return softplus(tf.where(labels.true, -logits, logits))


def _log_loss_of_columns(labels: Labels) -> tf.Tensor:
    p = _cut_off(labels.pred)
    return -tf.math.log(tf.where(labels.true, p, 1.0 - p))


def _cut_off(p: tf.Tensor) -> tf.Tensor:
    """Probabilities in float64, clipped to at least an epsilon of their dtype away from 0 and 1."""
    epsilon = _EPSILON[p.dtype.name]
    return tf.clip_by_value(tf.cast(p, tf.float64), epsilon, 1.0 - epsilon)


def label_distribution(labels: Labels) -> tf.Tensor:
    """The probability that the label gives each class, float64 (N, ..., C): soft labels as they are, others 0 or 1."""
    if labels.distribution is not None:
        return labels.distribution
    if not labels.input_format.multiclass:
        return tf.cast(labels.true, tf.float64)
    classes = tf.range(labels.input_format.num_classes, dtype=tf.int64)
    return tf.cast(tf.expand_dims(labels.true, -1) == classes, tf.float64)


class LossMean(NamedTuple):
    """Sums of weight x loss and of weight, each float64 (columns,)."""

    loss: tf.Tensor
    weight: tf.Tensor

    def pooled(self, columns: tuple[int, ...] | None = None) -> "LossMean":
        """These columns, or all, as one, (1,)."""
        kept = self if columns is None else (tf.gather(field, columns) for field in self)
        loss, weight = (tf.reduce_sum(field, keepdims=True) for field in kept)
        return LossMean(loss, weight)


def mean_loss(sums: LossMean) -> tf.Tensor:
    """The weighted mean of the loss of each column, (columns,); NaN where nothing was counted."""
    return sums.loss / sums.weight


@dataclass(frozen=True)
class LossSums:
    """Sums of weight x loss of each column, then sums of weight; multiclass scores are one column.

    Attributes:
        loss: the loss of a sample.
        num_columns: number of binary columns, or 1.
        from_logits: whether scores are logits.
    """

    loss: Loss
    num_columns: int
    from_logits: bool = False

    @property
    def size(self) -> int:
        """Number of bins, those of invalid samples not included."""
        return 2 * self.num_columns

    def bin_indices(self, labels: Labels) -> tuple[tf.Tensor, tf.Tensor]:
        """The bins of a batch and their summands, as `Layout` says."""
        summands = [self.loss(labels, self.from_logits), None]
        return sum_bins(labels, column_of(labels), self.num_columns, summands, self.size)

    def read(self, state: tf.Tensor) -> LossMean:
        """State (size,) -> sums, each (num_columns,)."""
        return LossMean(state[: self.num_columns], state[self.num_columns :])


def column_of(labels: Labels) -> tf.Tensor:
    """The column of each sample, int64 and shaped like `labels.true`: 0 of multiclass scores."""
    zero = tf.zeros_like(labels.true, tf.int64)
    return zero if labels.input_format.multiclass else zero + tf.range(labels.input_format.num_classes, dtype=tf.int64)


def sum_bins(
    labels: Labels, bins: tf.Tensor, num_bins: int, summands: list[tf.Tensor | None], size: int
) -> tuple[tf.Tensor, tf.Tensor]:
    """Bins and weights of several sums over the same samples, one block of `num_bins` bins for each summand.

    Args:
        labels: the batch.
        bins: int64 bin of each sample within a block.
        num_bins: length of a block.
        summands: the values whose weighted sums are taken, float64 and shaped like `bins`; None for the weight itself.
        size: number of bins of the whole state, after which those of invalid samples follow.
    """
    fine = labels.status == VALID
    aside = tf.constant(discard_bin(size), tf.int64)
    blocks = [redirect_invalid(bins, labels.masks, size)]  # an invalid sample counts once, in the first block
    blocks += [tf.where(fine, bins + num_bins * number, aside) for number in range(1, len(summands))]
    given = effective_weight(labels)
    weight = tf.ones_like(bins, tf.float64) if given is None else given
    weights = [weight if values is None else tf.where(fine, weight * values, weight) for values in summands]
    return tf.stack(blocks), tf.stack(weights)
