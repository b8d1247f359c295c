"""`zero_division`, `classes` and the weights of samples reach every interval."""

import numpy as np
import pytest

from fmnist_tf.intervals import interval, value_of
from fmnist_tf.scores import find_score
from support.confusions import MATRIX, classifier, columns, draws


@pytest.mark.parametrize("zero_division", [0.0, 0.5, 1.0, float("nan")])
@pytest.mark.parametrize("score", ["macro_f1", "macro_recall", "weighted_f1", "micro_f1", "geometric_mean"])
def test_an_interval_lies_around_the_value_whatever_zero_division_is(score, zero_division):
    matrix = np.pad(draws(classifier(2), 200, 1)[0], (0, 1))  # class 2 never occurs and is never predicted
    low, high = interval(score, matrix, zero_division=zero_division)
    assert low < value_of(score, matrix, zero_division=zero_division) < high
    assert high - low < 0.2


def test_zero_division_reaches_the_intervals_of_classes():
    matrix = np.pad(MATRIX, (0, 1))
    selection = find_score("f1_score")._replace(average=None)
    low, high = interval(selection, matrix, zero_division=2.0)
    assert (low[-1], high[-1]) == (0.0, 2.0)
    low, high = interval(selection, [[5, 0, 1], [1, 6, 0], [1, 0, 0]], zero_division=float("nan"))
    assert np.all(np.isfinite([low, high]))


def test_averages_run_over_the_classes_that_are_asked_for():
    kept = (0, 2, 5)
    f1 = value_of(find_score("f1_score")._replace(average=None), MATRIX)
    assert value_of("macro_f1", MATRIX, classes=kept) == pytest.approx(np.mean(f1[[0, 2, 5]]), abs=1e-12)
    low, high = interval("macro_f1", MATRIX, classes=kept)
    assert low < value_of("macro_f1", MATRIX, classes=kept) < high
    assert interval("accuracy", MATRIX, classes=kept) == interval("accuracy", MATRIX)


@pytest.mark.parametrize("score", ["accuracy", "macro_f1", "recall[3]", "f1_score[3]", "matthews_correlation"])
@pytest.mark.parametrize("factor", [100, 0.25, 1 / 3])
def test_equal_weights_change_no_interval(score, factor):
    weighted = interval(score, MATRIX * factor, effective_total=MATRIX.sum())
    assert weighted == pytest.approx(interval(score, MATRIX), abs=1e-12)


def test_a_quarter_of_the_effective_samples_doubles_the_width():
    low, high = interval("macro_f1", MATRIX)
    for total in (250.0, 250.3):
        wide = interval("macro_f1", MATRIX, effective_total=total)
        assert wide.high - wide.low == pytest.approx(2 * (high - low), rel=0.1)


@pytest.mark.parametrize("total", [0.0, -3.0, float("nan"), float("inf")])
def test_an_effective_number_that_is_none_raises(total):
    with pytest.raises(ValueError, match="`effective_total` must be a number above 0"):
        interval("accuracy", MATRIX, effective_total=total)


@pytest.mark.parametrize("name", ["accuracy", "macro_f1", "recall[1]"])
def test_weighted_samples_have_no_interval(name):
    assert interval(name, MATRIX * 0.3) is None


def test_columns_are_taken_to_depend_on_each_other_in_the_worst_way():
    copies = np.repeat(columns(count=1), 4, axis=0)
    assert interval("macro_f1", copies) == pytest.approx(interval("f1_score[1]", copies[:1]), abs=2e-3)
