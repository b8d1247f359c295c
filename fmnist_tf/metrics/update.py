"""One update: a batch is counted and added to the state by a function compiled for its shapes."""

import functools
import threading
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from fmnist_tf import kernels
from fmnist_tf.compat import in_stateless_scope
from fmnist_tf.counts import NUM_EXTRA_BINS, Layout, tally, weight_excess
from fmnist_tf.labels import InputFormat, InputSpec, Labels, canonicalize
from fmnist_tf.rows.slice_bins import SliceBins

MaybeTensor = tf.Tensor | None
Kind = tuple[tf.DType, tf.TensorShape] | None

#: TensorFlow adds to single cells of a variable without excluding other threads: counts of two at once would be lost.
_ONE_AT_A_TIME = threading.Lock()


class Batch(NamedTuple):
    """The tensors of one update."""

    y_true: tf.Tensor
    y_pred: tf.Tensor
    sample_weight: MaybeTensor = None
    mask: MaybeTensor = None
    slices: MaybeTensor = None

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The dtypes and shapes of the tensors."""
        return tuple(None if tensor is None else (tensor.dtype, tensor.shape) for tensor in self)


class Plan(NamedTuple):
    """How batches of one format are counted. Hashable, so that metrics of one configuration share their traces."""

    layout: Layout
    spec: InputSpec
    input_format: InputFormat
    slice_bins: SliceBins | None = None

    def read(self, batch: Sequence[MaybeTensor]) -> Labels:
        """The canonical form of a batch."""
        y_true, y_pred, sample_weight, mask, _ = batch
        return canonicalize(y_true, y_pred, sample_weight, self.spec, mask=mask, input_format=self.input_format)


def add_batch(state: keras.Variable, plan: Plan, batch: Batch, kinds: tuple[Kind, ...]) -> None:
    """Adds a batch, of these kinds, to a state.

    Called eagerly it is one dispatch of a compiled function that all metrics of one configuration share. It is called
    as an operation, since a concrete function checks its arguments at each call, which takes five times as long as
    counting 32 rows. In a graph it is part of that graph. Keras' own `assign_add` handles stateless scopes and
    replicas, but reads the state, adds and writes it back; without those, one operation adds in place.
    """
    variable = state.value
    if not is_plain_variable(variable):
        add_to(state, count_batch(plan, *batch))
    elif tf.executing_eagerly():
        tensors = [tensor for tensor in batch if tensor is not None]
        function = _traced(plan, *kinds)
        with _ONE_AT_A_TIME:
            tf.raw_ops.StatefulPartitionedCall(args=[variable.handle, *tensors], Tout=[], f=function)
    else:
        _add_in_place(variable.handle, plan, *batch)


def is_plain_variable(variable: object) -> bool:
    """Whether a state is one plain variable: not in a stateless scope, and without replicas."""
    several = tf.distribute.has_strategy() or isinstance(variable, tf.distribute.DistributedValues)
    return isinstance(variable, tf.Variable) and not several and not in_stateless_scope()


def add_to(state: keras.Variable, counts: tf.Tensor) -> None:
    """Adds counts to a state, inside or outside of a replica."""
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
    """Whether this is the state of several replicas, outside of their `run`."""
    inside = tf.distribute.has_strategy() and tf.distribute.get_replica_context() is not None
    return isinstance(variable, tf.distribute.DistributedValues) and not inside


def _add_to_first(variable: Any, counts: tf.Tensor) -> None:
    """Adds to the first replica alone. Keras' assign divides, and a seventh of a count is not exact in float64."""
    strategy = variable.distribute_strategy
    if strategy.extended.should_checkpoint:  # of several workers, that of the chief
        strategy.experimental_local_results(variable)[0].assign_add(counts)


def count_batch(plan: Plan, *batch: MaybeTensor) -> tf.Tensor:
    """The state of a batch alone, in one nested XLA call if that is faster."""
    return (_fused if _pays_fusing(plan.spec, *batch[:2]) else _tallied)(plan)(*batch)


@functools.lru_cache(maxsize=1024)
def _traced(plan: Plan, *kinds: Kind) -> Callable[..., None]:
    """The function traced for tensors of exactly these dtypes and shapes.

    Looking it up here takes a few microseconds, while a tf.function takes a hundred to find its trace at every call.
    """
    specs: list[Any] = [None if kind is None else tf.TensorSpec(kind[1], kind[0]) for kind in kinds]
    formats = list(map(rank_and_column, kinds))
    function = compiled(plan, *formats, relaxes=False)
    sizes_left = function.experimental_get_tracing_count() < kernels.XLA_SIZES
    if not (_pays_fusing(plan.spec, *specs[:2]) and sizes_left):
        function = compiled(plan, *formats, relaxes=True)
    return function.get_concrete_function(tf.TensorSpec([], tf.resource), *specs)


@functools.cache
def compiled(plan: Plan, *formats: tuple[int, bool] | None, relaxes: bool) -> Any:
    """The function that adds batches of these formats; with `relaxes` one trace serves many sizes.

    A relaxed dimension is not static, so that batches of many lengths are not compiled by XLA one by one, nor at all.
    """

    def step(handle, *batch):
        _add_in_place(handle, plan, *batch)

    return tf.function(step, reduce_retracing=relaxes, autograph=False)


def rank_and_column(kind: Kind) -> tuple[int, bool] | None:
    """(rank, whether the last axis is 1): (N,), (N, 1) and (N, C) are other formats and need separate traces."""
    return None if kind is None else (kind[1].rank or 0, kind[1].rank != 0 and kind[1][-1] == 1)


def _add_in_place(handle: tf.Tensor, plan: Plan, *batch: Any) -> None:
    y_true, y_pred, sample_weight, _, slices = batch
    size = plan.layout.size if plan.slice_bins is None else plan.layout.size + plan.slice_bins.size
    sums_first = sample_weight is not None and size < kernels.SCATTER_FROM
    if sums_first or not kernels.should_scatter(size, y_pred if plan.spec.scores else y_true, y_pred):
        tf.raw_ops.AssignAddVariableOp(resource=handle, value=count_batch(plan, *batch))
        return
    labels, size, own = plan.read(batch), size + NUM_EXTRA_BINS, plan.layout.size + NUM_EXTRA_BINS
    kernels.scatter_add(handle, size, *plan.layout.bin_indices(labels))
    if labels.weight is not None:
        kernels.scatter_add(
            handle, size, tf.constant([own - 1], tf.int64), weight_excess(plan.layout, labels)[tf.newaxis]
        )
    if plan.slice_bins is not None:
        bins, weight = plan.slice_bins.bin_indices(labels, slices)
        kernels.scatter_add(handle, size, bins + own, weight)


def _pays_fusing(spec: InputSpec, y_true: Any, y_pred: Any) -> bool:
    """Whether XLA is faster: on large batches, unless long rows are searched for their largest score."""
    searches = spec.threshold is None and not spec.scores and y_pred.dtype.is_floating and y_pred.shape.rank > 1
    return kernels.is_large(y_true, y_pred) and not (searches and kernels.is_wide(y_pred))


@functools.cache
def _fused(plan: Plan) -> Callable[..., tf.Tensor]:
    """A count of fixed shapes, since XLA compiles for each shape in any case."""
    return tf.function(_tallied(plan), jit_compile=True, autograph=False)


def _tallied(plan: Plan) -> Callable[..., tf.Tensor]:
    """Counts a batch of all rows, and after them those of the values of slices."""

    def count(*batch: MaybeTensor) -> tf.Tensor:
        labels, slices = plan.read(batch), batch[-1]
        whole = tally(plan.layout, labels)
        if plan.slice_bins is None or slices is None:
            return whole
        return tf.concat([whole, plan.slice_bins.tally(labels, slices)], axis=0)

    return count
