"""Histograms of one score a sample: its confidence, split into right and wrong, and the probability of its class."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from fmnist_tf.counts import effective_weight, redirect_invalid
from fmnist_tf.curves import ranking
from fmnist_tf.curves.bins import Bins
from fmnist_tf.curves.bounds import Bounds, make_bounds
from fmnist_tf.curves.histogram import Histogram, ScoreHistogram
from fmnist_tf.labels import Labels
from fmnist_tf.labels.probabilities import probabilities


class RiskCoverage(NamedTuple):
    """Predictions accepted above each threshold of confidence, arrays (num_bins + 1,), the most accepted first.

    Attributes:
        thresholds: what the confidence must exceed.
        coverage: the share of samples that are accepted.
        risk: the share of wrong ones among them; NaN where none is accepted.
        generalized_risk: the share of all samples that are accepted and wrong.
    """

    thresholds: np.ndarray
    coverage: np.ndarray
    risk: np.ndarray
    generalized_risk: np.ndarray


def class_probabilities(labels: Labels, from_logits: bool) -> tf.Tensor:
    """The probability of each class, float64 (N, ..., C); of one binary column those of no and yes."""
    p = probabilities(labels, from_logits)
    return p if labels.input_format.multiclass else tf.concat([1.0 - p, p], axis=-1)


def _true_class(labels: Labels) -> tf.Tensor:
    """The class id of each sample, 0 where it is invalid; of one binary column no (0) or yes (1)."""
    true = labels.true if labels.input_format.multiclass else tf.cast(tf.squeeze(labels.true, axis=-1), tf.int64)
    width = max(labels.input_format.num_classes, 2)
    return tf.where((true >= 0) & (true < width), true, tf.zeros_like(true))


def _redirect(bins: tf.Tensor, labels: Labels, size: int) -> tuple[tf.Tensor, tf.Tensor | None]:
    """The bins of samples, invalid ones in those of their reasons, and their weights."""
    of_labels = bins if labels.input_format.multiclass else tf.expand_dims(bins, -1)
    return redirect_invalid(of_labels, labels.masks, size), effective_weight(labels)


@dataclass(frozen=True)
class ConfidenceHistogram:
    """Weight of wrong and right predictions in bins of their confidence, the largest probability of a class.

    Attributes:
        num_bins: number of bins.
        from_logits: whether scores are logits.
    """

    num_bins: int
    from_logits: bool = False

    @property
    def size(self) -> int:
        """Number of bins, those of invalid samples not included."""
        return ScoreHistogram(1, self.num_bins).size

    def bin_indices(self, labels: Labels) -> tuple[tf.Tensor, tf.Tensor | None]:
        """The bins of a batch and their weights, as `Layout` says."""
        p = class_probabilities(labels, self.from_logits)
        right = tf.argmax(p, axis=-1, output_type=tf.int64) == _true_class(labels)
        first = tf.where(right, tf.constant(self.num_bins, tf.int64), tf.constant(0, tf.int64))
        return _redirect(first + Bins(self.num_bins).bin_indices(tf.reduce_max(p, axis=-1)), labels, self.size)

    def read(self, state: tf.Tensor) -> Histogram:
        """State (size,) -> Histogram (1, num_bins): positives are right, negatives wrong."""
        return ScoreHistogram(1, self.num_bins).read(state)


@dataclass(frozen=True)
class TrueClassHistogram:
    """Weight of the samples of each class in bins of the probability of their true class.

    Attributes:
        num_classes: number of classes, at least 2.
        num_bins: number of bins.
        from_logits: whether scores are logits.
    """

    num_classes: int
    num_bins: int
    from_logits: bool = False

    @property
    def size(self) -> int:
        """Number of bins, those of invalid samples not included."""
        return self.num_classes * self.num_bins

    def bin_indices(self, labels: Labels) -> tuple[tf.Tensor, tf.Tensor | None]:
        """The bins of a batch and their weights, as `Layout` says."""
        p, true = class_probabilities(labels, self.from_logits), _true_class(labels)
        own = tf.gather(p, true, batch_dims=true.shape.rank)
        return _redirect(true * self.num_bins + Bins(self.num_bins).bin_indices(own), labels, self.size)

    def read(self, state: tf.Tensor) -> tf.Tensor:
        """State (size,) -> weight (C, num_bins), the lowest probability first."""
        return tf.reshape(state, [self.num_classes, self.num_bins])


def augrc(h: Histogram) -> Bounds:
    """Area under the generalized risk-coverage curve, () with its bounds: e a (1 - AUROC) + e^2 / 2.

    e and a are the shares of wrong and right predictions, AUROC the chance that a right one is more confident than a
    wrong one, whose bounds give those of the area. NaN without predictions.
    Source: Traub et al., Overcoming common flaws in the evaluation of selective classification systems, NeurIPS 2024.
    """
    wrong, right = h.rest[0], h.support[0]
    total = wrong + right
    e, a = wrong / total, right / total
    areas = [tf.where((wrong > 0) & (right > 0), part[0], tf.constant(1.0, tf.float64)) for part in ranking.auroc(h)]
    value, high, low = (e * a * (1 - area) + e * e / 2 for area in areas)
    return make_bounds(value, low, high)


def risk_coverage(h: Histogram, edges: np.ndarray) -> RiskCoverage:
    """The curve at every edge, on the host."""
    wrong, right = (np.asarray(part)[0] for part in h.above_edges())
    accepted, total = wrong + right, wrong[0] + right[0]
    with np.errstate(invalid="ignore", divide="ignore"):
        return RiskCoverage(edges, accepted / total, wrong / accepted, wrong / total)


def conformal_thresholds(weight: tf.Tensor, edges: np.ndarray, coverage: float) -> tf.Tensor:
    """The probability that a class must exceed to be in the set, for rows of bins (K, num_bins): float64 (K,).

    Of n probabilities of true classes the one of rank floor((1 - coverage) (n + 1)) is the least that must be in: the
    threshold is the lower edge of its bin. With too few samples the rank is 0, the threshold below 0, and the set holds
    every class.

    Source: Vovk, Gammerman and Shafer, Algorithmic Learning in a Random World, 2005; Sadinle, Lei and Wasserman, Least
    ambiguous set-valued classifiers with bounded error levels, JASA 114, 2019.
    """
    samples = tf.reduce_sum(weight, axis=1)
    rank = tf.floor(tf.round((1 - coverage) * (samples + 1) * 1e9) / 1e9)
    short = tf.cumsum(weight, axis=1) < tf.maximum(rank, 1.0)[:, tf.newaxis]
    place = tf.reduce_sum(tf.cast(short, tf.int64), axis=1)
    inside = tf.minimum(place, tf.constant(len(edges) - 2, tf.int64))
    return tf.where(rank >= 1, tf.gather(tf.constant(edges), inside), tf.constant(edges[0], tf.float64))
