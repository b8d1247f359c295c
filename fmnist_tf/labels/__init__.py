"""Every accepted form of labels, predictions and weights -> `Labels`, one canonical batch.

What a tensor means is read off its static rank, last dimension and dtype alone, never off its values, so that a
result cannot depend on how a stream was cut into batches. Values that cannot be counted are listed in
`Labels.marks` instead of raising: XLA removes assertions, and a mark survives every compiler and device.
"""

from typing import Any, NamedTuple

import tensorflow as tf

from fmnist_tf.labels.forms import Form, Reading, as_tensor, find_form
from fmnist_tf.labels.values import (
    COUNTED,
    FAULTS,
    LEFT_OUT,
    Mark,
    align,
    check_weights,
    combine,
    read_classes,
    read_columns,
    read_weight,
)

__all__ = [
    "COUNTED",
    "FAULTS",
    "LEFT_OUT",
    "Form",
    "Labels",
    "Mark",
    "Reading",
    "as_tensor",
    "canonicalize",
    "check_weights",
    "find_form",
    "keras_mask",
]


class Labels(NamedTuple):
    """One batch in canonical form.

    Attributes:
        true: int64 class ids (N, ...) of exclusive classes; bool answers (N, ..., C) of yes/no columns.
        pred: likewise; with several thresholds bool (T, N, ..., C); where ranked, ids (N, ..., k); where scores are
            kept, the float scores (N, ..., C) as they came.
        weight: float64, shaped like `true`, or None where every position weighs one.
        marks: what keeps positions from being counted, (where, code) each: `where` bool and shaped like `true`, `code`
            one of `FAULTS` (from 1 on), or `LEFT_OUT`. A later mark wins over an earlier one.
        form: the form the batch came in.
    """

    true: tf.Tensor
    pred: tf.Tensor
    weight: tf.Tensor | None
    marks: tuple[Mark, ...]
    form: Form

    @property
    def fault(self) -> tf.Tensor:
        """The code of each position, int64 and shaped like `true`: `COUNTED` where there is no mark."""
        return combine(self.true, self.marks)


def keras_mask(y_pred: Any) -> tf.Tensor | None:
    """The mask Keras has left on predictions: its only trace, which any operation on them drops."""
    return getattr(y_pred, "_keras_mask", None)


def canonicalize(
    y_true: Any, y_pred: Any, sample_weight: Any = None, reading: Reading | None = None, mask: Any = None
) -> Labels:
    """Brings one batch into the canonical form.

    Args:
        y_true: class ids (N, ...) or (N, ..., 1), one-hot or soft rows (N, ..., C), yes/no answers (N, ..., C).
        y_pred: scores (N, ..., C) of any float dtype, or integer class ids shaped like `y_true`.
        sample_weight: None, a scalar, or any shape that broadcasts to the labels' from the left: (N,) weighs
            samples, (N, T) positions.
        reading: number of classes, threshold, top_k and ignored classes; None for the defaults.
        mask: True where a position is looked at, of any shape `sample_weight` may have; by default the one that Keras
            has left on `y_pred`.

    Returns:
        `Labels`, whose faulty positions are marked and not removed.

    Raises:
        ValueError: shapes that do not fit together, at trace time, with both shapes.
        TypeError: a dtype that can hold no labels, such as strings.
    """
    reading = reading or Reading()
    mask = keras_mask(y_pred) if mask is None else mask
    y_true, y_pred = as_tensor(y_true), as_tensor(y_pred)
    form = find_form(y_true, y_pred, reading)
    y_true, y_pred = align(y_true, y_pred, form)
    read = read_classes if form.exclusive else read_columns
    true, pred, ignored, faults = read(y_true, y_pred, form, reading)
    weight, unweighted, bad_weights = read_weight(sample_weight, mask, true)
    marks = [*faults, *bad_weights, (ignored, LEFT_OUT), (unweighted, LEFT_OUT)]
    return Labels(true, pred, weight, tuple((where, code) for where, code in marks if where is not None), form)
