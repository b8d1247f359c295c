"""The block of a report on scores at all thresholds, and its advice on better ones."""

import json

import numpy as np
import pytest
from sklearn import metrics as sklearn_metrics

from fmnist_tf import AUROC, ConfusionMatrix, CurveSet, MultilabelConfusionMatrix, Report
from fmnist_tf.curves.suggested_thresholds import best_thresholds
from fmnist_tf.report.html import report_page
from support.catalogue import fed

RNG = np.random.default_rng(0)
NAMES = ["cat", "dog", "T-shirt/top"]


def draw(num_classes=3, rows=300):
    """(y_true, probabilities) of yes/no columns, whose best threshold is far below a half; scores are distinct."""
    y_true = RNG.random((rows, num_classes)) < 0.3
    return y_true, RNG.permutation(y_true.size).reshape(y_true.shape) / y_true.size / 2 * (0.5 + y_true)


def report_on(y_true, p, **options):
    columns = y_true.shape[1] > 1
    counts = MultilabelConfusionMatrix(threshold=0.5) if columns else ConfusionMatrix()
    names = NAMES if columns else None
    return Report(fed(counts, y_true, p).matrix, names, curves=fed(CurveSet(multi_label=columns), y_true, p), **options)


def test_a_report_holds_macro_auroc_and_average_precision_within_their_bounds():
    y_true, p = draw()
    macro = report_on(y_true, p).to_dict()["curves"]["macro"]
    exact = sklearn_metrics.roc_auc_score(y_true, p), sklearn_metrics.average_precision_score(y_true, p)
    for cell, value in zip(macro.values(), exact, strict=True):
        assert cell["bounds"][0] <= value <= cell["bounds"][1]
        assert cell["value"] == pytest.approx(value, abs=2e-3)


def test_better_thresholds_give_the_f1_that_is_promised():
    y_true, p = draw()
    for column, (name, found) in enumerate(report_on(y_true, p).to_dict()["curves"]["thresholds"].items()):
        promised = sklearn_metrics.f1_score(y_true[:, column], p[:, column] > found["threshold"])
        assert name == NAMES[column]
        assert found["f1_score"] == pytest.approx(promised, abs=1e-12)
        assert found["f1_score_now"] == sklearn_metrics.f1_score(y_true[:, column], p[:, column] > 0.5)


def test_thresholds_of_logits_are_logits():
    y_true, p = draw(1)
    logits = np.log((p + 0.01) / (1 - p))
    d = fed(AUROC(from_logits=True), y_true, logits).distribution
    (suggestion,) = best_thresholds(d)
    assert suggestion.threshold < 0
    assert sklearn_metrics.f1_score(y_true, logits > suggestion.threshold) == pytest.approx(suggestion.value, abs=1e-12)
    np.testing.assert_allclose(d.thresholds[900:1100], 1 / (1 + np.exp(-d.edges[900:1100])), rtol=1e-12)


def test_where_yes_to_everything_is_best_the_report_says_so():
    y_true, p = np.arange(40) != 20, np.linspace(0.1, 0.4, 40)
    report = Report(fed(ConfusionMatrix(), y_true, p).matrix, curves=fed(AUROC(), y_true, p))
    assert report.curves.suggested_thresholds[0] == "yes to everything would give F1 0.987 instead of 0.000"


def test_of_many_columns_those_that_gain_most_are_named():
    y_true, p = draw(9)
    curves = Report(
        fed(MultilabelConfusionMatrix(threshold=0.5), y_true, p).matrix, curves=fed(AUROC(multi_label=True), y_true, p)
    ).curves
    gains = {name: better.gain for name, better in curves.thresholds.items()}
    assert [line.split(":")[0] for line in curves.suggested_thresholds[:5]] == sorted(
        gains, key=gains.get, reverse=True
    )[:5]
    assert curves.suggested_thresholds[5] == "likewise 4 more columns, by less"


def test_a_rounded_threshold_is_short_and_as_good():
    y_true, p = draw(1, rows=12)
    (suggestion,) = best_thresholds(fed(AUROC(), y_true, p).distribution)
    assert len(f"{suggestion.rounded:g}") < len(repr(suggestion.threshold))
    assert sklearn_metrics.f1_score(y_true, p > suggestion.rounded) == pytest.approx(suggestion.value, abs=5e-4)


def test_one_column_says_what_another_threshold_would_give_and_that_it_is_optimistic():
    y_true, p = draw(1)
    report = report_on(y_true, p)
    better = report.curves.thresholds["1"]
    suggestion = better.suggestion
    line = f"threshold {suggestion.rounded:g} would give F1 {suggestion.value:.3f} instead of {better.now:.3f}"
    for shown in (report.text(), report.markdown(), report_page(report)):
        assert line in shown
        assert "is optimistic" in shown


def test_bounds_are_not_taken_for_confidence_intervals():
    report = report_on(*draw())
    for shown in (report.text(), report.markdown(), report_page(report)):
        assert "no confidence intervals" in " ".join(shown.split())


def test_a_threshold_that_gains_next_to_nothing_is_not_mentioned():
    y_true = np.arange(100) % 2 == 0
    p = np.where(y_true, 0.9, 0.1)
    report = Report(fed(ConfusionMatrix(), y_true, p).matrix, curves=fed(AUROC(), y_true, p))
    assert report.curves.suggested_thresholds == []
    assert "Other thresholds" not in report.text()


def test_exclusive_classes_are_given_no_thresholds():
    y_true, p = RNG.integers(0, 3, 90), RNG.dirichlet(np.ones(3), 90)
    report = Report(fed(ConfusionMatrix(), y_true, p).matrix, NAMES, curves=fed(AUROC(), y_true, p))
    assert report.to_dict()["curves"]["thresholds"] == {}


def test_thresholds_are_compared_only_on_the_same_data():
    y_true, p = draw(1)
    counts = fed(ConfusionMatrix(), y_true, p, np.arange(len(p)))
    assert Report(counts.matrix, curves=fed(AUROC(), y_true, p)).curves.thresholds == {}


def test_classes_without_positives_leave_json_and_text_whole():
    y_true, p = draw()
    y_true[:, 0] = False
    report = report_on(y_true, p)
    cell = json.loads(json.dumps(report.to_dict(), allow_nan=False))["curves"]["classes"]["cat"]["auroc"]
    assert cell == {"value": None, "low": None, "high": None, "bounds": [None, None]}
    assert "macro AUROC (2 of 3 classes)" in report.text()


def test_a_report_without_curves_says_nothing_of_them():
    report = Report([[8, 2], [1, 9]])
    assert "curves" not in report.to_dict()
    assert "all thresholds" not in report.text() + report_page(report)


def test_curves_of_other_classes_are_refused():
    with pytest.raises(ValueError, match="`curves` hold scores of 3 classes, the report has 4"):
        Report(np.eye(4), curves=fed(AUROC(multi_label=True), *draw()))


def test_curves_without_a_histogram_are_refused():
    with pytest.raises(TypeError, match="curves need a metric with a histogram"):
        Report(np.eye(4), curves=[0.9])


def test_bounds_that_are_wide_are_told_with_the_remedy():
    y_true = np.arange(40) % 2
    logits = np.random.default_rng(0).normal(size=40) + y_true
    for shift, told in ((0, False), (1e9, True)):
        metric = fed(AUROC(from_logits=True), y_true, logits + shift)
        text = str(Report([[10, 10], [5, 15]], curves=metric))
        assert ("subtract a constant from the logits" in " ".join(text.split())) is told
