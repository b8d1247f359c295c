"""Ignored classes and `target_class_ids` leave classes out of averages as scikit-learn does with labels=."""

import keras
import numpy as np
import pytest

from fmnist_tf import metrics
from support.catalogue import fed

sklearn = pytest.importorskip("sklearn.metrics")
pytestmark = pytest.mark.filterwarnings("ignore")

AVERAGED = {
    metrics.Precision: sklearn.precision_score,
    metrics.Recall: sklearn.recall_score,
    metrics.F1Score: sklearn.f1_score,
    metrics.Jaccard: sklearn.jaccard_score,
}
OVERALL = [metrics.Accuracy, metrics.MatthewsCorrelation, metrics.CohenKappa, metrics.HammingLoss]
each_average = pytest.mark.parametrize("average", ["macro", "micro", "weighted"])
RNG = np.random.default_rng(0)
Y_TRUE, Y_PRED, WEIGHT = RNG.integers(0, 4, 80), RNG.integers(0, 4, 80), RNG.integers(0, 9, 80) / 4
KEPT = Y_TRUE != 2


def assert_close(ours, theirs):
    np.testing.assert_allclose(np.asarray(ours), theirs, rtol=1e-12, atol=1e-12)


@each_average
@pytest.mark.parametrize(("kind", "theirs"), AVERAGED.items())
def test_target_class_ids_keep_all_rows(kind, theirs, average):
    ours = fed(kind(4, average=average, target_class_ids=[3, 1], dtype="float64"), Y_TRUE, Y_PRED, WEIGHT)
    assert_close(ours.result(), theirs(Y_TRUE, Y_PRED, labels=[1, 3], average=average, sample_weight=WEIGHT))


@each_average
@pytest.mark.parametrize(("kind", "theirs"), AVERAGED.items())
def test_an_ignored_class_leaves_rows_and_average(kind, theirs, average):
    ours = fed(kind(4, average=average, ignore_class=2, dtype="float64"), Y_TRUE, Y_PRED, WEIGHT)
    expected = theirs(Y_TRUE[KEPT], Y_PRED[KEPT], labels=[0, 1, 3], average=average, sample_weight=WEIGHT[KEPT])
    assert_close(ours.result(), expected)


@each_average
def test_a_set_leaves_out_the_same_classes(average):
    options = {"ignore_class": 2, "target_class_ids": (1, 2, 3)}
    ours = metrics.ScoreSet(4, scores=[f"{average}_f1", "accuracy"], dtype="float64", **options)
    result = fed(ours, Y_TRUE, Y_PRED).result()
    assert ours.averaged_classes == (1, 3)
    assert_close(result[f"{average}_f1"], sklearn.f1_score(Y_TRUE[KEPT], Y_PRED[KEPT], labels=[1, 3], average=average))
    assert_close(result["accuracy"], sklearn.accuracy_score(Y_TRUE[KEPT], Y_PRED[KEPT]))


@pytest.mark.parametrize("kind", OVERALL)
def test_overall_scores_are_those_of_all_rows_kept(kind):
    ours = fed(kind(4, target_class_ids=[1], ignore_class=2, dtype="float64"), Y_TRUE, Y_PRED)
    assert_close(ours.result(), fed(kind(4, dtype="float64"), Y_TRUE[KEPT], Y_PRED[KEPT]).result())


@pytest.mark.parametrize("kind", [metrics.BalancedAccuracy, metrics.GeometricMean])
def test_averages_of_recalls_run_over_the_targets_that_occur(kind):
    ours = fed(kind(5, target_class_ids=[1, 3, 4], dtype="float64"), Y_TRUE, Y_PRED)
    recalls = sklearn.recall_score(Y_TRUE, Y_PRED, labels=[1, 3], average=None)
    assert_close(ours.result(), np.mean(recalls) if kind is metrics.BalancedAccuracy else np.sqrt(np.prod(recalls)))


def test_one_value_a_class_is_nan_for_what_is_left_out():
    metric = metrics.Recall(4, average=None, ignore_class=2, target_class_ids=[0, 1, 2], dtype="float64")
    theirs = sklearn.recall_score(Y_TRUE, Y_PRED, labels=range(4), average=None)
    theirs[[2, 3]] = np.nan
    assert_close(fed(metric, Y_TRUE, Y_PRED).result(), theirs)
    assert (metric.reported_classes, metric.averaged_classes) == ((0, 1, 3), (0, 1))


def test_a_row_predicted_as_the_ignored_class_is_a_miss_of_its_own():
    metric = fed(metrics.MacroF1(3, ignore_class=0, dtype="float64"), [0, 1, 1, 2], [0, 0, 1, 2])
    assert_close(metric.result(), (2 / 3 + 1) / 2)


@pytest.mark.parametrize("threshold", [0.5, None])
def test_columns_leave_out_single_entries_and_whole_columns(threshold):
    y_true = np.array([[1, 0, 1], [-1, 1, 0], [1, -1, 1]])
    y_pred = np.array([[0.9, 0.2, 0.3], [0.8, 0.7, 0.6], [0.1, 0.9, 0.8]])
    options = {"threshold": threshold} if threshold else {"threshold": 0.5, "average": "auto"}
    metric = metrics.F1Score(ignore_class=-1, target_class_ids=(0, 2), dtype="float64", **options)
    assert_close(fed(metric, y_true, y_pred).result(), (2 / 3 + 1 / 2) / 2)


def test_ids_against_columns_leave_the_ignored_class_out_of_the_mean():
    scores = np.eye(3)[[0, 1, 2, 1]] + [0, 0.1, 0.2]
    ignoring = fed(metrics.Recall(top_k=1, ignore_class=0, dtype="float64"), [0, 1, 2, 2], scores)
    assert_close(ignoring.result(), (1 + 1 / 2) / 2)


@pytest.mark.parametrize(("y_true", "width"), [([0, 1, 1, 3], 5), ([4, 4, 4, 4], 6)])
def test_mean_iou_leaves_out_absent_classes_as_keras_does(y_true, width):
    y_pred = np.eye(width)[[0, 1, 2, 3]]
    theirs = keras.metrics.MeanIoU(width, sparse_y_pred=False)
    theirs.update_state(y_true, y_pred)
    np.testing.assert_allclose(fed(metrics.MeanIoU(), y_true, y_pred).result(), theirs.result(), rtol=1e-6)


def test_dice_is_f1_of_the_classes_that_occur():
    ours = fed(metrics.Dice(6, dtype="float64"), Y_TRUE, Y_PRED)
    assert_close(ours.result(), sklearn.f1_score(Y_TRUE, Y_PRED, average="macro"))
    assert fed(metrics.Dice(6, zero_division=1.0), Y_TRUE[:0], Y_PRED[:0]).result() == 1


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"target_class_ids": [4]}, "`target_class_ids` must be less than the number of classes, 4, got 4"),
        ({"target_class_ids": []}, "`target_class_ids` must name at least one class"),
        ({"target_class_ids": [2], "ignore_class": [2]}, "has no class left"),
    ],
)
def test_classes_that_cannot_be_averaged_are_refused(options, told):
    with pytest.raises(ValueError, match=told):
        fed(metrics.MacroF1(4, **options), Y_TRUE, Y_PRED)
