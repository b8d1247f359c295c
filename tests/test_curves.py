"""AUROC and average precision: the exact value lies within the bounds, whatever the order in a bin."""

import curve_oracles as oracles
import numpy as np
import pytest
import tensorflow as tf
from catalogue import fed
from hypothesis import given
from hypothesis import strategies as st

from fmnist_tf.curves import ranking
from fmnist_tf.curves.bins import Bins
from fmnist_tf.curves.histogram import Histogram
from fmnist_tf.metrics import AUROC, AveragePrecision

sklearn = pytest.importorskip("sklearn.metrics")

RANKINGS = {
    "auroc": (AUROC, sklearn.roc_auc_score),
    "average_precision": (AveragePrecision, sklearn.average_precision_score),
}
each_ranking = pytest.mark.parametrize(("kind", "theirs"), RANKINGS.values(), ids=RANKINGS)
#: Answers, scores with many ties, and weights that are integers or not; both answers occur.
values = st.sampled_from([0.0, 1e-9, 0.1, 0.101, 0.3, 0.5, 0.9, 0.999, 1.0]) | st.floats(0, 1)
streams = st.lists(st.tuples(st.booleans(), values, st.integers(1, 8)), min_size=2, max_size=30).filter(
    lambda rows: len({answer for answer, *_ in rows}) == 2
)


# Bins


def test_a_score_is_above_exactly_the_edges_below_its_bin():
    for of_logits in (False, True):
        bins = Bins(1000, of_logits)
        scores = np.random.default_rng(0).normal(scale=9, size=3000)
        scores = scores if of_logits else 1 / (1 + np.exp(-scores))
        scores = np.unique(np.concatenate([scores, bins.edges[1:-1]]).astype(np.float32))
        np.testing.assert_array_equal(bins.place(scores), np.searchsorted(bins.edges[1:], scores))


@pytest.mark.parametrize("num_bins", [2, 3, 64, 4096])
@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "float32", "float64"])
def test_bins_rise_with_the_score_and_reach_both_ends(num_bins, dtype):
    scores = tf.cast([-0.0, 0.0, 1e-38, 1e-9, 0.25, 0.5, 0.75, 0.99, 1.0], dtype)
    placed = Bins(num_bins).place(scores).numpy()
    assert (placed[0], placed[-1]) == (0, num_bins - 1)
    assert (np.diff(placed) >= 0).all()
    np.testing.assert_array_equal(Bins(num_bins, True).place([-np.inf, -1e9, 0.0, 1e9, np.inf])[-1:], [num_bins - 1])


def test_eager_graph_and_xla_put_a_score_into_one_bin():
    p = np.random.default_rng(1).random(5000).astype(np.float32) ** 8
    for scores, bins in ((p, Bins(4096)), (np.log(p) - np.log1p(-p), Bins(4096, True))):
        eager = bins.place(scores)
        for jit_compile in (False, True):
            np.testing.assert_array_equal(tf.function(bins.place, jit_compile=jit_compile)(tf.constant(scores)), eager)


# Bounds


def histogram(negatives, positives, fractional=0.0):
    """Of one class, from the weights in each bin; an empty bin stands at the end, where ties are known."""
    fields = (tf.constant([[*weights, 0]], tf.float64) for weights in (negatives, positives))
    return Histogram(*fields, tf.constant(fractional, tf.float64))


@pytest.mark.parametrize("sizes", [(4,), (2, 3), (1, 3), (3, 1, 1)])
@pytest.mark.parametrize("score", RANKINGS)
def test_bounds_hold_every_order_and_are_met_by_auroc(score, sizes):
    for answers in np.ndindex(*[2] * sum(sizes)):
        if len(set(answers)) == 1:
            continue
        bins = np.repeat(np.arange(len(sizes)), sizes)
        counts = [np.bincount(bins[np.array(answers) == yes], minlength=len(sizes)) for yes in (0, 1)]
        _, low, high = (float(part[0]) for part in getattr(ranking, score)(histogram(*counts)))
        exact = [getattr(oracles, score)(answers, scores) for scores in oracles.orders(sizes)]
        assert low <= min(exact) <= max(exact) <= high
        np.testing.assert_allclose(high, max(exact), atol=1e-12)
        np.testing.assert_allclose(low, min(exact), atol=1e-12 if score == "auroc" else 0.02)


@each_ranking
@given(rows=streams, num_bins=st.sampled_from([2, 16, 256, 4096]), fractional=st.booleans())
def test_bounds_hold_the_value_of_scikit_learn(kind, theirs, rows, num_bins, fractional):
    answers, scores, weight = (np.array(column) for column in zip(*rows, strict=True))
    weight = weight / 8 if fractional else weight
    metric = fed(kind(num_bins=num_bins, dtype="float64"), answers, scores, weight)
    low, high = metric.bounds
    assert low <= theirs(answers, scores, sample_weight=weight) <= high
    assert low <= metric.result() <= high


def test_no_rounding_puts_a_value_outside_of_its_bounds():
    rng = np.random.default_rng(0)
    for scale in (2.0, 1e6, 1e15):
        h = histogram(*np.floor(rng.random((2, 500)) * scale), fractional=1.0)
        for bounded in (ranking.auroc(h), ranking.average_precision(h)):
            assert bounded.low < bounded.value < bounded.high
            assert 0 <= bounded.low < bounded.high <= 1
    alternate = np.arange(500) % 2
    pure = histogram(alternate, 1 - alternate)
    for bounded in (ranking.auroc(pure), ranking.average_precision(pure)):
        assert 0 < bounded.high - bounded.low < 1e-12


@each_ranking
def test_what_saturates_ties_and_is_known_exactly(kind, theirs):
    answers, scores = [1, 1, 0, 1, 0, 0], [1.0, 1.0, 1.0, 0.5, 0.25, 0.1]
    low, high = fed(kind(), answers, scores).bounds
    np.testing.assert_allclose([low, high], theirs(answers, scores), rtol=1e-12)
