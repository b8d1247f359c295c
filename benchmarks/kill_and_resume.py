"""Kills training at random moments, resumes it, and compares each run with one that was left alone.

    python benchmarks/kill_and_resume.py --kills 20

Prints how many kills fell before the first epoch, between epochs and into the writing of files, and exits with 1 where
any number, matrix or weight differs.
"""

import argparse
import random
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import h5py
import numpy as np

COMMAND = [sys.executable, "-m", "fmnist_tf_cli", "train"]
TEXTS = ("history.json", "history.csv", "report.json", "report.txt", "confusion_matrix.csv", "run.json")


def main() -> int:
    arguments = parse()
    chance = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory() as folder:
        whole, seconds = Path(folder, "whole"), time.perf_counter()
        train(whole, arguments.epochs).wait()
        seconds = time.perf_counter() - seconds
        print(f"left alone: {arguments.epochs} epochs in {seconds:.1f} s", flush=True)
        kills = cycle = bad = 0
        while kills < arguments.kills:
            cycle += 1
            killed = Path(folder, f"killed-{cycle}")
            done = kill_until_finished(killed, arguments, chance, seconds, arguments.kills - kills)
            differing = compare(whole, killed)
            bad += bool(differing)
            kills += done
            seconds *= 1 if done else 0.8  # the machine was busier when they were measured
            print(
                f"run {cycle}: {done} kills; {'differs in ' + ', '.join(differing) if differing else 'identical'}",
                flush=True,
            )
    print(f"{kills} kills in {cycle} runs; {bad} runs differ")
    return 1 if bad else 0


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def train(folder: Path, epochs: int) -> subprocess.Popen:
    sizes = ["--train-size", "256", "--test-size", "256", "--epochs", str(epochs)]
    return subprocess.Popen(
        [*COMMAND, *sizes, "--resume", "--out", str(folder)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def kill_until_finished(folder: Path, arguments: argparse.Namespace, chance: random.Random, seconds: float, most: int):
    """How many times training was killed before it finished."""
    kills = 0
    while True:
        process = train(folder, arguments.epochs)
        try:
            process.wait(chance.uniform(0, seconds) if kills < most else None)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            kills += 1
            writing = ", while writing a file" if list(folder.glob(".writing-*")) else ""
            print(f"  killed with {epochs_in(folder)} epochs recorded{writing}", flush=True)
        else:
            return kills


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
