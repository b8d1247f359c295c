"""Sums along the bins of histograms of scores: cumulative sums from above, and the ranking of two histograms."""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

_BLOCK = 8


def reverse_cumsum(values: tf.Tensor) -> tf.Tensor:
    """Sums of each value and those after it along the last axis of (C, B), float64; exact for integers.

    Within blocks of 8 it is a product with a triangle of ones. Only the sums of blocks go through `cumsum`, which is
    a scalar loop: 50 us instead of 200 us at 10 x 4,096.
    """
    blocks = _in_blocks(values)
    within = tf.linalg.matmul(blocks, tf.constant(np.tril(np.ones((_BLOCK, _BLOCK))), tf.float64))
    after = tf.cumsum(within[:, :, :1], axis=1, exclusive=True, reverse=True)
    return tf.reshape(within + after, [values.shape[0], -1])[:, : values.shape[1]]


def running_max(values: tf.Tensor) -> tf.Tensor:
    """The largest of each value and those after it along the last axis of (C, B), in log2(B) passes.

    Where nothing is added, cumulative sums of fractional weights may still change by a rounding error. Their running
    maximum cannot.
    """
    step, size = 1, values.shape[1] or 0
    while step < size:
        values = tf.maximum(values, tf.pad(values[:, step:], [[0, 0], [0, step]]))
        step *= 2
    return values


class Ranked(NamedTuple):
    """Sums over the order of positives and negatives, bins taken as ties: four float64 tensors (C,).

    Attributes:
        positives: P, the sum of positives p_b.
        negatives: N, the sum of negatives n_b.
        pairs: sum_b n_b (TP_b - p_b / 2), where TP_b are the positives in bin b and above: pairs in the right order.
        precision: sum_b p_b TP_b / (TP_b + FP_b), where FP_b are the negatives in bin b and above.
    """

    positives: tf.Tensor
    negatives: tf.Tensor
    pairs: tf.Tensor
    precision: tf.Tensor


def rank(positives: tf.Tensor, negatives: tf.Tensor, *, compiled: bool = False) -> Ranked:
    """Ranks two histograms (C, B), the lowest scores first. A graph computes only the sums that are used.

    If `compiled` by XLA, the bins of all blocks of 8 share one loop over the 8: at 10 x 8,192 it takes 0.2 ms for both
    sums, and 0.4 ms as cumulative sums. Elsewhere one product finds the pairs within a block.
    """
    return (_rank_by_column if compiled else _rank_in_blocks)(positives, negatives)


def _rank_in_blocks(positives: tf.Tensor, negatives: tf.Tensor) -> Ranked:
    tp, fp = reverse_cumsum(positives), reverse_cumsum(negatives)
    precision = tf.reduce_sum(positives * tf.math.divide_no_nan(tp, tp + fp), axis=-1)
    p, n = _in_blocks(positives), _in_blocks(negatives)
    of_p, of_n = tf.reduce_sum(p, axis=-1), tf.reduce_sum(n, axis=-1)
    order = np.triu(np.ones((_BLOCK, _BLOCK)), 1) + np.eye(_BLOCK) / 2
    within = tf.reduce_sum(tf.linalg.matmul(n, p, transpose_a=True) * order, axis=[1, 2])
    between = tf.reduce_sum(tf.cumsum(of_n, axis=-1, exclusive=True) * of_p, axis=-1)
    return Ranked(tf.reduce_sum(of_p, axis=-1), tf.reduce_sum(of_n, axis=-1), within + between, precision)


def _rank_by_column(positives: tf.Tensor, negatives: tf.Tensor) -> Ranked:
    blocks = [_in_blocks(values) for values in (positives, negatives)]
    of_p, of_n = (tf.reduce_sum(values, axis=-1) for values in blocks)
    tp, fp = (tf.cumsum(sums, axis=-1, exclusive=True, reverse=True) for sums in (of_p, of_n))
    pairs, precision = tf.zeros_like(tp), tf.zeros_like(tp)
    for p, n in reversed(list(zip(*(tf.unstack(values, axis=-1) for values in blocks), strict=True))):
        pairs += n * (tp + 0.5 * p)
        tp, fp = tp + p, fp + n
        precision += p * tf.math.divide_no_nan(tp, tp + fp)
    return Ranked(*(tf.reduce_sum(sums, axis=-1) for sums in (of_p, of_n, pairs, precision)))


def _in_blocks(values: tf.Tensor) -> tf.Tensor:
    """(C, B) -> (C, B / 8, 8), filled up with zeros."""
    rows, rest = values.shape[0], -(values.shape[1] or 0) % _BLOCK
    return tf.reshape(tf.pad(values, [[0, 0], [0, rest]]) if rest else values, [rows, -1, _BLOCK])
