"""`Counts`, their algebra, and how one batch of `Labels` becomes a vector that is added to a metric's state.

Every state of this package is a float64 histogram: each position of a batch falls into one bin (or, where its class
was taken for another, into one bin of each), and so do its faults. One operation counts a batch, whatever the metric;
histograms of batches, epochs, replicas and files add up cell by cell.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import tensorflow as tf

from fmnist_tf import kernels
from fmnist_tf.labels import COUNTED, FAULTS, LEFT_OUT, Labels, Mark

#: Cells of a state after the bins of its layout: one for each of `FAULTS`, and the last for what nobody looks at, which
#: is never read: to cut it off would cost each step more than to keep it.
ASIDE = len(FAULTS) + 1


class Counts(NamedTuple):
    """What every score of the table is a function of: four float64 tensors (..., C), one column a class.

    Attributes:
        tp: true positives, the weight of positions of class c that were predicted as c.
        predicted: the weight predicted as c, tp + fp.
        support: the weight truly of class c, tp + fn.
        total: the weight of all positions, tp + fp + fn + tn.
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
        """The weight truly of another class, total - support."""
        return _difference(self.total, self.support, self.total)

    @property
    def predicted_negatives(self) -> tf.Tensor:
        """The weight predicted as another class, total - predicted."""
        return _difference(self.total, self.predicted, self.total)


def _difference(minuend: tf.Tensor, subtrahend: tf.Tensor, total: tf.Tensor) -> tf.Tensor:
    """A difference that is zero where only the rounding of fractional weights is left of it.

    Sums of the same fractional weights in another order differ in their last digits, and a score would divide one such
    residue by another. Differences of integer counts are exact, and so are left alone: a residue has a fraction, and
    lies below 1e-12 of the total on either side of zero.
    """
    rest = minuend - subtrahend
    residue = (rest < 1e-12 * total) & (rest != tf.round(rest))
    return tf.where(residue, tf.constant(0.0, tf.float64), rest)


def from_matrix(matrix: tf.Tensor) -> Counts:
    """Counts of a confusion matrix (C, C), rows true, or of C yes/no columns (C, 2, 2), [[tn, fp], [fn, tp]]."""
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
    """All classes as one question: sums over the last axis, which stays with length 1."""
    return Counts(*(tf.reduce_sum(field, axis=-1, keepdims=True) for field in counts))


def against_rest(counts: Counts) -> Counts:
    """Each class c as a problem of two exclusive classes, [not c, c]: fields (..., C) become (..., C, 2)."""
    pairs = (
        (counts.tn, counts.tp),
        (counts.predicted_negatives, counts.predicted),
        (counts.negatives, counts.support),
        (counts.total, counts.total),
    )
    return Counts(*(tf.stack(pair, axis=-1) for pair in pairs))


def merge(parts: Sequence[Counts]) -> Counts:
    """The counts of several streams as if they had been one."""
    return Counts(*(tf.add_n([getattr(part, field) for part in parts]) for field in Counts._fields))


def count(labels: Labels) -> Counts:
    """Counts of one batch; several thresholds give fields (T, C)."""
    cells = Cells(labels.form.num_classes, _num_thresholds(labels))
    return cells.counts(tally(cells, labels)[: cells.size], labels.form.exclusive)


def count_pairs(labels: Labels) -> tf.Tensor:
    """Confusion matrix of one batch, float64 (C, C), rows true; of one yes/no column [[tn, fp], [fn, tp]]."""
    pairs = Pairs(labels.form.num_classes)
    return pairs.matrix(tally(pairs, labels)[: pairs.size])


class Layout(Protocol):
    """How positions fall into the bins of a state."""

    @property
    def size(self) -> int:
        """Number of bins, those of faults not included."""
        ...

    def place(self, labels: Labels) -> tuple[tf.Tensor, tf.Tensor | None]:
        """(bins, weight): int64 bins of any shape, faults included, and weights of that shape or None."""
        ...


class CountLayout(Layout, Protocol):
    """A layout whose bins count right and wrong answers."""

    def counts(self, state: tf.Tensor, exclusive: bool) -> Counts:
        """What the bins (size,) say as `Counts`."""
        ...


def tally(layout: Layout, labels: Labels) -> tf.Tensor:
    """What one batch adds to a state: float64 (layout.size + ASIDE,)."""
    if isinstance(layout, Cells) and labels.form.exclusive:
        pairs = Pairs(layout.num_classes)
        if kernels.counts_pairs(labels.true.shape.num_elements(), layout.num_classes):
            return layout.fold(pairs, tally(pairs, labels))
    bins, weight = layout.place(labels)
    return kernels.histogram(bins, layout.size + ASIDE, weight)


@dataclass(frozen=True)
class Cells:
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

    def place(self, labels: Labels) -> tuple[tf.Tensor, tf.Tensor | None]:
        """The bins of a batch and their weights, as `Layout` says."""
        return self._place_classes(labels) if labels.form.exclusive else self._place_columns(labels)

    def _place_classes(self, labels: Labels) -> tuple[tf.Tensor, tf.Tensor | None]:
        """A right position is one tp; a wrong one is an fn of its class and an fp of another."""
        fn, tp = _int64(2 * self.num_classes), _int64(3 * self.num_classes)
        of_true = labels.true + tf.where(labels.true == labels.pred, tp, fn)
        of_true = divert(of_true, labels.marks, self.size)
        of_pred = tf.where(of_true < tp, labels.pred + self.num_classes, _int64(nowhere(self.size)))
        bins = tf.stack([of_true, of_pred])
        weight = settle_weight(labels)
        return bins, None if weight is None else tf.stack([weight, weight])

    def _place_columns(self, labels: Labels) -> tuple[tf.Tensor, tf.Tensor | None]:
        """Each entry falls into one of the four cells of its column, at each threshold; faults count at the first."""
        cell = 2 * tf.cast(labels.true, tf.int64) + tf.cast(labels.pred, tf.int64)
        bins = cell * self.num_classes + tf.range(self.num_classes, dtype=tf.int64)
        weight = settle_weight(labels)
        if not self.num_thresholds:
            return divert(bins, labels.marks, self.size), weight
        step = 4 * self.num_classes * tf.range(self.num_thresholds, dtype=tf.int64)
        bins += tf.reshape(step, [-1, *[1] * labels.true.shape.rank])
        later = tf.where(labels.fault == COUNTED, bins[1:], _int64(nowhere(self.size)))
        bins = tf.concat([divert(bins[:1], labels.marks, self.size), later], axis=0)
        return bins, None if weight is None else tf.broadcast_to(weight, tf.shape(bins))

    def counts(self, state: tf.Tensor, exclusive: bool) -> Counts:
        """State (size,) -> Counts with fields (C,), or (T, C)."""
        shape = [self.num_thresholds] if self.num_thresholds else []
        tn, fp, fn, tp = tf.unstack(tf.reshape(state, [*shape, 4, self.num_classes]), axis=-2)
        support = tp + fn
        total = (
            tf.reduce_sum(support, axis=-1, keepdims=True) + tf.zeros_like(tp) if exclusive else (tp + fp) + (fn + tn)
        )
        return Counts(tp, tp + fp, support, total)

    def fold(self, pairs: "Pairs", state: tf.Tensor) -> tf.Tensor:
        """The state of pairs of exclusive classes, with its faults -> the state of their cells, with its faults."""
        matrix = pairs.matrix(state[: pairs.size])
        wrong = tf.linalg.set_diag(matrix, tf.zeros([self.num_classes], tf.float64))
        fp, fn, tp = tf.reduce_sum(wrong, axis=0), tf.reduce_sum(wrong, axis=1), tf.linalg.diag_part(matrix)
        return tf.concat([tf.zeros_like(tp), fp, fn, tp, state[pairs.size :]], axis=0)

    def questions(self, state: tf.Tensor, exclusive: bool) -> tf.Tensor:
        """State (size,) -> [[tn, fp], [fn, tp]] of every class, (C, 2, 2) or (T, C, 2, 2)."""
        counts = self.counts(state, exclusive)
        return tf.stack([tf.stack([counts.tn, counts.fp], -1), tf.stack([counts.fn, counts.tp], -1)], axis=-2)


@dataclass(frozen=True)
class Pairs:
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

    def place(self, labels: Labels) -> tuple[tf.Tensor, tf.Tensor | None]:
        """The bins of a batch and their weights, as `Layout` says."""
        bins = tf.cast(labels.true, tf.int64) * self.width + tf.cast(labels.pred, tf.int64)
        return divert(bins, labels.marks, self.size), settle_weight(labels)

    def matrix(self, state: tf.Tensor) -> tf.Tensor:
        """State (size,) -> (C, C), rows true."""
        return tf.reshape(state, [self.width, self.width])

    def counts(self, state: tf.Tensor, exclusive: bool) -> Counts:
        """State (size,) -> Counts with fields (C,)."""
        matrix = self.matrix(state)
        return from_matrix(matrix if exclusive else matrix[tf.newaxis])


@dataclass(frozen=True)
class Hits:
    """Whether a row is right: the bins wrong, right. As counts: the rows are the support, the right ones tp."""

    @property
    def size(self) -> int:
        """Number of bins, those of faults not included."""
        return 2

    def counts(self, state: tf.Tensor, exclusive: bool) -> Counts:
        """State (2,) -> Counts with fields (1,), whose recall is the share that is right."""
        right, rows = state[1:], tf.reduce_sum(state, keepdims=True)
        return Counts(right, rows, rows, rows)


@dataclass(frozen=True)
class TopKHits(Hits):
    """Whether the true class is among the k largest scores."""

    def place(self, labels: Labels) -> tuple[tf.Tensor, tf.Tensor | None]:
        """The bins of a batch and their weights, as `Layout` says."""
        right = tf.reduce_any(labels.pred == tf.expand_dims(labels.true, -1), axis=-1)
        return divert(tf.cast(right, tf.int64), labels.marks, self.size), settle_weight(labels)


@dataclass(frozen=True)
class ExactRows(Hits):
    """Whether all columns of a row are right, or all positions of a sample.

    What is left out does not matter to a row; a row with a fault cannot be judged and is not counted. The first
    position of a row stands for the row, so that faults still count by position.
    """

    def place(self, labels: Labels) -> tuple[tf.Tensor, tf.Tensor | None]:
        """The bins of a batch and their weights, as `Layout` says."""
        fault = _as_rows(labels.fault, labels)
        right = _as_rows(tf.equal(labels.true, labels.pred), labels)
        left_out = fault == LEFT_OUT
        faulty = (fault != LEFT_OUT) & (fault != COUNTED)
        judged = tf.reduce_any(fault == COUNTED, axis=1) & tf.logical_not(tf.reduce_any(faulty, axis=1))
        outcome = tf.cast(tf.reduce_all(right | left_out, axis=1), tf.int64)
        outcome = tf.where(judged, outcome, _int64(nowhere(self.size)))
        first = tf.range(tf.shape(fault, tf.int64)[1]) == 0
        bins = tf.where(first, outcome[:, tf.newaxis], _int64(nowhere(self.size)))
        bins = tf.where(faulty, fault + (self.size - 1), bins)
        if labels.weight is None:
            return bins, None
        weight = _as_rows(labels.weight, labels)
        of_row = tf.reduce_max(tf.where(fault == COUNTED, weight, tf.zeros_like(weight)), axis=1, keepdims=True)
        return bins, tf.where(faulty, tf.ones_like(weight), of_row)


def _as_rows(values: tf.Tensor, labels: Labels) -> tf.Tensor:
    """(rows, positions of a row): the last axis of columns, all axes but the first of exclusive classes."""
    shape = tf.shape(values)
    if not labels.form.exclusive:
        return tf.reshape(values, [-1, labels.form.num_classes])
    return tf.reshape(values, [shape[0], tf.reduce_prod(shape[1:])])


def divert(bins: tf.Tensor, marks: Iterable[Mark], size: int) -> tf.Tensor:
    """Sends marked positions to the bins of faults, which follow the `size` others."""
    for where, code in marks:
        bins = tf.where(where, _int64(size + code - 1), bins)
    return bins


def nowhere(size: int) -> int:
    """The last cell of a state, after `size` bins and the faults: what falls there is not looked at again."""
    return size + LEFT_OUT - 1


def settle_weight(labels: Labels) -> tf.Tensor | None:
    """Weights in which a faulty position weighs one: faults are counted, not weighed, and their weight may be NaN."""
    if labels.weight is None:
        return None
    return tf.where(labels.fault == COUNTED, labels.weight, tf.ones_like(labels.weight))


def _num_thresholds(labels: Labels) -> int:
    return (labels.pred.shape[0] or 0) if labels.pred.shape.rank > labels.true.shape.rank else 0


def _int64(value: int) -> tf.Tensor:
    return tf.constant(value, tf.int64)
