"""The difference of two models on the same samples has the interval of pairs drawn again, and the published one."""

import numpy as np
import pytest

from fmnist_tf.intervals import Paired, difference


def simulate(size=2000, num_classes=10, accuracy=(0.9, 0.92), shared=0.7, seed=0):
    """True ids and those of two models that err together on a share of the positions."""
    rng = np.random.default_rng(seed)
    true, same = rng.integers(0, num_classes, size), rng.random(size) < shared
    luck, other = rng.random((2, size)), rng.integers(1, num_classes, (2, size))
    luck[1], other[1] = np.where(same, luck[0], luck[1]), np.where(same, other[0], other[1])
    return true, *(np.where(luck[k] < accuracy[k], true, (true + other[k]) % num_classes) for k in (0, 1))


def f1_of_classes(true, pred):
    matrix = np.bincount(true * 10 + pred, minlength=100).reshape(10, 10)
    return 2 * np.diag(matrix) / (matrix.sum(axis=0) + matrix.sum(axis=1))


@pytest.fixture(scope="module")
def resampled():
    """Differences of F1, (draws, C), of positions drawn again with both answers."""
    true, a, b = simulate()
    rows = np.random.default_rng(1).integers(0, len(true), (2000, len(true)))
    return np.array([f1_of_classes(true[row], b[row]) - f1_of_classes(true[row], a[row]) for row in rows])


def test_the_interval_of_macro_f1_is_that_of_pairs_drawn_again(resampled):
    expected = np.quantile(resampled.mean(axis=1), [0.025, 0.975])
    assert Paired(*simulate(), 10).difference("macro_f1") == pytest.approx(expected, abs=1e-3)


def test_the_interval_of_every_class_is_that_of_pairs_drawn_again(resampled):
    low, high = Paired(*simulate(), 10).class_differences("f1_score")
    expected = np.quantile(resampled, [0.025, 0.975], axis=0)
    np.testing.assert_allclose([low, high], expected, atol=0.008)


def test_the_interval_of_accuracy_is_the_published_one():
    # Approval of a prime minister in two surveys of 1,600 people, -0.04 -+ 1.96 * 0.0095: Agresti, Categorical Data
    # Analysis, 3rd edition, 2013, section 11.1.1
    first, second = np.repeat([[0, 0], [0, 1], [1, 0], [1, 1]], [794, 150, 86, 570], axis=0).T
    found = Paired(np.zeros(1600, int), first, second, 2).difference("accuracy")
    assert found == pytest.approx((-0.04 - 1.96 * 0.0095, -0.04 + 1.96 * 0.0095), abs=2e-4)


def test_the_interval_covers_nineteen_times_in_twenty():
    covered = 0
    for seed in range(150):
        low, high = Paired(*simulate(500, seed=seed), 10).difference("macro_f1")
        covered += low <= 0.02 <= high  # whatever the class, both models err on it with their one probability
    assert covered / 150 >= 0.895  # 0.95 within three standard errors


def test_it_is_narrower_than_that_of_independent_test_sets():
    paired = Paired(*simulate(), 10)
    low, high = paired.difference("macro_f1")
    wide = difference(paired.a.matrix, paired.b.matrix, "macro_f1")
    assert wide.low < low < high < wide.high
    assert high - low < 0.7 * (wide.high - wide.low)


def test_it_turns_with_the_order_of_the_models():
    true, a, b = simulate()
    low, high = Paired(true, a, b, 10).difference("matthews_correlation")
    assert Paired(true, b, a, 10).difference("matthews_correlation") == pytest.approx((-high, -low), abs=1e-12)


def test_models_that_agreed_so_far_need_not_agree_for_ever():
    true, a, _ = simulate(500)
    low, high = Paired(true, a, a, 10).difference("accuracy")
    assert low == -high
    assert 1 / 500 < high < 3 / 500


def test_a_class_that_does_not_occur_has_a_difference():
    low, high = Paired([0, 0, 1, 1], [0, 0, 1, 0], [0, 1, 1, 1], 3).class_differences("f1_score")
    assert low[2] <= 0 <= high[2]


def test_of_very_many_classes_the_gradient_tells_the_interval():
    low, high = Paired(*simulate(2000, 500), 500).difference("macro_f1")
    assert low < 0.02 < high


@pytest.mark.parametrize(
    ("pred", "message"),
    [([0, 3], "from 0 to 2, got 0 to 3"), ([0, -1], "from 0 to 2"), ([0], r"\(N,\)"), ([0.0, 1.0], "integers")],
)
def test_what_is_no_answer_raises(pred, message):
    with pytest.raises(ValueError, match=message):
        Paired([0, 1], [0, 1], pred, 3)


@pytest.mark.parametrize(
    ("score", "message"), [("diagnostic_odds_ratio", "no finite bounds"), ("recall[1]", "ask `class")]
)
def test_scores_it_does_not_know_raise(score, message):
    with pytest.raises(ValueError, match=message):
        Paired(*simulate(50), 10).difference(score)
