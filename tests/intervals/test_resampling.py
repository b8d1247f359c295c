"""Resampling: draws of a matrix are draws of its samples, and groups are drawn whole."""

import numpy as np
import pytest
from sklearn.metrics import f1_score

from fmnist_tf.intervals import bootstrap, bootstrap_groups, value_of
from fmnist_tf.intervals.resampling import draw
from support.confusions import columns, draws


def classifier(num_classes=10, accuracy=0.9):
    """Probabilities (C, C) of a simulated classifier whose errors fall on all classes alike."""
    wrong = (1 - accuracy) / (num_classes - 1)
    return (wrong + (accuracy - wrong) * np.eye(num_classes)) / num_classes


MATRIX = draws(classifier(), 1000, 1)[0]


def test_bootstrap_of_the_matrix_is_bootstrap_of_the_samples():
    rng = np.random.default_rng(5)
    rows = np.repeat([(true, pred) for true in range(10) for pred in range(10)], MATRIX.ravel(), axis=0)
    scores = []
    for _ in range(400):
        true, pred = rows[rng.integers(0, len(rows), len(rows))].T
        scores.append(f1_score(true, pred, average="macro", labels=range(10), zero_division=0.0))
    assert bootstrap(MATRIX, "macro_f1") == pytest.approx(np.quantile(scores, [0.025, 0.975]), abs=0.004)


def test_the_same_seed_gives_the_same_bootstrap():
    once, again, other = (bootstrap(MATRIX, "macro_f1", num_samples=200, seed=seed) for seed in (3, 3, 4))
    assert once == again != other


def test_draws_are_multinomial():
    cells = np.array([[5.0, 0.0, 15.0, 30.0, 50.0]])
    drawn = draw(cells, 4000, (0, 0)).numpy()[:, 0]
    assert np.all(drawn.sum(axis=1) == 100)
    np.testing.assert_allclose(drawn.mean(axis=0), cells[0], atol=0.4)
    p = cells[0] / 100
    np.testing.assert_allclose(np.cov(drawn.T), 100 * (np.diag(p) - np.outer(p, p)), atol=1.6)


def test_bootstrap_draws_columns_on_their_own():
    low, high = bootstrap(columns(), "macro_f1", num_samples=500)
    assert low < value_of("macro_f1", columns()) < high


def test_bootstrap_refuses_weighted_samples():
    with pytest.raises(ValueError, match="whole numbers"):
        bootstrap(MATRIX / 3, "macro_f1")


def test_groups_whose_pixels_agree_are_worth_one_sample_each():
    images = draws(classifier(3), 1, 200)
    low, high = bootstrap_groups(1000 * images, "accuracy")
    assert (low, high) == pytest.approx(bootstrap(images.sum(axis=0), "accuracy"), abs=0.015)


def test_groups_of_columns_are_resampled_whole():
    low, high = bootstrap_groups(np.stack([columns(40, seed=seed) for seed in range(30)]), "macro_f1", num_samples=300)
    assert 0 < low < high < 1


@pytest.mark.parametrize("matrices", [np.ones((2, 2)), np.ones((0, 2, 2)), np.ones((3, 2, 4))])
def test_groups_of_another_shape_raise(matrices):
    with pytest.raises(ValueError, match="shape"):
        bootstrap_groups(matrices, "accuracy")
