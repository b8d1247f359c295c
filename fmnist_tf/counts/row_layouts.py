"""Layouts that count whole rows: all labels right, the class among the k largest scores, a score of its columns."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import tensorflow as tf

from fmnist_tf.counts.algebra import Counts
from fmnist_tf.counts.layouts import discard_bin, effective_weight, redirect_invalid
from fmnist_tf.labels import IGNORED, VALID, Labels


@dataclass(frozen=True)
class Hits:
    """Whether a row is right: the bins wrong, right. As counts: the rows are the support, the right ones tp."""

    @property
    def size(self) -> int:
        """Number of bins, those of invalid samples not included."""
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
    """Whether all columns of a row, or all labels of a dense row, are right.

    Entries that are left out do not change the row. A row with an invalid entry is not counted. The row is counted at
    its first entry, so that invalid entries still count one by one.
    """

    def bin_indices(self, labels: Labels) -> tuple[tf.Tensor, tf.Tensor | None]:
        """The bins of a batch and their weights, as `Layout` says."""
        rows = _Rows.of(labels)
        right = _as_rows(tf.equal(labels.true, labels.pred), labels)
        outcome = tf.cast(tf.reduce_all(right | tf.logical_not(rows.valid), axis=1), tf.int64)
        bins = rows.bins(outcome, self.size)
        if rows.weight is None:
            return bins, None
        return bins, tf.where(rows.invalid, tf.ones_like(rows.weight), rows.heaviest)

    def unit_weight(self, labels: Labels) -> tf.Tensor | None:
        """The weight of each row that is judged, (rows,), and 1 of the others."""
        return _Rows.of(labels).unit_weight


@dataclass(frozen=True)
class RowScores:
    """Sums over rows of a score of each row's columns: the bins weight x value, weight, weight of rows of 0/0.

    A row is judged as in `ExactRows`; entries that are left out do not belong to it.

    Attributes:
        fraction: `Counts` (..., 1) -> numerator and denominator (..., 1).
        final: what is applied to the fraction.
        classes: the columns that belong to a row; None for all.
    """

    fraction: Callable[[Counts], tuple[tf.Tensor, tf.Tensor]]
    final: Callable[[tf.Tensor], tf.Tensor]
    classes: tuple[int, ...] | None = None

    @property
    def size(self) -> int:
        """Number of bins, those of invalid samples not included."""
        return 3

    def bin_indices(self, labels: Labels) -> tuple[tf.Tensor, tf.Tensor]:
        """The bins of a batch and their weights, as `Layout` says: one more a row than it has entries."""
        rows = _Rows.of(labels)
        numerator, denominator = self.fraction(self._counts_of_rows(rows.valid, labels))
        undefined = (numerator == 0) & (denominator == 0)
        value = self.final(tf.math.divide_no_nan(numerator, denominator))
        bins = rows.bins(tf.where(undefined, _int64(2), _int64(1)), self.size)
        judged = tf.where(rows.judged & tf.logical_not(undefined), _int64(0), _int64(discard_bin(self.size)))
        ones = tf.ones(tf.shape(rows.valid), tf.float64)
        weight = tf.ones_like(ones[:, :1]) if rows.heaviest is None else rows.heaviest
        weights = tf.concat([tf.where(rows.invalid, ones, weight * ones), weight * value[:, tf.newaxis]], axis=1)
        return tf.concat([bins, judged[:, tf.newaxis]], axis=1), weights

    def unit_weight(self, labels: Labels) -> tf.Tensor | None:
        """The weight of each row that is judged, (rows,), and 1 of the others."""
        return _Rows.of(labels).unit_weight

    def _counts_of_rows(self, valid: tf.Tensor, labels: Labels) -> Counts:
        """Counts of the columns of each row, fields (rows,)."""
        true, pred = _as_rows(labels.true, labels), _as_rows(labels.pred, labels)
        parts = (true & pred & valid, pred & valid, true & valid, valid)
        if self.classes is not None:
            parts = tuple(tf.gather(part, list(self.classes), axis=1) for part in parts)
        return Counts(*(tf.reduce_sum(tf.cast(part, tf.float64), axis=1) for part in parts))

    def mean(self, state: tf.Tensor, zero_division: float) -> tf.Tensor:
        """State (3,) -> the mean over rows; rows of 0/0 have the value `zero_division`, or with nan are left out."""
        total, defined, undefined = tf.unstack(state)
        if not math.isnan(zero_division):
            total, defined = total + zero_division * undefined, defined + undefined
        nothing = tf.constant(zero_division, tf.float64)
        return tf.where(defined > 0, tf.math.divide_no_nan(total, defined), nothing)


@dataclass(frozen=True)
class _Rows:
    """Entries of a batch by row: (rows, entries) each, `judged` (rows,), `heaviest` (rows, 1).

    Attributes:
        valid: entries that are counted.
        invalid: entries that cannot be counted.
        judged: rows with a valid entry and no invalid one.
        weight: of each entry, or None.
        heaviest: the weight of a row, that of its heaviest valid entry, or None.
        status: the code of each entry.
    """

    valid: tf.Tensor
    invalid: tf.Tensor
    judged: tf.Tensor
    weight: tf.Tensor | None
    heaviest: tf.Tensor | None
    status: tf.Tensor

    @classmethod
    def of(cls, labels: Labels) -> "_Rows":
        status = _as_rows(labels.status, labels)
        valid, invalid = status == VALID, (status != IGNORED) & (status != VALID)
        judged = tf.reduce_any(valid, axis=1) & tf.logical_not(tf.reduce_any(invalid, axis=1))
        weight = None if labels.weight is None else _as_rows(labels.weight, labels)
        heaviest = (
            None
            if weight is None
            else tf.reduce_max(tf.where(valid, weight, tf.zeros_like(weight)), axis=1, keepdims=True)
        )
        return cls(valid, invalid, judged, weight, heaviest, status)

    @property
    def unit_weight(self) -> tf.Tensor | None:
        """The weight of each row that is judged, (rows,), and 1 of the others."""
        if self.heaviest is None:
            return None
        weight = tf.squeeze(self.heaviest, axis=1)
        return tf.where(self.judged, weight, tf.ones_like(weight))

    def bins(self, outcome: tf.Tensor, size: int) -> tf.Tensor:
        """The outcome of each judged row in the bin of its first entry, invalid entries in those of their reasons."""
        outcome = tf.where(self.judged, outcome, _int64(discard_bin(size)))
        first = tf.range(tf.shape(self.status, tf.int64)[1]) == 0
        bins = tf.where(first, outcome[:, tf.newaxis], _int64(discard_bin(size)))
        return tf.where(self.invalid, self.status + (size - 1), bins)


def _as_rows(values: tf.Tensor, labels: Labels) -> tf.Tensor:
    """(rows, entries of a row): the last axis of columns, all axes but the first of multiclass labels."""
    shape = tf.shape(values)
    if not labels.input_format.multiclass:
        return tf.reshape(values, [-1, labels.input_format.num_classes])
    return tf.reshape(values, [shape[0], tf.reduce_prod(shape[1:])])


def _int64(value: int) -> tf.Tensor:
    return tf.constant(value, tf.int64)
