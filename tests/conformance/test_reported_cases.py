"""Situations of public bug reports: the value that scikit-learn or a hand gives, or an error with the remedy."""

import numpy as np
import pytest
from sklearn import metrics as sklearn_metrics

from fmnist_tf import (
    AUROC,
    Accuracy,
    F1Score,
    HammingLoss,
    Jaccard,
    LogLoss,
    MacroF1,
    MeanIoU,
    Report,
    RocCurve,
    ScoreSet,
    WeightedF1,
)
from support.catalogue import fed

Y = np.array([0, 0, 1, 1, 2, 2])
PERFECT = np.eye(3)[Y]
BINARY = np.array([0] * 70 + [1] * 30)
SIGMOID = np.r_[np.full(60, 0.2), np.full(10, 0.8), np.full(12, 0.3), np.full(18, 0.9)].astype("float32")
MULTI_HOT = np.array([[1, 1, 0], [1, 0, 1], [0, 1, 1], [1, 1, 1]])
IGNORED = [[1, -1], [0, -1], [1, -1]], [[0.9, 0.9], [0.1, 0.2], [0.2, 0.9]]
F64 = {"dtype": "float64"}

VALUES = {
    "multi-hot labels with a threshold": (MacroF1(threshold=0.5), MULTI_HOT, 0.8 * MULTI_HOT + 0.1, 1.0),
    "a class of the model ignored": (MacroF1(ignore_class=0), Y, PERFECT, 1.0),
    "its Jaccard": (Jaccard(ignore_class=0), Y, PERFECT, 1.0),
    "a class without rows in MeanIoU": (MeanIoU(4), Y, np.eye(4)[Y], 1.0),
    "a mean without background": (F1Score(target_class_ids=(1, 2)), Y, PERFECT, 1.0),
    "macro of one sigmoid": (
        MacroF1(**F64),
        BINARY,
        SIGMOID,
        sklearn_metrics.f1_score(BINARY, SIGMOID > 0.5, average="macro"),
    ),
    "weighted of one sigmoid": (
        WeightedF1(**F64),
        BINARY,
        SIGMOID,
        sklearn_metrics.f1_score(BINARY, SIGMOID > 0.5, average="weighted"),
    ),
    "yes of one sigmoid": (F1Score(**F64), BINARY, SIGMOID, sklearn_metrics.f1_score(BINARY, SIGMOID > 0.5)),
    "logits of one column": (F1Score(from_logits=True), [0, 1, 1, 1], [-2.0, 0.3, 0.4, 3.0], 1.0),
    "ids (N, 1) and (N,)": (MacroF1(3), Y[:, np.newaxis], Y, 1.0),
    "accuracy of ignored entries": (Accuracy(threshold=0.5, ignore_class=-1, **F64), *IGNORED, 2 / 3),
    "and what it leaves": (HammingLoss(threshold=0.5, ignore_class=-1, **F64), *IGNORED, 1 / 3),
    "log loss of soft labels": (
        LogLoss(**F64),
        [[0.7, 0.3], [0.2, 0.8]],
        [[0.6, 0.4], [0.1, 0.9]],
        -(0.7 * np.log(0.6) + 0.3 * np.log(0.4) + 0.2 * np.log(0.1) + 0.8 * np.log(0.9)) / 2,
    ),
}
REFUSED = {
    "multi-hot labels": (MacroF1, {}, MULTI_HOT, 0.8 * MULTI_HOT + 0.1, "threshold=0.5"),
    "undeclared logits": (F1Score, {}, [0, 1, 1], [-2.0, 0.3, 3.0], "from_logits=True"),
    "integer predictions (N, C)": (F1Score, {"num_classes": 3}, [0, 1], [[0, 1, 0], [1, 0, 0]], "bool"),
    "integer predictions (N,)": (F1Score, {}, [0, 1, 1], [0, 1, 0], "threshold=0.5"),
    "smoothed labels of a column": (F1Score, {}, [0.05, 0.95], [0.1, 0.8], "round"),
    "macro of one column": (F1Score, {"average": "macro"}, BINARY, SIGMOID, "MacroF1"),
    "rows that do not sum to 1": (LogLoss, {}, [0, 1], [[0.5, 0.3], [0.1, 0.5]], "sum to 1"),
}


@pytest.mark.parametrize("case", VALUES)
def test_a_reported_case_has_the_right_value(case):
    metric, y_true, y_pred, expected = VALUES[case]
    metric.reset_state()
    np.testing.assert_allclose(fed(metric, y_true, y_pred).result(), expected, rtol=1e-6)


@pytest.mark.parametrize("case", REFUSED)
def test_a_reported_case_is_refused_with_the_remedy(case):
    kind, options, y_true, y_pred, remedy = REFUSED[case]
    with pytest.raises(ValueError, match=remedy):
        fed(kind(**options), y_true, y_pred).result()


def test_one_sigmoid_has_one_macro_f1_in_set_and_report():
    counts = fed(ScoreSet(**F64), BINARY, SIGMOID)
    report = Report(counts.matrix).macro["f1_score"].value
    made = Report.from_predictions(BINARY, SIGMOID).macro["f1_score"].value
    expected = sklearn_metrics.f1_score(BINARY, SIGMOID > 0.5, average="macro")
    np.testing.assert_allclose([counts.result()["macro_f1"], report, made], expected, rtol=1e-12)


def test_a_weight_of_a_hundred_makes_no_interval_narrower():
    widths = []
    for weight in (1, 100):
        metric = fed(MacroF1(3), Y, PERFECT[::-1], np.full(6, weight))
        widths.append(metric.effective_total)
    assert widths == [6, 6]


def test_a_roc_curve_of_fractional_weights_rises():
    fpr, tpr, _ = fed(RocCurve(), [0, 0, 1, 1, 1], [0.1, 0.7, 0.3, 0.4, 0.5], [0.2] * 5).result()
    assert min(np.diff(fpr).min(), np.diff(tpr).min()) >= 0


def test_logits_far_out_are_told_apart():
    y = np.arange(200) % 2
    logits = np.random.default_rng(0).normal(size=200) + y + 60
    low, high = fed(AUROC(from_logits=True), y, logits).bounds
    assert low <= sklearn_metrics.roc_auc_score(y, logits) <= high
    assert high - low < 0.05
