"""The difference of two models on the same samples has the interval of pairs drawn again, and the published one."""

import numpy as np
import pytest

from fmnist_tf.intervals import Paired, bootstrap_groups, difference, interval
from fmnist_tf.intervals.proportions import student


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
    ("score", "message"), [("diagnostic_odds_ratio", "no finite bounds"), ("auroc", "needs the probabilities of all")]
)
def test_scores_it_does_not_know_raise(score, message):
    with pytest.raises(ValueError, match=message):
        Paired(*simulate(50), 10).difference(score)


def test_one_class_by_name_is_that_of_all_classes():
    pairs = Paired(*simulate(500), 10)
    low, high = pairs.class_differences("recall")
    assert pairs.difference("recall/3") == (low[3], high[3])


# Units: weights and groups

SCORES = ("accuracy", "macro_f1", "recall/3", "cohen_kappa")


@pytest.mark.parametrize("score", SCORES)
def test_weights_that_are_all_the_same_change_nothing(score):
    ids = simulate(500)
    found = Paired(*ids, 10, sample_weight=np.full(500, 3.0)).difference(score)
    assert found == pytest.approx(Paired(*ids, 10).difference(score), abs=1e-12)


@pytest.mark.parametrize("score", SCORES)
def test_groups_of_one_sample_change_nothing(score):
    ids = simulate(500)
    found = Paired(*ids, 10, groups=np.random.default_rng(0).permutation(500)).difference(score)
    assert found == pytest.approx(Paired(*ids, 10).difference(score), abs=1e-12)


@pytest.mark.parametrize("score", SCORES)
def test_samples_that_are_given_twice_do_not_count_twice_in_groups(score):
    ids = simulate(2000)
    twice = [np.repeat(of, 2) for of in ids]
    low, high = Paired(*ids, 10).difference(score)
    grouped = Paired(*twice, 10, groups=np.repeat(np.arange(2000), 2)).difference(score)
    assert grouped == pytest.approx((low, high), abs=0.04 * (high - low))
    alone = Paired(*twice, 10).difference(score)
    assert alone.high - alone.low == pytest.approx((high - low) / 2**0.5, rel=0.05)


@pytest.mark.parametrize("score", SCORES)
def test_one_model_on_samples_given_four_times_has_the_interval_of_those_given_once(score):
    true, a, b = simulate(800)
    groups = Paired(*(np.repeat(of, 4) for of in (true, a, b)), 10, groups=np.repeat(np.arange(800), 4))
    expected = interval(score, Paired(true, a, b, 10).b.matrix)
    assert groups.interval("b", score) == pytest.approx(expected, abs=0.002)


def test_one_model_has_the_interval_of_groups_drawn_again():
    true, _, b = simulate(1600)
    groups = np.lexsort((np.arange(1600) % 7, b == true)).argsort() // 8  # errors are in groups together
    matrices = np.zeros((200, 10, 10))
    np.add.at(matrices, (groups, true, b), 1)
    (low, high), expected = (
        Paired(true, b, b, 10, groups=groups).interval("a", "macro_f1"),
        bootstrap_groups(matrices, "macro_f1"),
    )
    assert high - low == pytest.approx(expected.high - expected.low, rel=0.1)
    assert high - low > 1.5 * np.subtract(*interval("macro_f1", matrices.sum(axis=0))[::-1])


def test_one_model_of_groups_of_columns_has_an_interval_inside_its_bounds():
    rng = np.random.default_rng(0)
    true = rng.integers(0, 2, (60, 3))
    pairs = Paired(true, true, true ^ (rng.random((60, 3)) < 0.1), 3, groups=np.arange(60) // 3)
    low, high = pairs.interval("a", "macro_f1")
    assert 0.8 < low < high == 1
    assert pairs.interval("b", "f1_score/2").high <= 1


@pytest.mark.parametrize(("degrees", "expected"), [(4, 2.776), (19, 2.093), (49, 2.010), (np.inf, 1.960)])
def test_few_groups_have_the_quantile_of_student(degrees, expected):
    assert student(0.95, degrees) == pytest.approx(expected, abs=0.01)


def test_a_sample_of_weight_zero_is_no_sample():
    ids = simulate(500)
    weight = (np.arange(500) < 300).astype(float)
    found = Paired(*ids, 10, sample_weight=weight).difference("macro_f1")
    assert found == pytest.approx(Paired(*(of[:300] for of in ids), 10).difference("macro_f1"), abs=1e-12)


def draw_again(difference, size, draws=600):
    """The standard deviation of a difference of samples that are drawn again."""
    rng = np.random.default_rng(5)
    return np.std([difference(rng.integers(0, size, size)) for _ in range(draws)])


def test_weighted_samples_have_the_interval_of_samples_drawn_again_with_their_weights():
    true, a, b = simulate(1000)
    weight = np.random.default_rng(2).lognormal(0, 1, 1000)
    gain = (b == true).astype(float) - (a == true)
    sd = draw_again(lambda rows: np.average(gain[rows], weights=weight[rows]), 1000)
    low, high = Paired(true, a, b, 10, sample_weight=weight).difference("accuracy")
    assert (high - low) / 2 / 1.96 == pytest.approx(sd, rel=0.08)


def test_binary_columns_are_drawn_by_rows():
    rng = np.random.default_rng(0)
    true = rng.integers(0, 2, (800, 1)).repeat(4, axis=1)  # four columns that say the same
    a, b = (true ^ (rng.random((800, 1)) < share) for share in (0.2, 0.15))
    one = Paired(true[:, 0], a[:, 0], b[:, 0], 2, multiclass=False).difference("f1_score")
    four = Paired(true, a, b, 4).difference("macro_f1")
    assert four == pytest.approx(one, rel=0.02)


# Areas


def logits(size=600, gain=0.5, seed=0):
    rng = np.random.default_rng(seed)
    true = (rng.random(size) < 0.3).astype(int)
    shared = rng.normal(size=size)
    a, b = (1.2 * true * skill + shared + 0.6 * rng.normal(size=size) for skill in (1, 1 + gain))
    return true, a, b


def paired_scores(true, a, b, **options):
    ids = true, (a > 0.6).astype(int), (b > 0.6).astype(int)
    return Paired(*ids, 2, multiclass=False, probabilities=(a, b), **options)


@pytest.mark.parametrize(
    ("name", "oracle"), [("auroc", "roc_auc_score"), ("average_precision", "average_precision_score")]
)
def test_areas_have_the_value_and_the_interval_of_samples_drawn_again(name, oracle):
    metrics = pytest.importorskip("sklearn.metrics", reason="scikit-learn is the oracle of areas")
    area_of = getattr(metrics, oracle)
    true, a, b = logits()
    low, high = paired_scores(true, a, b).difference(name)
    assert (low + high) / 2 == pytest.approx(area_of(true, b) - area_of(true, a), abs=1e-12)
    sd = draw_again(lambda rows: area_of(true[rows], b[rows]) - area_of(true[rows], a[rows]), 600, 300)
    assert (high - low) / 2 / 1.96 == pytest.approx(sd, rel=0.12)


def test_rows_of_many_classes_do_not_tell_their_areas():
    pairs = Paired(*simulate(50), 10, probabilities=(np.ones(50), np.ones(50)))
    with pytest.raises(ValueError, match="'macro_auroc' of 10 classes needs the probabilities of all"):
        pairs.difference("macro_auroc")


def test_groups_of_one_sample_change_no_area():
    drawn = logits()
    found = paired_scores(*drawn, groups=np.arange(600)).difference("auroc")
    assert found == pytest.approx(paired_scores(*drawn).difference("auroc"), abs=1e-12)
