"""Calibration error: how far confidence is from accuracy, in bins of confidence."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from fmnist_tf import kernels
from fmnist_tf.calibration.losses import column_of, label_distribution, sum_bins
from fmnist_tf.labels import Labels, one_vs_rest
from fmnist_tf.labels.probabilities import probabilities


class Reliability(NamedTuple):
    """Sums for a reliability diagram, float64 (columns, bins), the lowest confidence first.

    Attributes:
        weight: the weight of the samples whose confidence lies in the bin.
        confidence: their weight x confidence, summed.
        right: the weight of the samples whose prediction is right; of binary columns of those that are yes.
    """

    weight: tf.Tensor
    confidence: tf.Tensor
    right: tf.Tensor

    def pooled(self, columns: tuple[int, ...] | None = None) -> "Reliability":
        """These columns, or all, as one, (1, bins)."""
        kept = self if columns is None else (tf.gather(field, columns) for field in self)
        weight, confidence, right = (tf.reduce_sum(field, axis=0, keepdims=True) for field in kept)
        return Reliability(weight, confidence, right)


@dataclass(frozen=True)
class ConfidenceBins:
    """Sums of weight, confidence and right predictions in bins of equal width from 0 to 1.

    Bin b holds b / B <= confidence < (b + 1) / B, compared in the precision of the scores; the last bin also holds 1.
    The confidence of multiclass scores is the largest probability of the row (the first on a tie), and "right" is the
    probability that the label gives to its class. Of a binary column it is the probability of yes, and "right" is yes.

    Attributes:
        num_columns: number of binary columns, or 1.
        num_bins: number of bins.
        from_logits: whether scores are logits.
        of_classes: whether multiclass scores are binned one-vs-rest: the probability of each class, in its own column.
    """

    num_columns: int
    num_bins: int
    from_logits: bool = False
    of_classes: bool = False

    def by_class(self) -> "ConfidenceBins":
        """These bins, with one column a class."""
        return replace(self, of_classes=True)

    @property
    def size(self) -> int:
        """Number of bins, those of invalid samples not included."""
        return 3 * self.num_columns * self.num_bins

    def bin_indices(self, labels: Labels) -> tuple[tf.Tensor, tf.Tensor]:
        """The bins of a batch and their summands, as `Layout` says."""
        p = probabilities(labels, self.from_logits)
        if self.of_classes and labels.input_format.multiclass:
            labels = one_vs_rest(labels)  # from here on each class is a binary column
        right = label_distribution(labels)
        if labels.input_format.multiclass:
            right = tf.gather(right, kernels.largest(labels.pred)[0], batch_dims=labels.true.shape.rank)
            p = tf.reduce_max(p, axis=-1)
        own = p if self.from_logits else tf.cast(p, labels.pred.dtype)
        bins = column_of(labels) * self.num_bins + self._bin(own)
        return sum_bins(labels, bins, self.num_columns * self.num_bins, [None, p, right], self.size)

    def _bin(self, confidence: tf.Tensor) -> tf.Tensor:
        inner = tf.cast(np.arange(1, self.num_bins) / self.num_bins, confidence.dtype)
        # What tf.searchsorted(side="right") calls, which fails on no values at all.
        values = tf.reshape(confidence, [1, -1])
        bins = tf.raw_ops.UpperBound(sorted_inputs=inner[tf.newaxis], values=values, out_type=tf.int64)
        return tf.reshape(bins, tf.shape(confidence))

    def read(self, state: tf.Tensor) -> Reliability:
        """State (size,) -> Reliability."""
        return Reliability(*tf.unstack(tf.reshape(state, [3, self.num_columns, self.num_bins])))


def expected_calibration_error(r: Reliability) -> tf.Tensor:
    """sum_b weight_b / W |right_b / weight_b - confidence_b / weight_b|, (columns,); NaN where there is no weight.

    Source: Naeini, Cooper and Hauskrecht, Obtaining well calibrated probabilities using Bayesian binning, AAAI 2015;
    Guo et al., On calibration of modern neural networks, ICML 2017.
    """
    return tf.reduce_sum(tf.abs(r.right - r.confidence), axis=-1) / tf.reduce_sum(r.weight, axis=-1)


def root_mean_square_error(r: Reliability) -> tf.Tensor:
    """sqrt(sum_b weight_b / W (right_b / weight_b - confidence_b / weight_b)^2), (columns,); NaN without weight.

    Source: Kumar, Liang and Ma, Verified uncertainty calibration, NeurIPS 2019.
    """
    squares = tf.math.divide_no_nan(tf.square(r.right - r.confidence), r.weight)
    return tf.sqrt(tf.reduce_sum(squares, axis=-1) / tf.reduce_sum(r.weight, axis=-1))


def calibration_ratio(r: Reliability) -> tf.Tensor:
    """Sum of confidence / weight of the right predictions, (columns,); infinite where none is right, NaN for 0/0."""
    return tf.reduce_sum(r.confidence, axis=-1) / tf.reduce_sum(r.right, axis=-1)


def maximum_calibration_error(r: Reliability) -> tf.Tensor:
    """max_b |right_b / weight_b - confidence_b / weight_b| over the bins with weight, (columns,); NaN without any.

    Source: as for the expected calibration error.
    """
    largest = tf.reduce_max(tf.math.divide_no_nan(tf.abs(r.right - r.confidence), r.weight), axis=-1)
    return tf.where(tf.reduce_sum(r.weight, axis=-1) > 0, largest, tf.constant(np.nan, tf.float64))
