"""A comparison of two reports: differences with their intervals, paired where the predictions are known."""

import json

import numpy as np
import pytest

from fmnist_tf.counts import from_matrix
from fmnist_tf.fashion_mnist.data import CLASS_NAMES
from fmnist_tf.intervals import Paired
from fmnist_tf.report import Comparison, Report
from fmnist_tf.report.blocks import display_width
from support.reports import make_matrix, shown

MATRIX = make_matrix()


def changed(matrix):
    matrix = np.array(matrix)
    matrix[6, 0], matrix[6, 6] = matrix[6, 6], 0
    return matrix


def compare(names=("a", "b")):
    return Comparison(Report(MATRIX, CLASS_NAMES), Report(changed(MATRIX), CLASS_NAMES), names)


def test_a_comparison_names_the_classes_that_changed():
    assert compare().changed == ["Shirt"]


def test_a_run_compared_with_itself_has_not_changed():
    comparison = Comparison(Report(MATRIX), Report(MATRIX))
    assert comparison.changed == []
    assert not any(change.beyond_chance for change in comparison.scores.values())
    assert "No class changed beyond chance" in str(comparison)


def test_a_difference_is_b_minus_a_with_its_interval():
    change = compare().scores["macro_f1_score"]
    assert change.difference.value == pytest.approx(change.b.value - change.a.value)
    assert change.difference.low < change.difference.value < change.difference.high < 0
    assert change.beyond_chance


def test_a_comparison_is_json():
    found = compare().to_dict()
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert set(found["classes"]) == set(CLASS_NAMES)
    assert set(found["classes"]["Shirt"]) == {"a", "b", "difference", "beyond_chance"}


def test_without_matrices_averages_differ_by_no_known_interval():
    comparison = Comparison(*(Report(from_matrix(matrix)) for matrix in (MATRIX, changed(MATRIX))))
    assert comparison.scores["macro_f1_score"].difference.low is None
    assert comparison.changed == ["6"]


@pytest.mark.parametrize("width", [80, 100])
@pytest.mark.parametrize(
    "names", [("a run with a name", "b"), ("a/folder/of/somebody/runs/20260101-1", "another/2026-2")]
)
def test_a_comparison_fits(names, width):
    comparison = compare(names)
    assert max(map(display_width, shown(comparison, width).splitlines())) <= width
    assert max(map(display_width, comparison.text().splitlines())) <= 100
    assert "Changed beyond chance (1 of 10): Shirt" in comparison.text()
    assert "| Shirt |" in comparison.markdown()
    assert all(name[-9:] in shown(comparison, width) for name in names)
    assert shown(comparison, width).count("*") > 5


@pytest.mark.parametrize(
    "other",
    [Report(np.eye(9)), Report(MATRIX, CLASS_NAMES), Report(MATRIX, level=0.9)],
    ids=["classes", "names", "level"],
)
def test_what_cannot_be_compared_raises(other):
    with pytest.raises(ValueError, match="two reports can be compared only"):
        Comparison(Report(MATRIX), other)


# The same positions


TRUE = np.repeat(np.arange(10), 60)


def predictions(seed, share):
    """Class ids that are right but for a share of the positions."""
    rng = np.random.default_rng(seed)
    return np.where(rng.random(TRUE.size) < share, (TRUE + 1) % 10, TRUE)


def match(pred_a, pred_b):
    paired = Paired(TRUE, pred_a, pred_b, 10)
    return Comparison(Report(paired.a.matrix), Report(paired.b.matrix), paired=paired)


def test_answers_to_the_same_positions_make_the_interval_of_a_difference_narrow():
    before, after = predictions(0, 0.15), np.where(TRUE == 3, TRUE, predictions(0, 0.15))
    paired = match(before, after)
    alone = Comparison(paired.a, paired.b)
    found, wide = (comparison.scores["macro_f1_score"] for comparison in (paired, alone))
    assert found.difference.value == wide.difference.value
    assert (found.beyond_chance, wide.beyond_chance) == (True, False)
    assert paired.changed == ["3", "4"]  # a 3 had been predicted as 4


def test_a_comparison_says_whether_the_samples_were_the_same():
    paired = match(predictions(0, 0.1), predictions(1, 0.1))
    assert "both on the same 600 samples" in paired.text()
    assert "for independent test sets" in Comparison(paired.a, paired.b).text()


def test_of_the_same_answers_nothing_is_beyond_chance():
    paired = match(predictions(0, 0.1), predictions(0, 0.1))
    assert paired.changed == []
    assert not any(change.beyond_chance for change in paired.scores.values())


def test_a_matched_comparison_is_json():
    found = match(predictions(0, 0.1), predictions(1, 0.1)).to_dict()
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_predictions_that_are_not_those_of_the_reports_raise():
    paired = match(predictions(0, 0.1), predictions(1, 0.1))
    with pytest.raises(ValueError, match="other predictions than the matrices"):
        Comparison(paired.b, paired.a, paired=paired.pairs)
