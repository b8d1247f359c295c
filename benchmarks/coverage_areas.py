"""`python -m benchmarks.coverage_areas`: how often the intervals of AUROC and average precision cover, by simulation.

Scores of negatives are normal around 0, those of positives around a distance that gives the AUROC asked for. The truth
is that of the two distributions at the share of positives of the set, by numerical integration. Every score has a
separate bin, so that binning plays no part.
"""

import argparse
import itertools
import math
from collections.abc import Callable, Iterator
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from fmnist_tf.intervals import Interval, areas

METHODS: dict[str, Callable[..., Interval]] = {"AUROC": areas.auroc, "average precision": areas.average_precision}
_NORMAL = NormalDist()
_GRID = np.linspace(-10.0, 15.0, 200_001)


class Setting(NamedTuple):
    """Two normal distributions of scores and the numbers drawn from each."""

    positives: int
    per_positive: int
    auroc: float

    @property
    def negatives(self) -> int:
        """How many negatives there are."""
        return self.positives * self.per_positive

    @property
    def distance(self) -> float:
        """Between the means: AUROC is the probability that a normal number of variance 2 is below it."""
        return math.sqrt(2) * _NORMAL.inv_cdf(self.auroc)

    def __str__(self) -> str:
        return f"{self.positives} | {self.negatives:,} | {self.auroc:g}"


def settings() -> Iterator[Setting]:
    """Positives, negatives for each, AUROC."""
    for values in itertools.product((10, 30, 100, 300), (1, 9), (0.7, 0.9, 0.97)):
        yield Setting(*values)


def truths(setting: Setting) -> dict[str, float]:
    """The two areas of the distributions themselves."""
    above = [1 - _cumulative(_GRID - mean) for mean in (0.0, setting.distance)]
    fpr, tpr = (np.append(share, 0.0) for share in above)
    precision = tpr[:-1] / np.maximum(tpr[:-1] + setting.per_positive * fpr[:-1], np.finfo(float).tiny)
    return {"AUROC": setting.auroc, "average precision": float(precision @ -np.diff(tpr))}


def _cumulative(values: np.ndarray) -> np.ndarray:
    """The cumulative normal distribution, from its density on the grid."""
    density = np.exp(-0.5 * values**2) / math.sqrt(2 * math.pi)
    return np.minimum(np.cumsum(density) * (values[1] - values[0]), 1.0)


def cover(setting: Setting, draws: int, seed: int) -> dict[str, tuple[float, float]]:
    """Score -> coverage in % and mean width, both on the same draws."""
    rng, truth = np.random.default_rng(seed), truths(setting)
    ends: dict[str, list[tuple[float, float]]] = {name: [] for name in METHODS}
    for _ in range(draws):
        labels, scores = _draw(setting, rng)
        ranked = labels[np.argsort(scores)]
        for name, method in METHODS.items():
            low, high = method([1 - ranked], [ranked])
            ends[name].append((float(low[0]), float(high[0])))
    return {name: _summary(np.array(found), truth[name]) for name, found in ends.items()}


def _draw(setting: Setting, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    labels = np.repeat([0, 1], [setting.negatives, setting.positives])
    return labels, rng.normal(size=len(labels)) + setting.distance * labels


def _summary(ends: np.ndarray, truth: float) -> tuple[float, float]:
    low, high = ends.T
    return 100 * float(np.mean((low <= truth) & (truth <= high))), float(np.mean(high - low))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=1000, help="test sets a setting")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    print("| positives | negatives | AUROC | " + " | ".join(METHODS) + " |")
    print("|--:|--:|--:" + "|--:" * len(METHODS) + "|")
    for number, setting in enumerate(settings()):
        found = cover(setting, arguments.draws, arguments.seed + number).values()
        print(f"| {setting} | " + " | ".join(f"{share:.1f} ({width:.3f})" for share, width in found) + " |", flush=True)


if __name__ == "__main__":
    main()
