"""`Groups`: counts of the rows of every value of the columns of --by, beside those of all rows."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from fmnist_tf.counts import effective_number
from fmnist_tf.files.tables import Texts, Values
from fmnist_tf.report.report import Report
from fmnist_tf.rows.slices import OTHER

#: More values than this are those of an id, not of a feature.
MOST_VALUES = 1000
_MOST_TOLD = 1_000_000  # different values that are told apart for the error
_MOST_CELLS = 2**27  # of 8 bytes
#: Texts that say that there is no value.
_MISSING = frozenset(("", "nan", "NaN", "NA", "N/A", "null", "NULL", "None", "<NA>"))
_WHOLE = re.compile(r"(-?\d+)(\.0+)?")


class Groups:
    """The rows of every value of some columns. Rows without a value are those of "other".

    Args:
        names: of the columns.
    """

    def __init__(self, names: Sequence[str]):
        self._columns = [_Column(name) for name in names]

    def encode(self, values: Sequence[Values]) -> np.ndarray | None:
        """The numbers of the values of some rows, int64 (n, columns); None without columns."""
        codes = [column.encode(of_rows) for column, of_rows in zip(self._columns, values, strict=True)]
        return np.stack(codes, axis=1) if codes else None

    def add_ids(self, codes: np.ndarray, true: np.ndarray, pred: np.ndarray, weight: np.ndarray | None) -> None:
        """Counts rows of ids from 0 on, int64 (n,)."""
        if len(true):
            highest = int(max(true.max(), pred.max()))
            for place, column in enumerate(self._columns):
                column.add_ids(codes[:, place], true, pred, weight, highest)

    def add_columns(self, codes: np.ndarray, true: np.ndarray, pred: np.ndarray, weight: np.ndarray | None) -> None:
        """Counts rows of binary columns, booleans (n, C)."""
        cells = 4 * np.arange(true.shape[1]) + 2 * true.astype(np.int64) + pred
        for place, column in enumerate(self._columns):
            column.add(codes[:, place], cells, weight, 4 * true.shape[1])

    def reports(self, whole: Report, classes: np.ndarray | None) -> dict[str, dict[str, Report]]:
        """Name of a column -> value -> the report of its rows.

        Args:
            whole: the report of all rows.
            classes: the ids of its classes, in their order; None for 0 to C - 1, or for binary columns.

        Raises:
            ValueError: a column holds too many different values.
        """
        return {column.name: column.reports(whole, classes) for column in self._columns}


class _Column:
    """The cells of each value of one column: of classes S x S, true by predicted; of C binary columns C x 2 x 2."""

    def __init__(self, name: str):
        self.name = name
        self._codes: dict[str, int] = {}
        self._side = 0  # S, of classes
        self._cells = np.zeros((0, 0))
        self._weights = np.zeros((0, 2))  # sums of w and w^2
        self._weighted = False

    @property
    def _has_too_many(self) -> bool:
        return len(self._codes) > MOST_VALUES

    def encode(self, values: Values) -> np.ndarray:
        """The number of the value of each row."""
        texts = values if isinstance(values, Texts) else _as_texts(values)
        if len(self._codes) <= _MOST_TOLD:
            for text in texts.values:
                self._codes.setdefault(OTHER if text.strip() in _MISSING else text, len(self._codes))
        known = [self._codes.get(OTHER if text.strip() in _MISSING else text, 0) for text in texts.values]
        return np.array(known, np.int64)[texts.indices]

    def add_ids(
        self, codes: np.ndarray, true: np.ndarray, pred: np.ndarray, weight: np.ndarray | None, highest: int
    ) -> None:
        """Counts rows; the cells grow with the ids that occur."""
        if highest >= self._side:
            self._widen(1 << max(1, highest.bit_length()))
        self.add(codes, true * self._side + pred, weight, self._side**2)

    def _widen(self, side: int) -> None:
        """Makes room for more classes."""
        values, old = len(self._cells), self._side
        self._check_size(values, side * side)
        cells = np.pad(self._cells.reshape(values, old, old), [(0, 0), (0, side - old), (0, side - old)])
        self._side, self._cells = side, cells.reshape(values, side * side)

    def add(self, codes: np.ndarray, cells: np.ndarray, weight: np.ndarray | None, size: int) -> None:
        """Counts rows of cells, int64 (n,) or (n, C)."""
        if self._has_too_many:
            return
        self._grow(size)
        at = codes.reshape(-1, *[1] * (cells.ndim - 1)) * size + cells
        one_each = np.ones(len(codes)) if weight is None else weight
        of_cells = np.broadcast_to(one_each.reshape(-1, *[1] * (cells.ndim - 1)), cells.shape)
        np.add.at(self._cells.reshape(-1), at.reshape(-1), of_cells.reshape(-1))
        self._weighted |= weight is not None
        for place, summed in enumerate((one_each, one_each**2)):
            self._weights[:, place] += np.bincount(codes, summed, len(self._weights))

    def _grow(self, size: int) -> None:
        """Makes room for the values met so far."""
        rows = len(self._codes) - len(self._cells)
        if self._cells.shape[1] != size:
            self._cells = np.zeros((len(self._cells), size))
        if rows > 0:
            self._check_size(len(self._codes), size)
            self._cells = np.pad(self._cells, [(0, rows), (0, 0)])
            self._weights = np.pad(self._weights, [(0, rows), (0, 0)])

    def _check_size(self, values: int, size: int) -> None:
        if values * size > _MOST_CELLS:
            raise ValueError(
                f"the counts of {values:,} values of --by {self.name} would take {8e-9 * values * size:,.1f} GB for so "
                "many classes; name a column of fewer values"
            )

    def reports(self, whole: Report, classes: np.ndarray | None) -> dict[str, Report]:
        """Value -> the report of its rows."""
        if self._has_too_many:
            more = "more than " if len(self._codes) > _MOST_TOLD else ""
            count = min(len(self._codes), _MOST_TOLD)
            raise ValueError(
                f"column {self.name!r} of --by holds {more}{count:,} different values, at most {MOST_VALUES:,} are "
                "reported; name a column of groups, not of ids"
            )
        rows: dict[str, list[int]] = {}
        for name, code in zip(_names(list(self._codes)), self._codes.values(), strict=True):
            rows.setdefault(name, []).append(code)
        found = {name: self._report(self._cells[codes].sum(0), codes, whole, classes) for name, codes in rows.items()}
        return {name: report for name, report in found.items() if report.total > 0}

    def _report(self, cells: np.ndarray, codes: list[int], whole: Report, classes: np.ndarray | None) -> Report:
        weight, squares = self._weights[codes].sum(axis=0)
        total = effective_number(weight, squares) if self._weighted and weight else None
        return Report(self._matrix(cells, whole, classes), whole.class_names, level=whole.level, effective_total=total)

    def _matrix(self, cells: np.ndarray, whole: Report, classes: np.ndarray | None) -> np.ndarray:
        if not self._side:
            return cells.reshape(-1, 2, 2)
        ids = np.arange(whole.num_classes) if classes is None else classes
        side = max(self._side, int(ids.max()) + 1)
        matrix = np.pad(cells.reshape(self._side, self._side), (0, side - self._side))
        return matrix[np.ix_(ids, ids)]


def _as_texts(values: np.ndarray) -> Texts:
    """Numbers as they are written, whole ones without a point."""
    found, indices = np.unique(values, return_inverse=True)
    return Texts(indices, tuple(_write(value) for value in found.tolist()))


def _write(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _names(texts: list[str]) -> list[str]:
    """The names of values; where all are whole numbers 1.0 is 1, as pandas writes integers beside missing ones."""
    whole = [_WHOLE.fullmatch(text) for text in texts if text != OTHER]
    if not all(whole):
        return texts
    return [match[1] if (match := _WHOLE.fullmatch(text)) else text for text in texts]
