"""Intervals of scores of entities: counts without true negatives."""

from typing import Any

import numpy as np
import tensorflow as tf

from fmnist_tf.counts import Counts
from fmnist_tf.intervals.choice import interval
from fmnist_tf.intervals.proportions import Interval, as_interval, wilson
from fmnist_tf.scores import Selection


def entity_interval(selection: Selection, counts: Counts, level: float, zero_division: float) -> Interval:
    """The interval of precision, recall or F1 of entities.

    Given tp + fp + fn, tp is binomial with the share J, and F1 is 2 J / (1 + J): its interval is the image of Wilson's.

    Args:
        selection: the score and its average, "micro", "macro", "weighted" or None.
        counts: tp, predicted and true entities of each type, (T,), which need not be whole; the total is tp + fp + fn.
        level: the probability of covering.
        zero_division: the value of 0/0.
    """
    if selection.average == "micro":
        counts = Counts(*(tf.reduce_sum(field) for field in counts))
    elif selection.average is not None:
        return _of_mean(selection, counts, level, zero_division)
    if selection.score.proportion:
        return wilson(*selection.score.fraction(counts), level)
    low, high = (np.asarray(end) for end in wilson(counts.tp, counts.total, level))
    return as_interval(2 * low / (1 + low), 2 * high / (1 + high))


def _of_mean(selection: Selection, counts: Counts, level: float, zero_division: float) -> Interval:
    """The mean over types, as over columns that depend on each other in any way; a type's true negatives are 0."""
    if len(counts.tp) == 1:
        found = entity_interval(selection._replace(average=None), counts, level, zero_division)
        return as_interval(found.low[0], found.high[0])
    cells = [np.zeros(len(counts.tp)), counts.fp, counts.fn, counts.tp]
    tables = np.stack(cells, axis=-1).reshape(-1, 2, 2)
    options: Any = {"zero_division": zero_division, "effective_total": float(np.max(counts.total))}
    found = interval(selection, tables, level=level, **options)
    assert found is not None
    return found
