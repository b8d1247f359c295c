"""Operating points: constraints kept, the same thresholds as the at-metrics, optimism as new samples show it."""

import numpy as np
import pytest

from fmnist_tf.metrics import OperatingPoints, PrecisionAtRecall
from support.catalogue import fed


def drawn(seed, rows=60):
    """(labels, float32 scores) of one column that overlap."""
    rng = np.random.default_rng(seed)
    y_true = rng.random(rows) < 0.4
    return y_true, (1 / (1 + np.exp(-rng.normal(1.5 * y_true - 0.7)))).astype("float32")


def rate(name, y_true, yes):
    """A rate from its definition."""
    tp = np.sum(y_true & yes)
    return {"recall": tp / y_true.sum(), "precision": tp / max(yes.sum(), 1), "specificity": np.mean(~yes[~y_true])}[
        name
    ]


@pytest.mark.parametrize("constraint", ["recall >= 0.9", "precision >= 0.8", "specificity >= 0.85"])
def test_the_constraint_is_kept_and_the_rates_are_those_of_the_threshold(constraint):
    y_true, p = drawn(0)
    metric = fed(OperatingPoints(constraint=constraint), y_true, p)
    (point,) = metric.points()
    yes = p > point.threshold
    assert rate(point.constraint.name, y_true, yes) >= float(constraint.split()[-1])
    for found in (point.constraint, point.objective):
        assert found.value == rate(found.name, y_true, yes)
        assert found.interval.low <= found.value <= found.interval.high


@pytest.mark.heavy
def test_thresholds_are_those_of_the_metric_of_the_same_rate():
    rng = np.random.default_rng(1)
    y_true, p = rng.integers(0, 3, 200), rng.dirichlet(np.ones(3), 200).astype("float32")
    ours = fed(OperatingPoints(constraint="recall >= 0.8"), y_true, p).result()
    np.testing.assert_array_equal(ours, fed(PrecisionAtRecall(recall=0.8, average=None), y_true, p).thresholds)
    pooled = fed(OperatingPoints(constraint="recall >= 0.8", per_class=False), y_true, p)
    yes = p > float(pooled.result())
    assert np.sum(yes[np.arange(200), y_true]) >= 160
    assert pooled.points()[0].class_id is None


def test_optimism_is_what_new_samples_lose():
    lost, said = [], []
    y_new, p_new = drawn(10_000, rows=20_000)
    for seed in range(15):
        (point,) = fed(OperatingPoints(constraint="precision >= 0.85", num_bins=512), *drawn(seed)).points()
        lost.append(point.constraint.value - rate("precision", y_new, p_new > point.threshold))
        said.append(point.constraint.optimism)
    assert np.nanmean(lost) > 0.02
    assert 0.3 < np.nanmean(said) / np.nanmean(lost) < 2


@pytest.mark.parametrize("constraint", ["recall > 0.9", "f1 >= 0.9", "recall >= 1.5", "recall >= x", 0.9])
def test_what_is_no_constraint_is_refused(constraint):
    with pytest.raises(ValueError, match="`constraint` must be precision, recall, specificity with a number"):
        OperatingPoints(constraint=constraint)
