"""The threshold that would give each binary column its best F1."""

from typing import NamedTuple

import numpy as np

from fmnist_tf.curves import operating
from fmnist_tf.curves.distribution import Distribution
from fmnist_tf.scores import SCORES

_HALF_A_DIGIT = 0.0005  # of F1 as reports write it
_MOST_DIGITS = 8


class SuggestedThreshold(NamedTuple):
    """The threshold at which F1 of one column is best.

    Attributes:
        threshold: an edge between bins, which a score must exceed; NaN where no threshold has an F1.
        value: F1 there, exactly.
        rounded: the shortest number near it at which F1 is certain to be as good, to less than 0.0005.
        always_yes: whether every score exceeds it.
    """

    threshold: float
    value: float
    rounded: float
    always_yes: bool


def best_thresholds(d: Distribution) -> list[SuggestedThreshold]:
    """One for each column."""
    counts = d.histogram.counts()
    threshold, value = (field.numpy() for field in operating.best(counts, SCORES["f1_score"], d.edges))
    columns = zip(*(field.numpy().T for field in (counts.tp, counts.predicted, counts.support)), strict=True)
    return [
        SuggestedThreshold(float(t), float(v), _round(float(t), float(v), d.edges, column), bool(t == d.edges[0]))
        for t, v, column in zip(threshold, value, columns, strict=True)
    ]


def _round(threshold: float, value: float, edges: np.ndarray, column: tuple[np.ndarray, ...]) -> float:
    """The shortest number near a threshold whose F1 is as good for certain, from the edges around it."""
    tp, predicted, support = column
    for digits in range(1, _MOST_DIGITS):
        rounded = float(f"{threshold:.{digits}g}")
        below = max(int(np.searchsorted(edges, rounded, "right")) - 1, 0)
        above = min(int(np.searchsorted(edges, rounded, "left")), len(edges) - 1)
        if 2 * tp[above] >= (value - _HALF_A_DIGIT) * (predicted[below] + support[0]):
            return rounded
    return threshold
