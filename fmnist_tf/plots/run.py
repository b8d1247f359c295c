"""The pictures of a run folder."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from fmnist_tf.plots.history import plot_curves
from fmnist_tf.plots.matrix import plot_confusion_matrix
from fmnist_tf.report import Report
from fmnist_tf.report.run_folder import BEST_BY, Record

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def run_figures(record: Record, report: Report, best_by: str = BEST_BY) -> "dict[str, Figure]":
    """File name -> figure, of what there is to draw: the matrix, and the curves of the main score and the loss.

    Args:
        record: history and intervals.
        report: whose matrix is drawn.
        best_by: the key of the score that tells the best epoch.
    """
    figures = {}
    if report.matrix is not None and report.matrix.ndim == 2:
        figures["confusion_matrix.png"] = plot_confusion_matrix(report.matrix, report.class_names)
    history = {name: _without_gaps(values) for name, values in record.history.items()}
    bands = {name: _without_gaps(ends) for name, ends in record.intervals.items()}
    names = [name for name in (best_by.removeprefix("val_"), "loss") if {name, f"val_{name}"} & history.keys()]
    if names:
        figures["curves.png"] = plot_curves(history, bands, names=names, announced={best_by: record.announced})
    return figures


def _without_gaps(values: Sequence) -> Sequence:
    """The values of every k-th epoch alone, where the others have none, as a set that is not scored each time."""
    known = [epoch for epoch, value in enumerate(values, 1) if value is not None and np.all(np.isfinite(value))]
    step = known[0] if known else 1
    regular = known == list(range(step, len(values) + 1, step))
    return values[step - 1 :: step] if regular else values
