"""The choice of kernels: which operations find the largest score, count bins, add to a state and rank histograms.

All choices are made at trace time from static shapes, and all of them are here. They were measured on two CPU cores;
`python -m benchmarks` shows the result. Every path gives the same integers.
"""

from typing import NamedTuple

import numpy as np
import tensorflow as tf
from tensorflow.python.ops import control_flow_util

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
#: From there up to this many classes, if a multiple of four, XLA finds the largest score and then where it stands: at
#: 65,536 x 100 1.5 ms against 3.0 ms for the argmax and the look for NaN, at 8,192 x 512 1.2 ms against 2.3 ms.
FOURS_TO = 512
#: From this many cells on a state is large: rows are scattered into it, at 25 ns each, rather than adding a vector of
#: all cells, 30 us against 60 us for 512 rows and 20,000 cells. Into a smaller one only small batches are scattered.
SCATTER_FROM = 1 << 14
#: From this many cells on scores are read off a histogram by XLA, which takes a quarter of a second to compile. In a
#: step average precision of 10 x 8,192 takes 0.25 ms against 0.7 ms as a graph, AUROC of 10 x 2,048 70 us against 90,
#: but of 1 x 8,192 65 us against 45.
XLA_CELLS_FROM = 1 << 15
_BLOCK = 8


def is_large(*tensors: tf.Tensor | None) -> bool:
    """Whether one of the batch's tensors is large; an unknown batch size counts as one."""
    shapes = [tensor.shape for tensor in tensors if tensor is not None and tensor.shape.rank]
    return any((shape[1:].num_elements() or 0) * (shape[0] or 1) >= XLA_FROM for shape in shapes)


def is_wide(scores: tf.Tensor) -> bool:
    """Whether rows of scores are too long to be gone through column by column."""
    width = scores.shape[-1]
    return width is None or width > COLUMNS_TO


def is_in_xla() -> bool:
    """Whether what is traced now is for XLA to compile; TensorFlow has no public name for it."""
    return control_flow_util.GraphOrParentsInXlaContext(tf.compat.v1.get_default_graph())


def largest(scores: tf.Tensor, of_softmax: bool = False) -> tuple[tf.Tensor, tf.Tensor]:
    """(int64 index of the largest score of a row, the first on a tie; whether the row, or its softmax, holds a NaN)."""
    if of_softmax:
        return largest(scores)[0], _spoil_softmax(scores)
    if not is_large(scores) or tf.executing_eagerly():
        return tf.argmax(scores, axis=-1, output_type=tf.int64), has_nan(scores)
    if not is_wide(scores):
        return _largest_by_column(scores)
    if _comes_in_fours(scores):
        place = _place_of_largest(scores)
        return tf.cast(tf.maximum(place, 0), tf.int64), place < 0
    return tf.argmax(scores, axis=-1, output_type=tf.int64), _has_nan_among_many(scores)


def logits_of(scores: tf.Tensor) -> tf.Tensor | None:
    """What a softmax of this graph was computed from, if that is what the scores are: the largest one is the same.

    Crossentropy of Keras reads the logits, so that often nobody else needs the softmax: 30 us of a step at 32 x 10. In
    half precision it rounds many a pair of logits to one probability, and the winner of a tie would be another.
    """
    if scores.dtype not in (tf.float32, tf.float64) or not tf.is_symbolic_tensor(scores) or scores.op.type != "Softmax":
        return None
    return scores.op.inputs[0]


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


def _comes_in_fours(scores: tf.Tensor) -> bool:
    width = scores.shape[-1] or 1
    return scores.shape.is_fully_defined() and width <= FOURS_TO and width % 4 == 0


@tf.function(jit_compile=True, autograph=False)
def _place_of_largest(scores: tf.Tensor) -> tf.Tensor:
    """int32 index of the largest score of each row, -1 where one is NaN, which XLA's maximum may or may not show."""
    top, width = tf.reduce_max(scores, axis=-1, keepdims=True), scores.shape[-1] or 0
    place, nan = tf.constant(width), tf.constant(False)
    fours = tf.unstack(tf.reshape(scores, [*scores.shape[:-1], width // 4, 4]), axis=-1)
    for column, score in reversed(list(enumerate(fours))):
        place = tf.where(score == top, tf.range(column, width, 4), place)
        nan |= tf.math.is_nan(score)
    return tf.reduce_min(tf.where(nan, -1, place), axis=-1)


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


def scatters(size: int, counted: tf.Tensor, *read: tf.Tensor) -> bool:
    """Whether to add to single cells of a state of `size` cells, so that the cost follows what is counted.

    In a large state it pays unless what is counted, labels or scores, has about as many entries as the state, such as
    yes/no columns; in a small one for batches of which nothing that is read is large: one operation in place of four.
    An unknown number of rows counts as one.
    """
    if size < SCATTER_FROM:
        return not is_large(counted, *read)
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


def searches_edges(scores: tf.Tensor) -> bool:
    """Whether to search the bins of scores in a list of edges, which are float32 numbers, in place of computing them.

    That is one operation in place of twenty, and 40 ns a score: it pays in small batches. XLA fuses the twenty, but
    compares each score with each edge.
    """
    return scores.dtype != tf.float64 and not is_large(scores) and not is_in_xla()


def count_below(edges: np.ndarray, scores: tf.Tensor) -> tf.Tensor:
    """How many edges, ascending float32 numbers, lie below each score, int64 and shaped like the scores."""
    flat = tf.reshape(tf.cast(scores, tf.float32), [1, -1])
    below = tf.raw_ops.LowerBound(sorted_inputs=edges[np.newaxis].astype(np.float32), values=flat, out_type=tf.int64)
    return tf.reshape(below, tf.shape(scores))


def reads_compiled(histogram_size: int) -> bool:
    """Whether to read scores off a histogram of that many cells in a nested XLA call."""
    return histogram_size >= XLA_CELLS_FROM


def from_above(values: tf.Tensor) -> tf.Tensor:
    """Sums of each value and those after it along the last axis of (C, B), float64; exact for integers.

    Blocks of 8 go through a product with a triangle of ones, and only the sums of blocks through a cumulative sum,
    which is a scalar loop: at 10 x 4,096 50 us against 200 us.
    """
    blocks = _in_blocks(values)
    within = tf.linalg.matmul(blocks, tf.constant(np.tril(np.ones((_BLOCK, _BLOCK))), tf.float64))
    after = tf.cumsum(within[:, :, :1], axis=1, exclusive=True, reverse=True)
    return tf.reshape(within + after, [values.shape[0], -1])[:, : values.shape[1]]


class Ranked(NamedTuple):
    """What the order of positives and negatives comes to, bins taken as ties: four float64 tensors (C,).

    Attributes:
        positives: P, the sum of positives p_b.
        negatives: N, the sum of negatives n_b.
        pairs: sum_b n_b (TP_b - p_b / 2), where TP_b are the positives in bin b and above: pairs in the right order.
        precision: sum_b p_b TP_b / (TP_b + FP_b), where FP_b are the negatives likewise.
    """

    positives: tf.Tensor
    negatives: tf.Tensor
    pairs: tf.Tensor
    precision: tf.Tensor


def rank(positives: tf.Tensor, negatives: tf.Tensor) -> Ranked:
    """Ranks two (C, B), the lowest scores first; of the sums a graph computes only those that are used.

    XLA is given blocks of 8 that share one loop over their places: at 10 x 8,192 0.2 ms for both sums, 0.4 ms as
    cumulative sums. Elsewhere pairs within blocks are found by one product each.
    """
    return (_rank_by_column if is_in_xla() else _rank_in_blocks)(positives, negatives)


def _rank_in_blocks(positives: tf.Tensor, negatives: tf.Tensor) -> Ranked:
    tp, fp = from_above(positives), from_above(negatives)
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
