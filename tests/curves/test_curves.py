"""AUROC and average precision equal their definition; the exact value lies within the bounds, whatever is in a bin."""

import inspect

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from fmnist_tf.curves import ranking
from fmnist_tf.curves.bins import Bins
from fmnist_tf.curves.histogram import Histogram
from fmnist_tf.metrics import AUROC, AveragePrecision
from support import curve_oracles as oracles
from support.catalogue import fed
from support.marks import heavy
from support.mutate import load

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


@pytest.mark.parametrize("of_logits", [False, True])
@pytest.mark.parametrize("num_bins", [3, 1000, 2048, 8192, 100_000])
def test_a_score_is_above_exactly_the_edges_below_its_bin(num_bins, of_logits):
    bins = Bins(num_bins, of_logits)
    scores = np.random.default_rng(0).normal(scale=9, size=20_000)
    scores = scores if of_logits else 1 / (1 + np.exp(-scores))
    edges = bins.edges[1:-2].astype(np.float32)
    beside = [np.nextafter(edges, np.float32(to)) for to in (-np.inf, np.inf)]
    scores = np.concatenate([scores.astype(np.float32), edges, *beside, [1.0]]).astype(np.float32)
    scores = scores[(np.abs(scores) > 1e-37) & (of_logits | (scores <= 1))]  # TensorFlow takes denormal numbers for 0
    expected = np.searchsorted(bins.edges[1:], scores)
    # Few scores are searched in the list of edges, many are computed, and so are those of float64.
    np.testing.assert_array_equal(bins.bin_indices(scores), expected)
    np.testing.assert_array_equal(bins.bin_indices(scores.astype(np.float64)), expected)
    parts = np.array_split(np.arange(len(scores)), len(scores) // 4096 + 1)
    for part in parts:
        np.testing.assert_array_equal(bins.bin_indices(scores[part]), expected[part])


@pytest.mark.parametrize("num_bins", [3, 4, 64, 4096])
@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "float32", "float64"])
def test_bins_rise_with_the_score_and_reach_both_ends(num_bins, dtype):
    scores = tf.cast([-0.0, 0.0, 1e-38, 1e-9, 0.25, 0.5, 0.75, 0.99, 1.0], dtype)
    placed = Bins(num_bins).bin_indices(scores).numpy()
    assert (placed[0], placed[-1]) == (0, num_bins - 1)
    assert (np.diff(placed) >= 0).all()
    np.testing.assert_array_equal(
        Bins(num_bins, True).bin_indices([-np.inf, -1e9, 0.0, 1e9, np.inf])[-1:], [num_bins - 1]
    )


def test_logits_far_below_all_bins_fall_into_the_first_however_many_there_are():
    far = np.tile(np.array([-np.inf, -(2.0**24), -(2.0**30)]), 4096)
    np.testing.assert_array_equal(Bins(10_000_000, of_logits=True).bin_indices(far), 0)


def test_a_histogram_of_other_bins_is_refused():
    metric = fed(AUROC(), [0, 1], [0.1, 0.9])
    state = metric.state_dict()
    state["fingerprint"] = state["fingerprint"].replace('"bins": 3', '"bins": 2')
    with pytest.raises(ValueError, match="states of auroc differ in `bins`: 3 here, 2 there"):
        metric.load_state_dict(state)


def test_eager_graph_and_xla_put_a_score_into_one_bin():
    p = np.random.default_rng(1).random(10_000).astype(np.float32) ** 8
    logits = np.log(p) - np.log1p(-p)
    for scores, bins in (
        (p, Bins(4096)),
        (logits, Bins(4096, True)),
        (p[:500], Bins(4096)),
        (logits[:500], Bins(64, True)),
    ):
        eager = bins.bin_indices(scores)
        for jit_compile in (False, True):
            np.testing.assert_array_equal(
                tf.function(bins.bin_indices, jit_compile=jit_compile)(tf.constant(scores)), eager
            )


# Bounds


def histogram(negatives, positives, fractional=0.0):
    """Of one class, from the weights in each bin; an empty bin stands at the end, where ties are known."""
    fields = (tf.constant([[*weights, 0]], tf.float64) for weights in (negatives, positives))
    return Histogram(*fields, tf.constant(fractional, tf.float64))


@pytest.mark.parametrize("sizes", [(4,), (2, 3), (1, 3), (3, 1, 1)])
@pytest.mark.parametrize("score", RANKINGS)
def test_bounds_hold_every_order_and_are_met_by_auroc(score, sizes):
    for predictions in np.ndindex(*[2] * sum(sizes)):
        if len(set(predictions)) == 1:
            continue
        bins = np.repeat(np.arange(len(sizes)), sizes)
        counts = [np.bincount(bins[np.array(predictions) == yes], minlength=len(sizes)) for yes in (0, 1)]
        _, low, high = (float(part[0]) for part in getattr(ranking, score)(histogram(*counts)))
        exact = [getattr(oracles, score)(predictions, scores) for scores in oracles.orders(sizes)]
        assert low <= min(exact) <= max(exact) <= high
        np.testing.assert_allclose(high, max(exact), atol=1e-12)
        np.testing.assert_allclose(low, min(exact), atol=1e-12 if score == "auroc" else 0.02)


@each_ranking
@given(rows=streams, num_bins=st.sampled_from([3, 16, 256, 4096]), fractional=st.booleans())
def test_bounds_hold_the_value_of_scikit_learn(kind, theirs, rows, num_bins, fractional):
    predictions, scores, weight = (np.array(column) for column in zip(*rows, strict=True))
    weight = weight / 8 if fractional else weight
    metric = fed(kind(num_bins=num_bins, dtype="float64"), predictions, scores, weight)
    low, high = metric.bounds
    assert low <= theirs(predictions, scores, sample_weight=weight) <= high
    assert low <= metric.result() <= high


def disagrees(module, score):
    """Whether a module's score is not what the oracle says of any order of two bins of two."""
    for predictions in np.ndindex(2, 2, 2, 2):
        if len(set(predictions)) == 1:
            continue
        counts = [np.add.reduceat(np.array(predictions) == yes, [0, 2], dtype=int) for yes in (0, 1)]
        value, low, high = (float(part[0]) for part in getattr(module, score)(histogram(*counts)))
        exact = [getattr(oracles, score)(predictions, scores) for scores in oracles.orders((2, 2))]
        tied = getattr(oracles, score)(predictions, [0, 0, 1, 1])
        tight = np.allclose([value, high], [tied, max(exact)]) and min(exact) - 0.01 < low <= min(exact)
        if not tight:
            return True
    return False


#: Errors that brute force must catch: what is right and what it is replaced by.
MUTANTS = [
    ("auroc", "rank(h.positives, h.negatives,", "rank(h.negatives, h.positives,"),
    ("auroc", "/ (2 * pairs)", "/ (4 * pairs)"),
    ("auroc", "h.where_order_is_unknown(h.positives * h.negatives, 0.0)", "h.positives[:, :-2] * h.negatives[:, :-2]"),
    ("average_precision", "rank(p, n,", "rank(n, p,"),
    ("average_precision", "divide_no_nan(tp, tp + (fp - n))", "divide_no_nan(tp, tp + fp)"),
    ("average_precision", "a + 1.5", "a + 2.5"),
    ("average_precision", "(a + 1.0)", "(a + 2.0)"),
    ("average_precision", "p - 1.0, 0.0", "p, 0.0"),
    ("average_precision", "_least(p, tp - p, fp,", "_least(p, tp, fp,"),
    ("average_precision", "h.where_order_is_unknown(bound, tied)", "tied"),
    ("average_precision", "ranked.negatives > 0", "ranked.negatives > 1"),
]


@pytest.mark.parametrize(("score", "right", "wrong"), MUTANTS)
def test_a_wrong_bound_is_caught(score, right, wrong):
    source = inspect.getsource(ranking)
    assert right in source
    assert disagrees(load(source.replace(right, wrong)), score)


@pytest.mark.parametrize("score", RANKINGS)
def test_the_right_bounds_pass_the_same_check(score):
    assert not disagrees(load(inspect.getsource(ranking)), score)


@each_ranking
def test_no_rounding_of_weights_puts_a_perfect_score_above_one(kind, theirs):
    rng = np.random.default_rng(0)
    for _ in range(20):
        predictions = rng.integers(0, 2, 300)
        scores = np.where(predictions, 0.6 + 0.3 * rng.random(300), 0.4 * rng.random(300)).astype(np.float32)
        metric = fed(kind(num_bins=64, dtype="float64"), predictions, scores, rng.random(300))
        assert 1 - 1e-9 < metric.result() <= metric.bounds[1] <= 1


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
    predictions, scores = [1, 1, 0, 1, 0, 0], [1.0, 1.0, 1.0, 0.5, 0.25, 0.1]
    low, high = fed(kind(), predictions, scores).bounds
    np.testing.assert_allclose([low, high], theirs(predictions, scores), rtol=1e-12)


# Values


def draw(seed, num_classes=4, rows=60):
    """(y_true, probabilities of few distinct values, weight); with a class that does not occur where seed is odd."""
    rng = np.random.default_rng(seed)
    y_true = rng.integers(0, num_classes - seed % 2, rows)
    p = rng.integers(1, 9, (rows, num_classes)) + 3.0 * np.eye(num_classes)[y_true]
    return y_true, p / p.sum(axis=1, keepdims=True), rng.integers(0, 9, rows) / 4


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("score", RANKINGS)
def test_values_equal_their_definition(score, seed):
    y_true, p, weight = draw(seed)
    metric = RANKINGS[score][0](average=None, dtype="float64", num_bins=1 << 16)
    expected = [getattr(oracles, score)(y_true == c, p[:, c], weight) for c in range(4)]
    np.testing.assert_allclose(fed(metric, y_true, p, weight).result(), expected, rtol=1e-12)


@pytest.mark.heavy
@pytest.mark.parametrize("columns", [False, heavy(True)])
@each_ranking
def test_averages_agree_with_scikit_learn(kind, theirs, columns):
    y_true, p, weight = draw(2)
    predictions = (p > np.random.default_rng(0).random(p.shape)).astype(int) if columns else np.eye(4)[y_true]
    for average in ("macro", "weighted", "micro", None):
        ours = fed(
            kind(average=average, multi_label=columns, dtype="float64", num_bins=1 << 16), predictions, p, weight
        )
        expected = theirs(predictions, p, average=average, sample_weight=weight)
        np.testing.assert_allclose(ours.result(), expected, rtol=1e-12)
        low, high = ours.bounds
        assert np.shape(low) == np.shape(expected)
        assert np.all((low <= expected) & (expected <= high))


@pytest.mark.parametrize("kind", [AUROC, AveragePrecision])
def test_a_class_without_positives_is_left_out_of_the_mean(kind):
    y_true, p, _ = draw(3)
    each = fed(kind(average=None, dtype="float64"), y_true, p).result()
    np.testing.assert_array_equal(np.isnan(each), [False, False, False, True])
    np.testing.assert_allclose(fed(kind(dtype="float64"), y_true, p).result(), np.mean(each[:3]), rtol=1e-12)
    assert np.isnan(fed(kind(), [1, 1], [0.1, 0.9]).result())
    assert np.isnan(fed(kind(), [1, 1], [0.1, 0.9]).bounds).all()


def test_dense_inputs_score_as_flat_ones():
    y_true, p, weight = draw(0)
    dense = y_true.reshape(6, 10), p.reshape(6, 10, 4), weight.reshape(6, 10)
    np.testing.assert_array_equal(fed(AUROC(), *dense).histogram, fed(AUROC(), y_true, p, weight).histogram)


@pytest.mark.parametrize("kind", [AUROC, AveragePrecision])
def test_a_rising_function_of_the_scores_changes_nothing(kind):
    rng = np.random.default_rng(5)
    predictions, scores = rng.integers(0, 2, 50), rng.integers(1, 9, 50) / 10
    values = [fed(kind(dtype="float64"), predictions, s).result() for s in (scores, scores**3, 1 - (1 - scores) ** 2)]
    logits = fed(kind(dtype="float64", from_logits=True), predictions, np.log(scores / (1 - scores))).result()
    np.testing.assert_allclose([*values[1:], logits], [values[0]] * 3, rtol=1e-14)


def test_logits_of_classes_score_as_their_softmax():
    rng = np.random.default_rng(6)
    y_true, logits = rng.integers(0, 3, 80), rng.normal(scale=20, size=(80, 3))
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    ours = fed(AUROC(from_logits=True), y_true, logits).histogram
    np.testing.assert_array_equal(ours, fed(AUROC(), y_true, p / p.sum(axis=1, keepdims=True)).histogram)


#: Examples of scikit-learn's roc_auc_score and average_precision_score (1.9), and of torchmetrics' functional auroc and
#: average_precision (1.9): (metric, y_true, y_pred, value, decimals printed).
SK = [0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]
TM = [0, 1, 1, 0], [0.0, 0.5, 0.7, 0.8]
TM_SMALL = [0, 0, 1, 1, 1], [0.13, 0.26, 0.08, 0.19, 0.34]
TM_CLASSES = [0, 1, 3, 2], np.full((4, 5), 0.05) + 0.7 * np.eye(5)[:4]
TM_THREE = (
    [0, 1, 1, 2, 2],
    [[0.90, 0.05, 0.05], [0.05, 0.90, 0.05], [0.05, 0.05, 0.90], [0.85, 0.05, 0.10], [0.10, 0.10, 0.80]],
)
TM_COLUMNS = (
    [[1, 0, 1], [0, 0, 0], [0, 1, 1], [1, 1, 1]],
    [[0.75, 0.05, 0.35], [0.45, 0.75, 0.05], [0.05, 0.55, 0.75], [0.05, 0.65, 0.05]],
)
PUBLISHED = [
    (AUROC(), *SK, 0.75, 12),
    (AveragePrecision(), *SK, 0.83, 2),
    (AUROC(), *TM, 0.5, 4),
    (AveragePrecision(), *TM, 0.5833, 4),
    (AUROC(), *TM_SMALL, 0.5, 4),
    (AUROC(average=None), *TM_CLASSES, [1.0, 1.0, 0.3333, 0.3333, np.nan], 4),
    (AveragePrecision(), *TM_CLASSES, 0.6250, 4),
    (AveragePrecision(average=None), *TM_CLASSES, [1.0, 1.0, 0.25, 0.25, np.nan], 4),
    (AUROC(), *TM_THREE, 0.7778, 4),
    (AUROC(multi_label=True), *TM_COLUMNS, 0.6528, 4),
    (AUROC(multi_label=True, average=None), *TM_COLUMNS, [0.6250, 0.5000, 0.8333], 4),
    (AveragePrecision(multi_label=True, average=None), *TM_COLUMNS, [0.7500, 0.5833, 0.9167], 4),
]


@pytest.mark.parametrize(("metric", "y_true", "y_pred", "value", "digits"), PUBLISHED)
def test_a_ranking_gives_the_published_value(metric, y_true, y_pred, value, digits):
    np.testing.assert_allclose(fed(metric, y_true, y_pred).result(), value, atol=10.0**-digits)


# Forms


@pytest.mark.parametrize("y_pred", [np.array([0, 1, 1]), np.array([True, False, True])])
def test_answers_are_no_scores(y_pred):
    with pytest.raises(ValueError, match="`y_pred` must hold probabilities of a float dtype"):
        AUROC(2).update_state([0, 1, 1], y_pred)


@pytest.mark.parametrize("options", [{"num_bins": 64}, {"from_logits": True}, {"multi_label": True}])
def test_a_state_of_other_bins_or_readings_is_refused(options):
    first, other = fed(AUROC(), *draw(0)[:2]), fed(AUROC(**options), np.eye(4)[draw(0)[0]], draw(0)[1])
    with pytest.raises(ValueError, match=f"differ in `({next(iter(options))}|exclusive)`"):
        first.merge_state([other])
