"""Every private name of Keras that is used: why, what breaks without it, and the fallback.

- `in_stateless_scope`: a metric must not change its own state inside `keras.StatelessScope`. Without it, each
  write goes through Keras' own variables, which is always right, but slower.
- `_keras_mask`: a mask reaches metrics and losses in no other way. Without it, masked samples are counted.
- `_keras_logits`: losses read the logits of a softmax or sigmoid from its output. Without it, rows with
  probabilities of 0 or 1 in float32 have no gradient on several workers.
- `_direction`: EarlyStopping and ModelCheckpoint read it for `mode="auto"`. Without it, `mode=` must be given.
- `_maybe_symbolic_build`: variables of metrics and losses must exist before replicas run. Without it, one batch
  is evaluated and its counts are removed.
- `_initial_epoch`: BackupAndRestore stores the epoch to continue with there. Without it, training begins with
  `initial_epoch`.

`tests/test_compat.py` looks each of them up in the installed Keras and names those that a new Keras has renamed.
"""

import re
from typing import Any, Literal, TypeVar

import keras
import tensorflow as tf

__all__ = [
    "MINIMAL_KERAS",
    "copy_annotations",
    "direction_of",
    "higher_is_better",
    "in_stateless_scope",
    "is_too_old",
    "keras_logits",
    "keras_mask",
    "lower_is_better",
    "restored_epoch",
    "set_direction",
    "symbolic_build",
]

AnyMetric = TypeVar("AnyMetric", bound=keras.metrics.Metric)

#: Earlier versions refuse the variables of our metrics: "unexpected keyword argument 'synchronization'".
MINIMAL_KERAS = (3, 10)

try:
    from keras.src.backend.common.stateless_scope import in_stateless_scope
except ImportError:

    def in_stateless_scope() -> bool:
        """Whether a stateless scope may be open: always, so that each write goes through Keras' own variables."""
        return True


def is_too_old(version: str) -> bool:
    """Whether this version of Keras, as `keras.__version__`, cannot hold our metrics."""
    return tuple(int(number) for number in re.findall(r"\d+", version)[:2]) < MINIMAL_KERAS


def keras_mask(tensor: Any) -> tf.Tensor | None:
    """The mask that Keras has attached to predictions; any operation on them drops it."""
    return getattr(tensor, "_keras_mask", None)


def keras_logits(tensor: Any) -> tf.Tensor | None:
    """The logits of which Keras' softmax or sigmoid has made probabilities, as its own cross-entropies read them.

    Without it margins are computed from probabilities: those of a float32 sigmoid end at a logit of 17.
    """
    return getattr(tensor, "_keras_logits", None)


def copy_annotations(source: Any, target: Any, change: Any) -> Any:
    """Puts mask and logits of `source`, each passed through `change`, onto `target`, and returns `target`."""
    for name in ("_keras_mask", "_keras_logits"):
        annotation = getattr(source, name, None)
        if annotation is not None:
            setattr(target, name, change(annotation))
    return target


def set_direction(metric: Any, direction: Literal["up", "down"]) -> None:
    """Tells callbacks with `mode="auto"` whether a greater value of the metric, or of a class of them, is better."""
    metric._direction = direction


def direction_of(metric: keras.metrics.Metric) -> Literal["up", "down"] | None:
    """Whether a greater or a smaller value of a metric is better; None where neither is."""
    return getattr(metric, "_direction", None)


def higher_is_better(metric: type[AnyMetric]) -> type[AnyMetric]:
    """Class decorator: callbacks with `mode="auto"` look for the greatest value."""
    set_direction(metric, "up")
    return metric


def lower_is_better(metric: type[AnyMetric]) -> type[AnyMetric]:
    """Class decorator: callbacks with `mode="auto"` look for the smallest value."""
    set_direction(metric, "down")
    return metric


def symbolic_build(model: Any, x: Any, y: Any, sample_weight: Any) -> None:
    """Makes the variables of layers, losses and metrics from a batch, without counting it."""
    if hasattr(model, "_maybe_symbolic_build"):
        model._maybe_symbolic_build(data_batch=(x, y, sample_weight))
    else:
        model.test_on_batch(x, y, sample_weight)
        model.reset_metrics()


def restored_epoch(model: keras.Model) -> int | None:
    """The epoch with which BackupAndRestore continues; None if it has restored nothing."""
    return getattr(model, "_initial_epoch", None)
