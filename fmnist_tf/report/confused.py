"""The pairs of classes that are confused most often."""

from collections.abc import Sequence

import numpy as np

from fmnist_tf.report.cells import Confusion


def most_confused(wrong: np.ndarray, class_names: Sequence[str], support: np.ndarray, n: int | None) -> list[Confusion]:
    """The n pairs that were confused most often, or all of them; of equal ones the first.

    Args:
        wrong: a confusion matrix (C, C) whose diagonal is zero.
        class_names: C names.
        support: samples of each class, (C,).
        n: how many pairs; None for all.
    """
    pairs = (divmod(int(place), len(wrong)) for place in _largest(wrong.ravel(), n))
    return [
        Confusion(class_names[true], class_names[pred], float(wrong[true, pred]), float(support[true]))
        for true, pred in pairs
    ]


def _largest(counts: np.ndarray, n: int | None) -> np.ndarray:
    """Indices of the n largest counts above zero, the largest first; only those are sorted."""
    found = np.flatnonzero(counts)
    if n is not None and 0 < n < len(found):
        least = np.partition(counts[found], len(found) - n)[len(found) - n]
        found = found[counts[found] >= least]
    return found[np.argsort(-counts[found], kind="stable")][:n]
