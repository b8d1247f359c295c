"""average="samples": the mean over rows of the score of a row's columns, as scikit-learn has it."""

import numpy as np
import pytest
import tensorflow as tf

from fmnist_tf import metrics
from support.catalogue import fed, state_of

sklearn = pytest.importorskip("sklearn.metrics")
pytestmark = pytest.mark.filterwarnings("ignore")

RNG = np.random.default_rng(0)
Y_TRUE, Y_PRED, WEIGHT = RNG.integers(0, 2, (30, 4)), RNG.random((30, 4)), RNG.integers(0, 9, 30) / 4
Y_TRUE[:3], Y_PRED[:5] = 0, 0.1
SCORES = {
    metrics.Precision: sklearn.precision_score,
    metrics.Recall: sklearn.recall_score,
    metrics.F1Score: sklearn.f1_score,
    metrics.Jaccard: sklearn.jaccard_score,
}


def by_row(kind, **options):
    return kind(average="samples", threshold=0.5, dtype="float64", **options)


#: Scikit-learn's jaccard_score takes no zero_division=nan.
CASES = [(*pair, value) for pair in SCORES.items() for value in (0.0, 1.0, np.nan) if pair[0] is not metrics.Jaccard]
CASES += [(metrics.Jaccard, sklearn.jaccard_score, value) for value in (0.0, 1.0)]


@pytest.mark.parametrize(("kind", "theirs", "zero_division"), CASES)
@pytest.mark.parametrize("weight", [None, WEIGHT])
def test_it_agrees_with_scikit_learn(kind, theirs, weight, zero_division):
    expected = theirs(Y_TRUE, Y_PRED > 0.5, average="samples", sample_weight=weight, zero_division=zero_division)
    ours = fed(by_row(kind, zero_division=zero_division), Y_TRUE, Y_PRED, weight).result()
    np.testing.assert_allclose(ours, expected, rtol=1e-12)


def test_targets_are_the_columns_of_a_row():
    expected = sklearn.f1_score(Y_TRUE, Y_PRED > 0.5, average="samples", labels=[1, 3])
    ours = fed(by_row(metrics.F1Score, target_class_ids=[1, 3]), Y_TRUE, Y_PRED).result()
    np.testing.assert_allclose(ours, expected, rtol=1e-12)


@pytest.mark.parametrize("how", ["graph", "xla"])
def test_compilers_and_cuts_agree_and_invalid_rows_are_left_out(how):
    y_true = Y_TRUE.copy()
    y_true[7, 2] = 5
    kept = np.arange(30) != 7
    metric = by_row(metrics.F1Score, num_classes=4, on_invalid="skip")
    update = tf.function(metric.update_state, jit_compile=how == "xla")
    for part in (slice(0, 15), slice(15, 30)):
        update(tf.constant(y_true[part]), tf.constant(Y_PRED[part]), tf.constant(WEIGHT[part]))
    expected = fed(by_row(metrics.F1Score), Y_TRUE[kept], Y_PRED[kept], WEIGHT[kept])
    np.testing.assert_allclose(state_of(metric)[:3], state_of(expected)[:3], rtol=1e-12)
    assert metric.invalid == 1


def test_entries_that_are_ignored_do_not_belong_to_a_row():
    metric = fed(by_row(metrics.Recall, ignore_class=-1), [[1, -1, 1], [-1, 1, 0]], [[0.9, 0.1, 0.1], [0.9, 0.9, 0.1]])
    assert metric.result() == (1 / 2 + 1) / 2


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: fed(metrics.F1Score(average="samples"), [0, 1], np.eye(2)), "is for multilabel columns"),
        (lambda: metrics.F1Score(average="samples", class_id=1), "exclude each other"),
        (lambda: metrics.DiagnosticOddsRatio(average="samples"), "has no greatest value"),
        (lambda: metrics.F1Score(2, average="samples", threshold=[0.1, 0.5]), "must be one number"),
        (lambda: metrics.ScoreSet(scores=[metrics.F1Score(average="samples")]), "keeps no single rows"),
        (lambda: by_row(metrics.F1Score).counts, "keeps no counts of classes"),
    ],
)
def test_what_has_no_meaning_is_refused(make, told):
    with pytest.raises(ValueError, match=told):
        make()
