"""Promises of every metric: streams add up, compilers and policies change nothing."""

import math

import keras
import numpy as np
import pytest
import tensorflow as tf

from fmnist_tf.metrics import (
    Accuracy,
    ConfusionMatrix,
    CountMetric,
    F1Score,
    MacroF1,
    MicroF1,
    Precision,
    Recall,
    ScoreSet,
)
from fmnist_tf.metrics import update as counting
from fmnist_tf.metrics.table import TableMetric
from fmnist_tf.metrics.update import compiled
from support.catalogue import (
    CLASSES,
    NEEDS,
    NUM_CLASSES,
    as_array,
    assert_same_state,
    each_way_of_counting,
    fed,
    state_of,
    stream,
    value_of,
)

Y_TRUE, Y_PRED = stream()
CUTS = ((0, 5), (5, 5), (5, 12))


# Streams


@each_way_of_counting
def test_the_order_of_samples_does_not_matter(make):
    order = np.random.default_rng(1).permutation(len(Y_TRUE))
    assert_same_state(fed(make(), Y_TRUE, Y_PRED), fed(make(), Y_TRUE[order], Y_PRED[order]))


@each_way_of_counting
def test_counts_do_not_depend_on_how_the_stream_is_cut(make):
    metric = make()
    for start, stop in CUTS:
        metric.update_state(Y_TRUE[start:stop], Y_PRED[start:stop])
    assert_same_state(metric, fed(make(), Y_TRUE, Y_PRED))


@each_way_of_counting
def test_merging_is_associative_and_commutative_and_nothing_is_its_zero(make):
    parts = [slice(0, 3), slice(3, 7), slice(7, 12)]
    a, b, c = (fed(make(), Y_TRUE[part], Y_PRED[part]) for part in parts)
    left, right, empty = make(), make(), make()
    left.merge_state([a, b])
    left.merge_state([c])
    right.merge_state([empty, c])
    right.merge_state([b, a, empty])
    for merged in (left, right):
        assert_same_state(merged, fed(make(), Y_TRUE, Y_PRED))


@each_way_of_counting
def test_an_integer_weight_is_a_repetition_and_zero_is_absence(make):
    times = np.arange(len(Y_TRUE)) % 4
    repeated = fed(make(), np.repeat(Y_TRUE, times), np.repeat(Y_PRED, times, axis=0))
    assert_same_state(fed(make(), Y_TRUE, Y_PRED, times), repeated)


@each_way_of_counting
def test_a_reset_forgets_everything(make):
    metric = fed(make(), Y_TRUE, Y_PRED)
    metric.reset_state()
    assert not state_of(metric).any()
    np.testing.assert_array_equal(value_of(metric), value_of(make(num_classes=NUM_CLASSES)))


@pytest.mark.parametrize("kind", [kind for kind in CLASSES if issubclass(kind, TableMetric)])
def test_relabelling_the_classes_changes_no_score(kind):
    relabel, y_pred = np.array([2, 0, 1]), np.random.default_rng(3).normal(size=(12, NUM_CLASSES))
    arguments = {"dtype": "float64", **NEEDS.get(kind, {})}
    ours = value_of(fed(kind(**arguments), Y_TRUE, y_pred))
    theirs = value_of(fed(kind(**arguments), relabel[Y_TRUE], y_pred[:, np.argsort(relabel)]))
    np.testing.assert_allclose(ours, theirs, rtol=1e-12)


@pytest.mark.parametrize("kind", [kind for kind in CLASSES if issubclass(kind, TableMetric)])
@pytest.mark.parametrize("seed", range(4))
def test_a_score_keeps_to_its_bounds(kind, seed):
    low, high = kind.score.bounds
    value = value_of(fed(kind(**NEEDS.get(kind, {})), *stream(seed=seed)))
    assert low <= value <= high


@pytest.mark.parametrize(
    "kind",
    [kind for kind in CLASSES if issubclass(kind, TableMetric) and kind.score.direction and not kind.score.is_count],
)
def test_a_perfect_stream_scores_the_best_bound(kind):
    best = kind.score.bounds[1 if kind.score.direction == "up" else 0]
    metric = fed(kind(**NEEDS.get(kind, {})), Y_TRUE, np.eye(NUM_CLASSES)[Y_TRUE])
    assert metric._direction == kind.score.direction
    assert metric.result() == best


def test_micro_f1_of_a_multiclass_problem_is_accuracy():
    for seed in range(5):
        assert value_of(fed(MicroF1(), *stream(seed=seed))) == value_of(fed(Accuracy(), *stream(seed=seed)))


# Compilers


@each_way_of_counting
def test_eager_graph_and_xla_agree_to_the_bit(make):
    eager = fed(fed(make(), Y_TRUE, Y_PRED), Y_TRUE, Y_PRED)
    for jit_compile in (False, True):
        metric = make(num_classes=NUM_CLASSES)

        @tf.function(jit_compile=jit_compile)
        def step(y_true, y_pred, metric=metric):
            metric.update_state(y_true, y_pred)
            return metric.result()

        step(tf.constant(Y_TRUE), tf.constant(Y_PRED))
        result = step(tf.constant(Y_TRUE), tf.constant(Y_PRED))
        assert_same_state(metric, eager)
        np.testing.assert_allclose(as_array(result), value_of(eager), rtol=1e-7 if metric.dtype == "float32" else 1e-12)
        assert step.experimental_get_tracing_count() == 1


def test_metrics_of_one_configuration_share_one_trace():
    fed(Precision(3), Y_TRUE, Y_PRED)
    made = compiled.cache_info().misses
    fed(fed(Recall(3), Y_TRUE, Y_PRED), *stream(seed=5))
    assert compiled.cache_info().misses == made


def test_batches_of_several_sizes_are_counted_by_few_traces(monkeypatch):
    steps = []
    monkeypatch.setattr(
        counting, "compiled", lambda *key, **options: steps.append(compiled(*key, **options)) or steps[-1]
    )
    metric = MacroF1(ignore_class=-7)  # a configuration that no other test has traced
    for rows in range(2, 9):
        metric.update_state(Y_TRUE[:rows], Y_PRED[:rows])
    assert sum(step.experimental_get_tracing_count() for step in set(steps)) <= 4


def test_a_metric_first_used_in_a_later_trace_is_built_there():
    metric = MacroF1()

    @tf.function
    def step(y_true, y_pred, counts):
        if counts:
            metric.update_state(y_true, y_pred)

    step(tf.constant(Y_TRUE), tf.constant(Y_PRED), False)
    step(tf.constant(Y_TRUE), tf.constant(Y_PRED), True)
    np.testing.assert_array_equal(state_of(metric), state_of(fed(MacroF1(), Y_TRUE, Y_PRED)))


def test_a_metric_that_a_later_trace_may_not_build_says_call_build():
    first, later = tf.Module(), MacroF1()
    first.variable = None

    @tf.function
    def step(y_true, y_pred, both):
        if first.variable is None:
            first.variable = tf.Variable(0.0)
        if both:
            later.update_state(y_true, y_pred)

    step(tf.constant(Y_TRUE), tf.constant(Y_PRED), False)
    with pytest.raises(ValueError, match=r"later trace.*call build\(3\)"):
        step(tf.constant(Y_TRUE), tf.constant(Y_PRED), True)


def test_a_metric_is_built_by_the_first_trace_of_a_function():
    metric = MacroF1()
    tf.function(metric.update_state)(tf.constant(Y_TRUE), tf.constant(Y_PRED))
    np.testing.assert_array_equal(state_of(metric), state_of(fed(MacroF1(), Y_TRUE, Y_PRED)))


def test_a_change_of_width_names_both_widths():
    metric = fed(MacroF1(), Y_TRUE, Y_PRED)
    with pytest.raises(ValueError, match=r"scores 4 classes.*counts 3"):
        metric.update_state(Y_TRUE, np.zeros((12, 4)))
    with pytest.raises(ValueError, match=r"counts 3 classes, got .* 4"):
        metric.build(4)


def test_columns_after_classes_are_refused():
    metric = fed(Accuracy(num_classes=3), Y_TRUE, Y_PRED)
    with pytest.raises(ValueError, match="multiclass samples, got binary columns"):
        metric.update_state(np.zeros((2, 3)), np.zeros((2, 3), bool))


@each_way_of_counting
def test_a_result_before_the_first_batch_is_that_of_an_empty_stream(make):
    before, empty = (np.unique(value_of(each)) for each in (make(), fed(make(), Y_TRUE, Y_PRED, 0.0)))
    np.testing.assert_array_equal(before, [0.0] if issubclass(make.func, CountMetric) else empty)


# Policies


@each_way_of_counting
@pytest.mark.parametrize("setting", ["mixed_float16", "mixed_bfloat16", "float16"])
def test_a_policy_changes_nothing_but_the_dtype_of_the_result(make, setting):
    expected = fed(make(), Y_TRUE, Y_PRED)
    if setting == "float16":
        keras.config.set_floatx("float16")
    else:
        keras.config.set_dtype_policy(setting)
    metric = fed(make(), Y_TRUE, Y_PRED)
    np.testing.assert_array_equal(state_of(metric), state_of(expected))
    np.testing.assert_allclose(value_of(metric), value_of(expected), rtol=1e-2)
    assert {part.dtype.name for part in tf.nest.flatten(metric.result())} == {metric.dtype}


def test_counts_stay_exact_inside_a_layer_of_half_precision():
    metric = MacroF1(NUM_CLASSES)
    (state,) = metric.variables
    state.assign(np.full(state.shape, 2.0**40 + 1) * (np.arange(state.shape[0]) < 12))

    class Counting(keras.layers.Layer):
        def call(self, inputs):
            metric.update_state(tf.zeros([2], tf.int64), inputs)
            return inputs * float(metric.result() >= 0)

    Counting(dtype="mixed_float16")(tf.constant([[1.0, 0, 0], [1.0, 0, 0]]))
    assert metric.counts.tp[0] == 2.0**40 + 3


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_the_result_has_the_dtype_asked_for(dtype):
    assert fed(MacroF1(dtype=dtype), Y_TRUE, Y_PRED).result().dtype.name == dtype


def test_a_matrix_shows_counts_that_float32_cannot():
    metric = ConfusionMatrix(2)
    metric.load_state_dict({**metric.state_dict(), "counts": np.array([2.0**24 + 1, 0, 0, 0])})
    assert metric.result()[0, 0] == 2**24 + 1


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"threshold": 0.5}, "keeps no matrix of several binary columns; compile MultilabelConfusionMatrix"),
        ({"matrix": False}, "keeps no matrix with matrix=False; pass matrix=True"),
    ],
)
def test_a_set_without_a_matrix_says_what_gives_one(options, told):
    with pytest.raises(ValueError, match=told):
        _ = ScoreSet(3, **options).matrix


# Configuration


@pytest.mark.parametrize(
    ("kind", "kwargs", "message"),
    [
        (F1Score, {"average": "marco"}, r"got 'marco'; did you mean 'macro'\?"),
        (F1Score, {"class_id": -1}, r"`class_id` must be at least 0, got -1"),
        (F1Score, {"num_classes": 3, "class_id": 3}, r"`class_id` must be less than .* 3, got 3"),
        (F1Score, {"num_classes": 0}, r"`num_classes` must be at least 1, got 0"),
        (F1Score, {"threshold": math.nan}, r"`threshold` must be finite, got nan"),
        (F1Score, {"threshold": []}, r"`threshold` must hold at least one"),
        (F1Score, {"dtype": "int32"}, r"`dtype` must be a float dtype, got 'int32'"),
        (F1Score, {"on_invalid": "drop"}, r"`on_invalid` must be 'raise' or 'skip', got 'drop'"),
        (ConfusionMatrix, {"normalize": "rows"}, r"`normalize` must be None, 'true', 'pred' or 'all'"),
        (ConfusionMatrix, {"num_classes": 10**6}, r"would take .* GB; count without it"),
        (ScoreSet, {"scores": ["macro_f1", "macro_f1"]}, r"'macro_f1' is in the set twice"),
        (ScoreSet, {"live": ["recall"]}, r"`live` must name scores of the set, .* got 'recall'"),
    ],
)
def test_a_bad_argument_is_named_with_what_it_must_be(kind, kwargs, message):
    with pytest.raises(ValueError, match=message):
        kind(**kwargs)


@pytest.mark.parametrize("kwargs", [{"num_classes": 2.5}, {"num_classes": True}, {"threshold": "0.5"}, {"top_k": "1"}])
def test_an_argument_of_the_wrong_kind_is_a_type_error(kwargs):
    with pytest.raises(TypeError, match=r"must be a(n integer| number), got"):
        F1Score(**kwargs)
