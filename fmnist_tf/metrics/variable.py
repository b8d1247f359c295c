"""The one variable of a metric's state, which may have to be made while a tf.function is traced."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import keras
import tensorflow as tf

_BUILDING = threading.RLock()


def only_thread() -> AbstractContextManager:
    """Keeps other threads from making the same variable; not those of replicas, which wait for each other."""
    return nullcontext() if tf.distribute.has_strategy() else _BUILDING


def make_variable(size: int) -> keras.Variable:
    """Zeros, float64 (size,), of which each replica has its own, added up when read."""
    with _outside_of_traces():
        # Autocasting would round the counts to half precision inside a layer of a mixed precision model.
        return keras.Variable(
            initializer="zeros",
            shape=(size,),
            dtype="float64",
            trainable=False,
            autocast=False,
            aggregation="sum",
            synchronization="on_read",
            name="counts",
        )


@contextmanager
def _outside_of_traces() -> Iterator[None]:
    """Makes variables eagerly whatever is traced; a strategy makes those of its replicas itself.

    A tf.function lifts what its first trace creates, and complains of a later one only after it has been traced, where
    nothing can be said of the remedy. One that has made variables in its first trace refuses others in any case.
    """
    if tf.distribute.has_strategy():
        yield
        return
    with tf.init_scope(), tf.variable_creator_scope(_create_unlifted):
        yield


def _create_unlifted(create: Callable[..., tf.Variable], **options: Any) -> tf.Variable:
    return create(**{**options, "experimental_enable_variable_lifting": False})
