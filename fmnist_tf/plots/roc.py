"""Plots of scores at all thresholds: ROC and precision-recall curves."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from fmnist_tf.curves.bounds import Bounds
from fmnist_tf.curves.distribution import Distribution
from fmnist_tf.plots.fonts import drawable
from fmnist_tf.plots.style import COLOURS, GREY, LONGEST_NAME, PALE, finish, make_axes, strip
from fmnist_tf.report.cells import bounds_text
from fmnist_tf.report.names import check_names

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_IN_COLOUR = 6  # classes with a colour; the others are grey, the mean is black
_MANY = 30  # classes beyond which the grey ones are thin
_EVENLY = np.linspace(0, 1, 501)  # where curves are averaged; at the squares if rates are drawn by their root


def plot_roc(
    source: Any,
    class_names: Sequence[str] | None = None,
    *,
    scale: Literal["linear", "root"] = "linear",
    ax: "Axes | None" = None,
    title: str | None = None,
) -> "Figure":
    """ROC curve of every class against the rest, the worst in colour and by name, and their mean.

    The mean is that of the true positive rates at each false positive rate: its area is the macro AUROC. Beside each
    stands AUROC with the bounds of its exact value. The dotted line is that of guessing. A multiclass problem
    of two classes has one curve, that of the second.

    Args:
        source: a metric with a histogram, such as `AUROC` or `CurveSet`, or its `distribution`.
        class_names: C names; "0", "1", ... by default. Of one column its name, or those of no and yes.
        scale: of the false positive rate: "root" spreads small rates, since curves of good models cannot be told apart
            in the corner.
        ax: axes to draw on; None makes a figure.
        title: put above it; "ROC" by default.

    Returns:
        The figure, which a notebook shows by itself.

    Raises:
        TypeError: `source` has no histogram.
        ValueError: names that do not fit, or another scale.
        ImportError: matplotlib is missing.

    Source of the mean: Fawcett, An introduction to ROC analysis, Pattern Recognition Letters 27, 2006, section 8.
    """
    if scale not in ("linear", "root"):
        raise ValueError(f"`scale` must be 'linear' or 'root', got {scale!r}")
    d = Distribution.of(source)
    rows = _rows(d)
    fpr, tpr = (list(rates[rows]) for rates in d.roc())
    curves = _Curves(fpr, tpr, _of_rows(d.auroc(), rows), d.auroc("macro"), _names(d, class_names))
    figure, axes = _make_axes(ax, ("false positive rate", "true positive rate"), "ROC" if title is None else title)
    if scale == "root":
        _spread_small_rates(axes)
    axes.plot(_EVENLY**2, _EVENLY**2, color=GREY, lw=0.8, ls=":")
    _draw(axes, curves, "AUROC (bounds of the exact value)", inside=ax is not None)
    return finish(figure, ax)


def plot_precision_recall(
    source: Any,
    class_names: Sequence[str] | None = None,
    *,
    ax: "Axes | None" = None,
    title: str | None = None,
) -> "Figure":
    """Precision over recall of every class, the worst in colour and by name, and their mean.

    The curves are the steps that average precision sums, and the mean is that of the precisions at each recall: its
    area is the macro average precision. Of a single curve a dotted line is that of guessing. A multiclass
    problem of two classes has one curve, that of the second.

    Args:
        source: a metric with a histogram, such as `AveragePrecision` or `CurveSet`, or its `distribution`.
        class_names: C names; "0", "1", ... by default. Of one column its name, or those of no and yes.
        ax: axes to draw on; None makes a figure.
        title: put above it; "Precision and recall" by default.

    Returns:
        The figure, which a notebook shows by itself.

    Raises:
        TypeError: `source` has no histogram.
        ValueError: names that do not fit.
        ImportError: matplotlib is missing.
    """
    d = Distribution.of(source)
    rows = _rows(d)
    pairs = zip(*(part[rows] for part in d.precision_recall()), strict=True)
    recall, precision = zip(*(_steps_of(*pair) for pair in pairs), strict=True)
    ap = _of_rows(d.average_precision(), rows), d.average_precision("macro")
    curves = _Curves(recall, precision, *ap, _names(d, class_names), steps=True)
    figure, axes = _make_axes(ax, ("recall", "precision"), "Precision and recall" if title is None else title)
    if len(rows) == 1:
        axes.axhline(float(d.support[rows[0]] / d.total[rows[0]]), color=GREY, lw=0.8, ls=":")
    _draw(axes, curves, "average precision (bounds of the exact value)", inside=ax is not None)
    return finish(figure, ax)


def _rows(d: Distribution) -> list[int]:
    """The classes that have a separate curve: that of no is the mirror image of that of yes."""
    return [1] if d.multiclass and d.num_classes == 2 else list(range(d.num_classes))


def _of_rows(score: Any, rows: list[int]) -> Any:
    return type(score)(*(field[rows] for field in score))


def _names(d: Distribution, class_names: Sequence[str] | None) -> list[str]:
    """A name a curve, short enough to be drawn."""
    if d.num_classes == 1 and class_names is not None and len(class_names) == 2:
        class_names = class_names[1:]
    names = drawable(check_names(class_names, d.num_classes), LONGEST_NAME)
    return [names[row] for row in _rows(d)]


@dataclass(frozen=True)
class _Curves:
    """A curve a class, x rising, with the areas below them."""

    x: Sequence[np.ndarray]
    y: Sequence[np.ndarray]
    area: Bounds
    macro: Bounds
    names: Sequence[str]
    steps: bool = False

    @property
    def worst_first(self) -> np.ndarray:
        """The classes that have a curve."""
        order = np.argsort(self.area.value, kind="stable")
        return order[np.isfinite(self.area.value[order])]

    def mean(self) -> tuple[np.ndarray, np.ndarray]:
        """The mean of y at each x, over the classes that have a curve."""
        at, x = (_step, _EVENLY) if self.steps else (_slope, _EVENLY**2)
        return x, np.mean([at(x, self.x[row], self.y[row]) for row in self.worst_first], axis=0)

    def label(self, row: int) -> str:
        """A line of the legend."""
        return _label(self.names[row], self.area.of_class(row))


def _label(name: str, area: Bounds) -> str:
    return f"{name}  {area.value:.5f} ({bounds_text(area.low, area.high)})"


def _slope(at: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Straight lines between points; at a vertical step the upper end."""
    last = np.searchsorted(x, at, "right") - 1
    return np.where(x[last] == at, y[last], np.interp(at, x, y))


def _step(at: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The value of the next point to the right: the precision at a recall of `at` or more."""
    return y[np.searchsorted(x, at, "left")]


def _steps_of(precision: np.ndarray, recall: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Recall from 0 up, and the precision where it is gained; it falls until more is gained, and that is left out."""
    x, first = np.unique(recall[::-1], return_index=True)
    y = precision[::-1][first]
    return x, np.concatenate([y[1:2], y[1:]])


def _make_axes(ax: "Axes | None", labels: tuple[str, str], title: str) -> "tuple[Figure, Axes]":
    figure, axes = make_axes(ax, 8.6, 4.8)
    axes.set(xlabel=labels[0], ylabel=labels[1], title=title, xlim=(-0.01, 1.01), ylim=(-0.01, 1.01))
    axes.set_box_aspect(1)
    axes.grid(alpha=0.3)
    strip(axes)
    return figure, axes


def _spread_small_rates(axes: "Axes") -> None:
    axes.set_xscale("function", functions=(lambda x: np.sign(x) * np.sqrt(np.abs(x)), lambda x: np.sign(x) * x**2))
    axes.set(xlabel="false positive rate, by its root", xlim=(-0.0001, 1.02))
    axes.set_xticks([0, 0.01, 0.05, 0.1, 0.25, 0.5, 1], ["0", "0.01", "0.05", "0.1", "0.25", "0.5", "1"])


def _draw(axes: "Axes", curves: _Curves, legend_title: str, *, inside: bool) -> None:
    """The best first, so that those in colour lie above; the legend begins with the mean and the worst."""
    order = curves.worst_first
    few = order if len(order) <= _IN_COLOUR else order[: _IN_COLOUR - 1]
    style: Any = {"drawstyle": "steps-pre" if curves.steps else "default"}
    thin, handles = (0.9 if len(order) <= _MANY else 0.3), []
    for rank, row in reversed(list(enumerate(order))):
        look: Any = {"color": COLOURS[rank], "lw": 1.8} if rank < len(few) else {"color": PALE, "lw": thin}
        handles[:0] = axes.plot(curves.x[row], curves.y[row], label=curves.label(row), **look, **style)
    del handles[len(few) :]
    if len(order) > len(few):
        others = f"{len(order) - len(few)} others from {curves.area.value[order[len(few)]]:.5f}"
        handles += axes.plot([], [], color=PALE, label=others)
    if len(order) > 1:
        label = _label("mean of the classes", curves.macro)
        handles[:0] = axes.plot(*curves.mean(), color="black", lw=1.8, ls="--", label=label, **style)
    without = len(curves.names) - len(order)
    title = f"{legend_title}\n{without} without positives or negatives" if without else legend_title
    place: Any = {"loc": "best"} if inside else {"loc": "upper left", "bbox_to_anchor": (1.02, 1)}
    axes.legend(
        handles=handles, title=title, frameon=False, fontsize=8.5, title_fontsize=8.5, alignment="left", **place
    )
