"""The delta method: the variance of a score from its gradient, by automatic differentiation of the table of scores."""

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from fmnist_tf.counts import from_matrix
from fmnist_tf.intervals.proportions import Interval, Scale, Spread, around, as_interval
from fmnist_tf.intervals.reading import ScoreLike, read_matrix, read_score

#: Spread evenly over the cells before a gradient is taken: a cell that was never seen is rare, not impossible, and no
#: root or denominator is zero.
_PRIOR = 1.0


def delta(matrix: Any, score: ScoreLike, level: float = 0.95, *, scale: Scale = "wilson") -> Interval:
    """Interval by the delta method: the gradient of the score under the multinomial covariance diag(p) - p p^T.

    With g the gradient with respect to the cells m of the matrix and n their sum, the variance of the score is
    sum(m g^2) - sum(m g)^2 / n.

    Args:
        matrix: counts (C, C), rows true, or of C yes/no columns (C, 2, 2). Those do not say how the columns of one row
            go together: the variance is then the largest that any dependence allows.
        score: a name such as "macro_f1", a `Selection`, or a function of `Counts`, which is taken as unbounded.
        level: the probability of covering.
        scale: "wilson", Wilson's interval of a proportion with as many trials as would give it this variance: never
            outside the bounds of the score, and that of a proportion itself. "logit", symmetric in the logit of the
            score. "identity", the value and z standard deviations to either side.

    Raises:
        ValueError: a matrix of another shape, or with counts that are negative or not finite.

    Source: Agresti, Categorical Data Analysis, 3rd edition, 2013, section 16.1; trials that give a variance: Korn and
    Graubard, Confidence intervals for proportions with small expected number of positive counts, 1998.
    """
    matrix = read_matrix(matrix)
    function, bounds = read_score(score, exclusive=matrix.ndim == 2)
    if not matrix.any():
        return as_interval(*bounds)
    value = function(from_matrix(tf.constant(matrix))).numpy()
    spread = add_columns(linearise(matrix, lambda cells: function(from_matrix(cells))))
    return around(value, [spread], bounds, level, scale)


def linearise(matrix: np.ndarray, function: Callable[[tf.Tensor], tf.Tensor]) -> Spread:
    """Value and variance of a function of cells (C, C) -> () or (C, 2, 2) -> () or (C,), slightly smoothed.

    Each table of yes and no is a multinomial of its own, and its part of the variance stands apart: (C,).
    """
    smooth = tf.constant(matrix + _PRIOR / (matrix.shape[-1] * matrix.shape[-2]))
    with tf.GradientTape() as tape:
        tape.watch(smooth)
        value = function(smooth)
    gradient = np.asarray(tape.gradient(value, smooth, unconnected_gradients=tf.UnconnectedGradients.ZERO))
    cells, axes = smooth.numpy(), (-2, -1)
    mean = np.sum(cells * gradient, axis=axes, keepdims=True) / np.sum(cells, axis=axes, keepdims=True)
    return Spread(value.numpy(), np.sum(cells * (gradient - mean) ** 2, axis=axes))


def add_columns(spread: Spread) -> Spread:
    """One variance from those of columns that may go together in any way: the square of the summed deviations."""
    return Spread(spread.value, np.sum(np.sqrt(spread.variance)) ** 2)
