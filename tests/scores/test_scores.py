"""Every score equals its oracle, over every form, average and 0/0, and the published values."""

import math
import re

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from fmnist_tf.labels import InputSpec, canonicalize
from fmnist_tf.metrics import ConfusionMatrix, CountMetric, ExactMatch, Precision, TopKAccuracy
from fmnist_tf.scores import SCORES, divide, evaluate, fbeta_score, find_score, weighted_kappa
from support import oracle_cells, oracles
from support.catalogue import CLASSES, fed
from support.counting import count, count_pairs
from support.published import PUBLISHED

ROWS, NUM_CLASSES = 8, 3
TABLE = [(score, {}) for score in SCORES.values()] + [(fbeta_score(beta), {"beta": beta}) for beta in (0.0, 0.5, 2.0)]
each_score = pytest.mark.parametrize(("score", "options"), TABLE, ids=lambda part: getattr(part, "name", None))

ids = st.lists(st.integers(0, NUM_CLASSES - 1), min_size=ROWS, max_size=ROWS)
predictions = st.lists(st.integers(0, 1), min_size=ROWS, max_size=ROWS)
rows_of_scores = st.lists(
    st.lists(st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]), min_size=NUM_CLASSES, max_size=NUM_CLASSES),
    min_size=ROWS,
    max_size=ROWS,
)
rows_of_columns = st.lists(
    st.lists(st.integers(0, 1), min_size=NUM_CLASSES, max_size=NUM_CLASSES), min_size=ROWS, max_size=ROWS
)
weights = st.none() | st.lists(st.sampled_from([0.0, 0.25, 1.0, 3.0]), min_size=ROWS, max_size=ROWS)
averages = st.sampled_from(
    [{"average": "macro"}, {"average": "micro"}, {"average": "weighted"}, {"average": None}, {"class_id": 1}]
)
zero_divisions = st.sampled_from([0.0, 1.0, math.nan])


def counts_of(y_true, y_pred, weight, spec=None):
    """Counts of Python lists, through the pure functions alone."""
    weight = None if weight is None else tf.constant(weight, tf.float64)
    return count(canonicalize(tf.constant(y_true), tf.constant(y_pred), weight, spec))


def assert_equal(ours, theirs):
    np.testing.assert_allclose(np.asarray(ours), np.asarray(theirs, np.float64), rtol=1e-12, atol=1e-12)


def test_every_score_has_an_oracle_and_a_published_value():
    assert set(SCORES) <= set(oracles.ORACLES)
    counting = [kind for kind in CLASSES if issubclass(kind, CountMetric)]
    assert {kind.default_name for kind in counting} <= {entry.score for entry in PUBLISHED}


@each_score
@given(y_true=ids, y_pred=ids, weight=weights, selected=averages, zero_division=zero_divisions)
def test_a_multiclass_score_equals_its_oracle(score, options, y_true, y_pred, weight, selected, zero_division):
    counts = counts_of(y_true, y_pred, weight, InputSpec(NUM_CLASSES))
    ours = evaluate(score, counts, multiclass=True, zero_division=zero_division, **selected)
    if score.overall is not None and "class_id" not in selected:
        theirs = oracles.score_classes(score.name, y_true, y_pred, NUM_CLASSES, weight, zero_division=zero_division)
    else:
        one_vs_rest_tables = oracles.class_cells(y_true, y_pred, NUM_CLASSES, weight)
        theirs = oracles.average_of(score.name, one_vs_rest_tables, zero_division=zero_division, **selected, **options)
    assert_equal(ours, theirs)


@each_score
@given(y_true=predictions, y_pred=predictions, weight=weights, zero_division=zero_divisions)
def test_a_score_of_one_column_equals_its_oracle(score, options, y_true, y_pred, weight, zero_division):
    counts = counts_of(y_true, [float(pred) for pred in y_pred], weight)
    ours = evaluate(score, counts, multiclass=False, zero_division=zero_division)
    one_vs_rest_tables = [oracle_cells.cells(oracle_cells.samples(y_true, y_pred, weight))]
    assert_equal(ours, oracles.average_of(score.name, one_vs_rest_tables, zero_division=zero_division, **options))


@each_score
@given(y_true=rows_of_columns, y_pred=rows_of_scores, weight=weights, selected=averages, zero_division=zero_divisions)
def test_a_score_of_several_columns_equals_its_oracle(score, options, y_true, y_pred, weight, selected, zero_division):
    counts = counts_of(y_true, y_pred, weight, InputSpec(threshold=0.5))
    ours = evaluate(score, counts, multiclass=False, zero_division=zero_division, **selected)
    one_vs_rest_tables = oracles.column_cells(y_true, y_pred, weight)
    assert_equal(
        ours, oracles.average_of(score.name, one_vs_rest_tables, zero_division=zero_division, **selected, **options)
    )


@given(y_true=rows_of_columns, y_pred=rows_of_scores, weight=weights)
def test_several_thresholds_equal_one_at_a_time(y_true, y_pred, weight):
    limits = (0.0, 0.5, 0.75)
    together = counts_of(y_true, y_pred, weight, InputSpec(threshold=limits))
    apart = [counts_of(y_true, y_pred, weight, InputSpec(threshold=limit)) for limit in limits]
    for field, fields in zip(together, zip(*apart, strict=True), strict=True):
        np.testing.assert_array_equal(field, np.stack(fields))


COSTS = [[0, 1, 2.5], [3, 0, 0.25], [0.5, 4, 0]]


@pytest.mark.parametrize("weighting", ["linear", "quadratic", COSTS], ids=["linear", "quadratic", "matrix"])
@given(y_true=ids, y_pred=ids, weight=weights, zero_division=zero_divisions)
def test_weighted_kappa_equals_its_oracle(weighting, y_true, y_pred, weight, zero_division):
    labels = canonicalize(y_true, y_pred, weight, InputSpec(NUM_CLASSES))
    ours = divide(*weighted_kappa(count_pairs(labels), weighting), zero_division)
    theirs = oracles.score_classes(
        "cohen_kappa", y_true, y_pred, NUM_CLASSES, weight, weights=weighting, zero_division=zero_division
    )
    assert_equal(ours, theirs)


@pytest.mark.parametrize("normalize", [None, "true", "pred", "all"])
@given(y_true=ids, y_pred=ids, weight=weights, zero_division=zero_divisions)
def test_the_confusion_matrix_equals_its_oracle(normalize, y_true, y_pred, weight, zero_division):
    metric = ConfusionMatrix(NUM_CLASSES, normalize=normalize, zero_division=zero_division)
    theirs = oracles.confusion_matrix(
        y_true, y_pred, NUM_CLASSES, weight, normalize=normalize, zero_division=zero_division
    )
    assert_equal(fed(metric, y_true, y_pred, weight).result(), theirs)


@given(y_true=rows_of_columns, y_pred=rows_of_scores, weight=weights)
def test_exact_match_equals_its_oracle(y_true, y_pred, weight):
    metric = fed(ExactMatch(threshold=0.5, dtype="float64"), y_true, np.float64(y_pred), weight)
    chosen = [[score > 0.5 for score in row] for row in y_pred]
    assert_equal(metric.result(), oracles.exact_match(y_true, chosen, weight))


@pytest.mark.parametrize("k", [1, 2, 3])
@given(y_true=ids, y_pred=rows_of_scores, weight=weights)
def test_top_k_accuracy_equals_its_oracle(k, y_true, y_pred, weight):
    metric = fed(TopKAccuracy(k=k, dtype="float64"), y_true, y_pred, weight)
    assert_equal(metric.result(), oracles.top_k_accuracy(y_true, y_pred, k, weight))


@pytest.mark.parametrize("k", [1, 2])
@given(y_true=ids, y_pred=rows_of_scores, weight=weights, selected=averages)
def test_top_k_says_yes_for_the_k_largest(k, y_true, y_pred, weight, selected):
    metric = fed(Precision(top_k=k, dtype="float64", **selected), y_true, y_pred, weight)
    one_hot = [[int(true == class_id) for class_id in range(NUM_CLASSES)] for true in y_true]
    chosen = [[float(yes) for yes in oracles.top_k_yes(row, k)] for row in y_pred]
    assert_equal(metric.result(), oracles.score_columns("precision", one_hot, chosen, weight, **selected))


INPUTS = {
    "classes": lambda entry: ({"num_classes": entry.num_classes}, entry.y_pred),
    "dense": lambda entry: ({"num_classes": entry.num_classes}, entry.y_pred),
    "column": lambda entry: ({"threshold": 0.5}, np.float64(entry.y_pred)),
    "columns": lambda entry: ({"threshold": 0.5}, np.float64(entry.y_pred)),
    "scores": lambda entry: ({}, np.float64(entry.y_pred)),
}
KINDS = {kind.default_name: kind for kind in CLASSES}


@pytest.mark.parametrize("entry", PUBLISHED, ids=lambda entry: f"{entry.score}-{entry.source}")
def test_a_metric_gives_the_published_value(entry):
    arguments, y_pred = INPUTS[entry.input_format](entry)
    metric = KINDS[entry.score](**arguments, **entry.kwargs, dtype="float64")
    result = fed(metric, entry.y_true, y_pred, entry.sample_weight).result()
    pairs = (
        [(result[key], entry.expected[key]) for key in result]
        if isinstance(result, dict)
        else [(result, entry.expected)]
    )
    for ours, theirs in pairs:
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=entry.tolerance * (1 + 1e-9))


@pytest.mark.parametrize(
    ("name", "score", "average", "class_id"),
    [
        ("accuracy", "accuracy", "auto", None),
        ("macro_f1", "f1_score", "macro", None),
        ("micro_f1_score", "f1_score", "micro", None),
        ("weighted_recall", "recall", "weighted", None),
        ("f1[3]", "f1_score", "auto", 3),
        ("recall/2", "recall", "auto", 2),
        ("worst_f1", "f1_score", "worst", None),
        ("matthews_correlation", "matthews_correlation", "auto", None),
    ],
)
def test_a_name_stands_for_a_score_with_its_average_or_class(name, score, average, class_id):
    found = find_score(name)
    assert (found.score.name, found.average, found.class_id) == (score, average, class_id)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("mcc", "did you mean 'matthews_correlation'"),
        ("f1_macro", "did you mean 'macro_f1'"),
        ("recall_weighted", "did you mean 'weighted_recall'"),
        ("MACRO_F1", "did you mean 'macro_f1'"),
        ("macro_f1[1]", "did you mean 'macro_f1'"),
        ("auroc", r"compile CurveSet\(scores=\["),
        ("roc_auc", r"compile CurveSet\(scores=\["),
        ("log_loss", r"compile LogLoss\(\)"),
        ("eer", r"compile CurveSet\(scores=\["),
        ("exact_match", r"compile ExactMatch\(\)"),
        ("subset_accuracy", r"compile ExactMatch\(\)"),
        ("top_3_accuracy", r"compile TopKAccuracy\(k=3\)"),
        ("quadratic_kappa", r'compile CohenKappa\(weights="quadratic"\)'),
        ("linear_weighted_kappa", r'compile CohenKappa\(weights="linear"\)'),
        ("weighted_kappa", r'compile CohenKappa\(weights="quadratic"\)'),
        ("samples_f1", "it needs single rows"),
    ],
)
def test_an_unknown_name_of_a_score_is_answered_with_what_has_it(name, told):
    with pytest.raises(ValueError, match=f"unknown score {re.escape(repr(name))}; .*{told}"):
        find_score(name)


def test_a_score_without_a_direction_has_no_worst_class():
    with pytest.raises(ValueError, match="'worst_prevalence' has no worst class"):
        find_score("worst_prevalence")


@pytest.mark.parametrize("name", ["f2", "-1", "", "1[1"])
def test_an_unknown_name_of_a_score_lists_those_there_are(name):
    with pytest.raises(ValueError, match=r"unknown score .* use one of accuracy, adjusted_balanced_accuracy"):
        find_score(name)


def test_infinity_comes_of_a_division_by_zero_and_survives_the_mean():
    counts = counts_of([0, 0, 1], [0, 0, 1], None, InputSpec(2))
    assert evaluate(SCORES["positive_likelihood_ratio"], counts, multiclass=True) == math.inf
