"""One step of several workers: every replica takes its rows of the batch; losses, gradients and counts add up.

All workers hold the same batch, N rows in the order of a single process, and of R replicas replica r takes the n_r rows
from r N // R to (r + 1) N // R. The loss of the batch is the mean over its rows, sum_r n_r / N loss_r, so that the sum
of the replicas' gradients is the gradient of a single process, also where R does not divide N. A replica without rows
looks at one of another's with the weight 0: layers have no mean of nothing.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import keras
import tensorflow as tf

Step = Callable[[Any], dict[str, Any]]


def compile_train_step(model: keras.Model, spec: Any) -> Step:
    """A function that learns from a batch of this `element_spec`; it returns the metrics so far, of all rows."""
    return _compile(model, spec, _train_replica)


def compile_test_step(model: keras.Model, spec: Any) -> Step:
    """A function that counts a batch of this `element_spec`; it returns the metrics so far, of all rows."""
    return _compile(model, spec, _test_replica)


def _compile(model: Any, spec: Any, replica: Callable[[Any, Any], None]) -> Step:
    @tf.function(input_signature=[spec], autograph=False)
    def step(batch: Any) -> dict[str, Any]:
        model.distribute_strategy.run(lambda whole: replica(model, whole), (batch,))
        return model.get_metrics_result()

    return step


class _Part(NamedTuple):
    """The rows of one replica, `share` of the batch's `size`; where `share` is 0, a row to look at all the same."""

    x: Any
    y: Any
    sample_weight: Any
    broadcast: tf.Tensor
    size: tf.Tensor


def _train_replica(model: Any, batch: Any) -> None:
    part = _take_part(batch)
    with tf.GradientTape() as tape:
        y_pred = model(part.x, training=True)
        loss = _mean_loss(model, part, y_pred, training=True)
        own = model.optimizer.scale_loss(loss * tf.cast(part.broadcast / part.size, loss.dtype))
    _count(model, part, y_pred, loss)
    if model.trainable_variables:
        gradients = tape.gradient(own, model.trainable_variables)
        model.optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))


def _test_replica(model: Any, batch: Any) -> None:
    part = _take_part(batch)
    y_pred = model(part.x, training=False)
    _count(model, part, y_pred, _mean_loss(model, part, y_pred, training=False))


def _take_part(batch: Any) -> _Part:
    context = tf.distribute.get_replica_context()
    replica, replicas = context.replica_id_in_sync_group, context.num_replicas_in_sync
    size = tf.shape(tf.nest.flatten(batch)[0])[0]
    start, stop = replica * size // replicas, (replica + 1) * size // replicas
    rows = tf.nest.map_structure(lambda tensor: tensor[start : tf.maximum(stop, start + 1)], batch)
    return _Part(*keras.utils.unpack_x_y_sample_weight(rows), stop - start, size)


def _mean_loss(model: Any, part: _Part, y_pred: Any, *, training: bool) -> tf.Tensor:
    """The loss of these rows alone. Keras divides every mean by the number of replicas, for parts of equal size."""
    loss = model.compute_loss(part.x, part.y, y_pred, part.sample_weight, training=training)
    return loss * tf.cast(tf.distribute.get_replica_context().num_replicas_in_sync, loss.dtype)


def _count(model: Any, part: _Part, y_pred: Any, loss: tf.Tensor) -> None:
    model._loss_tracker.update_state(loss, sample_weight=part.broadcast)
    counted = [_first_rows(values, part.broadcast) for values in (part.x, part.y, y_pred, part.sample_weight)]
    model.compute_metrics(*counted)


def _first_rows(values: Any, number: tf.Tensor) -> Any:
    """So many rows of every tensor, its Keras mask with it."""

    def cut(tensor: Any) -> Any:
        if tensor is None:
            return None
        rows = tensor[:number]
        mask = getattr(tensor, "_keras_mask", None)
        if mask is not None:
            rows._keras_mask = mask[:number]
        return rows

    return tf.nest.map_structure(cut, values)
