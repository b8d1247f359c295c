"""Data of fit_workers as batches, the same on every worker: an epoch's share of them, and their checksum."""

import warnings
import zlib
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf


def as_batches(data: Any, batch_size: int) -> tf.data.Dataset:
    """Batches `(x, y)` or `(x, y, sample_weight)`, of arrays, a tf.data.Dataset or a keras.utils.PyDataset.

    Raises:
        TypeError: `data` is of another kind, such as a generator.
        ValueError: it holds no rows, or arrays that differ in length.
    """
    if isinstance(data, tf.data.Dataset):
        return data
    if isinstance(data, keras.utils.PyDataset):
        return _from_py_dataset(data)
    if not isinstance(data, tuple | list) or len(data) not in (2, 3):
        raise TypeError(
            "`data` must be (x, y), (x, y, sample_weight), a tf.data.Dataset or a keras.utils.PyDataset, "
            f"got {type(data).__name__}; make a dataset of a generator by tf.data.Dataset.from_generator"
        )
    if batch_size < 1:
        raise ValueError(f"`batch_size` must be at least 1, got {batch_size}")
    try:
        return tf.data.Dataset.from_tensor_slices(tuple(part for part in data if part is not None)).batch(batch_size)
    except ValueError as error:
        raise ValueError(f"`data` must hold arrays of the same length; {error}") from error


def first_batch(batches: tf.data.Dataset) -> Any:
    """The first batch.

    Raises:
        ValueError: there is none.
    """
    for batch in batches:
        return batch
    raise ValueError("`data` must hold one row or more, got none")


def count_batches(batches: tf.data.Dataset) -> int | None:
    """The number of batches; None if it is unknown or infinite."""
    length = int(batches.cardinality())
    return length if length >= 0 else None


class EpochBatches:
    """The batches of one epoch after the other: each iteration is an epoch.

    Args:
        batches: all of them.
        steps: batches an epoch, after which the next epoch continues in the data; None takes all batches in each epoch.
    """

    def __init__(self, batches: tf.data.Dataset, steps: int | None):
        self.batches, self.steps = batches, steps
        self._rest: Iterator[Any] = iter(())

    def __iter__(self) -> Iterator[Any]:
        return iter(self.batches) if self.steps is None else self._go_on(self.steps)

    def _go_on(self, steps: int) -> Iterator[Any]:
        """The next batches; as in fit an epoch ends with the data, and the next one starts from their beginning."""
        for step in range(steps):
            batch = next(self._rest, None)
            if batch is None and step == 0:
                self._rest = iter(self.batches)
                batch = next(self._rest, None)
            if batch is None:
                warnings.warn(f"the data ended after {step} of {steps} steps of an epoch", stacklevel=2)
                return
            yield batch


def add_checksum(checksum: int, batch: Any) -> int:
    """The checksum after one more batch of inputs, labels and weights."""
    for tensor in tf.nest.flatten(batch, expand_composites=True):
        values = np.asarray(tensor)
        content = repr(values.tolist()).encode() if values.dtype.hasobject else np.ascontiguousarray(values).data
        checksum = zlib.crc32(content, checksum)
    return checksum


def _from_py_dataset(data: keras.utils.PyDataset) -> tf.data.Dataset:
    """Its batches in their order; `on_epoch_end` is called as in fit."""
    number = data.num_batches
    if number == 0:
        raise ValueError("`data` must hold one row or more, got none")

    def batches() -> Iterator[Any]:
        index = 0
        while number is None or index < number:
            yield _tensors(data[index])
            index += 1
        data.on_epoch_end()

    spec = tf.nest.map_structure(lambda array: tf.TensorSpec((None, *array.shape[1:]), array.dtype), _tensors(data[0]))
    dataset = tf.data.Dataset.from_generator(batches, output_signature=spec)
    return dataset if number is None else dataset.apply(tf.data.experimental.assert_cardinality(number))


def _tensors(batch: Any) -> Any:
    return tf.nest.map_structure(tf.convert_to_tensor, tuple(part for part in batch if part is not None))
