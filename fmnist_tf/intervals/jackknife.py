"""The jackknife from counts: leaving out each sample in turn takes one evaluation a cell, for any number of samples."""

from typing import Any

import numpy as np

from fmnist_tf.counts import Counts
from fmnist_tf.intervals.delta import add_columns, delta
from fmnist_tf.intervals.inputs import ScoreLike, is_undefined, read_score
from fmnist_tf.intervals.proportions import Interval, VarianceEstimate, as_interval, interval_from_variance
from fmnist_tf.intervals.sample import Sample, as_sample, counts_of, linearise
from fmnist_tf.scores import Score, per_class_values

#: Limits of cells times classes, and of samples: beyond them the delta method is as good, and faster or more exact.
_MOST_WORK = 2**20
_MOST_SAMPLES = 1e8


def jackknife(matrix: Any, score: ScoreLike, level: float = 0.95) -> Interval:
    """Interval from the scores s_i of the matrix without sample i, around the value without its bias.

    With s the score, n samples and m the mean of the s_i, the bias is (n - 1) (m - s) and the variance is
    (n - 1) / n sum (s_i - m)^2. All samples of one cell give the same s_i. With rare classes, the macro F1 of a
    sample is too low by a large part of a standard deviation, which the delta method does not correct. The spread is
    at least that of the delta method, since no sample can be left out of an empty cell.

    Args:
        matrix: counts (C, C), rows true, or of C multilabel columns (C, 2, 2), of any dependence. Or a
            `Sample` of either.
        score: a name such as "macro_f1", a `Selection`, or a function of `Counts`, which is treated as unbounded.
        level: the probability of covering.

    Raises:
        ValueError: a matrix of another shape, or with counts that are negative or not finite.

    Example:
        >>> low, high = jackknife([[50, 0], [10, 40]], "macro_f1")
        >>> print(f"{low:.3f} {high:.3f}")
        0.825 0.945

    Source: Efron, The Jackknife, the Bootstrap and Other Resampling Plans, 1982, chapters 2 and 3.
    """
    sample = as_sample(matrix)
    function, bounds = read_score(score, sample.rules)
    nothing_known = _with_value(bounds, sample.rules.zero_division)
    if not sample.cells.any():
        return nothing_known
    if (np.isposinf(bounds[1]) and np.isfinite(bounds[0])) or is_large(sample.cells):
        undefined = is_undefined(score, sample.counts, sample.rules)
        return nothing_known if undefined else delta(sample, score, level)
    values = function(sample.without_and_with).numpy()
    values, value = values[:-1], values[-1]
    # A value other than `zero_division` is defined; this nearly always saves the check below.
    suspect = np.isnan(value) or abs(value) < 1e-9 or abs(value - sample.rules.zero_division) < 1e-9
    if suspect and is_undefined(score, sample.counts, sample.rules):
        return nothing_known
    floor = add_columns(sample.variance_estimate(function))
    bias, variance = (_of_matrix if sample.multiclass else _of_columns)(sample, values, value)
    return interval_around_unbiased(value, bias, variance, floor, bounds, level=level)


def jackknife_classes(score: Score, counts: Counts, level: float = 0.95, *, zero_division: float = 0.0) -> Interval:
    """One interval a class, (C,): each class against the rest is a table of no and yes.

    Args:
        score: a row of the table.
        counts: fields (C,).
        level: the probability of covering.
        zero_division: the value of 0/0; of a class that is 0/0 the interval reaches from bound to bound.
    """

    def values_of(cells: Counts) -> Any:
        return per_class_values(score, cells, zero_division)

    tables = class_tables(counts)
    values = values_of(counts).numpy()
    values = np.where(np.isnan(values), score.bounds[0], values)  # of 0/0, whose interval is set below
    floor = linearise(tables, values_of, multiclass=False)
    if np.isinf(score.bounds[1]):
        return interval_from_variance(values, [floor], score.bounds, level)
    without = counts_of(np.maximum(tables[:, np.newaxis] - np.eye(4).reshape(4, 2, 2), 0.0), multiclass=False)
    bias, variance = leave_one_out(values_of(without).numpy(), values, tables.reshape(-1, 4))
    low, high = interval_around_unbiased(values, bias, variance, floor, score.bounds, level=level)
    undefined = np.isnan(per_class_values(score, counts, np.nan).numpy())
    nothing_known = _with_value(score.bounds, zero_division)
    return Interval(np.where(undefined, nothing_known.low, low), np.where(undefined, nothing_known.high, high))


def _with_value(bounds: tuple[float, float], zero_division: float) -> Interval:
    """The interval of 0/0: from bound to bound, and wide enough for `zero_division`."""
    return as_interval(np.fmin(bounds[0], zero_division), np.fmax(bounds[1], zero_division))


def _of_matrix(sample: Sample, values: np.ndarray, value: np.ndarray) -> tuple[Any, Any]:
    """Bias and variance of a score of (C, C)."""
    return leave_one_out(values, value, sample.cells[np.nonzero(sample.cells)])


def _of_columns(sample: Sample, values: np.ndarray, value: np.ndarray) -> tuple[Any, Any]:
    """Bias and variance of a score of (C, 2, 2): a sample is left out of one column at a time."""
    bias, variance = leave_one_out(values.reshape(-1, 4), value, sample.cells.reshape(-1, 4))
    return np.sum(bias), add_columns(VarianceEstimate(value, variance)).variance


def leave_one_out(values: np.ndarray, value: Any, weights: np.ndarray) -> tuple[Any, Any]:
    """Bias and variance from the values without a sample of each cell and the samples of the cells: last axis."""
    values = np.where(np.isnan(values), np.expand_dims(value, -1), values)  # 0/0 that is left out of the mean
    # Of a cell with less than one sample, as weights may give, all is left out: a part of the effect of one sample.
    part = np.where((weights > 0) & (weights < 1), weights, 1.0)
    values = np.where(part < 1, np.expand_dims(value, -1) + (values - np.expand_dims(value, -1)) / part, values)
    values = np.where(weights > 0, values, 0.0)  # from an empty cell nothing can be left out
    samples = np.maximum(np.sum(weights, axis=-1), 1.0)
    mean = np.sum(weights * values, axis=-1) / samples
    scatter = np.sum(weights * (values - mean[..., np.newaxis]) ** 2, axis=-1)
    return (samples - 1) * (mean - value), (samples - 1) / samples * scatter


def interval_around_unbiased(
    value: Any,
    bias: Any,
    variance: Any,
    floor: VarianceEstimate,
    bounds: tuple[float, float],
    *,
    level: float = 0.95,
) -> Interval:
    """Around the value without its bias, by the wider of two spreads; it always contains the value itself."""
    unbiased = np.clip(value - bias, *bounds)
    low, high = interval_from_variance(
        unbiased, [VarianceEstimate(_innermost(value, unbiased, bounds), variance), floor], bounds, level
    )
    return as_interval(np.minimum(low, value), np.maximum(high, value))


def _innermost(value: Any, unbiased: Any, bounds: tuple[float, float]) -> Any:
    """The value at which a variance is read as that of a proportion: at a bound a proportion has no variance."""
    middle = (bounds[0] + bounds[1]) / 2
    inner = np.where(np.abs(unbiased - middle) < np.abs(value - middle), unbiased, value)
    return np.where((inner <= bounds[0]) | (inner >= bounds[1]), middle, inner)


def is_large(matrix: np.ndarray) -> bool:
    """Whether leaving out a sample of every cell would take too much memory, or round too much."""
    work = np.count_nonzero(matrix) if matrix.ndim == 2 else matrix.size * 4
    return bool(work * len(matrix) > _MOST_WORK or matrix.sum() > _MOST_SAMPLES)


def class_tables(counts: Counts) -> np.ndarray:
    """[[tn, fp], [fn, tp]] of each class, (C, 2, 2)."""
    return np.stack([counts.tn, counts.fp, counts.fn, counts.tp], axis=-1).reshape(-1, 2, 2)
