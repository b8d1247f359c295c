"""The picture of two reports side by side."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from fmnist_tf.intervals import Paired
from fmnist_tf.plots.style import BLUE, GREY, LONGEST_NAME, make_figure, strip
from fmnist_tf.report import Comparison, Report
from fmnist_tf.report.cells import Cell
from fmnist_tf.report.names import shorten

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
    title: str | None = None,
) -> "Figure":
    """F1 of every class in two reports, with intervals; a star marks what changed beyond chance.

    Of more than 40 classes it shows the 40 whose F1 changed most.

    Args:
        a: the report compared with.
        b: the report compared.
        names: what to call them.
        paired: the answers of both to the same positions, where they are known, as `Comparison` takes them.
        title: put above it.

    Raises:
        ValueError: the reports have different classes.
        ImportError: matplotlib is missing.
    """
    comparison = Comparison(a, b, names, paired=paired)
    rows = _most_changed(comparison)
    figure = make_figure(7.4, 1.6 + 0.36 * (len(rows) + 1))
    axes = figure.add_subplot()
    rows.append(("macro mean", comparison.scores["macro_f1_score"]))
    for side, (name, colour, marker) in enumerate(zip(names, (GREY, BLUE), ("o", "s"), strict=True)):
        cells = [change[side] for _, change in rows]
        positions = np.arange(len(rows)) + (0.14 if side else -0.14)
        _draw_cells(axes, cells, positions, label=name, color=colour, fmt=marker)
    axes.set_yticks(range(len(rows)), [_changed_name(comparison, name, change) for name, change in rows])
    axes.set(xlabel="F1", ylim=(len(rows) - 0.4, -0.6), title=title or "")
    axes.axhline(len(rows) - 1.5, color=GREY, lw=0.6)
    axes.grid(axis="x", alpha=0.3)
    strip(axes)
    axes.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=2)
    note = f"lines: {100 * a.level:g} % intervals; * changed beyond chance"
    if len(rows) <= a.num_classes:
        note = f"the {len(rows) - 1} of {a.num_classes} classes that changed most; {note}"
    figure.supxlabel(note, fontsize=8, x=0.98, ha="right")
    return figure


def _draw_cells(axes: "Axes", cells: Sequence[Cell], positions: np.ndarray, **style: Any) -> None:
    """Values with their intervals; None, where there is none, becomes NaN and is not drawn."""
    value, low, high = np.array(cells, np.float64).T
    axes.errorbar(value, positions, xerr=[value - low, high - value], ms=4.5, elinewidth=1.4, **style)


def _most_changed(comparison: Comparison) -> list[Any]:
    """Classes and their changes, in their order."""
    rows = [*comparison.classes.items()]
    sizes = [abs(change.difference.value) for _, change in rows]
    shown = np.sort(np.argsort(np.negative(sizes), kind="stable")[:_COMPARED])
    return [rows[index] for index in shown]


def _changed_name(comparison: Comparison, name: str, change: Any) -> str:
    beyond = change.beyond_chance if name == "macro mean" else name in comparison.changed
    return f"{shorten(name, LONGEST_NAME)} {'*' if beyond else ' '}"
