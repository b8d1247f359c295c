"""The rows of a batch that one replica takes."""

from typing import Any, NamedTuple

import keras
import tensorflow as tf


class Part(NamedTuple):
    """The rows of one replica; if `number` is 0, one row of another replica.

    Attributes:
        x: inputs of these rows.
        y: their labels.
        sample_weight: their weights, or None.
        start: the index of the first row in the batch.
        number: the number of rows.
        size: the number of rows of the whole batch.
    """

    x: Any
    y: Any
    sample_weight: Any
    start: tf.Tensor
    number: tf.Tensor
    size: tf.Tensor

    @property
    def share(self) -> tf.Tensor:
        """These rows as a share of the batch."""
        return self.number / self.size


def take_part(batch: Any) -> Part:
    """The rows of the replica that calls it."""
    context = tf.distribute.get_replica_context()
    replica, replicas = context.replica_id_in_sync_group, context.num_replicas_in_sync
    size = tf.shape(tf.nest.flatten(batch)[0])[0]
    start, stop = replica * size // replicas, (replica + 1) * size // replicas
    rows = tf.nest.map_structure(lambda tensor: tensor[start : tf.maximum(stop, start + 1)], batch)
    return Part(*keras.utils.unpack_x_y_sample_weight(rows), start, stop - start, size)
