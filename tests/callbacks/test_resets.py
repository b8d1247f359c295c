"""ScoreLogger counts the rows of fit, all of them and no others, whichever callback evaluates in between."""

import ast
from itertools import groupby
from pathlib import Path
from typing import ClassVar

import keras
import numpy as np
import pytest

import fmnist_tf.callbacks
from fmnist_tf import AUROC, ScoreLogger, ScoreSet
from fmnist_tf.metrics.watch import open_watchers
from support.marks import heavy

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
        for _ in range(times if at is None or at == number else 0):
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
    heavy("on_train_batch_begin", 2),
    ("on_train_batch_end", 1),
    heavy("on_train_batch_end", 4),
    ("on_epoch_end", None),
]
VALIDATION_PLACES = [
    ("on_test_batch_begin", 0),
    ("on_test_begin", None),
    ("on_test_batch_end", None),
    ("on_test_end", None),
]


REFUSED = ("on_train_batch_begin", "on_test_batch_begin")


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize(("hook", "at"), [*PLACES, *(heavy(*place) for place in VALIDATION_PLACES)])
@pytest.mark.parametrize("built", [False, heavy(True)])
def test_an_evaluation_anywhere_leaves_both_counts_whole_or_is_refused(hook, at, first, built):
    logger, evaluates, model = quiet(), Evaluates(hook, at), compiled(ScoreSet())
    if built:
        model.evaluate(X[:7], Y[:7], verbose=0)
    callbacks, validation = [evaluates, logger] if first else [logger, evaluates], (X[:9], Y[:9])
    if hook in REFUSED and not first:
        with pytest.raises(ValueError, match=f"in {hook}.* after ScoreLogger; put it before ScoreLogger"):
            fit(*callbacks, model=model, validation_data=validation, epochs=1)
        return
    fit(*callbacks, model=model, validation_data=validation)
    assert supports(logger) == RIGHT
    assert supports(logger, "val") == [np.bincount(Y[:9]).tolist()] * 2


@pytest.mark.parametrize("hook", ["on_train_batch_begin", "on_train_batch_end"])
@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("at", [0, 2])
def test_a_batch_trained_in_a_hook_is_left_out_or_refused(hook, first, at):
    trains, logger = keras.callbacks.Callback(), quiet()
    setattr(trains, hook, lambda batch, logs=None: trains.model.train_on_batch(X[:7], Y[:7]) if batch == at else None)
    callbacks = [trains, logger] if first else [logger, trains]
    if hook == "on_train_batch_begin" and not first:
        with pytest.raises(ValueError, match="put it before ScoreLogger"):
            fit(*callbacks, epochs=1)  # in the second epoch the metric is known
        return
    fit(*callbacks)
    assert supports(logger) == RIGHT


@pytest.mark.parametrize("optimizer", [keras.optimizers.SGD(gradient_accumulation_steps=4), None])
def test_where_no_number_of_steps_tells_the_state_does(optimizer):
    model = compiled(ScoreSet())
    model.optimizer = optimizer or model.optimizer
    if optimizer is None:
        model.optimizer = keras.optimizers.LossScaleOptimizer(model.optimizer)
    logger = quiet()
    fit(Evaluates("on_train_batch_end", 1), logger, model=model)
    assert supports(logger) == RIGHT


@pytest.mark.parametrize("eagerly", [True, False])
def test_rows_of_an_earlier_compile_are_in_no_count(eagerly):
    metric, seen = ScoreSet(matrix=False, scores=("accuracy",)), []
    fit(model=compiled(metric), epochs=1)
    model, logger = compiled(metric, run_eagerly=eagerly), quiet()
    total = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(float(metric.counts.total[0])))
    fit(logger, total, model=model)
    assert supports(logger) == RIGHT
    assert seen == [70, 70]


def test_an_evaluation_after_a_fit_that_was_cut_off_is_no_error():
    def cut(batch, logs=None):
        raise KeyboardInterrupt

    logger, model = quiet(), compiled(ScoreSet())
    with pytest.raises(KeyboardInterrupt):
        fit(logger, keras.callbacks.LambdaCallback(on_train_batch_begin=cut), model=model)
    model.evaluate(X, Y, verbose=0)
    again = quiet()
    fit(again, model=model)
    assert supports(again) == RIGHT


def test_names_of_variables_and_functions_inside_of_keras_do_not_matter(monkeypatch):
    for name in ("fit", "evaluate", "test_on_batch"):
        function = getattr(keras.Model, name)
        function = getattr(function, "__wrapped__", function)
        code = function.__code__
        kept = code.co_argcount + code.co_kwonlyargcount
        names = tuple(f"renamed_{local}" for local in code.co_varnames[kept:])
        changed = code.replace(co_name="renamed", co_varnames=code.co_varnames[:kept] + names)
        monkeypatch.setattr(function, "__code__", changed)
    logger = quiet()
    fit(Evaluates("on_train_batch_end", 1), logger, validation_data=(X[:9], Y[:9]))
    assert supports(logger) == RIGHT


def test_no_callback_looks_at_frames():
    for path in Path(fmnist_tf.callbacks.__file__).parent.glob("*.py"):
        names = {getattr(node, "attr", getattr(node, "id", None)) for node in ast.walk(ast.parse(path.read_text()))}
        assert not names & {"_getframe", "currentframe", "f_locals", "f_back"}, path


@pytest.mark.parametrize("hook", ["on_test_batch_end", heavy("on_train_batch_end"), heavy("on_test_begin")])
@pytest.mark.parametrize("first", [True, False])
def test_a_batch_tested_in_a_hook_leaves_both_counts_whole(hook, first):
    tests, logger = keras.callbacks.Callback(), quiet()
    setattr(tests, hook, lambda batch=None, logs=None: tests.model.test_on_batch(X[:7], Y[:7]))
    fit(*([tests, logger] if first else [logger, tests]), validation_data=(X[:19], Y[:19]), validation_batch_size=8)
    assert supports(logger) == RIGHT
    assert supports(logger, "val") == [np.bincount(Y[:19]).tolist()] * 2


@pytest.mark.heavy
def test_the_scores_of_an_epoch_do_not_depend_on_an_evaluation():
    calm, disturbed = quiet(), quiet()
    fit(calm, model=compiled(ScoreSet(), AUROC()))
    fit(disturbed, Evaluates("on_train_batch_end", 1), model=compiled(ScoreSet(), AUROC()))
    assert disturbed.history == calm.history
    assert np.array_equal(disturbed.matrices["train"], calm.matrices["train"])
    ours, theirs = (logger.report("train").curves.distribution for logger in (disturbed, calm))
    assert np.array_equal(ours.weights, theirs.weights)


@pytest.mark.parametrize(
    ("hook", "at"), [("on_train_batch_end", 1), heavy("on_train_batch_end", 4), heavy("on_epoch_end", None)]
)
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
    fit(Evaluates("on_train_batch_begin", 1), logger, model=compiled(ScoreSet(), run_eagerly=True))
    assert supports(logger) == RIGHT


def test_logs_hold_the_scores_of_fit_where_an_evaluation_has_wiped_the_metric():
    logger = quiet()
    history = fit(Evaluates("on_train_batch_end", 1), logger)
    assert history.history["macro_f1"] == logger.history["macro_f1"]


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


def test_after_training_no_logger_is_told_of_resets():
    before = list(open_watchers)
    fit(quiet(), quiet())
    assert [watcher for watcher in open_watchers if watcher not in before] == []


class Told(AUROC):
    """Tells when its state is read."""

    read: ClassVar[list[str]] = []

    def state_dict(self):
        """As that of AUROC."""
        self.read.append(self.name)
        return super().state_dict()


def test_metrics_are_read_in_one_order_since_workers_read_together():
    names = [f"area_{k}" for k in range(8)]
    model = compiled(ScoreSet(live=()), *(Told(num_bins=8, name=name) for name in names))
    Told.read.clear()
    logger, other = ScoreLogger(verbose=0), Evaluates("on_train_batch_end", at=0)
    model.fit(X, Y, batch_size=35, epochs=1, verbose=0, callbacks=[logger, other])
    read = [name for name, _ in groupby(Told.read)]  # some are read twice
    blocks = [read[k : k + 8] for k in range(0, len(read), 8)]
    assert len(blocks) > 2
    assert all(block == names for block in blocks)
