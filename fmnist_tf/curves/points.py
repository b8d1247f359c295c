"""Operating points: the thresholds at which a rate is at least a number, and how much of it was luck."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from fmnist_tf.curves.histogram import Above, Histogram
from fmnist_tf.curves.operating import RATES, ConstrainedBest

#: How many histograms are drawn to measure the optimism of a choice.
_DRAWS = 200


class Optimism(NamedTuple):
    """How much better both rates look on the samples that chose the threshold than on new ones, mean over draws."""

    constraint: float
    objective: float


@dataclass(frozen=True)
class PointsOf:
    """The threshold of each class, (C,), of one column (), or one of all classes pooled, ()."""

    measure: ConstrainedBest
    per_class: bool

    def __call__(self, h: Histogram, edges: np.ndarray) -> tf.Tensor:
        """Thresholds, float64, NaN where none attains the constraint."""
        found = self.measure.choose(h if self.per_class else h.pooled(), edges).threshold
        return found[0] if found.shape[0] == 1 else found


def rates_at(measure: ConstrainedBest, h: Histogram, edges: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """(constraint, objective) at the threshold of each class, (C, 2); NaN where there is none."""
    above = h.above_edges()
    place = np.searchsorted(edges, np.nan_to_num(thresholds, nan=edges[0]))
    rows = np.arange(len(place))
    rates = [RATES[name](above).numpy()[rows, place] for name in (measure.constraint, measure.objective)]
    return np.where(np.isnan(thresholds)[:, np.newaxis], np.nan, np.stack(rates, axis=1))


def optimism(measure: ConstrainedBest, negatives: np.ndarray, positives: np.ndarray, seed: int = 0) -> Optimism:
    """The optimism of one class: histograms drawn from its own choose thresholds, at which both are scored.

    Args:
        measure: the constraint and the objective.
        negatives: numbers in each bin, (num_bins,).
        positives: likewise.
        seed: of the draws.

    Source: Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 17.
    """
    rng = np.random.default_rng(seed)
    sides = (negatives, positives)
    drawn = _histogram(*(rng.multinomial(round(n.sum()), n / max(n.sum(), 1.0), _DRAWS) for n in sides))
    own = _histogram(*(np.tile(n, (_DRAWS, 1)) for n in sides))
    edges = np.arange(negatives.size + 1.0)
    chosen = measure.choose(drawn, edges).threshold.numpy()
    gaps = rates_at(measure, drawn, edges, chosen) - rates_at(measure, own, edges, chosen)
    if np.isnan(gaps).all(axis=0).any():
        return Optimism(np.nan, np.nan)
    return Optimism(*(float(gap) for gap in np.nanmean(gaps, axis=0)))


def _histogram(negatives: np.ndarray, positives: np.ndarray) -> Histogram:
    """Rows of bins, (draws, num_bins), as a histogram of that many classes."""
    return Histogram(tf.constant(negatives, tf.float64), tf.constant(positives, tf.float64), tf.zeros([], tf.float64))


def trials(above: Above, name: str, row: int, place: int) -> tuple[float, float]:
    """(successes, trials) of a rate of one class at an edge."""
    tp, fp = float(above.tp[row, place]), float(above.fp[row, place])
    positives, negatives = float(above.tp[row, 0]), float(above.fp[row, 0])
    return {"recall": (tp, positives), "precision": (tp, tp + fp), "specificity": (negatives - fp, negatives)}[name]
