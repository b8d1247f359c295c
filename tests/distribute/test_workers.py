"""Workers as replicas of one process: hooks, data that end, and what is refused. Processes: test_processes.py."""

import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf

from fmnist_tf import MacroF1, ScoreLogger, fit_workers
from support import worker
from support.catalogue import NUM_CLASSES
from support.replicas import two_replicas


@pytest.fixture(scope="module")
def strategy():
    return two_replicas()


class Diary(keras.callbacks.Callback):
    """Writes down every hook with the names of its logs."""

    def __init__(self):
        super().__init__()
        self.entries = []

    def __getattribute__(self, name):
        if name.startswith("on_") and "predict" not in name:
            return lambda *given, logs=None: self.entries.append((name, *map(self.describe, (*given, logs))))
        return super().__getattribute__(name)

    def describe(self, given):
        return sorted(given) if isinstance(given, dict) else given


def diary_of(fit, model, **settings):
    diary = Diary()
    fit(model, callbacks=[diary], epochs=2, batch_size=16, validation_batch_size=32, **settings)
    return diary.entries


@pytest.mark.heavy
def test_hooks_come_as_in_fit(strategy):
    validation = worker.X[:9], worker.Y[:9]
    fit = keras.Model.fit
    expected = diary_of(fit, worker.make_model(), x=worker.X, y=worker.Y, validation_data=validation, verbose=0)
    with strategy.scope():
        model = worker.make_model()
    assert diary_of(fit_workers, model, data=(worker.X, worker.Y), validation_data=validation) == expected
    assert len(expected) == 2 + 2 * (2 + 2 * 5 + 4)


@pytest.mark.heavy
def test_synchronized_normalization_learns_what_one_process_learns(strategy):
    alone = worker.make_model(keras.layers.BatchNormalization())
    alone.fit(worker.X, worker.Y, batch_size=16, shuffle=False, verbose=0)
    with strategy.scope():
        model = worker.make_model(keras.layers.BatchNormalization(synchronized=True))
    fit_workers(model, (worker.X, worker.Y), batch_size=16)
    for ours, theirs in zip(model.get_weights(), alone.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=2e-6)


def test_steps_of_an_epoch_go_on_where_the_last_have_ended(strategy):
    with strategy.scope():
        model = worker.make_model(rate=0.0)
        model.compile("sgd", "sparse_categorical_crossentropy", metrics=[MacroF1(NUM_CLASSES)])
    logger = ScoreLogger(verbose=0)
    batches = tf.data.Dataset.from_tensor_slices((worker.X, worker.Y)).batch(10)
    fit_workers(model, batches, epochs=2, steps_per_epoch=3, callbacks=[logger])
    supports = [np.bincount(worker.Y[part], minlength=3) for part in (slice(30), slice(30, 60))]
    np.testing.assert_array_equal([counts.support for counts in logger.counts["train"]], supports)


def learn(strategy, data, **settings):
    """The counts of each epoch of a model that does not learn, and the warnings on the way."""
    with strategy.scope():
        model = worker.make_model(rate=0.0)
        model.compile("sgd", "sparse_categorical_crossentropy", metrics=[MacroF1(NUM_CLASSES)])
    logger = ScoreLogger(verbose=0)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        history = fit_workers(model, data, callbacks=[logger], **settings).history
    told = [str(warning.message) for warning in caught if "the data ended" in str(warning.message)]
    return [float(counts.support.sum()) for counts in logger.counts["train"]], told, history


def test_data_that_end_within_an_epoch_end_it_with_a_warning_and_begin_anew(strategy):
    batches = tf.data.Dataset.from_tensor_slices((worker.X, worker.Y)).batch(16)
    rows, told, history = learn(strategy, batches, epochs=4, steps_per_epoch=3)
    assert rows == [48, 17, 48, 17]
    assert told == ["the data ended after 2 of 3 steps of an epoch"] * 2
    assert min(history["loss"]) > 0


class Pieces(keras.utils.PyDataset):
    """Batches of 13 rows, and how often an epoch has ended."""

    ended = 0

    def __len__(self):
        return 5

    def __getitem__(self, index):
        rows = slice(13 * index, 13 * (index + 1))
        return worker.X[rows], worker.Y[rows], worker.WEIGHT[rows]

    def on_epoch_end(self):
        self.ended += 1


def test_a_py_dataset_is_trained_on(strategy):
    data = Pieces()
    rows, *_ = learn(strategy, data, epochs=2)
    assert (rows, data.ended) == ([65, 65], 2)


def test_a_generator_is_a_type_error_and_not_read(strategy):
    with pytest.raises(TypeError, match=r"got generator; make a dataset of a generator by tf.data.Dataset"):
        learn(strategy, (pytest.fail("read") for _ in range(1)))


@pytest.mark.parametrize("data", [(worker.X[:0], worker.Y[:0]), tf.data.Dataset.range(0)])
def test_empty_data_are_refused(data, strategy):
    with pytest.raises(ValueError, match="`data` must hold one row or more, got none"):
        learn(strategy, data)


def test_a_model_from_outside_the_scope_is_refused():
    with pytest.raises(ValueError, match=r"made and compiled inside the strategy's scope\(\)"):
        fit_workers(worker.make_model(), (worker.X, worker.Y))


@pytest.mark.parametrize(
    ("rows", "batch_size", "told"),
    [(60, 0, "`batch_size` must be at least 1"), (59, 8, "arrays of the same length; .*59")],
)
def test_data_that_give_no_batches_are_refused(rows, batch_size, told, strategy):
    with strategy.scope():
        model = worker.make_model()
    with pytest.raises(ValueError, match=told):
        fit_workers(model, (worker.X[:60], worker.Y[:rows]), batch_size=batch_size)
