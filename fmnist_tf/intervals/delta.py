"""The delta method: the variance of a score from its gradient, by automatic differentiation of the table of scores."""

from typing import Any

import numpy as np

from fmnist_tf.intervals.inputs import ScoreLike, read_score
from fmnist_tf.intervals.proportions import Interval, Scale, VarianceEstimate, as_interval, interval_from_variance
from fmnist_tf.intervals.sample import as_sample


def delta(matrix: Any, score: ScoreLike, level: float = 0.95, *, scale: Scale = "wilson") -> Interval:
    """Interval by the delta method: the gradient of the score under the multinomial covariance diag(p) - p p^T.

    With g the gradient with respect to the cells m of the matrix and n their sum, the variance of the score is
    sum(m g^2) - sum(m g)^2 / n.

    Args:
        matrix: counts (C, C), rows true, or of C multilabel columns (C, 2, 2). Those do not tell how columns
            depend on each other: the variance is then the largest possible one. Or a `Sample` of either.
        score: a name such as "macro_f1", a `Selection`, or a function of `Counts`, which is treated as unbounded.
        level: the probability of covering.
        scale: "wilson", Wilson's interval of a proportion with this variance: it never leaves the bounds of the score,
            and for a proportion it is Wilson's own. "logit", symmetric in the logit of the
            score. "identity", the value and z standard deviations to either side.

    Raises:
        ValueError: a matrix of another shape, or with counts that are negative or not finite.

    Example:
        >>> low, high = delta([[50, 0], [10, 40]], "macro_f1")
        >>> print(f"{low:.3f} {high:.3f}")
        0.824 0.944

    Source: Agresti, Categorical Data Analysis, 3rd edition, 2013, section 16.1; trials that give a variance: Korn and
    Graubard, Confidence intervals for proportions with small expected number of positive counts, 1998.
    """
    sample = as_sample(matrix)
    function, bounds = read_score(score, sample.rules)
    if not sample.cells.any():
        return as_interval(*bounds)
    return interval_from_variance(
        function(sample.counts).numpy(), [add_columns(sample.variance_estimate(function))], bounds, level, scale
    )


def add_columns(variance_estimate: VarianceEstimate) -> VarianceEstimate:
    """One variance from those of columns of any dependence: the square of the summed standard deviations."""
    return VarianceEstimate(variance_estimate.value, np.sum(np.sqrt(variance_estimate.variance)) ** 2)
