"""The effective number of samples, (sum w)^2 / sum w^2, whatever the layout, and whatever becomes of the state."""

import pickle

import numpy as np
import pytest
import tensorflow as tf

from fmnist_tf import metrics
from fmnist_tf.metrics import ConfusionMatrix, ExactMatch, F1Score, MacroF1, ScoreSet, TopKAccuracy
from support.catalogue import fed

RNG = np.random.default_rng(0)
Y_TRUE, Y_PRED, WEIGHT = RNG.integers(0, 3, 20), RNG.random((20, 3)), RNG.integers(0, 9, 20) / 4
KINDS = [MacroF1(), ConfusionMatrix(), ScoreSet(), ScoreSet(matrix=False), TopKAccuracy(k=2), metrics.CohenKappa()]


def effective(weight):
    return np.sum(weight) ** 2 / np.sum(np.square(weight))


def again(metric):
    return type(metric).from_config(metric.get_config())


@pytest.mark.parametrize("how", ["eager", "graph", "xla"])
@pytest.mark.parametrize("kind", KINDS, ids=repr)
def test_the_effective_total_follows_from_the_weights_of_valid_rows(kind, how):
    metric, y_true = again(kind), np.append(Y_TRUE, 99)
    metric.on_invalid = "skip"
    metric.build(3)
    update = metric.update_state if how == "eager" else tf.function(metric.update_state, jit_compile=how == "xla")
    for _ in range(2):
        update(tf.constant(y_true), np.append(Y_PRED, [[0, 0, 0]], axis=0), np.append(WEIGHT, 5.0))
    np.testing.assert_allclose(metric.effective_total, effective(np.tile(WEIGHT, 2)), rtol=1e-12)


@pytest.mark.parametrize("kind", KINDS, ids=repr)
def test_without_weights_it_is_the_number_of_rows(kind):
    assert again(kind).effective_total == 0
    metric = fed(again(kind), Y_TRUE, Y_PRED)
    assert (metric.effective_total, metric.weight_excess) == (20, 0)


def test_of_columns_it_is_that_of_a_column():
    y_true, y_pred = RNG.integers(0, 2, (20, 3)), RNG.random((20, 3))
    for threshold in (0.5, [0.3, 0.6]):
        metric = fed(F1Score(threshold=threshold), y_true, y_pred, WEIGHT)
        np.testing.assert_allclose(metric.effective_total, effective(WEIGHT), rtol=1e-12)
        np.testing.assert_allclose(fed(ExactMatch(threshold=0.5), y_true, y_pred, WEIGHT).effective_total,
                                   effective(WEIGHT), rtol=1e-12)  # fmt: skip


def test_a_state_too_large_to_be_added_whole_keeps_it_too():
    metric = MacroF1(20_000)
    for _ in range(2):
        metric.update_state(Y_TRUE, tf.one_hot(Y_TRUE, 20_000), WEIGHT)
    np.testing.assert_allclose(metric.effective_total, effective(np.tile(WEIGHT, 2)), rtol=1e-12)


def test_it_is_merged_saved_and_pickled():
    metric, other = fed(MacroF1(), Y_TRUE, Y_PRED, WEIGHT), fed(MacroF1(), Y_TRUE, Y_PRED)
    other.merge_state([metric])
    loaded = MacroF1()
    loaded.load_state_dict(other.state_dict())
    for each in (other, loaded, pickle.loads(pickle.dumps(other))):
        np.testing.assert_allclose(each.effective_total, effective(np.append(WEIGHT, np.ones(20))), rtol=1e-12)
    metric.reset_state()
    assert metric.effective_total == 0
