"""Every accepted form of labels, predictions and weights -> `Labels`, one canonical batch.

The format of a tensor follows from its static rank, last dimension and dtype alone, never from its values, so that a
result cannot depend on how a stream was cut into batches. Values that cannot be counted are listed in
`Labels.masks` instead of raising: XLA removes assertions, and a mask survives every compiler and device.
"""

from typing import Any, NamedTuple

import tensorflow as tf

from fmnist_tf.compat import keras_mask
from fmnist_tf.labels.formats import InputFormat, InputSpec, as_tensor, find_format
from fmnist_tf.labels.values import (
    IGNORED,
    INVALID_REASONS,
    VALID,
    InvalidMask,
    align,
    check_weights,
    combine,
    read_classes,
    read_columns,
    read_weight,
    spread_ids,
)

__all__ = [
    "IGNORED",
    "INVALID_REASONS",
    "VALID",
    "InputFormat",
    "InputSpec",
    "InvalidMask",
    "Labels",
    "as_tensor",
    "canonicalize",
    "check_weights",
    "find_format",
    "one_vs_rest",
]


class Labels(NamedTuple):
    """One batch in canonical form.

    Attributes:
        true: int64 class ids (N, ...) of a multiclass problem; bool (N, ..., C) of binary columns.
        pred: class ids or columns, like `true`; with several thresholds bool (T, N, ..., C); if ranked, ids
            (N, ..., k); if scores are kept, the float scores (N, ..., C) as they came.
        weight: float64, shaped like `true`, or None where every sample weighs one.
        masks: which samples are not counted, and why: (where, code) each, `where` bool and shaped like `true`, `code`
            one of `INVALID_REASONS` (from 1 on), or `IGNORED`. A later mask wins over an earlier one.
        input_format: the format the batch came in.
        distribution: one-hot and soft labels as they came, float64 (N, ..., C), where the spec keeps them, else None.
    """

    true: tf.Tensor
    pred: tf.Tensor
    weight: tf.Tensor | None
    masks: tuple[InvalidMask, ...]
    input_format: InputFormat
    distribution: tf.Tensor | None = None

    @property
    def status(self) -> tf.Tensor:
        """The code of each sample, int64 and shaped like `true`: `VALID` where there is no mask."""
        return combine(self.true, self.masks)


def one_vs_rest(labels: Labels) -> Labels:
    """A multiclass batch as one binary column a class: samples (N, ...) become entries (N, ..., C).

    An invalid sample is masked with its reason in its first column. Scores and distributions stay as they are.
    """
    input_format = labels.input_format._replace(multiclass=False)
    true, _, masks = spread_ids(labels.true, None, labels.masks, input_format)
    weight = labels.weight
    if weight is not None:
        weight = tf.expand_dims(weight, -1) + tf.zeros_like(true, tf.float64)
    return labels._replace(true=true, weight=weight, masks=tuple(masks), input_format=input_format)


def canonicalize(
    y_true: Any,
    y_pred: Any,
    sample_weight: Any = None,
    spec: InputSpec | None = None,
    *,
    mask: Any = None,
    input_format: InputFormat | None = None,
) -> Labels:
    """Brings one batch into the canonical form.

    Args:
        y_true: class ids (N, ...) or (N, ..., 1); one-hot or soft rows (N, ..., C), distributions over the classes;
            0 or 1 (N, ..., C) of binary columns.
        y_pred: scores (N, ..., C) of any float dtype, or integer class ids shaped like `y_true`.
        sample_weight: None, a scalar, or any shape that broadcasts to the labels' from the left: (N,) weighs
            rows, (N, T) single labels.
        spec: number of classes, threshold, top_k and ignored classes; None for the defaults.
        mask: True where a sample counts, of any shape `sample_weight` may have; by default the one that Keras
            has attached to `y_pred`.
        input_format: the result of `find_format`, if it is known already.

    Returns:
        `Labels`, whose invalid samples are masked and not removed.

    Raises:
        ValueError: shapes that do not fit together, at trace time, with both shapes.
        TypeError: a dtype that cannot hold labels, such as strings.
    """
    spec = spec or InputSpec()
    mask = keras_mask(y_pred) if mask is None else mask
    y_true, y_pred = as_tensor(y_true), as_tensor(y_pred)
    input_format = input_format or find_format(y_true, y_pred, spec)
    y_true, y_pred = align(y_true, y_pred, input_format)
    read = read_classes if input_format.multiclass else read_columns
    true, pred, ignored, invalid = read(y_true, y_pred, input_format, spec)
    weight, unweighted, bad_weights = read_weight(sample_weight, mask, true)
    masks = [*invalid, *bad_weights, (ignored, IGNORED), (unweighted, IGNORED)]
    masks = tuple((where, code) for where, code in masks if where is not None)
    keeps_rows = spec.distributions and input_format.y_true == "one_hot"
    return Labels(true, pred, weight, masks, input_format, tf.cast(y_true, tf.float64) if keeps_rows else None)
