"""The picture of a confusion matrix."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from fmnist_tf.plots.fonts import drawable, stack_upright
from fmnist_tf.plots.style import LONGEST_NAME, finish, make_axes
from fmnist_tf.report import Report
from fmnist_tf.report.cells import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WITH_NUMBERS = 20  # classes up to which every cell is written
_WITH_NAMES = 120  # classes up to which every class is named
_SHARES = {"true": "share of the true class", "pred": "share of the predicted class", "all": "share of all samples"}


def plot_confusion_matrix(
    matrix: Any,
    class_names: Sequence[str] | None = None,
    *,
    normalize: Literal["true", "pred", "all"] | None = "true",
    cmap: Any = "Blues",
    ax: "Axes | None" = None,
    title: str | None = None,
) -> "Figure":
    """Confusion matrix: colour is a share; up to 20 classes the counts are written as well.

    Args:
        matrix: counts (C, C), rows true; one binary column (1, 2, 2) is a matrix of two classes, no and yes.
        class_names: C names; "0", "1", ... by default.
        normalize: the share that colours and percentages show: of the true class (row), of the predicted class
            (column), or of all samples; None shows counts alone.
        cmap: a colour map of matplotlib, or its name.
        ax: axes to draw on; None makes a figure.
        title: put above it; "Confusion matrix" by default.

    Returns:
        The figure, which a notebook shows by itself.

    Raises:
        ValueError: a matrix of another shape, names that do not fit, or another `normalize`.
        ImportError: matplotlib is missing.

    Example:
        >>> figure = plot_confusion_matrix([[8, 2], [1, 9]], ["cat", "dog"])
        >>> figure.axes[0].get_title()
        'Confusion matrix'
    """
    if normalize not in (*_SHARES, None):
        raise ValueError(f"`normalize` must be 'true', 'pred', 'all' or None, got {normalize!r}")
    if matrix is None:
        raise ValueError("a plot needs a confusion matrix; Counts do not say which classes were confused")
    report = Report(matrix, class_names)
    if not report.multiclass or report.matrix is None:
        raise ValueError(f"a plot needs one matrix (C, C), got shape {np.shape(matrix)}; plot one column at a time")
    counts = report.matrix
    shares = None if normalize is None else counts / np.maximum(_totals(counts, normalize), 1e-300)
    side = _side(report.num_classes)
    figure, axes = make_axes(ax, side + 1.2, side)
    image = axes.imshow(
        counts if shares is None else shares, cmap=cmap, norm=_norm(counts, shares), interpolation="nearest"
    )
    _name_classes(axes, report)
    if report.num_classes <= _WITH_NUMBERS:
        _write_cells(axes, image, counts, shares)
    axes.set(xlabel="predicted", ylabel="true", title="Confusion matrix" if title is None else title)
    _add_bar(figure, axes, image, normalize)
    return finish(figure, ax)


def _totals(counts: np.ndarray, normalize: str) -> Any:
    axis = {"true": 1, "pred": 0, "all": None}[normalize]
    return counts.sum(axis=axis, keepdims=True)


def _add_bar(figure: "Figure", axes: "Axes", image: Any, normalize: str | None) -> None:
    ticks = None if normalize is None else [0, 0.01, 0.05, 0.1, 0.25, 0.5, 1]
    bar = figure.colorbar(image, ax=axes, fraction=0.046, pad=0.02, ticks=ticks)
    if normalize is not None:
        bar.ax.yaxis.set_major_formatter(lambda share, _: f"{100 * share:.0f} %")
    bar.set_label("samples" if normalize is None else _SHARES[normalize])
    outline: Any = bar.outline  # matplotlib annotates it as a function
    outline.set_visible(False)


def _norm(counts: np.ndarray, shares: np.ndarray | None) -> Any:
    """Colour by the square root, so that a pair confused in 1 % of cases can be seen among a hundred classes."""
    from matplotlib.colors import PowerNorm

    return PowerNorm(0.5, vmin=0, vmax=1 if shares is not None else max(float(counts.max()), 1.0))


def _side(num_classes: int) -> float:
    """Inches of a matrix: room for numbers up to 20 classes, for names up to 120."""
    if num_classes <= _WITH_NUMBERS:
        return max(3.6, 1.4 + 0.62 * num_classes)
    return min(max(8.0, 2.0 + 0.125 * num_classes), 16.0)


def _name_classes(axes: "Axes", report: Report) -> None:
    count = report.num_classes
    axes.spines[:].set_visible(False)
    if count > _WITH_NAMES:
        return
    names = drawable(report.class_names, LONGEST_NAME)
    size = min(9.0, 0.7 * 72 * (_side(count) - 2) / count)  # points, of the row's height
    axes.set_xticks(range(count), names, fontsize=size)
    axes.set_yticks(range(count), names, fontsize=size)
    if max(map(len, names)) > 3 or count > _WITH_NUMBERS:
        axes.set_xticklabels(stack_upright(axes.get_xticklabels(), names))
    axes.tick_params(length=0)


def _write_cells(axes: "Axes", image: Any, counts: np.ndarray, shares: np.ndarray | None) -> None:
    """Writes count and percentage; empty cells stay blank, so that errors are easy to find."""
    for (row, column), count in np.ndenumerate(counts):
        if not count:
            continue
        value = count if shares is None else shares[row, column]
        lines = (
            [(number(count), 9, 4.5), (_percent(float(value)), 7, -7)]
            if shares is not None
            else [(number(count), 9, 0)]
        )
        for text, size, offset in lines:
            axes.annotate(
                text,
                (column, row),
                xytext=(0, offset),
                textcoords="offset points",
                ha="center",
                va="center",
                fontsize=size,
                color=_text_colour(image, float(value)),
            )


def _text_colour(image: Any, value: float) -> str:
    """Black on light cells, white on dark ones, by the luminance that people see."""
    red, green, blue, _ = image.cmap(image.norm(value))
    return "black" if 0.299 * red + 0.587 * green + 0.114 * blue > 0.5 else "white"


def _percent(share: float) -> str:
    """A share in percent; only 0 and 1 are written as 0 % and 100 %."""
    if 0 < share < 0.01:
        return "<1 %"
    return ">99 %" if 0.99 < share < 1 else f"{100 * share:.0f} %"
