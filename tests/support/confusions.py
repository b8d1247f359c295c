"""Confusion matrices of simulated classifiers."""

import numpy as np


def classifier(num_classes=10, accuracy=0.9, skew=1.0, seed=0):
    """Probabilities (C, C) of a simulated classifier."""
    rng = np.random.default_rng(seed)
    support = np.geomspace(1, 1 / skew, num_classes)
    wrong = rng.dirichlet(np.ones(num_classes - 1), size=num_classes)
    rows = [np.insert((1 - accuracy) * wrong[true], true, accuracy) for true in range(num_classes)]
    return np.stack(rows) * (support / support.sum())[:, None]


def draws(probabilities, size, count, seed=1):
    rng = np.random.default_rng(seed)
    return rng.multinomial(size, probabilities.ravel(), size=count).reshape(count, *probabilities.shape)


def columns(size=400, count=3, seed=2):
    return np.random.default_rng(seed).multinomial(size, [0.6, 0.1, 0.1, 0.2], size=count).reshape(count, 2, 2)


MATRIX = draws(classifier(), 1000, 1)[0]
