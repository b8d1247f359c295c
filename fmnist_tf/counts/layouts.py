"""How one batch of `Labels` becomes a vector that is added to a metric's state.

Every state of this package is a float64 histogram: each sample of a batch falls into one bin (or, where its class was
predicted as another, into one bin of each). Invalid samples fall into the bin of their reason. One operation counts a
batch for any metric; histograms of batches, epochs, replicas and files add up cell by cell.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import tensorflow as tf

from fmnist_tf.counts.algebra import Counts, from_matrix
from fmnist_tf.labels import IGNORED, INVALID_REASONS, VALID, InvalidMask, Labels

#: Cells of a state after the bins of its layout: one for each of `INVALID_REASONS`; one for discarded samples, which is
#: never read, but cutting it off would cost each step more; and the last for `weight_excess`.
NUM_EXTRA_BINS = len(INVALID_REASONS) + 2


class Layout(Protocol):
    """How samples fall into the bins of a state."""

    @property
    def size(self) -> int:
        """Number of bins, those of invalid samples not included."""
        ...

    def bin_indices(self, labels: Labels) -> tuple[tf.Tensor, tf.Tensor | None]:
        """(bins, weight): int64 bins of any shape, invalid samples included, and weights of that shape or None."""
        ...


class CountLayout(Layout, Protocol):
    """A layout whose bins count right and wrong predictions."""

    def counts(self, state: tf.Tensor, multiclass: bool) -> Counts:
        """The bins (size,) as `Counts`."""
        ...


@dataclass(frozen=True)
class PerClassLayout:
    """tn, fp, fn, tp of each class: 32 bytes a class, bin (threshold * 4 + cell) * C + class.

    A multiclass state leaves tn empty: it follows from the sum of the supports, and to count it would make the cost of
    a step grow with the number of classes.
    """

    num_classes: int
    num_thresholds: int = 0

    @property
    def size(self) -> int:
        """Number of bins, those of invalid samples not included."""
        return max(self.num_thresholds, 1) * 4 * self.num_classes

    def bin_indices(self, labels: Labels) -> tuple[tf.Tensor, tf.Tensor | None]:
        """The bins of a batch and their weights, as `Layout` says."""
        return self._multiclass_bins(labels) if labels.input_format.multiclass else self._binary_bins(labels)

    def _multiclass_bins(self, labels: Labels) -> tuple[tf.Tensor, tf.Tensor | None]:
        """A right sample is one tp; a wrong one is an fn of its class and an fp of another."""
        fn, tp = _int64(2 * self.num_classes), _int64(3 * self.num_classes)
        of_true = labels.true + tf.where(labels.true == labels.pred, tp, fn)
        of_true = redirect_invalid(of_true, labels.masks, self.size)
        of_pred = tf.where(of_true < tp, labels.pred + self.num_classes, _int64(discard_bin(self.size)))
        bins = tf.stack([of_true, of_pred])
        weight = effective_weight(labels)
        return bins, None if weight is None else tf.stack([weight, weight])

    def _binary_bins(self, labels: Labels) -> tuple[tf.Tensor, tf.Tensor | None]:
        """Each entry falls into one of the four cells of its column, at each threshold; an invalid one at the first."""
        cell = 2 * tf.cast(labels.true, tf.int64) + tf.cast(labels.pred, tf.int64)
        bins = cell * self.num_classes + tf.range(self.num_classes, dtype=tf.int64)
        weight = effective_weight(labels)
        if not self.num_thresholds:
            return redirect_invalid(bins, labels.masks, self.size), weight
        step = 4 * self.num_classes * tf.range(self.num_thresholds, dtype=tf.int64)
        bins += tf.reshape(step, [-1, *[1] * labels.true.shape.rank])
        later = tf.where(labels.status == VALID, bins[1:], _int64(discard_bin(self.size)))
        bins = tf.concat([redirect_invalid(bins[:1], labels.masks, self.size), later], axis=0)
        return bins, None if weight is None else tf.broadcast_to(weight, tf.shape(bins))

    def counts(self, state: tf.Tensor, multiclass: bool) -> Counts:
        """State (size,) -> Counts with fields (C,), or (T, C)."""
        shape = [self.num_thresholds] if self.num_thresholds else []
        tn, fp, fn, tp = tf.unstack(tf.reshape(state, [*shape, 4, self.num_classes]), axis=-2)
        support = tp + fn
        total = (
            tf.reduce_sum(support, axis=-1, keepdims=True) + tf.zeros_like(tp) if multiclass else (tp + fp) + (fn + tn)
        )
        return Counts(tp, tp + fp, support, total)

    def fold(self, pairs: "ConfusionLayout", state: tf.Tensor) -> tf.Tensor:
        """The state of a confusion matrix, with its extra bins -> the state of the cells of each class."""
        matrix = pairs.matrix(state[: pairs.size])
        wrong = tf.linalg.set_diag(matrix, tf.zeros([self.num_classes], tf.float64))
        fp, fn, tp = tf.reduce_sum(wrong, axis=0), tf.reduce_sum(wrong, axis=1), tf.linalg.diag_part(matrix)
        return tf.concat([tf.zeros_like(tp), fp, fn, tp, state[pairs.size :]], axis=0)

    def one_vs_rest_tables(self, state: tf.Tensor, multiclass: bool) -> tf.Tensor:
        """State (size,) -> [[tn, fp], [fn, tp]] of every class, (C, 2, 2) or (T, C, 2, 2)."""
        counts = self.counts(state, multiclass)
        return tf.stack([tf.stack([counts.tn, counts.fp], -1), tf.stack([counts.fn, counts.tp], -1)], axis=-2)


@dataclass(frozen=True)
class ConfusionLayout:
    """How often class t was predicted as class p: bin t * C + p; of one binary column the bins tn, fp, fn, tp."""

    num_classes: int

    @property
    def width(self) -> int:
        """Rows of the matrix: a binary column has two."""
        return max(self.num_classes, 2)

    @property
    def size(self) -> int:
        """Number of bins, those of invalid samples not included."""
        return self.width**2

    def bin_indices(self, labels: Labels) -> tuple[tf.Tensor, tf.Tensor | None]:
        """The bins of a batch and their weights, as `Layout` says."""
        bins = tf.cast(labels.true, tf.int64) * self.width + tf.cast(labels.pred, tf.int64)
        return redirect_invalid(bins, labels.masks, self.size), effective_weight(labels)

    def matrix(self, state: tf.Tensor) -> tf.Tensor:
        """State (size,) -> (C, C), rows true."""
        return tf.reshape(state, [self.width, self.width])

    def counts(self, state: tf.Tensor, multiclass: bool) -> Counts:
        """State (size,) -> Counts with fields (C,)."""
        matrix = self.matrix(state)
        return from_matrix(matrix if multiclass else matrix[tf.newaxis])


def redirect_invalid(bins: tf.Tensor, masks: Iterable[InvalidMask], size: int) -> tf.Tensor:
    """Sends masked samples to the bins of their reasons, which follow the `size` others."""
    for where, code in masks:
        bins = tf.where(where, _int64(size + code - 1), bins)
    return bins


def discard_bin(size: int) -> int:
    """The cell of a state after `size` bins and those of invalid samples: it is never read."""
    return size + IGNORED - 1


def effective_weight(labels: Labels) -> tf.Tensor | None:
    """Weights with 1 for invalid samples: these are counted, and their own weight may be NaN."""
    if labels.weight is None:
        return None
    return tf.where(labels.status == VALID, labels.weight, tf.ones_like(labels.weight))


def _int64(value: int) -> tf.Tensor:
    return tf.constant(value, tf.int64)
