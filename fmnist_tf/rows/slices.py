"""`Slice`: a feature of the rows, such as site or camera, and its values, each with separate scores."""

import math
import re
import zlib
from collections.abc import Iterable
from typing import Any

import numpy as np
import tensorflow as tf

#: The name for all other values: unknown ones, NaN, None.
OTHER = "other"
_RESERVED = (OTHER, "worst")
_NOT_IN_KEYS = re.compile(r"[^A-Za-z0-9_\-.: ]")


class Slice:
    """A feature of the rows and its values: each value has separate counts and scores.

    Args:
        name: the name of the feature, as in "val_macro_f1/site/north".
        values: its values, all text or all numbers; or their number n, for 0 to n - 1. All other values, NaN and
            None included, count under "other".

    Raises:
        TypeError: values that are neither text nor numbers, or some of each.
        ValueError: no values, the same value twice, two values of one key, or a value called "other" or "worst".

    Example:
        >>> site = Slice("site", ("north", "south"))
        >>> site.encode(["south", "west", "north"]).tolist()
        [1, 2, 0]
        >>> site.value_names
        ('north', 'south', 'other')
    """

    def __init__(self, name: str, values: Iterable[str] | Iterable[float] | int):
        if not isinstance(name, str) or not name or "/" in name:
            raise ValueError(f"`name` of a Slice must be text without '/', got {name!r}")
        self.name = name
        self.values = _read_values(name, values)
        self.value_names = (*(str(value) for value in self.values), OTHER)
        self._check_keys()

    def _check_keys(self) -> None:
        keys: dict[str, str] = {}
        for value in self.value_names[:-1]:
            key = key_part(value)
            if key in _RESERVED:
                raise ValueError(f"slice {self.name!r} cannot have a value {value!r}: that name is taken; rename it")
            if key in keys:
                raise ValueError(
                    f"values {keys[key]!r} and {value!r} of slice {self.name!r} would both be logged as {key!r}; "
                    "rename one"
                )
            keys[key] = value

    @property
    def is_text(self) -> bool:
        """Whether the values are text rather than numbers."""
        return isinstance(self.values[0], str)

    @property
    def tag_key(self) -> str:
        """The key of its ids among tags: name and a checksum of the values, so that other values are other tags."""
        return f"{self.name}#{zlib.crc32(repr(self.values).encode()):08x}"

    def encode(self, values: Any) -> Any:
        """Ids of values, int32: indices into `values`, and the number of values for "other".

        Args:
            values: an array of any shape, or a tensor, which may be symbolic.

        Returns:
            An array, or a tensor where a tensor was given.

        Raises:
            TypeError: text for a slice of numbers, or the reverse.
        """
        return self._encode_tensor(values) if tf.is_tensor(values) else self._encode_array(np.asarray(values))

    def _encode_tensor(self, values: tf.Tensor) -> tf.Tensor:
        self._check_kind(values.dtype.name, values.dtype == tf.string)
        known = tf.constant(self.values) if self.is_text else tf.constant(self.values, tf.float64)
        values = values if self.is_text else tf.cast(values, tf.float64)
        same = tf.expand_dims(values, -1) == known
        found = tf.argmax(same, axis=-1, output_type=tf.int32)
        return tf.where(tf.reduce_any(same, axis=-1), found, tf.constant(len(self.values), tf.int32))

    def _encode_array(self, values: np.ndarray) -> np.ndarray:
        if values.dtype.kind not in "OSUbiuf":
            values = values.astype(object)
        ids = {value: place for place, value in enumerate(self.values)}
        if values.dtype.kind not in "OSU":
            self._check_kind(values.dtype.name, text=False)
            distinct, place = np.unique(values, return_inverse=True)
            found = [ids.get(value, len(ids)) for value in distinct.tolist()]
            return np.asarray(found, np.int32)[place].reshape(values.shape)
        cells = [value.decode() if isinstance(value, bytes) else value for value in values.ravel().tolist()]
        given = [cell for cell in cells[:100] if not _is_missing(cell)]
        if given:
            self._check_kind(type(given[0]).__name__, isinstance(given[0], str))
        return np.asarray([ids.get(cell, len(ids)) for cell in cells], np.int32).reshape(values.shape)

    def _check_kind(self, given: str, text: bool) -> None:
        if text != self.is_text:
            wanted = "text" if self.is_text else "numbers"
            raise TypeError(f"slice {self.name!r} has values that are {wanted}, got {given}")

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, JSON-ready."""
        return {"name": self.name, "values": list(self.values)}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Slice) and (self.name, self.values) == (other.name, other.values)

    def __hash__(self) -> int:
        return hash((self.name, self.values))

    def __repr__(self) -> str:
        return f"Slice({self.name!r}, {self.values!r})"


def key_part(text: str) -> str:
    """Text as part of a key of the logs: characters that MLflow and TensorBoard refuse become "_"."""
    return _NOT_IN_KEYS.sub("_", text)


def _read_values(name: str, values: Any) -> tuple[Any, ...]:
    if isinstance(values, int | np.integer) and not isinstance(values, bool):
        values = range(int(values))
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise TypeError(f"`values` of slice {name!r} must be several values or their number, got {values!r}")
    plain = tuple(value.item() if isinstance(value, np.generic) else value for value in values)
    if not plain:
        raise ValueError(f"`values` of slice {name!r} must not be empty")
    is_text = isinstance(plain[0], str)
    for value in plain:
        fits = isinstance(value, str) if is_text else isinstance(value, int | float) and not math.isnan(value)
        if not fits:
            raise TypeError(f"`values` of slice {name!r} must be all text or all numbers, got {value!r}")
    if len(set(plain)) < len(plain):
        raise ValueError(f"`values` of slice {name!r} must differ, got {plain}")
    return plain


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value)) or type(value).__name__ == "NAType"
