"""The picture of two reports side by side."""

from typing import TYPE_CHECKING, Any

import numpy as np

from fmnist_tf.intervals import Paired
from fmnist_tf.plots.fonts import drawable
from fmnist_tf.plots.style import BLUE, GREY, LONGEST_NAME, draw_cells, finish, make_axes, star, strip
from fmnist_tf.report import Comparison, Report

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COMPARED = 40  # classes of which a comparison has a line


def plot_comparison(
    a: Report,
    b: Report,
    names: tuple[str, str] = ("a", "b"),
    *,
    paired: Paired | None = None,
    ax: "Axes | None" = None,
    title: str | None = None,
) -> "Figure":
    """F1 of every class in two reports, with intervals; a star marks classes that changed beyond chance.

    Of more than 40 classes it shows the 40 whose F1 changed most.

    Args:
        a: the first report, the baseline.
        b: the second report, compared with a.
        names: the names of a and b.
        paired: the predictions of both models for the same samples, if they are known.
        ax: axes to draw on; None makes a figure.
        title: put above it; "F1 of each class" by default.

    Returns:
        The figure, which a notebook shows by itself.

    Raises:
        ValueError: the reports have different classes.
        ImportError: matplotlib is missing.
    """
    comparison = Comparison(a, b, names, paired=paired)
    rows = _most_changed(comparison)
    figure, axes = make_axes(ax, 7.4, 1.6 + 0.36 * (len(rows) + 1))
    shown = drawable([name for name, _ in rows], LONGEST_NAME)
    marks = [f"{text} {star(name in comparison.changed)}" for text, (name, _) in zip(shown, rows, strict=True)]
    rows.append(("macro mean", comparison.scores["macro_f1_score"]))
    for side, (name, colour, marker) in enumerate(zip(names, (GREY, BLUE), ("o", "s"), strict=True)):
        cells = [change[side] for _, change in rows]
        heights = np.arange(len(rows)) + (0.14 if side else -0.14)
        draw_cells(axes, cells, heights, label=name, color=colour, fmt=marker)
    axes.set_yticks(range(len(rows)), [*marks, f"macro mean {star(rows[-1][1].beyond_chance)}"])
    axes.set(xlabel="F1", ylim=(len(rows) - 0.4, -0.6))
    axes.set_title("F1 of each class" if title is None else title, pad=None if ax else 22)  # the legend is below it
    axes.axhline(len(rows) - 1.5, color=GREY, lw=0.6)
    axes.grid(axis="x", alpha=0.3)
    strip(axes)
    axes.legend(frameon=False, loc="best" if ax else "lower right", bbox_to_anchor=None if ax else (1, 1), ncols=2)
    note = f"lines: {100 * a.level:g} % intervals; * changed beyond chance"
    if len(rows) <= a.num_classes:
        note = f"the {len(rows) - 1} of {a.num_classes} classes that changed most; {note}"
    if ax is None:
        figure.supxlabel(note, fontsize=8, x=0.98, ha="right")
    return finish(figure, ax)


def _most_changed(comparison: Comparison) -> list[Any]:
    """Classes and their changes, in their order."""
    rows = [*comparison.classes.items()]
    sizes = [abs(change.difference.value) for _, change in rows]
    shown = np.sort(np.argsort(np.negative(sizes), kind="stable")[:_COMPARED])
    return [rows[index] for index in shown]
