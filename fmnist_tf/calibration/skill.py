"""Skill: how much better probabilities are than the rates of the classes, given to every sample."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from fmnist_tf.calibration.losses import Loss, column_of, label_distribution, sum_bins
from fmnist_tf.counts import discard_bin, effective_weight
from fmnist_tf.labels import VALID, Labels, one_vs_rest

#: A loss of the rates below this share of the weight is a rounding error: the labels hold one class alone.
_RESIDUE = 1e-12


class SkillSums(NamedTuple):
    """Weighted sums over samples, float64; multiclass scores are one column.

    Attributes:
        loss: weight x loss, (columns,).
        weight: the weight, (columns,).
        square: weight x sum of the squared probabilities that the label gives to the classes, (columns,).
        label: weight x probability that the label gives to each class, (columns, classes); of binary columns to yes
            alone, (columns, 1).
    """

    loss: tf.Tensor
    weight: tf.Tensor
    square: tf.Tensor
    label: tf.Tensor

    def pooled(self, columns: tuple[int, ...] | None = None) -> "SkillSums":
        """These columns, or all, as one."""
        kept = self if columns is None else (tf.gather(field, columns) for field in self)
        return SkillSums(*(tf.reduce_sum(field, axis=0, keepdims=True) for field in kept))


@dataclass(frozen=True)
class SkillBins:
    """Sums of loss, of weight and of squared labels of each column, then the sum of labels of each class.

    Attributes:
        loss: the loss of a sample.
        num_columns: number of binary columns, or 1.
        num_classes: number of classes or columns.
        from_logits: whether scores are logits.
    """

    loss: Loss
    num_columns: int
    num_classes: int
    from_logits: bool = False

    @property
    def size(self) -> int:
        """Number of bins, those of invalid samples not included."""
        return 3 * self.num_columns + self.num_classes

    def bin_indices(self, labels: Labels) -> tuple[tf.Tensor, tf.Tensor]:
        """The bins of a batch and their summands, as `Layout` says."""
        y = label_distribution(labels)
        square = tf.reduce_sum(tf.square(y), axis=-1) if labels.input_format.multiclass else y
        summands = [self.loss(labels, self.from_logits), None, square]
        parts = sum_bins(labels, column_of(labels), self.num_columns, summands, self.size), self._label_bins(labels, y)
        bins, weights = (tf.concat([tf.reshape(part, [-1]) for part in pair], 0) for pair in zip(*parts, strict=True))
        return bins, weights

    def _label_bins(self, labels: Labels, y: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        entries = one_vs_rest(labels) if labels.input_format.multiclass else labels
        fine, aside = entries.status == VALID, tf.constant(discard_bin(self.size), tf.int64)
        bins = tf.where(fine, column_of(entries) + 3 * self.num_columns, aside)
        weight = effective_weight(entries)
        return bins, tf.where(fine, y, tf.zeros_like(y)) if weight is None else tf.where(fine, weight * y, weight)

    def read(self, state: tf.Tensor) -> SkillSums:
        """State (size,) -> sums."""
        loss, weight, square = tf.unstack(tf.reshape(state[: 3 * self.num_columns], [3, self.num_columns]))
        label = tf.reshape(state[3 * self.num_columns :], [self.num_columns, -1])
        return SkillSums(loss, weight, square, label)


def d2_log_loss(s: SkillSums) -> tf.Tensor:
    """1 - log loss / entropy of the rates, (columns,); NaN where one class alone occurs.

    Source: McFadden, Conditional logit analysis of qualitative choice behavior, 1974.
    """
    rates = _rates(s)
    return _skill(s, -s.weight * tf.reduce_sum(tf.math.xlogy(rates, rates), axis=-1))


def brier_skill_score(s: SkillSums) -> tf.Tensor:
    """1 - Brier score / that of the rates, (columns,); NaN where one class alone occurs.

    With rates q the sum of w |y - q|^2 is the sum of w |y|^2 less W |q|^2.
    Source: Wilks, Statistical Methods in the Atmospheric Sciences, 3rd edition, 2011, section 8.4.
    """
    return _skill(s, s.square - tf.reduce_sum(s.label * s.label, axis=-1) / s.weight)


def _rates(s: SkillSums) -> tf.Tensor:
    """The share of each class, (columns, classes); of binary columns of no and yes."""
    rates = s.label / s.weight[:, tf.newaxis]
    return tf.concat([tf.maximum(1.0 - rates, 0.0), rates], axis=-1) if rates.shape[-1] == 1 else rates


def _skill(s: SkillSums, reference: tf.Tensor) -> tf.Tensor:
    return tf.where(reference > _RESIDUE * s.weight, 1.0 - s.loss / reference, tf.constant(np.nan, tf.float64))
