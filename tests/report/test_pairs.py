"""`compare` pairs rows by id, counts flips and tests equivalence; `samples_needed` says how many show a difference."""

import json
import math

import numpy as np
import pytest

from fmnist_tf.intervals import Paired
from fmnist_tf.intervals.significance import holm, mcnemar
from fmnist_tf.report import Report, compare, samples_needed

RNG = np.random.default_rng(0)
FIELDS = [("id", "i8"), ("label", "i4"), ("predicted", "i4"), ("confidence", "f4")]
LABELS = RNG.integers(0, 3, 600)


def rows(predicted, labels=LABELS):
    return np.array([(k, y, p, 0.5) for k, (y, p) in enumerate(zip(labels, predicted, strict=True))], FIELDS)


def worsened(predicted, share, seed=1):
    rng = np.random.default_rng(seed)
    return np.where(rng.random(len(predicted)) < share, (LABELS + 1) % 3, predicted)


A = worsened(LABELS, 0.2)
B = worsened(LABELS, 0.1, seed=2)


def test_rows_are_paired_by_id_in_any_order():
    shuffled = RNG.permutation(rows(B))
    comparison = compare(rows(A), shuffled)
    assert comparison.paired
    expected = Paired(LABELS, A, B, 3).difference("macro_f1")
    assert comparison.scores["macro_f1_score"].difference[1:] == pytest.approx(expected)
    assert comparison.to_dict() == compare(rows(A), rows(B)).to_dict()


def test_two_reports_are_compared_unpaired():
    a, b = (Report(np.diag([50, 60, 70]) + extra) for extra in (0, 5))
    assert not compare(a, b).paired
    with pytest.raises(ValueError, match="`flips` need the rows of both models"):
        _ = compare(a, b).flips


def test_flips_count_each_class_with_the_exact_test():
    flips = compare(rows(A), rows(B), ["x", "y", "z"]).flips
    for k, row in enumerate(flips):
        of = k == LABELS
        fixed, broken = np.sum(of & (k != A) & (k == B)), np.sum(of & (k == A) & (k != B))
        assert (row["class"], row["fixed"], row["broken"]) == ("xyz"[k], fixed, broken)
        assert row["p"] == pytest.approx(mcnemar(fixed, broken))
    np.testing.assert_allclose(flips["p_holm"], holm(flips["p"]))


def test_a_comparison_of_rows_is_json_and_says_its_flips():
    found = compare(rows(A), rows(B)).to_dict()
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert "flips of" in compare(rows(A), rows(B)).text()


def test_the_test_of_mcnemar_is_that_of_the_binomial_distribution():
    assert mcnemar(0, 0) == 1.0
    assert mcnemar(5, 5) == 1.0
    assert mcnemar(2, 10) == pytest.approx(2 * sum(math.comb(12, k) for k in range(3)) / 2**12)
    assert mcnemar(480, 521) == pytest.approx(mcnemar(481, 519), rel=0.2)  # on either side of the exact sums


def test_holm_corrects_as_published():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.5, np.nan, 0.9])[[0, 2]] == pytest.approx([1.0, 1.0])


def test_of_groups_every_interval_is_that_of_groups():
    twice = [np.repeat(rows(of), 4) for of in (A, B)]
    for each in twice:
        each["id"] = np.arange(len(each))
    found, alone = compare(*twice, groups=np.arange(2400) // 4), compare(rows(A), rows(B))
    for kind in ("scores", "classes"):
        for name, change in getattr(alone, kind).items():
            for cell, expected in zip(getattr(found, kind)[name], change, strict=True):
                assert tuple(cell) == pytest.approx(tuple(expected), abs=0.06 * (expected.high - expected.low))
    assert found.difference("macro_f1") == found.scores["macro_f1_score"].difference


def test_equal_models_are_equivalent_and_others_are_not():
    same = compare(rows(A), rows(A))
    assert same.equivalent(0.02)
    assert not same.equivalent(0.0005)
    assert not compare(rows(A), rows(B)).equivalent(0.02)
    assert compare(rows(A), rows(B)).equivalent(0.5, score="accuracy")


def test_a_margin_is_above_zero():
    with pytest.raises(ValueError, match="`margin` must be above 0"):
        compare(rows(A), rows(A)).equivalent(0.0)


@pytest.mark.parametrize(
    ("b", "message"),
    [
        (rows(A)[:-1], "must hold the same ids, but 1 are in one alone, such as 599"),
        (np.concatenate([rows(A), rows(A)[:1]]), "`b` must hold each id once, got id 0 more than once"),
        (rows(A, (LABELS + 1) % 3), "must hold the same labels, but id 0 has two"),
    ],
)
def test_rows_that_cannot_be_paired_raise(b, message):
    with pytest.raises(ValueError, match=message):
        compare(rows(A), b)


def test_other_things_are_not_compared():
    with pytest.raises(TypeError, match="two reports or two arrays of rows"):
        compare(Report(np.eye(2)), rows(A))


def test_a_class_has_a_paired_difference():
    comparison = compare(rows(A), rows(B))
    low, high = Paired(LABELS, A, B, 3).class_differences("recall")
    assert comparison.difference("recall[1]")[1:] == (low[1], high[1])


def draw_pair(rng, size):
    """True and predicted ids of two models of 80 and 85 % accuracy that err independently, on one class of two."""
    return np.zeros(size, int), *((rng.random(size) < wrong).astype(int) for wrong in (0.20, 0.15))


def test_samples_needed_show_the_difference_as_often_as_promised():
    rng = np.random.default_rng(3)
    true, a, b = draw_pair(rng, 2000)
    needed = samples_needed(compare(rows(a, true), rows(b, true)), difference=0.05, score="accuracy")
    lows = [Paired(*draw_pair(rng, needed), 2).difference("accuracy").low for _ in range(40)]
    assert 0.6 <= np.mean(np.greater(lows, 0)) <= 0.95


def test_samples_needed_grow_with_the_square_of_the_difference():
    report = Report(np.diag([400, 400]) + 50)
    ratio = samples_needed(report, 0.01) / samples_needed(report, 0.02)
    assert ratio == pytest.approx(4, rel=1e-2)
    assert samples_needed(report, 0.01, correlation=0.9) < samples_needed(report, 0.01)


@pytest.mark.parametrize("options", [{"difference": 0}, {"power": 1}, {"correlation": 1}])
def test_arguments_out_of_range_raise(options):
    with pytest.raises(ValueError, match="`difference` must be above 0"):
        samples_needed(Report(np.diag([40, 40]) + 5), **options)


def test_an_unpaired_comparison_needs_rows():
    with pytest.raises(ValueError, match="a Report or a paired comparison"):
        samples_needed(compare(Report(np.eye(2)), Report(np.eye(2))))
