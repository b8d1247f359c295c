"""A window has the score of the last batches alone, in every way to run, and to the bit."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from fmnist_tf import AUROC, Accuracy, F1Score, LogLoss, ScoreSet, Window
from support.catalogue import as_array, stream
from support.replicas import two_replicas

Y_TRUE, Y_PRED = stream(24)
WEIGHT = np.arange(24) % 3 / 4
BATCHES = [(Y_TRUE[rows], Y_PRED[rows], WEIGHT[rows]) for rows in np.split(np.arange(24), 6)]
METRICS = {
    "F1Score": F1Score,
    "AUROC": lambda: AUROC(num_bins=64),
    "LogLoss": LogLoss,
    "ScoreSet": lambda: ScoreSet(prefix="window_"),
}


def of_last(make, count):
    """The result of the last batches."""
    metric = make()
    for batch in BATCHES[-count:]:
        metric.update_state(*batch)
    return as_array(metric.result())


def counted(make, jit_compile=None):
    """A window of four batches after all of them; eagerly for None."""
    window = Window(make(), batches=4)
    eager = jit_compile is None
    update = window.update_state if eager else tf.function(window.update_state, jit_compile=jit_compile)
    for batch in BATCHES:
        update(*map(tf.constant, batch))
    return as_array(window.result())


@pytest.mark.parametrize("make", METRICS.values(), ids=METRICS)
def test_it_is_the_score_of_the_last_batches(make):
    np.testing.assert_array_equal(counted(make), of_last(make, 4))


@pytest.mark.parametrize("jit_compile", [False, True], ids=["graph", "xla"])
def test_a_compiled_window_counts_as_an_eager_one(jit_compile):
    np.testing.assert_array_equal(counted(METRICS["AUROC"], jit_compile), of_last(METRICS["AUROC"], 4))


def test_a_window_that_is_not_full_and_one_after_a_reset_have_what_there_is():
    window = Window(F1Score(), batches=100)
    for _ in range(2):
        for batch in BATCHES:
            window.update_state(*batch)
        np.testing.assert_array_equal(window.result(), of_last(F1Score, 6))
        window.reset_state()
        assert window.metric.counts.total[0] == 0


def test_each_replica_keeps_its_own_batches():
    strategy = two_replicas()
    with strategy.scope():
        window = Window(Accuracy(3), batches=1)
        window.metric.build(3)

    @tf.function
    def step(y_true, y_pred):
        strategy.run(window.update_state, args=(y_true, y_pred))

    data = tf.data.Dataset.from_tensor_slices((Y_TRUE, Y_PRED)).batch(8)
    for part in strategy.experimental_distribute_dataset(data):
        step(*part)
    expected = Accuracy(3)
    expected.update_state(Y_TRUE[16:], Y_PRED[16:])
    assert window.result() == expected.result()


def test_it_is_saved_with_its_metric_and_compiles():
    window = Window(F1Score(average="weighted"), batches=3)
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(window))
    assert (again.name, again.batches, again.metric.average) == ("window_f1_score", 3, "weighted")
    model = keras.Sequential([keras.Input((3,)), keras.layers.Activation("linear")])
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=[Window(Accuracy(), batches=2)])
    logs = model.evaluate(Y_PRED, Y_TRUE, batch_size=4, verbose=0, return_dict=True)
    expected = Accuracy()
    expected.update_state(Y_TRUE[16:], Y_PRED[16:])
    assert logs["window_accuracy"] == expected.result()


def test_only_metrics_of_this_package_and_rings_of_some_size_are_taken():
    with pytest.raises(TypeError, match="`metric` must be a metric of fmnist_tf, got <"):
        Window(keras.metrics.AUC())
    with pytest.raises(ValueError, match=r"would take 1\.3 GB; pass fewer batches="):
        Window(AUROC(3), batches=3400).update_state(*BATCHES[0])
