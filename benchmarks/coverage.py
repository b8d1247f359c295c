"""How often the intervals of `fmnist_tf.intervals` cover the true score, by simulation: coverage and mean width.

    python -m benchmarks.coverage                    the table of COVERAGE.md, some minutes
    python -m benchmarks.coverage --draws 400        a rough one

A classifier is a matrix of probabilities; test sets are multinomial draws of it; an interval covers where the score of
the probabilities themselves lies inside. The bootstrap sees one test set in twenty.
"""

import argparse
import itertools
import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from fmnist_tf.counts import Counts
from fmnist_tf.intervals import Interval, bootstrap, interval, value_of, wilson
from fmnist_tf.intervals.inputs import Function, Rules, is_undefined, read_score
from fmnist_tf.intervals.jackknife import interval_around_unbiased, leave_one_out
from fmnist_tf.intervals.proportions import interval_from_variance
from fmnist_tf.intervals.sample import counts_of, linearise

METHODS = ("default (jackknife)", "delta, Wilson", "delta, logit", "delta, plain", "bootstrap")
SCALES = ("wilson", "logit", "identity")
ACCURACIES = (0.7, 0.9, 0.96)


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
        return f"{self.num_classes} | {self.skew:g} | {self.accuracy:g} | {self.size:,} | {round(self.errors):,}"


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
    result, found = {}, _intervals(matrices.astype(np.float64), score)
    np.testing.assert_allclose([end[0] for end in found[METHODS[0]]], interval(score, matrices[0]))
    for method, (low, high) in found.items():
        result[method] = 100 * float(np.mean((low <= truth) & (truth <= high))), float(np.mean(high - low))
    return result


def _intervals(matrices: np.ndarray, score: str) -> dict[str, Interval]:
    """Intervals of each method for many matrices (B, C, C): the steps of `delta` and `jackknife`, one axis more."""
    function, bounds = read_score(score, Rules(multiclass=True))
    counts = counts_of(matrices, multiclass=True)
    values = function(counts).numpy()
    floor = linearise(matrices, function, multiclass=True)
    few = matrices[: max(len(matrices) // 20, 1)]
    default = interval_around_unbiased(values, *_leave_each_out(matrices, values, function), floor, bounds)
    undefined = is_undefined(score, counts, Rules(multiclass=True))
    return {
        METHODS[0]: Interval(*(np.where(undefined, *pair) for pair in zip(bounds, default, strict=True))),
        **{f"delta, {scale}": interval_from_variance(values, [floor], bounds, 0.95, scale) for scale in SCALES},
        "bootstrap": Interval(*np.transpose([bootstrap(matrix, score, num_samples=1000) for matrix in few])),
    }


def _leave_each_out(matrices: np.ndarray, values: np.ndarray, function: Function) -> tuple[np.ndarray, np.ndarray]:
    """Bias and variance (B,), from (B, C * C) scores without a sample of each cell."""
    num_classes = matrices.shape[-1]
    units = np.eye(num_classes**2).reshape(-1, num_classes, num_classes)
    parts = zip(*(counts_of(part, multiclass=True) for part in (matrices, units)), strict=True)
    without = Counts(*(tf.maximum(whole[:, tf.newaxis] - unit, 0.0) for whole, unit in parts))
    return leave_one_out(function(without).numpy(), values, matrices.reshape(len(matrices), -1))


def tabulate(score: str, draws: int, seed: int) -> None:
    """Prints the Markdown table of one score, a row as soon as it is known."""
    print(f"\n### {score}\n", flush=True)
    print("| C | skew | accuracy | n | errors | " + " | ".join(METHODS) + " |")
    print("|--:|--:|--:|--:|--:" + "|--:" * len(METHODS) + "|")
    for number, setting in enumerate(settings()):
        cells = [f"{share:.1f} ({width:.3f})" for share, width in cover(setting, score, draws, seed + number).values()]
        print(f"| {setting} | " + " | ".join(cells) + " |", flush=True)


def tabulate_accuracy() -> None:
    """Prints the coverage of accuracy, exactly: the number of right predictions is binomial, whatever the classes."""
    print("\n### accuracy (exact)\n")
    print("| accuracy | n | errors | default (Wilson) | value +- 1.96 sd |")
    print("|--:|--:|--:|--:|--:|")
    for accuracy, size in itertools.product((0.7, 0.9, 0.95, 0.98, 0.99, 0.999), (50, 500, 5000)):
        right = np.arange(size + 1)
        logs = [math.lgamma(size + 1) - math.lgamma(k + 1) - math.lgamma(size - k + 1) for k in right]
        chance = np.exp(np.array(logs) + right * math.log(accuracy) + (size - right) * math.log1p(-accuracy))
        half = 1.96 * np.sqrt(right * (size - right) / size**3)
        cells = [
            _exactly(accuracy, chance, *ends)
            for ends in (wilson(right, size), (right / size - half, right / size + half))
        ]
        print(f"| {accuracy:g} | {size:,} | {round(size * (1 - accuracy), 2):,g} | " + " | ".join(cells) + " |")


def _exactly(truth: float, chance: np.ndarray, low: np.ndarray, high: np.ndarray) -> str:
    covered = np.sum(chance[(low <= truth) & (truth <= high)])
    return f"{100 * covered:.1f} ({np.sum(chance * (high - low)):.3f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scores", nargs="+", default=["macro_f1", "matthews_correlation"])
    parser.add_argument("--draws", type=int, default=4000, help="test sets a setting")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    tabulate_accuracy()
    for score in arguments.scores:
        tabulate(score, arguments.draws, arguments.seed)


if __name__ == "__main__":
    main()
