"""`Record`: what every epoch of a run has left, a column a score, and how it is written and read."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fmnist_tf.files import to_csv
from fmnist_tf.report.run_folder.info import BEST_BY

#: The column of the history that is 1 where `--ladder` announced a new best.
ANNOUNCED = "ladder_announced"
#: An interval of one epoch; None where there is none.
Ends = tuple[float, float] | None
#: The difference of two numbers near the greatest of float64 is infinite, and could not be drawn.
_GREATEST = 1e300


@dataclass(frozen=True)
class Record:
    """The history and the matrices that training has recorded so far.

    Attributes:
        history: name -> one float64 value an epoch; NaN where an epoch has none.
        matrices: "train" and "val" -> one (C, C) array an epoch.
        intervals: name -> (low, high) an epoch, or None.
    """

    history: Mapping[str, Sequence[float]] = field(default_factory=dict)
    matrices: Mapping[str, Sequence[np.ndarray]] = field(default_factory=dict)
    intervals: Mapping[str, Sequence[Ends]] = field(default_factory=dict)

    @property
    def num_epochs(self) -> int:
        """How many epochs are recorded."""
        return max((len(values) for values in self.history.values()), default=0)

    @property
    def best_epoch(self) -> int | None:
        """The epoch, from 0, with the greatest val_macro_f1, the first on a tie; with `--ladder` that announced last.

        None before there is one.
        """
        return self.announced[-1] if self.announced else self.best(BEST_BY)

    @property
    def announced(self) -> list[int]:
        """The epochs that `--ladder` announced, from 0."""
        return [epoch for epoch, value in enumerate(self.history.get(ANNOUNCED, ())) if value == 1]

    def best(self, name: str, *, least: bool = False) -> int | None:
        """The epoch, from 0, with the greatest value, or the least, of a name; the first on a tie; None without any."""
        values = np.array(self.history.get(name, ()), np.float64)
        if not values.size:
            return None
        return int(np.argmax(np.nan_to_num(-values if least else values, nan=-math.inf)))

    def extended(
        self,
        values: Mapping[str, float],
        matrices: Mapping[str, np.ndarray],
        intervals: Mapping[str, Ends] | None = None,
    ) -> "Record":
        """A record with one epoch more."""
        after = self.at(self.num_epochs, values, intervals or {})
        kept = {name: [*self.matrices.get(name, ()), matrix] for name, matrix in matrices.items()}
        return Record(after.history, kept, after.intervals)

    def at(self, epoch: int, values: Mapping[str, float], intervals: Mapping[str, Ends]) -> "Record":
        """A record in which these are the values of an epoch, in place of any that it had."""
        length = max(self.num_epochs, epoch + 1)
        history = _put(self.history, epoch, {name: float(value) for name, value in values.items()}, length, math.nan)
        return Record(history, self.matrices, _put(self.intervals, epoch, intervals, length, None))

    def table(self) -> str:
        """The history as CSV, a row an epoch."""
        rows = zip(*self.history.values(), strict=True)
        lines = [["epoch", *self.history], *([epoch, *values] for epoch, values in enumerate(rows))]
        return to_csv(lines)


def _put(columns: Mapping[str, Sequence[Any]], epoch: int, values: Mapping[str, Any], length: int, none: Any) -> Any:
    """Columns of one length with these values in a row, `none` where there is no value."""
    filled = {}
    for name in dict.fromkeys((*columns, *values)):
        column = list(columns.get(name, ()))
        column += [none] * (length - len(column))
        column[epoch] = values.get(name, none)
        filled[name] = column
    return filled


def parse_history(content: bytes) -> dict[str, list[float | None]]:
    """The columns of a history.json that is not trusted.

    Raises:
        ValueError: it is not what a run writes.
    """
    history = json.loads(content)
    columns = list(history.values()) if isinstance(history, dict) else [None]
    if not all(isinstance(column, list) and all(map(_is_value, column)) for column in columns):
        raise ValueError("expected an object with lists of numbers")
    return history


def parse_intervals(content: bytes) -> dict[str, list[Ends]]:
    """The columns of an intervals.json that is not trusted.

    Raises:
        ValueError: it is not what a run writes.
    """
    intervals = json.loads(content)
    columns = list(intervals.values()) if isinstance(intervals, dict) else [None]
    if not all(isinstance(column, list) and all(map(_is_interval, column)) for column in columns):
        raise ValueError("expected an object with lists of [low, high] or null")
    return {
        name: [None if ends is None else (ends[0], ends[1]) for ends in column] for name, column in intervals.items()
    }


def _is_value(value: Any) -> bool:
    return value is None or (isinstance(value, float) and not abs(value) > _GREATEST)


def _is_interval(ends: Any) -> bool:
    return ends is None or (
        isinstance(ends, list) and len(ends) == 2 and all(_is_value(e) and e is not None for e in ends)
    )
