"""`samples_needed` to see a difference between two models."""

import math
from statistics import NormalDist
from typing import TYPE_CHECKING, Union

from fmnist_tf.intervals import quantile
from fmnist_tf.report.cells import Cell
from fmnist_tf.report.report import Report

if TYPE_CHECKING:
    from fmnist_tf.report.comparison import Comparison


def samples_needed(
    source: Union[Report, "Comparison"],
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
    if isinstance(source, Report):
        report, cell, factor = source, source.cell(score), 2 * (1 - correlation)
    elif source.paired:
        report, cell, factor = source.a, source.difference(score), 1.0
    else:
        raise ValueError("`samples_needed` needs a Report or a paired comparison; give `compare` two arrays of rows")
    z = quantile(report.level)
    variance = factor * report.samples * _half_width(cell, score) ** 2 / z**2
    return math.ceil((z + NormalDist().inv_cdf(power)) ** 2 * variance / difference**2)


def _half_width(cell: Cell, score: str) -> float:
    if cell.low is None or cell.high is None:
        raise ValueError(f"the interval of {score!r} is not known")
    return (cell.high - cell.low) / 2
