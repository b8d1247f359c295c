"""The facts of a training that stand in its run folder: model, parameters, optimizer, loss and length."""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np


def facts_of(model: keras.Model, params: Mapping[str, Any]) -> dict[str, Any]:
    """Name -> value, ready for JSON; what is not known is left out.

    Args:
        model: the compiled model.
        params: those that Keras gives to callbacks, with "epochs" and "steps".
    """
    optimizer: Any = getattr(model, "optimizer", None)
    facts = {
        "model": model.name,
        "parameters": model.count_params() if model.built else None,
        "optimizer": type(optimizer).__name__ if optimizer else None,
        "learning_rate": _learning_rate(optimizer) if optimizer else None,
        "loss": _name_of(getattr(model, "loss", None)),
        "epochs": params.get("epochs"),
        "steps": params.get("steps"),
    }
    return {name: value for name, value in facts.items() if value is not None}


def _learning_rate(optimizer: Any) -> float:
    """The rate at the beginning; it may be that of a schedule."""
    return float(np.asarray(optimizer.learning_rate))


def _name_of(loss: Any) -> str | None:
    """The name of a loss or of a function; None of several."""
    return loss if isinstance(loss, str) else getattr(loss, "name", None) or getattr(loss, "__name__", None)
