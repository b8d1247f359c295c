import functools

import keras
import numpy as np
import pytest
import tensorflow as tf

from fmnist_tf import AUROC, ConfusionMatrix, F1Score, MacroF1, kernels
from fmnist_tf.curves.bins import Bins
from fmnist_tf.labels import InputFormat, InputSpec
from fmnist_tf.metrics import update
from support.catalogue import fed
from support.marks import heavy

# One shape for each kernel: rows of few, of some and of many classes, below and above every threshold.
SMALL, BY_COLUMN, FOURS, WIDE = (300, 10), (8192, 10), (800, 100), (800, 101)
CASES = {
    "plain": lambda y_true, y_pred: (y_true, y_pred, None),
    "weighted": lambda y_true, y_pred: (y_true, y_pred, np.arange(len(y_true)) % 4),
    "faulty": lambda y_true, y_pred: (spoiled(y_true), with_nan(y_pred), None),
    "faulty and weighted": lambda y_true, y_pred: (spoiled(y_true), with_nan(y_pred), np.arange(len(y_true)) % 4 - 1.0),
    "infinite": lambda y_true, y_pred: (
        y_true,
        np.where(y_pred < 0.2, -np.inf, np.where(y_pred > 0.9, np.inf, y_pred)),
        None,
    ),
    "one-hot": lambda y_true, y_pred: (np.eye(y_pred.shape[1], dtype="float32")[y_true], y_pred, None),
}
OTHER_CASES = ("plain", "weighted", "faulty", "infinite", "one-hot")


def batch(rows, classes):
    rng = np.random.default_rng(rows)
    # Steps of 1/64 make ties, of which the first must win.
    return rng.integers(0, classes, rows), rng.integers(0, 64, (rows, classes)).astype("float32") / 64


def spoiled(y_true):
    return np.where(np.arange(len(y_true)) % 7 == 0, 2**32 + 1, np.where(np.arange(len(y_true)) % 11 == 0, -1, y_true))


def with_nan(y_pred):
    y_pred = y_pred.copy()
    y_pred[::5, -1] = np.nan
    return y_pred


def reference(y_true, y_pred, weight, classes):
    """(confusion matrix, number of faults), from the definition."""
    if y_true.ndim == 2:
        y_true = y_true.argmax(axis=1)
    weight = np.ones(len(y_true)) if weight is None else weight
    looked = weight != 0
    good = looked & (weight > 0) & (y_true >= 0) & (y_true < classes) & ~np.isnan(y_pred).any(axis=1)
    matrix = np.zeros((classes, classes))
    np.add.at(matrix, (y_true[good], y_pred[good].argmax(axis=1)), weight[good])
    return matrix, (looked & ~good).sum()


def eagerly(metric, *arguments):
    metric.update_state(*arguments)


def as_graph(metric, *arguments):
    tf.function(metric.update_state)(*arguments)


def under_xla(metric, *arguments):
    tf.function(metric.update_state, jit_compile=True)(*arguments)


def stateless(metric, *arguments):
    before = [variable.value for variable in metric.variables]
    after = metric.stateless_update_state(before, *arguments)
    for variable, value in zip(metric.variables, after, strict=True):
        np.testing.assert_array_equal(variable, 0)
        variable.assign(value)


def of_unknown_length(metric, *arguments):
    unknown = [tf.TensorSpec([None, *value.shape[1:]], value.dtype) for value in arguments if value is not None]
    tf.function(metric.update_state, input_signature=unknown)(*(value for value in arguments if value is not None))


@pytest.mark.parametrize("way", [eagerly, as_graph, under_xla, stateless, of_unknown_length])
@pytest.mark.parametrize("case", ["faulty and weighted", *map(heavy, OTHER_CASES)])
@pytest.mark.parametrize("shape", [SMALL, BY_COLUMN, FOURS, WIDE], ids=str)
def test_every_kernel_counts_the_same(shape, case, way):
    arguments = CASES[case](*batch(*shape))
    matrix, invalid = reference(*arguments, shape[1])
    tensors = [None if value is None else tf.constant(value) for value in arguments]
    for metric in (F1Score(shape[1], on_invalid="skip"), ConfusionMatrix(shape[1], on_invalid="skip")):
        way(metric, *tensors)
        np.testing.assert_array_equal(metric.counts.tp, np.diag(matrix))
        np.testing.assert_array_equal(metric.counts.predicted, matrix.sum(axis=0))
        np.testing.assert_array_equal(metric.counts.support, matrix.sum(axis=1))
        assert metric.invalid == invalid


@pytest.mark.parametrize("way", [eagerly, as_graph, under_xla, stateless, of_unknown_length])
@pytest.mark.parametrize("weighted", [False, True])
def test_rows_scattered_among_many_classes_count_the_same(weighted, way):
    classes = 1 << 17
    y_true = np.array([0, 5, 5, classes - 1, classes, -1, 7])
    y_pred = np.array([0, 5, 6, classes - 1, 3, 3, classes])
    weight = np.arange(7.0) + 1 if weighted else np.ones(7)
    metric = F1Score(classes, on_invalid="skip")
    way(metric, *map(tf.constant, (y_true, y_pred)), *([tf.constant(weight)] if weighted else []))
    expected = np.zeros((3, classes))
    np.add.at(expected[0], [0, 5, classes - 1], weight[[0, 1, 3]])
    np.add.at(expected[1], [0, 5, 6, classes - 1], weight[:4])
    np.add.at(expected[2], [0, 5, 5, classes - 1], weight[:4])
    np.testing.assert_array_equal(metric.counts[:3], expected)
    assert metric.invalid == 3


def test_few_rows_are_scattered_and_many_are_not():
    few, many = tf.zeros([32], tf.int64), tf.zeros([1 << 17], tf.int64)
    assert kernels.should_scatter(4 * (1 << 17), few)
    assert kernels.should_scatter(40, few)
    assert not kernels.should_scatter(4 * (1 << 17), many)
    assert not kernels.should_scatter(40, many)
    assert not kernels.should_scatter(40, few, tf.zeros([32, 1000]))


def of_softmax(axis, logits, dtype="float32"):
    """(the metric of a model that ends in a softmax, the values of that softmax)."""
    metric = ConfusionMatrix(3, on_invalid="skip")

    @tf.function(autograph=False)
    def step(logits):
        scores = tf.nn.softmax(tf.cast(logits, dtype), axis=axis)
        metric.update_state([0] * logits.shape[0], scores)
        return scores

    return metric, step(np.array(logits, "float32")).numpy()


@pytest.mark.parametrize("axis", [-1, 0])
def test_the_winner_of_a_softmax_is_that_of_its_logits_and_its_nan_are_faults(axis):
    inf, nan = np.inf, np.nan
    metric, scores = of_softmax(
        axis, [[1, 5, 2], [3, 3, -1], [nan, 0, 9], [0, inf, 1], [-inf, 0, 2], [-inf, -inf, -inf], [7, 1, -inf]]
    )
    good = ~np.isnan(scores).any(axis=1)
    np.testing.assert_array_equal(metric.matrix[0], np.bincount(scores[good].argmax(axis=1), minlength=3))
    assert metric.invalid == np.sum(~good)


@pytest.mark.parametrize("rows", [1, 2048])
def test_a_softmax_that_rounding_makes_equal_ties_alike_in_a_graph_and_eagerly(rows):
    logits = np.tile(np.array([[0.0, 1e-9, 0.0]], "float32"), (rows, 1))
    in_graph, scores = of_softmax(-1, logits)
    eager = fed(ConfusionMatrix(3), np.zeros(rows, int), scores)
    assert np.ptp(scores) == 0
    np.testing.assert_array_equal(in_graph.matrix, eager.matrix)


def test_scores_of_half_precision_tie_where_they_are_equal():
    metric, scores = of_softmax(-1, [[0.0, 1e-4, 0.0]], "float16")
    assert np.ptp(scores) == 0
    assert metric.matrix[0, 0] == 1


def test_replicas_do_not_scatter():
    strategy = tf.distribute.MirroredStrategy(["CPU:0"])
    with strategy.scope():
        metric = F1Score(1 << 17)
    strategy.run(metric.update_state, args=(tf.constant([1, 2]), tf.constant([1, 3])))
    assert metric.counts.tp[1] == 1
    assert tf.reduce_sum(metric.counts.support) == 2


def traces_of(metric, sizes):
    """How many traces the batches of these sizes have cost, (relaxed to any size, of one size)."""
    y_true, y_pred = map(tf.constant, batch(max(sizes), metric.num_classes))
    for rows in sizes:
        metric.update_state(y_true[:rows], y_pred[:rows])
    formats = [update.rank_and_column((tensor.dtype, tensor.shape)) for tensor in (y_true, y_pred)]
    spec = InputSpec(metric.num_classes, ignore_class=metric.ignore_class)
    plan = update.Plan(metric.layout, spec, InputFormat(metric.num_classes, True, "ids", "scores"))
    of_sizes = (plan, *formats, None, None, None)
    return tuple(
        update.compiled(*of_sizes, relaxes=relaxes).experimental_get_tracing_count() for relaxes in (True, False)
    )


def test_a_last_smaller_batch_costs_one_trace():
    metric = MacroF1(7, ignore_class=5)
    assert traces_of(metric, [64, 64, 64, 30]) == (2, 0)
    assert traces_of(metric, [31, 29, 7]) == (2, 0)


def test_large_batches_are_compiled_for_a_few_sizes_and_counted_alike():
    metric, sizes = MacroF1(7, ignore_class=6), [kernels.XLA_FROM // 7 + more for more in (1, 1, 2, 3, 4, 5, 6)]
    relaxed, fixed = traces_of(metric, sizes)
    assert (relaxed <= 2, fixed) == (True, kernels.XLA_SIZES)
    y_true, _ = batch(max(sizes), 7)
    assert metric.counts.total[0] == sum(np.count_nonzero(y_true[:rows] != 6) for rows in sizes)


def test_an_epoch_with_a_smaller_last_batch_traces_the_step_once():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(3)])
    traces = []

    class Counting(MacroF1):
        def update_state(self, *arguments, **options):
            traces.append(1)
            super().update_state(*arguments, **options)

    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=[Counting()])
    model.fit(np.zeros((70, 3)), np.zeros(70), batch_size=32, epochs=2, verbose=0)
    # Keras builds its metrics once symbolically, then traces for (32, 3) and for (None, 3).
    assert len(traces) <= 3


# Histograms of scores


@pytest.mark.parametrize("run", [eagerly, under_xla])
@pytest.mark.parametrize(("shape", "num_bins"), [((40, 3), 64), ((40, 3), 8192), (BY_COLUMN, 64)])
@pytest.mark.parametrize("weighted", [False, True])
def test_every_path_counts_the_same_histogram(run, num_bins, shape, weighted):
    y_true, y_pred = batch(*shape)
    weight = np.arange(len(y_true)) % 4 if weighted else np.ones(len(y_true))
    expected, bins = np.zeros((shape[1], num_bins, 2)), Bins(num_bins).bin_indices(y_pred).numpy()
    for class_id in range(shape[1]):
        np.add.at(expected[class_id], (bins[:, class_id], (y_true == class_id).astype(int)), weight)
    metric = AUROC(shape[1], num_bins=num_bins)
    run(metric, tf.constant(y_true), tf.constant(y_pred), *([tf.constant(weight)] if weighted else []))
    np.testing.assert_array_equal(metric.histogram, expected)


def ranked(positives, negatives):
    """From the definition, in whole numbers and fractions of them."""
    tp, fp = (np.cumsum(values[:, ::-1], axis=1)[:, ::-1] for values in (positives, negatives))
    precision = positives * np.divide(tp, tp + fp, out=np.zeros_like(tp), where=tp > 0)
    pairs = negatives * (tp - positives / 2)
    return [values.sum(axis=1) for values in (positives, negatives, pairs, precision)]


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("jit_compile", [False, True])
@pytest.mark.parametrize("length", [1, 8, 13, 69])
def test_every_way_of_ranking_gives_the_same(length, jit_compile, compiled):
    rng = np.random.default_rng(length)
    positives, negatives = np.floor(rng.integers(0, 2**12, (2, 3, length)) * rng.integers(0, 2, (2, 3, length))) * 1.0
    rank = tf.function(functools.partial(kernels.rank, compiled=compiled), jit_compile=jit_compile)
    found = rank(*map(tf.constant, (positives, negatives)))
    expected = ranked(positives, negatives)
    for ours, theirs in zip(found[:3], expected[:3], strict=True):
        np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_allclose(found.precision, expected[3], rtol=1e-13)
