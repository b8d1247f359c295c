"""Which interval a score gets, and the interval of a difference."""

from typing import Any

import numpy as np

from fmnist_tf.counts import Counts
from fmnist_tf.intervals.inputs import ScoreLike, as_counts, is_whole, resolve_multiclass, select, value_of
from fmnist_tf.intervals.jackknife import jackknife, jackknife_classes
from fmnist_tf.intervals.proportions import Interval, as_interval, combine, wilson
from fmnist_tf.intervals.sample import Sample
from fmnist_tf.scores import Score, Selection


def interval(
    score: ScoreLike,
    matrix_or_counts: Any,
    *,
    multiclass: bool | None = None,
    level: float = 0.95,
) -> Interval | None:
    """The interval of a score by the method that covers best: Wilson's for a proportion, else the jackknife.

    Args:
        score: a name such as "macro_f1", or a `Selection`; with `average=None` one interval a class, arrays (C,).
        matrix_or_counts: counts (C, C) of exclusive classes, (C, 2, 2) of yes/no columns, or `Counts` (C,). A `Sample`
            of a matrix saves time where many scores are asked of it.
        multiclass: of `Counts` alone: whether the classes exclude each other; None reads it off their sums.
        level: the probability of covering.

    Returns:
        None where it cannot be known: an average of `Counts`, which do not say which classes were confused, and weights
        that are not whole numbers, whose counts do not say how many samples there were. (Weights that are whole numbers
        cannot be told from counts, and are taken for them.)

    Example:
        >>> low, high = interval("accuracy", [[50, 0], [10, 40]])
        >>> print(f"{low:.3f} {high:.3f}")
        0.826 0.945
    """
    selection = select(score)
    sample = matrix_or_counts if isinstance(matrix_or_counts, Sample) else None
    counts, matrix = as_counts(matrix_or_counts) if sample is None else (sample.counts, sample.matrix)
    multiclass = resolve_multiclass(counts, matrix, multiclass)
    if not is_whole(counts):
        return None
    if _is_of_classes(selection, multiclass):
        return _of_classes(selection, counts, level)
    if multiclass and selection.score.proportion and selection.score.overall:
        right, total = selection.score.overall(counts)
        return wilson(right.numpy(), total.numpy(), level)
    if len(counts.tp.numpy()) == 1 and not multiclass:
        return _of_classes(selection._replace(class_id=0), counts, level)
    return None if matrix is None else jackknife(sample or matrix, selection, level)


def difference(
    a: Any,
    b: Any,
    score: ScoreLike,
    level: float = 0.95,
    *,
    multiclass: bool | None = None,
) -> Interval | None:
    """Interval of score(b) - score(a) of two independent test sets, from the interval of each, as `combine` says.

    Two models scored on the same images are not independent: as a rule they err on the same ones, and this interval is
    then wider than need be.

    Args:
        a: matrix or `Counts` of one run, as `interval` takes it.
        b: of the other.
        score: a name or a `Selection`.
        level: the probability of covering.
        multiclass: as `interval` takes it.

    Returns:
        None where the interval of either is.
    """
    of_a, of_b = (interval(score, run, multiclass=multiclass, level=level) for run in (a, b))
    if of_a is None or of_b is None:
        return None
    value_a, value_b = (value_of(score, run, multiclass=multiclass) for run in (a, b))
    return combine(value_a, value_b, of_a, of_b)


def _is_of_classes(selection: Selection, multiclass: bool) -> bool:
    overall_score = multiclass and selection.score.overall is not None
    return selection.class_id is not None or (selection.average is None and not overall_score)


def _of_classes(selection: Selection, counts: Counts, level: float) -> Interval:
    """One interval a class, (C,), or that of `class_id`: the table of a class against the rest is all it takes."""
    rule = _wilson_classes if selection.score.proportion else jackknife_classes
    low, high = rule(selection.score, counts, level)
    return as_interval(*((low, high) if selection.class_id is None else np.array([low, high])[:, selection.class_id]))


def _wilson_classes(score: Score, counts: Counts, level: float) -> Interval:
    successes, trials = score.fraction(counts)
    return wilson(successes.numpy(), trials.numpy(), level)
