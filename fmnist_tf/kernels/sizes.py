"""Sizes from which another kernel is faster: every choice is made at trace time, from static shapes.

They were measured on two CPU cores; `python -m benchmarks` shows the result. Every path gives the same integers.
"""

import tensorflow as tf

#: From this many numbers in a batch, a nested XLA call is faster, since it fuses the passes over them: 0.04 ms instead
#: of 0.18 ms at 4,096 x 10 scores, 30 us instead of 40 us at 1,024 x 10. At 32 x 10 it is slower.
XLA_FROM = 1 << 13
#: How many sizes of such batches XLA compiles for a custom loop, in a fraction of a second each: enough for the usual
#: batch and the last one. Batches of more sizes, such as sentences, share one graph.
XLA_SIZES = 4
#: Up to this many classes XLA finds the largest score column by column, in one vectorised loop over the rows: 0.9 ms at
#: 65,536 x 50, instead of 8 ms as a graph and 9 ms with XLA's own argmax, a scalar loop. With more classes the argmax
#: of the graph is faster, since it is vectorised along a row: 1.4 ms instead of 3.4 ms at 4,096 x 1,000.
COLUMNS_TO = 64
#: From there up to this many classes, if a multiple of four, XLA finds the largest score and then its index: 1.5 ms
#: instead of 3.0 ms for the argmax and the search for NaN at 65,536 x 100, 1.2 ms instead of 2.3 ms at 8,192 x 512.
FOURS_TO = 512
#: A state of this many cells or more is large: rows are scattered into it, at 25 ns each, instead of adding a vector of
#: all cells: 30 us instead of 60 us for 512 rows and 20,000 cells. Only small batches are scattered into a small state.
SCATTER_FROM = 1 << 14
#: From this many cells, XLA computes scores from a histogram; it takes a quarter of a second to compile. In a step,
#: average precision of 10 x 8,192 takes 0.25 ms instead of 0.7 ms as a graph, AUROC of 10 x 2,048 70 us instead of
#: 90 us; but AUROC of 1 x 8,192 takes 65 us instead of 45 us.
XLA_CELLS_FROM = 1 << 15


def is_large(*tensors: tf.Tensor | None) -> bool:
    """Whether one of the batch's tensors is large; an unknown batch size counts as one."""
    shapes = [tensor.shape for tensor in tensors if tensor is not None and tensor.shape.rank]
    return any((shape[1:].num_elements() or 0) * (shape[0] or 1) >= XLA_FROM for shape in shapes)


def is_wide(scores: tf.Tensor) -> bool:
    """Whether rows of scores are too long for a loop over the columns."""
    width = scores.shape[-1]
    return width is None or width > COLUMNS_TO


def should_compile(histogram_size: int) -> bool:
    """Whether to read scores off a histogram of that many cells in a nested XLA call."""
    return histogram_size >= XLA_CELLS_FROM
