"""`python -m benchmarks.coverage_rows`: which interval of a paired difference covers, for every score and form of rows.

Three intervals from the same table of (label, prediction of a, prediction of b): the jackknife, which `Paired` takes,
the gradient alone (delta), and the bootstrap of the table, its percentiles. Areas have the influence of each row in
place of the first two. The truth is that of a million samples. Delta and bootstrap see a share of the test sets alone.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

import numpy as np

from fmnist_tf.intervals import Paired, is_area, quantile
from fmnist_tf.intervals.inputs import read_score
from fmnist_tf.intervals.sample import cell_gradient, counts_of

_LARGE = 1_000_000
_BOOTSTRAPS = 400
_COUNTS = ("accuracy", "macro_f1", "matthews_correlation", "cohen_kappa", "recall/3", "worst_recall")
_AREAS = ("auroc", "average_precision")

Draw = Callable[[np.random.Generator, int], Paired]


class Setting(NamedTuple):
    """A form of rows, how to draw a test set of it, and the scores to look at."""

    form: str
    size: int
    draw: Draw
    scores: tuple[str, ...]


def _ids(rng: np.random.Generator, size: int, skew: float, accuracy: tuple[float, float]) -> tuple[np.ndarray, ...]:
    """Ten classes; both models are right or wrong together on seven samples in ten."""
    share = np.geomspace(1, 1 / skew, 10)
    true = rng.choice(10, size, p=share / share.sum())
    same, luck = rng.random(size) < 0.7, rng.random((2, size))
    other = rng.integers(1, 10, (2, size))
    luck[1], other[1] = np.where(same, luck[0], luck[1]), np.where(same, other[0], other[1])
    return true, *(np.where(luck[k] < accuracy[k], true, (true + other[k]) % 10) for k in (0, 1))


def draw_classes(skew: float, accuracy: tuple[float, float] = (0.9, 0.92)) -> Draw:
    return lambda rng, size: Paired(*_ids(rng, size, skew, accuracy), 10)


def draw_weighted(rng: np.random.Generator, size: int) -> Paired:
    """Weights that vary by a factor of ten or so."""
    return Paired(*_ids(rng, size, 1, (0.9, 0.92)), 10, sample_weight=rng.lognormal(0, 0.8, size))


def draw_groups(rng: np.random.Generator, size: int) -> Paired:
    """Groups of ten samples, in each of which both models have another accuracy."""
    groups = np.arange(size) // 10
    ease = rng.beta(9, 1, (groups[-1] + 1, 2))
    ease[:, 1] = 0.6 * ease[:, 0] + 0.4 * ease[:, 1] + 0.02 * (1 - ease[:, 0])
    true, other = rng.integers(0, 10, size), rng.integers(1, 10, size)
    a, b = (np.where(rng.random(size) < ease[groups, k], true, (true + other) % 10) for k in (0, 1))
    return Paired(true, a, b, 10, groups=groups)


def draw_sigmoid(rng: np.random.Generator, size: int, group: int = 1, spread: float = 0.0) -> Paired:
    """One binary column, a fifth yes; the scores of both models share a part of their noise, and so do groups."""
    true = (rng.random(size) < 0.2).astype(int)
    common = rng.normal(size=-(-size // group)).repeat(group)[:size]
    shared = common if group == 1 else 0.6 * common + 0.8 * rng.normal(size=size)
    scores = [
        gain * true + 0.8 * shared + 0.6 * noise
        for gain, noise in zip((1.8, 2.0), rng.normal(size=(2, size)), strict=True)
    ]
    ids = (true, *((score > 1).astype(int) for score in scores))
    return Paired(
        *ids,
        2,
        multiclass=False,
        probabilities=(scores[0], scores[1]),
        groups=None if group == 1 else np.arange(size) // group,
        sample_weight=rng.lognormal(0, spread, size) if spread else None,
    )


def draw_scores(rng: np.random.Generator, size: int, gains: tuple[float, float] = (1.8, 2.0)) -> Paired:
    """Five classes, the rarest a tenth as frequent as the most frequent, with scores of all of them."""
    share = np.geomspace(1, 0.1, 5)
    true = rng.choice(5, size, p=share / share.sum())
    shared = rng.normal(size=(size, 5))
    sides = [gain * np.eye(5)[true] + 0.8 * shared + 0.6 * rng.normal(size=(size, 5)) for gain in gains]
    a, b = (np.exp(side) / np.exp(side).sum(axis=1, keepdims=True) for side in sides)
    return Paired(true, a.argmax(axis=1), b.argmax(axis=1), 5, probabilities=(a, b))


def draw_columns(rng: np.random.Generator, size: int) -> Paired:
    """Five binary columns that depend on each other."""
    common = rng.normal(size=(size, 1))
    true = (0.6 * common + 0.8 * rng.normal(size=(size, 5)) > 0.5).astype(int)
    hard = rng.random((size, 1)) < 0.4
    luck = np.where(hard, rng.random((2, size, 1)), rng.random((2, size, 5)))
    luck[1] = np.where(rng.random((size, 1)) < 0.6, luck[0], luck[1])
    a, b = (true ^ (luck[k] < wrong) for k, wrong in ((0, 0.15), (1, 0.13)))
    return Paired(true, a, b, 5)


SETTINGS = (
    Setting("ten classes", 500, draw_classes(1), _COUNTS),
    Setting("ten classes", 2000, draw_classes(1), _COUNTS),
    Setting("ten classes, skew 30", 500, draw_classes(30), ("macro_f1", "matthews_correlation", "worst_recall")),
    Setting("ten classes, equal skill", 500, draw_classes(1, (0.9, 0.9)), ("macro_f1", "cohen_kappa")),
    Setting("ten classes, weights", 500, draw_weighted, ("accuracy", "macro_f1", "matthews_correlation")),
    Setting("ten classes, weights", 2000, draw_weighted, ("accuracy", "macro_f1")),
    Setting("20 groups of 10", 200, draw_groups, ("accuracy", "macro_f1")),
    Setting("50 groups of 10", 500, draw_groups, ("accuracy", "macro_f1", "matthews_correlation")),
    Setting("200 groups of 10", 2000, draw_groups, ("accuracy", "macro_f1", "matthews_correlation")),
    Setting("five columns", 500, draw_columns, ("macro_f1", "recall/3")),
    Setting("one sigmoid", 500, draw_sigmoid, ("f1_score",)),
    Setting("scores of one sigmoid", 500, draw_sigmoid, _AREAS),
    Setting("scores of one sigmoid", 2000, draw_sigmoid, _AREAS),
    Setting("scores of one sigmoid, weights", 500, partial(draw_sigmoid, spread=0.8), _AREAS),
    Setting("scores of one sigmoid, 50 groups of 10", 500, partial(draw_sigmoid, group=10), _AREAS),
    Setting("scores of five classes", 500, draw_scores, ("macro_auroc", "macro_average_precision")),
    Setting("scores of five classes", 2000, draw_scores, ("macro_auroc", "macro_average_precision")),
    Setting("scores of five classes, nearly perfect", 500, partial(draw_scores, gains=(6.0, 6.5)), ("macro_auroc",)),
)


def gradient_interval(pairs: Paired, score: str) -> tuple[float, float]:
    """The delta method: the gradient of both scores, without samples added."""
    function, _ = read_score(score, pairs.a.rules)
    value, effects = 0.0, np.zeros(len(pairs.units.times))
    for sample, side, sign in ((pairs.a, pairs.units.a, -1), (pairs.b, pairs.units.b, 1)):
        multiclass = sample.cells.ndim == 2
        value += sign * float(function(counts_of(sample.cells, multiclass)))
        gradient = cell_gradient(sample.cells, function, multiclass=multiclass)
        columns = (np.arange(side.shape[1]),) if side.ndim == 2 else ()
        found = gradient[(*columns, pairs.units.true, side)]
        effects += sign * pairs.units.totals(found if found.ndim == 1 else found.sum(axis=1))
    half = quantile(0.95) * np.sqrt(pairs.units.times @ effects**2)
    return value - half, value + half


def bootstrap_interval(pairs: Paired, score: str, rng: np.random.Generator) -> tuple[float, float]:
    """The percentiles of the difference of tables drawn again."""
    times = pairs.units.times
    draws = rng.multinomial(round(times.sum()), times / times.sum(), _BOOTSTRAPS).astype(float)
    function, _ = read_score(score, pairs.a.rules)
    values = []
    for side in (pairs.units.a, pairs.units.b):
        tables = np.tensordot(draws, pairs.units.tables(side, len(pairs.a.cells)), axes=1)
        values.append(function(counts_of(tables, multiclass=False)).numpy())
    low, high = np.quantile(values[1] - values[0], [0.025, 0.975])
    return low, high


def cover(setting: Setting, draws: int, others: int = 0) -> Iterator[tuple[str, list[tuple[float, float]]]]:
    """Score, and of each method the coverage in % and the mean width; delta and bootstrap of so many `others`."""
    rng = np.random.default_rng(0)
    large = setting.draw(rng, _LARGE)
    truths = {score: np.subtract(*large.values(score)[::-1]) for score in setting.scores}
    samples = [setting.draw(rng, setting.size) for _ in range(draws)]
    for score in setting.scores:
        ends = [[pairs.difference(score) for pairs in samples]]
        if others and not is_area(score):
            ends.append([gradient_interval(pairs, score) for pairs in samples[:others]])
            ends.append([bootstrap_interval(pairs, score, rng) for pairs in samples[:others]])
        yield score, [_judge(np.array(found), truths[score]) for found in ends]


def _judge(ends: np.ndarray, truth: float) -> tuple[float, float]:
    covered = (ends[:, 0] <= truth) & (truth <= ends[:, 1])
    return 100 * float(np.mean(covered)), float(np.mean(ends[:, 1] - ends[:, 0]))


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser("python -m benchmarks.coverage_rows", description=cover.__doc__)
    parser.add_argument("--draws", type=int, default=2000, help="test sets a setting")
    parser.add_argument("--others", type=int, default=0, help="of these the first, which delta and bootstrap see too")
    parser.add_argument("--rows", default="", help="the settings whose name contains this")
    options = parser.parse_args(arguments)
    print("| rows | n | score | default | delta | bootstrap |")
    print("|--|--:|--|--:|--:|--:|")
    for setting in SETTINGS:
        if options.rows not in setting.form:
            continue
        for score, found in cover(setting, options.draws, options.others):
            cells = [f"{share:.1f} ({width:.3f})" for share, width in found] + ["-"] * (3 - len(found))
            print(f"| {setting.form} | {setting.size:,} | {score} | {' | '.join(cells)} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
