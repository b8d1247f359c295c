"""What one update runs: which compiled form of `tally` counts a batch, chosen from static shapes at trace time."""

import functools
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from fmnist_tf.counts import Layout, tally
from fmnist_tf.labels import Reading, canonicalize

#: From this many scores in a batch on, a nested XLA call repays its launch.
XLA_FROM = 1 << 16


def count_batch(layout: Layout, reading: Reading, y_true: tf.Tensor, y_pred: tf.Tensor, *rest: Any) -> tf.Tensor:
    """What a batch adds to a state; arguments after `y_pred` are the weight and the mask.

    Called eagerly it is one dispatch of a compiled function that all metrics of one configuration share. In a graph it
    is part of that graph, save that XLA fuses the passes over many scores into one.
    """
    large = (y_pred.shape[1:].num_elements() or 0) * (y_pred.shape[0] or 1) >= XLA_FROM
    if not tf.executing_eagerly() and not large:
        return tally(layout, canonicalize(y_true, y_pred, rest[0], reading, rest[1]))
    return compiled(layout, reading, large, *map(_kind, (y_true, y_pred, *rest)))(y_true, y_pred, *rest)


def _kind(tensor: tf.Tensor | None) -> tuple[int, bool] | None:
    """What a relaxed shape must keep for a form to be told: (N,), (N, 1) and (N, C) need traces of their own."""
    return None if tensor is None else (tensor.shape.rank or 0, tensor.shape.rank != 0 and tensor.shape[-1] == 1)


@functools.cache
def compiled(layout: Layout, reading: Reading, xla: bool, *kinds: tuple[int, bool] | None) -> Callable[..., tf.Tensor]:
    """The function that counts batches of these kinds, which relaxes the other dimensions rather than trace again."""

    def step(y_true, y_pred, sample_weight, mask):
        return tally(layout, canonicalize(y_true, y_pred, sample_weight, reading, mask))

    return tf.function(step, jit_compile=xla, reduce_retracing=True, autograph=False)
