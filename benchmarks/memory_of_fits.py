"""Fits one model again and again with everything that could leave something behind, and prints the memory it takes.

    python benchmarks/memory_of_fits.py --fits 200

Exits with 1 where the process has grown by more than 0.25 MiB a fit after the first fifth of them.
"""

import argparse
import gc
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

from fmnist_tf import CurveSet, ScoreLogger, ScoreSet

_MOST = 0.25


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fits", type=int, default=200)
    fits = parser.parse_args().fits
    x = np.random.default_rng(0).normal(size=(64, 8)).astype("float32")
    y = (x[:, 0] > 0).astype("int32") + (x[:, 1] > 0)
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(3, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=[ScoreSet(), CurveSet()])
    logger = ScoreLogger(data={"test": (x, y)}, verbose=0)
    sizes = []
    for number in range(fits):
        model.fit(x, y, verbose=0, callbacks=[logger])
        if number % max(fits // 10, 1) == 0 or number == fits - 1:
            gc.collect()
            sizes.append((number + 1, resident_mib()))
            print(f"after {number + 1} fits: {sizes[-1][1]:.0f} MiB", flush=True)
    first = next(size for size in sizes if size[0] > fits // 5)
    growth = (sizes[-1][1] - first[1]) / (sizes[-1][0] - first[0])
    print(f"{growth:.3f} MiB a fit")
    return 1 if growth > _MOST else 0


def resident_mib() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    sys.exit(main())
