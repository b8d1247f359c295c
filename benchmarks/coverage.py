"""How often the intervals of `fmnist_tf.intervals` cover the true score, by simulation: coverage and mean width.

    python -m benchmarks.coverage                    the table of COVERAGE.md, about half an hour
    python -m benchmarks.coverage --draws 100        a rough one

A classifier is a matrix of probabilities; test sets are multinomial draws of it; an interval covers where the score of
the probabilities themselves lies inside. The default sees all test sets, the other methods a quarter of them.
"""

import argparse
import itertools
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from fmnist_tf.intervals import Interval, bootstrap, delta, interval, value_of

METHODS: dict[str, Callable[..., Interval | None]] = {
    "default": lambda matrix, score: interval(score, matrix),
    "delta, Wilson": delta,
    "delta, logit": lambda matrix, score: delta(matrix, score, scale="logit"),
    "delta, plain": lambda matrix, score: delta(matrix, score, scale="identity"),
    "bootstrap": lambda matrix, score: bootstrap(matrix, score, num_samples=500),
}
ACCURACIES = (0.7, 0.95)


class Setting(NamedTuple):
    """One simulated classifier and the size of its test set."""

    num_classes: int
    skew: float
    accuracy: float
    size: int

    @property
    def errors(self) -> float:
        """How many errors are expected."""
        return self.size * (1 - self.accuracy)

    def __str__(self) -> str:
        return f"{self.num_classes} | {self.skew:g} | {self.accuracy:g} | {self.size:,} | {self.errors:.0f}"


def settings() -> Iterator[Setting]:
    """C, the largest class over the smallest, accuracy, samples."""
    for values in itertools.product((2, 10), (1, 30), ACCURACIES, (50, 500, 5000)):
        yield Setting(*values)


def simulate(setting: Setting, rng: np.random.Generator) -> np.ndarray:
    """Probabilities (C, C): supports in geometric steps, errors spread unevenly over the other classes."""
    classes = setting.num_classes
    support = np.geomspace(1, 1 / setting.skew, classes)
    wrong = rng.dirichlet(np.ones(classes - 1), size=classes)
    rows = [np.insert((1 - setting.accuracy) * wrong[true], true, setting.accuracy) for true in range(classes)]
    return np.stack(rows) * (support / support.sum())[:, np.newaxis]


def cover(setting: Setting, score: str, draws: int, seed: int) -> dict[str, tuple[float, float]]:
    """Method -> coverage in % and mean width, each method on the same draws."""
    rng = np.random.default_rng(seed)
    probabilities = simulate(setting, rng)
    truth = value_of(score, probabilities)
    matrices = rng.multinomial(setting.size, probabilities.ravel(), size=draws).reshape(-1, *probabilities.shape)
    result = {}
    for name, method in METHODS.items():
        some = matrices if name == "default" else matrices[: max(draws // 4, 1)]
        low, high = np.array([method(matrix, score) for matrix in some]).T
        result[name] = 100 * float(np.mean((low <= truth) & (truth <= high))), float(np.mean(high - low))
    return result


def tabulate(score: str, draws: int, seed: int) -> None:
    """Prints the Markdown table of one score, a row as soon as it is known."""
    print(f"\n### {score}\n", flush=True)
    print("| C | skew | accuracy | n | errors | " + " | ".join(METHODS) + " |")
    print("|--:|--:|--:|--:|--:" + "|--:" * len(METHODS) + "|")
    for number, setting in enumerate(settings()):
        cells = [f"{share:.1f} ({width:.3f})" for share, width in cover(setting, score, draws, seed + number).values()]
        print(f"| {setting} | " + " | ".join(cells) + " |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scores", nargs="+", default=["macro_f1", "accuracy", "matthews_correlation"])
    parser.add_argument("--draws", type=int, default=2000, help="test sets a setting; only the default sees all")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    for score in arguments.scores:
        tabulate(score, arguments.draws, arguments.seed)


if __name__ == "__main__":
    main()
