"""Random streams score as scikit-learn scores them with labels=range(C)."""

import numpy as np
import pytest

from fmnist_tf import metrics
from support.catalogue import fed

sklearn = pytest.importorskip("sklearn.metrics")
pytestmark = pytest.mark.filterwarnings("ignore")

AVERAGED = {
    metrics.Precision: sklearn.precision_score,
    metrics.Recall: sklearn.recall_score,
    metrics.F1Score: sklearn.f1_score,
    metrics.Jaccard: sklearn.jaccard_score,
}
OVERALL = {
    metrics.Accuracy: sklearn.accuracy_score,
    metrics.BalancedAccuracy: sklearn.balanced_accuracy_score,
    metrics.MatthewsCorrelation: sklearn.matthews_corrcoef,
    metrics.CohenKappa: sklearn.cohen_kappa_score,
}
SEEDS = range(5)


def draw(seed, columns=False):
    """(num_classes, y_true, y_pred, weight), with classes that do not occur."""
    rng = np.random.default_rng(seed)
    num_classes, rows = int(rng.integers(2, 8)), int(rng.integers(5, 40))
    shape, high = ((rows, num_classes), 2) if columns else (rows, num_classes)
    return num_classes, rng.integers(0, high, shape), rng.integers(0, high, shape), rng.integers(0, 9, rows) / 4


def assert_close(metric, expected):
    np.testing.assert_allclose(metric.result(), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("average", ["macro", "micro", "weighted", None])
@pytest.mark.parametrize(("kind", "theirs"), AVERAGED.items())
@pytest.mark.parametrize("columns", [False, True])
def test_averages_agree(seed, average, kind, theirs, columns):
    num_classes, y_true, y_pred, weight = draw(seed, columns)
    arguments = {"threshold": 0.5} if columns else {}
    for zero_division in (0.0, 1.0):
        ours = kind(num_classes, average=average, zero_division=zero_division, dtype="float64", **arguments)
        given = {"average": average, "zero_division": zero_division, "sample_weight": weight}
        expected = theirs(y_true, y_pred, labels=range(num_classes), **given)
        assert_close(fed(ours, y_true, y_pred, weight), expected)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("kind", "theirs"), OVERALL.items())
def test_scores_of_the_whole_agree(seed, kind, theirs):
    num_classes, y_true, y_pred, weight = draw(seed)
    ours = fed(kind(num_classes, dtype="float64"), y_true, y_pred, weight)
    assert_close(ours, theirs(y_true, y_pred, sample_weight=weight))


@pytest.mark.parametrize("seed", SEEDS)
def test_adjusted_balanced_accuracy_agrees(seed):
    num_classes, y_true, y_pred, weight = draw(seed)
    ours = fed(metrics.BalancedAccuracy(num_classes, adjusted=True, dtype="float64"), y_true, y_pred, weight)
    assert_close(ours, sklearn.balanced_accuracy_score(y_true, y_pred, sample_weight=weight, adjusted=True))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("weights", ["linear", "quadratic"])
def test_weighted_kappa_agrees(seed, weights):
    num_classes, y_true, y_pred, weight = draw(seed)
    expected = sklearn.cohen_kappa_score(
        y_true, y_pred, weights=weights, sample_weight=weight, labels=np.arange(num_classes)
    )
    assert_close(
        fed(metrics.CohenKappa(num_classes, weights=weights, dtype="float64"), y_true, y_pred, weight), expected
    )


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("normalize", [None, "true", "pred", "all"])
def test_confusion_matrices_agree(seed, normalize):
    num_classes, y_true, y_pred, weight = draw(seed)
    expected = sklearn.confusion_matrix(
        y_true, y_pred, labels=range(num_classes), sample_weight=weight, normalize=normalize
    )
    assert_close(fed(metrics.ConfusionMatrix(num_classes, normalize=normalize), y_true, y_pred, weight), expected)


@pytest.mark.parametrize("seed", SEEDS)
def test_scores_of_columns_agree(seed):
    _, y_true, y_pred, weight = draw(seed, columns=True)
    arguments = {"threshold": 0.5, "dtype": "float64"}
    exact = sklearn.accuracy_score(y_true, y_pred, sample_weight=weight)
    assert_close(fed(metrics.ExactMatch(**arguments), y_true, y_pred, weight), exact)
    loss = sklearn.hamming_loss(y_true, y_pred, sample_weight=weight)
    assert_close(fed(metrics.HammingLoss(**arguments), y_true, y_pred, weight), loss)
    matrices = sklearn.multilabel_confusion_matrix(y_true, y_pred, sample_weight=weight)
    assert_close(fed(metrics.MultilabelConfusionMatrix(threshold=0.5), y_true, y_pred, weight), matrices)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("k", [1, 2])
def test_top_k_accuracy_agrees_where_nothing_ties(seed, k):
    num_classes, y_true, _, weight = draw(seed)
    y_pred = np.random.default_rng(seed).normal(size=(len(y_true), num_classes + 1))
    expected = sklearn.top_k_accuracy_score(
        y_true, y_pred, k=k, sample_weight=weight, labels=np.arange(num_classes + 1)
    )
    assert_close(fed(metrics.TopKAccuracy(k=k, dtype="float64"), y_true, y_pred, weight), expected)
