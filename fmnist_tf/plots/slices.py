"""The picture of a slice: one score of every value with its interval."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from fmnist_tf.plots.fonts import drawable
from fmnist_tf.plots.style import BLUE, GREY, LONGEST_NAME, ORANGE, draw_cells, finish, make_axes, star, strip
from fmnist_tf.report.names import capitalize, label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from fmnist_tf.report.slices import SliceReport, SliceRow

_SHOWN = 40  # values that have a line
#: Of the values that do not differ from the rest, and of those that do.
_STYLES: dict[bool, dict[str, Any]] = {False: {"color": BLUE, "fmt": "o"}, True: {"color": ORANGE, "fmt": "s"}}


def plot_slices(
    slice_report: "SliceReport", score: str = "macro_f1", *, ax: "Axes | None" = None, title: str | None = None
) -> "Figure":
    """One score of every value of a slice with its interval, the worst first; a star marks values that differ.

    The dashed line is the score of all rows. A value differs where its score is significantly different from that of
    the rest of the rows, at 5 % after Holm's correction over all values and scores; AUROC and average precision are not
    compared, and have no stars. Of more than 40 values it shows the 40 worst.

    Args:
        slice_report: the scores of the values, as `report.by("site")` gives them.
        score: the name of one of its scores, such as "accuracy"; "auroc" and "average_precision" where every value has
            a histogram of scores.
        ax: axes to draw on; None makes a figure.
        title: put above it; "Macro F1 by site" by default, of a slice "site".

    Returns:
        The figure, which a notebook shows by itself.

    Raises:
        ValueError: `slice_report` has no such score.
        ImportError: matplotlib is missing.

    Example:
        >>> from fmnist_tf.report import Report
        >>> report = Report([[75, 15], [20, 70]])
        >>> report.slices = {"site": {"north": Report([[45, 0], [5, 40]]), "south": Report([[30, 15], [15, 30]])}}
        >>> axes = plot_slices(report.by("site")).axes[0]
        >>> axes.get_title(), [label.get_text() for label in axes.get_yticklabels()]
        ('Macro F1 by site', ['south *', 'north *'])
    """
    rows = slice_report.rows_by(score)
    shown = rows[:_SHOWN]
    name, *values = drawable([slice_report.name, *(row.value for row in shown)], LONGEST_NAME)
    figure, axes = make_axes(ax, 7.4, 1.6 + 0.3 * len(shown))
    whole = slice_report.overall[score].value
    axes.axvline(whole, color=GREY, lw=1.2, ls="--", label=f"dashed: all rows, {whole:.3f}")
    _draw_values(axes, shown, score)
    marks = [f"{value} {star(score in row.differs)}" for value, row in zip(values, shown, strict=True)]
    axes.set_yticks(range(len(shown)), marks)
    axes.set(xlabel=label(score), ylim=(len(shown) - 0.4, -0.6))
    axes.set_title(f"{capitalize(label(score))} by {name}" if title is None else title)
    axes.grid(axis="x", alpha=0.3)
    strip(axes)
    if ax is None:
        intervals = f"lines: {100 * slice_report.level:g} % intervals"
        note = [*_left_out(len(shown), len(rows)), *axes.get_legend_handles_labels()[1], intervals]
        figure.supxlabel("; ".join(note), fontsize=8, x=0.98, ha="right")
    else:
        axes.legend(frameon=False)
    return finish(figure, ax)


def _draw_values(axes: "Axes", rows: Sequence["SliceRow"], score: str) -> None:
    """A point a row with its interval; those that differ are orange squares."""
    for differs, style in _STYLES.items():
        heights = [height for height, row in enumerate(rows) if (score in row.differs) is differs]
        cells = [rows[height].scores[score] for height in heights]
        if cells:
            draw_cells(axes, cells, heights, label="* differs from the rest" if differs else None, **style)


def _left_out(shown: int, values: int) -> list[str]:
    return [f"the {shown} worst of {values} values"] if shown < values else []
