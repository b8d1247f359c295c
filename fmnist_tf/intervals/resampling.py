"""The bootstrap: the score of many matrices drawn from the distribution of the given one."""

from typing import Any

import numpy as np
import tensorflow as tf

from fmnist_tf.intervals.inputs import ScoreLike, read_matrix, read_score
from fmnist_tf.intervals.proportions import Interval, as_interval, quantile
from fmnist_tf.intervals.sample import counts_of

_CHUNK = 2**24  # cells that are drawn at once


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
        matrix: whole counts (C, C), or (C, 2, 2), whose columns are drawn independently.
        score: a name, a `Selection` or a function of `Counts` (..., C) -> (...).
        num_samples: number of draws; the error of the ends falls with its square root.
        seed: the same seed gives the same interval.
        level: the probability of covering.

    Raises:
        ValueError: a matrix of another shape, or with counts that are negative, not finite or not whole.

    Example:
        >>> low, high = bootstrap([[50, 0], [10, 40]], "accuracy", seed=1)
        >>> 0.82 < low < 0.85 and 0.94 < high < 0.97
        True

    Source: Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13.
    """
    matrix = read_matrix(matrix)
    if not np.array_equal(matrix, np.round(matrix)):
        raise ValueError("`matrix` must hold whole numbers to be drawn again; weighted samples cannot be")
    multiclass = matrix.ndim == 2
    function, _ = read_score(score, multiclass)
    cells = matrix.reshape(1, -1) if multiclass else matrix.reshape(-1, 4)
    step = max(1, _CHUNK // matrix.size)
    values = []
    for start in range(0, num_samples, step):
        drawn = draw(cells, min(step, num_samples - start), (seed, start))
        counts = counts_of(drawn.numpy().reshape(-1, *matrix.shape), multiclass)
        values.append(function(counts).numpy())
    return _between(np.concatenate(values), level)


def bootstrap_groups(
    matrices: Any,
    score: ScoreLike,
    *,
    num_samples: int = 2000,
    seed: int = 0,
    level: float = 0.95,
) -> Interval:
    """Interval by resampling groups whose samples depend on each other, such as the pixels of one image.

    Args:
        matrices: one confusion matrix a group, (G, C, C), or (G, C, 2, 2) of multilabel columns; any weights.
        score: a name, a `Selection` or a function of `Counts` (..., C) -> (...).
        num_samples: draws of G groups with replacement.
        seed: the same seed gives the same interval.
        level: the probability of covering; with fewer than some 20 groups it covers less.

    Raises:
        ValueError: another shape, or counts that are negative or not finite.

    Example:
        >>> images = [[[40, 10], [5, 45]], [[20, 30], [0, 50]], [[50, 0], [10, 40]]] * 10
        >>> low, high = bootstrap_groups(images, "accuracy")
        >>> 0.78 < low < 0.82 < high < 0.87
        True

    Source: Davison and Hinkley, Bootstrap Methods and their Application, 1997, section 3.8.
    """
    matrices = np.asarray(matrices, np.float64)
    if matrices.ndim not in (3, 4) or not len(matrices):
        raise ValueError(f"`matrices` must have shape (groups, C, C) or (groups, C, 2, 2), got {matrices.shape}")
    for matrix in matrices:
        read_matrix(matrix)
    multiclass = matrices.ndim == 3
    function, _ = read_score(score, multiclass)
    times = draw(np.ones((1, len(matrices))), num_samples, (seed, 0))[:, 0]
    drawn = np.tensordot(times.numpy(), matrices, axes=1)
    return _between(function(counts_of(drawn, multiclass)).numpy(), level)


def draw(cells: np.ndarray, num_samples: int, seed: tuple[int, int]) -> tf.Tensor:
    """Multinomial draws (B, R, K) of R rows of K cells, each draw as many as its row holds.

    By halving: the number in the left half is binomial, and so on within each half: log2(K) vectorised draws.
    """
    rows, width = cells.shape
    depth = (width - 1).bit_length()
    sums = [np.pad(cells, ((0, 0), (0, 2**depth - width)))]
    while sums[-1].shape[1] > 1:
        sums.append(sums[-1].reshape(rows, -1, 2).sum(axis=-1))
    drawn = tf.tile(tf.constant(sums.pop()[np.newaxis]), [num_samples, 1, 1])
    # Draws differ from device to device: on the CPU the same seed means the same interval everywhere.
    with tf.device("CPU"):
        for level, halves in enumerate(reversed(sums)):
            left = halves[:, ::2] / np.maximum(halves[:, ::2] + halves[:, 1::2], 1.0)
            drawn = _halve(drawn, left, (seed[0], 64 * seed[1] + level))
    return tf.slice(drawn, [0, 0, 0], [num_samples, rows, width])


def _halve(drawn: tf.Tensor, left: np.ndarray, seed: tuple[int, int]) -> tf.Tensor:
    """(B, R, K) and the share of the left half of each (R, K) -> (B, R, 2 K)."""
    shape = tf.shape(drawn)
    share = tf.broadcast_to(tf.constant(left), shape)
    taken = tf.random.stateless_binomial(shape, seed, counts=drawn, probs=share, output_dtype=tf.float64)
    # If one side is empty, the draw is certain; samplers may fail for a probability of 0 or 1.
    taken = tf.where(share <= 0, tf.zeros_like(drawn), tf.where(share >= 1, drawn, taken))
    return tf.reshape(tf.stack([taken, drawn - taken], axis=-1), [shape[0], shape[1], 2 * shape[2]])


def _between(values: np.ndarray, level: float) -> Interval:
    quantile(level)  # refuses a level outside (0, 1)
    return as_interval(*np.quantile(values, [(1 - level) / 2, (1 + level) / 2], axis=0))
