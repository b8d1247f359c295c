"""AUROC of pairs of classes: the layout that keeps true classes apart, and the mean over pairs."""

from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from fmnist_tf.curves import ranking
from fmnist_tf.curves.bounds import Bounds, make_bounds
from fmnist_tf.curves.histogram import Histogram, ScoreHistogram
from fmnist_tf.labels import Labels


@dataclass(frozen=True)
class PairHistogram(ScoreHistogram):
    """Bin (label * num_classes + class) * num_bins + bin of the score, of the classes of a multiclass problem.

    The last bin counts samples of fractional weight. Summed over the labels that are another class, it is a
    `ScoreHistogram`; so whatever is read off one-vs-rest can be read off this one too.
    """

    @property
    def size(self) -> int:
        """Number of bins, those of invalid samples not included."""
        return self.num_classes**2 * self.num_bins + 1

    def _first_bins(self, labels: Labels) -> tf.Tensor:
        classes = tf.range(self.num_classes, dtype=tf.int64)
        return (tf.expand_dims(labels.true, -1) * self.num_classes + classes) * self.num_bins

    def read(self, state: tf.Tensor, *, compiled: bool = False) -> Histogram:
        """State (size,), or longer by invalid reasons -> Histogram with fields (C, num_bins) and `pairs`."""
        c = self.num_classes
        pairs = tf.reshape(state[: self.size - 1], [c, c, self.num_bins])
        is_class = np.eye(c, dtype=bool)[:, :, np.newaxis]
        zeros = tf.zeros_like(pairs)
        others, same = tf.where(is_class, zeros, pairs), tf.where(is_class, pairs, zeros)
        negatives, positives = (tf.reduce_sum(field, axis=0) for field in (others, same))
        return Histogram(negatives, positives, state[self.size - 1], compiled=compiled, pairs=pairs)


def auroc(h: Histogram) -> Bounds:
    """The mean over the other classes j of A_ij = (A(i|j) + A(j|i)) / 2: one value a class i, (C,), NaN where absent.

    A(i|j) is the AUROC of the scores of class i on the samples of i and j alone. The mean of these values over the
    classes is the mean of A_ij over pairs, Hand and Till's M; their mean weighted by support is that of A_ij weighted
    by the samples of both classes.
    Source: Hand and Till, A simple generalisation of the area under the ROC curve for multiple class classification
    problems, Machine Learning 45, 2001.
    """
    assert h.pairs is not None
    c, num_bins = h.num_classes, h.num_bins
    positives = tf.repeat(h.positives, c, axis=0)
    negatives = tf.reshape(tf.transpose(h.pairs, [1, 0, 2]), [c * c, num_bins])
    one_way = ranking.auroc(Histogram(negatives, positives, h.fractional, compiled=h.compiled))
    return make_bounds(*(_mean_of_pairs(tf.reshape(field, [c, c])) for field in one_way))


def _mean_of_pairs(one_way: tf.Tensor) -> tf.Tensor:
    """A(i|j) (C, C) -> the mean of (A(i|j) + A(j|i)) / 2 over the other classes j that occur, (C,)."""
    both = (one_way + tf.transpose(one_way)) / 2
    defined = tf.logical_not(tf.math.is_nan(both) | np.eye(one_way.shape[0] or 0, dtype=bool))
    sums = tf.reduce_sum(tf.where(defined, both, tf.zeros_like(both)), axis=1)
    return sums / tf.reduce_sum(tf.cast(defined, tf.float64), axis=1)
