"""`ScoreHistogram`: the layout of scores in the state of a metric, and `Histogram`, the weights in it."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from fmnist_tf import kernels
from fmnist_tf.counts import Counts, discard_bin, effective_weight, redirect_invalid
from fmnist_tf.curves.bins import Bins
from fmnist_tf.labels import VALID, Labels
from fmnist_tf.labels.probabilities import softmax


class Above(NamedTuple):
    """Weight of negatives and positives above each edge, the lowest edge first, float64 (C, num_bins + 1).

    Attributes:
        fp: the negatives, false positives of a threshold at the edge.
        tp: the positives, true positives.
    """

    fp: tf.Tensor
    tp: tf.Tensor


class Histogram(NamedTuple):
    """Weight in each bin of scores, the lowest scores first.

    Attributes:
        negatives: float64 (C, num_bins), the weight of samples of other classes.
        positives: float64 (C, num_bins), the weight of samples of the class.
        fractional: float64 (), the number of samples whose weight is not an integer.
        descending: whether the order of the bins was reversed, for the scores of no.
        compiled: whether XLA compiles what is read from it.
        pairs: float64 (C, C, num_bins), the weight of samples of class i in the bins of the scores of class j; None
            where only the class and the rest were counted.
    """

    negatives: tf.Tensor
    positives: tf.Tensor
    fractional: tf.Tensor
    descending: bool = False
    compiled: bool = False
    pairs: tf.Tensor | None = None

    @property
    def num_classes(self) -> int:
        """C, static."""
        return self.positives.shape[0] or 0

    @property
    def support(self) -> tf.Tensor:
        """The weight of the samples of each class, (C,)."""
        return tf.reduce_sum(self.positives, axis=-1)

    @property
    def rest(self) -> tf.Tensor:
        """The weight of the samples not of each class, (C,)."""
        return tf.reduce_sum(self.negatives, axis=-1)

    def pooled(self, classes: tuple[int, ...] | None = None) -> "Histogram":
        """These classes, or all, pooled: sums over the first axis, which stays with length 1."""
        kept = self[:2] if classes is None else (tf.gather(field, classes) for field in self[:2])
        negatives, positives = (tf.reduce_sum(field, axis=0, keepdims=True) for field in kept)
        return Histogram(negatives, positives, self.fractional, compiled=self.compiled)

    def of_no(self) -> "Histogram":
        """The histogram of no, from the scores of yes of one column: a low score of yes is a high score of no.

        At edge b from the end no is a score of yes that does not exceed the edge.
        """
        negatives, positives = (tf.reverse(field, axis=[1]) for field in (self.positives, self.negatives))
        return Histogram(negatives, positives, self.fractional, not self.descending, self.compiled)

    def where_order_is_unknown(self, values: tf.Tensor, else_values: tf.Tensor | float) -> tf.Tensor:
        """Values (C, num_bins), but `else_values` in the bin of the greatest score alone, whose ties are real."""
        known = self.num_bins - 1 if not self.descending else 0
        return tf.where(np.arange(self.num_bins) == known, tf.cast(else_values, tf.float64), values)

    @property
    def num_bins(self) -> int:
        """Number of bins, static."""
        return self.positives.shape[1] or 0

    def above_edges(self) -> Above:
        """Weight above each edge, fields (C, num_bins + 1), never rising, not even by rounding."""
        fp, tp = (kernels.running_max(_above_edges(field)) for field in (self.negatives, self.positives))
        return Above(fp, tp)

    def counts(self) -> Counts:
        """Counts at every edge, fields (num_bins + 1, C): yes is a score above the edge, as in `Bins.edges`."""
        fp, tp = (tf.transpose(_above_edges(field)) for field in (self.negatives, self.positives))
        support, rest = tp[:1], fp[:1]
        return Counts(tp, tp + fp, support + tf.zeros_like(tp), support + rest + tf.zeros_like(tp))


def _above_edges(weight: tf.Tensor) -> tf.Tensor:
    """Weight in bins (C, B) -> weight above each edge, (C, B + 1)."""
    return tf.pad(kernels.reverse_cumsum(weight), [[0, 0], [0, 1]])


@dataclass(frozen=True)
class ScoreHistogram:
    """Bin (label * num_classes + class) * num_bins + bin of the score; the last counts samples of fractional weight.

    The classes of a multiclass problem are counted one-vs-rest; an invalid row counts in the first column.

    Attributes:
        num_classes: number of classes or columns.
        num_bins: number of bins a class.
        from_logits: whether scores are logits: multiclass their softmax is binned, of binary columns the logit.
    """

    num_classes: int
    num_bins: int
    from_logits: bool = False

    @property
    def size(self) -> int:
        """Number of bins, those of invalid samples not included."""
        return 2 * self.num_classes * self.num_bins + 1

    def bins(self, multiclass: bool) -> Bins:
        """The bins that scores fall into."""
        return Bins(self.num_bins, self.from_logits and not multiclass)

    def bin_indices(self, labels: Labels) -> tuple[tf.Tensor, tf.Tensor | None]:
        """The bins of a batch and their weights, as `Layout` says."""
        multiclass = labels.input_format.multiclass
        scores = softmax(labels.pred) if multiclass and self.from_logits else labels.pred
        bins = self._first_bins(labels) + self.bins(multiclass).bin_indices(scores)
        bins = self._redirect_rows(bins, labels) if multiclass else redirect_invalid(bins, labels.masks, self.size)
        weight = effective_weight(labels)
        if weight is None:
            return bins, None
        of_entries = tf.expand_dims(weight, -1) + tf.zeros_like(bins, tf.float64) if multiclass else weight
        return self._with_fractional(bins, of_entries, labels)

    def _first_bins(self, labels: Labels) -> tf.Tensor:
        """The first bin of the histogram that each score belongs to."""
        classes = tf.range(self.num_classes, dtype=tf.int64)
        is_class = tf.expand_dims(labels.true, -1) == classes if labels.input_format.multiclass else labels.true
        of_class = classes * self.num_bins
        return tf.where(is_class, of_class + self.num_classes * self.num_bins, of_class)

    def _redirect_rows(self, bins: tf.Tensor, labels: Labels) -> tf.Tensor:
        """Sends the first column of an invalid row to the bin of its reason, and discards the others."""
        status, first = tf.expand_dims(labels.status, -1), np.arange(self.num_classes) == 0
        of_reason = tf.where(first, status + (self.size - 1), tf.constant(discard_bin(self.size), tf.int64))
        return tf.where(status == VALID, bins, of_reason)

    def _with_fractional(self, bins: tf.Tensor, weight: tf.Tensor, labels: Labels) -> tuple[tf.Tensor, tf.Tensor]:
        """Adds a bin for each weight: multiclass as another class, of columns as another first axis."""
        assert labels.weight is not None
        fractional = (labels.weight != tf.floor(labels.weight)) & (labels.status == VALID)
        last, discarded = (tf.constant(number, tf.int64) for number in (self.size - 1, discard_bin(self.size)))
        more = tf.where(fractional, last, discarded)
        if bins.shape.rank == more.shape.rank:
            return tf.stack([bins, more]), tf.stack([weight, tf.ones_like(weight)])
        more = tf.expand_dims(more, -1)
        bins, weight = tf.concat([bins, more], axis=-1), tf.concat([weight, tf.ones_like(more, tf.float64)], axis=-1)
        return bins, weight

    def read(self, state: tf.Tensor, *, compiled: bool = False) -> Histogram:
        """State (size,), or longer by invalid reasons -> Histogram with fields (C, num_bins)."""
        half = self.num_classes * self.num_bins  # slices share the memory of the state, where unstacking would copy it
        shape = [self.num_classes, self.num_bins]
        negatives, positives = tf.reshape(state[:half], shape), tf.reshape(state[half : 2 * half], shape)
        return Histogram(negatives, positives, state[2 * half], compiled=compiled)
