"""Two starts of the command into one folder at the same time: one trains, the other says so, and nothing is mixed."""

import json
import os
import random
import subprocess
import sys
import time

import pytest

SIZES = ["--train-size", "64", "--test-size", "64", "--epochs", "1"]


def start(folder, seed, *options):
    line = [sys.executable, "-m", "fmnist_tf_cli", "train", *SIZES, "--seed", str(seed), "--out", str(folder), *options]
    return subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def attack(folder, pause, *options):
    """The seeds of those that ended well, and what the others said."""
    processes = {0: start(folder, 0, *options)}
    time.sleep(pause)
    processes[1] = start(folder, 1, *options)
    errors = {seed: process.communicate()[1] for seed, process in processes.items()}
    return [seed for seed, process in processes.items() if process.returncode == 0], "".join(errors.values())


@pytest.mark.heavy
@pytest.mark.parametrize("number", range(24))
def test_two_starts_into_one_folder_do_not_mix(number, tmp_path):
    option = (["--resume"], [])[number % 2]
    trained, told = attack(tmp_path / "run", random.Random(number).random() * 2, *option)
    assert len(trained) == 1
    assert told.count("\n") == 1
    assert "is in use by process" in told or "holds a run already" in told or "differs from the run's" in told
    info = json.loads((tmp_path / "run" / "run.json").read_text())
    assert (info["arguments"]["seed"], info["finished"]) == (trained[0], True)
    assert ".lock" not in os.listdir(tmp_path / "run")
