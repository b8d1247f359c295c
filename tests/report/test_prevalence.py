"""A report at another prevalence: Bayes' rule, the counted prevalence, intervals that cover, refusals."""

import numpy as np
import pytest

from fmnist_tf import Report
from fmnist_tf.intervals.sample import counts_of
from fmnist_tf.scores import find_score

SCREENING = [[1820, 180], [10, 20]]  # Wikipedia, Template:Diagnostic testing example: bowel cancer, 2030 people
THREE = [[50, 8, 2], [6, 30, 4], [1, 5, 14]]


@pytest.mark.parametrize("share", [0.001, 0.1, 0.5])
def test_precision_follows_bayes_rule_and_recall_stays(share):
    report = Report(SCREENING, ["healthy", "ill"]).at({"ill": share})
    sensitivity, fpr = 20 / 30, 180 / 2000
    expected = sensitivity * share / (sensitivity * share + fpr * (1 - share))
    ill = report.classes["ill"]
    np.testing.assert_allclose([ill["precision"].value, ill["recall"].value], [expected, sensitivity], rtol=1e-12)


def test_the_counted_prevalence_changes_no_score():
    report = Report(THREE, ["a", "b", "c"])
    same = report.at({"a": 0.5, "b": 40 / 120})
    assert same.total == pytest.approx(report.total)
    for score in ("accuracy", "macro_f1", "matthews_correlation", "weighted_recall"):
        np.testing.assert_allclose(same.cell(score).value, report.cell(score).value, rtol=1e-12)


def test_an_interval_of_recall_is_still_that_of_wilson():
    report = Report(SCREENING, ["healthy", "ill"])
    ours, theirs = report.at({"ill": 0.2}).classes["ill"]["recall"], report.classes["ill"]["recall"]
    np.testing.assert_allclose(ours, theirs, rtol=0.02)


@pytest.mark.parametrize("score", ["accuracy", "macro_f1", "precision/2", "cohen_kappa"])
def test_intervals_are_as_wide_as_other_samples_differ(score):
    rng, matrix, shares = np.random.default_rng(0), np.array(THREE) * 5, {"a": 0.2, "b": 0.2, "c": 0.6}
    low, high = Report(matrix, list("abc")).at(shares).cell(score)[1:]
    drawn = np.stack([rng.multinomial(row.sum(), row / row.sum(), 20_000) for row in matrix], axis=1)
    scaled = drawn * (np.array(list(shares.values())) / matrix.sum(axis=1))[:, np.newaxis]
    values = find_score(score).evaluate(counts_of(scaled, multiclass=True), multiclass=True)
    np.testing.assert_allclose([low, high], np.quantile(values, [0.025, 0.975]), atol=0.02)


def test_columns_have_a_prevalence_each_and_the_report_says_so():
    report = Report([[[90, 10], [2, 8]], [[40, 10], [10, 40]]], ["rare", "even"]).at({"rare": 0.5})
    assert report.classes["rare"]["precision"].value == pytest.approx(0.8 / 0.9)
    assert report.classes["even"]["precision"].value == pytest.approx(0.8)
    assert report.macro["f1_score"].low < report.macro["f1_score"].value < report.macro["f1_score"].high
    assert "at prevalence rare 0.5" in report.text()


@pytest.mark.parametrize(("matrix", "prevalence", "error"), [
    (THREE, {"d": 0.1}, "must name classes, a, b, c, got 'd'"),
    (THREE, {"a": 1.5}, "shares from 0 to 1, got 1.5 of 'a'"),
    (THREE, {"a": 0.7, "b": 0.7}, "got a sum of 1.4"),
    (THREE, {"a": 0.3, "b": 0.3, "c": 0.3}, "got a sum of 0.9"),
    ([[5, 1, 0], [1, 5, 0], [0, 0, 0]], {"c": 0.1}, "asks for 'c', of which no sample was counted"),
])  # fmt: skip
def test_what_is_no_prevalence_is_refused(matrix, prevalence, error):
    with pytest.raises(ValueError, match=error):
        Report(matrix, list("abc")).at(prevalence)
