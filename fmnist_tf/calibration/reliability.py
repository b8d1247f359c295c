"""Calibration error: how far confidence is from the share that is right, in bins of confidence."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from fmnist_tf import kernels
from fmnist_tf.calibration.losses import column_of, sum_bins
from fmnist_tf.labels import Labels
from fmnist_tf.labels.probabilities import probabilities


class Reliability(NamedTuple):
    """What a reliability diagram shows, float64 (columns, bins), the lowest confidence first.

    Attributes:
        weight: the weight of the positions whose confidence lies in the bin.
        confidence: their weight x confidence, summed.
        right: of exclusive classes the weight of those that are right, of yes/no columns of those that are yes.
    """

    weight: tf.Tensor
    confidence: tf.Tensor
    right: tf.Tensor

    def pooled(self) -> "Reliability":
        """All columns as one, (1, bins)."""
        weight, confidence, right = (tf.reduce_sum(field, axis=0, keepdims=True) for field in self)
        return Reliability(weight, confidence, right)


@dataclass(frozen=True)
class ConfidenceBins:
    """Sums of weight, confidence and right answers in bins of equal width from 0 to 1.

    Bin b holds b / B <= confidence < (b + 1) / B, compared in the scores' own precision, the last one also 1. The
    confidence of exclusive classes is the largest probability of the row, and right is that its class, the first on a
    tie, is the true one; that of a yes/no column is the probability of yes, and right is yes.

    Attributes:
        num_columns: number of yes/no columns, or 1.
        num_bins: number of bins.
        from_logits: whether scores are logits.
    """

    num_columns: int
    num_bins: int
    from_logits: bool = False

    @property
    def size(self) -> int:
        """Number of cells, those of faults not included."""
        return 3 * self.num_columns * self.num_bins

    def bin_indices(self, labels: Labels) -> tuple[tf.Tensor, tf.Tensor]:
        """The cells of a batch and what is added to them, as `Layout` says."""
        p, right = probabilities(labels, self.from_logits), labels.true
        if labels.input_format.multiclass:
            right = kernels.largest(labels.pred)[0] == labels.true
            p = tf.reduce_max(p, axis=-1)
        own = p if self.from_logits else tf.cast(p, labels.pred.dtype)
        cells = column_of(labels) * self.num_bins + self._bin(own)
        return sum_bins(labels, cells, self.num_columns * self.num_bins, [None, p, tf.cast(right, tf.float64)])

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


def maximum_calibration_error(r: Reliability) -> tf.Tensor:
    """max_b |right_b / weight_b - confidence_b / weight_b| over the bins with weight, (columns,); NaN without any.

    Source: as for the expected calibration error.
    """
    largest = tf.reduce_max(tf.math.divide_no_nan(tf.abs(r.right - r.confidence), r.weight), axis=-1)
    return tf.where(tf.reduce_sum(r.weight, axis=-1) > 0, largest, tf.constant(np.nan, tf.float64))
