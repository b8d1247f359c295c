"""The picture of a confusion matrix."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from fmnist_tf.plots.style import LONGEST_NAME, make_figure
from fmnist_tf.report import Report
from fmnist_tf.report.cells import number
from fmnist_tf.report.names import shorten

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WITH_NUMBERS = 20  # classes up to which every cell is written
_WITH_NAMES = 120  # classes up to which every class is named


def plot_confusion_matrix(
    matrix: Any,
    class_names: Sequence[str] | None = None,
    *,
    title: str | None = None,
) -> "Figure":
    """Confusion matrix: colour is the share of the true class (row); up to 20 classes the counts are written as well.

    Args:
        matrix: counts (C, C), rows true; one yes/no column (1, 2, 2) or (2, 2) is a matrix of two classes.
        class_names: C names; "0", "1", ... by default.
        title: put above it.

    Raises:
        ValueError: a matrix of another shape, or names that do not fit.
        ImportError: matplotlib is missing.
    """
    matrix = np.asarray(matrix, np.float64)
    report = Report(matrix[0] if matrix.shape == (1, 2, 2) else matrix, class_names)
    if not report.multiclass or report.matrix is None:
        raise ValueError(f"a plot needs one matrix (C, C), got shape {matrix.shape}; plot one column at a time")
    shares = report.matrix / np.maximum(report.matrix.sum(axis=1, keepdims=True), 1e-300)
    side = _side(report.num_classes)
    figure = make_figure(side + 1.2, side)
    axes = figure.add_subplot()
    image = axes.imshow(shares, cmap="Blues", norm=_norm(), interpolation="nearest")
    _name_classes(axes, report)
    if report.num_classes <= _WITH_NUMBERS:
        _write_cells(axes, report.matrix, shares)
    axes.set(xlabel="predicted", ylabel="true", title=title or "")
    bar = figure.colorbar(image, ax=axes, fraction=0.046, pad=0.02, ticks=[0, 0.01, 0.05, 0.1, 0.25, 0.5, 1])
    bar.ax.yaxis.set_major_formatter(lambda share, _: f"{100 * share:.0f} %")
    bar.set_label("share of the true class")
    outline: Any = bar.outline  # which matplotlib annotates as a function
    outline.set_visible(False)
    return figure


def _norm() -> Any:
    """Colour by the root of the share: a pair that is confused in 1 % of cases can be seen among a hundred classes."""
    from matplotlib.colors import PowerNorm

    return PowerNorm(0.5, vmin=0, vmax=1)


def _side(num_classes: int) -> float:
    """Inches of a matrix: room for numbers up to 20 classes, for names up to 120."""
    if num_classes <= _WITH_NUMBERS:
        return max(3.6, 1.4 + 0.62 * num_classes)
    return min(max(8.0, 2.0 + 0.125 * num_classes), 16.0)


def _name_classes(axes: "Axes", report: Report) -> None:
    count = report.num_classes
    if count > _WITH_NAMES:
        return
    names = [shorten(name, LONGEST_NAME) for name in report.class_names]
    size = min(9.0, 0.7 * 72 * (_side(count) - 2) / count)  # points, of the row's height
    upright = max(map(len, names)) > 3 or count > _WITH_NUMBERS
    axes.set_xticks(range(count), names, rotation=90 if upright else 0, fontsize=size)
    axes.set_yticks(range(count), names, fontsize=size)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def _write_cells(axes: "Axes", matrix: np.ndarray, shares: np.ndarray) -> None:
    """Count and percentage; nothing where nothing is, so that the eye finds the errors."""
    for (row, column), count in np.ndenumerate(matrix):
        if not count:
            continue
        share = float(shares[row, column])
        colour = "white" if share > 0.35 else "black"
        for text, size, offset in ((number(count), 9, 4.5), (_percent(share), 7, -7)):
            axes.annotate(
                text,
                (column, row),
                xytext=(0, offset),
                textcoords="offset points",
                ha="center",
                va="center",
                fontsize=size,
                color=colour,
            )


def _percent(share: float) -> str:
    """A share that is neither none nor all is not written as such."""
    if 0 < share < 0.01:
        return "<1 %"
    return ">99 %" if 0.99 < share < 1 else f"{100 * share:.0f} %"
