"""`ImageScores`: the score of each image of a batch, in bins of its value, and the mean and the worst share of them."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from fmnist_tf import kernels
from fmnist_tf.counts import Counts, discard_bin
from fmnist_tf.labels import IGNORED, VALID, InputFormat, Labels
from fmnist_tf.scores.evaluate import Selection

#: Bins of the score of an image. A power of two, so that a value is scaled without rounding.
NUM_BINS = 512
#: Added before a value is cut to its bin: compilers may differ in the last digit of a mean over classes.
_NUDGE = 2.0**-40


class ImageSums(NamedTuple):
    """Sums over images, float64.

    Attributes:
        weight: the weight of the images in each bin of values, the lowest first, (NUM_BINS,).
        value: their weight x value, (NUM_BINS,).
        square: weight x value^2 of all images, ().
    """

    weight: tf.Tensor
    value: tf.Tensor
    square: tf.Tensor

    def mean(self) -> tf.Tensor:
        """The mean over images, (); NaN without any."""
        return tf.reduce_sum(self.value) / tf.reduce_sum(self.weight)

    def worst(self, share: float, *, lowest: bool) -> tuple[tf.Tensor, tf.Tensor]:
        """The mean over the worst share of the images, (), and how far, at most, the exact one lies beyond it.

        Of the bin that is taken in part the mean stands for the worst of its images, which are no better.

        Args:
            share: above 0 and at most 1.
            lowest: whether the lowest values are the worst.
        """
        weight, value = (field if lowest else tf.reverse(field, [0]) for field in (self.weight, self.value))
        wanted = share * tf.reduce_sum(weight)
        taken = tf.clip_by_value(wanted - tf.cumsum(weight, exclusive=True), 0.0, weight)
        part = tf.math.divide_no_nan(taken, weight)
        in_part = tf.where((part > 0) & (part < 1), taken, tf.zeros_like(taken))
        return tf.reduce_sum(part * value) / wanted, tf.reduce_sum(in_part) / wanted / NUM_BINS


@dataclass(frozen=True)
class ImageScores:
    """Bins of the scores of whole images: the weight, NUM_BINS; weight x value, NUM_BINS; and weight x value^2.

    An image is a row of a batch: the first axis of the labels. Pixels that are left out do not belong to it. An image
    without any pixel, with an invalid one, or without a value, is not counted. It weighs as much as the heaviest of its
    pixels.

    Attributes:
        selection: the score, with a scalar value.
        num_classes: number of classes or columns.
        zero_division: the value of 0/0.
        target_class_ids: the classes that averages run over; None for all.
        ignore_class: labels that are left out.
    """

    selection: Selection
    num_classes: int
    zero_division: str
    target_class_ids: tuple[int, ...] | None = None
    ignore_class: tuple[int, ...] = ()

    @property
    def size(self) -> int:
        """Number of bins, those of invalid samples not included."""
        return 2 * NUM_BINS + 1

    def bin_indices(self, labels: Labels) -> tuple[tf.Tensor, tf.Tensor]:
        """The bins of a batch and their weights, as `Layout` says: one for each pixel, three for each image."""
        images = _Images.of(labels)
        value = self._values(images, labels)
        counted = tf.logical_not(tf.math.is_nan(value))
        value = tf.where(counted, value, tf.zeros_like(value))
        low, high = self.selection.score.bounds
        place = tf.cast((value - low) / (high - low) * NUM_BINS + _NUDGE, tf.int64)
        place = tf.clip_by_value(place, _int64(0), _int64(NUM_BINS - 1))
        discarded = _int64(discard_bin(self.size))
        bins = [place, place + NUM_BINS, tf.fill(tf.shape(place), _int64(2 * NUM_BINS))]
        weight = [images.weight, images.weight * value, images.weight * value * value]
        invalid = tf.where(images.invalid, images.status + (self.size - 1), discarded)
        return (
            tf.concat([tf.reshape(invalid, [-1]), *(tf.where(counted, one, discarded) for one in bins)], axis=0),
            tf.concat([tf.ones([tf.size(invalid, tf.int64)], tf.float64), *weight], axis=0),
        )

    def unit_weight(self, labels: Labels) -> tf.Tensor:
        """The weight of each image that has pixels and no invalid one, and 1 of the others."""
        images = _Images.of(labels)
        return tf.where(images.judged, images.weight, tf.ones_like(images.weight))

    def read(self, state: tf.Tensor) -> ImageSums:
        """State (size,) -> sums."""
        weight, value, square = tf.split(state, [NUM_BINS, NUM_BINS, 1])
        return ImageSums(weight, value, square[0])

    def scores(self, labels: Labels) -> tuple[tf.Tensor, tf.Tensor]:
        """The score of each image, float64 (N,), NaN where it is not counted; and whether it has an invalid pixel."""
        images = _Images.of(labels)
        return self._values(images, labels), tf.reduce_any(images.invalid, axis=1)

    def _values(self, images: "_Images", labels: Labels) -> tf.Tensor:
        """The score of each image, (N,); NaN where it is not counted."""
        value = self.selection.evaluate(
            images.counts(labels, self.num_classes),
            multiclass=labels.input_format.multiclass,
            zero_division=float(self.zero_division),
            classes=self._classes(labels.input_format),
        )
        return tf.where(images.judged, value, tf.constant(np.nan, tf.float64))

    def _classes(self, input_format: InputFormat) -> tuple[int, ...] | None:
        are_classes = input_format.multiclass or input_format.y_true == "ids" or self.num_classes == 1
        ignored = self.ignore_class if are_classes else ()
        every = range(self.num_classes if input_format.multiclass else max(self.num_classes, 2))
        wanted = every if self.target_class_ids is None else self.target_class_ids
        kept = tuple(class_id for class_id in wanted if class_id not in ignored)
        return None if kept == tuple(every) else kept


class _Images(NamedTuple):
    """The pixels of a batch by image, (N, entries) each, `judged` and `weight` (N,).

    Attributes:
        valid: entries that are counted.
        invalid: entries that cannot be counted.
        judged: whether an image has a valid entry and no invalid one.
        weight: the weight of the image, that of its heaviest valid entry.
        status: the code of each entry.
    """

    valid: tf.Tensor
    invalid: tf.Tensor
    judged: tf.Tensor
    weight: tf.Tensor
    status: tf.Tensor

    @classmethod
    def of(cls, labels: Labels) -> "_Images":
        status = _by_image(labels.status)
        valid = status == VALID
        invalid = tf.logical_not(valid) & (status != IGNORED)
        judged = tf.reduce_any(valid, axis=1) & tf.logical_not(tf.reduce_any(invalid, axis=1))
        heaviest = tf.reduce_max(tf.where(valid, _weights(labels), tf.constant(0.0, tf.float64)), axis=1)
        return cls(valid, invalid, judged, heaviest, status)

    def counts(self, labels: Labels, num_classes: int) -> Counts:
        """Counts of the classes of each image, fields (N, C)."""
        weight = tf.where(self.valid, _weights(labels), tf.constant(0.0, tf.float64))
        count = _count_classes if labels.input_format.multiclass else _count_columns
        return count(_by_image(labels.true), _by_image(labels.pred), self.valid, weight, num_classes)


def _count_classes(true: tf.Tensor, pred: tf.Tensor, valid: tf.Tensor, weight: tf.Tensor, num_classes: int) -> Counts:
    """Each pixel is a tp, or an fn of its class and an fp of another: one histogram of 3 C bins an image."""
    images = tf.shape(true, tf.int64)[0]
    size = images * 3 * num_classes
    first = tf.range(images)[:, tf.newaxis] * (3 * num_classes)
    right = true == pred
    of_true = tf.where(right, true, true + num_classes) + first
    of_pred = tf.where(right, size, pred + 2 * num_classes + first)
    bins = tf.stack([tf.where(valid, of_true, size), tf.where(valid, of_pred, size)])
    cells = kernels.histogram(bins, size + 1, tf.stack([weight, weight]))[:size]
    tp, fn, fp = tf.unstack(tf.reshape(cells, [images, 3, num_classes]), axis=1)
    total = tf.reduce_sum(tp + fn, axis=1, keepdims=True)
    return Counts(tp, tp + fp, tp + fn, total + tf.zeros_like(tp))


def _count_columns(true: tf.Tensor, pred: tf.Tensor, valid: tf.Tensor, weight: tf.Tensor, num_classes: int) -> Counts:
    shape = [tf.shape(true, tf.int64)[0], -1, num_classes]
    parts = (true & pred, pred, true, valid)
    return Counts(
        *(tf.reduce_sum(tf.reshape(tf.where(part, weight, tf.zeros_like(weight)), shape), axis=1) for part in parts)
    )


def _weights(labels: Labels) -> tf.Tensor:
    """The weight of each entry, (N, entries); 1 without weights."""
    if labels.weight is None:
        return tf.ones(tf.shape(_by_image(labels.true)), tf.float64)
    return _by_image(labels.weight)


def _by_image(values: tf.Tensor) -> tf.Tensor:
    """(N, ...) -> (N, entries)."""
    shape = tf.shape(values, tf.int64)
    return tf.reshape(values, [shape[0], tf.reduce_prod(shape[1:])])


def _int64(value: int) -> tf.Tensor:
    return tf.constant(value, tf.int64)
