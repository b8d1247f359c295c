"""Labels and predicted classes of files, text, numbers or booleans -> class ids."""

from collections.abc import Sequence
from difflib import get_close_matches

import numpy as np

from fmnist_tf.files.tables import Texts, Values
from fmnist_tf.report.from_files.columns import short_names

#: Up to here every integer is a float64.
_LARGEST = 2**53


class ClassIds:
    """The names or numbers of the classes, and how values become ids.

    Args:
        names: of the classes, in the order of their ids; None to take them from the values: numbers are ids
            themselves, texts are numbered as they occur.
        by_number: whether the names are numbers that integers mean by name and not by index.
        as_text: whether numbers are names too, since the column also has texts.
        first: the id of the first class, 0 or 1.
        told_by: where the names come from, for messages.
    """

    def __init__(
        self,
        names: Sequence[str] | None = None,
        *,
        by_number: bool = False,
        as_text: bool = False,
        first: int = 0,
        told_by: str = "",
    ):
        self.names = None if names is None else tuple(names)
        self.first = first
        self.told_by = told_by
        self._as_text = as_text
        self._codes = dict(zip(names or (), range(len(names or ())), strict=True))
        self._aliases = dict(zip(short_names(names or ()), range(len(names or ())), strict=False))
        self._numbers = np.array([int(name) for name in short_names(names or ())], np.int64) if by_number else None

    @property
    def texts(self) -> list[str]:
        """The texts met so far, in the order of their ids."""
        return list(self._codes)

    def read(self, values: Values, path: str) -> np.ndarray:
        """Class ids, int64 (n,).

        Raises:
            ValueError: a text or number that names no class, or a number that is not an id.
        """
        if not isinstance(values, Texts):
            values = _as_integers(values, path) if not self._as_text else _as_texts(values)
        if isinstance(values, Texts):
            codes = np.array([self._code(text, path) for text in values.values], np.int64)
            return codes[values.indices]
        if self._numbers is not None:
            return self._by_number(values, path)
        return values - self.first if self.first else values  # a copy costs as much as counting

    def _code(self, text: str, path: str) -> int:
        if text in self._codes:
            return self._codes[text]
        if self.names is None:
            return self._codes.setdefault(text, len(self._codes))
        if text in self._aliases:
            return self._aliases[text]
        near = get_close_matches(text, self.names, n=1)
        listed = ", ".join(self.names[:5])
        hint = f"; did you mean {near[0]!r}?" if near else f", {listed}; --classes names them in order"
        raise ValueError(f"{path}: {text!r} is none of the {len(self.names)} classes {self.told_by}{hint}")

    def _by_number(self, values: np.ndarray, path: str) -> np.ndarray:
        assert self._numbers is not None
        order = np.argsort(self._numbers)
        at = np.searchsorted(self._numbers, values, sorter=order).clip(max=len(order) - 1)
        ids = order[at]
        unknown = self._numbers[ids] != values
        if unknown.any():
            raise ValueError(
                f"{path}: class {values[unknown][0]} is none of the {len(order)} classes {self.told_by}; "
                "give the names in the order of the columns by --classes to meet them by position"
            )
        return ids


def _as_integers(values: np.ndarray, path: str) -> np.ndarray:
    if values.dtype.kind != "f":
        return values.astype(np.int64, copy=False)
    if np.isnan(values).any():
        raise ValueError(f"{path}: {np.isnan(values).sum():,} rows hold no class, but NaN or nothing")
    bad = values[~np.isfinite(values) | (values != np.floor(values)) | (np.abs(values) > _LARGEST)]
    if len(bad):
        raise ValueError(f"{path}: {bad[0]} is no class id; class ids must be integers")
    return values.astype(np.int64)


def _as_texts(values: np.ndarray) -> Texts:
    """Numbers as they are written, booleans as False and True."""
    found, indices = np.unique(values, return_inverse=True)
    return Texts(indices, tuple(f"{value:g}" if found.dtype.kind == "f" else str(value) for value in found))
