"""Expected cost: its special cases, the published constant prediction, intervals, refusals."""

import numpy as np
import pytest

from fmnist_tf.metrics import Accuracy, BalancedAccuracy, ExpectedCost
from support.catalogue import fed, stream

COSTS = [[0, 1], [5, 0]]
ONES = 1 - np.eye(3)


def counted(matrix, **options):
    """The metric after a confusion matrix."""
    metric = ExpectedCost(len(matrix), dtype="float64", **options)
    pairs = [(i, j) for i in range(len(matrix)) for j in range(len(matrix))]
    y_true, y_pred = (np.repeat([pair[side] for pair in pairs], np.ravel(matrix)) for side in (0, 1))
    metric.update_state(y_true, y_pred)
    return metric


def test_the_default_rule_of_the_german_credit_data():
    """Source: Michie, Spiegelhalter and Taylor, Machine Learning, Neural and Statistical Classification, 1994: 0.7."""
    metric = counted([[700, 0], [300, 0]], cost_matrix=COSTS)
    assert metric.best_constant == (1, 0.7)
    assert metric.result() == 1.5


@pytest.mark.parametrize("seed", range(3))
def test_equal_costs_give_one_less_accuracy(seed):
    y_true, y_pred = stream(seed=seed)
    ours = fed(ExpectedCost(cost_matrix=ONES, dtype="float64"), y_true, y_pred).result()
    np.testing.assert_allclose(ours, 1 - fed(Accuracy(dtype="float64"), y_true, y_pred).result(), rtol=1e-12)


def test_costs_by_prevalence_give_one_less_balanced_accuracy():
    """Source: Ferrer, Analysis and comparison of classification metrics, 2022."""
    y_true, y_pred = stream(rows=20)
    costs = ONES / (3 * np.bincount(y_true)[:, np.newaxis] / 20)
    ours = fed(ExpectedCost(cost_matrix=costs, dtype="float64"), y_true, y_pred).result()
    np.testing.assert_allclose(ours, 1 - fed(BalancedAccuracy(dtype="float64"), y_true, y_pred).result(), rtol=1e-12)


def test_a_constant_prediction_has_the_normalized_cost_one():
    assert counted([[0, 700], [0, 300]], cost_matrix=COSTS, normalize=True).result() == 1
    metric = counted([[600, 100], [60, 240]], cost_matrix=COSTS, normalize=True)
    np.testing.assert_allclose(metric.result(), (100 + 5 * 60) / 700, rtol=1e-15)


@pytest.mark.parametrize("normalize", [False, True])
def test_the_interval_is_that_of_a_simulation(normalize):
    matrix, rng = np.array([[600, 100], [60, 240]]), np.random.default_rng(0)
    low, high = counted(matrix, cost_matrix=COSTS, normalize=normalize).interval()
    drawn = rng.multinomial(1000, matrix.ravel() / 1000, 20_000).reshape(-1, 2, 2)
    costs = (drawn * COSTS).sum(axis=(1, 2)) / 1000
    constant = np.minimum(5 * drawn[:, 1].sum(axis=1), drawn[:, 0].sum(axis=1)) / 1000
    values = costs / constant if normalize else costs
    np.testing.assert_allclose([low, high], np.quantile(values, [0.025, 0.975]), atol=0.015)


@pytest.mark.parametrize(
    ("costs", "options", "error"),
    [
        ([[0, 1, 2]], {}, r"`cost_matrix` must have shape \(C, C\)"),
        ([[0, -1], [1, 0]], {}, "finite costs of 0 or more; subtract the least of each row"),
        ([[0, np.inf], [1, 0]], {}, "finite costs of 0 or more"),
        (COSTS, {"num_classes": 3}, r"`cost_matrix` must have shape \(3, 3\), got \(2, 2\)"),
    ],
)
def test_what_is_no_cost_matrix_is_refused(costs, options, error):
    with pytest.raises(ValueError, match=error):
        ExpectedCost(cost_matrix=costs, **options)
