"""Fits one model again and again with everything that could leave something behind, and prints the memory it takes.

    python benchmarks/memory_of_fits.py --fits 200
    python benchmarks/memory_of_fits.py --updates 1000000

With --updates metrics are updated eagerly instead, in batches of ten lengths, and reset now and then. Exits with 1
where the process has grown by more than 0.25 MiB a fit, or a thousand updates, after the first fifth of them.
"""

import argparse
import gc
import os
import sys
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

from fmnist_tf import CurveSet, ScoreLogger, ScoreSet

_MOST = 0.25


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fits", type=int, default=200)
    parser.add_argument("--updates", type=int, default=0)
    options = parser.parse_args()
    return watch(update, options.updates // 1000) if options.updates else watch(fit(), options.fits)


def fit() -> Callable[[], None]:
    """A function that fits the model once more."""
    x = np.random.default_rng(0).normal(size=(64, 8)).astype("float32")
    y = (x[:, 0] > 0).astype("int32") + (x[:, 1] > 0)
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(3, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=[ScoreSet(), CurveSet()])
    logger = ScoreLogger(data={"test": (x, y)}, verbose=0)
    return lambda: model.fit(x, y, verbose=0, callbacks=[logger])


UPDATED = (ScoreSet(3), CurveSet(num_bins=64))
BATCHES = [(np.arange(n) % 3, np.eye(3, dtype="float32")[np.arange(n) // 2 % 3]) for n in range(1, 11)]


def update() -> None:
    """A thousand updates."""
    for metric in UPDATED:
        for number in range(500):
            metric.update_state(*BATCHES[number % len(BATCHES)])
        metric.reset_state()


def watch(work: Callable[[], None], times: int) -> int:
    """Calls a function so many times; 1 if the process grows."""
    sizes = []
    for number in range(times):
        work()
        if number % max(times // 10, 1) == 0 or number == times - 1:
            gc.collect()
            sizes.append((number + 1, resident_mib()))
            print(f"after {number + 1}: {sizes[-1][1]:.0f} MiB", flush=True)
    first = next(size for size in sizes if size[0] > times // 5)
    growth = (sizes[-1][1] - first[1]) / (sizes[-1][0] - first[0])
    print(f"{growth:.4f} MiB each")
    return 1 if growth > _MOST else 0


def resident_mib() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    sys.exit(main())
