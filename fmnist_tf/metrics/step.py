"""What one update runs: a batch is counted and added to the state, in the compiled form that its shapes call for."""

import functools
from collections.abc import Callable

import keras
import tensorflow as tf
from keras.src.backend.common.stateless_scope import in_stateless_scope

from fmnist_tf import kernels
from fmnist_tf.counts import Layout, tally
from fmnist_tf.labels import Reading, canonicalize

MaybeTensor = tf.Tensor | None


def add_batch(
    state: keras.Variable, layout: Layout, reading: Reading, y_true: tf.Tensor, y_pred: tf.Tensor, *rest: MaybeTensor
) -> None:
    """Adds a batch to a state; arguments after `y_pred` are the weight and the mask.

    Called eagerly it is one dispatch of a compiled function that all metrics of one configuration share. In a graph it
    is part of that graph. Keras' own `assign_add` knows of stateless scopes and replicas, but reads the state, adds and
    writes it back; where neither is there, one operation adds in place.
    """
    variable = state.value
    if not _is_alone(variable):
        state.assign_add(count_batch(layout, reading, y_true, y_pred, *rest))
    elif tf.executing_eagerly():
        compiled(layout, reading, *map(_kind, (y_true, y_pred, *rest)))(variable, y_true, y_pred, *rest)
    else:
        _add_in_place(variable, layout, reading, y_true, y_pred, *rest)


def _is_alone(variable: object) -> bool:
    """Whether a state is one variable that nobody stands in for: no stateless scope, no replicas."""
    several = tf.distribute.has_strategy() or isinstance(variable, tf.distribute.DistributedValues)
    return isinstance(variable, tf.Variable) and not several and not in_stateless_scope()


def count_batch(
    layout: Layout, reading: Reading, y_true: tf.Tensor, y_pred: tf.Tensor, *rest: MaybeTensor
) -> tf.Tensor:
    """What a batch adds to a state, in one nested XLA call where that pays."""
    count = _fused if _pays_fusing(reading, y_true, y_pred) else _count
    return count(layout, reading)(y_true, y_pred, *rest)


@functools.cache
def compiled(layout: Layout, reading: Reading, *kinds: tuple[int, bool] | None) -> Callable[..., None]:
    """The function that adds batches of these kinds, which relaxes the other dimensions rather than trace again.

    A relaxed dimension is no static shape, so that batches of many lengths do not each wait for XLA.
    """

    def step(variable, *batch):
        _add_in_place(variable, layout, reading, *batch)

    return tf.function(step, reduce_retracing=True, autograph=False)


def _kind(tensor: tf.Tensor | None) -> tuple[int, bool] | None:
    """What a relaxed shape must keep for a form to be told: (N,), (N, 1) and (N, C) need traces of their own."""
    return None if tensor is None else (tensor.shape.rank or 0, tensor.shape.rank != 0 and tensor.shape[-1] == 1)


def _add_in_place(
    variable: tf.Variable, layout: Layout, reading: Reading, y_true: tf.Tensor, y_pred: tf.Tensor, *rest: MaybeTensor
) -> None:
    if not kernels.scatters(layout.size, y_true):
        variable.assign_add(count_batch(layout, reading, y_true, y_pred, *rest))
        return
    bins, weight = layout.place(canonicalize(y_true, y_pred, rest[0], reading, rest[1]))
    kernels.scatter_add(variable, bins, weight)


def _pays_fusing(reading: Reading, y_true: tf.Tensor, y_pred: tf.Tensor) -> bool:
    """Whether XLA is ahead: on large batches, unless long rows are searched for their largest score."""
    searches = reading.threshold is None and y_pred.dtype.is_floating and y_pred.shape.rank > 1
    return kernels.is_large(y_true, y_pred) and not (searches and kernels.is_wide(y_pred))


def _count(layout: Layout, reading: Reading) -> Callable[..., tf.Tensor]:
    def count(y_true, y_pred, sample_weight, mask):
        return tally(layout, canonicalize(y_true, y_pred, sample_weight, reading, mask))

    return count


@functools.cache
def _fused(layout: Layout, reading: Reading) -> Callable[..., tf.Tensor]:
    """Fixed shapes: XLA compiles anew for each of them anyway."""
    return tf.function(_count(layout, reading), jit_compile=True, autograph=False)
