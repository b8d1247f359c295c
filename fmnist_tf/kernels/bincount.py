"""Counting: how much weight falls into each bin, and how it is added to a state."""

import tensorflow as tf

from fmnist_tf.kernels.sizes import COLUMNS_TO, SCATTER_FROM, XLA_FROM, is_large


def histogram(bins: tf.Tensor, size: int | tf.Tensor, weight: tf.Tensor | None = None) -> tf.Tensor:
    """Weight in each of `size` bins, float64. Bins must be in range: outside it compilers differ.

    Without weights it is DenseBincount in int32, which is exact and on a CPU ten times as fast as a segment sum. With
    weights it is a segment sum with int64 ids, since DenseBincount has no float64 kernel on a GPU.
    """
    bins = _flat(bins)
    if weight is None:
        none = tf.constant([], tf.int32)
        counted = tf.raw_ops.DenseBincount(input=bins, size=tf.cast(size, tf.int64), weights=none)
        return tf.cast(counted, tf.float64)
    return tf.math.unsorted_segment_sum(_flat(weight), bins, size)


def _flat(values: tf.Tensor) -> tf.Tensor:
    return values if values.shape.rank == 1 else tf.reshape(values, [-1])


def should_count_pairs(rows: int | None, num_classes: int) -> bool:
    """Whether to count pairs of classes and fold them: one bin a row in place of two, for a matrix that must be summed.

    At 262,144 x 10 it takes 1.5 ms against 2.5 ms. The matrix must stay small beside the rows.
    """
    rows = rows or 0
    return num_classes <= COLUMNS_TO and rows >= 4 * num_classes**2 and rows * num_classes >= XLA_FROM


def should_scatter(size: int, counted: tf.Tensor, *read: tf.Tensor) -> bool:
    """Whether to add to single cells of a state of `size` cells, instead of adding a vector of all cells.

    In a large state it is faster, unless the counted tensor (labels or scores) has about as many entries as the state,
    as with binary columns. In a small state it is faster if no tensor that is read is large: one operation instead of
    four. An unknown number of rows counts as one.
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
