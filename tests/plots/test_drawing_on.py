"""Every plot draws on axes that are given, shows itself in a notebook, and takes names as text in any script."""

import warnings

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from fmnist_tf import AUROC, ExpectedCalibrationError, plots
from fmnist_tf.report import Report
from support.catalogue import fed
from support.drawing import drawn

RNG = np.random.default_rng(0)
MATRIX = RNG.integers(1, 9, (3, 3)) + np.diag([50, 60, 70])
Y, P = RNG.integers(0, 3, 90), RNG.dirichlet(np.ones(3), 90).astype(np.float32)
AREAS, BINS = fed(AUROC(num_bins=64), Y, P), fed(ExpectedCalibrationError(), Y, P)
PLOTS = {
    "matrix": lambda names, **o: plots.plot_confusion_matrix(MATRIX, names, **o),
    "roc": lambda names, **o: plots.plot_roc(AREAS, names, **o),
    "precision_recall": lambda names, **o: plots.plot_precision_recall(AREAS, names, **o),
    "reliability": lambda _, **o: plots.plot_reliability(BINS, **o),
    "class_scores": lambda names, **o: plots.plot_class_scores([MATRIX, MATRIX], names, **o),
    "curves": lambda _, **o: plots.plot_curves({"loss": [2.0, 1.0]}, **o),
    "comparison": lambda names, **o: plots.plot_comparison(Report(MATRIX, names), Report(MATRIX.T, names), **o),
    "slices": lambda names, **o: plots.plot_slices(_sliced(names or ["a", "b", "c"]), **o),
}


def _sliced(values):
    """The slice report of three values."""
    report = Report(3 * MATRIX)
    report.slices = {"site": dict.fromkeys(values, Report(MATRIX))}
    return report.by("site")


@pytest.mark.parametrize("kind", PLOTS)
def test_a_plot_draws_on_the_axes_that_are_given(kind):
    figure = Figure()
    left, right = figure.subplots(1, 2)
    assert PLOTS[kind](None, ax=right, title="mine") is figure
    assert not left.has_data()
    assert right.has_data()
    assert drawn(figure)


@pytest.mark.parametrize("kind", PLOTS)
def test_a_plot_shows_itself_in_a_notebook(kind):
    assert PLOTS[kind](None)._repr_png_().startswith(b"\x89PNG")


@pytest.mark.parametrize("kind", PLOTS)
def test_dollar_signs_in_names_and_titles_are_text(kind):
    names = ["$", "$$", r"$\frac{$"]
    figure = PLOTS[kind](names, title="$x$ and $\\bad{$")
    assert drawn(figure)
    assert not any(text.get_parse_math() for text in figure.findobj(Text))


@pytest.mark.parametrize("kind", ["matrix", "roc", "class_scores", "comparison", "slices"])
def test_names_that_begin_alike_stay_different(kind):
    figure = PLOTS[kind]([f"Malignant neoplasm of the bronchus, part {k}" for k in range(3)])
    found = {text.get_text() for text in figure.findobj(Text) if text.get_text().startswith("Malig")}
    assert len({text.split("  ")[0] for text in found}) >= 3


def test_characters_that_no_font_has_are_boxes_told_apart_and_warned_of_once():
    names = ["\U00013000 bird", "\U00013001 bird", "plain"]  # hieroglyphs
    with pytest.warns(UserWarning, match="no installed font has the characters") as caught:
        figure = plots.plot_confusion_matrix(MATRIX, names)
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert len(caught) == 1
    assert len(set(labels)) == 3
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert drawn(figure)


def test_wide_characters_are_not_laid_on_their_side(monkeypatch):
    monkeypatch.setattr("fmnist_tf.plots.matrix.drawable", lambda names, width: list(names))
    labels = plots.plot_confusion_matrix(MATRIX, ["長い名前", "long name", "c"]).axes[0].get_xticklabels()
    assert [label.get_rotation() for label in labels] == [0, 90, 90]
    assert labels[0].get_text() == "長\nい\n名\n前"


@pytest.mark.parametrize(
    ("normalize", "expected"),
    [("true", [[0.75, 0.25], [0, 1]]), ("pred", [[1, 0.5], [0, 0.5]]), ("all", [[0.6, 0.2], [0, 0.2]])],
)
def test_a_matrix_is_normalized_as_asked(normalize, expected):
    image = plots.plot_confusion_matrix([[3, 1], [0, 1]], normalize=normalize, cmap="viridis").axes[0].images[0]
    np.testing.assert_allclose(image.get_array(), expected)
    assert image.get_cmap().name == "viridis"


def test_without_normalizing_counts_alone_are_written():
    axes = plots.plot_confusion_matrix([[3, 1], [0, 1]], normalize=None).axes[0]
    assert [text.get_text() for text in axes.texts] == ["3", "1", "1"]


def test_another_normalize_or_scale_raises():
    with pytest.raises(ValueError, match="`normalize` must be 'true', 'pred', 'all' or None, got 'rows'"):
        plots.plot_confusion_matrix(MATRIX, normalize="rows")
    with pytest.raises(ValueError, match="`scale` must be 'linear' or 'root'"):
        plots.plot_roc(AREAS, scale="log")


def test_roc_axes_are_linear_unless_small_rates_are_spread():
    assert plots.plot_roc(AREAS).axes[0].get_xscale() == "linear"
    assert plots.plot_roc(AREAS, scale="root").axes[0].get_xscale() == "function"


@pytest.mark.parametrize("plot", [plots.plot_roc, plots.plot_precision_recall])
def test_two_classes_that_exclude_each_other_have_one_curve(plot):
    figure = plot(fed(AUROC(num_bins=64), Y % 2, P[:, :2] / P[:, :2].sum(1, keepdims=True)), ["no", "yes"])
    (text,) = figure.axes[0].get_legend().get_texts()
    assert text.get_text().startswith("yes  ")


def test_a_report_plots_its_matrix():
    report = Report(MATRIX, ["a", "b", "c"])
    assert report.plot(title="mine").axes[0].get_title() == "mine"
    with pytest.raises(ValueError, match="a plot needs a confusion matrix"):
        Report(report.counts).plot()
