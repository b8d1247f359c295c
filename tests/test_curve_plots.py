"""Pictures of scores of the whole distribution show what the metrics hold."""

import numpy as np
import pytest
from catalogue import fed
from test_plots import drawn, inside

from fmnist_tf.curve_plots import plot_precision_recall, plot_reliability, plot_roc
from fmnist_tf.metrics import AUROC, AveragePrecision, CurveSet, ExpectedCalibrationError


def draw(num_classes):
    rng = np.random.default_rng(0)
    y_true = rng.integers(0, num_classes, 200)
    p = rng.random((200, num_classes)) + np.eye(num_classes)[y_true] / 3
    return y_true, p / p.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("num_classes", [2, 10])
@pytest.mark.parametrize(("plot", "kind"), [(plot_roc, AUROC), (plot_precision_recall, AveragePrecision)])
def test_every_class_has_a_curve_and_the_lowest_a_name(plot, kind, num_classes):
    names = [f"class {number}" for number in range(num_classes)]
    figure = plot(fed(CurveSet(num_bins=256), *draw(num_classes)), names, title="t")
    axes, values = figure.axes[0], np.array(fed(kind(num_bins=256, average=None), *draw(num_classes)).result())
    curves = [line for line in axes.lines if len(line.get_xdata()) > 2]
    assert len(curves) == num_classes
    assert axes.get_legend().get_texts()[0].get_text() == f"{names[values.argmin()]}  {values.min():.4f}"
    assert drawn(figure).startswith(b"\x89PNG")
    assert inside(figure, [axes.xaxis.label, axes.yaxis.label, axes.title])


def test_a_class_without_positives_has_no_curve():
    figure = plot_roc(fed(AUROC(), [0, 1], [[0.9, 0.1, 0.0], [0.2, 0.8, 0.0]]))
    assert [text.get_text() for text in figure.axes[0].get_legend().get_texts()] == ["0  1.0000", "1  1.0000"]


def test_bars_of_a_reliability_diagram_are_shares_right():
    figure = plot_reliability(
        fed(ExpectedCalibrationError(num_bins=2), [0, 0, 1, 1, 1], [0.25, 0.25, 0.55, 0.75, 0.75])
    )
    above, below = ([bar.get_height() for bar in axes.patches] for axes in figure.axes)
    np.testing.assert_allclose(above, [0, 1])
    np.testing.assert_allclose(below, [0.4, 0.6])
    assert drawn(figure).startswith(b"\x89PNG")


def test_names_of_a_curve_must_fit():
    with pytest.raises(ValueError, match=r"`class_names` must name 2 classes, got 1"):
        plot_roc(fed(AUROC(), *draw(2)), ["one"])
