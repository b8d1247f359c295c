"""Reads tensors of a known format into class ids, binary values and weights, and masks what cannot be counted."""

from collections.abc import Iterable
from typing import Any

import tensorflow as tf

from fmnist_tf import kernels
from fmnist_tf.labels.formats import InputFormat, InputSpec, as_tensor, is_number

#: The reasons why a sample is invalid, in the order of the codes 1, 2, ... of `Labels.status`.
INVALID_REASONS = (
    "label outside the classes",
    "label that is not an integer",
    "NaN score",
    "weight that is negative or not finite",
    "prediction outside the classes",
    "score outside 0 to 1 without from_logits=True",
    "row of labels that is not one class",
    "row of probabilities that does not sum to 1",
)
VALID = 0
_OUTSIDE, _NOT_INTEGER, _NAN_SCORE, _BAD_WEIGHT, _BAD_PREDICTION, _BAD_SCORE, _NOT_ONE, _BAD_SUM = range(
    1, len(INVALID_REASONS) + 1
)
#: How far from 1 the sum of a row of labels or probabilities may be: half precision rounds them.
_SLACK = 0.01
#: The code of a sample that is left out: masked, ignored, or of weight zero.
IGNORED = len(INVALID_REASONS) + 1
#: (which samples, the code of the reason)
InvalidMask = tuple[tf.Tensor, int]


def align(y_true: tf.Tensor, y_pred: tf.Tensor, input_format: InputFormat) -> tuple[tf.Tensor, tf.Tensor]:
    """Gives labels exactly the axes of their encoding; sizes that differ at run time raise."""
    by_row = input_format.y_true == "ids" and input_format.y_pred != "ids"
    if input_format.y_true == "columns" and input_format.num_classes == 1:
        y_pred = y_pred if y_pred.shape[-1] == 1 and y_pred.shape.rank > 1 else tf.expand_dims(y_pred, -1)
        y_true = y_true if y_true.shape.rank == y_pred.shape.rank else tf.expand_dims(y_true, -1)
    elif by_row and y_true.shape.rank == y_pred.shape.rank:
        y_true = tf.squeeze(_off_host(y_true), axis=-1)
    elif input_format.y_pred == "ids" and y_true.shape.rank != y_pred.shape.rank:
        y_true, y_pred = _squeeze_longer(y_true, y_pred)
    static = y_pred.shape[:-1] if by_row else y_pred.shape
    if y_true.shape.is_fully_defined() and static.is_fully_defined():
        return y_true, y_pred
    return tf.reshape(_off_host(y_true), tf.shape(y_pred)[:-1] if by_row else tf.shape(y_pred)), y_pred


def _squeeze_longer(y_true: tf.Tensor, y_pred: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Labels (N, 1) and ids (N,), or the reverse, both as (N,)."""
    if (y_true.shape.rank or 0) > (y_pred.shape.rank or 0):
        return tf.squeeze(_off_host(y_true), axis=-1), y_pred
    return y_true, tf.squeeze(_off_host(y_pred), axis=-1)


def _off_host(values: tf.Tensor) -> tf.Tensor:
    """Widens integers to int64: on a GPU arithmetic and reshapes of int32 run on the host."""
    return tf.cast(values, tf.int64) if values.dtype.is_integer else values


def read_classes(y_true: tf.Tensor, y_pred: tf.Tensor, input_format: InputFormat, spec: InputSpec):
    """Class ids of a multiclass batch: (true, pred, ignored, invalid)."""
    true, ignored, invalid = (_read_one_hot if input_format.y_true == "one_hot" else _read_ids)(
        y_true, input_format, spec
    )
    if spec.scores:
        by_row = [(tf.reduce_any(where, axis=-1), code) for where, code in _invalid_scores(y_pred, spec)]
        if spec.distributions and spec.scores == "probabilities":
            by_row.insert(0, (_is_off(y_pred), _BAD_SUM))
        return true, y_pred, ignored, [*by_row, *invalid]
    if input_format.y_pred == "ids":
        pred = tf.cast(y_pred, tf.int64)
        return true, pred, ignored, [((pred < 0) | (pred >= input_format.num_classes), _BAD_PREDICTION), *invalid]
    if spec.top_k:
        pred, nan = _top_k(y_pred, spec.top_k), _any_nan(y_pred)
    else:
        pred, nan = kernels.largest(y_pred)
    return true, pred, ignored, [(nan, _NAN_SCORE), *invalid]


def _is_off(rows: tf.Tensor) -> tf.Tensor:
    """Whether rows of probabilities do not sum to 1."""
    return tf.abs(tf.reduce_sum(tf.cast(rows, tf.float64), axis=-1) - 1) > _SLACK


def _read_ids(y_true: tf.Tensor, input_format: InputFormat, spec: InputSpec):
    """Class ids of any integer width, and floats that are integers; an id out of range never wraps into a class."""
    if not y_true.dtype.is_floating:
        true = tf.cast(y_true, tf.int64)
        return (
            true,
            _is_one_of(true, spec.ignore_class),
            [((true < 0) | (true >= input_format.num_classes), _OUTSIDE)],
        )
    value = tf.cast(y_true, tf.float64)
    outside = tf.logical_not((value >= 0) & (value < input_format.num_classes))
    true = tf.cast(tf.where(outside, tf.zeros_like(value), value), tf.int64)
    invalid = [(outside, _OUTSIDE), (value != tf.floor(value), _NOT_INTEGER)]
    return true, _is_one_of(value, spec.ignore_class), invalid


def _read_one_hot(y_true: tf.Tensor, input_format: InputFormat, spec: InputSpec):
    """One-hot or soft rows, distributions over the classes: the argmax. Rows of zeros or with NaN are none."""
    rows = y_true if y_true.dtype.is_floating else tf.cast(y_true, tf.float64)
    true, _ = kernels.largest(rows)
    other = _is_no_distribution(rows)
    ignored = _is_one_of(true, spec.ignore_class)
    return true, None if ignored is None else ignored & tf.logical_not(other), [(other, _NOT_ONE)]


def _is_no_distribution(rows: tf.Tensor) -> tf.Tensor:
    """Whether an entry of a row is not from 0 to 1, or the row does not sum to 1, within 1 %; NaN is neither."""
    rows = tf.cast(rows, tf.float32) if rows.dtype.size == 2 else rows
    outside = tf.reduce_any(_lies_outside(rows, 0.0, 1.0), axis=-1)
    return outside | _lies_outside(tf.reduce_sum(rows, axis=-1), 1.0 - _SLACK, 1.0 + _SLACK)


def _lies_outside(values: tf.Tensor, low: float, high: float) -> tf.Tensor:
    """Whether values are not from `low` to `high`, as NaN; two operations, since the train step waits for each."""
    low_limit, high_limit = tf.constant(low, values.dtype), tf.constant(high, values.dtype)
    return tf.raw_ops.ClipByValue(t=values, clip_value_min=low_limit, clip_value_max=high_limit) != values


def read_columns(y_true: tf.Tensor, y_pred: tf.Tensor, input_format: InputFormat, spec: InputSpec):
    """Columns of yes and no: (true, pred, ignored, invalid)."""
    if input_format.y_true == "ids":
        true, ignored, invalid = spread_ids(*_read_ids(y_true, input_format, spec), input_format)
    else:
        true, ignored, invalid = _read_binary(y_true, spec)
    if spec.scores:
        return true, y_pred, ignored, [*_invalid_scores(y_pred, spec), *invalid]
    if spec.top_k is not None:
        nan = _any_nan(y_pred)
        masks = [] if nan is None else _invalid_rows(nan, _NAN_SCORE, input_format)
        chosen = _top_k_columns(y_pred, spec.top_k)
        if spec.threshold is not None:
            chosen &= _exceeds(y_pred, spec.limits(spec.from_logits))
        return true, chosen, ignored, [*masks, *invalid]
    if y_pred.dtype.is_bool and spec.threshold is None:
        return true, y_pred, ignored, invalid
    if not y_pred.dtype.is_floating:
        return true, _exceeds(y_pred, spec.limits(of_logits=False)), ignored, invalid
    outside = [] if spec.threshold is not None or spec.from_logits else [_outside_0_to_1(y_pred)]
    masks = [*outside, (tf.math.is_nan(y_pred), _NAN_SCORE), *invalid]
    return true, _exceeds(y_pred, spec.limits(spec.from_logits)), ignored, masks


def _invalid_scores(y_pred: tf.Tensor, spec: InputSpec) -> list[tuple[tf.Tensor, int]]:
    """The masks of invalid entries among scores that are kept as they are; infinite logits are valid."""
    nan = (tf.math.is_nan(y_pred), _NAN_SCORE)
    return [_outside_0_to_1(y_pred), nan] if spec.scores == "probabilities" else [nan]


def _outside_0_to_1(y_pred: tf.Tensor) -> InvalidMask:
    return (y_pred < 0) | (y_pred > 1), _BAD_SCORE


def _read_binary(y_true: tf.Tensor, spec: InputSpec):
    if y_true.dtype.is_bool:
        return y_true, _is_one_of(tf.cast(y_true, tf.int64), spec.ignore_class), []
    value = y_true if y_true.dtype.is_floating else tf.cast(y_true, tf.int64)
    yes = value == 1
    invalid = [((value != 1) & (value != 0), _OUTSIDE)]
    if value.dtype.is_floating:
        invalid.append((value != tf.floor(value), _NOT_INTEGER))
    return yes, _is_one_of(value, spec.ignore_class), invalid


def spread_ids(true: tf.Tensor, ignored, invalid, input_format: InputFormat):
    """One id a row -> one yes or no a column; an invalid row is masked, and so counted, in its first column."""
    predictions = tf.expand_dims(true, -1) == tf.range(input_format.num_classes, dtype=tf.int64)
    ignored = None if ignored is None else _all_columns(ignored, input_format)
    return predictions, ignored, [mask for where, code in invalid for mask in _invalid_rows(where, code, input_format)]


def _invalid_rows(rows: tf.Tensor, code: int, input_format: InputFormat) -> list[tuple[tf.Tensor, int]]:
    """Masks of invalid rows (N, ...): the first column holds the reason, the others are left out."""
    whole = _all_columns(rows, input_format)
    return [(whole, IGNORED), (whole & (tf.range(input_format.num_classes, dtype=tf.int64) == 0), code)]


def _all_columns(rows: tf.Tensor, input_format: InputFormat) -> tf.Tensor:
    """Rows (N, ...) -> entries (N, ..., C)."""
    return tf.expand_dims(rows, -1) & tf.ones([input_format.num_classes], tf.bool)


def _exceeds(y_pred: tf.Tensor, threshold: float | tuple[float, ...]) -> tf.Tensor:
    """Strictly above the threshold, compared in the scores' own precision; (T, N, ..., C) for several."""
    scores = y_pred if y_pred.dtype.is_floating else tf.cast(y_pred, tf.float64)
    limits = tf.constant(threshold, scores.dtype)
    return (
        scores > tf.reshape(limits, [*limits.shape, *[1] * scores.shape.rank]) if limits.shape.rank else scores > limits
    )


def _top_k_columns(y_pred: tf.Tensor, k: int) -> tf.Tensor:
    """Yes for the k largest scores of a row."""
    chosen = _top_k(y_pred, k)
    return tf.reduce_any(tf.one_hot(chosen, y_pred.shape[-1], on_value=True, off_value=False, dtype=tf.bool), axis=-2)


def _top_k(y_pred: tf.Tensor, k: int) -> tf.Tensor:
    """Ids of the k largest scores of a row; on a tie the lower index comes first."""
    scores = y_pred if y_pred.dtype.is_floating else tf.cast(y_pred, tf.float64)
    return tf.cast(tf.math.top_k(scores, k=k).indices, tf.int64)


def _any_nan(scores: tf.Tensor) -> tf.Tensor | None:
    return kernels.has_nan(scores) if scores.dtype.is_floating else None


def _is_one_of(values: tf.Tensor, ids: tuple[int, ...]) -> tf.Tensor | None:
    found = None
    for class_id in ids:
        same = values == tf.constant(class_id, values.dtype)
        found = same if found is None else found | same
    return found


def read_weight(sample_weight: Any, mask: Any, true: tf.Tensor):
    """(weight, where it is zero or masked, invalid), each shaped like `true` or None."""
    hidden = None if mask is None else tf.logical_not(_fit(tf.cast(mask, tf.bool), true, "mask"))
    if sample_weight is None:
        return None, hidden, []
    weight = _fit(tf.cast(as_tensor(sample_weight, "`sample_weight`"), tf.float64), true, "sample_weight")
    zero = weight == 0
    bad = (weight < 0) | tf.logical_not(tf.math.is_finite(weight))
    return weight, zero if hidden is None else zero | hidden, [(bad, _BAD_WEIGHT)]


def check_weights(
    y_true: tf.Tensor, y_pred: tf.Tensor, sample_weight: Any, mask: Any, input_format: InputFormat
) -> None:
    """Refuses weights that are not numbers, and static shapes that do not broadcast to those of the labels.

    It is done here, since a trace with relaxed shapes does not know them any more.
    """
    shape = _labels_shape(y_true, y_pred, input_format)
    for name, values in (("sample_weight", sample_weight), ("mask", mask)):
        if values is not None and not is_number(values.dtype):
            raise TypeError(f"`{name}` must hold numbers or booleans, got {values.dtype.name}")
        if values is not None:
            _check_fit(values.shape, shape, name)


def _labels_shape(y_true: tf.Tensor, y_pred: tf.Tensor, input_format: InputFormat) -> tf.TensorShape:
    """The shape of `Labels.true`: one element a sample, or one an entry of columns."""
    if input_format.y_pred == "scores":
        return y_pred.shape[:-1]
    if input_format.y_pred == "ids":
        return min(y_true.shape, y_pred.shape, key=lambda shape: shape.rank)
    bare = input_format.num_classes == 1 and (y_pred.shape.rank == 1 or y_pred.shape[-1] != 1)
    return y_pred.shape.concatenate([1]) if bare else y_pred.shape


def _check_fit(shape: tf.TensorShape, labels: tf.TensorShape, name: str) -> None:
    if shape.rank is None:
        raise ValueError(f"`{name}` has unknown rank; give it a static one with tf.ensure_shape or set_shape")
    is_column = shape.rank == labels.rank + 1 and shape[-1] == 1
    fits = (shape.rank <= labels.rank or is_column) and all(
        ours in (1, None, theirs) or theirs is None for ours, theirs in zip(shape, labels, strict=False)
    )
    if not fits:
        raise ValueError(f"`{name}` of shape {shape} does not broadcast to the labels of shape {labels}")


def _fit(values: tf.Tensor, true: tf.Tensor, name: str) -> tf.Tensor:
    """Broadcasts to the labels from the left: (N,) weighs whole samples, of any number of axes."""
    _check_fit(values.shape, true.shape, name)
    rank = true.shape.rank
    if values.shape.rank > rank:
        values = tf.squeeze(values, axis=-1)
    elif values.shape.rank < rank:
        values = tf.reshape(values, tf.concat([tf.shape(values), [1] * (rank - values.shape.rank)], 0))
    return tf.broadcast_to(values, tf.shape(true))


def combine(true: tf.Tensor, masks: Iterable[InvalidMask]) -> tf.Tensor:
    """One code a sample; a later mask wins over an earlier one."""
    status = tf.zeros_like(true, tf.int64)
    for where, code in masks:
        status = tf.where(where, tf.constant(code, tf.int64), status)
    return status
