"""How cost grows: time against rows, classes and number of scores, with the slope fitted on logarithmic axes."""

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
import tensorflow as tf

from benchmarks import many_classes, streams
from benchmarks.models import MORE_SCORES
from benchmarks.timing import Contender, Measurement, contest
from fmnist_tf import ScoreSet

ROWS = [4**power for power in range(2, 11)]
CLASSES = [4**power for power in range(1, 11)]
SCORES = [1, 2, 4, 6, 8, 10]


def measure(quick: bool) -> list[Measurement]:
    rounds, step = (3, 2) if quick else (11, 1)
    return [
        *_curve("rows x 10 scores", ROWS[::step], lambda rows: streams.in_graph(*streams.batch(rows, 10)), rounds),
        *_curve("classes, of 4,096 class ids", CLASSES[::step], _of_classes, rounds),
        *_curve("scores of a set, in a step of 32 x 10", SCORES[::step], _of_scores, rounds),
    ]


def _of_classes(classes: int) -> Contender:
    return streams.class_ids(*many_classes.ids(4_096, classes), classes)


def _of_scores(number: int) -> Contender:
    metric = ScoreSet(10, scores=MORE_SCORES[:number])
    arrays = [tf.constant(array) for array in streams.batch(32, 10)]

    def step(y_true, y_pred):
        metric.update_state(y_true, y_pred)
        return metric.result()

    return Contender("fmnist_tf ScoreSet", streams.compiled(step, *arrays))


def _curve(axis: str, sizes: Iterable[int], make: Callable[[int], Contender], rounds: int) -> list[Measurement]:
    rows = []
    for size in sizes:
        rows += contest("growth", f"{size:,} {axis}", [make(size)], rounds=rounds, x=size, axis=axis)
    return [*rows[:-1], replace(rows[-1], note=slope(rows))]


def slope(rows: list[Measurement]) -> str:
    """The exponent of growth, over all sizes and over the three largest, where constant costs no longer hide it."""
    x, seconds = (np.log([getattr(row, name) for row in rows]) for name in ("x", "seconds"))
    return f"slope {np.polyfit(x, seconds, 1)[0]:.2f}, at the end {np.polyfit(x[-3:], seconds[-3:], 1)[0]:.2f}"
