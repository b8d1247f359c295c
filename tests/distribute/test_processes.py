"""Several workers, real processes on loopback: they count and learn what one does; a loss is noticed, and resumed."""

import json
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from fmnist_tf import ConfusionMatrix, ScoreLogger
from fmnist_tf.report.run_folder import INFO
from support import worker

pytestmark = pytest.mark.heavy

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
    """The notes of the two workers of `worker.py`; the second is dead then."""
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
