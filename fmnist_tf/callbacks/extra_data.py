"""Data that a callback scores itself: named data sets, in every form that fit takes as `validation_data`."""

from collections.abc import Iterator, Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

#: Rows a batch of arrays; a tf.data.Dataset and a PyDataset keep their own batches.
_BATCH_SIZE = 256
_FORMS = "(x, y), (x, y, sample_weight), a tf.data.Dataset or a keras.utils.PyDataset"


def parse_datasets(data: Any) -> dict[str, Any]:
    """Every accepted form of `data` -> named data sets.

    Args:
        data: None, one data set, which is called "val", or a dict of named ones.

    Raises:
        ValueError: a reserved name, a tuple that is not (x, y) or (x, y, sample_weight), parts of different
             lengths, or a data set that never ends.
        TypeError: another kind of data set, such as a generator.
    """
    named: dict[str, Any] = {} if data is None else dict(data) if isinstance(data, Mapping) else {"val": data}
    for name, values in named.items():
        if name in ("train", "epochs", "evaluate", ""):
            raise ValueError(f"a data set cannot be called {name!r}; scores and files of training use that name")
        _check_kind(name, values)
        _check_end(name, values)
    return named


def _check_kind(name: str, values: Any) -> None:
    if isinstance(values, tuple | list):
        if len(values) not in (2, 3):
            raise ValueError(f"data set {name!r} must be (x, y) or (x, y, sample_weight), got {len(values)} parts")
        _check_lengths(name, values)
    elif isinstance(values, Iterator):
        raise TypeError(
            f"data set {name!r} is a {type(values).__name__}, which can be read only once, while it is scored in every "
            f"epoch; give {_FORMS}"
        )
    elif not isinstance(values, tf.data.Dataset | keras.utils.PyDataset):
        raise TypeError(f"data set {name!r} must be {_FORMS}, got {type(values).__name__}")


def _check_end(name: str, values: Any) -> None:
    if isinstance(values, tf.data.Dataset) and values.cardinality() == tf.data.INFINITE_CARDINALITY:
        raise ValueError(f"data set {name!r} never ends; leave out repeat(), or add .take(number of batches)")
    if isinstance(values, keras.utils.PyDataset) and values.num_batches is None:
        raise ValueError(f"data set {name!r} never ends; let its num_batches be a number")


def _check_lengths(name: str, values: Any) -> None:
    parts = keras.tree.flatten(_as_structure(values))
    lengths = dict.fromkeys(len(part) for part in parts)
    if len(lengths) > 1:
        raise ValueError(f"data set {name!r} has parts of different lengths, {' and '.join(map(str, lengths))}")


def _as_structure(values: Any) -> tuple[Any, ...]:
    """(x, y[, sample_weight]), each an array or a tuple or dict of arrays, as tf.data takes them."""
    return tuple(_as_arrays(part) for part in values if part is not None)


def _as_arrays(part: Any) -> Any:
    if isinstance(part, Mapping):
        return {name: _as_arrays(value) for name, value in part.items()}
    if isinstance(part, tuple | list) and any(hasattr(value, "shape") for value in part):
        return tuple(_as_arrays(value) for value in part)
    to_numpy = getattr(part, "to_numpy", None)  # pandas has it
    if to_numpy is not None:
        part = to_numpy()
    array = part if isinstance(part, tf.Tensor) else np.asarray(part)
    return array.astype(keras.config.floatx()) if array.dtype == np.float64 else array  # as fit does


def check_batched(name: str, values: Any, model: keras.Model) -> None:
    """Refuses labels without a dimension, and inputs of one dimension less than the model's."""
    if not isinstance(values, tf.data.Dataset):
        return
    x, y, _ = keras.utils.unpack_x_y_sample_weight(values.element_spec)
    pairs = zip(tf.nest.flatten(x), getattr(model, "inputs", None) or [], strict=False)
    lacking = [spec.shape.rank == len(wanted.shape) - 1 for spec, wanted in pairs if spec.shape.rank is not None]
    if any(lacking) or any(getattr(spec, "shape", None) == () for spec in tf.nest.flatten(y)):
        raise ValueError(f"data set {name!r} is not batched; give it .batch({_BATCH_SIZE})")


def batches_of(values: Any) -> Iterator[tuple[Any, Any, Any]]:
    """The batches of a data set, each (x, y, sample_weight or None) of tensors.

    Raises:
        ValueError: a batch has no labels.
    """
    if isinstance(values, tuple | list):
        values = tf.data.Dataset.from_tensor_slices(_as_structure(values)).batch(_BATCH_SIZE)
    if isinstance(values, keras.utils.PyDataset):
        values = _batches_of_py_dataset(values)
    for batch in values:
        x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(batch)
        if y is None:
            raise ValueError("a batch has no labels; give (x, y) or (x, y, sample_weight)")
        yield x, y, sample_weight


def _batches_of_py_dataset(dataset: keras.utils.PyDataset) -> Iterator[Any]:
    dataset.on_epoch_begin()
    for index in range(dataset.num_batches or 0):
        yield tuple(tf.nest.map_structure(tf.convert_to_tensor, _as_arrays(part)) for part in dataset[index])
    dataset.on_epoch_end()
