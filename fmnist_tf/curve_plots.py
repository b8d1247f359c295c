"""Pictures of scores of the whole distribution (extra `plot`): ROC, precision and recall, reliability."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from fmnist_tf.curves import operating, ranking
from fmnist_tf.metrics.calibration import CalibrationMetric
from fmnist_tf.metrics.histograms import HistogramMetric
from fmnist_tf.plots import _COLOURS, _IN_COLOUR, BLUE, GREY, ORANGE, _figure, _strip

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def plot_roc(
    metric: HistogramMetric, class_names: Sequence[str] | None = None, *, title: str | None = None
) -> "Figure":
    """ROC curve of every class, with its AUROC: the lowest in colour, the others in grey.

    Args:
        metric: any metric with a histogram of scores that has counted, such as `AUROC` or `CurveSet`.
        class_names: C names; "0", "1", ... by default.
        title: put above it.

    Raises:
        ValueError: names that do not fit.
        ImportError: matplotlib is missing.
    """
    h = metric._histogram
    curve = operating.roc(h.counts(), metric.edges)
    figure, axes = _square("false positive rate", "true positive rate", title)
    axes.plot([0, 1], [0, 1], color=GREY, lw=0.8, ls=":")
    _draw_classes(axes, curve.fpr.numpy(), curve.tpr.numpy(), ranking.auroc(h).value.numpy(), class_names)
    axes.legend(frameon=False, loc="lower right", fontsize=8)
    return figure


def plot_precision_recall(
    metric: HistogramMetric, class_names: Sequence[str] | None = None, *, title: str | None = None
) -> "Figure":
    """Precision-recall curve of every class, with its average precision: the lowest in colour, the others in grey.

    Args:
        metric: any metric with a histogram of scores that has counted, such as `AveragePrecision` or `CurveSet`.
        class_names: C names; "0", "1", ... by default.
        title: put above it.

    Raises:
        ValueError: names that do not fit.
        ImportError: matplotlib is missing.
    """
    h = metric._histogram
    curve = operating.precision_recall(h.counts(), metric.edges)
    figure, axes = _square("recall", "precision", title)
    values = ranking.average_precision(h).value.numpy()
    _draw_classes(axes, curve.recall.numpy(), curve.precision.numpy(), values, class_names)
    axes.legend(frameon=False, loc="lower left", fontsize=8)
    return figure


def plot_reliability(metric: CalibrationMetric, *, title: str | None = None) -> "Figure":
    """Reliability diagram: the share right beside the confidence of each bin, columns as one; below, where scores lie.

    Args:
        metric: `ExpectedCalibrationError` or `MaximumCalibrationError` that has counted.
        title: put above it.

    Raises:
        ImportError: matplotlib is missing.
    """
    weight, confidence, right = (field.numpy()[0] for field in metric.reliability.pooled())
    held, middle = weight > 0, (np.arange(len(weight)) + 0.5) / len(weight)
    figure = _figure(4.6, 5.4)
    axes, below = figure.subplots(2, 1, sharex=True, height_ratios=[4, 1])
    axes.plot([0, 1], [0, 1], color=GREY, lw=0.8, ls=":", label="calibrated")
    shares = right[held] / weight[held]
    axes.bar(middle[held], shares, width=1 / len(weight), color=BLUE, alpha=0.35, label="share right")
    axes.plot(confidence[held] / weight[held], shares, color=ORANGE, marker="o", ms=4, lw=1, label="mean confidence")
    axes.set(xlim=(0, 1), ylim=(0, 1), ylabel="share right", title=title or "")
    axes.legend(frameon=False, loc="upper left", fontsize=8)
    below.bar(middle, weight / max(weight.sum(), 1e-300), width=1 / len(weight), color=GREY)
    below.set(xlabel="confidence", ylabel="share of all")
    for each in (axes, below):
        _strip(each)
    return figure


def _square(x: str, y: str, title: str | None) -> "tuple[Figure, Axes]":
    figure = _figure(4.8, 4.8)
    axes = figure.add_subplot()
    axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), xlabel=x, ylabel=y, title=title or "", aspect="equal")
    _strip(axes)
    return figure, axes


def _draw_classes(
    axes: "Axes", x: np.ndarray, y: np.ndarray, values: np.ndarray, class_names: Sequence[str] | None
) -> None:
    """One curve a class that has a value; the lowest values are in colour and named."""
    names = [str(class_id) for class_id in range(len(values))] if class_names is None else list(class_names)
    if len(names) != len(values):
        raise ValueError(f"`class_names` must name {len(values)} classes, got {len(names)}")
    order = [class_id for class_id in np.argsort(values) if not np.isnan(values[class_id])]
    for class_id in order[_IN_COLOUR:]:
        axes.plot(x[class_id], y[class_id], color=GREY, lw=0.7, alpha=0.5)
    for colour, class_id in zip(_COLOURS, order, strict=False):
        axes.plot(x[class_id], y[class_id], color=colour, lw=1.3, label=f"{names[class_id]}  {values[class_id]:.4f}")
