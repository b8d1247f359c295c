"""A report holds the numbers of scikit-learn with an interval each, whatever it is made of."""

import json
import math

import numpy as np
import pytest
import tensorflow as tf
from sklearn import metrics

from fmnist_tf.counts import Counts, from_matrix
from fmnist_tf.fashion_mnist.data import CLASS_NAMES
from fmnist_tf.intervals import interval
from fmnist_tf.metrics import ConfusionMatrix
from fmnist_tf.report import Report

SCORES = ("precision", "recall", "f1_score")


def labels(num_classes=10, size=800, seed=0):
    """True and predicted ids; class 0 never occurs, and is predicted now and then."""
    rng = np.random.default_rng(seed)
    true = rng.integers(1, num_classes, size)
    return true, np.where(rng.random(size) < 0.8, true, rng.integers(0, num_classes, size))


def predictions(num_classes=4, size=300, seed=1):
    rng = np.random.default_rng(seed)
    true = rng.random((size, num_classes)) < 0.3
    return true, true ^ (rng.random((size, num_classes)) < 0.15)


def matrix_of(true, pred, num_classes=10):
    return metrics.confusion_matrix(true, pred, labels=range(num_classes))


MATRIX = matrix_of(*labels())
COLUMNS = metrics.multilabel_confusion_matrix(*predictions())


# Numbers


@pytest.mark.parametrize("average", ["macro", "weighted"])
def test_averages_are_those_of_scikit_learn(average):
    expected = metrics.precision_recall_fscore_support(*labels(), labels=range(10), average=average, zero_division=0.0)
    cells = Report(MATRIX).to_dict()[average]
    assert [cells[score]["value"] for score in SCORES] == pytest.approx(expected[:3], abs=1e-12)


def test_classes_are_those_of_scikit_learn():
    expected = metrics.precision_recall_fscore_support(*labels(), labels=range(10), zero_division=0.0)
    rows = Report(MATRIX).to_dict()["classes"].values()
    for score, values in zip((*SCORES, "support"), expected, strict=True):
        found = [row[score] if score == "support" else row[score]["value"] for row in rows]
        assert found == pytest.approx(list(values), abs=1e-12)


@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true")
@pytest.mark.parametrize(
    ("score", "oracle"),
    [
        ("accuracy", metrics.accuracy_score),
        ("balanced_accuracy", metrics.balanced_accuracy_score),
        ("matthews_correlation", metrics.matthews_corrcoef),
        ("cohen_kappa", metrics.cohen_kappa_score),
    ],
)
def test_scores_of_the_whole_are_those_of_scikit_learn(score, oracle):
    assert Report(MATRIX).to_dict()["overall"][score]["value"] == pytest.approx(oracle(*labels()), abs=1e-12)


@pytest.mark.parametrize("average", ["macro", "weighted"])
def test_columns_are_averaged_as_scikit_learn_averages_labels(average):
    expected = metrics.precision_recall_fscore_support(*predictions(), average=average, zero_division=0.0)
    cells = Report(COLUMNS).to_dict()[average]
    assert [cells[score]["value"] for score in SCORES] == pytest.approx(expected[:3], abs=1e-12)


def test_accuracy_of_columns_is_the_mean_over_rows_and_columns():
    true, pred = predictions()
    assert Report(COLUMNS).overall["accuracy"].value == pytest.approx(np.mean(true == pred))


def test_every_interval_is_that_of_the_intervals_module():
    report = Report(MATRIX)
    assert report.macro["f1_score"][1:] == interval("macro_f1", MATRIX)
    assert report.overall["accuracy"][1:] == interval("accuracy", MATRIX)
    assert report.classes["3"]["recall"][1:] == interval("recall[3]", MATRIX)


def test_any_score_of_the_table_can_be_asked_for():
    cell = Report(MATRIX).cell("jaccard[2]")
    assert cell.low < cell.value < cell.high


def test_a_level_of_ones_own_changes_the_intervals():
    assert Report(MATRIX, level=0.8).macro["recall"][1:] == interval("macro_recall", MATRIX, level=0.8)


# Forms


@pytest.mark.parametrize("make", [np.asarray, tf.constant, np.ndarray.tolist, lambda m: m.astype(np.float32)])
def test_arrays_tensors_and_lists_are_the_same(make):
    assert Report(make(MATRIX)).to_dict() == Report(MATRIX).to_dict()


def test_counts_tell_all_but_the_intervals_of_averages():
    known, overall = Report(from_matrix(MATRIX)).to_dict(), Report(MATRIX).to_dict()
    assert known["classes"] == overall["classes"]
    assert known["overall"]["accuracy"] == overall["overall"]["accuracy"]
    assert known["macro"]["f1_score"] == {**overall["macro"]["f1_score"], "low": None, "high": None}


def test_counts_of_arrays_are_counts():
    counts = Counts(*(field.numpy() for field in from_matrix(MATRIX)))
    assert Report(counts).to_dict() == Report(from_matrix(MATRIX)).to_dict()


def test_counts_of_columns_are_told_from_their_sums():
    assert not Report(from_matrix(COLUMNS)).multiclass
    assert Report(from_matrix(MATRIX)).multiclass
    assert not Report(from_matrix(MATRIX), multiclass=False).multiclass


def test_weights_that_are_no_numbers_of_samples_have_no_interval():
    cell = Report(MATRIX * 0.5 + 0.25).to_dict()["overall"]["accuracy"]
    assert (cell["low"], cell["high"]) == (None, None)


def test_names_are_the_ids_by_default():
    assert Report(MATRIX).class_names == tuple("0123456789")


@pytest.mark.parametrize("names", [["a"], ["a", "b", "c"], ["a", "a"], []])
def test_names_that_do_not_fit_raise(names):
    with pytest.raises(ValueError, match="`class_names` must"):
        Report(np.eye(2), names)


@pytest.mark.parametrize("matrix", [np.ones((2, 3)), np.ones((2, 3, 3)), 5, [[-1, 0], [0, 1]], [[np.nan, 0], [0, 1]]])
def test_what_is_no_matrix_raises(matrix):
    with pytest.raises(ValueError, match="a confusion matrix must"):
        Report(matrix)


def test_a_metric_in_place_of_its_matrix_is_refused_with_the_remedy():
    with pytest.raises(TypeError, match=r"got the metric 'confusion_matrix'; pass its \.matrix or \.counts"):
        Report(ConfusionMatrix(3))


def test_multiclass_that_contradicts_the_matrix_raises():
    with pytest.raises(ValueError, match=r"`multiclass` contradicts a matrix of shape \(10, 10\)"):
        Report(MATRIX, multiclass=False)


def test_counts_at_several_thresholds_raise():
    with pytest.raises(ValueError, match=r"must have four fields \(C,\)"):
        Report(Counts(*np.ones((4, 3, 2))))


# JSON


@pytest.mark.parametrize("source", [MATRIX, COLUMNS, from_matrix(MATRIX), np.zeros((3, 3)), MATRIX / 3])
def test_the_dict_is_json(source):
    report = Report(source).to_dict()
    assert json.loads(json.dumps(report, allow_nan=False)) == report
    assert list(report) == ["overall", "macro", "weighted", "classes"]


def test_support_is_a_whole_number_where_it_is_one():
    assert Report([[3, 1], [0, 2]]).to_dict()["classes"]["0"]["support"] == 4
    assert Report([[0.5, 0], [0, 1]]).to_dict()["classes"]["0"]["support"] == 0.5


def test_infinity_is_null():
    cell = Report(np.eye(2)).cell("positive_likelihood_ratio[0]")
    assert math.isinf(cell.value)
    assert cell.to_dict() == {"value": None, "low": 0.0, "high": None}


# Confused pairs


def test_the_most_confused_pair_comes_first():
    matrix = np.diag([900] * 10)
    matrix[6, 0] = 84
    matrix[0, 6] = 12
    first, second = Report(matrix, CLASS_NAMES).confused()
    assert str(first) == "Shirt predicted as T-shirt/top: 84 of 984"
    assert (second.true, second.predicted, second.count) == ("T-shirt/top", "Shirt", 12)


def test_as_many_pairs_as_asked_for():
    assert len(Report(MATRIX).confused()) == 5
    assert len(Report(MATRIX).confused(None)) == np.count_nonzero(MATRIX - np.diag(np.diag(MATRIX)))


@pytest.mark.parametrize("source", [from_matrix(MATRIX), COLUMNS, np.eye(3)])
def test_without_a_matrix_or_an_error_no_pair_is_confused(source):
    assert Report(source).confused() == []
    assert "onfused" not in str(Report(source))
