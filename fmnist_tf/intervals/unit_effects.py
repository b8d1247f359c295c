"""The interval of a score, or of a difference of two, from units that two models predicted, each left out in turn."""

from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from fmnist_tf.counts import from_matrix
from fmnist_tf.intervals.inputs import Function
from fmnist_tf.intervals.jackknife import class_tables, interval_around_unbiased, leave_one_out
from fmnist_tf.intervals.proportions import Interval, VarianceEstimate, as_interval, quantile, student
from fmnist_tf.intervals.sample import cell_gradient, counts_of
from fmnist_tf.intervals.units import Units

#: Samples added before a gradient is taken: of each class that occurs, half of them right for either model.
ADDED = 2.0
#: Units times classes beyond which no unit is left out: the variance is that of the gradient alone.
_MOST_WORK = 2**20
_MOST_SAMPLES = 1e8


class Added(NamedTuple):
    """The samples that are added to the cells of either model before a gradient is taken.

    Attributes:
        cells: their number, (C, C) or (C, 2, 2).
        weight: the weight of each.
    """

    cells: np.ndarray
    weight: float


class _Effects(NamedTuple):
    """The effects of samples on a score of one model.

    Attributes:
        value: the score.
        gradient: with respect to the cells, (C, C) or (C, 2, 2), where the added samples have been counted.
    """

    value: float
    gradient: np.ndarray


def between(
    units: Units, cells: Any, function: Function, added: Added, *, width: float, level: float, smooth: bool = True
) -> Interval:
    """Around the difference without its bias; it always contains the difference itself.

    The jackknife is wrong for the lowest of several values, which is not smooth: its bias is noise there.
    """
    a, b = (_effects(matrix, function, added) for matrix in cells)
    value = b.value - a.value
    bias, variance = 0.0, 0.0
    if smooth and _is_small(units, cells[0]):
        of_a, of_b = (_without(units, side, matrix, function) for side, matrix in zip("ab", cells, strict=True))
        bias, variance = leave_one_out(of_b - of_a, value, units.times)
    effects = units.totals(_gather(b.gradient, units.true, units.b) - _gather(a.gradient, units.true, units.a))
    floor = _scatter(effects, units.times, *_moments(a.gradient, b.gradient, added))
    half = student(level, units.degrees) * np.sqrt(max(variance, floor))
    ends = (min(value - bias - half, value), max(value - bias + half, value))
    return as_interval(*np.clip(ends, -width, width))


def alone(
    units: Units,
    side: str,
    cells: np.ndarray,
    function: Function,
    added: Added,
    *,
    bounds: tuple[float, float],
    level: float,
    smooth: bool = True,
) -> Interval:
    """Around the score of one model without its bias, inside its bounds; it always contains the score itself.

    Args:
        units: the units.
        side: "a" or "b".
        cells: those of the model.
        function: the score.
        added: the samples added to the cells.
        bounds: of the score.
        level: the probability of covering.
        smooth: whether a unit may be left out; the lowest of several values is not smooth.
    """
    found = _effects(cells, function, added)
    bias, variance = 0.0, 0.0
    if smooth and _is_small(units, cells):
        bias, variance = leave_one_out(_without(units, side, cells, function), found.value, units.times)
    effects = units.totals(_gather(found.gradient, units.true, getattr(units, side)))
    parts = added.cells * found.gradient
    sums = added.weight * float(np.sum(parts)), added.weight**2 * float(np.sum(parts * found.gradient))
    wider = (student(level, units.degrees) / quantile(level)) ** 2  # of few groups
    smoothed = float(function(counts_of(cells + added.weight * added.cells, cells.ndim == 2)))
    floor = VarianceEstimate(smoothed, wider * _scatter(effects, units.times, *sums))
    return interval_around_unbiased(found.value, bias, wider * variance, floor, bounds, level=level)


def _is_small(units: Units, cells: np.ndarray) -> bool:
    """Whether leaving out every unit takes neither too much memory nor rounds too much."""
    return len(units.times) * len(cells) <= _MOST_WORK and float(np.sum(cells)) <= _MOST_SAMPLES


def _effects(cells: np.ndarray, function: Function, added: Added) -> _Effects:
    multiclass = cells.ndim == 2
    value = float(function(counts_of(cells, multiclass)))
    return _Effects(value, cell_gradient(cells + added.weight * added.cells, function, multiclass=multiclass))


def _gather(gradient: np.ndarray, true: np.ndarray, pred: np.ndarray) -> np.ndarray:
    """The effect of each member, (M,)."""
    if true.ndim == 1:
        return gradient[true, pred]
    return gradient[np.arange(true.shape[1]), true, pred].sum(axis=1)


def _without(units: Units, side: str, cells: np.ndarray, function: Function) -> np.ndarray:
    """The score without one unit, (U,)."""
    multiclass = cells.ndim == 2
    whole = class_tables(from_matrix(tf.constant(cells))) if multiclass else cells
    rest = np.maximum(whole - units.tables(getattr(units, side), len(whole)), 0.0)
    return function(counts_of(rest, multiclass=False)).numpy()


def _scatter(effects: np.ndarray, times: np.ndarray, added: float, added_squares: float) -> float:
    """Sum of squares around the mean effect of units on the difference, with the sums of those added."""
    whole = times @ effects + added
    return float(times @ effects**2 + added_squares - whole**2 / (np.sum(times) + ADDED))


def _moments(gradient_a: np.ndarray, gradient_b: np.ndarray, added: Added) -> tuple[float, float]:
    """Sum and sum of squares of the effects of the added samples, which both models predict independently."""
    cells, weight = added
    share = np.maximum(np.sum(cells, axis=-1), 1e-300)
    mean_a, mean_b = (np.sum(cells * gradient, axis=-1) for gradient in (gradient_a, gradient_b))
    squares = np.sum(cells * (gradient_a**2 + gradient_b**2)) - 2 * np.sum(mean_a * mean_b / share)
    return weight * float(np.sum(mean_b - mean_a)), weight**2 * float(squares)
