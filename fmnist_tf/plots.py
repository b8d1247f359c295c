"""Pictures of matrices and histories (extra `plot`): each function returns a matplotlib `Figure`, `savefig` writes it.

No pyplot: no state is left behind, no window is opened, no display is needed. Colours are Okabe and Ito's, which people
with any colour vision tell apart; shades of one colour hold amounts.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from fmnist_tf.counts import from_matrix
from fmnist_tf.intervals import value_of
from fmnist_tf.report import Comparison, Report
from fmnist_tf.report.blocks import shorten
from fmnist_tf.report.cells import Cell, number
from fmnist_tf.report.report import label as label_of
from fmnist_tf.scores import find_score

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#767676"
_COLOURS = (BLUE, ORANGE, "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
_WITH_NUMBERS = 20  # classes up to which every cell is written
_WITH_NAMES = 120  # classes up to which every class is named
_IN_COLOUR = 7  # classes that are told apart by colour, the others stay grey


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
    if not report.exclusive or report.matrix is None:
        raise ValueError(f"a plot needs one matrix (C, C), got shape {matrix.shape}; plot one column at a time")
    shares = report.matrix / np.maximum(report.matrix.sum(axis=1, keepdims=True), 1e-300)
    side = _side(report.num_classes)
    figure = _figure(side + 1.2, side)
    axes = figure.add_subplot()
    image = axes.imshow(shares, cmap="Blues", norm=_norm(), interpolation="nearest")
    _name_classes(axes, report)
    if report.num_classes <= _WITH_NUMBERS:
        _write_cells(axes, report.matrix, shares)
    axes.set(xlabel="predicted", ylabel="true", title=title or "")
    bar = figure.colorbar(image, ax=axes, fraction=0.046, pad=0.02, ticks=[0, 0.01, 0.05, 0.1, 0.25, 0.5, 1])
    bar.ax.yaxis.set_major_formatter(lambda share, _: f"{100 * share:.0f} %")
    bar.set_label("share of the true class")
    bar.outline.set_visible(False)  # type: ignore[reportCallIssue]
    return figure


def plot_curves(
    history: Mapping[str, Sequence[float]],
    intervals: Mapping[str, Sequence[Any]] | None = None,
    *,
    names: Sequence[str] = ("macro_f1", "loss"),
    title: str | None = None,
) -> "Figure":
    """Training and validation, an epoch a step: one panel a name, validation marked at its best epoch.

    Args:
        history: name -> values, one an epoch, as Keras' `History.history` and `ScoreLogger.history` hold them. A
            validation list that is shorter than the training one belongs to every k-th epoch.
        intervals: name, such as "val_macro_f1" -> (low, high) an epoch, drawn as a band; None leaves a gap.
        names: what to draw; what `history` lacks is left out.
        title: put above it.

    Raises:
        ValueError: `history` holds none of `names`.
        ImportError: matplotlib is missing.
    """
    shown = [name for name in names if name in history or f"val_{name}" in history]
    if not shown:
        raise ValueError(f"`history` holds none of {', '.join(names)}; it has {', '.join(history) or 'nothing'}")
    figure = _figure(5.2 * len(shown), 3.8)
    for column, name in enumerate(shown, start=1):
        axes = figure.add_subplot(1, len(shown), column)
        epochs = max(len(history.get(key, ())) for key in (name, f"val_{name}"))
        for key, label, colour in ((name, "training", BLUE), (f"val_{name}", "validation", ORANGE)):
            if key in history:
                steps = _epochs_of(history[key], epochs)
                axes.plot(steps, np.asarray(history[key], np.float64), marker="o", ms=3, color=colour, label=label)
                _draw_band(axes, steps, (intervals or {}).get(key), colour)
        _mark_best(axes, name, history.get(f"val_{name}", ()), epochs)
        _finish_curve(axes, label_of(name))
        axes.legend(frameon=False)
    if title:
        figure.suptitle(title)
    return figure


def plot_class_scores(
    matrices: Iterable[Any],
    class_names: Sequence[str] | None = None,
    score: str = "f1_score",
    *,
    title: str | None = None,
) -> "Figure":
    """A score of every class over the epochs; the worst classes at the end in colour, the others in grey.

    Args:
        matrices: one confusion matrix an epoch, (epochs, C, C) or (epochs, C, 2, 2).
        class_names: C names; "0", "1", ... by default.
        score: a score of single classes.
        title: put above it.

    Raises:
        ValueError: no epoch, or names that do not fit.
        ImportError: matplotlib is missing.
    """
    matrices = list(matrices)
    if not matrices:
        raise ValueError("`matrices` must hold one confusion matrix an epoch, got none")
    selection = find_score(score)._replace(average=None)
    class_names = Report(matrices[-1], class_names).class_names
    values = np.array([_class_values(selection, matrix) for matrix in matrices])
    figure = _figure(7.4, 4.6)
    axes = figure.add_subplot()
    order = np.argsort(values[-1], kind="stable")
    coloured = order if len(order) <= _IN_COLOUR else order[: _IN_COLOUR - 1]
    epochs = np.arange(1, len(values) + 1)
    for row in order[::-1]:
        rank = int(np.flatnonzero(coloured == row)[0]) if row in coloured else None
        style = {"color": "#c4c4c4", "lw": 0.9} if rank is None else {"color": _COLOURS[rank], "lw": 1.8, "zorder": 3}
        axes.plot(epochs, values[:, row], marker="o", ms=3, **style)
    _name_lines(axes, values[-1], coloured, class_names)
    _finish_curve(axes, f"{label_of(score)} of each class")
    if title:
        axes.set_title(title)
    return figure


def plot_comparison(
    a: Report,
    b: Report,
    names: tuple[str, str] = ("a", "b"),
    *,
    title: str | None = None,
) -> "Figure":
    """F1 of every class in two reports, with intervals; classes that changed beyond chance stand in full colour.

    Args:
        a: the report compared with.
        b: the report compared.
        names: what to call them.
        title: put above it.

    Raises:
        ValueError: the reports have different classes.
        ImportError: matplotlib is missing.
    """
    comparison = Comparison(a, b, names)
    rows = [*comparison.classes.items()]
    figure = _figure(7.4, min(1.6 + 0.36 * (len(rows) + 1), 40))
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
    _strip(axes)
    axes.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=2)
    figure.supxlabel("* changed beyond chance", fontsize=8, x=0.98, ha="right")
    return figure


def _figure(width: float, height: float) -> "Figure":
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError("plots need matplotlib; pip install 'fmnist-tf[plot]'") from error
    return Figure(figsize=(width, height), dpi=120, layout="compressed")


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
    names = [shorten(name, 24) for name in report.class_names]
    size = 9 if count <= _WITH_NUMBERS else max(4.5, 9 - 0.05 * count)
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
    return "<1 %" if 0 < share < 0.005 else f"{100 * share:.0f} %"


def _draw_band(axes: "Axes", steps: np.ndarray, band: Sequence[Any] | None, colour: str) -> None:
    if band is None:
        return
    ends = np.array([(np.nan, np.nan) if ends is None else tuple(ends) for ends in band], np.float64)
    axes.fill_between(steps, ends[:, 0], ends[:, 1], color=colour, alpha=0.18, lw=0, label="95 % interval")


def _epochs_of(values: Sequence[float], epochs: int) -> np.ndarray:
    """1, 2, ... or every k-th epoch where there are fewer values than epochs."""
    step = max(epochs // max(len(values), 1), 1)
    return step * np.arange(1, len(values) + 1)


def _mark_best(axes: "Axes", name: str, values: Sequence[float], epochs: int) -> None:
    finite = np.asarray(values, np.float64)
    if not np.isfinite(finite).any():
        return
    best = int(np.nanargmin(finite) if "loss" in name else np.nanargmax(finite))
    epoch = _epochs_of(values, epochs)[best]
    axes.plot(epoch, finite[best], marker="o", ms=9, mfc="none", mec=ORANGE, ls="none")
    axes.annotate(
        f"{finite[best]:.3f}",
        (epoch, finite[best]),
        xytext=(0, 9 if "loss" not in name else -16),
        textcoords="offset points",
        ha="center",
        fontsize=8.5,
        color=ORANGE,
    )


def _finish_curve(axes: "Axes", label: str) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.set(xlabel="epoch", ylabel=label)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.margins(x=0.04, y=0.12)
    axes.grid(alpha=0.3)
    _strip(axes)


def _strip(axes: "Axes") -> None:
    axes.spines[["top", "right"]].set_visible(False)


def _class_values(selection: Any, matrix: Any) -> np.ndarray:
    """One value a class, whatever the score."""
    return value_of(selection, from_matrix(matrix), exclusive=False)


def _name_lines(axes: "Axes", last: np.ndarray, coloured: np.ndarray, class_names: Sequence[str]) -> None:
    """Names at the ends of the coloured lines, moved apart where they would overlap."""
    low, high = axes.get_ylim()
    gap = 0.05 * (high - low)
    place = -np.inf
    for rank, row in enumerate(coloured):
        place = max(float(last[row]), place + gap)
        axes.annotate(
            f"{shorten(class_names[int(row)], 24)} {last[row]:.2f}",
            (1.0, place),
            xytext=(6, 0),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            va="center",
            fontsize=8.5,
            color=_COLOURS[rank],
        )


def _draw_cells(axes: "Axes", cells: Sequence[Cell], positions: np.ndarray, **style: Any) -> None:
    """Values with their intervals; None, where there is none, becomes NaN and is not drawn."""
    value, low, high = np.array(cells, np.float64).T
    axes.errorbar(value, positions, xerr=[value - low, high - value], ms=4.5, elinewidth=1.4, **style)


def _changed_name(comparison: Comparison, name: str, change: Any) -> str:
    beyond = change.beyond_chance if name == "macro mean" else name in comparison.changed
    return f"{shorten(name, 24)} {'*' if beyond else ' '}"
