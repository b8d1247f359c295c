"""The announced best of a training with `--ladder`: its columns in the history, its rows in the checkpoint."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fmnist_tf.report.run_folder import ANNOUNCED, BEST_BY
from fmnist_tf.rows.steps import Ladder

#: Columns of the history -> keys of an entry of the ladder.
_COLUMNS = {"ladder_difference": "difference", "ladder_low": "low", "ladder_high": "high", ANNOUNCED: "announced"}
_FIELDS = ("id", "label", "predicted")


def columns_of(entry: Mapping[str, Any]) -> dict[str, float]:
    """The comparison of an epoch as columns of the history; 1 where it was announced."""
    return {column: float(entry[key]) for column, key in _COLUMNS.items()}


def make_ladder(history: Mapping[str, Sequence[float]], rows: np.ndarray | None) -> Ladder:
    """The ladder of a run, at its beginning or where its history has ended.

    Args:
        history: that of the run.
        rows: the rows of the epoch announced last, None at the beginning.

    Raises:
        ValueError: there is a history without rows.
        KeyError: there are rows without a history.
    """
    if rows is None and ANNOUNCED in history:
        raise ValueError("the rows of the announced epoch are missing")
    ladder = Ladder(BEST_BY.removeprefix("val_"), user="--ladder")
    if rows is not None:
        entries = zip(history[BEST_BY], *(history[column] for column in _COLUMNS), strict=True)
        for epoch, (value, *found) in enumerate(entries):
            entry = {"epoch": epoch, "value": value, **dict(zip(_COLUMNS.values(), found, strict=True))}
            ladder.history.append(entry | {"announced": bool(entry["announced"])})
        ladder.best_rows = rows
    return ladder


def to_arrays(rows: np.ndarray | None) -> dict[str, np.ndarray]:
    """The rows as plain arrays of a checkpoint."""
    return {} if rows is None else {f"announced/{name}": rows[name] for name in _FIELDS}


def from_arrays(arrays: Mapping[str, np.ndarray]) -> np.ndarray | None:
    """The rows from the arrays of a checkpoint; None where it has none.

    Raises:
        ValueError: arrays that are not those of rows.
    """
    found = [arrays[f"announced/{name}"] for name in _FIELDS if f"announced/{name}" in arrays]
    if not found:
        return None
    if len(found) < len(_FIELDS) or any(of.dtype != np.int64 or of.shape != found[0].shape[:1] for of in found):
        raise ValueError("the rows of the announced epoch must be three arrays of integers (N,)")
    rows = np.zeros(len(found[0]), [(name, np.int64) for name in _FIELDS])
    for name, values in zip(_FIELDS, found, strict=True):
        rows[name] = values
    return rows
