"""`python -m benchmarks.ladder`: Blum and Hardt's attack on random labels, false announcements, cost of an epoch's end.

The attack: each submission is a random guess of n random labels. The attacker keeps the guesses that the leaderboard
called good and submits their majority, which fits the luck of the set and says nothing about other data. A leaderboard
that tells every score rises far above one half; the Ladder tells a new score only where it beats the last announced one
beyond the paired noise, so that the attacker learns nothing.

Source: Blum and Hardt, "The Ladder: a reliable leaderboard for machine learning competitions", ICML 2015, section 5.
"""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from fmnist_tf.intervals import Rules
from fmnist_tf.rows.steps import Ladder, Scoring

SIZE = 2000
SUBMISSIONS = (1, 5, 10, 25, 50, 100, 200, 400)
CHART = Path(__file__).parent / "pictures" / "ladder.png"
_FIELDS = [("id", np.int64), ("label", np.int64), ("predicted", np.int64), ("confidence", np.float64)]


def rows_of(label: np.ndarray, predicted: np.ndarray, confidence: np.ndarray | float = 1.0) -> np.ndarray:
    """Rows as a ScoreLogger keeps them."""
    rows = np.zeros(len(label), _FIELDS)
    rows["id"], rows["label"], rows["predicted"] = np.arange(len(label)), label, predicted
    rows["confidence"] = confidence
    return rows


# The attack


def attack(seed: int) -> tuple[list[float], list[float]]:
    """The best score on the leaderboard after each of SUBMISSIONS: of one that tells all, and of the Ladder."""
    rng = np.random.default_rng(seed)
    label = rng.integers(0, 2, SIZE)
    guesses = rng.integers(0, 2, (max(SUBMISSIONS), SIZE))
    told = (guesses == label).mean(axis=1)
    ladder = Ladder("accuracy")
    announced = [ladder.step(k, rows_of(label, guess), _SCORING)["announced"] for k, guess in enumerate(guesses)]
    return (
        [_after(label, guesses[:k], told[:k] > 0.5) for k in SUBMISSIONS],
        [_climbed(label, guesses[:k], np.array(announced[:k])) for k in SUBMISSIONS],
    )


def _majority(guesses: np.ndarray, kept: np.ndarray) -> np.ndarray:
    return (guesses[kept].mean(axis=0) > 0.5).astype(int) if kept.any() else guesses[0]


def _after(label: np.ndarray, guesses: np.ndarray, kept: np.ndarray) -> float:
    """The best score that a leaderboard shows which tells every score."""
    shown = [(guess == label).mean() for guess in (*guesses, _majority(guesses, kept))]
    return float(max(shown))


def _climbed(label: np.ndarray, guesses: np.ndarray, announced: np.ndarray) -> float:
    """The score that the Ladder shows after the majority of the announced guesses has been submitted."""
    last = int(np.flatnonzero(announced)[-1])
    ladder = Ladder("accuracy")
    for step, predicted in enumerate((guesses[last], _majority(guesses, announced))):
        ladder.step(step, rows_of(label, predicted), _SCORING)
    assert ladder.best_epoch is not None
    return float(ladder.history[ladder.best_epoch]["value"])


_SCORING = Scoring(2, Rules(True))


# False announcements


def count_false(score: str, runs: int, epochs: int = 10, size: int = 1000) -> tuple[float, float, float]:
    """Of runs whose epochs are all equally good: % of steps announced, announcements and "new bests" a run."""
    announced = bests = 0
    for seed in range(runs):
        ladder, values = Ladder(score), []
        for epoch, rows in enumerate(_equal_epochs(seed, epochs, size)):
            values.append(ladder.step(epoch, rows, Scoring(10, Rules(True)))["value"])
        announced += sum(entry["announced"] for entry in ladder.history) - 1
        bests += int(np.sum(np.diff(np.maximum.accumulate(values)) > 0))
    steps = runs * (epochs - 1)
    return 100 * announced / steps, announced / runs, bests / runs


def _equal_epochs(seed: int, epochs: int, size: int) -> list[np.ndarray]:
    """Epochs of 90 % accuracy that err together on seven rows in ten of the wrong ones."""
    rng = np.random.default_rng(seed)
    label, other = rng.integers(0, 10, (2, size))
    shared = rng.random(size) < 0.07
    wrong = [shared | (rng.random(size) < 0.03 / 0.93) for _ in range(epochs)]
    return [rows_of(label, np.where(of, (label + 1 + other % 9) % 10, label)) for of in wrong]


# The cost of an epoch's end


def time_steps(rounds: int) -> list[tuple[str, list[float]]]:
    """The comparison -> seconds of processor time at the end of an epoch of 10^4 and of 10^6 rows."""
    cases: dict[str, Callable[[int], tuple[Ladder, list[np.ndarray], Scoring]]] = {
        "macro F1, ten classes": lambda size: (Ladder("macro_f1"), _equal_epochs(0, 2, size), Scoring(10, Rules(True))),
        "macro F1, in groups of ten": lambda size: (
            Ladder("macro_f1", groups=np.arange(size) // 10),
            _equal_epochs(0, 2, size),
            Scoring(10, Rules(True)),
        ),
        "AUROC, one sigmoid": lambda size: (
            Ladder("auroc"),
            _sigmoid_epochs(size),
            Scoring(2, Rules(True, binary=True)),
        ),
    }
    return [(name, [_time(make(size), rounds) for size in (10**4, 10**6)]) for name, make in cases.items()]


def _sigmoid_epochs(size: int) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    label = rng.integers(0, 2, size)
    scores = 1 / (1 + np.exp(-(label - 0.5 + rng.normal(size=(2, size)))))
    return [rows_of(label, score > 0.5, np.maximum(score, 1 - score)) for score in scores]


def _time(case: tuple[Ladder, list[np.ndarray], Scoring], rounds: int) -> float:
    ladder, (first, second), scoring = case
    ladder.step(0, first, scoring)
    seconds = []
    for epoch in range(1, rounds + 1):
        begin = time.process_time()
        ladder.step(epoch, second, scoring)
        seconds.append(time.process_time() - begin)
        ladder.best_rows = first
    return float(np.median(seconds))


# Out


def draw_chart(told: np.ndarray, climbed: np.ndarray, path: Path) -> None:
    """The best score on either leaderboard, the mean of all seeds and their range."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 3.8), layout="constrained", dpi=110)
    axes = figure.add_subplot()
    for values, name, colour in ((told, "every score told", "#b5442e"), (climbed, "Ladder", "#2b6cb0")):
        axes.plot(SUBMISSIONS, values.mean(axis=0), marker="o", ms=4, color=colour, label=name)
        axes.fill_between(SUBMISSIONS, values.min(axis=0), values.max(axis=0), color=colour, alpha=0.15, lw=0)
    axes.axhline(0.5, color="0.4", lw=1, ls="--", label="truth")
    axes.set(xscale="log", xlabel="submissions", ylabel=f"best accuracy shown, {SIZE:,} random labels")
    axes.legend(frameon=False)
    figure.savefig(path)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser("python -m benchmarks.ladder", description="The Ladder: attack, errors, cost.")
    parser.add_argument("--seeds", type=int, default=5, help="attacks")
    parser.add_argument("--runs", type=int, default=200, help="runs of ten equal epochs")
    parser.add_argument("--rounds", type=int, default=5, help="timed epochs")
    parser.add_argument("--chart", type=Path, default=CHART, help="where to draw the attack")
    given = parser.parse_args(arguments)
    told, climbed = (np.array(side) for side in zip(*map(attack, range(given.seeds)), strict=True))
    draw_chart(told, climbed, given.chart)
    print("| submissions | every score told | Ladder |\n|--:|--:|--:|")
    for k, naive, safe in zip(SUBMISSIONS, told.mean(axis=0), climbed.mean(axis=0), strict=True):
        print(f"| {k} | {naive:.3f} | {safe:.3f} |")
    print("\n| score | steps announced, % | announcements a run | new bests a run |\n|--|--:|--:|--:|", flush=True)
    for score in ("accuracy", "macro_f1", "matthews_correlation", "worst_recall"):
        share, announced, bests = count_false(score, given.runs)
        print(f"| {score} | {share:.1f} | {announced:.2f} | {bests:.2f} |", flush=True)
    print("\n| what is compared | 10^4 rows, ms | 10^6 rows, ms |\n|--|--:|--:|", flush=True)
    for name, seconds in time_steps(given.rounds):
        print(f"| {name} | {' | '.join(f'{1000 * of:.0f}' for of in seconds)} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
