"""How one batch of `Labels` becomes a vector that is added to a metric's state.

Every state of this package is a float64 histogram: each position of a batch falls into one bin (or, where its class
was taken for another, into one bin of each), and so do its faults. One operation counts a batch, whatever the metric;
histograms of batches, epochs, replicas and files add up cell by cell.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import tensorflow as tf

from fmnist_tf import kernels
from fmnist_tf.counts.algebra import Counts, from_matrix
from fmnist_tf.labels import IGNORED, INVALID_REASONS, VALID, InvalidMask, Labels

#: Cells of a state after the bins of its layout: one for each of `INVALID_REASONS`, and the last for what is discarded.
#: That one is never read: to cut it off would cost each step more than to keep it.
NUM_EXTRA_BINS = len(INVALID_REASONS) + 1


class Layout(Protocol):
    """How positions fall into the bins of a state."""

    @property
    def size(self) -> int:
        """Number of bins, those of faults not included."""
        ...

    def bin_indices(self, labels: Labels) -> tuple[tf.Tensor, tf.Tensor | None]:
        """(bins, weight): int64 bins of any shape, faults included, and weights of that shape or None."""
        ...


class CountLayout(Layout, Protocol):
    """A layout whose bins count right and wrong answers."""

    def counts(self, state: tf.Tensor, multiclass: bool) -> Counts:
        """What the bins (size,) say as `Counts`."""
        ...


def tally(layout: Layout, labels: Labels) -> tf.Tensor:
    """What one batch adds to a state: float64 (layout.size + ASIDE,)."""
    if isinstance(layout, PerClassLayout) and labels.input_format.multiclass:
        pairs = ConfusionLayout(layout.num_classes)
        if kernels.should_count_pairs(labels.true.shape.num_elements(), layout.num_classes):
            return layout.fold(pairs, tally(pairs, labels))
    bins, weight = layout.bin_indices(labels)
    return kernels.histogram(bins, layout.size + NUM_EXTRA_BINS, weight)


@dataclass(frozen=True)
class PerClassLayout:
    """tn, fp, fn, tp of each class: 32 bytes a class, bin (threshold * 4 + cell) * C + class.

    Exclusive classes leave tn empty: it follows from the sum of the supports, and counting it would make the work of a
    step grow with the number of classes.
    """

    num_classes: int
    num_thresholds: int = 0

    @property
    def size(self) -> int:
        """Number of bins, those of faults not included."""
        return max(self.num_thresholds, 1) * 4 * self.num_classes

    def bin_indices(self, labels: Labels) -> tuple[tf.Tensor, tf.Tensor | None]:
        """The bins of a batch and their weights, as `Layout` says."""
        return self._multiclass_bins(labels) if labels.input_format.multiclass else self._binary_bins(labels)

    def _multiclass_bins(self, labels: Labels) -> tuple[tf.Tensor, tf.Tensor | None]:
        """A right position is one tp; a wrong one is an fn of its class and an fp of another."""
        fn, tp = _int64(2 * self.num_classes), _int64(3 * self.num_classes)
        of_true = labels.true + tf.where(labels.true == labels.pred, tp, fn)
        of_true = redirect_invalid(of_true, labels.masks, self.size)
        of_pred = tf.where(of_true < tp, labels.pred + self.num_classes, _int64(discard_bin(self.size)))
        bins = tf.stack([of_true, of_pred])
        weight = effective_weight(labels)
        return bins, None if weight is None else tf.stack([weight, weight])

    def _binary_bins(self, labels: Labels) -> tuple[tf.Tensor, tf.Tensor | None]:
        """Each entry falls into one of the four cells of its column, at each threshold; faults count at the first."""
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
        """The state of pairs of exclusive classes, with its faults -> the state of their cells, with its faults."""
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
    """How often class t was taken for class p: bin t * C + p; of one yes/no column the bins tn, fp, fn, tp."""

    num_classes: int

    @property
    def width(self) -> int:
        """Rows of the matrix: a yes/no column has two."""
        return max(self.num_classes, 2)

    @property
    def size(self) -> int:
        """Number of bins, those of faults not included."""
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


@dataclass(frozen=True)
class Hits:
    """Whether a row is right: the bins wrong, right. As counts: the rows are the support, the right ones tp."""

    @property
    def size(self) -> int:
        """Number of bins, those of faults not included."""
        return 2

    def counts(self, state: tf.Tensor, multiclass: bool) -> Counts:
        """State (2,) -> Counts with fields (1,), whose recall is the share that is right."""
        right, rows = state[1:], tf.reduce_sum(state, keepdims=True)
        return Counts(right, rows, rows, rows)


@dataclass(frozen=True)
class TopKHits(Hits):
    """Whether the true class is among the k largest scores."""

    def bin_indices(self, labels: Labels) -> tuple[tf.Tensor, tf.Tensor | None]:
        """The bins of a batch and their weights, as `Layout` says."""
        right = tf.reduce_any(labels.pred == tf.expand_dims(labels.true, -1), axis=-1)
        return redirect_invalid(tf.cast(right, tf.int64), labels.masks, self.size), effective_weight(labels)


@dataclass(frozen=True)
class ExactRows(Hits):
    """Whether all columns of a row are right, or all positions of a sample.

    What is left out does not matter to a row; a row with a fault cannot be judged and is not counted. The first
    position of a row stands for the row, so that faults still count by position.
    """

    def bin_indices(self, labels: Labels) -> tuple[tf.Tensor, tf.Tensor | None]:
        """The bins of a batch and their weights, as `Layout` says."""
        status = _as_rows(labels.status, labels)
        right = _as_rows(tf.equal(labels.true, labels.pred), labels)
        left_out = status == IGNORED
        faulty = (status != IGNORED) & (status != VALID)
        judged = tf.reduce_any(status == VALID, axis=1) & tf.logical_not(tf.reduce_any(faulty, axis=1))
        outcome = tf.cast(tf.reduce_all(right | left_out, axis=1), tf.int64)
        outcome = tf.where(judged, outcome, _int64(discard_bin(self.size)))
        first = tf.range(tf.shape(status, tf.int64)[1]) == 0
        bins = tf.where(first, outcome[:, tf.newaxis], _int64(discard_bin(self.size)))
        bins = tf.where(faulty, status + (self.size - 1), bins)
        if labels.weight is None:
            return bins, None
        weight = _as_rows(labels.weight, labels)
        of_row = tf.reduce_max(tf.where(status == VALID, weight, tf.zeros_like(weight)), axis=1, keepdims=True)
        return bins, tf.where(faulty, tf.ones_like(weight), of_row)


def _as_rows(values: tf.Tensor, labels: Labels) -> tf.Tensor:
    """(rows, positions of a row): the last axis of columns, all axes but the first of exclusive classes."""
    shape = tf.shape(values)
    if not labels.input_format.multiclass:
        return tf.reshape(values, [-1, labels.input_format.num_classes])
    return tf.reshape(values, [shape[0], tf.reduce_prod(shape[1:])])


def redirect_invalid(bins: tf.Tensor, masks: Iterable[InvalidMask], size: int) -> tf.Tensor:
    """Sends marked positions to the bins of faults, which follow the `size` others."""
    for where, code in masks:
        bins = tf.where(where, _int64(size + code - 1), bins)
    return bins


def discard_bin(size: int) -> int:
    """The last cell of a state, after `size` bins and the faults: what falls there is not looked at again."""
    return size + IGNORED - 1


def effective_weight(labels: Labels) -> tf.Tensor | None:
    """Weights in which a faulty position weighs one: faults are counted, not weighed, and their weight may be NaN."""
    if labels.weight is None:
        return None
    return tf.where(labels.status == VALID, labels.weight, tf.ones_like(labels.weight))


def _int64(value: int) -> tf.Tensor:
    return tf.constant(value, tf.int64)
