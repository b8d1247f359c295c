"""The optimum over all thresholds lies within the bounds of the best edge between bins, whatever the bins hide."""

import numpy as np
import pytest

from fmnist_tf.metrics import (
    BestThreshold,
    CurveSet,
    F1Score,
    Precision,
    PrecisionAtRecall,
    Recall,
    RecallAtPrecision,
    SensitivityAtSpecificity,
    SpecificityAtSensitivity,
)
from support.catalogue import fed
from support.marks import heavy

#: (metric, its constraint, rate of the constraint, rate of the objective), rates of (tp, fp, P, N).
PRECISION, RECALL, SPECIFICITY = (
    lambda tp, fp, p, n: tp / max(tp + fp, 1),
    lambda tp, fp, p, n: tp / p,
    lambda tp, fp, p, n: (n - fp) / n,
)
CONSTRAINED = [
    (RecallAtPrecision, "precision", PRECISION, RECALL),
    (PrecisionAtRecall, "recall", RECALL, PRECISION),
    (SensitivityAtSpecificity, "specificity", SPECIFICITY, RECALL),
    (SpecificityAtSensitivity, "sensitivity", RECALL, SPECIFICITY),
]
each_constrained = pytest.mark.parametrize(("kind", "constraint", "asked", "wanted"), CONSTRAINED)


def optimum(y_true, scores, asked, wanted, least):
    """The best of all thresholds, by trying each."""
    positives, negatives = y_true.sum(), (1 - y_true).sum()
    best = 0.0
    for threshold in [-1.0, *np.unique(scores)]:
        yes = scores > threshold
        rates = [(yes & (y_true == 1)).sum(), (yes & (y_true == 0)).sum(), positives, negatives]
        best = max(best, wanted(*rates)) if asked(*rates) >= least else best
    return best


@each_constrained
@pytest.mark.parametrize("num_bins", [8, *map(heavy, (3, 64))])
def test_the_optimum_over_all_thresholds_lies_within_the_bounds(kind, constraint, asked, wanted, num_bins):
    for seed in range(20):
        rng = np.random.default_rng(seed)
        y_true = rng.integers(0, 2, 60)
        scores = (rng.random(60) * 0.5 + y_true * 0.3).astype(np.float32)
        metric = fed(kind(num_bins=num_bins, dtype="float64", **{constraint: 0.8}), y_true, scores)
        low, high = metric.bounds
        exact = optimum(y_true, scores, asked, wanted, 0.8)
        assert low <= metric.result() <= exact + 1e-12
        assert low <= exact <= high


@each_constrained
def test_the_upper_bound_is_attained_where_positives_lie_above_negatives(kind, constraint, asked, wanted):
    y_true, scores = np.array([0, 0, 1, 1]), np.array([0.26, 0.27, 0.28, 0.29], np.float32)
    metric = fed(kind(num_bins=4, **{constraint: 0.9}), y_true, scores)
    np.testing.assert_allclose(metric.bounds[1], optimum(y_true, scores, asked, wanted, 0.9))
    assert metric.bounds[0] < metric.bounds[1]


def test_bounds_of_an_operating_point_are_narrow_where_bins_are_many():
    rng = np.random.default_rng(0)
    y_true = rng.integers(0, 2, 400)
    scores = 1 / (1 + np.exp(-rng.normal(size=400) - y_true))
    metric = fed(PrecisionAtRecall(recall=0.5, dtype="float64"), y_true, scores)
    low, high = metric.bounds
    assert 0 < high - low < 0.01


def test_a_set_gives_the_bounds_of_its_operating_points():
    y_true, scores = [0, 1, 1, 0], [0.1, 0.2, 0.7, 0.8]
    point = RecallAtPrecision(precision=0.5)
    ours = fed(CurveSet(scores=["auroc", point, BestThreshold()]), y_true, scores).bounds
    assert list(ours) == ["auroc", "recall_at_precision"]
    np.testing.assert_array_equal(ours["recall_at_precision"], fed(point, y_true, scores).bounds)


# One column, no and yes


def test_a_best_threshold_of_no_is_one_for_the_f1_of_no():
    rng = np.random.default_rng(3)
    y_true, scores = rng.integers(0, 2, 50), rng.random(50).astype(np.float32)
    no = fed(BestThreshold(class_id=0), y_true, scores)
    predicted_no = (scores <= float(no.result())).astype(np.float32)
    np.testing.assert_allclose(fed(F1Score(), 1 - y_true, predicted_no).result(), no.best, rtol=1e-6)


def test_a_constrained_threshold_of_no_attains_what_it_says():
    rng = np.random.default_rng(4)
    y_true, scores = rng.integers(0, 2, 50), rng.random(50).astype(np.float32)
    metric = fed(RecallAtPrecision(precision=0.55, class_id=0), y_true, scores)
    predicted_no = (scores <= float(metric.thresholds[0])).astype(np.float32)
    np.testing.assert_allclose(fed(Recall(), 1 - y_true, predicted_no).result(), metric.result(), rtol=1e-6)
    assert fed(Precision(), 1 - y_true, predicted_no).result() >= 0.55


def test_both_values_of_one_column_have_their_thresholds():
    y_true, scores = [0, 0, 1, 1], [0.1, 0.6, 0.4, 0.8]
    both = fed(RecallAtPrecision(precision=0.6, average=None), y_true, scores)
    each = [fed(RecallAtPrecision(precision=0.6, class_id=c), y_true, scores) for c in (0, 1)]
    np.testing.assert_array_equal(both.result(), [metric.result() for metric in each])
    np.testing.assert_array_equal(both.thresholds, [metric.thresholds[0] for metric in each])
