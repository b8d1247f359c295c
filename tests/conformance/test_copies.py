"""A state that is copied, saved, merged or loaded is the same state, and what is no state is refused."""

import copy
import json
import pickle

import keras
import numpy as np
import pytest
import tensorflow as tf

from fmnist_tf.metrics import (
    Accuracy,
    CountMetric,
    F1Score,
    FBetaScore,
    Precision,
    ScoreSet,
    TopKAccuracy,
)
from support.catalogue import (
    NUM_CLASSES,
    each_metric,
    each_way_of_counting,
    fed,
    state_of,
    stream,
    value_of,
)

Y_TRUE, Y_PRED = stream()


@each_metric
def test_a_config_makes_the_same_metric_again(make):
    options = {"zero_division": 1.0} if issubclass(make.func, CountMetric) else {}
    metric = make(ignore_class=[7], on_invalid="skip", name="mine", dtype="float64", **options)
    config = json.loads(json.dumps(metric.get_config()))
    again = type(metric).from_config(config)
    assert again.get_config() == metric.get_config()
    assert keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(metric)).name == "mine"
    assert keras.saving.get_registered_name(type(metric)) == f"fmnist_tf>{type(metric).__name__}"


@each_way_of_counting
@pytest.mark.parametrize("copied", [copy.deepcopy, lambda metric: pickle.loads(pickle.dumps(metric))])
def test_a_copy_goes_on_where_the_metric_stood(make, copied):
    metric = fed(make(), Y_TRUE, Y_PRED)
    again = fed(copied(metric), Y_TRUE, Y_PRED)
    np.testing.assert_array_equal(state_of(again), state_of(metric) * 2)


@each_metric
def test_a_state_dict_restores_counts_and_result(make):
    metric, again = fed(make(), Y_TRUE, Y_PRED), make()
    state = metric.state_dict()
    again.load_state_dict(state)
    np.testing.assert_array_equal(value_of(again), value_of(metric))
    assert {str(np.asarray(state[name]).dtype) for name in ("counts", "invalid")} == {"float64"}


@each_metric
def test_a_checkpoint_of_the_variables_restores_the_counts(make, tmp_path):
    metric, again = fed(make(), Y_TRUE, Y_PRED), make(num_classes=NUM_CLASSES)
    path = tf.train.Checkpoint(v=metric.variables).save(tmp_path / "metric")
    tf.train.Checkpoint(v=again.variables).restore(path).assert_consumed()
    np.testing.assert_array_equal(state_of(again), state_of(metric))


@pytest.mark.parametrize(
    ("other", "key"),
    [
        (lambda: F1Score(4), "num_classes"),
        (lambda: F1Score(3, threshold=0.5), "threshold"),
        (lambda: F1Score(3, ignore_class=0), "ignore_class"),
        (lambda: F1Score(3, top_k=2), "top_k"),
        (lambda: Precision(3), "score"),
    ],
)
def test_a_state_of_another_configuration_is_refused(other, key):
    metric = fed(F1Score(), Y_TRUE, Y_PRED)
    before = state_of(metric)
    with pytest.raises(ValueError, match=f"differ in `{key}`"):
        metric.merge_state([fed(F1Score(), Y_TRUE, Y_PRED), other()])
    with pytest.raises(ValueError, match=f"differ in `{key}`"):
        metric.load_state_dict(other().state_dict())
    np.testing.assert_array_equal(state_of(metric), before)


def test_a_state_of_another_size_is_refused():
    metric = fed(F1Score(), Y_TRUE, Y_PRED)
    with pytest.raises(ValueError, match="does not fit f1_score"):
        metric.load_state_dict({**metric.state_dict(), "counts": np.zeros(5)})


@pytest.mark.parametrize(
    ("change", "error", "told"),
    [
        (lambda state: {}, ValueError, "`state` must hold counts, invalid, weight_excess, fingerprint, got none"),
        (lambda state: {**state, "more": 1}, ValueError, "`state` must hold .*, got .*, more"),
        (lambda state: None, TypeError, "`state` must be a dict, got NoneType"),
        (lambda state: {**state, "counts": -state["counts"]}, ValueError, "finite and not negative, got -"),
        (lambda state: {**state, "invalid": state["invalid"] + np.nan}, ValueError, "finite and not negative, got nan"),
    ],
)
def test_a_state_that_is_none_is_refused(change, error, told):
    metric = fed(F1Score(), Y_TRUE, Y_PRED)
    before = state_of(metric)
    with pytest.raises(error, match=told):
        metric.load_state_dict(change(metric.state_dict()))
    np.testing.assert_array_equal(state_of(metric), before)


@pytest.mark.parametrize("others", [[keras.metrics.Mean()], F1Score(3), [F1Score(3), None]])
def test_only_metrics_of_the_package_are_merged(others):
    with pytest.raises(TypeError, match="`metrics` must be a list of metrics of fmnist_tf, got"):
        F1Score(3).merge_state(others)


def test_a_saved_model_brings_its_metrics_back(tmp_path):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(3, "softmax")])
    of_set = ScoreSet(scores=[Accuracy(name="right"), FBetaScore(beta=2.0)])
    model.compile(
        "sgd",
        "sparse_categorical_crossentropy",
        metrics=[of_set, F1Score(ignore_class=2), Precision(top_k=2), TopKAccuracy(k=2)],
        jit_compile=False,
    )
    expected = model.evaluate(Y_PRED, Y_TRUE, verbose=0, return_dict=True)
    model.save(tmp_path / "model.keras")
    cloned = keras.models.clone_model(model)
    cloned.set_weights(model.get_weights())
    for again in (keras.models.load_model(tmp_path / "model.keras"), cloned):
        assert again.evaluate(Y_PRED, Y_TRUE, verbose=0, return_dict=True) == expected
