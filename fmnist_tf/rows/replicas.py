"""State by row under several replicas: each has a copy, and writes the rows of all into it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf


def make_copies(strategy: tf.distribute.Strategy, value: np.ndarray, name: str) -> Any:
    """A variable of which each replica has a separate copy."""
    with strategy.scope():
        return tf.Variable(
            tf.constant(value),
            name=name,
            trainable=False,
            synchronization=tf.VariableSynchronization.ON_READ,
            aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA,
        )


def first_copy(variable: Any) -> tf.Variable:
    """The copy of the first replica of this process; all copies are equal."""
    return _copies(variable)[0]


def assign_copies(variable: Any, value: np.ndarray) -> None:
    """Replaces all copies."""
    for copy in _copies(variable):
        copy.assign(value)


def _copies(variable: Any) -> Sequence[tf.Variable]:
    return list(getattr(variable, "values", None) or [variable])


def rows_of_all(columns: Sequence[tf.Tensor]) -> Sequence[tf.Tensor]:
    """The rows of every replica, column by column: numbers (N,), exact up to 2**53, of the dtypes they had."""
    context = tf.distribute.get_replica_context()
    if context is None or context.num_replicas_in_sync == 1:
        return columns
    numbers = tf.stack([tf.cast(column, tf.float64) for column in columns], axis=1)  # one exchange for all of them
    in_one_process = len(context.strategy.extended.worker_devices) == context.num_replicas_in_sync
    # Gathering by a collective fails where one process has had two strategies, whose keys are the same.
    whole = context.merge_call(_concat, (numbers,)) if in_one_process else context.all_gather(numbers, axis=0)
    gathered = tf.unstack(whole, num=len(columns), axis=1)
    return [tf.cast(part, column.dtype) for part, column in zip(gathered, columns, strict=True)]


def _concat(strategy: tf.distribute.Strategy, numbers: Any) -> tf.Tensor:
    return tf.concat(strategy.experimental_local_results(numbers), axis=0)
