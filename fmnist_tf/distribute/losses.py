"""The loss of a whole batch, on each replica, from the predictions of all.

A mean of parts is not the overall mean: masks, ignored classes and weights change the denominator, and a custom loss
need not be a mean. Labels are on every worker and predictions are few numbers, so each replica gathers them and lets
Keras compute the loss of a single process. It differentiates by its rows alone.
"""

import math
from typing import Any

import keras
import tensorflow as tf

from fmnist_tf.compat import copy_annotations
from fmnist_tf.distribute.parts import Part

#: The relative difference that the order of float32 sums may cause.
_ROUNDING = 1e-5


def batch_loss(model: Any, batch: Any, part: Part, y_pred: Any, *, training: bool) -> tf.Tensor:
    """The loss of the batch as Keras computes it, divided by the number of replicas where it is a mean.

    The gradient by the rows of the replica is that of the loss over `part.share`; see `compile_train_step`.
    """
    whole = tf.nest.map_structure(lambda rows: _gather(rows, batch, part), y_pred)
    x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(batch)
    return model.compute_loss(x=x, y=y, y_pred=whole, sample_weight=sample_weight, training=training)


def find_loss_scale(model: Any, batch: Any) -> float:
    """The factor that makes the loss on a replica that of the batch: the number of replicas for means, else 1.

    Keras divides means over rows by the number of replicas, but neither sums nor the result of a custom loss that
    reduces by itself. The loss of one batch, with replicas and without, shows which kind a model has.

    Raises:
        ValueError: it has both, or several outputs with a loss that is not a mean.
    """
    replicas = model.distribute_strategy.num_replicas_in_sync
    alone = _evaluate_loss(model, batch)
    results = tf.function(model.distribute_strategy.run, autograph=False)(lambda: _evaluate_loss(model, batch))
    divided = model.distribute_strategy.experimental_local_results(results)[0]
    alone, divided = float(alone), float(divided)
    if not math.isfinite(alone) or math.isclose(divided * replicas, alone, rel_tol=_ROUNDING):
        return float(replicas)
    is_only_loss = len(getattr(model, "outputs", None) or [None]) == 1 and not model.losses
    if is_only_loss and math.isclose(divided, alone, rel_tol=_ROUNDING):
        return 1.0
    raise ValueError(
        "a loss that is one number a batch cannot be added to other losses or regularizers on several workers; "
        "return one value a row, of which Keras takes the mean"
    )


def _evaluate_loss(model: Any, batch: Any) -> tf.Tensor:
    """The loss of a batch; the model does not change."""
    x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(batch)
    with keras.StatelessScope([(weight, weight.value) for weight in model.trainable_variables]):
        y_pred = model(x, training=False)
        loss = model.compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight, training=False)
    return tf.reduce_sum(loss)


def _gather(rows: tf.Tensor, batch: Any, part: Part) -> tf.Tensor:
    """The rows of all replicas, with mask and logits; a gradient flows to those of this replica."""
    size = tf.nest.flatten(batch)[0].shape[:1]
    own = _over_share(rows[: part.number], part)
    whole = tf.ensure_shape(_insert(own, part), size.concatenate(rows.shape[1:]))
    return copy_annotations(rows, whole, lambda annotation: _gather(annotation, batch, part))


def _over_share(rows: tf.Tensor, part: Part) -> tf.Tensor:
    """The same rows, their gradient divided by their share of the batch, by which the step multiplies the loss."""
    if not rows.dtype.is_floating:
        return rows
    factor = tf.cast(part.size / tf.maximum(part.number, 1), rows.dtype)

    @tf.custom_gradient
    def identity(values: tf.Tensor) -> tuple[tf.Tensor, Any]:
        return tf.identity(values), lambda gradient: gradient * factor

    return identity(rows)  # pyright: ignore[reportReturnType] - the annotation ignores the decorator


def _insert(own: tf.Tensor, part: Part) -> tf.Tensor:
    """These rows at their indices among those of the other replicas."""
    stop = part.start + part.number
    padding = [[part.start, part.size - stop]] + [[0, 0]] * (len(own.shape) - 1)
    numbers = own if own.dtype.is_floating else tf.cast(own, tf.float64)  # not all types can be added up
    # TensorFlow's annotation ignores tensors within lists.
    padded = tf.pad(tf.stop_gradient(numbers), padding)  # pyright: ignore[reportArgumentType]
    others = tf.cast(tf.distribute.get_replica_context().all_reduce("SUM", padded), own.dtype)
    return tf.concat([others[: part.start], own, others[stop:]], axis=0)
