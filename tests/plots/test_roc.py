"""ROC, precision-recall and reliability diagrams show the curves and name the classes that need it."""

import numpy as np
import pytest
from matplotlib.figure import Figure
from sklearn import metrics as sklearn_metrics
from sklearn.calibration import calibration_curve

from fmnist_tf import AUROC, AveragePrecision, ConfusionMatrix, CurveSet, ExpectedCalibrationError, RocCurve
from fmnist_tf.plots import plot_precision_recall, plot_reliability, plot_roc
from support.catalogue import fed
from support.drawing import drawn

RNG = np.random.default_rng(0)


def draw_columns(num_classes, rows=80):
    """(y_true, probabilities) of binary columns."""
    y_true = RNG.random((rows, num_classes)) < 0.4
    return y_true, (RNG.integers(1, 9, y_true.shape) + 2 * y_true) / 16


def legend(figure):
    return [text.get_text() for text in figure.axes[0].get_legend().get_texts()]


@pytest.mark.parametrize("num_classes", [1, 2, 100])
@pytest.mark.parametrize("plot", [plot_roc, plot_precision_recall, plot_reliability])
def test_curves_are_drawn_at_any_number_of_classes(plot, num_classes):
    metric = ExpectedCalibrationError if plot is plot_reliability else AUROC
    figure = plot(fed(metric(multi_label=True), *draw_columns(num_classes)), [f"name {k}" for k in range(num_classes)])
    assert isinstance(figure, Figure)
    assert drawn(figure).startswith(b"\x89PNG")


def test_the_area_below_the_drawn_curves_is_the_score():
    y_true, p = draw_columns(1)
    metric = fed(CurveSet(), y_true, p)
    roc, pr = (plot(metric).axes[0].lines[1].get_xydata() for plot in (plot_roc, plot_precision_recall))
    assert sklearn_metrics.auc(*roc.T) == pytest.approx(sklearn_metrics.roc_auc_score(y_true, p), abs=1e-12)
    steps = np.diff(pr[:, 0]) @ pr[1:, 1]
    assert steps == pytest.approx(sklearn_metrics.average_precision_score(y_true, p), abs=1e-12)


@pytest.mark.parametrize(("plot", "score"), [(plot_roc, "auroc"), (plot_precision_recall, "average_precision")])
def test_the_area_below_the_mean_curve_is_the_macro_score(plot, score):
    metric = fed(CurveSet(multi_label=True, dtype="float64"), *draw_columns(3))
    mean = next(line for line in plot(metric).axes[0].lines if line.get_label().startswith("mean"))
    assert sklearn_metrics.auc(*mean.get_data()) == pytest.approx(float(metric.result()[score]), abs=2e-3)


def test_the_legend_has_the_mean_and_the_worst_classes_with_their_bounds():
    metric = fed(AUROC(multi_label=True, average=None, dtype="float64"), *draw_columns(10))
    order, (low, high) = np.argsort(metric.result()), metric.bounds
    found = legend(plot_roc(metric, [f"name {k}" for k in range(10)]))
    assert found[0].startswith("mean of the classes")
    assert [text.split("  ")[0] for text in found[1:6]] == [f"name {k}" for k in order[:5]]
    written = found[1].split("(")[1].rstrip(")").split(" to ")
    assert float(written[0]) <= low[order[0]] <= high[order[0]] <= float(written[1])
    assert found[6] == f"5 others from {metric.result()[order[5]]:.5f}"


def test_a_class_without_positives_has_no_curve_and_is_counted():
    y_true, p = draw_columns(3)
    y_true[:, 1] = False
    figure = plot_precision_recall(fed(AUROC(multi_label=True), y_true, p))
    assert sorted(text.split("  ")[0] for text in legend(figure)) == ["0", "2", "mean of the classes"]
    assert "1 without positives or negatives" in figure.axes[0].get_legend().get_title().get_text()


def test_a_reliability_diagram_shows_shares_numbers_and_the_error():
    y_true, p = draw_columns(1)
    metric = fed(ExpectedCalibrationError(num_bins=4), y_true, p)
    diagram, counts = plot_reliability(metric).axes
    share, confidence = calibration_curve(y_true[:, 0], np.nextafter(p[:, 0], 2), n_bins=4)  # closed below
    np.testing.assert_allclose(diagram.lines[1].get_xydata(), np.transpose([confidence, share]), atol=1e-7)
    assert [bar.get_height() for bar in counts.patches] == np.histogram(p, [0, 0.25, 0.5, 0.75, 1])[0].tolist()
    assert diagram.get_title() == f"expected calibration error {float(metric.result()):.4f}"


@pytest.mark.parametrize(("plot", "given"), [(plot_roc, 5), (plot_precision_recall, ExpectedCalibrationError())])
def test_what_has_no_histogram_is_refused(plot, given):
    with pytest.raises(TypeError, match="curves need a metric with a histogram"):
        plot(given)


def test_what_has_no_bins_of_confidence_is_refused():
    with pytest.raises(TypeError, match="a reliability diagram needs an ExpectedCalibrationError"):
        plot_reliability(RocCurve())


@pytest.mark.parametrize(
    ("make", "title"),
    [
        (lambda: AUROC(num_bins=64), "ROC"),
        (lambda: AveragePrecision(num_bins=64), "Precision and recall"),
        (ConfusionMatrix, "Confusion matrix"),
        (ExpectedCalibrationError, "expected calibration error"),
    ],
)
def test_a_metric_draws_itself(make, title):
    p = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.3, 0.3, 0.4]])
    assert fed(make(), [0, 1, 1], p).plot().axes[0].get_title().startswith(title)
