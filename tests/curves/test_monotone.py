"""Curves never turn back, whatever the weights: what scikit-learn's `auc` asks for."""

import numpy as np
import pytest
import tensorflow as tf
from sklearn.metrics import auc, average_precision_score, roc_auc_score

from fmnist_tf import kernels
from fmnist_tf.metrics import AUROC, AveragePrecision, PrecisionRecallCurve, RocCurve
from support.catalogue import fed


@pytest.mark.heavy
@pytest.mark.parametrize("compiles", [False, True])
def test_curves_of_fractional_weights_never_turn_back(compiles):
    num_bins, seeds = (1 << 14, 5) if compiles else (1000, 50)
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        y_true, scores, weight = rng.integers(0, 2, 200), rng.random(200), rng.random(200)
        roc = fed(RocCurve(num_bins=num_bins), y_true, scores, weight).result()
        assert (np.diff(roc.fpr) >= 0).all()
        assert (np.diff(roc.tpr) >= 0).all()
        assert (roc.fpr[0], roc.tpr[0], roc.fpr[-1], roc.tpr[-1]) == (0, 0, 1, 1)
        area = fed(AUROC(num_bins=num_bins, dtype="float64"), y_true, scores, weight).result()
        np.testing.assert_allclose(auc(roc.fpr, roc.tpr), area, rtol=1e-12)
        curve = fed(PrecisionRecallCurve(num_bins=num_bins), y_true, scores, weight).result()
        assert (np.diff(curve.recall) <= 0).all()
        assert 0 <= auc(curve.recall, curve.precision) <= 1


def test_five_weights_of_a_fifth():
    y_true, scores, weight = [0, 0, 1, 1, 1], [0.1, 0.7, 0.3, 0.4, 0.5], [0.2] * 5
    roc = fed(RocCurve(), y_true, scores, weight).result()
    np.testing.assert_allclose(auc(roc.fpr, roc.tpr), roc_auc_score(y_true, scores, sample_weight=weight), rtol=1e-12)


@pytest.mark.parametrize("size", [1, 2, 7, 8, 100])
def test_a_running_maximum_is_that_of_numpy(size):
    values = np.random.default_rng(size).random((3, size))
    expected = np.maximum.accumulate(values[:, ::-1], axis=1)[:, ::-1]
    np.testing.assert_array_equal(kernels.running_max(tf.constant(values)), expected)


# One column is a problem of two classes


def draw(seed=0):
    """(y_true, scores, weight) of one column."""
    rng = np.random.default_rng(seed)
    return rng.integers(0, 2, 60), rng.random(60), rng.integers(1, 9, 60) / 8


@pytest.mark.parametrize("num_bins", [16, 8192])
@pytest.mark.parametrize("kind", [AUROC, AveragePrecision])
def test_the_score_of_no_is_that_of_the_other_label(kind, num_bins):
    y_true, scores, weight = draw()
    theirs = roc_auc_score if kind is AUROC else average_precision_score
    expected = theirs(1 - y_true, 1 - scores, sample_weight=weight)
    no = fed(kind(class_id=0, num_bins=num_bins, dtype="float64"), y_true, scores, weight)
    low, high = no.bounds
    assert low <= expected <= high
    assert low <= no.result() <= high
    both = fed(kind(average=None, num_bins=num_bins, dtype="float64"), y_true, scores, weight)
    yes = fed(kind(num_bins=num_bins, dtype="float64"), y_true, scores, weight)
    np.testing.assert_array_equal(both.result(), [no.result(), yes.result()])


def test_ties_of_saturated_scores_are_known_for_no_too():
    low, high = fed(AveragePrecision(class_id=0), [1, 0, 1, 0], [1.0, 1.0, 1.0, 0.25]).bounds
    np.testing.assert_allclose([low, high], 1 / 2 + 1 / 2 * 2 / 4, rtol=1e-12)


@pytest.mark.parametrize("average", ["macro", "micro", "weighted"])
def test_an_average_of_one_column_is_refused_with_both_readings(average):
    with pytest.raises(ValueError, match=r"may mean the score of yes, as in Keras, or both no and yes, as in scikit"):
        fed(AUROC(average=average), [0, 1], [0.1, 0.9])


@pytest.mark.parametrize("options", [{"class_id": 2}, {"target_class_ids": [2]}])
def test_a_class_that_one_column_does_not_have_is_refused(options):
    with pytest.raises(ValueError, match="must be less than the number of classes, "):
        fed(AUROC(**options), [0, 1], [0.1, 0.9])
