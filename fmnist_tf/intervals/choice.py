"""The choice of an interval for a score, and the interval of a difference."""

from typing import Any

import numpy as np

from fmnist_tf.counts import Counts
from fmnist_tf.intervals.inputs import ScoreLike, value_of
from fmnist_tf.intervals.jackknife import jackknife, jackknife_classes
from fmnist_tf.intervals.prevalence import PrevalenceSample
from fmnist_tf.intervals.proportions import Interval, as_interval, combine, wilson
from fmnist_tf.intervals.sample import Sample
from fmnist_tf.scores import Score, Selection


def interval(
    score: ScoreLike,
    matrix_or_counts: Any,
    *,
    multiclass: bool | None = None,
    level: float = 0.95,
    zero_division: float = 0.0,
    classes: tuple[int, ...] | None = None,
    effective_total: float | None = None,
) -> Interval | None:
    """The interval of a score by the method that covers best: Wilson's for a proportion, else the jackknife.

    Args:
        score: a name such as "macro_f1", or a `Selection`; with `average=None` one interval a class, arrays (C,).
        matrix_or_counts: counts (C, C) of classes that exclude each other, (C, 2, 2) of multilabel columns, or `Counts`
            (C,). One column, (1, 2, 2) or `Counts` (1,), is a problem of two classes, no and yes: a score without an
            average in its name is that of yes. A `Sample` saves time if one matrix has many scores; it holds the
            arguments below.
        multiclass: of `Counts` alone: whether the classes exclude each other; None tells it from their sums. False with
            a matrix (2, 2): it is that of one binary column.
        level: the probability of covering.
        zero_division: the value of 0/0. Of a score that is 0/0 the interval reaches from bound to bound.
        classes: the class ids that averages run over; None for all.
        effective_total: the effective number of samples of weighted counts, (sum w)^2 / sum w^2.

    Returns:
        The interval; None where it is unknown: for an average of `Counts`, which do not tell which classes were
        confused; for counts that are not whole numbers, without an `effective_total`; and for the sum of the weights
        of true positives and the like.

    Raises:
        ValueError: another shape, invalid counts, or an argument out of its range.

    Example:
        >>> low, high = interval("accuracy", [[50, 0], [10, 40]])
        >>> print(f"{low:.3f} {high:.3f}")
        0.826 0.945
    """
    if isinstance(matrix_or_counts, Sample):
        return interval_of(score, matrix_or_counts, level)
    sample = Sample(
        matrix_or_counts,
        multiclass=multiclass,
        zero_division=zero_division,
        classes=classes,
        effective_total=effective_total,
    )
    return interval_of(score, sample, level)


def interval_of(score: ScoreLike, sample: Sample, level: float) -> Interval | None:
    """The interval of a score of a sample, as `interval` gives it."""
    if not sample.is_countable:
        return None
    selection = sample.rules.select(score)
    if selection.score.is_count and (sample.is_scaled or isinstance(sample, PrevalenceSample)):
        return None  # a number of effective samples is not the sum of weights
    if isinstance(sample, PrevalenceSample):
        return sample.interval(selection, level)
    if _is_of_classes(selection, sample.multiclass):
        return _of_classes(selection, sample, level)
    if sample.multiclass and selection.score.proportion and selection.score.overall:
        right, total = (part.numpy() for part in selection.score.overall(sample.counts))
        return wilson(np.minimum(right, total), total, level)
    return None if sample.matrix is None else jackknife(sample, selection, level)


def difference(
    a: Any,
    b: Any,
    score: ScoreLike,
    level: float = 0.95,
    *,
    multiclass: bool | None = None,
    zero_division: float = 0.0,
    classes: tuple[int, ...] | None = None,
) -> Interval | None:
    """Interval of score(b) - score(a) of two independent test sets, from the interval of each, as `combine` says.

    Two models scored on the same images are not independent: they often err on the same images, and this interval is
    then too wide. Use `Paired` for them.

    Args:
        a: matrix (C, C) or (C, 2, 2), or `Counts` (C,), of one run.
        b: matrix or `Counts` of the other run.
        score: a name or a `Selection`.
        level: the probability of covering.
        multiclass: of `Counts` alone: whether the classes exclude each other; None tells it from their sums.
        zero_division: the value of 0/0.
        classes: the class ids that averages run over; None for all.

    Returns:
        The interval; None if one of the two is unknown.

    Example:
        >>> low, high = difference([[50, 0], [10, 40]], [[48, 2], [2, 48]], "accuracy")
        >>> print(f"{low:+.3f} {high:+.3f}")
        -0.014 +0.138
    """
    options: Any = {"multiclass": multiclass, "zero_division": zero_division, "classes": classes}
    of_a, of_b = (interval(score, run, level=level, **options) for run in (a, b))
    if of_a is None or of_b is None:
        return None
    value_a, value_b = (value_of(score, run, **options) for run in (a, b))
    return combine(value_a, value_b, of_a, of_b)


def _is_of_classes(selection: Selection, multiclass: bool) -> bool:
    overall_score = multiclass and selection.score.overall is not None
    return selection.class_id is not None or (selection.average is None and not overall_score)


def _of_classes(selection: Selection, sample: Sample, level: float) -> Interval:
    """One interval a class, (C,), or that of `class_id`: the table of a class against the rest is enough."""
    score, counts = selection.score, sample.counts
    if score.proportion:
        low, high = _wilson_classes(score, counts, level)
    else:
        low, high = jackknife_classes(score, counts, level, zero_division=sample.rules.zero_division)
    return as_interval(*((low, high) if selection.class_id is None else np.array([low, high])[:, selection.class_id]))


def _wilson_classes(score: Score, counts: Counts, level: float) -> Interval:
    successes, trials = (part.numpy() for part in score.fraction(counts))
    return wilson(np.minimum(successes, trials), trials, level)
