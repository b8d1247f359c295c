"""Plots of a ledger: training rows that are easy, ambiguous or hard, and when they were learned and forgotten."""

from typing import TYPE_CHECKING, Any

import numpy as np

from fmnist_tf.plots.style import BLUE, GREY, ORANGE, finish, make_axes, make_figure, strip

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST_POINTS = 20_000


def plot_cartography(table: np.ndarray, *, ax: "Axes | None" = None, title: str | None = None) -> "Figure":
    """Data map of the training rows: confidence over variability, coloured by the share of right predictions.

    Rows at the top left are easy, those at the right ambiguous; those at the bottom left are hard, and wrong labels are
    among them. Of more than 20,000 rows every k-th is drawn.

    Args:
        table: `Ledger.table`: a structured array with the fields seen, correct, confidence and variability.
        ax: axes to draw on; None makes a figure.
        title: put above it; "Data map" by default.

    Returns:
        The figure, which a notebook shows by itself.

    Raises:
        ImportError: matplotlib is missing.

    Source: Swayamdipta et al., "Dataset cartography: mapping and diagnosing datasets with training dynamics", 2020.

    Example:
        >>> fields = [("seen", int), ("correct", int), ("confidence", float), ("variability", float)]
        >>> figure = plot_cartography(np.array([(4, 3, 0.7, 0.1), (0, 0, np.nan, np.nan)], fields))
        >>> figure.axes[0].collections[0].get_offsets().shape  # rows never seen are left out
        (1, 2)
    """
    rows = table[table["seen"] > 0]
    number = len(rows)
    rows = rows[:: -(-number // _MOST_POINTS) or 1]
    figure, axes = make_axes(ax, 6.4, 4.6)
    points = axes.scatter(
        rows["variability"],
        rows["confidence"],
        c=rows["correct"] / np.maximum(rows["seen"], 1),
        s=6 if len(rows) > 500 else 18,
        cmap="cividis",
        vmin=0,
        vmax=1,
        linewidths=0,
        rasterized=True,
    )
    bar = figure.colorbar(points, ax=axes, fraction=0.046, pad=0.02)
    bar.ax.yaxis.set_major_formatter(lambda share, _: f"{100 * share:.0f} %")
    bar.set_label("right predictions")
    outline: Any = bar.outline  # matplotlib annotates it as a function
    outline.set_visible(False)
    shown = "Data map" if title is None else title
    if len(rows) < number:
        shown = f"{shown}: {len(rows):,} of {number:,} rows"
    axes.set(xlabel="variability", ylabel="confidence", ylim=(-0.02, 1.02), title=shown)
    axes.set_xlim(left=-0.005)
    axes.grid(alpha=0.3)
    axes.set_axisbelow(True)
    strip(axes)
    return finish(figure, ax)


def plot_forgetting(table: np.ndarray, *, title: str | None = None) -> "Figure":
    """How often training rows were forgotten, and the epoch in which each was first predicted right.

    A row is forgotten where a right prediction is followed by a wrong one. Rows that no epoch predicted right have
    a separate bar in both parts: they are the hardest, not rows forgotten 0 times.

    Args:
        table: `Ledger.table`: a structured array with the fields seen, forgotten and first_learned.
        title: put above it; None for the number of rows.

    Returns:
        The figure, which a notebook shows by itself.

    Raises:
        ImportError: matplotlib is missing.

    Source: Toneva et al., "An empirical study of example forgetting during deep neural network learning", 2019.

    Example:
        >>> table = np.array(
        ...     [(3, 0, 0), (3, 1, 0), (3, 0, -1)], [("seen", int), ("forgotten", int), ("first_learned", int)]
        ... )
        >>> [axes.get_xlabel() for axes in plot_forgetting(table).axes]
        ['forgotten, times', 'first right in epoch']
    """
    rows = table[table["seen"] > 0]
    learned = rows["first_learned"] >= 0
    never = len(rows) - int(learned.sum())
    figure = make_figure(8.4, 3.4)
    left, right = figure.subplots(1, 2)
    forgotten = np.bincount(rows["forgotten"][learned], minlength=1)
    first = np.bincount(rows["first_learned"][learned], minlength=1)
    _bars(left, forgotten, never, 0, "forgotten, times")
    _bars(right, first, never, 1, "first right in epoch")
    left.set_ylabel("training rows")
    figure.suptitle(f"{len(rows):,} training rows" if title is None else title, fontsize=10)
    return finish(figure)


def _bars(axes: "Axes", counts: np.ndarray, never: int, first: int, label: str) -> None:
    """A bar a number, on a logarithmic scale, and one for the rows that no epoch predicted right."""
    last = first + len(counts)
    axes.bar(np.arange(first, last), counts, color=BLUE)
    axes.bar([last + 0.5], [never], color=ORANGE)
    step = max(1, len(counts) // 8)
    ticks = range(first, last, step)
    axes.set_xticks([*ticks, last + 0.5], [*map(str, ticks), "never\nright"])
    axes.set_yscale("symlog", linthresh=1)
    axes.set_ylim(0, 1.5 * max(1, never, *counts))
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.set_xlabel(label)
    axes.grid(axis="y", alpha=0.3, color=GREY)
    axes.set_axisbelow(True)
    strip(axes)
