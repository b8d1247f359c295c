"""From predictions that have been made to a report in one line, whatever they are made of."""

import numpy as np
import pytest
import tensorflow as tf
from sklearn import metrics

from fmnist_tf.report import Report

RNG = np.random.default_rng(0)
TRUE = RNG.integers(0, 3, 200)
SCORES = RNG.dirichlet(np.ones(3), 200) * 0.6 + 0.4 * np.eye(3)[TRUE]
IDS = SCORES.argmax(axis=1)
WORDS = np.array(["cat", "dog", "eel"])
YES = RNG.integers(0, 2, 200)
PROBABILITY = np.clip(YES * 0.3 + RNG.random(200) * 0.7, 0, 1)
MATRIX = metrics.confusion_matrix(TRUE, IDS)


@pytest.mark.parametrize("make", [np.asarray, list, tf.constant], ids=["array", "list", "tensor"])
@pytest.mark.parametrize("pred", [IDS, SCORES, np.eye(3, dtype=int)[IDS]], ids=["ids", "scores", "one-hot"])
@pytest.mark.parametrize("true", [TRUE, np.eye(3)[TRUE]], ids=["ids", "one-hot"])
def test_ids_scores_and_one_hot_rows_give_one_matrix(make, true, pred):
    np.testing.assert_array_equal(Report.from_predictions(make(true), make(pred)).matrix, MATRIX)


def test_strings_are_sorted_and_name_the_classes():
    report = Report.from_predictions(WORDS[TRUE], WORDS[IDS].tolist())
    assert report.class_names == ("cat", "dog", "eel")
    np.testing.assert_array_equal(report.matrix, MATRIX)


def test_class_names_give_the_order_of_strings_and_name_classes_that_do_not_occur():
    report = Report.from_predictions(["b", "a"], ["b", "b"], ["b", "z", "a"])
    np.testing.assert_array_equal(report.matrix, [[1, 0, 0], [0, 0, 0], [1, 0, 0]])


def test_string_labels_meet_the_columns_of_scores_by_name():
    report = Report.from_predictions(WORDS[TRUE], SCORES, WORDS)
    np.testing.assert_array_equal(report.matrix, MATRIX)


def test_scores_bring_auroc_and_average_precision_with_intervals():
    report = Report.from_predictions(TRUE, SCORES)
    expected = metrics.roc_auc_score(TRUE, SCORES, multi_class="ovr")
    score = report.curves.macro["auroc"]
    assert score.cell.value == pytest.approx(expected, abs=1e-3)
    assert score.cell.low < score.cell.value < score.cell.high
    assert score.bounds[0] <= expected <= score.bounds[1]
    assert Report.from_predictions(TRUE, IDS).curves is None


@pytest.mark.parametrize("shape", [(-1,), (-1, 1)])
def test_floats_of_one_column_are_a_yes_no_question(shape):
    report = Report.from_predictions(YES, PROBABILITY.reshape(shape), ["no", "yes"])
    assert report.classes["yes"]["f1_score"].value == pytest.approx(metrics.f1_score(YES, PROBABILITY > 0.5), abs=1e-12)
    assert report.curves.macro["auroc"].cell.value == pytest.approx(metrics.roc_auc_score(YES, PROBABILITY), abs=1e-4)


def test_a_threshold_of_logits_is_a_probability():
    logits = np.log((PROBABILITY + 0.01) / (1.01 - PROBABILITY))
    report = Report.from_predictions(YES, logits, threshold=0.3, from_logits=True)
    np.testing.assert_array_equal(report.matrix, metrics.confusion_matrix(YES, 1 / (1 + np.exp(-logits)) > 0.3))


@pytest.mark.parametrize("pred", [SCORES, SCORES > 0.4], ids=["scores", "booleans"])
def test_multilabel_columns_are_scored_one_by_one(pred):
    true = RNG.random((200, 3)) < 0.4
    report = Report.from_predictions(true, pred, WORDS, threshold=None if pred.dtype == bool else 0.4)
    np.testing.assert_array_equal(report.matrix, metrics.multilabel_confusion_matrix(true, SCORES > 0.4))


def test_weights_count_and_intervals_use_the_effective_number_of_rows():
    weight = RNG.random(200)
    report = Report.from_predictions(TRUE, IDS, sample_weight=weight)
    assert report.overall["accuracy"].value == pytest.approx(np.average(TRUE == IDS, weights=weight), abs=1e-12)
    assert report.effective_total == pytest.approx(weight.sum() ** 2 / (weight**2).sum())
    assert report.overall["accuracy"].low is not None


def test_a_data_frame_names_the_classes_by_its_columns():
    pd = pytest.importorskip("pandas")
    report = Report.from_predictions(pd.Series(WORDS[TRUE]), pd.DataFrame(SCORES, columns=WORDS))
    assert report.class_names == tuple(WORDS)
    np.testing.assert_array_equal(report.matrix, MATRIX)


def test_series_of_any_kind_are_read():
    pd = pytest.importorskip("pandas")
    for kind in ("category", "string", object):
        report = Report.from_predictions(pd.Series(WORDS[TRUE], dtype=kind), pd.Series(WORDS[IDS], dtype=kind))
        np.testing.assert_array_equal(report.matrix, MATRIX)


@pytest.mark.parametrize(
    ("true", "pred", "options", "message"),
    [
        ([0, 1], [0], {}, "must be of one length, got 2 and 1"),
        ([], [], {}, "must hold one row or more"),
        (["a"], ["x"], {"class_names": ["a", "b"]}, "`y_pred` holds 'x', which is none of the classes a, b"),
        ([0, 1], [[0.5, 0.5]] * 2, {"class_names": ["a"]}, "`class_names` must hold 2 names"),
        ([0, 1], [0.2, 3.0], {}, "from_logits=True"),
        ([0, 1], [0, 1], {"sample_weight": [1]}, "`sample_weight` must hold 2 weights"),
        ([0, 1], [1.0, -1.0], {"threshold": 3.0, "from_logits": True}, "`threshold` must be a probability"),
        (np.array([0, "a"], object), [0, 1], {}, "`y_true` must hold strings or numbers alone, got int, str"),
    ],
)
def test_rows_that_cannot_be_scored_raise_with_the_remedy(true, pred, options, message):
    with pytest.raises(ValueError, match=message):
        Report.from_predictions(true, pred, **options)
