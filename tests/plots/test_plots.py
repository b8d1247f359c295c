"""Pictures show what is in the data, at any number of classes, and leave nothing behind."""

import sys

import numpy as np
import pytest
from matplotlib.figure import Figure

from fmnist_tf.fashion_mnist.data import CLASS_NAMES
from fmnist_tf.intervals import interval
from fmnist_tf.plots import plot_class_scores, plot_comparison, plot_confusion_matrix, plot_curves
from fmnist_tf.plots.history import _move_apart
from fmnist_tf.report import Report
from support.drawing import drawn


def matrix(num_classes=10, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 5, (num_classes, num_classes)) + np.diag(rng.integers(50, 90, num_classes))


HISTORY = {
    "macro_f1": [0.5, 0.7, 0.8, 0.85],
    "val_macro_f1": [0.55, 0.72, 0.78, 0.77],
    "loss": [1.0, 0.6, 0.4, 0.3],
    "val_loss": [0.9, 0.6, 0.5, 0.55],
}


def texts(axes):
    return [text.get_text() for text in axes.texts]


def inside(figure, artists):
    """Whether artists lie within the picture, which cuts off what does not."""
    figure.draw_without_rendering()
    boxes = [artist.get_window_extent() for artist in artists]
    width, height = figure.bbox.size
    return all(box.x0 >= -1 and box.y0 >= -1 and box.x1 <= width + 1 and box.y1 <= height + 1 for box in boxes)


@pytest.mark.parametrize("num_classes", [1, 2, 10, 130])
def test_a_matrix_of_any_size_is_drawn(num_classes):
    figure = plot_confusion_matrix(matrix(num_classes))
    assert isinstance(figure, Figure)
    assert drawn(figure).startswith(b"\x89PNG")


@pytest.mark.parametrize("num_classes", [2, 100])
def test_labels_of_a_matrix_lie_inside_the_picture(num_classes):
    figure = plot_confusion_matrix(matrix(num_classes), [f"the class {row}" for row in range(num_classes)], title="t")
    axes = figure.axes[0]
    labels = [axes.xaxis.label, axes.yaxis.label, axes.title, *axes.get_xticklabels(), *axes.get_yticklabels()]
    assert inside(figure, labels)


def test_counts_and_percentages_are_written_where_there_is_room():
    written = texts(plot_confusion_matrix([[930, 70], [0, 2]]).axes[0])
    assert written == ["930", "93 %", "70", "7 %", "2", "100 %"]
    assert texts(plot_confusion_matrix([[997, 3], [0, 0]]).axes[0]) == ["997", ">99 %", "3", "<1 %"]
    assert texts(plot_confusion_matrix(matrix(30)).axes[0]) == []


def test_colours_are_the_shares_of_the_true_class():
    (image,) = plot_confusion_matrix([[3, 1], [0, 0]]).axes[0].images
    np.testing.assert_allclose(image.get_array(), [[0.75, 0.25], [0, 0]])


def test_classes_are_named():
    axes = plot_confusion_matrix(matrix(), CLASS_NAMES).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == list(CLASS_NAMES)


def test_one_column_is_a_matrix_of_two_classes():
    column = np.array([[[90, 2], [3, 5]]])
    assert texts(plot_confusion_matrix(column).axes[0]) == texts(plot_confusion_matrix(column[0]).axes[0])


def test_several_columns_are_no_matrix():
    with pytest.raises(ValueError, match="plot one column at a time"):
        plot_confusion_matrix(np.ones((3, 2, 2)))


def test_curves_hold_the_history():
    scores, losses = plot_curves(HISTORY).axes
    assert [list(line.get_ydata()) for line in scores.lines[:2]] == [HISTORY["macro_f1"], HISTORY["val_macro_f1"]]
    assert [list(line.get_ydata()) for line in losses.lines[:2]] == [HISTORY["loss"], HISTORY["val_loss"]]


def test_the_best_validation_epoch_is_marked():
    scores, losses = plot_curves(HISTORY).axes
    assert texts(scores) == ["0.780"]
    assert texts(losses) == ["0.500"]


def test_an_interval_is_a_band():
    bands = [interval("macro_f1", matrix(seed=epoch)) for epoch in range(3)]
    figure = plot_curves(HISTORY, {"val_macro_f1": [*bands, None]})
    assert len(figure.axes[0].collections) == 1
    assert drawn(figure)


@pytest.mark.parametrize(
    "history",
    [
        {"loss": [1.0]},
        {"val_macro_f1": [0.5, 0.6]},
        {"loss": [1.0, 0.5, 0.4, 0.3], "val_loss": [0.7, 0.6]},
        {"loss": [float("nan"), 0.5], "val_loss": [float("nan")] * 2},
    ],
    ids=["one epoch", "validation alone", "every second epoch", "NaN"],
)
def test_curves_of_any_history_are_drawn(history):
    assert drawn(plot_curves(history))


def test_validation_of_every_second_epoch_stands_at_its_epochs():
    (axes,) = plot_curves({"loss": [4.0, 3.0, 2.0, 1.0], "val_loss": [3.5, 1.5]}).axes
    assert list(axes.lines[1].get_xdata()) == [2, 4]


def test_announced_epochs_are_marked_and_the_last_is_the_best():
    history = {"val_macro_f1": [0.5, 0.7, 0.71, 0.6], "macro_f1": [0.5, 0.6, 0.7, 0.8]}
    (axes,) = plot_curves(history, announced={"val_macro_f1": [0, 1]}).axes
    marks = next(line for line in axes.lines if line.get_label() == "announced")
    assert marks.get_xydata().tolist() == [[1, 0.5], [2, 0.7]]
    assert [text.get_text() for text in axes.texts] == ["0.700"]


def test_a_history_without_the_names_raises():
    with pytest.raises(ValueError, match="holds none of macro_f1, loss; it has accuracy"):
        plot_curves({"accuracy": [1.0]})


@pytest.mark.parametrize("num_classes", [2, 10, 100])
def test_the_worst_classes_are_named_at_the_end(num_classes):
    figure = plot_class_scores([matrix(num_classes, seed) for seed in range(3)])
    scores = [cells["f1_score"].value for cells in Report(matrix(num_classes, 2)).classes.values()]
    assert texts(figure.axes[0])[0] == f"{np.argmin(scores)} {min(scores):.3f}"
    assert len(texts(figure.axes[0])) <= 8
    assert inside(figure, figure.axes[0].texts)


def test_a_line_a_class_and_how_many_are_not_named():
    axes = plot_class_scores([matrix()] * 2).axes[0]
    assert len([line for line in axes.lines if list(line.get_xdata()) == [1, 2]]) == 10
    assert texts(axes)[-1].startswith("4 others from 0.")


def test_names_that_would_overlap_move_apart_and_no_further():
    assert _move_apart(np.array([0.1, 0.5, 0.52, 0.9]), 0.1) == pytest.approx([0.1, 0.46, 0.56, 0.9])


def test_the_interval_of_a_single_epoch_is_seen():
    (axes,) = plot_curves({"val_macro_f1": [0.4]}, {"val_macro_f1": [(0.3, 0.5)]}).axes
    assert [path.vertices.tolist() for path in axes.collections[0].get_paths()] == [[[1, 0.3], [1, 0.5]]]


def test_class_scores_without_epochs_raise():
    with pytest.raises(ValueError, match="one confusion matrix an epoch, got none"):
        plot_class_scores([])


def test_a_comparison_marks_what_changed():
    worse = matrix()
    worse[6, 0], worse[6, 6] = worse[6, 6], 0
    figure = plot_comparison(Report(matrix(), CLASS_NAMES), Report(worse, CLASS_NAMES), ("before", "after"))
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert labels[6] == "Shirt *"
    assert not labels[3].endswith("*")
    assert drawn(figure)


def test_a_comparison_of_many_classes_shows_those_that_changed_most():
    figure = plot_comparison(Report(matrix(60)), Report(matrix(60, 1)))
    assert len(figure.axes[0].get_yticklabels()) == 41
    assert "the 40 of 60 classes" in figure.get_supxlabel()


def test_pictures_need_neither_pyplot_nor_a_display(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "MPLBACKEND"):
        monkeypatch.delenv(name, raising=False)
    assert drawn(plot_confusion_matrix(matrix(2)))
    assert drawn(plot_curves(HISTORY))


def test_without_matplotlib_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r"pip install 'fmnist-tf\[plot\]'"):
        plot_confusion_matrix(matrix(2))
