"""`compare` of reports or of rows, and `samples_needed` to see a difference."""

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import Any

import numpy as np

from fmnist_tf.intervals import Paired, quantile
from fmnist_tf.report.cells import Cell
from fmnist_tf.report.comparison import Comparison
from fmnist_tf.report.report import Report

_FIELDS = ("id", "label", "predicted")


def compare(
    a: Any,
    b: Any,
    class_names: Sequence[str] | None = None,
    *,
    names: tuple[str, str] = ("a", "b"),
    level: float = 0.95,
) -> Comparison:
    """The differences b - a of every score, with intervals: paired where there are rows.

    Args:
        a: a `Report`, or rows: a structured array with the fields id, label and predicted, as `ScoreLogger.rows` holds.
        b: a report or rows of the same kind, of the same labels; rows may come in another order.
        class_names: C names, used with rows; "0", "1", ... by default. Reports have names already.
        names: the names of a and b, for tables and messages.
        level: the probability with which each interval covers, used with rows. Reports have a level already.

    Returns:
        A `Comparison`: `scores`, `flips`, `equivalent()`, and `paired` where there are rows.

    Raises:
        TypeError: neither two reports nor two arrays of rows.
        ValueError: reports of different classes; rows with other ids, ids that repeat, or other labels.

    Example:
        >>> fields = [("id", int), ("label", int), ("predicted", int)]
        >>> a = np.array([(k, k % 2, 0) for k in range(100)], fields)
        >>> b = np.array([(k, k % 2, k % 2) for k in range(100)], fields)
        >>> comparison = compare(a, b)
        >>> comparison.flips["fixed"].tolist()
        [0, 50]
        >>> print(f"{comparison.scores['accuracy'].difference.value:+.2f}")
        +0.50
    """
    if isinstance(a, Report) and isinstance(b, Report):
        return Comparison(a, b, names)
    if not (_are_rows(a) and _are_rows(b)):
        raise TypeError(
            f"`compare` takes two reports or two arrays of rows with the fields {', '.join(_FIELDS)}, "
            f"got {type(a).__name__} and {type(b).__name__}"
        )
    paired = _pair(_by_id("a", a), _by_id("b", b), class_names)
    of_a, of_b = (Report(sample.matrix, class_names, level=level) for sample in (paired.a, paired.b))
    return Comparison(of_a, of_b, names, paired=paired)


def samples_needed(
    source: Report | Comparison,
    difference: float = 0.01,
    *,
    score: str = "macro_f1",
    power: float = 0.8,
    correlation: float = 0.5,
) -> int:
    """The number of samples of a paired test set that shows a difference between two models.

    n = (z_level + z_power)^2 s^2 / difference^2, with s^2 the variance of the difference by one sample: read off the
    interval of a paired comparison; of a report alone 2 (1 - correlation) times that of the score.

    Args:
        source: a `Comparison` of paired predictions, or a `Report` of one model.
        difference: the difference of the score that must be seen.
        score: the name of a score with an interval.
        power: the probability with which it is to be seen.
        correlation: of a report alone, between the scores of the two models from test set to test set. Models that err
            on the same samples have a high one: 0.85 between epochs of one training is usual, 0 is that of independent
            test sets.

    Raises:
        ValueError: an argument out of its range, or a score without interval.

    Example:
        >>> samples_needed(Report([[90, 10], [10, 90]]), difference=0.05, score="accuracy")
        287

    Source: Connor, Sample size for testing differences in proportions for the paired-sample design, Biometrics 43,
    1987, with the variance under the null hypothesis for both.
    """
    if not (difference > 0 and 0 < power < 1 and 0 <= correlation < 1):
        raise ValueError(
            "`difference` must be above 0, `power` between 0 and 1, `correlation` from 0 to below 1, got "
            f"{difference}, {power}, {correlation}"
        )
    if isinstance(source, Comparison):
        if not source.paired:
            raise ValueError(
                "`samples_needed` needs a Report or a paired comparison; give `compare` two arrays of rows"
            )
        report, cell, factor = source.a, source.difference(score), 1.0
    else:
        report, cell, factor = source, source.cell(score), 2 * (1 - correlation)
    z = quantile(report.level)
    variance = factor * report.samples * _half_width(cell, score) ** 2 / z**2
    return math.ceil((z + NormalDist().inv_cdf(power)) ** 2 * variance / difference**2)


def _half_width(cell: Cell, score: str) -> float:
    if cell.low is None or cell.high is None:
        raise ValueError(f"the interval of {score!r} is not known")
    return (cell.high - cell.low) / 2


def _are_rows(rows: Any) -> bool:
    names = getattr(getattr(rows, "dtype", None), "names", None) or ()
    return all(field in names for field in _FIELDS)


def _by_id(name: str, rows: Any) -> np.ndarray:
    """Rows in order of id."""
    ordered = rows[np.argsort(rows["id"], kind="stable")]
    twice = np.flatnonzero(ordered["id"][1:] == ordered["id"][:-1])
    if twice.size:
        raise ValueError(f"`{name}` must hold each id once, got id {ordered['id'][twice[0]]} more than once; see ids=")
    return ordered


def _pair(a: np.ndarray, b: np.ndarray, class_names: Sequence[str] | None) -> Paired:
    """The predictions of the same ids."""
    if not np.array_equal(a["id"], b["id"]):
        only = np.setxor1d(a["id"], b["id"])
        raise ValueError(f"`a` and `b` must hold the same ids, but {len(only):,} are in one alone, such as {only[0]}")
    other = np.flatnonzero(a["label"] != b["label"])
    if other.size:
        raise ValueError(f"`a` and `b` must hold the same labels, but id {a['id'][other[0]]} has two")
    columns = a["label"], a["predicted"], b["predicted"]
    largest = max((int(column.max()) for column in columns if column.size), default=0)
    return Paired(*columns, len(class_names) if class_names is not None else 1 + max(largest, 1))
