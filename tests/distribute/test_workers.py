"""Several workers, real processes on loopback: they count and learn what one does; a loss is noticed, and resumed."""

import json
import signal
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from fmnist_tf import ConfusionMatrix, MacroF1, ScoreLogger, fit_workers
from fmnist_tf.report.run_folder import INFO
from support import worker
from support.catalogue import NUM_CLASSES
from support.replicas import two_replicas

ROOT = Path(__file__).parents[1] / "support"
COMMAND = [sys.executable, "-m", "fmnist_tf_cli", "train"]
SIZES = ["--train-size", "130", "--test-size", "65", "--epochs", "3"]
MINUTE = 60


def start(line):
    return subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def start_command(folder, *arguments):
    """Two workers of the command; the second is given no folder."""
    workers = ["--workers", ",".join(worker.free_addresses()), "--worker-index"]
    return [
        start([*COMMAND, *arguments, *workers, index, *out]) for index, out in (("0", ["--out", folder]), ("1", []))
    ]


class Scenario(threading.Thread):
    """The command on two workers, the second killed once an epoch is recorded; then both again with --resume."""

    def __init__(self, folder):
        super().__init__()
        self.folder, self.processes = folder, []
        self.start()

    def run(self):
        chief, other = self.processes = start_command(str(self.folder), *SIZES)
        info = self.folder / INFO
        while chief.poll() is None and not (info.exists() and '"num_epochs": 1' in info.read_text()):
            time.sleep(0.02)
        other.kill()
        self.killed = *chief.communicate(timeout=2 * MINUTE), chief.returncode
        self.before = self.val_macro_f1
        self.processes = start_command(str(self.folder), "--resume")
        self.resumed = [(process.communicate()[1], process.returncode) for process in self.processes]

    @property
    def val_macro_f1(self):
        return json.loads((self.folder / "history.json").read_text())["val_macro_f1"]


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    """Both pairs at the same time: most of what they do is to import TensorFlow."""
    folder = tmp_path_factory.mktemp("workers")
    addresses = ",".join(worker.free_addresses())
    own = [start([sys.executable, "worker.py", str(index), addresses, str(folder)]) for index in (0, 1)]
    command = Scenario(folder / "run")
    yield own, command, folder
    for process in (*own, *command.processes):
        process.kill()
    command.join()


@pytest.fixture(scope="module")
def told(started):
    """What the two workers of `worker.py` have written down; the second is dead then."""
    own, _, folder = started
    errors = [process.communicate(timeout=6 * MINUTE)[1] for process in own]
    assert [process.returncode for process in own] == [0, -signal.SIGKILL], errors
    return [json.loads((folder / f"{index}.json").read_text()) for index in (0, 1)]


@pytest.fixture(scope="module")
def command(started):
    started[1].join(timeout=7 * MINUTE)
    return started[1]


@pytest.fixture(scope="module")
def alone():
    """The model, history and matrices of fit in this process."""
    logger, model = ScoreLogger(verbose=0), worker.make_model()
    data = {"x": worker.X, "y": worker.Y, "sample_weight": worker.WEIGHT, "validation_data": (worker.X, worker.Y)}
    history = model.fit(**data, batch_size=16, epochs=2, shuffle=False, verbose=0, callbacks=[logger])
    return model, history.history, logger.matrices


def test_workers_learn_what_one_process_learns(told, alone):
    model, history, _ = alone
    for theirs in told:
        for ours, weights in zip(model.get_weights(), theirs["equal"]["weights"], strict=True):
            np.testing.assert_allclose(weights, ours, atol=2e-6)
        for name, values in history.items():
            np.testing.assert_allclose(theirs["equal"]["history"][name], values, atol=2e-6)


def test_workers_end_with_the_same_weights_to_the_bit(told):
    assert told[0]["equal"]["weights"] == told[1]["equal"]["weights"]
    assert told[0]["normalized"] == told[1]["normalized"]


def test_counts_of_workers_are_global_and_those_of_one_process(told, alone):
    for theirs in told:
        for name in ("train", "val"):
            np.testing.assert_array_equal(theirs["equal"]["matrices"][name], alone[2][name])
        np.testing.assert_array_equal(theirs["equal"]["matrices"]["more"], alone[2]["val"])


def test_counts_of_a_model_that_stands_still_are_the_same_to_the_bit(told):
    matrix = ConfusionMatrix(3)
    matrix.update_state(worker.Y, worker.make_model()(worker.X))
    for theirs in told:
        np.testing.assert_array_equal(theirs["frozen"]["train"], matrix.matrix)
        np.testing.assert_array_equal(theirs["frozen"]["evaluated"], matrix.matrix)


def test_only_the_chief_writes(told, started):
    folder = started[2]
    assert not (folder / "out-1").exists()
    assert not (folder / "1.csv").exists()
    assert len((folder / "0.csv").read_text().splitlines()) == 3
    assert {"m.keras", "history.jsonl", "matrices.npz", "report.txt"} <= {
        path.name for path in (folder / "out-0").iterdir()
    }


def test_the_ledger_of_each_worker_holds_the_rows_of_all(told):
    tables = [of_worker["ledgered"] for of_worker in told]
    assert tables[0] == tables[1]
    assert set(tables[0]["seen"]) == {2}
    assert tables[0]["label"] == worker.Y.tolist()
    p = np.log(worker.make_model(rate=0.0).predict(worker.X, verbose=0))
    own = np.eye(3, dtype=bool)[worker.Y]
    margin = p[own] - np.where(own, -np.inf, p).max(1)
    np.testing.assert_allclose(tables[0]["margin"], margin, rtol=1e-4, atol=1e-5)


def test_all_stop_when_one_asks_to(told):
    assert [theirs["stopped"] for theirs in told] == [1, 1]


def test_all_refuse_different_data(told):
    for theirs in told:
        assert theirs["other_data"].startswith("ValueError: the workers were given different data")


def test_all_refuse_different_weights_inputs_and_arguments(told):
    for theirs in told:
        data, same_data, arguments = theirs["other_weights"]
        assert data == same_data == theirs["other_data"]
        assert arguments.startswith("ValueError: the workers were given different arguments")


def test_all_refuse_a_bad_row_of_one(told):
    for theirs in told:
        assert theirs["bad_row"].startswith("ValueError: score_set: 1 rows could not be counted (1 x NaN score")


def test_the_others_name_a_worker_that_was_killed(told):
    assert told[0]["killed"].startswith("ConnectionError: worker 1 (127.0.0.1:")
    assert "has gone; start all workers again" in told[0]["killed"]


def test_a_killed_worker_of_the_command_stops_the_others_within_a_minute(command):
    output, error, status = command.killed
    assert (status, error.count("\n")) == (1, 1), error
    assert error.startswith("fmnist-tf: worker 1 (127.0.0.1:")
    assert "--resume" in output


def test_resumed_workers_go_on_at_the_last_finished_epoch(command):
    assert command.resumed == [("", 0), ("", 0)]
    assert command.val_macro_f1[: len(command.before)] == command.before
    with np.load(command.folder / "matrices.npz") as matrices:
        assert matrices["train"].sum(axis=(1, 2)).tolist() == [130] * 3
        assert matrices["val"].sum(axis=(1, 2)).tolist() == [65] * 3


# Replicas of one process


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


def test_hooks_come_as_in_fit(strategy):
    validation = worker.X[:9], worker.Y[:9]
    fit = keras.Model.fit
    expected = diary_of(fit, worker.make_model(), x=worker.X, y=worker.Y, validation_data=validation, verbose=0)
    with strategy.scope():
        model = worker.make_model()
    assert diary_of(fit_workers, model, data=(worker.X, worker.Y), validation_data=validation) == expected
    assert len(expected) == 2 + 2 * (2 + 2 * 5 + 4)


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
