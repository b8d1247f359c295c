"""`python -m benchmarks.coverage_paired`: how often the interval of a difference covers, two models on the same data.

Each of two models is right with its own probability; on a share of the samples both are right or both wrong. The truth
is that of two million samples. Beside each width stands that of independent test sets, which does not use the pairs.
"""

import argparse
import sys
from typing import NamedTuple

import numpy as np

from fmnist_tf.intervals import Paired, difference, value_of

SCORES = ("macro_f1", "accuracy")
_LARGE = 2_000_000


class Setting(NamedTuple):
    """Two simulated models and the size of the test set."""

    size: int
    num_classes: int
    accuracy: tuple[float, float]
    shared: float
    skew: float


SETTINGS = (
    Setting(200, 3, (0.95, 0.97), 0.8, 1),
    Setting(500, 10, (0.9, 0.92), 0.0, 1),
    Setting(500, 10, (0.9, 0.92), 0.7, 1),
    Setting(500, 10, (0.9, 0.9), 0.9, 1),
    Setting(2000, 10, (0.9, 0.92), 0.9, 1),
    Setting(500, 10, (0.9, 0.92), 0.7, 30),
    Setting(500, 10, (0.9, 0.92), 0.7, 100),
    Setting(500, 10, (0.98, 0.99), 0.9, 1),
)


def draw(setting: Setting, rng: np.random.Generator, size: int) -> Paired:
    """One test set with the predictions of both models."""
    classes = np.geomspace(1, 1 / setting.skew, setting.num_classes)
    true = rng.choice(setting.num_classes, size, p=classes / classes.sum())
    same, luck = rng.random(size) < setting.shared, rng.random((2, size))
    other = rng.integers(1, setting.num_classes, (2, size))
    luck[1], other[1] = np.where(same, luck[0], luck[1]), np.where(same, other[0], other[1])
    predictions = (
        np.where(luck[k] < setting.accuracy[k], true, (true + other[k]) % setting.num_classes) for k in (0, 1)
    )
    return Paired(true, *predictions, setting.num_classes)


def cover(setting: Setting, draws: int) -> dict[str, tuple[float, float, float]]:
    """Score -> coverage in %, mean width, and mean width of independent test sets."""
    rng = np.random.default_rng(0)
    large = draw(setting, rng, _LARGE)
    truth = {score: value_of(score, large.b.matrix) - value_of(score, large.a.matrix) for score in SCORES}
    samples = [draw(setting, rng, setting.size) for _ in range(draws)]
    found = {}
    for score in SCORES:
        ends = np.array([sample.difference(score) for sample in samples])
        alone = np.array([difference(sample.a.matrix, sample.b.matrix, score) for sample in samples[:50]])
        covered = np.mean((ends[:, 0] <= truth[score]) & (truth[score] <= ends[:, 1]))
        found[score] = 100 * float(covered), *(float(np.mean(pair[:, 1] - pair[:, 0])) for pair in (ends, alone))
    return found


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser("python -m benchmarks.coverage_paired", description=cover.__doc__)
    parser.add_argument("--draws", type=int, default=1000, help="test sets a setting")
    draws = parser.parse_args(arguments).draws
    print("| n | C | accuracies | shared | skew | macro F1 | independent | accuracy | independent |")
    print("|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
    for setting in SETTINGS:
        size, num_classes, (a, b), shared, skew = setting
        cells = [f"{share:.1f} ({width:.3f}) | ({wide:.3f})" for share, width, wide in cover(setting, draws).values()]
        print(f"| {size:,} | {num_classes} | {a:g}, {b:g} | {shared:g} | {skew:g} | {' | '.join(cells)} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
