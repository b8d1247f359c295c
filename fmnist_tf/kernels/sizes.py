"""Sizes from which another kernel is ahead: every choice is made at trace time, from static shapes.

They were measured on two CPU cores; `python -m benchmarks` shows the result. Every path gives the same integers.
"""

import tensorflow as tf

#: From this many numbers in a batch on a nested XLA call, which fuses the passes over them, repays its launch: at
#: 4,096 x 10 scores 0.04 ms against 0.18 ms as a graph, at 1,024 x 10 30 us against 40, at 32 x 10 it loses.
XLA_FROM = 1 << 13
#: How many sizes of such batches XLA compiles for a custom loop, a fraction of a second each: those of the first
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


def is_large(*tensors: tf.Tensor | None) -> bool:
    """Whether one of the batch's tensors is large; an unknown batch size counts as one."""
    shapes = [tensor.shape for tensor in tensors if tensor is not None and tensor.shape.rank]
    return any((shape[1:].num_elements() or 0) * (shape[0] or 1) >= XLA_FROM for shape in shapes)


def is_wide(scores: tf.Tensor) -> bool:
    """Whether rows of scores are too long to be gone through column by column."""
    width = scores.shape[-1]
    return width is None or width > COLUMNS_TO


def should_compile(histogram_size: int) -> bool:
    """Whether to read scores off a histogram of that many cells in a nested XLA call."""
    return histogram_size >= XLA_CELLS_FROM
