"""Counts and scores stay right up to 2**53 rows, for rare classes, and for sums of fractional weights."""

from fractions import Fraction

import numpy as np
import pytest
import tensorflow as tf

from fmnist_tf.metrics import (
    Accuracy,
    CohenKappa,
    ConfusionMatrix,
    F1Score,
    MatthewsCorrelation,
    ScoreSet,
)
from fmnist_tf.scores import SCORES
from support import oracles
from support.oracle_cells import PerClassLayout

LIMITS = [2**24, 2**31, 2**32, 2**53 - 8]
each_limit = pytest.mark.parametrize("limit", LIMITS)


def at(metric, cells):
    """The multiclass metric, as if it had counted [tn, fp, fn, tp] of each class."""
    metric.load_state_dict({**metric.state_dict(), "counts": np.array(cells, np.float64)})
    return metric


def of_matrix(kind, matrix, /, **kwargs):
    """A metric that has counted a confusion matrix of integers."""
    matrix = np.array(matrix, object)
    tp = np.diag(matrix)
    metric = kind(len(matrix), dtype="float64", **kwargs)
    if kwargs.get("weights"):
        return at(metric, matrix.ravel())
    return at(metric, [0 * tp, matrix.sum(axis=0) - tp, matrix.sum(axis=1) - tp, tp])


def exact(score, matrix, **kwargs):
    """The oracle's value of a confusion matrix, from fractions."""
    rows = range(len(matrix))
    y_true, y_pred = [i for i in rows for _ in rows], [j for _ in rows for j in rows]
    return oracles.score_classes(score, y_true, y_pred, len(matrix), [n for row in matrix for n in row], **kwargs)


@each_limit
def test_one_row_more_is_one_more_near_the_limit(limit):
    metric = at(ConfusionMatrix(2), [limit, 0, 0, 0])
    for _ in range(5):
        metric.update_state([0, 1], [0, 0])
    np.testing.assert_array_equal(metric.matrix, [[limit + 5, 0], [5, 0]])


@each_limit
def test_accuracy_and_f1_see_a_thousand_errors_after_the_limit(limit):
    matrix = [[limit - 3000, 0], [1000, 1000]]
    assert of_matrix(Accuracy, matrix).result() == exact("accuracy", matrix)
    np.testing.assert_allclose(of_matrix(F1Score, matrix).result(), exact("f1_score", matrix), rtol=1e-15)


def matrices(limit):
    """Matrices near the limit: even, rare classes, nearly independent."""
    part = limit // 16
    return {
        "even": [[3 * part, part], [part, 3 * part]],
        "rare": [[limit - 9, 2], [3, 4]],
        "rare of three": [[limit - 40, 2, 1], [3, 4, 5], [0, 6, 7]],
        "near chance": [[part * 4 + 1, part * 4], [part * 4, part * 4]],
        "reversed": [[1, part], [part, 2]],
    }


@each_limit
@pytest.mark.parametrize("which", matrices(2**24))
@pytest.mark.parametrize(
    ("kind", "score"), [(MatthewsCorrelation, "matthews_correlation"), (CohenKappa, "cohen_kappa")]
)
def test_correlation_and_kappa_are_right_near_the_limit(limit, which, kind, score):
    matrix = matrices(limit)[which]
    np.testing.assert_allclose(of_matrix(kind, matrix).result(), exact(score, matrix), rtol=1e-12, atol=1e-15)
    ours = of_matrix(kind, matrix, class_id=1).result()
    tp, fp, fn = matrix[1][1], sum(row[1] for row in matrix) - matrix[1][1], sum(matrix[1]) - matrix[1][1]
    tn = sum(map(sum, matrix)) - tp - fp - fn
    theirs = oracles.ORACLES[score](PerClassLayout(tp, fp, fn, tn))
    np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-15)


@each_limit
@pytest.mark.parametrize("weights", ["linear", "quadratic"])
def test_weighted_kappa_is_right_near_the_limit(limit, weights):
    for matrix in matrices(limit).values():
        ours = of_matrix(CohenKappa, matrix, weights=weights).result()
        np.testing.assert_allclose(ours, exact("cohen_kappa", matrix, weights=weights), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("score", [score.name for score in SCORES.values() if score.overall is None])
def test_every_score_of_a_class_is_right_near_the_limit(score):
    matrix = matrices(2**53 - 8)["rare of three"]
    metric = of_matrix(ScoreSet, matrix, scores=[f"{score}/1"], matrix=False)
    ours = metric.compute()[f"{score}/1"]
    np.testing.assert_allclose(ours, exact(score, matrix, class_id=1), rtol=1e-12)


# Fractional weights


@pytest.mark.parametrize("zero_division", [0.0, 1.0])
@pytest.mark.parametrize("seed", range(8))
def test_a_residue_of_fractional_weights_is_no_denominator(zero_division, seed):
    drawn, weight = np.random.default_rng(seed).integers(0, 3, 30), 0.1
    always = np.ones(30, int)
    for y_true, y_pred, score in ((drawn, always, "negative_predictive_value/1"), (always, drawn, "specificity/1")):
        for matrix in (False, True):
            metric = ScoreSet(3, scores=[score], matrix=matrix, zero_division=zero_division)
            for part in np.split(np.arange(30), 10):
                metric.update_state(y_true[part], y_pred[part], weight)
            assert metric.compute()[score] == zero_division


def test_ten_million_updates_of_fractional_weights_stay_within_a_billionth():
    weights = np.array([0.1, 0.3, 0.7, 1 / 3, 0.9, 1e-3, 0.123456789])
    rounds, ids, metric = 10**7 // 7 + 1, tf.range(3), ConfusionMatrix(3)

    @tf.function(jit_compile=True)
    def update(number):
        for i in tf.range(number):
            metric.update_state(ids, ids, tf.stack([0.1, 0.7, tf.gather(weights, i % 7)]))

    update(tf.constant(7 * rounds))
    exact = [7 * rounds * Fraction(0.1), 7 * rounds * Fraction(0.7), rounds * sum(map(Fraction, weights))]
    np.testing.assert_allclose(np.diag(metric.matrix), np.array(exact, float), rtol=1e-9)
