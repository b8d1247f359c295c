"""Every private name of Keras that is used: why, what breaks without it, and the test that tells when it is gone.

`tests/test_compat.py` looks each of them up, so that a new Keras that renames one says which.
"""

from typing import Any

import tensorflow as tf
from keras.src.backend.common.stateless_scope import in_stateless_scope

__all__ = ["in_stateless_scope", "keras_logits", "keras_mask"]


def keras_mask(tensor: Any) -> tf.Tensor | None:
    """The mask that Keras has left on predictions, its only trace; any operation on them drops it.

    A mask reaches a metric in no other way. Without the name masked samples would be counted.
    """
    return getattr(tensor, "_keras_mask", None)


def keras_logits(tensor: Any) -> tf.Tensor | None:
    """The logits of which Keras' softmax or sigmoid has made probabilities, as its own cross-entropies read them.

    Without the name margins are taken of probabilities: of a sigmoid in float32 they end at a logit of 17.
    """
    return getattr(tensor, "_keras_logits", None)
