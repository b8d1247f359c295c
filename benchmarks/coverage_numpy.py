"""`python -m benchmarks.coverage_numpy`: coverage of paired intervals from their formulas, in numpy alone.

The formulas of `Paired` for what needs no gradient of a table: the difference of accuracies, of samples and of groups;
AUROC and average precision by the influence of each sample; and the worst recall, whose interval is compared with the
bootstrap of the table. Hundreds of thousands of test sets take seconds, so that the standard error is small.
"""

import argparse
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from fmnist_tf.intervals.areas import auroc_effects, average_precision_effects
from fmnist_tf.intervals.proportions import student

_Z = 1.959964
_BOOTSTRAPS = 300


class Skill(NamedTuple):
    """The accuracies of two models, and the share of samples on which both are right or wrong together."""

    a: Any
    b: Any
    shared: float

    @property
    def cells(self) -> np.ndarray:
        """Probabilities of both right, a alone, b alone, none; (..., 4)."""
        a, b = np.asarray(self.a, float), np.asarray(self.b, float)
        same = [np.minimum(a, b), np.maximum(a - b, 0), np.maximum(b - a, 0), 1 - np.maximum(a, b)]
        alone = [a * b, a * (1 - b), (1 - a) * b, (1 - a) * (1 - b)]
        return np.stack([self.shared * x + (1 - self.shared) * y for x, y in zip(same, alone, strict=True)], axis=-1)


def of_accuracy(size: int, skill: Skill, draws: int) -> tuple[float, float]:
    """Coverage of the 95 % interval, and how often the Ladder announces b though it is no better than it was, in %."""
    cells = np.random.default_rng(0).multinomial(size, skill.cells, draws)
    broken, fixed = cells[:, 1], cells[:, 2]
    error = (fixed - broken) / size - (skill.b - skill.a)
    jackknife = (broken + fixed - (fixed - broken) ** 2 / size) / (size * (size - 1))
    floor = (broken + fixed + 1 - (fixed - broken) ** 2 / (size + 2)) / (size + 2) ** 2
    sd = np.sqrt(np.maximum(jackknife, floor))
    return 100 * float(np.mean(np.abs(error) <= _Z * sd)), 100 * float(np.mean(error > 1.644854 * sd))


def of_groups(groups: int, draws: int) -> float:
    """Coverage in % for accuracy, of groups of ten samples, each with a separate accuracy for both models."""
    rng = np.random.default_rng(0)
    ease = rng.beta(9, 1, (draws, groups, 1))
    skill = Skill(ease, 0.6 * ease + 0.4 * rng.beta(9, 1, ease.shape), 0.5)
    cells = np.array(rng.multinomial(10, skill.cells[..., 0, :]))
    gain = (cells[..., 2] - cells[..., 1]) / (10 * groups)
    sd = np.sqrt(groups / (groups - 1) * np.sum((gain - gain.mean(axis=1, keepdims=True)) ** 2, axis=1))
    return 100 * float(np.mean(np.abs(gain.sum(axis=1)) <= student(0.95, groups - 1) * sd))


def of_area(effects_of: Any, size: int, draws: int) -> float:
    """Coverage for an area of one sigmoid with a fifth yes, in %; the truth is that of a million samples."""
    rng = np.random.default_rng(0)
    true, *scores = _sigmoids(rng, 1_000_000)
    truth = np.subtract(*(_area(effects_of, true, score)[0] for score in scores[::-1]))
    covered = 0
    for _ in range(draws):
        true, *scores = _sigmoids(rng, size)
        (a, of_a), (b, of_b) = (_area(effects_of, true, score) for score in scores)
        sd = np.sqrt(size / (size - 1) * np.sum((of_b - of_a) ** 2))
        covered += abs(b - a - truth) <= _Z * sd
    return 100 * covered / draws


def _sigmoids(rng: np.random.Generator, size: int) -> tuple[np.ndarray, ...]:
    true, shared = rng.random(size) < 0.2, rng.normal(size=size)
    return true, *(gain * true + 0.8 * shared + 0.6 * rng.normal(size=size) for gain in (1.8, 2.0))


def _area(effects_of: Any, true: np.ndarray, score: np.ndarray) -> tuple[float, np.ndarray]:
    order = np.argsort(score)
    positives = true[order].astype(float)
    value, of_negative, of_positive = effects_of(1 - positives, positives)
    effects = np.empty(len(true))
    effects[order] = np.where(positives > 0, of_positive, of_negative)
    return value, effects


def of_worst(size: int, skill: Skill, draws: int) -> tuple[float, float]:
    """Coverage for the worst recall of ten classes of one size, of the gradient and of the bootstrap, in %."""
    rng = np.random.default_rng(0)
    tables = rng.multinomial(size, (skill.cells / 10).ravel(), draws).reshape(draws, 10, 4)
    truth = np.min(skill.b) - np.min(skill.a)
    hits = np.array([_worst_hits(rng, table, truth) for table in tables])
    return 100 * float(hits[:, 0].mean()), 100 * float(hits[:, 1].mean())


def _worst_hits(rng: np.random.Generator, table: np.ndarray, truth: float) -> tuple[bool, bool]:
    (recall_a, recall_b), support = _recalls(table), table.sum(axis=-1)
    a, b = int(recall_a.argmin()), int(recall_b.argmin())
    value = recall_b[b] - recall_a[a]
    variance = sum(r * (1 - r) / n for r, n in ((recall_a[a], support[a]), (recall_b[b], support[b])))
    if a == b:
        broken, fixed = table[a, 1], table[a, 2]
        variance = (broken + fixed + 0.5 - (fixed - broken) ** 2 / support[a]) / support[a] ** 2
    drawn = rng.multinomial(table.sum(), table.ravel() / table.sum(), _BOOTSTRAPS).reshape(-1, *table.shape)
    again_a, again_b = _recalls(drawn)
    low, high = np.quantile(again_b.min(axis=-1) - again_a.min(axis=-1), [0.025, 0.975])
    return bool(abs(value - truth) <= _Z * np.sqrt(variance)), bool(min(low, value) <= truth <= max(high, value))


def _recalls(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    support = np.maximum(table.sum(axis=-1), 1)
    return (table[..., 0] + table[..., 1]) / support, (table[..., 0] + table[..., 2]) / support


ACCURACIES = (
    (500, Skill(0.9, 0.92, 0.7)),
    (500, Skill(0.9, 0.92, 0.0)),
    (500, Skill(0.9, 0.9, 0.9)),
    (500, Skill(0.8, 0.82, 0.7)),
    (500, Skill(0.95, 0.97, 0.8)),
    (500, Skill(0.98, 0.99, 0.9)),
    (1000, Skill(0.9, 0.9, 0.7)),
    (2000, Skill(0.9, 0.92, 0.9)),
    (10_000, Skill(0.92, 0.92, 0.8)),
)
_FLAT, _ONE = np.full(10, 0.92), np.array([0.95] * 9 + [0.7])
WORST = (
    ("all classes alike", Skill(_FLAT - 0.02, _FLAT, 0.7)),
    ("one class worst for both", Skill(_ONE, _ONE + 0.05 * (_ONE < 0.9), 0.7)),
    ("from 0.70 to 0.97", Skill(np.linspace(0.7, 0.97, 10), np.linspace(0.74, 0.97, 10), 0.7)),
    ("one class worst for a, all alike for b", Skill(_ONE - 0.03 * (_ONE > 0.9), _FLAT, 0.7)),
)


def _lines(draws: int) -> Iterator[str]:
    yield "| n | accuracies | shared | coverage | announced though no better |\n|--:|--:|--:|--:|--:|"
    for size, skill in ACCURACIES:
        covered, false = of_accuracy(size, skill, 100 * draws)
        yield f"| {size:,} | {skill.a:g}, {skill.b:g} | {skill.shared:g} | {covered:.1f} | {false:.1f} |"
    yield "\n| rows | n | score | coverage |\n|--|--:|--|--:|"
    for groups in (20, 50, 200):
        yield f"| {groups} groups of 10 | {10 * groups:,} | accuracy | {of_groups(groups, 10 * draws):.1f} |"
    for name, effects_of in (("AUROC", auroc_effects), ("average precision", average_precision_effects)):
        for size in (500, 2000):
            yield f"| one sigmoid | {size:,} | {name} | {of_area(effects_of, size, draws):.1f} |"
    yield "\n| recalls of ten classes | n | gradient | bootstrap |\n|--|--:|--:|--:|"
    for name, skill in WORST:
        gradient, bootstrap = of_worst(2000, skill, draws // 4)
        yield f"| {name} | 2,000 | {gradient:.1f} | {bootstrap:.1f} |"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser("python -m benchmarks.coverage_numpy", description=_lines.__doc__)
    parser.add_argument("--draws", type=int, default=2000, help="test sets of an area; more of what is faster")
    for line in _lines(parser.parse_args(arguments).draws):
        print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
