"""What one update runs: a batch is counted and added to the state, in the compiled form that its shapes call for."""

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import keras
import tensorflow as tf
from keras.src.backend.common.stateless_scope import in_stateless_scope

from fmnist_tf import kernels
from fmnist_tf.counts import ASIDE, Layout, tally
from fmnist_tf.labels import Reading, canonicalize, find_form

MaybeTensor = tf.Tensor | None
Kind = tuple[tf.DType, tf.TensorShape] | None


class Batch(NamedTuple):
    """The tensors of one update."""

    y_true: tf.Tensor
    y_pred: tf.Tensor
    sample_weight: MaybeTensor = None
    mask: MaybeTensor = None

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """All that is known of the tensors before their values."""
        return tuple(None if tensor is None else (tensor.dtype, tensor.shape) for tensor in self)


def add_batch(state: keras.Variable, layout: Layout, reading: Reading, batch: Batch, kinds: tuple[Kind, ...]) -> None:
    """Adds a batch, of these kinds, to a state.

    Called eagerly it is one dispatch of a compiled function that all metrics of one configuration share: as an
    operation, since a concrete function binds and checks its arguments anew at each call, five times as long as it then
    takes to count 32 rows. In a graph it is part of that graph. Keras' own `assign_add` knows of stateless scopes and
    replicas, but reads the state, adds and writes it back; where neither is there, one operation adds in place.
    """
    variable = state.value
    reading, batch = _before_softmax(reading, batch)
    if not is_alone(variable):
        add_to(state, count_batch(layout, reading, *batch))
    elif tf.executing_eagerly():
        tensors = [tensor for tensor in batch if tensor is not None]
        tf.raw_ops.StatefulPartitionedCall(
            args=[variable.handle, *tensors], Tout=[], f=_traced(layout, reading, *kinds)
        )
    else:
        _add_in_place(variable.handle, layout, reading, *batch)


def _before_softmax(reading: Reading, batch: Batch) -> tuple[Reading, Batch]:
    """Reads logits in place of their softmax where all that counts is which is the largest."""
    logits = kernels.logits_of(batch.y_pred)
    by_scores = reading.scores is not None or reading.top_k is not None
    if logits is None or by_scores or not find_form(batch.y_true, batch.y_pred, reading).exclusive:
        return reading, batch
    return reading._replace(of_softmax=True), batch._replace(y_pred=logits)


def is_alone(variable: object) -> bool:
    """Whether a state is one variable that nobody stands in for: no stateless scope, no replicas."""
    several = tf.distribute.has_strategy() or isinstance(variable, tf.distribute.DistributedValues)
    return isinstance(variable, tf.Variable) and not several and not in_stateless_scope()


def add_to(state: keras.Variable, counts: tf.Tensor) -> None:
    """Adds counts to a state, from wherever it is called."""
    if not in_stateless_scope() and _is_seen_whole(state.value):
        _add_to_first(state.value, counts)
    else:
        state.assign_add(counts)


def set_to(state: keras.Variable, counts: tf.Tensor) -> None:
    """Replaces a state by counts, to the bit; tf.train.Checkpoint has TensorFlow's division, which rounds."""
    if not in_stateless_scope() and _is_seen_whole(state.value):
        state.assign(tf.zeros_like(counts))
        _add_to_first(state.value, counts)
    else:
        state.assign(counts)


def _is_seen_whole(variable: Any) -> bool:
    """Whether this is the state of several replicas, seen from outside of their `run`."""
    inside = tf.distribute.has_strategy() and tf.distribute.get_replica_context() is not None
    return isinstance(variable, tf.distribute.DistributedValues) and not inside


def _add_to_first(variable: Any, counts: tf.Tensor) -> None:
    """Adds to the first replica alone. Keras' assign gives each a share, and a seventh of a count is no float64."""
    strategy = variable.distribute_strategy
    if strategy.extended.should_checkpoint:  # of several workers, that of the chief
        strategy.experimental_local_results(variable)[0].assign_add(counts)


def count_batch(
    layout: Layout, reading: Reading, y_true: tf.Tensor, y_pred: tf.Tensor, *rest: MaybeTensor
) -> tf.Tensor:
    """What a batch adds to a state, in one nested XLA call where that pays."""
    count = _fused if _pays_fusing(reading, y_true, y_pred) else _count
    return count(layout, reading)(y_true, y_pred, *rest)


@functools.lru_cache(maxsize=1024)
def _traced(layout: Layout, reading: Reading, *kinds: Kind) -> Callable[..., None]:
    """What is traced for tensors of exactly these dtypes and shapes.

    Looking it up here takes a few microseconds, while a tf.function takes a hundred to find its trace at every call.
    """
    specs: list[Any] = [None if kind is None else tf.TensorSpec(kind[1], kind[0]) for kind in kinds]
    forms = list(map(_form_of, kinds))
    function = compiled(layout, reading, *forms, relaxes=False)
    sizes_left = function.experimental_get_tracing_count() < kernels.XLA_SIZES
    if not (_pays_fusing(reading, *specs[:2]) and sizes_left):
        function = compiled(layout, reading, *forms, relaxes=True)
    return function.get_concrete_function(tf.TensorSpec([], tf.resource), *specs)


@functools.cache
def compiled(layout: Layout, reading: Reading, *forms: tuple[int, bool] | None, relaxes: bool) -> Any:
    """The function that adds batches of these forms; one that relaxes the other dimensions traces few of their sizes.

    A relaxed dimension is no static shape, so that batches of many lengths do not each wait for XLA, nor have it.
    """

    def step(handle, *batch):
        _add_in_place(handle, layout, reading, *batch)

    return tf.function(step, reduce_retracing=relaxes, autograph=False)


def _form_of(kind: Kind) -> tuple[int, bool] | None:
    """What a relaxed shape must keep for a form to be told: (N,), (N, 1) and (N, C) need traces of their own."""
    return None if kind is None else (kind[1].rank or 0, kind[1].rank != 0 and kind[1][-1] == 1)


def _add_in_place(
    handle: tf.Tensor, layout: Layout, reading: Reading, y_true: tf.Tensor, y_pred: tf.Tensor, *rest: MaybeTensor
) -> None:
    if not kernels.scatters(layout.size, y_pred if reading.scores else y_true, y_pred):
        added = count_batch(layout, reading, y_true, y_pred, *rest)
        tf.raw_ops.AssignAddVariableOp(resource=handle, value=added)
        return
    bins, weight = layout.place(canonicalize(y_true, y_pred, rest[0], reading, rest[1]))
    kernels.scatter_add(handle, layout.size + ASIDE, bins, weight)


def _pays_fusing(reading: Reading, y_true: tf.Tensor, y_pred: tf.Tensor) -> bool:
    """Whether XLA is ahead: on large batches, unless long rows are searched for their largest score."""
    searches = reading.threshold is None and not reading.scores and y_pred.dtype.is_floating and y_pred.shape.rank > 1
    return kernels.is_large(y_true, y_pred) and not (searches and kernels.is_wide(y_pred))


def _count(layout: Layout, reading: Reading) -> Callable[..., tf.Tensor]:
    def count(y_true, y_pred, sample_weight, mask):
        return tally(layout, canonicalize(y_true, y_pred, sample_weight, reading, mask))

    return count


@functools.cache
def _fused(layout: Layout, reading: Reading) -> Callable[..., tf.Tensor]:
    """Fixed shapes: XLA compiles anew for each of them anyway."""
    return tf.function(_count(layout, reading), jit_compile=True, autograph=False)
