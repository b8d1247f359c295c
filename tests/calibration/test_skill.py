"""Skill scores, calibration by class and in the square, and the calibration ratio equal their definitions."""

import numpy as np
import pytest

from fmnist_tf.metrics import (
    BrierSkillScore,
    CalibrationRatio,
    ClasswiseCalibrationError,
    D2LogLoss,
    ExpectedCalibrationError,
)
from support.catalogue import fed

sklearn = pytest.importorskip("sklearn.metrics")
SKILL = {D2LogLoss: sklearn.d2_log_loss_score, BrierSkillScore: sklearn.d2_brier_score}
RNG = np.random.default_rng(0)
Y, P, WEIGHT = RNG.integers(0, 3, 40), RNG.dirichlet(np.ones(3), 40), RNG.integers(0, 9, 40) / 4
ONE_HOT, LOGITS = np.eye(3)[Y], np.log(P) + 1


def value(kind, y_true, y_pred, weight=WEIGHT, **options):
    return np.asarray(fed(kind(dtype="float64", **options), y_true, y_pred, weight).result())


def assert_close(ours, theirs):
    np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(("kind", "theirs"), SKILL.items())
def test_skill_agrees_with_scikit_learn(kind, theirs):
    assert_close(value(kind, Y, P), theirs(Y, P, sample_weight=WEIGHT, labels=range(3)))
    assert_close(value(kind, Y, LOGITS, from_logits=True), value(kind, Y, P))
    of_columns = [theirs(c == Y, P[:, c], sample_weight=WEIGHT) for c in range(3)]
    assert_close(value(kind, ONE_HOT, P, multi_label=True, average=None), of_columns)
    assert_close(value(kind, ONE_HOT[:, 0], P[:, 0]), of_columns[0])


@pytest.mark.parametrize("kind", SKILL)
def test_soft_labels_that_are_predicted_exactly_and_their_mean_have_known_skill(kind):
    soft = RNG.dirichlet(np.ones(3), 10)
    mean = np.broadcast_to(soft.mean(axis=0), (10, 3))
    assert_close(value(kind, soft, mean, None), 0)
    assert_close(value(BrierSkillScore, soft, soft, None), 1)


@pytest.mark.parametrize("kind", SKILL)
@pytest.mark.parametrize("weight", [None, np.full(6, 0.1)])
def test_labels_of_one_class_have_no_skill(kind, weight):
    assert np.isnan(value(kind, np.ones(6, int), np.full((6, 2), 0.5), weight))


@pytest.mark.parametrize(("given", "options"), [(P, {}), (LOGITS, {"from_logits": True})])
def test_calibration_by_class_is_that_of_each_class_as_a_column(given, options):
    columns = value(ExpectedCalibrationError, ONE_HOT, P, multi_label=True, average=None)
    assert_close(value(ClasswiseCalibrationError, Y, given, average=None, **options), columns)
    assert_close(value(ClasswiseCalibrationError, Y, given, **options), columns.mean())
    assert_close(value(ClasswiseCalibrationError, Y, given, class_id=2, **options), columns[2])


def test_the_calibration_ratio_is_mean_probability_over_rate():
    assert_close(value(CalibrationRatio, Y == 1, P[:, 1]), WEIGHT @ P[:, 1] / (WEIGHT @ (Y == 1)))
    assert_close(value(CalibrationRatio, Y, P), WEIGHT @ P.max(axis=1) / (WEIGHT @ (P.argmax(axis=1) == Y)))
    assert value(CalibrationRatio, [0, 0], [0.5, 0.25], None) == np.inf


#: torchmetrics 1.9's examples of calibration errors with norm="l2".
PUBLISHED = [
    (2, [0, 0, 1, 1, 1], [0.25, 0.25, 0.55, 0.75, 0.75], 0.2918),
    (3, [0, 1, 2, 0], [[0.25, 0.20, 0.55], [0.55, 0.05, 0.40], [0.10, 0.30, 0.60], [0.90, 0.05, 0.05]], 0.2082),
]


@pytest.mark.parametrize(("num_bins", "y_true", "y_pred", "published"), PUBLISHED)
def test_the_root_of_mean_squares_gives_the_published_value(num_bins, y_true, y_pred, published):
    ours = value(ExpectedCalibrationError, y_true, y_pred, None, num_bins=num_bins, norm="l2")
    np.testing.assert_allclose(ours, published, atol=1e-4)


def test_the_root_of_mean_squares_is_never_below_the_mean():
    for bins in (2, 15):
        assert value(ExpectedCalibrationError, Y, P, norm="l2", num_bins=bins) >= value(
            ExpectedCalibrationError, Y, P, num_bins=bins
        )
