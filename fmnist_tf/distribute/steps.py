"""One step of several workers: every replica takes its rows of the batch; losses, gradients and counts add up.

All workers hold the same batch, N rows in the order of a single process, and of R replicas replica r takes the n_r rows
from r N // R to (r + 1) N // R. Each computes the loss of the whole batch, from the predictions of all (losses.py), and
differentiates it by its own rows alone, so that the sum of the replicas' gradients is the gradient of a single process.
A replica without rows takes a row of another one with weight 0, since layers cannot take an empty batch.
"""

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from fmnist_tf.compat import copy_annotations
from fmnist_tf.distribute.gradients import apply_gradients
from fmnist_tf.distribute.losses import batch_loss
from fmnist_tf.distribute.parts import Part, take_part

Step = Callable[[Any], dict[str, Any]]
Replica = Callable[[Any, Any, float], None]


def compile_train_step(model: keras.Model, spec: Any, loss_scale: float) -> Step:
    """A function that learns from a batch of this `element_spec`; it returns the metrics so far, of all rows.

    Args:
        model: compiled, with all its variables.
        spec: the `element_spec` of the batches.
        loss_scale: as `find_loss_scale` gives it.
    """
    return _compile(model, spec, loss_scale, _train_replica)


def compile_test_step(model: keras.Model, spec: Any, loss_scale: float) -> Step:
    """A function that counts a batch of this `element_spec`; it returns the metrics so far, of all rows.

    Args:
        model: compiled, with all its variables.
        spec: the `element_spec` of the batches.
        loss_scale: as `find_loss_scale` gives it.
    """
    return _compile(model, spec, loss_scale, _test_replica)


def _compile(model: Any, spec: Any, loss_scale: float, replica: Replica) -> Step:
    @tf.function(input_signature=[spec], autograph=False)
    def step(batch: Any) -> dict[str, Any]:
        model.distribute_strategy.run(lambda whole: replica(model, whole, loss_scale), (batch,))
        return model.get_metrics_result()

    return step


def _train_replica(model: Any, batch: Any, loss_scale: float) -> None:
    part = take_part(batch)
    with tf.GradientTape() as tape:
        y_pred = model(part.x, training=True)
        loss = batch_loss(model, batch, part, y_pred, training=True) * loss_scale
        # Terms that do not depend on the predictions, such as a penalty on the weights, add up to their value.
        own = model.optimizer.scale_loss(loss * tf.cast(part.share, loss.dtype))
    _count(model, part, y_pred, loss)
    if model.trainable_variables:
        gradients = tape.gradient(own, model.trainable_variables)
        apply_gradients(model.optimizer, gradients, model.trainable_variables)


def _test_replica(model: Any, batch: Any, loss_scale: float) -> None:
    part = take_part(batch)
    y_pred = model(part.x, training=False)
    _count(model, part, y_pred, batch_loss(model, batch, part, y_pred, training=False) * loss_scale)


def _count(model: Any, part: Part, y_pred: Any, loss: tf.Tensor) -> None:
    model.metrics[0].update_state(loss, sample_weight=part.number)  # "loss", the first of a compiled model
    counted = [_first_rows(values, part.number) for values in (part.x, part.y, y_pred, part.sample_weight)]
    model.compute_metrics(*counted)


def _first_rows(values: Any, number: tf.Tensor) -> Any:
    """The first `number` rows of every tensor, with its Keras mask."""

    def cut(tensor: Any) -> Any:
        return None if tensor is None else copy_annotations(tensor, tensor[:number], lambda rows: rows[:number])

    return tf.nest.map_structure(cut, values)
