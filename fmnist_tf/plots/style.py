"""Parts of all plots: a figure without pyplot, colours, axes without a frame, names as plain text."""

import importlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from fmnist_tf.plots.fonts import as_plain_text
from fmnist_tf.report.cells import Cell

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE, ORANGE, GREY, PALE = "#0072B2", "#D55E00", "#767676", "#c4c4c4"
COLOURS = (BLUE, ORANGE, "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
LONGEST_NAME = 24


def make_figure(width: float, height: float) -> "Figure":
    """An empty figure, in inches, that a notebook shows by itself.

    Raises:
        ImportError: matplotlib is missing.
    """
    try:
        importlib.import_module("matplotlib.figure")
    except ImportError as error:
        raise ImportError("plots need matplotlib; pip install 'fmnist-tf[plot]'") from error
    from fmnist_tf.plots.figure import NotebookFigure

    return NotebookFigure(figsize=(width, height), dpi=120, layout="compressed")


def make_axes(ax: "Axes | None", width: float, height: float) -> "tuple[Figure, Axes]":
    """The axes to draw on with their figure: those given, or new ones of so many inches."""
    if ax is None:
        figure = make_figure(width, height)
        return figure, figure.add_subplot()
    figure: Any = ax.figure
    return figure, ax


def finish(figure: "Figure", ax: Any = None) -> "Figure":
    """The figure, with all text shown as it is written; in a figure of the caller only that of the given axes."""
    as_plain_text([figure] if ax is None else [ax])
    return figure


def strip(axes: "Axes") -> None:
    """Removes the upper and the right side of the frame."""
    axes.spines[["top", "right"]].set_visible(False)


def draw_cells(axes: "Axes", cells: Sequence[Cell], heights: Sequence[float] | np.ndarray, **style: Any) -> None:
    """Values with their intervals; a missing interval (None) becomes NaN and is not drawn."""
    value, low, high = np.array(cells, np.float64).T
    ends = np.maximum([value - low, high - value], 0)  # an end that equals the value may be rounded to beyond it
    axes.errorbar(value, heights, xerr=ends, ms=4.5, elinewidth=1.4, **style)


def star(marked: bool) -> str:
    """The end of a name: a star, or a blank of the same width for names that have none."""
    return "*" if marked else " "
