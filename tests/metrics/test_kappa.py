"""Cohen's kappa with a matrix of weights: disagreements of any cost, on classes and on one column."""

import numpy as np
import pytest

from fmnist_tf.metrics import CohenKappa
from support.catalogue import fed

sklearn = pytest.importorskip("sklearn.metrics")
RNG = np.random.default_rng(0)
Y_TRUE, Y_PRED, WEIGHT = RNG.integers(0, 3, 40), RNG.integers(0, 3, 40), RNG.integers(0, 9, 40) / 4
DISTANCE = np.abs(np.arange(3)[:, np.newaxis] - np.arange(3))


def kappa(weights, y_true=Y_TRUE, y_pred=Y_PRED, **options):
    return fed(CohenKappa(weights=weights, dtype="float64", **options), y_true, y_pred, WEIGHT).result()


@pytest.mark.parametrize(("name", "matrix"), [(None, DISTANCE > 0), ("linear", DISTANCE), ("quadratic", DISTANCE**2)])
def test_a_matrix_gives_what_its_name_gives(name, matrix):
    theirs = sklearn.cohen_kappa_score(Y_TRUE, Y_PRED, weights=name, sample_weight=WEIGHT)
    np.testing.assert_allclose(kappa(matrix, num_classes=3), theirs, rtol=1e-12)


def test_one_column_weighs_misses_and_false_alarms_apart():
    y, scores = Y_TRUE > 0, RNG.random(40)
    observed = sklearn.confusion_matrix(y, scores > 0.5, sample_weight=WEIGHT)
    expected = np.outer(observed.sum(axis=1), observed.sum(axis=0)) / observed.sum()
    cost = np.array([[0, 1], [5, 0]])
    np.testing.assert_allclose(kappa(cost, y, scores), 1 - (cost * observed).sum() / (cost * expected).sum())


@pytest.mark.parametrize(
    ("weights", "options", "told"),
    [
        ([[0, 1], [1, 0]], {"num_classes": 3}, r"`weights` of 2 classes do not fit 3; give one row a class"),
        (np.eye(3), {"num_classes": 3}, r"with 0 on the diagonal; of agreements from 0 to 1 give 1 - weights"),
        ([[0, -1], [1, 0]], {}, r"`weights` must hold disagreements, finite and at least 0"),
        ([[0, 1, 2]], {}, r"`weights` must be a matrix \(C, C\), a row a class, got shape \(1, 3\)"),
        ([[0, 1], [1, 0]], {"class_id": 1}, r"have no meaning with a matrix of `weights`; leave them out"),
        ([[0, 1], [1, 0]], {"num_classes": 2, "threshold": [0.2, 0.5]}, r"`threshold` must be one number"),
        ("square", {}, r"`weights` must be None, 'linear' or 'quadratic', got 'square'"),
    ],
)
def test_a_matrix_that_does_not_fit_is_refused(weights, options, told):
    with pytest.raises(ValueError, match=told):
        CohenKappa(weights=weights, **options)


def test_a_matrix_for_several_columns_is_refused():
    with pytest.raises(ValueError, match="is for multiclass samples or one binary column, got 2 columns"):
        kappa([[0, 1], [1, 0]], np.eye(2)[Y_TRUE % 2], np.eye(2)[Y_PRED % 2], threshold=0.5)
