"""The choice of kernels: which operations find the largest score, count bins and add to a state.

All choices are made at trace time from static shapes, and all of them are here. They were measured on two CPU cores;
`python -m benchmarks --only dense --only many_classes` shows the result. Every path gives the same integers.
"""

import numpy as np
import tensorflow as tf

#: From this many numbers in a batch on a nested XLA call, which fuses the passes over them, repays its launch: at
#: 4,096 x 10 scores 0.04 ms against 0.18 ms as a graph, at 1,024 x 10 30 us against 40, at 32 x 10 it loses.
XLA_FROM = 1 << 13
#: How many sizes of such batches XLA compiles for a loop of one's own, a fraction of a second each: those of the first
#: batches and the last one. Batches of yet other sizes, as of sentences, share one graph.
XLA_SIZES = 4
#: Up to this many classes XLA finds the largest score column by column, and the rows share one vectorised loop: 0.9 ms
#: against 8 ms as a graph at 65,536 x 50, and against 9 ms for XLA's own argmax, a scalar loop. Beyond, the graph's
#: argmax, vectorised along a row, is ahead: 1.4 ms against 3.4 ms at 4,096 x 1,000.
COLUMNS_TO = 64
#: From this many bins on rows are scattered into the state, at 25 ns each, in place of adding a vector of all bins: 30
#: us against 60 us for 512 rows and 20,000 bins.
SCATTER_FROM = 1 << 14
_BLOCK = 8


def is_large(*tensors: tf.Tensor | None) -> bool:
    """Whether one of the batch's tensors is large; an unknown batch size counts as one."""
    shapes = [tensor.shape for tensor in tensors if tensor is not None and tensor.shape.rank]
    return any((shape[1:].num_elements() or 0) * (shape[0] or 1) >= XLA_FROM for shape in shapes)


def is_wide(scores: tf.Tensor) -> bool:
    """Whether rows of scores are too long to be gone through column by column."""
    width = scores.shape[-1]
    return width is None or width > COLUMNS_TO


def largest(scores: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """(int64 index of the largest score of each row, the first on a tie; whether the row holds a NaN)."""
    logits = _logits_of(scores)
    if logits is not None:
        return tf.argmax(logits, axis=-1, output_type=tf.int64), _spoil_softmax(logits)
    if not is_large(scores) or tf.executing_eagerly():
        return tf.argmax(scores, axis=-1, output_type=tf.int64), has_nan(scores)
    if is_wide(scores):
        return tf.argmax(scores, axis=-1, output_type=tf.int64), _has_nan_among_many(scores)
    return _largest_by_column(scores)


def _logits_of(scores: tf.Tensor) -> tf.Tensor | None:
    """What a softmax of this graph was computed from, if that is what the scores are: the largest one is the same.

    Crossentropy of Keras reads the logits, so that often nobody else needs the softmax: 30 us of a step at 32 x 10. In
    half precision it rounds many a pair of logits to one probability, and the winner of a tie would be another.
    """
    precise = scores.dtype in (tf.float32, tf.float64)
    return scores.op.inputs[0] if precise and tf.is_symbolic_tensor(scores) and scores.op.type == "Softmax" else None


def _spoil_softmax(logits: tf.Tensor) -> tf.Tensor:
    """Whether the softmax of a row is NaN: one logit is NaN or infinity, or all are -infinity."""
    below = tf.reduce_all(logits < np.inf, axis=-1)  # no comparison with a maximum, which may or may not be NaN
    return tf.logical_not(below & tf.reduce_any(logits > -np.inf, axis=-1))


def has_nan(scores: tf.Tensor) -> tf.Tensor:
    """Whether a row holds a NaN."""
    return tf.reduce_any(tf.math.is_nan(scores), axis=-1)


def _has_nan_among_many(scores: tf.Tensor) -> tf.Tensor:
    """Looks at single scores only if their sum is NaN, as it is where one of them is: one pass at memory's speed."""
    suspect = tf.math.is_nan(tf.reduce_sum(scores))
    return tf.cond(suspect, lambda: has_nan(scores), lambda: tf.zeros(tf.shape(scores)[:-1], tf.bool))


def _largest_by_column(scores: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    best, *others = tf.unstack(scores, axis=-1)
    index, nan = tf.zeros_like(best, tf.int64), tf.math.is_nan(best)
    for column, score in enumerate(others, start=1):
        better = score > best
        best = tf.where(better, score, best)
        index = tf.where(better, tf.constant(column, tf.int64), index)
        nan |= tf.math.is_nan(score)
    return index, nan


def histogram(bins: tf.Tensor, size: int, weight: tf.Tensor | None = None) -> tf.Tensor:
    """Weight in each of `size` bins, float64. Bins must lie in range: what happens outside differs by compiler.

    Without weights DenseBincount, in int32 and so exact: ten times as fast on a CPU as a segment sum. It has no float64
    kernel on a GPU, where the segment sum with int64 ids has one.
    """
    bins = _flat(bins)
    if weight is None:
        none = tf.constant([], tf.int32)
        counted = tf.raw_ops.DenseBincount(input=bins, size=tf.constant(size, tf.int64), weights=none)
        return tf.cast(counted, tf.float64)
    return tf.math.unsorted_segment_sum(_flat(weight), bins, size)


def _flat(values: tf.Tensor) -> tf.Tensor:
    return values if values.shape.rank == 1 else tf.reshape(values, [-1])


def counts_pairs(rows: int | None, num_classes: int) -> bool:
    """Whether to count pairs of classes and fold them: one bin a row in place of two, for a matrix that must be summed.

    At 262,144 x 10 it takes 1.5 ms against 2.5 ms. The matrix must stay small beside the rows.
    """
    rows = rows or 0
    return num_classes <= COLUMNS_TO and rows >= 4 * num_classes**2 and rows * num_classes >= XLA_FROM


def scatters(size: int, counted: tf.Tensor) -> bool:
    """Whether to add to single cells of a state of `size` cells, so that the cost follows what is counted.

    In a large state it pays unless what is counted, labels or scores, has about as many entries as the state, such as
    yes/no columns; in a small one for small batches, where one operation in place of four is all that matters.
    """
    if size < SCATTER_FROM:
        return not is_large(counted)
    return (counted.shape[1:].num_elements() or 0) * (counted.shape[0] or 1) * 8 <= size


def scatter_add(handle: tf.Tensor, size: int, bins: tf.Tensor, weight: tf.Tensor | None) -> None:
    """Adds weights, or ones, to single cells of a variable of `size` cells in place.

    In a small state fractional weights are added up first: added one by one to a large sum each would be rounded.
    """
    if weight is not None and size < SCATTER_FROM:
        tf.raw_ops.AssignAddVariableOp(resource=handle, value=histogram(bins, size, weight))
        return
    updates = tf.constant(1.0, tf.float64) if weight is None else weight
    tf.raw_ops.ResourceScatterAdd(resource=handle, indices=bins, updates=updates)


def cumulative(values: tf.Tensor) -> tf.Tensor:
    """Sums of the first 1, 2, ... values along the last axis of (C, B), float64; exact for integers.

    Blocks of 8 go through a product with a triangle of ones, and only the sums of blocks through a cumulative sum,
    which is a scalar loop: at 10 x 4,096 50 us against 200 us.
    """
    blocks = _in_blocks(values)
    within = tf.linalg.matmul(blocks, tf.constant(np.triu(np.ones((_BLOCK, _BLOCK))), tf.float64))
    before = tf.cumsum(within[:, :, -1:], axis=1, exclusive=True)
    return tf.reshape(within + before, [values.shape[0], -1])[:, : values.shape[1]]


def pairs_in_order(low: tf.Tensor, high: tf.Tensor) -> tf.Tensor:
    """sum_b high_b (low_1 + ... + low_(b-1) + low_b / 2), float64 (C,), of two (C, B).

    Products within blocks of 8 are added up over the blocks, before half of them is dropped: at 10 x 4,096 60 us
    against 110 us with a cumulative sum of all.
    """
    low, high = _in_blocks(low), _in_blocks(high)
    order = np.triu(np.ones((_BLOCK, _BLOCK)), 1) + np.eye(_BLOCK) / 2
    within = tf.reduce_sum(tf.linalg.matmul(low, high, transpose_a=True) * order, axis=[1, 2])
    before = tf.cumsum(tf.reduce_sum(low, axis=-1), axis=-1, exclusive=True)
    return within + tf.reduce_sum(before * tf.reduce_sum(high, axis=-1), axis=-1)


def _in_blocks(values: tf.Tensor) -> tf.Tensor:
    """(C, B) -> (C, B / 8, 8), filled up with zeros."""
    rows, length = values.shape[0], values.shape[1] or 0
    rest = -length % _BLOCK
    return tf.reshape(tf.pad(values, [[0, 0], [0, rest]]) if rest else values, [rows, -1, _BLOCK])
