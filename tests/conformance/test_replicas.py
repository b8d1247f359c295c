"""Two replicas count what one device counts, to the bit."""

import numpy as np
import pytest
import tensorflow as tf

from fmnist_tf.metrics import ConfusionMatrix, MacroF1
from support.catalogue import (
    ALL_METRICS,
    NUM_CLASSES,
    WAYS_OF_COUNTING,
    assert_same_state,
    fed,
    state_of,
    stream,
    tolerance_of,
    value_of,
)
from support.replicas import two_replicas

Y_TRUE, Y_PRED = stream(21)
WEIGHT = np.arange(21) % 3


@pytest.fixture(scope="module")
def strategy():
    return two_replicas()


def spread(strategy, batch=8):
    """The stream in batches of 8, 8 and 5: the last does not divide by two replicas."""
    dataset = tf.data.Dataset.from_tensor_slices((Y_TRUE, Y_PRED, WEIGHT)).batch(batch)
    return strategy.experimental_distribute_dataset(dataset)


def run(strategy, metrics, batch=8):
    """A loop of one's own: each replica counts its share."""

    @tf.function
    def step(y_true, y_pred, weight):
        def count(*rows):
            for metric in metrics:
                metric.update_state(*rows)

        strategy.run(count, (y_true, y_pred, weight))

    for rows in spread(strategy, batch):
        step(*rows)
    return metrics


@pytest.fixture(scope="module")
def counted(request, strategy):
    """The metrics of the cases that run, made inside the scope and fed by two replicas: number -> metric."""
    here = [item for item in request.session.items if item.path == request.node.path and hasattr(item, "callspec")]
    numbers = sorted(item.callspec.params["number"] for item in here if "number" in item.callspec.params)
    with strategy.scope():
        metrics = [ALL_METRICS[number][0](NUM_CLASSES, **ALL_METRICS[number][1]) for number in numbers]
    return dict(zip(numbers, run(strategy, metrics), strict=True))


@pytest.mark.parametrize(
    "number", [pytest.param(i, id=way.id, marks=way.marks) for i, way in enumerate(WAYS_OF_COUNTING)]
)
def test_two_replicas_count_as_one_device(counted, number):
    kind, kwargs = ALL_METRICS[number]
    alone = fed(kind(**kwargs), Y_TRUE, Y_PRED, WEIGHT)
    assert_same_state(counted[number], alone)
    np.testing.assert_allclose(value_of(counted[number]), value_of(alone), rtol=tolerance_of(alone))


@pytest.mark.parametrize("batch", [2, 7, 21])
def test_the_size_of_a_batch_does_not_matter(strategy, batch):
    with strategy.scope():
        metric = ConfusionMatrix(NUM_CLASSES)
    run(strategy, [metric], batch)
    np.testing.assert_array_equal(metric.matrix, fed(ConfusionMatrix(3), Y_TRUE, Y_PRED, WEIGHT).matrix)


@pytest.mark.parametrize("inside", [True, False])
def test_a_metric_may_be_made_lazily_in_the_first_step(strategy, inside):
    if inside:
        with strategy.scope():
            metric = MacroF1()
    else:
        metric = MacroF1()
    run(strategy, [metric])
    np.testing.assert_array_equal(state_of(metric), state_of(fed(MacroF1(), Y_TRUE, Y_PRED, WEIGHT)))


def test_updates_outside_of_run_are_kept(strategy):
    with strategy.scope():
        metric = ConfusionMatrix(NUM_CLASSES)
        fed(metric, Y_TRUE, Y_PRED)
    fed(run(strategy, [metric])[0], Y_TRUE, Y_PRED)
    weight = WEIGHT + 2
    np.testing.assert_array_equal(metric.matrix, fed(ConfusionMatrix(3), Y_TRUE, Y_PRED, weight).matrix)


def test_six_replicas_keep_whole_what_comes_from_outside_of_run():
    # Keras gives each a sixth, and the sum of six sixths of a count is not the count.
    six = tf.distribute.MirroredStrategy([f"CPU:{number}" for number in range(6)])
    with six.scope():
        metric = ConfusionMatrix(NUM_CLASSES)
        fed(metric, Y_TRUE, Y_PRED)
    alone = fed(ConfusionMatrix(3), Y_TRUE, Y_PRED)
    np.testing.assert_array_equal(metric.matrix, alone.matrix)
    metric.merge_state([metric, fed(alone, Y_TRUE[:8], Y_PRED[:8])])
    fed(fed(alone, Y_TRUE, Y_PRED), Y_TRUE, Y_PRED)
    np.testing.assert_array_equal(metric.matrix, alone.matrix)
    metric.load_state_dict(alone.state_dict())
    np.testing.assert_array_equal(metric.matrix, alone.matrix)


def test_bad_rows_of_replicas_are_counted_and_named(strategy):
    with strategy.scope():
        metric = MacroF1(2, ignore_class=[0])
    update = tf.function(lambda: strategy.run(metric.update_state, (tf.constant([1, 9]), tf.constant([1, 1]))))
    update()
    with pytest.raises(ValueError, match="macro_f1: 2 rows could not be counted"):
        metric.result()


def test_a_state_moves_from_one_device_to_two_and_back(strategy, tmp_path):
    alone = fed(MacroF1(NUM_CLASSES), Y_TRUE, Y_PRED)
    with strategy.scope():
        mirrored = MacroF1(NUM_CLASSES)
        path = tf.train.Checkpoint(v=alone.variables).save(tmp_path / "alone")
        tf.train.Checkpoint(v=mirrored.variables).restore(path).assert_consumed()
    np.testing.assert_array_equal(state_of(mirrored), state_of(alone))
    run(strategy, [mirrored])
    path = tf.train.Checkpoint(v=mirrored.variables).save(tmp_path / "mirrored")
    again = MacroF1(NUM_CLASSES)
    tf.train.Checkpoint(v=again.variables).restore(path).assert_consumed()
    np.testing.assert_array_equal(state_of(again), state_of(fed(alone, Y_TRUE, Y_PRED, WEIGHT)))


def test_a_state_dict_moves_between_devices(strategy):
    alone = fed(MacroF1(NUM_CLASSES), Y_TRUE, Y_PRED)
    with strategy.scope():
        mirrored = MacroF1(NUM_CLASSES)
        mirrored.load_state_dict(alone.state_dict())
    np.testing.assert_array_equal(state_of(mirrored), state_of(alone))
