"""Shared by tests of reports: a matrix, and the output of rich on a terminal."""

import io

import numpy as np
from rich.console import Console
from sklearn import metrics


def make_matrix(num_classes=10, size=800, seed=0):
    """Class 0 never occurs, and is predicted now and then."""
    rng = np.random.default_rng(seed)
    true = rng.integers(1, num_classes, size)
    pred = np.where(rng.random(size) < 0.8, true, rng.integers(0, num_classes, size))
    return metrics.confusion_matrix(true, pred, labels=range(num_classes))


def shown(report, width):
    """The output of rich on a terminal of that width."""
    console = Console(width=width, file=io.StringIO(), color_system=None)
    console.print(report)
    return console.file.getvalue()
