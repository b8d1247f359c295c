"""The plot of calibration: the accuracy of the samples of each confidence."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from fmnist_tf.calibration.reliability import Reliability, expected_calibration_error
from fmnist_tf.intervals import wilson
from fmnist_tf.plots.fonts import drawable
from fmnist_tf.plots.style import BLUE, COLOURS, GREY, LONGEST_NAME, PALE, finish, make_figure, strip
from fmnist_tf.report.cells import number
from fmnist_tf.report.names import check_names

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_BY_NAME = 4  # columns with a separate curve, the worst calibrated ones
_WITH_COUNTS = 20  # bins up to which each count is written


def plot_reliability(
    source: Any,
    class_names: Sequence[str] | None = None,
    *,
    ax: "Axes | None" = None,
    title: str | None = None,
) -> "Figure":
    """Reliability diagram: the accuracy over the confidence, with the number of samples in each bin below.

    On the dotted line accuracy equals confidence; below it the model is overconfident. Vertical lines are 95 %
    confidence intervals. Of several binary columns the pooled curve is drawn, and the four worst by name.

    Args:
        source: `ExpectedCalibrationError` or `MaximumCalibrationError`, or its `reliability`.
        class_names: names of binary columns; "0", "1", ... by default.
        ax: axes to draw on, which then show the diagram without the counts; None makes a figure.
        title: put above it, before the expected calibration error.

    Returns:
        The figure, which a notebook shows by itself.

    Raises:
        TypeError: `source` holds no bins of confidence.
        ValueError: names that do not fit several columns.
        ImportError: matplotlib is missing.

    Source: Guo et al., On calibration of modern neural networks, ICML 2017; Wilson's interval.
    """
    columns = getattr(source, "reliability", source)
    if not isinstance(columns, Reliability):
        raise TypeError(f"a reliability diagram needs an ExpectedCalibrationError, got {source!r}")
    whole = columns.pooled()
    figure, diagram, counts = _make_panels(ax)
    diagram.plot([0, 1], [0, 1], color=GREY, lw=0.9, ls=":")
    _draw_whole(diagram, *(np.asarray(field)[0] for field in whole))
    if len(columns.weight) > 1:
        _draw_worst(diagram, columns, check_names(class_names, len(columns.weight)))
    if counts is not None:
        _draw_counts(counts, np.asarray(whole.weight)[0])
    error = f"expected calibration error {float(expected_calibration_error(whole)[0]):.4f}"
    diagram.set(title=f"{title}, {error}" if title else error, xlim=(-0.01, 1.01), ylim=(0, 1.02))
    of_yes = not getattr(source, "multiclass", len(columns.weight) == 1)
    diagram.set_ylabel("share of yes" if of_yes else "accuracy")
    (diagram if counts is None else counts).set_xlabel("probability of yes" if of_yes else "confidence")
    diagram.grid(alpha=0.3)
    return finish(figure, ax)


def _make_panels(ax: "Axes | None") -> "tuple[Any, Axes, Axes | None]":
    """The figure, the axes of the diagram, and those of the numbers."""
    if ax is not None:
        return ax.figure, ax, None
    figure = make_figure(5.6, 6.0)
    diagram, counts = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
    return figure, diagram, counts


def _draw_whole(axes: "Axes", weight: np.ndarray, confidence: np.ndarray, right: np.ndarray) -> None:
    weight, confidence, right = (field[weight > 0] for field in (weight, confidence, right))
    share = np.minimum(right / weight, 1)
    low, high = wilson(share * weight, weight)
    ends = np.maximum([share - low, high - share], 0)
    look: Any = {"color": BLUE, "marker": "o", "ms": 4.5, "lw": 1.8, "elinewidth": 1.2, "zorder": 3}
    axes.errorbar(confidence / weight, share, ends, label="all columns together", **look)
    strip(axes)


def _draw_worst(axes: "Axes", columns: Reliability, names: Sequence[str]) -> None:
    """The columns with the largest error, the largest first."""
    errors, short = np.nan_to_num(np.asarray(expected_calibration_error(columns))), drawable(names, LONGEST_NAME)
    for row, colour in zip(np.argsort(-errors, kind="stable")[:_BY_NAME], COLOURS[1:], strict=False):
        seen = np.asarray(columns.weight[row]) > 0
        weight, confidence, right = (np.asarray(field[row])[seen] for field in columns)
        label = f"{short[int(row)]} {errors[row]:.4f}"
        axes.plot(confidence / weight, right / weight, color=colour, marker=".", lw=1, label=label)
    handles, _ = axes.get_legend_handles_labels()
    axes.legend(handles=[handles[-1], *handles[:-1]], frameon=False, fontsize=8.5, loc="upper left")


def _draw_counts(axes: "Axes", weight: np.ndarray) -> None:
    """A bar a bin, with its number, since a small bar cannot be seen beside large ones."""
    width = 1 / len(weight)
    middles = (np.arange(len(weight)) + 0.5) * width
    axes.bar(middles, weight, 0.9 * width, color=PALE)
    if len(weight) <= _WITH_COUNTS:
        for middle, count in zip(middles, weight, strict=True):
            axes.annotate(number(count), (middle, count), (0, 2), textcoords="offset points", ha="center", fontsize=7)
    axes.set(ylabel="number", ylim=(0, 1.2 * max(weight.max(), 1)))
    axes.yaxis.set_major_formatter(lambda count, _: number(count))
    strip(axes)
