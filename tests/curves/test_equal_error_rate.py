"""The equal error rate lies where the ROC curve has as many false positives as false negatives, within its bounds."""

import numpy as np
import pytest

from fmnist_tf.curves.histogram import Histogram
from fmnist_tf.curves.operating import equal_error_rate
from fmnist_tf.metrics import CurveSet, EqualErrorRate
from support import curve_oracles as oracles
from support.catalogue import fed

SEEDS = range(4)


def draw(seed, rows=24):
    """(y, scores, weight), of few distinct scores."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, rows)
    return y, (rng.integers(0, 12, rows) + 3 * y) / 16, rng.integers(0, 9, rows) / 4


def of_bins(negatives, positives):
    """Value and bounds of the counts in bins, as floats."""
    fields = (np.array([field], np.float64) for field in (negatives, positives))
    return [float(part[0]) for part in equal_error_rate(Histogram(*fields, np.float64(0)))]


@pytest.mark.parametrize("seed", SEEDS)
def test_it_equals_its_definition_and_that_of_no(seed):
    y, scores, weight = draw(seed)
    expected = oracles.equal_error_rate(y, scores, weight)
    both = fed(EqualErrorRate(average=None, dtype="float64"), y, scores, weight).result()
    np.testing.assert_allclose(both, [expected, expected], rtol=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("num_bins", [3, 6, 64])
def test_the_exact_value_lies_within_the_bounds(seed, num_bins):
    y, scores, weight = draw(seed)
    low, high = fed(EqualErrorRate(num_bins=num_bins), y, scores, weight).bounds
    assert low <= oracles.equal_error_rate(y, scores, weight) <= high


def test_the_bounds_are_those_of_the_best_and_the_worst_order():
    negatives, positives = [1, 2, 0], [1, 1, 0]
    y = [0, 1, 0, 0, 1]
    orders = [oracles.equal_error_rate(y, scores) for scores in oracles.orders([2, 3])]
    value, low, high = of_bins(negatives, positives)
    np.testing.assert_allclose([low, high], [min(orders), max(orders)], atol=1e-12)
    assert low <= value <= high


def test_saturated_scores_are_real_ties():
    y, scores = [0, 0, 1, 1], [0.2, 1.0, 1.0, 1.0]
    value, (low, high) = fed(EqualErrorRate(num_bins=3), y, scores).result(), EqualErrorRate(num_bins=3).bounds
    low, high = fed(EqualErrorRate(num_bins=3), y, scores).bounds
    np.testing.assert_allclose([value, low, high], 1 / 3, rtol=1e-6)


@pytest.mark.parametrize("y", [[0, 0], [1, 1]])
def test_one_kind_of_label_has_no_rate(y):
    metric = fed(EqualErrorRate(), y, [0.2, 0.7])
    assert np.isnan([metric.result(), *metric.bounds]).all()


#: torchmetrics 1.9's example of binary_eer; of scores without errors; of scores in reverse order.
@pytest.mark.parametrize(
    ("y", "scores", "value"),
    [([0, 1, 1, 0], [0.0, 0.5, 0.7, 0.8], 0.5), ([0, 1], [0.2, 0.8], 0.0), ([0, 1], [0.8, 0.2], 1.0)],
)
def test_it_gives_the_published_value_in_a_set_too(y, scores, value):
    assert fed(CurveSet(scores=["equal_error_rate"]), y, scores).result()["equal_error_rate"] == value
