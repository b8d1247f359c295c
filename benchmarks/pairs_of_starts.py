"""Starts two trainings into one folder at nearly the same time: one of them must train, alone, and the other refuse.

    python -m benchmarks.pairs_of_starts --pairs 24

The two have different seeds and lie up to half a second apart; every other pair resumes. Each folder is compared with
that of the same seed left alone. Exits with 1 where both have trained, neither has, or anything differs.
"""

import argparse
import multiprocessing
import random
import sys
import tempfile
import time
from multiprocessing.context import ForkProcess
from pathlib import Path

from benchmarks.kill_and_resume import compare, run, wait_for_all

#: Exit status of the one that trains, and of the one that finds the folder in use.
_TRAINED, _REFUSED = 0, 2


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=24)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as name:
        alone = [Path(name, f"alone-{seed}") for seed in (0, 1)]
        wait_for_all([start(folder, seed) for seed, folder in enumerate(alone)])
        outcomes = [try_pair(Path(name, f"pair-{k}"), alone, chance, resume=k % 2 == 1) for k in range(options.pairs)]
    print("\n".join(filter(None, outcomes)) or f"{options.pairs} pairs: one trained alone, the other refused")
    return 1 if any(outcomes) else 0


def try_pair(folder: Path, alone: list[Path], chance: random.Random, *, resume: bool) -> str | None:
    """Starts a pair; the fault, or None."""
    processes = []
    for seed in (0, 1):
        processes.append(start(folder, seed, resume=resume))
        time.sleep(chance.random() / 2)
    wait_for_all(processes)
    codes = [process.exitcode for process in processes]
    if sorted(map(str, codes)) != [str(_TRAINED), str(_REFUSED)]:
        return f"{folder.name}: exit statuses {codes}"
    differing = compare(alone[codes.index(_TRAINED)], folder)
    return f"{folder.name}: differs in {', '.join(differing)}" if differing else None


def start(folder: Path, seed: int, *, resume: bool = False) -> ForkProcess:
    """A training of two short epochs."""
    sizes = ["--train-size", "256", "--test-size", "256", "--epochs", "2", "--seed", str(seed)]
    line = ["train", *sizes, "--out", str(folder), *(["--resume"] if resume else [])]
    process = multiprocessing.get_context("fork").Process(target=run, args=(line,))
    process.start()
    return process


if __name__ == "__main__":
    sys.exit(main())
