"""0/0, ignored classes, classes of interest, weights and one binary column mean the same in value, interval and row."""

import math

import numpy as np
import pytest
from sklearn import metrics

from fmnist_tf.counts import from_matrix
from fmnist_tf.intervals import interval
from fmnist_tf.report import Report
from support.reports import make_matrix

MATRIX = make_matrix(5)
COLUMN = np.array([[60, 10], [12, 18]])
NAMES = ["a", "b", "c", "d", "e"]


def labels_of(matrix):
    """True and predicted ids with this confusion matrix."""
    true, pred = np.nonzero(matrix)
    times = np.asarray(matrix)[true, pred].astype(int)
    return np.repeat(true, times), np.repeat(pred, times)


# zero_division


@pytest.mark.parametrize("zero_division", [0.0, 1.0, math.nan])
def test_zero_division_reaches_means_and_intervals(zero_division):
    matrix = np.pad(make_matrix(4)[1:, 1:], (0, 1))
    expected = metrics.f1_score(*labels_of(matrix), labels=range(4), average="macro", zero_division=zero_division)
    cell = Report(matrix, zero_division=zero_division).macro["f1_score"]
    assert cell.value == pytest.approx(expected, abs=1e-12)
    assert cell.low < cell.value < cell.high


def test_a_class_that_is_0_over_0_says_so_and_leaves_json_whole():
    report = Report(np.pad([[5, 1], [1, 6]], (0, 1)), zero_division=math.nan)
    assert report.to_dict()["classes"]["2"]["recall"] == {"value": None, "low": 0.0, "high": 1.0}
    assert "nan" in report.text()


# Classes that are left out


def test_ignored_classes_have_no_row_and_no_part_in_means():
    report = Report(MATRIX, NAMES, ignore_class=0)
    kept = MATRIX.copy()
    kept[0] = 0
    expected = metrics.f1_score(*labels_of(kept), labels=[1, 2, 3, 4], average="macro", zero_division=0)
    assert report.macro["f1_score"].value == pytest.approx(expected, abs=1e-12)
    assert list(report.classes) == ["b", "c", "d", "e"]
    assert report.class_names == tuple(NAMES)
    assert "a  " not in {line[:3] for line in report.text().splitlines()}


def test_a_model_that_is_right_everywhere_scores_one_without_the_ignored_class():
    report = Report(np.diag([0, 5, 7]), ignore_class=0)
    assert report.macro["f1_score"].value == 1.0
    assert report.macro["f1_score"].low > 0.5


def test_samples_of_an_ignored_class_are_not_scored_and_predictions_as_it_are_mistakes():
    report = Report([[9, 9, 9], [3, 5, 0], [0, 0, 8]], NAMES[:3], ignore_class=(0,))
    assert report.total == 16
    assert [str(pair) for pair in report.confused()] == ["b predicted as a: 3 of 8"]
    assert report.overall["accuracy"].value == 13 / 16


def test_classes_that_are_no_target_keep_their_rows_and_leave_the_means():
    report = Report(MATRIX, NAMES, target_class_ids=(1, 3))
    expected = metrics.recall_score(*labels_of(MATRIX), labels=[1, 3], average="macro")
    assert report.macro["recall"].value == pytest.approx(expected, abs=1e-12)
    assert list(report.classes) == NAMES
    assert "macro mean of 2" in report.text()
    assert report.overall["accuracy"] == Report(MATRIX).overall["accuracy"]
    assert report.overall["balanced_accuracy"].value == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("ids", [(5,), (-1,)])
def test_a_target_that_is_no_class_raises(ids):
    with pytest.raises(ValueError, match="`target_class_ids` must hold class ids from 0 to 4"):
        Report(MATRIX, target_class_ids=ids)


# Weights


def test_equal_weights_change_no_score_and_no_interval():
    plain, weighted = Report(MATRIX), Report(MATRIX * 0.3, effective_total=MATRIX.sum())
    for name, cell in plain.classes["3"].items():
        assert weighted.classes["3"][name] == pytest.approx(cell, abs=1e-12)
    assert weighted.macro["f1_score"] == pytest.approx(plain.macro["f1_score"], abs=1e-9)


def test_the_last_line_says_that_samples_are_weighted_and_how_many_they_stand_for():
    text = " ".join(Report(MATRIX * 100, effective_total=250.0).text().split())
    assert text.endswith(
        "weighted: sum of weights 80,000, effective number of samples 250, 5 classes; "
        "in brackets 95 % confidence intervals"
    )
    assert "weighted:" not in Report(MATRIX, effective_total=float(MATRIX.sum())).text()


# One binary column


@pytest.mark.parametrize(
    "source",
    [COLUMN, COLUMN[np.newaxis], from_matrix(COLUMN[np.newaxis])],
    ids=["matrix", "column", "counts"],
)
def test_one_column_has_rows_of_no_and_yes_with_the_numbers_of_scikit_learn(source):
    true, pred = labels_of(COLUMN)
    report = Report(source, ["no", "yes"])
    assert report.macro["f1_score"].value == pytest.approx(metrics.f1_score(true, pred, average="macro"), abs=1e-12)
    assert report.classes["yes"]["f1_score"].value == pytest.approx(metrics.f1_score(true, pred), abs=1e-12)
    assert report.overall["cohen_kappa"].value == pytest.approx(metrics.cohen_kappa_score(true, pred), abs=1e-12)
    assert report.to_dict() == Report(COLUMN, ["no", "yes"]).to_dict()


def test_every_score_of_one_column_has_an_interval():
    cells = Report(from_matrix(COLUMN[np.newaxis])).to_dict()
    groups = [cells["overall"], cells["macro"], cells["weighted"], *cells["classes"].values()]
    found = [cell for group in groups for name, cell in group.items() if name != "support"]
    assert len(found) == 16
    assert all(cell["low"] < cell["value"] < cell["high"] for cell in found)


def test_the_intervals_of_one_column_are_those_of_the_intervals_module():
    report = Report(COLUMN, multiclass=False)
    assert report.macro["f1_score"][1:] == interval("macro_f1", COLUMN[np.newaxis])


def test_one_name_for_one_column_is_refused():
    with pytest.raises(
        ValueError, match="`class_names` must hold 2 names, of no and of yes, for one binary column, got 1"
    ):
        Report(COLUMN[np.newaxis], ["yes"])


# Epochs


def test_a_report_says_which_epoch_it_is_of():
    report = Report(MATRIX, epoch=4)
    assert "epoch 5: 800 samples, 5 classes" in report.text()
    assert report.to_dict()["epoch"] == 4
    assert "epoch" not in Report(MATRIX).to_dict()


@pytest.mark.parametrize("score", ["accuracy", "matthews_correlation"])
def test_a_score_of_all_classes_together_has_no_cell_a_class(score):
    with pytest.raises(ValueError, match=f"`score` must have a value for each class, as 'recall' has, got '{score}'"):
        Report(np.eye(3)).class_cells(score)
