"""Gradients of all replicas, added up before they are clipped.

Keras clips the gradient of each replica and then adds them up. Here the sum is clipped, and each replica gives Keras an
equal share of it, which Keras' own clipping does not change.
"""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import tensorflow as tf

Gradients = list[Any]


def check_optimizer(optimizer: keras.optimizers.Optimizer) -> None:
    """Refuses options of an optimizer that do not work on several workers.

    Raises:
        ValueError: it accumulates gradients, scales losses or overwrites weights by their averages.
    """
    refused = {
        "`gradient_accumulation_steps`": (optimizer.gradient_accumulation_steps, "give a larger `batch_size`"),
        "`ema_overwrite_frequency`": (optimizer.ema_overwrite_frequency, "weights are averaged at the end of training"),
        "`LossScaleOptimizer`": (isinstance(optimizer, keras.optimizers.LossScaleOptimizer), "use mixed_bfloat16"),
    }
    for name, (given, remedy) in refused.items():
        if given:
            raise ValueError(f"{name} works in a single process alone; leave it out: {remedy}")


def apply_gradients(optimizer: Any, gradients: Sequence[Any], variables: Sequence[Any]) -> None:
    """Lets the optimizer take one step with the sum of the replicas' gradients."""
    clip = _find_clipping(optimizer)
    if clip is not None:
        gradients = _clip_sum(gradients, clip, optimizer.loss_scale_factor or 1.0)
    optimizer.apply_gradients(zip(gradients, variables, strict=True))


def _find_clipping(optimizer: Any) -> Callable[[Gradients], Gradients] | None:
    """The first clipping option that is given, in the order of Keras."""
    if optimizer.clipnorm:
        return lambda gradients: [tf.clip_by_norm(gradient, optimizer.clipnorm) for gradient in gradients]
    if optimizer.global_clipnorm:
        return lambda gradients: tf.clip_by_global_norm(gradients, optimizer.global_clipnorm)[0]
    if optimizer.clipvalue:
        bound = optimizer.clipvalue
        return lambda gradients: [tf.clip_by_value(gradient, -bound, bound) for gradient in gradients]
    return None


def _clip_sum(gradients: Sequence[Any], clip: Callable[[Gradients], Gradients], scale: float) -> Gradients:
    """A replica's share of the clipped sum; `scale` is the factor of the loss, by which Keras divides later."""
    context = tf.distribute.get_replica_context()
    present = [index for index, gradient in enumerate(gradients) if gradient is not None]
    sums = context.all_reduce("SUM", [gradients[index] for index in present])
    clipped = clip([_times(total, 1 / scale) for total in sums])
    shares: Gradients = [None] * len(gradients)
    for index, total in zip(present, clipped, strict=True):
        shares[index] = _take_share(_times(total, scale), context)
    return shares


def _take_share(total: Any, context: Any) -> Any:
    """An equal share; of a sparse gradient all on the first, since optimizers square its repeated rows one by one."""
    if isinstance(total, tf.IndexedSlices):
        return _times(total, tf.cast(tf.equal(context.replica_id_in_sync_group, 0), total.dtype))
    return total / context.num_replicas_in_sync


def _times(gradient: Any, factor: Any) -> Any:
    if isinstance(gradient, tf.IndexedSlices):
        return tf.IndexedSlices(gradient.values * factor, gradient.indices, gradient.dense_shape)
    return gradient * factor
