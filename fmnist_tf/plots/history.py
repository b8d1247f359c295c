"""Plots over the epochs: overall scores, and scores of every class."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from fmnist_tf.counts import from_matrix
from fmnist_tf.intervals import value_of
from fmnist_tf.plots.fonts import as_plain_text, drawable
from fmnist_tf.plots.style import BLUE, COLOURS, LONGEST_NAME, ORANGE, PALE, finish, make_axes, make_figure, strip
from fmnist_tf.report import Report
from fmnist_tf.report.names import label as label_of
from fmnist_tf.scores import find_score

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_IN_COLOUR = 7  # classes that are told apart by colour, the others stay grey


def plot_curves(
    history: Mapping[str, Sequence[float]],
    intervals: Mapping[str, Sequence[Any]] | None = None,
    *,
    names: Sequence[str] = ("macro_f1", "loss"),
    announced: Mapping[str, Sequence[int]] | None = None,
    ax: Any = None,
    title: str | None = None,
) -> "Figure":
    """Training and validation, an epoch a step: one panel a name, validation marked at its best epoch.

    With the epochs that a Ladder has announced, each of these is marked, and the last one is the best.

    Args:
        history: name -> values, one an epoch, as Keras' `History.history` and `ScoreLogger.history` hold them. A
            validation list that is shorter than the training one belongs to every k-th epoch.
        intervals: name, such as "val_macro_f1" -> (low, high) an epoch, drawn as a band; None leaves a gap.
        names: the keys to draw; missing ones are left out.
        announced: name, such as "val_macro_f1" -> the epochs announced, from 0, as `LadderStopping.announced` holds
            them.
        ax: axes to draw on, one for each name that is drawn, or a single one; None makes a figure.
        title: put above it.

    Returns:
        The figure, which a notebook shows by itself.

    Raises:
        ValueError: `history` holds none of `names`.
        ImportError: matplotlib is missing.
    """
    shown = [name for name in names if name in history or f"val_{name}" in history]
    if not shown:
        raise ValueError(f"`history` holds none of {', '.join(names)}; it has {', '.join(history) or 'nothing'}")
    figure, panels = _make_panels(ax, len(shown))
    for axes, name in zip(panels, shown, strict=True):
        epochs = max(len(history.get(key, ())) for key in (name, f"val_{name}"))
        for key, label, colour in ((name, "training", BLUE), (f"val_{name}", "validation", ORANGE)):
            if key in history:
                steps = _epochs_of(history[key], epochs)
                axes.plot(steps, np.asarray(history[key], np.float64), marker="o", ms=3, color=colour, label=label)
                _draw_band(axes, steps, (intervals or {}).get(key), colour)
        key = f"val_{name}"
        _mark_best(axes, name, history.get(key, ()), epochs, (announced or {}).get(key))
        _finish_curve(axes, label_of(name))
        axes.legend(frameon=False)
    if title:
        figure.suptitle(title) if ax is None else panels[0].set_title(title)
    as_plain_text([figure] if ax is None else panels)
    return figure


def _make_panels(ax: Any, count: int) -> "tuple[Figure, list[Axes]]":
    if ax is None:
        figure = make_figure(5.2 * count, 3.8)
        return figure, [figure.add_subplot(1, count, column) for column in range(1, count + 1)]
    panels = list(np.atleast_1d(np.asarray(ax, dtype=object)).ravel())
    if len(panels) != count:
        raise ValueError(f"`ax` must hold {count} axes, one for each name that is drawn, got {len(panels)}")
    return panels[0].figure, panels


def plot_class_scores(
    matrices: Iterable[Any],
    class_names: Sequence[str] | None = None,
    score: str = "f1_score",
    *,
    ax: "Axes | None" = None,
    title: str | None = None,
) -> "Figure":
    """A score of every class over the epochs; the worst classes at the end in colour, the others in grey.

    Args:
        matrices: one confusion matrix an epoch, (epochs, C, C) or (epochs, C, 2, 2).
        class_names: C names; "0", "1", ... by default.
        score: the name of a score of single classes.
        ax: axes to draw on; None makes a figure.
        title: put above it.

    Returns:
        The figure, which a notebook shows by itself.

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
    figure, axes = make_axes(ax, 7.4, 4.6)
    order = np.argsort(values[-1], kind="stable")
    coloured = order if len(order) <= _IN_COLOUR else order[: _IN_COLOUR - 1]
    epochs = np.arange(1, len(values) + 1)
    for row in order[::-1]:
        rank = int(np.flatnonzero(coloured == row)[0]) if row in coloured else None
        style = {"color": PALE, "lw": 0.9} if rank is None else {"color": COLOURS[rank], "lw": 1.8, "zorder": 3}
        axes.plot(epochs, values[:, row], marker="o", ms=3, **style)
    _name_lines(axes, values[-1], coloured, class_names)
    _finish_curve(axes, f"{label_of(score)} of each class")
    if title:
        axes.set_title(title)
    return finish(figure, ax)


def _draw_band(axes: "Axes", steps: np.ndarray, band: Sequence[Any] | None, colour: str) -> None:
    if band is None:
        return
    ends = np.array([(np.nan, np.nan) if ends is None else tuple(ends) for ends in band], np.float64)
    if len(ends) == 1:  # a band has no width at a single epoch
        axes.vlines(steps, ends[:, 0], ends[:, 1], color=colour, alpha=0.4, lw=6, label="95 % interval")
    else:
        axes.fill_between(steps, ends[:, 0], ends[:, 1], color=colour, alpha=0.18, lw=0, label="95 % interval")


def _epochs_of(values: Sequence[float], epochs: int) -> np.ndarray:
    """1, 2, ... or every k-th epoch if there are fewer values than epochs."""
    step = max(epochs // max(len(values), 1), 1)
    return step * np.arange(1, len(values) + 1)


def _mark_best(
    axes: "Axes", name: str, values: Sequence[float], epochs: int, announced: Sequence[int] | None = None
) -> None:
    """A ring around the best epoch, and its value; of announced epochs a triangle at each."""
    finite = np.asarray(values, np.float64)
    if not np.isfinite(finite).any():
        return
    steps = _epochs_of(values, epochs)
    best = int(np.nanargmin(finite) if "loss" in name else np.nanargmax(finite))
    if announced:
        places = np.searchsorted(steps, np.asarray(announced) + 1)
        best = int(places[-1])
        axes.plot(steps[places], finite[places], marker="^", ms=8, color=ORANGE, ls="none", label="announced")
    epoch = steps[best]
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
    strip(axes)


def _class_values(selection: Any, matrix: Any) -> np.ndarray:
    """One value a class, for any score."""
    return value_of(selection, from_matrix(matrix), multiclass=False)


def _name_lines(axes: "Axes", last: np.ndarray, coloured: np.ndarray, class_names: Sequence[str]) -> None:
    """Names beside the ends of the coloured lines, each with a line of its colour, and how many stay grey."""
    short = drawable(class_names, LONGEST_NAME)
    names = [f"{short[int(row)]} {last[row]:.3f}" for row in coloured]
    ends, colours = [float(last[row]) for row in coloured], list(COLOURS[: len(coloured)])
    others = np.delete(last, coloured)
    if others.size:
        names.append(f"{len(others)} others from {np.min(others):.3f}")
        ends, colours = [*ends, float(np.mean(others))], [*colours, PALE]
    low, high = axes.get_ylim()
    places = _move_apart(np.array(ends), 0.048 * (high - low))
    beside = axes.get_yaxis_transform()
    for name, end, place, colour in zip(names, ends, places, colours, strict=True):
        axes.plot([1.005, 1.045], [end, place], color=colour, lw=1.8, transform=beside, clip_on=False)
        axes.text(1.055, place, name, va="center", fontsize=8.5, transform=beside)
    axes.set_ylim(low, high)


def _move_apart(ends: np.ndarray, gap: float) -> np.ndarray:
    """The rising places nearest to rising ends (least squares) that lie `gap` or more apart.

    After subtracting k times the gap from the k-th, they must only not fall: isotonic regression by pooling neighbours.

    Source: Barlow, Bartholomew, Bremner and Brunk, Statistical Inference under Order Restrictions, 1972, chapter 1.
    """
    steps = gap * np.arange(len(ends))
    pools: list[list[float]] = []
    for value in ends - steps:
        pools.append([value])
        while len(pools) > 1 and np.mean(pools[-2]) > np.mean(pools[-1]):
            pools[-2:] = [pools[-2] + pools[-1]]
    return steps + np.concatenate([np.full(len(pool), np.mean(pool)) for pool in pools])
