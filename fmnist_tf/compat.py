"""Every private name of Keras that is used: why, what breaks without it, and the test that tells when it is gone.

`tests/test_compat.py` looks each of them up, so that a new Keras that renames one says which.
"""

from typing import Any

import tensorflow as tf
from keras.src.backend.common.stateless_scope import in_stateless_scope

__all__ = ["in_stateless_scope", "keras_mask"]


def keras_mask(tensor: Any) -> tf.Tensor | None:
    """The mask that Keras has left on predictions, its only trace; any operation on them drops it.

    A mask reaches a metric in no other way. Without the name masked samples would be counted.
    """
    return getattr(tensor, "_keras_mask", None)
