"""Confidence intervals of scores, from counts alone: nothing is recorded during training, no sample is needed.

For independent positions a confusion matrix is one draw of a multinomial distribution, so that what a score would do on
another test set of the same size follows from the matrix. Three ways to say it:

    wilson          a plain proportion, from its two counts
    delta           any score, by the gradient of its formula under the multinomial covariance
    bootstrap       any score, by drawing the matrix again and again

`interval` chooses; `benchmarks/COVERAGE.md` holds the simulation that decided it and says when none is to be trusted:
few errors, weighted samples, and positions that depend on each other, such as the pixels of one image. For these
`bootstrap_groups` resamples whole images.
"""

from collections.abc import Callable
from statistics import NormalDist
from typing import Any, Literal, NamedTuple

import numpy as np
import tensorflow as tf

from fmnist_tf.counts import Counts, from_matrix
from fmnist_tf.scores import Score, Selection, find_score, per_class_values

#: The name of a score as `find_score` reads it, a row of the table, a `Selection`, or a function `Counts` (..., C) -> (...).
ScoreLike = str | Score | Selection | Callable[[Counts], tf.Tensor]
Scale = Literal["wilson", "logit", "identity"]

#: Spread evenly over the cells before a gradient is taken: a cell that was never seen is rare, not impossible.
_PRIOR = 1.0
_UNBOUNDED = (-np.inf, np.inf)


class Interval(NamedTuple):
    """From `low` to `high`: floats, or arrays (C,) where there is one interval a class."""

    low: Any
    high: Any


def interval(
    score: ScoreLike,
    matrix_or_counts: Any,
    *,
    exclusive: bool | None = None,
    level: float = 0.95,
) -> Interval | None:
    """The interval of a score by the method that covers best: Wilson's for a proportion, else the delta method.

    Args:
        score: a name such as "macro_f1", or a `Selection`; `average=None` gives one interval a class, arrays (C,).
        matrix_or_counts: counts (C, C) of exclusive classes, (C, 2, 2) of yes/no columns, or `Counts` (C,).
        exclusive: of `Counts` alone: whether the classes exclude each other; None asks `is_exclusive`.
        level: the probability of covering.

    Returns:
        None where it cannot be known: an average over `Counts`, which do not say which classes are confused, and
        weights that are not whole numbers, whose counts do not say how many samples there were.
    """
    selection = _select(score)
    counts, matrix = as_counts(matrix_or_counts)
    if matrix is not None:
        exclusive = matrix.shape.rank == 2
    elif exclusive is None:
        exclusive = is_exclusive(counts)
    if not is_whole(counts):
        return None
    if selection.class_id is not None or _is_per_class(selection, exclusive):
        return _of_classes(selection, counts, level)
    if selection.score.proportion and selection.score.whole is not None and exclusive:
        return wilson(*(part.numpy() for part in selection.score.whole(counts)), level)
    if matrix is None and counts.tp.shape[0] == 1 and not exclusive:
        return _first(_of_classes(selection, counts, level))
    return None if matrix is None else delta(matrix, selection, level)


def wilson(successes: Any, trials: Any, level: float = 0.95) -> Interval:
    """Wilson's score interval of a proportion: every p that a test against `successes` of `trials` would not reject.

    (k + z^2 / 2 -+ z sqrt(k (n - k) / n + z^2 / 4)) / (n + z^2). Without trials nothing is known: (0, 1).

    Args:
        successes: k, a number or an array.
        trials: n, likewise; need not be whole.
        level: the probability of covering, 0.95 for 95 %.

    Raises:
        ValueError: `level` outside (0, 1), or successes outside 0 ... trials.

    Example:
        >>> low, high = wilson(90, 100)
        >>> print(f"{low:.3f} {high:.3f}")
        0.826 0.945

    Source: Wilson, Probable inference, the law of succession, and statistical inference, JASA 22, 1927.
    """
    k, n = np.asarray(successes, np.float64), np.asarray(trials, np.float64)
    if not np.all((k >= 0) & (k <= n)):
        raise ValueError(f"`successes` must lie between 0 and `trials`, got {successes} of {trials}")
    z = _quantile(level)
    spread = k * (n - k) / np.where(n > 0, n, 1.0)
    centre = (k + z**2 / 2) / (n + z**2)
    half = z * np.sqrt(spread + z**2 / 4) / (n + z**2)
    # At the ends the bound is exact, but its terms do not cancel to the last bit.
    return _interval(np.where(k > 0, centre - half, 0.0), np.where((k < n) | (n == 0), centre + half, 1.0))


def delta(matrix: Any, score: ScoreLike, level: float = 0.95, *, scale: Scale = "wilson") -> Interval:
    """Interval by the delta method: the gradient of the score under the multinomial covariance diag(p) - p p^T.

    With g the gradient with respect to the cells m of the matrix and n their sum, the variance of the score is
    sum(m g^2) - sum(m g)^2 / n. The gradient is that of the same table of scores which gives the value.

    Args:
        matrix: counts (C, C), rows true, or of C yes/no columns (C, 2, 2). Those do not say how the columns of one row
            go together: the variance is then the largest that any dependence allows.
        score: a name such as "macro_f1", a `Selection`, or a function of `Counts`, which is taken as unbounded.
        level: the probability of covering.
        scale: "wilson", Wilson's interval of a proportion with as many trials as would give it this variance: never
            outside the bounds of the score, and that of a proportion itself. "logit", symmetric in the logit of the
            score. "identity", the value and z standard deviations to either side.

    Source: Agresti, Categorical Data Analysis, 3rd edition, 2013, section 16.1; trials that give a variance: Korn and
    Graubard, Confidence intervals for proportions with small expected number of positive counts, 1998.
    """
    matrix = _check(matrix)
    function, bounds = _read(score, exclusive=matrix.shape.rank == 2)
    value = function(from_matrix(matrix)).numpy()
    smooth, variance = _linearise(matrix, lambda cells: function(from_matrix(cells)))
    if not np.sum(matrix) > 0:
        return _interval(*bounds)
    return _spread(value, smooth, np.sum(np.sqrt(variance)) ** 2, bounds, scale, level)


def bootstrap(
    matrix: Any,
    score: ScoreLike,
    *,
    num_samples: int = 2000,
    seed: int = 0,
    level: float = 0.95,
) -> Interval:
    """Interval by the bootstrap: quantiles of the score over `num_samples` multinomial draws of the matrix.

    That is what resampling the test set with replacement does to its confusion matrix, without the test set.

    Args:
        matrix: counts (C, C), or (C, 2, 2), whose columns are drawn independently.
        score: a name, a `Selection` or a function of `Counts` (..., C) -> (...).
        num_samples: draws; the ends of the interval settle with its root.
        seed: the same seed gives the same interval.
        level: the probability of covering.

    Source: Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13.
    """
    matrix = _check(matrix)
    exclusive = matrix.shape.rank == 2
    function, _ = _read(score, exclusive)
    cells = tf.reshape(matrix, [1, -1] if exclusive else [-1, 4])
    # A chunk of draws holds some 16 million cells.
    chunk = max(1, min(num_samples, 2**24 // int(tf.size(cells))))
    values = []
    for start in range(0, num_samples, chunk):
        drawn = _draw(cells, min(chunk, num_samples - start), (seed, start))
        values.append(function(_counts(tf.reshape(drawn, [-1, *matrix.shape]), exclusive)))
    return _quantiles(tf.concat(values, axis=0).numpy(), level)


def bootstrap_groups(
    matrices: Any,
    score: ScoreLike,
    *,
    num_samples: int = 2000,
    seed: int = 0,
    level: float = 0.95,
) -> Interval:
    """Interval by resampling groups whose positions depend on each other, such as the pixels of one image.

    Args:
        matrices: one confusion matrix a group, (G, C, C), or (G, C, 2, 2) of yes/no columns.
        score: a name, a `Selection` or a function of `Counts` (..., C) -> (...).
        num_samples: draws of G groups with replacement.
        seed: the same seed gives the same interval.
        level: the probability of covering.

    Source: Davison and Hinkley, Bootstrap Methods and their Application, 1997, section 3.8.
    """
    matrices = tf.convert_to_tensor(matrices, tf.float64)
    if matrices.shape.rank not in (3, 4) or not matrices.shape[0]:
        raise ValueError(f"`matrices` must have shape (groups, C, C) or (groups, C, 2, 2), got {matrices.shape}")
    for matrix in (tf.reduce_min(matrices, axis=0), tf.reduce_max(matrices, axis=0)):
        _check(matrix)
    exclusive = matrices.shape.rank == 3
    function, _ = _read(score, exclusive)
    groups = matrices.shape[0]
    times = _draw(tf.ones([1, groups], tf.float64), num_samples, (seed, 0))[:, 0]
    drawn = tf.reshape(times @ tf.reshape(matrices, [groups, -1]), [num_samples, *matrices.shape[1:]])
    return _quantiles(function(_counts(drawn, exclusive)).numpy(), level)


def difference(
    a: Any,
    b: Any,
    score: ScoreLike,
    level: float = 0.95,
    *,
    exclusive: bool | None = None,
) -> Interval | None:
    """Interval of score(b) - score(a) of two independent test sets, from the interval of each.

    With d = b - a, from d - sqrt((b - low_b)^2 + (high_a - a)^2) to d + sqrt((high_b - b)^2 + (a - low_a)^2).
    Two runs scored on the same images are not independent: as a rule they err on the same ones, and this interval is
    then wider than need be.

    Args:
        a: matrix or `Counts` of one run, as `interval` takes it.
        b: of the other.
        score: a name or a `Selection`.
        level: the probability of covering.
        exclusive: as `interval` takes it.

    Returns:
        None where the interval of either is.

    Source: Newcombe, Interval estimation for the difference between independent proportions, Statistics in Medicine 17,
    1998; for any parameter: Zou and Donner, Statistics in Medicine 27, 2008.
    """
    intervals = [interval(score, run, exclusive=exclusive, level=level) for run in (a, b)]
    if None in intervals:
        return None
    values = [value_of(score, run, exclusive=exclusive) for run in (a, b)]
    return combine(*values, *intervals)


def combine(value_a: Any, value_b: Any, of_a: Interval, of_b: Interval) -> Interval:
    """Interval of b - a from values and intervals of independent a and b, as `difference` says."""
    down = np.hypot(value_b - of_b.low, of_a.high - value_a)
    up = np.hypot(of_b.high - value_b, value_a - of_a.low)
    return _interval(value_b - value_a - down, value_b - value_a + up)


def value_of(score: ScoreLike, matrix_or_counts: Any, *, exclusive: bool | None = None) -> Any:
    """The value itself, float64: a float, or an array (C,) with `average=None`."""
    counts, matrix = as_counts(matrix_or_counts)
    if matrix is not None:
        exclusive = matrix.shape.rank == 2
    function, _ = _read(score, is_exclusive(counts) if exclusive is None else exclusive)
    return function(counts).numpy()[()]


def is_exclusive(counts: Counts) -> bool:
    """Whether counts are those of exclusive classes: each position is of one class, and predicted as one.

    Columns of yes/no answers with one yes in every row, true and predicted, look the same, and are.
    """
    total = counts.total[0].numpy()
    sums = [tf.reduce_sum(field).numpy() for field in (counts.support, counts.predicted)]
    return counts.tp.shape[0] > 1 and bool(np.allclose(sums, total, rtol=1e-9, atol=0))


def is_whole(counts: Counts) -> bool:
    """Whether the counts are whole numbers, so that they can be numbers of samples."""
    return all(bool(tf.reduce_all(field == tf.round(field))) for field in counts)


def _select(score: ScoreLike) -> Selection:
    if isinstance(score, str):
        return find_score(score)
    if isinstance(score, Score):
        return Selection(score)
    if isinstance(score, Selection):
        return score
    raise TypeError(f"`score` must be the name of a score, a Score or a Selection, got {type(score).__name__}")


def _read(score: ScoreLike, exclusive: bool) -> tuple[Callable[[Counts], tf.Tensor], tuple[float, float]]:
    """A score as a function of counts, and its bounds."""
    if callable(score) and not isinstance(score, Score):
        return score, _UNBOUNDED
    selection = _select(score)
    return lambda counts: selection.evaluate(counts, exclusive=exclusive), selection.score.bounds


def as_counts(matrix_or_counts: Any) -> tuple[Counts, tf.Tensor | None]:
    """Counts, and the matrix they come from if there is one."""
    if isinstance(matrix_or_counts, Counts):
        counts = Counts(*(tf.convert_to_tensor(field, tf.float64) for field in matrix_or_counts))
        if any(field.shape != counts.tp.shape for field in counts) or counts.tp.shape.rank != 1:
            raise ValueError(f"`Counts` must have four fields (C,), got {[tuple(f.shape) for f in counts]}")
        return counts, None
    matrix = _check(matrix_or_counts)
    return from_matrix(matrix), matrix


def _check(matrix: Any) -> tf.Tensor:
    """A confusion matrix as float64 (C, C) or (C, 2, 2)."""
    matrix = tf.convert_to_tensor(matrix)
    matrix = tf.cast(matrix, tf.float64)
    from_matrix(matrix)
    if not bool(tf.reduce_all(tf.math.is_finite(matrix) & (matrix >= 0))):
        raise ValueError("a confusion matrix must hold finite counts of zero or more")
    return matrix


def _is_per_class(selection: Selection, exclusive: bool) -> bool:
    return selection.average is None and (selection.score.whole is None or not exclusive)


def _of_classes(selection: Selection, counts: Counts, level: float) -> Interval:
    """One interval a class, (C,), or that of `class_id`: each class against the rest is a table of four cells."""
    score = selection.score
    low, high = (
        _wilson_of_classes(score, counts, level) if score.proportion else _delta_of_classes(score, counts, level)
    )
    return _interval(
        *((low, high) if selection.class_id is None else (low[selection.class_id], high[selection.class_id]))
    )


def _wilson_of_classes(score: Score, counts: Counts, level: float) -> Interval:
    successes, trials = (part.numpy() for part in score.fraction(counts))
    return wilson(successes, trials, level)


def _delta_of_classes(score: Score, counts: Counts, level: float) -> Interval:
    tables = tf.stack([tf.stack([counts.tn, counts.fp], -1), tf.stack([counts.fn, counts.tp], -1)], axis=-2)
    values = per_class_values(score, counts, np.nan).numpy()
    smooth, variance = _linearise(tables, lambda cells: per_class_values(score, from_matrix(cells)))
    low, high = _spread(np.nan_to_num(values), smooth, variance, score.bounds, "wilson", level)
    undefined = np.isnan(values)
    return Interval(np.where(undefined, score.bounds[0], low), np.where(undefined, score.bounds[1], high))


def _first(of_classes: Interval) -> Interval:
    return Interval(float(np.ravel(of_classes.low)[0]), float(np.ravel(of_classes.high)[0]))


def _linearise(matrix: tf.Tensor, function: Callable[[tf.Tensor], tf.Tensor]) -> tuple[Any, Any]:
    """Value and variance of a function of cells (C, C) or (C, 2, 2), slightly smoothed.

    Each table of four cells is a multinomial of its own, with a variance of its own: (C,). Smoothing keeps the gradient
    finite where a root or a denominator would be zero.
    """
    tables = matrix if matrix.shape.rank == 3 else matrix[tf.newaxis]
    smooth = tables + _PRIOR / float(tables.shape[1] * tables.shape[2])
    with tf.GradientTape() as tape:
        tape.watch(smooth)
        value = function(smooth if matrix.shape.rank == 3 else smooth[0])
    gradient = tape.gradient(value, smooth)
    if gradient is None:
        return value.numpy(), np.zeros(tables.shape[0])
    mean = tf.reduce_sum(smooth * gradient, axis=[1, 2]) / tf.reduce_sum(smooth, axis=[1, 2])
    deviation = gradient - mean[:, tf.newaxis, tf.newaxis]
    return value.numpy(), tf.reduce_sum(smooth * deviation**2, axis=[1, 2]).numpy()


def _spread(value, smooth, variance, bounds: tuple[float, float], scale: Scale, level: float) -> Interval:
    """Interval around `value` from the variance at `smooth`, a value inside the bounds."""
    low, high = bounds
    if np.isneginf(low) or scale == "identity":
        half = _quantile(level) * np.sqrt(variance)
        return _interval(value - half, value + half)
    if np.isposinf(high):
        return _on_log_scale(value, smooth, variance, level)
    width = high - low
    share, smooth = np.clip((value - low) / width, 0.0, 1.0), (smooth - low) / width
    with np.errstate(divide="ignore", invalid="ignore"):
        trials = np.maximum(smooth * (1 - smooth) / (variance / width**2), 0.0)
        trials = np.where(np.isfinite(trials), trials, np.finfo(np.float64).max)
    if scale == "wilson":
        inner = wilson(share * trials, trials, level)
    else:
        inner = _on_logit_scale(share, trials, level)
    return _interval(low + width * np.asarray(inner.low), low + width * np.asarray(inner.high))


def _on_logit_scale(share, trials, level: float) -> Interval:
    with np.errstate(divide="ignore", invalid="ignore"):
        half = _quantile(level) / np.sqrt(share * (1 - share) * trials)
        odds = share / (1 - share)
        low, high = (1 / (1 + np.exp(-sign * half) / odds) for sign in (-1, 1))
    return _interval(np.nan_to_num(low, nan=share), np.nan_to_num(high, nan=share))


def _on_log_scale(value, smooth, variance, level: float) -> Interval:
    """Of ratios, 0 to infinity; at either end nothing is known."""
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.exp(_quantile(level) * np.sqrt(variance) / smooth)
        known = (value > 0) & np.isfinite(value)
        return _interval(np.where(known, value / factor, 0.0), np.where(known, value * factor, np.inf))


def _counts(matrices: tf.Tensor, exclusive: bool) -> Counts:
    """Counts (B, C) of many matrices, (B, C, C) or (B, C, 2, 2)."""
    if not exclusive:
        tn, fp, fn, tp = (matrices[..., row, column] for row in (0, 1) for column in (0, 1))
        return Counts(tp, tp + fp, tp + fn, (tp + fp) + (fn + tn))
    tp = tf.linalg.diag_part(matrices)
    total = tf.reduce_sum(matrices, axis=[1, 2])[:, tf.newaxis] + tf.zeros_like(tp)
    return Counts(tp, tf.reduce_sum(matrices, axis=1), tf.reduce_sum(matrices, axis=2), total)


def _draw(cells: tf.Tensor, num_samples: int, seed: tuple[int, int]) -> tf.Tensor:
    """Multinomial draws (B, R, K) of R rows of K cells, each of as many as its row holds.

    By halving: how many fall into the left half is binomial, and so on in either half. log2(K) vectorised draws.
    """
    width = cells.shape[-1]
    levels = max(width - 1, 0).bit_length()
    sums = [tf.pad(cells, [[0, 0], [0, 2**levels - width]])]
    while sums[-1].shape[-1] > 1:
        sums.append(tf.reduce_sum(tf.reshape(sums[-1], [cells.shape[0], -1, 2]), axis=-1))
    drawn = tf.tile(tf.round(sums[-1])[tf.newaxis], [num_samples, 1, 1])
    for depth, halves in enumerate(reversed(sums[:-1])):
        left = tf.math.divide_no_nan(halves[:, ::2], halves[:, ::2] + halves[:, 1::2])
        drawn = _halve(drawn, left, (seed[0], seed[1] * 64 + depth))
    return drawn[..., :width]


def _halve(drawn: tf.Tensor, left: tf.Tensor, seed: tuple[int, int]) -> tf.Tensor:
    probs = tf.broadcast_to(left, tf.shape(drawn))
    taken = tf.random.stateless_binomial(tf.shape(drawn), seed, counts=drawn, probs=probs, output_dtype=tf.float64)
    # Where one side is empty the draw is certain.
    taken = tf.where(probs <= 0, tf.zeros_like(drawn), tf.where(probs >= 1, drawn, taken))
    halves = tf.stack([taken, drawn - taken], axis=-1)
    return tf.reshape(halves, [*drawn.shape[:2], 2 * drawn.shape[2]])


def _quantiles(values: Any, level: float) -> Interval:
    _quantile(level)
    return _interval(*np.quantile(values, [(1 - level) / 2, (1 + level) / 2], axis=0))


def _quantile(level: float) -> float:
    if not 0 < level < 1:
        raise ValueError(f"`level` must lie between 0 and 1, got {level}")
    return NormalDist().inv_cdf((1 + level) / 2)


def _interval(low: Any, high: Any) -> Interval:
    """Floats where there is one, arrays where there are several."""
    return Interval(*(float(end) if np.ndim(end) == 0 else np.asarray(end) for end in (low, high)))
