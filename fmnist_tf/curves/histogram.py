"""`ScoreHistogram`: how scores fall into a metric's state, and `Histogram`, what the state says of them."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from fmnist_tf import kernels
from fmnist_tf.counts import Counts, discard_bin, effective_weight, redirect_invalid
from fmnist_tf.curves.bins import Bins
from fmnist_tf.labels import VALID, Labels
from fmnist_tf.labels.probabilities import softmax


class Histogram(NamedTuple):
    """Weight in each bin of scores, the lowest scores first.

    Attributes:
        negatives: float64 (C, num_bins), the weight of what is truly not of the class.
        positives: float64 (C, num_bins), the weight of what is.
        fractional: float64 (), the number of positions whose weight is not an integer.
    """

    negatives: tf.Tensor
    positives: tf.Tensor
    fractional: tf.Tensor

    @property
    def support(self) -> tf.Tensor:
        """The weight truly of each class, (C,)."""
        return tf.reduce_sum(self.positives, axis=-1)

    @property
    def rest(self) -> tf.Tensor:
        """The weight truly not of each class, (C,)."""
        return tf.reduce_sum(self.negatives, axis=-1)

    def pooled(self) -> "Histogram":
        """All classes as one question: sums over the first axis, which stays with length 1."""
        negatives, positives = (tf.reduce_sum(field, axis=0, keepdims=True) for field in self[:2])
        return Histogram(negatives, positives, self.fractional)

    def counts(self) -> Counts:
        """Counts at every edge, fields (num_bins + 1, C): yes is a score above the edge, as in `Bins.edges`."""
        fp, tp = (_above_edges(field) for field in (self.negatives, self.positives))
        support, rest = tp[:1], fp[:1]
        return Counts(tp, tp + fp, support + tf.zeros_like(tp), support + rest + tf.zeros_like(tp))


def _above_edges(weight: tf.Tensor) -> tf.Tensor:
    """Weight in bins (C, B) -> weight above each edge, (B + 1, C)."""
    return tf.transpose(tf.pad(kernels.reverse_cumsum(weight), [[0, 0], [0, 1]]))


@dataclass(frozen=True)
class ScoreHistogram:
    """Cell (answer * num_classes + class) * num_bins + bin; the last counts positions whose weight is no integer.

    Exclusive classes are questions of one class against the rest; a fault of their row counts in the first column.

    Attributes:
        num_classes: number of classes or columns.
        num_bins: number of bins a class.
        from_logits: whether scores are logits: of exclusive classes the softmax is binned, of columns the logit.
    """

    num_classes: int
    num_bins: int
    from_logits: bool = False

    @property
    def size(self) -> int:
        """Number of cells, those of faults not included."""
        return 2 * self.num_classes * self.num_bins + 1

    def bins(self, multiclass: bool) -> Bins:
        """The bins that scores fall into."""
        return Bins(self.num_bins, self.from_logits and not multiclass)

    def bin_indices(self, labels: Labels) -> tuple[tf.Tensor, tf.Tensor | None]:
        """The cells of a batch and their weights, as `Layout` says."""
        multiclass, classes = labels.input_format.multiclass, tf.range(self.num_classes, dtype=tf.int64)
        scores = softmax(labels.pred) if multiclass and self.from_logits else labels.pred
        answer = tf.expand_dims(labels.true, -1) == classes if multiclass else labels.true
        of_class = classes * self.num_bins
        first = tf.where(answer, of_class + self.num_classes * self.num_bins, of_class)
        cells = first + self.bins(multiclass).bin_indices(scores)
        cells = self._redirect_rows(cells, labels) if multiclass else redirect_invalid(cells, labels.masks, self.size)
        weight = effective_weight(labels)
        if weight is None:
            return cells, None
        of_entries = tf.expand_dims(weight, -1) + tf.zeros_like(cells, tf.float64) if multiclass else weight
        return self._with_fractional(cells, of_entries, labels)

    def _redirect_rows(self, cells: tf.Tensor, labels: Labels) -> tf.Tensor:
        """Sends the first column of a faulty row to the cell of its fault, and the others nowhere."""
        status, first = tf.expand_dims(labels.status, -1), np.arange(self.num_classes) == 0
        of_fault = tf.where(first, status + (self.size - 1), tf.constant(discard_bin(self.size), tf.int64))
        return tf.where(status == VALID, cells, of_fault)

    def _with_fractional(self, cells: tf.Tensor, weight: tf.Tensor, labels: Labels) -> tuple[tf.Tensor, tf.Tensor]:
        assert labels.weight is not None
        fractional = (labels.weight != tf.floor(labels.weight)) & (labels.status == VALID)
        last, aside = (tf.constant(cell, tf.int64) for cell in (self.size - 1, discard_bin(self.size)))
        more = tf.reshape(tf.where(fractional, last, aside), [-1])
        return (
            tf.concat([tf.reshape(cells, [-1]), more], axis=0),
            tf.concat([tf.reshape(weight, [-1]), tf.ones_like(more, tf.float64)], axis=0),
        )

    def read(self, state: tf.Tensor) -> Histogram:
        """State (size,), or longer by faults -> Histogram with fields (C, num_bins)."""
        half = self.num_classes * self.num_bins  # slices share the memory of the state, where unstacking would copy it
        shape = [self.num_classes, self.num_bins]
        negatives, positives = tf.reshape(state[:half], shape), tf.reshape(state[half : 2 * half], shape)
        return Histogram(negatives, positives, state[2 * half])
