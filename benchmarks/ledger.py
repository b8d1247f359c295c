"""A ledger: the share of planted label errors that it finds, beside other signals; and what it adds to a train step.

`python -m benchmarks.ledger --out FILE` trains MiniVGG on the bundled 10,000 images with 10 % wrong labels, once for
each kind of noise and seed, appends a line of JSON to FILE after each run, and prints the table of all lines in FILE.
`python -m benchmarks --only ledger` measures the cost of a step for tables of several sizes.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import keras
import numpy as np

from benchmarks.models import tiny
from benchmarks.streams import BUILT_IN
from benchmarks.timing import Contender, Measurement, contest
from fmnist_tf import Ledger, accept_tags, load_fashion_mnist, mini_vgg, tag
from fmnist_tf.fashion_mnist.label_noise import plant_errors
from fmnist_tf.fashion_mnist.model import decaying_sgd

#: Labels that are read, as multiples of the number of wrong ones.
BUDGETS = (0.5, 1, 2)
#: What people take each class for: T-shirt and shirt, pullover and coat, sandal and sneaker, ...
CONFUSED = {0: 6, 1: 3, 2: 4, 3: 0, 4: 2, 5: 7, 6: 0, 7: 9, 8: 6, 9: 7}
NOISES = {"uniform": None, "class to class": CONFUSED}


class LastEpoch(Ledger):
    """A ledger of the last epoch alone, whose confidence is the probability behind that epoch's loss."""

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        """Forgets the epoch before."""
        self.reset()
        super().on_epoch_begin(epoch, logs)


class ExtraPass(keras.callbacks.Callback):
    """Predicts all rows once more after each epoch, and keeps the probabilities."""

    def __init__(self, x: np.ndarray, ledger: Ledger):
        super().__init__()
        self.x, self.ledger = x, ledger
        self.probabilities: list[np.ndarray] = []
        self.tables: list[np.ndarray] = []

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Reads the ledger, and passes over the data."""
        self.tables.append(self.ledger.table)
        self.probabilities.append(self.model.predict(self.x, batch_size=256, verbose=0))


def run(noise: str, seed: int, *, share: float, epochs: int, keep: Path | None = None) -> dict[str, Any]:
    """Trains once; the shares found by signal and budget."""
    (x, y), _ = load_fashion_mnist()
    noisy, wrong = plant_errors(y, share, 10, 1000 + seed, NOISES[noise])
    keras.utils.set_random_seed(seed)
    model = accept_tags(mini_vgg())
    model.compile(decaying_sgd(epochs), "sparse_categorical_crossentropy")
    ledger, last = Ledger(len(x)), LastEpoch(len(x))
    extra = ExtraPass(x, ledger)
    model.fit(*tag(x, noisy), batch_size=32, epochs=epochs, verbose=0, callbacks=[ledger, last, extra])
    if keep is not None:
        probabilities = np.stack(extra.probabilities).astype(np.float32)
        np.savez_compressed(keep, labels=noisy, wrong=wrong, tables=np.stack(extra.tables), probabilities=probabilities)
    found = {name: shares(signal, wrong) for name, signal in signals(ledger, last, extra, noisy).items()}
    by_epoch = [shares(table["margin"], wrong)[1] for table in extra.tables]
    return {"noise": noise, "seed": seed, "share": share, "epochs": epochs, "found": found, "by_epoch": by_epoch}


def signals(ledger: Ledger, last: Ledger, extra: ExtraPass, labels: np.ndarray) -> dict[str, np.ndarray]:
    """Numbers by row, low for a label that is probably wrong."""
    table = ledger.table
    margins = [margin(np.log(np.maximum(p, 1e-30)), labels) for p in extra.probabilities]
    return {
        "margin, mean of the run": table["margin"],
        "margin of one pass more an epoch, mean": np.mean(margins, axis=0),
        "probability of the label, mean of the run": table["confidence"],
        "loss of the last epoch": last.table["confidence"],
        "forgotten, or never learned": -np.where(table["first_learned"] < 0, np.inf, table["forgotten"]),
    }


def margin(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The score of the label less the largest other (N,)."""
    own = np.eye(scores.shape[1], dtype=bool)[labels]
    return scores[own] - np.where(own, -np.inf, scores).max(axis=1)


def shares(signal: np.ndarray, wrong: np.ndarray) -> list[float]:
    """The share of the wrong labels among the lowest ones, for each budget."""
    order = np.argsort(signal, kind="stable")
    return [float(np.isin(wrong, order[: round(budget * len(wrong))]).mean()) for budget in BUDGETS]


def show(runs: Sequence[dict[str, Any]]) -> None:
    """Prints mean, lowest and highest over seeds as a table of Markdown."""
    order = sorted(runs, key=lambda run: (-len(run["noise"]), run["share"], run["epochs"]), reverse=True)
    for kind, group in groupby(order, key=lambda run: (run["noise"], run["share"], run["epochs"])):
        same = list(group)
        print(f"\n{kind[0]}, {kind[1]:.0%} wrong, {kind[2]} epochs, {len(same)} seeds\n")
        print("| signal | " + " | ".join(f"budget {budget:g}" for budget in BUDGETS) + " |")
        print("|---|" + "--:|" * len(BUDGETS))
        for name in same[0]["found"]:
            found = np.array([run["found"][name] for run in same])
            cells = [f"{np.mean(c):.1%} ({min(c):.1%} to {max(c):.1%})" for c in found.T]
            print(f"| {name} | " + " | ".join(cells) + " |")
        print("by epoch:", np.mean([run["by_epoch"] for run in same], axis=0).round(3).tolist())


# The cost of a step


class Clock(keras.callbacks.Callback):
    """The seconds from the end of the first batch to the end of the last, without what happens once an epoch."""

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        """Notes the time."""
        self.began = time.perf_counter() if batch == 0 else self.began
        self.seconds = time.perf_counter() - self.began


def measure(quick: bool) -> list[Measurement]:
    steps, rounds = (200, 5) if quick else (500, 15)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(32 * steps, 8)).astype("float32")
    y = np.eye(10, dtype="float32")[rng.integers(0, 10, len(x))]
    sizes = {size: rng.permutation(size)[: len(x)] for size in (10**4, 10**6, 10**7)}
    sizes[10**4] = np.arange(len(x)) % 10**4  # as many distinct rows as there are
    contenders = [_steps("nothing", (x, y)), _steps(BUILT_IN, (x, y), [keras.metrics.F1Score("macro")])]
    for size, ids in sizes.items():
        rows = slice(0, min(len(x), size))
        contenders.append(_steps(f"Ledger of {size:,} rows", tag(x[rows], y[rows], ids=ids[rows]), size=size))
    # A run is a whole fit, so one of them makes a round.
    return contest("ledger", "tiny, a step of 32 rows", contenders, rounds=rounds, round_seconds=0, peer=BUILT_IN)


def _steps(name: str, data: tuple, metrics: Sequence = (), size: int | None = None) -> Contender:
    """The seconds of one step of fit."""
    keras.utils.set_random_seed(0)
    model, clock = accept_tags(tiny()), Clock()
    model.compile("sgd", "categorical_crossentropy", metrics=list(metrics))
    callbacks = [clock] if size is None else [Ledger(size), clock]

    def run() -> float:
        model.fit(*data, batch_size=32, shuffle=False, verbose=0, callbacks=callbacks)
        return clock.seconds / (len(data[0]) // 32 - 1)

    return Contender(name, run, self_timed=True)


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    for seed in range(options.seeds):
        for noise in options.noise or NOISES:
            keep = options.keep and options.keep / f"{noise.replace(' ', '_')}-{options.share:g}-{seed}.npz"
            found = run(noise, seed, share=options.share, epochs=options.epochs, keep=keep)
            with options.out.open("a") as file:
                file.write(json.dumps(found) + "\n")
    show([json.loads(line) for line in options.out.read_text().splitlines()])
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m benchmarks.ledger", description="Plants label errors and looks for them."
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="a line of JSON is appended for each run"
    )
    parser.add_argument("--seeds", type=int, default=5, metavar="N", help="seeds 0 to N - 1 (5)")
    parser.add_argument("--noise", action="append", choices=NOISES, help="the kinds of noise (all)")
    parser.add_argument("--share", type=float, default=0.1, help="of wrong labels (0.1)")
    parser.add_argument("--epochs", type=int, default=8, metavar="N", help="of MiniVGG (8)")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep the tables of each run here")
    return parser


if __name__ == "__main__":
    sys.exit(main())
