"""Soft labels count with their whole row; rows of probabilities that do not sum to 1 are invalid, with the remedy."""

import keras
import numpy as np
import pytest

from fmnist_tf.metrics import AUROC, BrierScore, ExpectedCalibrationError, LogLoss, MaximumCalibrationError
from support.catalogue import fed

PROPER = [BrierScore, LogLoss, ExpectedCalibrationError, MaximumCalibrationError]


def draw(rows=40, num_classes=4):
    """(soft labels, logits, probabilities)."""
    rng = np.random.default_rng(0)
    y, logits = rng.dirichlet(np.ones(num_classes), rows), rng.normal(scale=3, size=(rows, num_classes))
    p = np.exp(logits)
    return y, logits, p / p.sum(axis=1, keepdims=True)


def test_log_loss_of_soft_labels_is_the_cross_entropy_of_keras():
    y, logits, p = draw()
    theirs = keras.losses.CategoricalCrossentropy(dtype="float64")(y, p)
    np.testing.assert_allclose(fed(LogLoss(dtype="float64"), y, p).result(), theirs, rtol=1e-12)
    from_logits = fed(LogLoss(from_logits=True, dtype="float64"), y, logits)
    np.testing.assert_allclose(from_logits.result(), theirs, rtol=1e-12)


def test_a_class_of_no_share_may_have_no_chance():
    assert fed(LogLoss(from_logits=True), [[0.0, 1.0]], [[-np.inf, 0.0]]).result() == 0


def test_brier_score_of_soft_labels_is_the_mean_square():
    y, _, p = draw()
    expected = np.square(p - y).sum(axis=1).mean()
    np.testing.assert_allclose(fed(BrierScore(dtype="float64"), y, p).result(), expected, rtol=1e-12)


def test_a_prediction_is_right_by_the_share_of_its_class():
    y, _, p = draw()
    right, confidence = y[np.arange(len(y)), p.argmax(axis=1)], p.max(axis=1)
    metric = fed(ExpectedCalibrationError(num_bins=1, dtype="float64"), y, p)
    np.testing.assert_allclose(metric.result(), abs(right.mean() - confidence.mean()), rtol=1e-12)


@pytest.mark.parametrize("kind", PROPER)
@pytest.mark.parametrize("dtype", [np.int32, np.float32, bool])
def test_one_hot_labels_score_as_ids(kind, dtype):
    y_true, p = np.arange(40) % 4, draw()[2]
    one_hot = np.eye(4)[y_true].astype(dtype)
    assert fed(kind(), one_hot, p).result() == fed(kind(), y_true, p).result()


@pytest.mark.parametrize("kind", PROPER)
@pytest.mark.parametrize("scale", [0.98, 1.02, 0.0])
def test_rows_that_do_not_sum_to_1_are_invalid(kind, scale):
    p = np.array([[0.5, 0.3, 0.2], [0.1, 0.8, 0.1]]) * [[1], [scale]]
    metric = fed(kind(3), [0, 1], p)
    assert metric.invalid == 1
    with pytest.raises(
        ValueError,
        match=r"1 x row of probabilities that does not sum to 1;.* pass from_logits=True for logits, or multi_label=",
    ):
        metric.result()


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
@pytest.mark.parametrize("kind", PROPER)
def test_rounding_of_narrow_dtypes_is_no_fault(kind, dtype):
    p = np.random.default_rng(0).dirichlet(np.ones(100), 20)
    assert fed(kind(), np.arange(20), keras.ops.cast(p, dtype)).invalid == 0


def test_what_is_ranked_need_not_sum_to_1():
    assert fed(AUROC(), [0, 1], [[0.9, 0.3], [0.2, 0.3]]).invalid == 0
    assert fed(LogLoss(multi_label=True), [[1, 0], [0, 1]], [[0.9, 0.3], [0.2, 0.3]]).invalid == 0
    assert fed(LogLoss(from_logits=True), [0, 1], [[3.0, 1.0], [0.0, 2.0]]).invalid == 0


def test_a_masked_row_may_sum_to_anything():
    metric = fed(LogLoss(), [0, 1], [[0.5, 0.5], [7.0, 9.0]], [1.0, 0.0])
    assert metric.invalid == 0
