"""The kind of a model's output: logits or probabilities, multiclass or columns. Never inferred from values."""

from collections.abc import Mapping
from typing import Any

import keras
import tensorflow as tf

from fmnist_tf.compat import keras_logits


def pick(values: Any, output: str | None, model: keras.Model, user: str) -> Any:
    """The part that belongs to the chosen output.

    Raises:
        ValueError: there are several and none is named, or none has that name.
    """
    if not tf.nest.is_nested(values):
        return values
    names = list(values) if isinstance(values, Mapping) else list(getattr(model, "output_names", None) or [])
    if isinstance(values, list | tuple) and len(values) == 1:
        return values[0]
    if output not in names:
        raise ValueError(f"{user}: `output` must be one of the model's outputs, {names}, got {output!r}")
    return values[output] if isinstance(values, Mapping) else values[names.index(output)]


def find_logits(model: keras.Model, output: str | None, y_pred: tf.Tensor, from_logits: bool | None) -> Any:
    """The logits of predictions: the predictions themselves, the input of the softmax or sigmoid, or None.

    Args:
        model: the model, whose loss and last layer tell its kind of output.
        output: which output of several.
        y_pred: the predictions.
        from_logits: as the user gives it; None reads it from the model.

    Returns:
        `y_pred` itself where it holds logits; None where it holds probabilities whose logits are not known.
    """
    if from_logits is None:
        known = keras_logits(y_pred)
        if known is not None and known.shape.rank == y_pred.shape.rank:
            return known
        from_logits = emits_logits(model, output)
    return y_pred if from_logits else None


def emits_logits(model: keras.Model, output: str | None = None) -> bool:
    """Whether the loss takes logits; if the loss does not tell, whether the last layer has no activation."""
    told = _config_of(_loss_of(model, output)).get("from_logits")
    if told is not None:
        return bool(told)
    return _activation(model, output) == "linear"


def is_multi_label(model: keras.Model, output: str | None = None) -> bool:
    """Whether several columns are binary: the loss is a binary one, or the activation a sigmoid."""
    loss = _loss_of(model, output)
    name = loss if isinstance(loss, str) else getattr(loss, "name", None) or getattr(loss, "__name__", "")
    return "binary" in str(name).lower() or _activation(model, output) == "sigmoid"


def _loss_of(model: keras.Model, output: str | None) -> Any:
    loss = getattr(model, "loss", None)
    if isinstance(loss, Mapping):
        return loss.get(output)
    names = list(getattr(model, "output_names", None) or [])
    if isinstance(loss, list | tuple):
        return loss[names.index(output) if output in names and len(loss) == len(names) else 0]
    return loss


def _config_of(loss: Any) -> Mapping[str, Any]:
    if isinstance(loss, str):
        try:
            loss = keras.losses.get(loss)
        except ValueError:
            return {}
    if isinstance(loss, keras.losses.Loss):
        return loss.get_config()
    return {"from_logits": False} if str(getattr(loss, "__name__", "")).endswith("crossentropy") else {}


def _activation(model: keras.Model, output: str | None) -> str | None:
    """The name of the activation of the layer that gives an output, where it has one."""
    layers: list[Any] = list(model.layers)
    last = next((layer for layer in layers if layer.name == output), layers[-1] if layers else None)
    activation = getattr(last, "activation", None)
    return getattr(activation, "__name__", None)
