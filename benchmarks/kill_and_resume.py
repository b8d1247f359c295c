"""Kills training in every part of a run, resumes it, and compares each run with one that was left alone.

    python benchmarks/kill_and_resume.py --kills 20
    python benchmarks/kill_and_resume.py --kills 20 --workers 2

The moments are spread evenly over the epochs, by what the run has recorded and not by the clock alone: after the epoch
aimed at has begun, a random share of an epoch later. Of several workers a random one is killed, and the others must
end by themselves. Prints where each kill fell, and exits with 1 where any number,
matrix or weight differs. Each training is the command `fmnist-tf train` in a separate process, forked from this one,
which has imported TensorFlow but not used it.
"""

import argparse
import multiprocessing
import os
import random
import socket
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from multiprocessing.context import ForkProcess
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import h5py
import numpy as np

from fmnist_tf import cli

_A_RUN = 4  # kills before a run may end
TEXTS = ("history.json", "history.csv", "report.json", "report.txt", "confusion_matrix.csv", "suspects.csv", "run.json")


def main() -> int:
    arguments = parse()
    chance = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder, "whole")
        seconds = time_epochs(whole, arguments)
        print(f"left alone: {arguments.epochs} epochs of {seconds:.2f} s", flush=True)
        kills = bad = 0
        for cycle, moments in enumerate(draw_moments(arguments, chance), 1):
            killed = Path(folder, f"killed-{cycle}")
            done = sum(kill_at(killed, arguments, moment, seconds, chance) for moment in moments)
            wait_for_all(train(killed, arguments))
            differing = compare(whole, killed)
            kills, bad = kills + done, bad + bool(differing)
            print(f"run {cycle}: {done} kills; {'differs in ' + ', '.join(differing) if differing else 'identical'}")
    print(f"{kills} kills in {cycle} runs; {bad} runs differ")
    return 1 if bad else 0


def draw_moments(arguments: argparse.Namespace, chance: random.Random) -> list[list[float]]:
    """For each run, in rising order, after how many epochs to kill it: together evenly from 0 to the last."""
    width = arguments.epochs / arguments.kills
    moments = [(number + chance.random()) * width for number in range(arguments.kills)]
    chance.shuffle(moments)
    return [sorted(moments[first : first + _A_RUN]) for first in range(0, len(moments), _A_RUN)]


def time_epochs(folder: Path, arguments: argparse.Namespace) -> float:
    """Trains to the end, and returns the seconds of an epoch, the first apart."""
    chief, *others = train(folder, arguments)
    wait_until(lambda: epochs_in(folder) >= 1, chief)
    began = time.perf_counter()
    wait_until(lambda: epochs_in(folder) >= arguments.epochs, chief)
    wait_for_all([chief, *others])
    return (time.perf_counter() - began) / (arguments.epochs - 1)


def kill_at(folder: Path, arguments: argparse.Namespace, moment: float, seconds: float, chance: random.Random) -> bool:
    """Trains until so many epochs and the share of one have passed, and kills; False if it ended before."""
    began = time.time_ns()
    processes = train(folder, arguments)
    wait_until(lambda: has_begun(folder, began) and epochs_in(folder) >= int(moment), processes[0])
    processes[0].join(moment % 1 * seconds)
    if processes[0].exitcode is not None:
        wait_for_all(processes)
        return False
    chance.choice(processes).kill()
    wait_for_all(processes)
    writing = ", while writing a file" if list(folder.glob(".writing-*")) else ""
    print(f"  aimed at {moment:.2f} epochs, killed with {epochs_in(folder)} recorded{writing}", flush=True)
    return True


def wait_for_all(processes: list[ForkProcess]) -> None:
    """Raises TimeoutError where one is stuck."""
    for process in processes:
        process.join(600)
        if process.exitcode is None:
            raise TimeoutError(f"process {process.pid} is stuck")


def has_begun(folder: Path, since: int) -> bool:
    """Whether training has begun, or gone on, after this time."""
    path = folder / "run.json"
    return path.exists() and path.stat().st_mtime_ns > since


def wait_until(condition: Callable[[], bool], process: ForkProcess) -> None:
    while not condition() and process.exitcode is None:
        time.sleep(0.01)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=1)
    return parser.parse_args()


def train(folder: Path, arguments: argparse.Namespace) -> list[ForkProcess]:
    """The processes of a run, the chief first."""
    sizes = ["--train-size", "256", "--test-size", "256", "--epochs", str(arguments.epochs)]
    line = ["train", *sizes, "--resume"]
    lines = [[*line, "--out", str(folder)]]
    if arguments.workers > 1:
        together = ["--workers", ",".join(free_addresses(arguments.workers)), "--worker-index"]
        lines = [[*lines[0], *together, "0"], *([*line, *together, str(n)] for n in range(1, arguments.workers))]
    processes = [multiprocessing.get_context("fork").Process(target=run, args=(line,)) for line in lines]
    for process in processes:
        process.start()
    return processes


def run(line: list[str]) -> None:
    """The command, in silence."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    sys.exit(cli.main(line))


def free_addresses(number: int) -> list[str]:
    """Addresses on loopback on which nothing listens."""
    servers = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    addresses = [f"127.0.0.1:{server.getsockname()[1]}" for server in servers]
    for server in servers:
        server.close()
    return addresses


def epochs_in(folder: Path) -> int:
    path = folder / "history.csv"
    return max(len(path.read_text().splitlines()) - 1, 0) if path.exists() else 0


def compare(whole: Path, killed: Path) -> list[str]:
    """The files that differ."""
    differing = [name for name in TEXTS if (whole / name).read_bytes() != (killed / name).read_bytes()]
    with np.load(whole / "matrices.npz") as ours, np.load(killed / "matrices.npz") as theirs:
        differing += [f"matrices.npz {name}" for name in ours if not np.array_equal(ours[name], theirs[name])]
    ours, theirs = weights(whole), weights(killed)
    same = ours.keys() == theirs.keys() and all(np.array_equal(ours[name], theirs[name]) for name in ours)
    return differing if same else [*differing, "model.keras"]


def weights(folder: Path) -> dict[str, np.ndarray]:
    """Every array of model.keras by its path."""
    arrays = {}

    def add(name: str, item: h5py.Group | h5py.Dataset) -> None:
        if isinstance(item, h5py.Dataset):
            arrays[name] = item[()]

    with zipfile.ZipFile(folder / "model.keras") as archive, archive.open("model.weights.h5") as content:
        h5py.File(content).visititems(add)
    return arrays


if __name__ == "__main__":
    sys.exit(main())
