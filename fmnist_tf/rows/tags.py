"""`tag`: puts the id and the slices of each row on its label; `untag` takes them off."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from fmnist_tf.rows.shown import Tags
from fmnist_tf.rows.slices import Slice

_LABELS, _ID, _SLICE = "tagged/y", "tagged/id", "tagged/slice/"


def tag(
    x: Any,
    y: Any,
    sample_weight: Any = None,
    *,
    slices: Mapping[Slice, Any] | None = None,
    ids: Any = None,
) -> tuple[Any, ...]:
    """Data whose labels carry tags, in the form that fit, evaluate and validation_data take: (x, y[, sample_weight]).

    The model must have been through `accept_tags`. Values of slices become ids here, so that text works under any
    compiler. `fit(class_weight=)` refuses labels of several parts: give sample weights.

    Args:
        x: the inputs; they are returned as they are.
        y: the labels: an array (N, ...), or a dict, list or tuple of them for several outputs. Inside `Dataset.map`
            tensors, of a batch or of a single row.
        sample_weight: None, or the weights; they become the third part, which fit takes as `sample_weight=`.
        slices: `Slice` -> the value of each row, (N,) or (N, 1): text or numbers, the values themselves.
        ids: integers (N,), a different one for each row. By default 0 to N - 1; inside `Dataset.map` there are none
            unless given, since the number of a row is unknown.

    Returns:
        (x, y) or (x, y, sample_weight).

    Raises:
        TypeError: keys of `slices` that are not a Slice, ids that are not integers, values of the wrong kind.
        ValueError: lengths that differ, ids that repeat, two slices of one name, nothing to tag with.

    Example:
        >>> site = Slice("site", ("north", "south"))
        >>> x, y = tag(np.zeros((3, 4)), np.array([0, 1, 1]), slices={site: ["south", "north", "west"]})
        >>> sorted(part.tolist() for part in y.values())
        [[0, 1, 1], [0, 1, 2], [1, 0, 2]]
    """
    slices = _check_slices(slices)
    parts = (*tf.nest.flatten(y), *slices.values(), ids)
    in_graph = any(tf.is_tensor(part) and not hasattr(part, "numpy") for part in parts)
    encode = _encode_tensors if in_graph else _encode_arrays
    tags = encode(y, slices, ids)
    if not tags:
        raise ValueError("`tag` has nothing to tag rows with; inside Dataset.map give ids=, slices= or both")
    tagged = {_LABELS: y if in_graph else _as_array(y), **tags}
    return (x, tagged) if sample_weight is None else (x, tagged, _fit_weight(sample_weight, tagged, in_graph))


def _check_slices(slices: Mapping[Slice, Any] | None) -> Mapping[Slice, Any]:
    slices = {} if slices is None else slices
    if not isinstance(slices, Mapping) or not all(isinstance(feature, Slice) for feature in slices):
        raise TypeError('`slices` must be a dict of Slice and values, as {Slice("site", ("north", "south")): values}')
    names = [feature.name for feature in slices]
    if len(set(names)) < len(names):
        raise ValueError(f"`slices` must have different names, got {names}")
    return slices


def _as_array(y: Any) -> Any:
    """A plain list of numbers is an array; a list of arrays is several outputs."""
    if isinstance(y, list | tuple) and y and not any(hasattr(part, "shape") for part in y):
        return np.asarray(y)
    return y


def _encode_arrays(y: Any, slices: Mapping[Slice, Any], ids: Any) -> dict[str, Any]:
    size = len(tf.nest.flatten(_as_array(y))[0])
    tags = {_ID: np.arange(size, dtype=np.int64) if ids is None else _check_ids(np.asarray(ids), size)}
    for feature, values in slices.items():
        found = feature.encode(np.asarray(values))
        found = found[:, 0] if found.ndim == 2 and found.shape[1] == 1 else found
        if found.shape != (size,):
            raise ValueError(f"slice {feature.name!r} must have one value for each of {size} rows, got {found.shape}")
        tags[_SLICE + feature.tag_key] = found
    return tags


def _check_ids(ids: np.ndarray, size: int) -> np.ndarray:
    if ids.dtype.kind not in "iu":
        raise TypeError(f"`ids` must be integers, got {ids.dtype}")
    ids = ids[:, 0] if ids.ndim == 2 and ids.shape[1] == 1 else ids
    if ids.shape != (size,):
        raise ValueError(f"`ids` must be one for each of {size} rows, got shape {ids.shape}")
    distinct, times = np.unique(ids, return_counts=True)
    if distinct.size < size:
        raise ValueError(f"`ids` must name each row once, but id {distinct[times.argmax()]} comes {times.max()} times")
    return ids.astype(np.int64)


def _encode_tensors(y: Any, slices: Mapping[Slice, Any], ids: Any) -> dict[str, Any]:
    tags = {_SLICE + feature.tag_key: _flat(feature.encode(values)) for feature, values in slices.items()}
    if ids is None:
        return tags
    ids = tf.convert_to_tensor(ids)
    if not ids.dtype.is_integer:
        raise TypeError(f"`ids` must be integers, got {ids.dtype.name}")
    return {_ID: _flat(tf.cast(ids, tf.int64)), **tags}


def _flat(values: tf.Tensor) -> tf.Tensor:
    """(N, 1) -> (N,)."""
    return values[:, 0] if values.shape.rank == 2 and values.shape[1] == 1 else values


def _fit_weight(sample_weight: Any, tagged: Mapping[str, Any], in_graph: bool) -> Any:
    """Weights (N,) as they are, since Keras copies them for each part of `y`; others in the structure of `y`."""
    shape = np.shape(sample_weight) if not tf.nest.is_nested(sample_weight) else None
    by_row = shape is not None and (len(shape) == 1 or (len(shape) == 2 and shape[1] == 1))
    if in_graph or by_row:
        return sample_weight
    if isinstance(sample_weight, list | tuple) and not tf.nest.is_nested(tagged[_LABELS]):
        return np.asarray(sample_weight)
    unused = np.zeros(len(tagged[_ID]), np.int8)
    return {key: sample_weight if key == _LABELS else unused for key in tagged}


class Untagged(NamedTuple):
    """Labels and weights without tags, for the code of the model, and the tags."""

    y: Any
    sample_weight: Any
    tags: Tags | None


def untag(y: Any, sample_weight: Any = None) -> Untagged:
    """Takes the tags off; labels without tags stay as they are."""
    if not (isinstance(y, Mapping) and _LABELS in y):
        return Untagged(y, sample_weight, None)
    if isinstance(sample_weight, Mapping) and _LABELS in sample_weight:
        sample_weight = sample_weight[_LABELS]
    slices = {key.removeprefix(_SLICE): ids for key, ids in y.items() if key.startswith(_SLICE)}
    return Untagged(y[_LABELS], sample_weight, Tags(y.get(_ID), slices))
