"""Planted label errors: a share of the labels is made wrong, so that a search for wrong labels can be checked."""

from collections.abc import Mapping

import numpy as np


def plant_errors(
    labels: np.ndarray, share: float, num_classes: int, seed: int, confused: Mapping[int, int] | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Labels of which a share is wrong, and the ids of the wrong ones.

    Args:
        labels: class ids (N,).
        share: how many of them become wrong, from 0 to 1, rounded to a whole number of labels.
        num_classes: C.
        seed: decides which ones, and what they become.
        confused: class -> the class that its wrong labels become; None for any other class, each as likely.

    Returns:
        The new labels (N,), of the same dtype, and the ids of the wrong ones, ascending.
    """
    rng = np.random.default_rng(seed)
    wrong = _choose(rng, len(labels), share)
    noisy = labels.copy()
    if confused is None:
        noisy[wrong] = (labels[wrong].astype(int) + rng.integers(1, num_classes, len(wrong))) % num_classes
    else:
        noisy[wrong] = [confused[int(label)] for label in labels[wrong]]
    return noisy, wrong


def choose_wrong(size: int, share: float, seed: int) -> np.ndarray:
    """The ids, ascending, of the labels that `plant_errors` makes wrong."""
    return _choose(np.random.default_rng(seed), size, share)


def _choose(rng: np.random.Generator, size: int, share: float) -> np.ndarray:
    return np.sort(rng.choice(size, round(share * size), replace=False))
