"""ScoreLogger counts the rows of fit, all of them and no others, whoever evaluates in between."""

import keras
import numpy as np
import pytest

from fmnist_tf import AUROC, ScoreLogger, ScoreSet
from fmnist_tf.metrics.watch import open_watchers

X = np.random.default_rng(0).normal(size=(70, 8)).astype("float32")
Y = np.random.default_rng(1).integers(0, 3, 70)


def compiled(*metrics, **options):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(3, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=list(metrics), **options)
    return model


class Evaluates(keras.callbacks.Callback):
    """Evaluates seven rows of class 0 in one hook, where it is called with `at`, or always."""

    def __init__(self, hook, at=None, times=1):
        super().__init__()
        setattr(self, hook, lambda number=None, logs=None: self.evaluate(number, at, times))
        self.totals = []

    def evaluate(self, number, at, times):
        for _ in range(times if at in (None, number) else 0):
            self.model.evaluate(X[:7], np.zeros(7, int), verbose=0)
            counted = next(metric for metric in self.model.metrics[1].metrics if isinstance(metric, ScoreSet))
            self.totals.append(float(counted.counts.total[0]))


def fit(*callbacks, model=None, **options):
    model = model or compiled(ScoreSet())
    return model.fit(
        X, Y, **{"batch_size": 16, "epochs": 2, "verbose": 0, "shuffle": False, "callbacks": list(callbacks)} | options
    )


def quiet(*args, **options):
    return ScoreLogger(*args, verbose=0, **options)


def supports(logger, name="train"):
    return [counts.support.tolist() for counts in logger.counts[name]]


RIGHT = [np.bincount(Y).tolist()] * 2


def test_two_loggers_record_the_same():
    first, second = quiet(), quiet()
    fit(first, second)
    assert supports(first) == supports(second) == RIGHT
    assert first.history == second.history


PLACES = [
    ("on_epoch_begin", None),
    ("on_train_batch_begin", 0),
    ("on_train_batch_begin", 2),
    ("on_train_batch_end", 1),
    ("on_train_batch_end", 4),
    ("on_epoch_end", None),
]
VALIDATION_PLACES = [("on_test_begin", None), ("on_test_batch_end", None), ("on_test_end", None)]


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize(("hook", "at"), PLACES + VALIDATION_PLACES)
def test_an_evaluation_anywhere_leaves_both_counts_whole(hook, at, first):
    logger, evaluates = quiet(), Evaluates(hook, at)
    fit(*([evaluates, logger] if first else [logger, evaluates]), validation_data=(X[:9], Y[:9]))
    assert supports(logger) == RIGHT
    assert supports(logger, "val") == [np.bincount(Y[:9]).tolist()] * 2


@pytest.mark.parametrize("hook", ["on_train_batch_end", "on_test_batch_end", "on_test_begin"])
@pytest.mark.parametrize("first", [True, False])
def test_a_batch_tested_in_a_hook_leaves_both_counts_whole(hook, first):
    tests, logger = keras.callbacks.Callback(), quiet()
    setattr(tests, hook, lambda batch=None, logs=None: tests.model.test_on_batch(X[:7], Y[:7]))
    fit(*([tests, logger] if first else [logger, tests]), validation_data=(X[:19], Y[:19]), validation_batch_size=8)
    assert supports(logger) == RIGHT
    assert supports(logger, "val") == [np.bincount(Y[:19]).tolist()] * 2


def test_the_scores_of_an_epoch_do_not_depend_on_an_evaluation():
    calm, disturbed = quiet(), quiet()
    fit(calm, model=compiled(ScoreSet(), AUROC()))
    fit(disturbed, Evaluates("on_train_batch_end", 1), model=compiled(ScoreSet(), AUROC()))
    assert disturbed.history == calm.history
    assert np.array_equal(disturbed.matrices["train"], calm.matrices["train"])
    ours, theirs = (logger.report("train").curves.distribution for logger in (disturbed, calm))
    assert np.array_equal(ours.weights, theirs.weights)


@pytest.mark.parametrize(("hook", "at"), PLACES)
def test_the_scores_of_batches_do_not_depend_on_evaluations(hook, at):
    calm, disturbed = quiet(batch_interval=1), quiet(batch_interval=1)
    fit(calm)
    fit(disturbed, Evaluates(hook, at, times=2))
    assert disturbed.batches == calm.batches


def test_the_evaluation_leaves_its_rows_in_the_metric_for_whoever_asked():
    evaluates = Evaluates("on_train_batch_end", 1)
    fit(quiet(), evaluates)
    assert evaluates.totals == [7, 7]


def test_an_evaluation_in_eager_steps_changes_no_count():
    logger = quiet()
    fit(logger, Evaluates("on_train_batch_begin", 1), model=compiled(ScoreSet(), run_eagerly=True))
    assert supports(logger) == RIGHT


def test_an_evaluation_that_fails_leaves_the_counts_whole():
    class Fails(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            stop = keras.callbacks.LambdaCallback(on_test_batch_end=lambda batch, logs: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                self.model.evaluate(X[:7], Y[:7], verbose=0, callbacks=[stop])

    logger = quiet()
    fit(logger, Fails())
    assert supports(logger) == RIGHT


def test_a_metric_reset_by_hand_in_an_epoch_loses_no_row():
    logger = quiet()
    by_hand = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: logger.model.reset_metrics())
    fit(logger, by_hand)
    assert supports(logger) == RIGHT


def test_after_training_the_metric_tells_no_logger_of_resets():
    metric = ScoreSet()
    fit(quiet(), quiet(), model=compiled(metric))
    assert open_watchers == []
