"""Several workers, real processes on loopback: they count and learn what one does; a loss is noticed, and resumed."""

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
import worker
from catalogue import NUM_CLASSES

from fmnist_tf import ConfusionMatrix, MacroF1, ScoreLogger, cli, fit_workers
from fmnist_tf.runs import INFO
from fmnist_tf.workers import join_workers
from fmnist_tf.workers.rollcall import Worker, call_roll
from fmnist_tf.workers.rollcall import _connect as connect

ROOT = Path(__file__).parent
COMMAND = [sys.executable, "-m", "fmnist_tf_cli", "train"]
SIZES = ["--train-size", "130", "--test-size", "65", "--epochs", "3"]
MINUTE = 60


def free_addresses(number=2):
    """Addresses on loopback that nobody listens on."""
    with_ports = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    addresses = [f"127.0.0.1:{server.getsockname()[1]}" for server in with_ports]
    for server in with_ports:
        server.close()
    return addresses


def start(line):
    return subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def start_command(folder, *arguments):
    """Two workers of the command; the second is given no folder."""
    workers = ["--workers", ",".join(free_addresses()), "--worker-index"]
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
        self.killed = *chief.communicate(timeout=MINUTE), chief.returncode
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
    addresses = ",".join(free_addresses())
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
    errors = [process.communicate(timeout=3 * MINUTE)[1] for process in own]
    assert [process.returncode for process in own] == [0, -signal.SIGKILL], errors
    return [json.loads((folder / f"{index}.json").read_text()) for index in (0, 1)]


@pytest.fixture(scope="module")
def command(started):
    started[1].join(timeout=4 * MINUTE)
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


def test_all_stop_when_one_asks_to(told):
    assert [theirs["stopped"] for theirs in told] == [1, 1]


def test_all_refuse_different_data(told):
    for theirs in told:
        assert theirs["other_data"].startswith("ValueError: the workers were given different data")


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
    return tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])


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


def test_a_model_from_outside_the_scope_is_refused():
    with pytest.raises(ValueError, match=r"made and compiled inside the strategy's scope\(\)"):
        fit_workers(worker.make_model(), (worker.X, worker.Y))


def test_a_loss_that_is_a_sum_is_refused(strategy):
    with strategy.scope():
        model = worker.make_model()
        model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(reduction="sum"))
    with pytest.raises(ValueError, match="losses must be means over the rows of a batch, got reduction='sum'"):
        fit_workers(model, (worker.X, worker.Y))


@pytest.mark.parametrize(
    ("rows", "batch_size", "told"),
    [(60, 0, "`batch_size` must be at least 1"), (59, 8, "arrays of the same length; .*59")],
)
def test_data_that_give_no_batches_are_refused(rows, batch_size, told, strategy):
    with strategy.scope():
        model = worker.make_model()
    with pytest.raises(ValueError, match=told):
        fit_workers(model, (worker.X[:60], worker.Y[:rows]), batch_size=batch_size)


# The roll call


def call(workers, place, said, timeout):
    try:
        call_roll(workers, place, timeout)
        said[place] = None
    except ConnectionError as error:
        said[place] = str(error)


def call_at_once(places, number=3, timeout=1.5):
    """What the workers that are there say."""
    workers = [Worker("worker", index, address) for index, address in enumerate(free_addresses(number))]
    said = {}
    threads = [threading.Thread(target=call, args=(workers, place, said, timeout)) for place in places]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return said, workers


def test_a_roll_call_ends_when_all_are_there():
    began = time.monotonic()
    assert call_at_once([2, 0, 1], timeout=30)[0] == {0: None, 1: None, 2: None}
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(("places", "missing"), [([0, 1], 2), ([1, 2], 0)])
def test_a_roll_call_names_who_is_missing(places, missing):
    said, workers = call_at_once(places)
    for place in places:
        assert said[place] == f"{workers[missing]} did not come up; start all workers within 2 seconds of each other"


def test_a_roll_call_forgets_who_has_left_and_ignores_strangers():
    workers = [Worker("worker", index, address) for index, address in enumerate(free_addresses(3))]
    said = {}
    chief = threading.Thread(target=call, args=(workers, 0, said, 1.5))
    chief.start()
    for words in (b"1 of 3\n", b"GET / HTTP/1.1\n", b"7 of 3\n"):
        with connect(workers[0], time.monotonic() + 1) as line:
            line.sendall(words)
            time.sleep(0.1)
    chief.join()
    assert said[0].startswith(f"{workers[1]}, {workers[2]} did not come up")


def test_a_port_that_is_taken_is_named():
    with socket.create_server(("", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(
            ConnectionError, match=rf"worker 0 \({address}\) could not be started: Address already in use"
        ):
            join_workers([address, *free_addresses(1)], 0)


@pytest.mark.parametrize(("addresses", "index"), [(["a:1", "b:1"], None), (["a:1", "b:1"], 2), (None, 0)])
def test_a_place_that_is_none_is_refused(addresses, index):
    with pytest.raises(ValueError, match="`index` must be the place of this worker among `addresses`"):
        join_workers(addresses, index)


# Arguments of the command


def task(kind="worker", index=0, **jobs):
    return json.dumps({"cluster": jobs, "task": {"type": kind, "index": index}})


PAIR = ["a:1", "b:2"]
BAD = {
    "--workers a:1": "--workers: must be two or more",
    "--workers a:1,b": "--workers: must be HOST:PORT with a port from 1 to 65535, got 'b'",
    "--workers a:1,b:0": "got 'b:0'",
    "--workers a:1,:2": "got ':2'",
    "--workers a:1,a:1": "--workers: must differ",
    "--workers a:1,b:2": "--workers and --worker-index: need each other",
    "--worker-index 0": "--workers and --worker-index: need each other",
    "--workers a:1,b:2 --worker-index 2": "--worker-index: must be from 0 to 1, got 2",
    "--workers a:1,b:2 --worker-index -1": "--worker-index: must be at least 0",
    "--workers a:1,b:2 --worker-index 0 --resume": "--resume: needs --out",
}
BAD_CONFIGS = [
    "{",
    "[]",
    '{"cluster": []}',
    '{"cluster": {"worker": ["a:1", "b:2"]}}',
    task(index=2, worker=PAIR),
    task(index="0", worker=PAIR),
    task("chief", worker=PAIR),
    task(ps=["c:3"], worker=PAIR),
    task(worker=["a:1", "b"]),
    task(worker=["a:1", 2]),
]


@pytest.mark.parametrize("line", BAD)
def test_bad_workers_are_one_line_and_status_2(line, capsys):
    assert cli.main(["train", *line.split()]) == 2
    error = capsys.readouterr().err
    assert BAD[line] in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("config", BAD_CONFIGS)
def test_a_bad_tf_config_is_one_line_and_status_2(config, monkeypatch, capsys):
    monkeypatch.setenv("TF_CONFIG", config)
    assert cli.main(["train"]) == 2
    error = capsys.readouterr().err
    assert "TF_CONFIG must be like" in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("config", "workers", "index"),
    [
        (task(index=1, worker=PAIR), PAIR, 1),
        (task("chief", 0, chief=["c:3"], worker=PAIR), ["c:3", *PAIR], 0),
        (task("worker", 1, chief=["c:3"], worker=PAIR), ["c:3", *PAIR], 2),
        (task(worker=["a:1"]), None, None),
        ("{}", None, None),
    ],
)
def test_tf_config_names_the_workers(config, workers, index, monkeypatch):
    monkeypatch.setenv("TF_CONFIG", config)
    arguments = cli.parse(["train"])
    assert (arguments.workers, arguments.worker_index) == (workers, index)
