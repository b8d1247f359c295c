"""Intervals cover what they claim to, agree with the published ones, and say nothing where they know nothing."""

import math
from pathlib import Path

import numpy as np
import pytest

import fmnist_tf.intervals
from fmnist_tf.counts import Counts, from_matrix
from fmnist_tf.intervals import (
    Interval,
    bootstrap,
    delta,
    difference,
    interval,
    jackknife,
    value_of,
    wilson,
)
from fmnist_tf.scores import SCORES, Selection, fbeta_score
from support.confusions import MATRIX, classifier, columns, draws

BOUNDED = [name for name, score in SCORES.items() if math.isfinite(score.bounds[1])]
RATIOS = [name for name in SCORES if name not in BOUNDED]


# Coverage, small: benchmarks/coverage.py does it in full


@pytest.mark.parametrize("skew", [1, 30])
@pytest.mark.parametrize("score", ["macro_f1", "accuracy"])
def test_the_default_interval_covers_nineteen_times_in_twenty(score, skew):
    probabilities = classifier(skew=skew)
    truth = value_of(score, probabilities)
    ends = np.array([interval(score, matrix) for matrix in draws(probabilities, 500, 150)])
    covered = np.mean((ends[:, 0] <= truth) & (truth <= ends[:, 1]))
    assert covered >= 0.895  # 0.95 within three standard errors


def test_the_jackknife_sees_the_bias_of_rare_classes():
    probabilities = classifier(skew=100)
    matrices = draws(probabilities, 500, 60)
    truth = value_of("macro_f1", probabilities)
    ends = {method: np.array([method(matrix, "macro_f1") for matrix in matrices]) for method in (delta, jackknife)}
    covered = {method: np.mean((low <= truth) & (truth <= high)) for method, (low, high) in _columns(ends)}
    assert covered[jackknife] > covered[delta]


def _columns(ends):
    return [(method, pairs.T) for method, pairs in ends.items()]


# Any score


@pytest.mark.parametrize("name", BOUNDED)
@pytest.mark.parametrize("matrix", [MATRIX, columns()], ids=["classes", "columns"])
def test_an_interval_holds_the_value_and_stays_inside_the_bounds(name, matrix):
    low, high = interval(name, matrix)
    bottom, top = SCORES[name].bounds
    assert bottom <= low <= value_of(name, matrix) <= high <= top
    assert low < high


@pytest.mark.parametrize("name", RATIOS)
def test_an_interval_of_a_ratio_holds_the_value(name):
    low, high = interval(f"{name}[1]", MATRIX)
    assert 0 < low < value_of(f"{name}[1]", MATRIX) < high < math.inf


@pytest.mark.parametrize("name", list(SCORES))
@pytest.mark.parametrize(
    "matrix",
    [np.zeros((2, 2)), np.diag([5, 0, 0]), [[10, 0], [10, 0]], [[0, 3], [3, 0]], 50 * np.eye(3), np.ones((1, 1))],
    ids=["empty", "one class", "one answer", "all wrong", "all right", "single"],
)
def test_degenerate_matrices_give_no_nan(name, matrix):
    low, high = interval(name, matrix)
    assert low <= high


def test_no_errors_seen_does_not_mean_none_to_come():
    low, high = interval("macro_f1", 50 * np.eye(4))
    assert 0.9 < low < 0.99
    assert high == pytest.approx(1, abs=1e-6)


def test_an_empty_matrix_says_nothing():
    assert interval("macro_f1", np.zeros((3, 3))) == Interval(0.0, 1.0)
    assert interval("matthews_correlation", np.zeros((3, 3))) == Interval(-1.0, 1.0)


def test_a_higher_level_is_wider():
    narrow, wide = (interval("macro_f1", MATRIX, level=level) for level in (0.8, 0.99))
    assert wide.low < narrow.low < narrow.high < wide.high


@pytest.mark.parametrize("method", [delta, jackknife])
def test_of_accuracy_every_method_is_wilsons(method):
    expected = wilson(np.trace(MATRIX), MATRIX.sum())
    assert method(MATRIX, "accuracy") == pytest.approx(expected, abs=5e-5)


def test_the_delta_variance_is_that_of_its_definition():
    low, high = delta(MATRIX, "f1_score[2]", scale="identity")
    tp, predicted, support = (float(part[2]) for part in from_matrix(MATRIX)[:3])
    f1, rest = 2 * tp / (predicted + support), predicted + support - 2 * tp
    # d f1 / d tp = (2 - 2 f1) / (predicted + support), d f1 / d fp = d f1 / d fn = -f1 / (predicted + support)
    variance = (tp * (2 - 2 * f1) ** 2 + rest * f1**2) / (predicted + support) ** 2
    assert (high - low) / 2 == pytest.approx(1.959964 * math.sqrt(variance), rel=0.01)


def test_the_scales_of_delta_agree_on_a_large_sample():
    wide = [delta(100 * MATRIX, "macro_f1", scale=scale) for scale in ("wilson", "logit", "identity")]
    assert wide[0] == pytest.approx(wide[1], abs=2e-5)
    assert wide[0] == pytest.approx(wide[2], abs=2e-4)


def test_the_jackknife_leaves_each_sample_out():
    matrix = np.array([[3, 1], [0, 2]])
    values = [value_of("macro_f1", matrix - unit) for unit in _units() for _ in range(int((matrix * unit).sum()))]
    variance = 5 / 6 * np.sum((values - np.mean(values)) ** 2)
    bias = 5 * (np.mean(values) - value_of("macro_f1", matrix))
    centre = value_of("macro_f1", matrix) - bias
    innermost = min(centre, value_of("macro_f1", matrix), key=lambda share: abs(share - 0.5))
    trials = innermost * (1 - innermost) / variance
    low, high = jackknife(matrix, "macro_f1")
    assert (low, high) == pytest.approx(wilson(centre * trials, trials))


def _units():
    return np.eye(4).reshape(4, 2, 2)


def test_a_selection_and_a_row_of_the_table_are_scores_too():
    assert interval(Selection(SCORES["f1_score"]), MATRIX) == interval("macro_f1", MATRIX)
    assert interval(SCORES["accuracy"], MATRIX) == interval("accuracy", MATRIX)
    low, high = interval(Selection(fbeta_score(2.0), "weighted"), MATRIX)
    assert low < high


def test_delta_and_bootstrap_take_a_function_of_counts():
    def worst_recall(counts):
        return (counts.tp / counts.support)[..., 3]

    assert delta(MATRIX, worst_recall) == pytest.approx(bootstrap(MATRIX, worst_recall), abs=0.01)


def test_what_is_no_score_raises():
    with pytest.raises(TypeError, match="`score` must be the name of a score"):
        interval(0.5, MATRIX)


# Classes


@pytest.mark.parametrize("name", ["precision", "recall", "f1_score", "jaccard", "cohen_kappa"])
def test_the_interval_of_a_class_is_the_same_alone_and_among_all(name):
    selection = Selection(SCORES[name], None)
    if SCORES[name].overall:
        everything = columns()
        low, high = interval(selection, everything)
        alone = interval(f"{name}[1]", everything)
    else:
        low, high = interval(selection, MATRIX)
        alone = interval(f"{name}[1]", MATRIX)
    assert (low[1], high[1]) == alone


def test_precision_and_recall_of_a_class_are_wilsons():
    assert interval("recall[4]", MATRIX) == wilson(MATRIX[4, 4], MATRIX[4].sum())
    assert interval("precision[4]", MATRIX) == wilson(MATRIX[4, 4], MATRIX[:, 4].sum())


def test_a_class_that_does_not_occur_may_have_any_score():
    assert interval("f1_score[1]", np.diag([5, 0, 5])) == Interval(0.0, 1.0)


# What is known


def test_counts_determine_the_intervals_of_classes_and_of_accuracy():
    counts = from_matrix(MATRIX)
    for name in ("accuracy", "f1_score[3]", "recall[0]"):
        assert interval(name, counts) == interval(name, MATRIX)


@pytest.mark.parametrize("name", ["macro_f1", "weighted_recall", "matthews_correlation", "balanced_accuracy"])
def test_counts_do_not_determine_the_interval_of_an_average(name):
    assert interval(name, from_matrix(MATRIX)) is None


@pytest.mark.parametrize("score", ["macro_f1", "weighted_recall", "accuracy", "matthews_correlation", "f1_score[1]"])
def test_counts_of_one_column_are_the_matrix_of_no_and_yes(score):
    column = columns(count=1)
    expected = interval(score, column[0])
    assert interval(score, from_matrix(column)) == expected
    assert interval(score, column) == expected
    assert interval(score, column[0], multiclass=False) == expected


def test_multiclass_that_contradicts_a_matrix_raises():
    with pytest.raises(ValueError, match=r"`multiclass` contradicts a matrix of shape \(10, 10\)"):
        interval("accuracy", MATRIX, multiclass=False)


# Refusals


@pytest.mark.parametrize("matrix", [np.ones((2, 3)), np.ones(4), np.ones((3, 2, 3)), np.ones((0, 0))])
def test_another_shape_raises(matrix):
    with pytest.raises(ValueError, match=r"must have shape \(C, C\) or \(C, 2, 2\)"):
        interval("accuracy", matrix)


@pytest.mark.parametrize("bad", [-1.0, math.nan, math.inf])
def test_counts_that_are_no_counts_raise(bad):
    with pytest.raises(ValueError, match="finite counts of zero or more"):
        interval("accuracy", [[bad, 1], [1, 1]])


def test_counts_that_contradict_each_other_raise():
    with pytest.raises(ValueError, match="contradict each other"):
        interval("accuracy", Counts(*(np.array(field, np.float64) for field in ([9, 1], [5, 5], [5, 5], [10, 10]))))


# Differences


def test_a_difference_of_proportions_is_newcombes():
    # 56/70 - 48/80 in Newcombe, Interval estimation for the difference between independent proportions, 1998, table II
    a, b = (np.array([[wrong, 0], [miss, 0]]) for wrong, miss in ((48, 32), (56, 14)))
    assert difference(a, b, "accuracy") == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_a_difference_turns_with_its_order():
    better = draws(classifier(accuracy=0.95), 1000, 1)[0]
    low, high = difference(MATRIX, better, "macro_f1")
    assert 0 < low < high
    assert difference(better, MATRIX, "macro_f1") == pytest.approx((-high, -low))


def test_a_difference_of_what_is_not_known_is_not_known():
    assert difference(MATRIX, from_matrix(MATRIX), "macro_f1") is None


# Size


def test_large_matrices_are_left_to_the_delta_method():
    matrix = np.random.default_rng(0).integers(1, 3, (200, 200)) + 50 * np.eye(200)
    assert jackknife(matrix, "macro_f1") == delta(matrix, "macro_f1")


def test_intervals_import_no_keras():
    sources = list(Path(fmnist_tf.intervals.__file__).parent.glob("*.py"))
    assert len(sources) > 1
    assert not [source.name for source in sources if "import keras" in source.read_text("utf-8")]


@pytest.mark.parametrize("score", ["balanced_accuracy", "matthews_correlation"])
def test_a_class_that_does_not_occur_does_not_move_the_interval_of_a_score_without_it(score):
    with_it, without = [[90, 10, 0], [10, 90, 0], [0, 0, 0]], [[90, 10], [10, 90]]
    np.testing.assert_allclose(interval(score, with_it), interval(score, without), rtol=1e-3)


def test_a_class_that_does_not_occur_adds_no_doubt_to_a_macro_mean():
    low, high = interval("macro_recall", [[90, 10], [10, 90]])
    np.testing.assert_allclose(
        interval("macro_recall", [[90, 10, 0], [10, 90, 0], [0, 0, 0]]), (low / 1.5, high / 1.5), atol=0.02
    )


def test_a_class_that_is_never_predicted_makes_a_mean_no_wider_than_all_its_classes_at_their_bounds():
    matrix = [[50, 50, 0]] * 3
    high = interval("macro_precision", matrix).high
    of_classes = interval(Selection(SCORES["precision"], None), matrix)
    assert high < np.mean(of_classes.high)


def test_a_score_that_is_undefined_may_be_anything():
    assert interval("matthews_correlation", [[50, 2], [0, 0]]) == (-1.0, 1.0)
    assert interval("cohen_kappa", [[50, 0], [0, 0]]) == (-1.0, 1.0)


def test_a_class_that_is_only_predicted_adds_no_doubt_to_the_classes_that_occur():
    matrix = [[90, 8, 2], [10, 88, 2], [0, 0, 0]]
    np.testing.assert_allclose(interval("balanced_accuracy", matrix), bootstrap(matrix, "balanced_accuracy"), atol=0.02)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("score", ["micro_positive_likelihood_ratio", "macro_positive_likelihood_ratio"])
def test_an_infinite_score_has_an_interval_and_no_warning(score):
    low, high = interval(score, np.array([[3.0, 0.0], [0.0, 0.0]]))
    assert (low, high) == (0, math.inf)
