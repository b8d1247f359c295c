"""The table of a ledger: eight float32 numbers a row, and their update when a row is seen again."""

from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from fmnist_tf.rows.margins import Outcome

#: Columns of the table: counts, the epoch of the first right prediction (-1: never), running means, the sum of squared
#: deviations of the confidence, and 2 * label + (1 if the last prediction was right).
SEEN, CORRECT, FORGOTTEN, FIRST_LEARNED, MARGIN, CONFIDENCE, DEVIATIONS, LAST = range(8)
WIDTH = 8
#: The numbers of a row that was never seen.
UNSEEN = (0.0, 0.0, 0.0, -1.0, 0.0, 0.0, 0.0, 0.0)

#: Fields of the table as a person reads it.
FIELDS = np.dtype(
    [
        ("id", np.int64),
        ("label", np.int64),
        ("seen", np.int64),
        ("correct", np.int64),
        ("forgotten", np.int64),
        ("first_learned", np.int64),
        ("margin", np.float64),
        ("confidence", np.float64),
        ("variability", np.float64),
    ]
)


class Marks(NamedTuple):
    """Numbers beside the table, int64 each, in one variable.

    Attributes:
        epoch: the running epoch.
        is_open: 1 while rows are counted.
        counted: how many rows were.
        outside: how many ids were outside 0 to N - 1.
        invalid: how many rows could not be counted.
        bad_id: the id outside that is the largest in size.
    """

    epoch: Any
    is_open: Any
    counted: Any
    outside: Any
    invalid: Any
    bad_id: Any


def advance(rows: tf.Tensor, outcome: Outcome, epoch: tf.Tensor) -> tf.Tensor:
    """Rows of the table after each was seen once more, float32 (B, 8).

    Means and deviations by Welford's updates: sums of squares in float32 would lose a small deviation.

    Args:
        rows: float32 (B, 8), as they were.
        outcome: the outcome of their predictions.
        epoch: int64 scalar, the running epoch.

    Source: Welford, "Note on a method for calculating corrected sums of squares and products", Technometrics 4, 1962.
    """
    seen, correct, forgotten, first, margin, confidence, deviations, last = tf.unstack(rows, axis=1)
    right = tf.cast(outcome.correct, tf.float32)
    was_right = tf.math.floormod(last, 2.0)
    times = seen + 1
    learned = (first < 0) & outcome.correct
    step = outcome.confidence - confidence
    mean = confidence + step / times
    columns = (
        times,
        correct + right,
        forgotten + was_right * (1 - right),
        tf.where(learned, tf.cast(epoch, tf.float32), first),
        margin + (outcome.margin - margin) / times,
        mean,
        deviations + step * (outcome.confidence - mean),
        2 * tf.cast(outcome.label, tf.float32) + right,
    )
    return tf.stack(columns, axis=1)


def count_rows(table: tf.Variable, marks: tf.Variable, ids: tf.Tensor, outcome: Outcome, num_rows: int) -> None:
    """Counts the rows of one batch: one gather and one scatter for a table of any size.

    Args:
        table: float32 (num_rows + 1, 8), whose last row takes rows that are not counted.
        marks: int64 (6,), `Marks`.
        ids: int64 (B,).
        outcome: the outcome of the rows.
        num_rows: N.
    """
    now = Marks(*tf.unstack(marks.read_value()))
    inside = (ids >= 0) & (ids < num_rows)
    is_open = now.is_open > 0
    counted = inside & outcome.valid & is_open
    place = tf.where(counted, ids, tf.constant(num_rows, tf.int64))
    rows = tf.raw_ops.ResourceGather(resource=table.handle, indices=place, dtype=tf.float32)
    tf.raw_ops.ResourceScatterUpdate(resource=table.handle, indices=place, updates=advance(rows, outcome, now.epoch))
    bad = tf.where(inside, tf.constant(0, tf.int64), ids)
    extreme = tf.where(-tf.reduce_min(bad) > tf.reduce_max(bad), tf.reduce_min(bad), tf.reduce_max(bad))
    after = Marks(
        now.epoch,
        now.is_open,
        now.counted + _number(counted),
        now.outside + _number(tf.logical_not(inside) & is_open),
        now.invalid + _number(inside & tf.logical_not(outcome.valid) & is_open),
        tf.where(now.bad_id == 0, extreme, now.bad_id),
    )
    tf.raw_ops.AssignVariableOp(resource=marks.handle, value=tf.stack(after))


def _number(where: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum(tf.cast(where, tf.int64))


def as_structured(table: np.ndarray) -> np.ndarray:
    """The table (N, 8) as a structured array (N,) of `FIELDS`; NaN and -1 for rows never seen."""
    rows = np.zeros(len(table), FIELDS)
    seen = table[:, SEEN] > 0
    rows["id"] = np.arange(len(table))
    rows["label"] = np.where(seen, np.floor(table[:, LAST] / 2), -1)
    for name, column in (("seen", SEEN), ("correct", CORRECT), ("forgotten", FORGOTTEN)):
        rows[name] = table[:, column]
    rows["first_learned"] = table[:, FIRST_LEARNED]
    rows["margin"] = np.where(seen, table[:, MARGIN], np.nan)
    rows["confidence"] = np.where(seen, table[:, CONFIDENCE], np.nan)
    variance = np.maximum(table[:, DEVIATIONS], 0) / np.maximum(table[:, SEEN], 1)
    rows["variability"] = np.where(seen, np.sqrt(variance), np.nan)
    return rows
