"""Pictures of scores at all thresholds: ROC and precision-recall curves."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from fmnist_tf.curves.distribution import Certified, Distribution
from fmnist_tf.plots.style import COLOURS, GREY, LONGEST_NAME, PALE, make_figure, strip
from fmnist_tf.report.cells import bounds_text
from fmnist_tf.report.names import check_names, shorten

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_IN_COLOUR = 6  # classes that are told apart by colour, the others stay grey; black is the mean
_MANY = 30  # classes beyond which the grey ones are thin
_EVENLY = np.linspace(0, 1, 501)  # where curves are averaged; rates drawn by their root at the squares


def plot_roc(source: Any, class_names: Sequence[str] | None = None, *, title: str | None = None) -> "Figure":
    """ROC curve of every class against the rest, the worst in colour and by name, and their mean.

    The mean is that of the true positive rates at each false positive rate: its area is the macro AUROC. Beside each
    stands AUROC with the bounds of its exact value. The false positive rate is drawn by its root, since curves of good
    models cannot be told apart in the corner; the dotted line is what guessing attains.

    Args:
        source: a metric with a histogram, such as `AUROC` or `CurveSet`, or its `distribution`.
        class_names: C names; "0", "1", ... by default.
        title: put above it.

    Raises:
        TypeError: `source` has no histogram.
        ValueError: names that do not fit.
        ImportError: matplotlib is missing.

    Source of the mean: Fawcett, An introduction to ROC analysis, Pattern Recognition Letters 27, 2006, section 8.
    """
    d = Distribution.of(source)
    fpr, tpr = map(list, d.roc())
    curves = _Curves(fpr, tpr, d.auroc(), d.auroc("macro"), check_names(class_names, d.num_classes))
    figure, axes = _make_axes("false positive rate, by its root", "true positive rate", title)
    _spread_small_rates(axes)
    axes.plot(_EVENLY**2, _EVENLY**2, color=GREY, lw=0.8, ls=":")
    _draw(axes, curves, "AUROC (bounds of the exact value)")
    return figure


def plot_precision_recall(
    source: Any, class_names: Sequence[str] | None = None, *, title: str | None = None
) -> "Figure":
    """Precision over recall of every class, the worst in colour and by name, and their mean.

    The curves are the steps that average precision sums, and the mean is that of the precisions at each recall: its
    area is the macro average precision. Of a single column a dotted line shows what guessing attains.

    Args:
        source: a metric with a histogram, such as `AveragePrecision` or `CurveSet`, or its `distribution`.
        class_names: C names; "0", "1", ... by default.
        title: put above it.

    Raises:
        TypeError: `source` has no histogram.
        ValueError: names that do not fit.
        ImportError: matplotlib is missing.
    """
    d = Distribution.of(source)
    recall, precision = zip(*map(_steps_of, *d.precision_recall()), strict=True)
    ap = d.average_precision(), d.average_precision("macro")
    curves = _Curves(recall, precision, *ap, check_names(class_names, d.num_classes), steps=True)
    figure, axes = _make_axes("recall", "precision", title)
    if d.num_classes == 1:
        axes.axhline(float(d.support[0] / d.total[0]), color=GREY, lw=0.8, ls=":")
    _draw(axes, curves, "average precision (bounds of the exact value)")
    return figure


@dataclass(frozen=True)
class _Curves:
    """A curve a class, x rising, with the areas below them."""

    x: Sequence[np.ndarray]
    y: Sequence[np.ndarray]
    area: Certified
    macro: Certified
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


def _label(name: str, area: Certified) -> str:
    return f"{shorten(name, LONGEST_NAME)}  {area.value:.5f} ({bounds_text(area.low, area.high)})"


def _slope(at: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Straight lines between points; where they rise upright, the upper end."""
    last = np.searchsorted(x, at, "right") - 1
    return np.where(x[last] == at, y[last], np.interp(at, x, y))


def _step(at: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The value of the next point to the right: what is attained with so much recall."""
    return y[np.searchsorted(x, at, "left")]


def _steps_of(precision: np.ndarray, recall: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Recall from 0 up, and the precision where it is gained; it falls until more is gained, and that is left out."""
    x, first = np.unique(recall[::-1], return_index=True)
    y = precision[::-1][first]
    return x, np.concatenate([y[1:2], y[1:]])


def _make_axes(xlabel: str, ylabel: str, title: str | None) -> "tuple[Figure, Axes]":
    figure = make_figure(8.6, 4.8)
    axes = figure.add_subplot()
    axes.set(xlabel=xlabel, ylabel=ylabel, title=title or "", xlim=(-0.01, 1.01), ylim=(-0.01, 1.01))
    axes.set_box_aspect(1)
    axes.grid(alpha=0.3)
    strip(axes)
    return figure, axes


def _spread_small_rates(axes: "Axes") -> None:
    axes.set_xscale("function", functions=(lambda x: np.sign(x) * np.sqrt(np.abs(x)), lambda x: np.sign(x) * x**2))
    axes.set_xlim(-0.0001, 1.02)
    axes.set_xticks([0, 0.01, 0.05, 0.1, 0.25, 0.5, 1], ["0", "0.01", "0.05", "0.1", "0.25", "0.5", "1"])


def _draw(axes: "Axes", curves: _Curves, legend_title: str) -> None:
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
    place: Any = {"loc": "upper left", "bbox_to_anchor": (1.02, 1), "alignment": "left"}
    axes.legend(handles=handles, title=title, frameon=False, fontsize=8.5, title_fontsize=8.5, **place)
