"""Every accepted form of labels, predictions and weights -> `Labels`, one canonical batch.

What a tensor means is read off its static rank, last dimension and dtype alone, never off its values, so that a
result cannot depend on how a stream was cut into batches. Values that cannot be counted are marked in
`Labels.fault` instead of raising: XLA removes assertions, and a mark survives every compiler and device.
"""

from typing import Any, Literal, NamedTuple

import numpy as np
import tensorflow as tf

#: What can be wrong with one position, in the order of the codes 1, 2, ... of `Labels.fault`.
FAULTS = (
    "label outside the classes",
    "label that is not an integer",
    "NaN score",
    "weight that is negative or not finite",
    "prediction outside the classes",
)
COUNTED = 0
_OUTSIDE, _NOT_INTEGER, _NAN_SCORE, _BAD_WEIGHT, _BAD_PREDICTION = range(1, len(FAULTS) + 1)
#: The code of a position that nobody asked to look at: masked, ignored, or of weight zero.
LEFT_OUT = len(FAULTS) + 1


class Reading(NamedTuple):
    """How a metric reads its inputs: the part of its configuration that canonicalisation needs. Hashable.

    Attributes:
        num_classes: None to take it from the last dimension of the scores.
        threshold: None where the largest score wins, else what "yes" exceeds, or several such numbers.
        top_k: None, or how many of the largest scores of a row say yes.
        ignore_class: labels that are not looked at.
        ranked: with `top_k`, keep classes exclusive and give the ids of the k largest scores, the largest first.
    """

    num_classes: int | None = None
    threshold: float | tuple[float, ...] | None = None
    top_k: int | None = None
    ignore_class: tuple[int, ...] = ()
    ranked: bool = False


class Form(NamedTuple):
    """What the static shapes and dtypes say of a pair (y_true, y_pred)."""

    num_classes: int
    exclusive: bool
    y_true: Literal["ids", "one_hot", "columns"]
    y_pred: Literal["scores", "ids", "columns"]


class Labels(NamedTuple):
    """One batch in canonical form.

    Attributes:
        true: int64 class ids (N, ...) of exclusive classes; bool answers (N, ..., C) of yes/no columns.
        pred: likewise; with several thresholds bool (T, N, ..., C); where ranked, ids (N, ..., k).
        weight: float64, shaped like `true`, or None where every position weighs one.
        fault: int64, shaped like `true`: `COUNTED`, a code of `FAULTS` (from 1 on), or `LEFT_OUT`.
        form: the form the batch came in.
    """

    true: tf.Tensor
    pred: tf.Tensor
    weight: tf.Tensor | None
    fault: tf.Tensor
    form: Form


def as_tensor(values: Any) -> tf.Tensor:
    """Converts anything array-like; Python lists go through numpy, so that 2**32 + 1 stays itself."""
    if isinstance(values, list | tuple | int | float | bool):
        values = np.asarray(values)
    return tf.convert_to_tensor(values)


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
    y_true, y_pred = _align(y_true, y_pred, form)
    read = _read_classes if form.exclusive else _read_columns
    true, pred, ignored, faults = read(y_true, y_pred, form, reading)
    weight, unweighted, bad_weight = _read_weight(sample_weight, mask, true)
    marks = [*faults, (bad_weight, _BAD_WEIGHT), (ignored, LEFT_OUT), (unweighted, LEFT_OUT)]
    return Labels(true, pred, weight, _mark(true, marks), form)


def find_form(y_true: tf.Tensor, y_pred: tf.Tensor, reading: Reading) -> Form:
    """Tells what a pair of tensors means, from static shapes and dtypes; raises as `canonicalize` does."""
    for name, tensor in (("y_true", y_true), ("y_pred", y_pred)):
        if not (tensor.dtype.is_floating or tensor.dtype.is_integer or tensor.dtype.is_bool):
            raise TypeError(f"`{name}` must hold numbers or booleans, got {tensor.dtype.name}")
        if tensor.shape.rank is None:
            raise ValueError(f"`{name}` has unknown rank; give it a static one with tf.ensure_shape or set_shape")
        if tensor.shape.rank == 0:
            raise ValueError(f"`{name}` must have a batch axis, got a scalar")
    by_rank = reading.top_k is not None and not reading.ranked
    asks_columns = reading.threshold is not None or by_rank or y_pred.dtype.is_bool
    if reading.ranked and not y_pred.dtype.is_floating:
        raise ValueError(f"`y_pred` must hold scores for the k largest to be found, got {y_pred.dtype.name}")
    if y_pred.dtype.is_integer and not asks_columns:
        return _form_of_ids(y_true, y_pred, reading)
    if _lacks_column_axis(y_true, y_pred, reading):
        return _form_of_bare_column(y_true, y_pred, reading)
    num_classes = _width(y_pred, reading)
    exclusive = not asks_columns and num_classes > 1
    return Form(
        num_classes,
        exclusive,
        _encoding(y_true, y_pred, num_classes, exclusive),
        "scores" if exclusive else "columns",
    )


def _form_of_ids(y_true: tf.Tensor, y_pred: tf.Tensor, reading: Reading) -> Form:
    if reading.num_classes is None:
        raise ValueError("`num_classes` is needed where `y_pred` holds integer class ids; pass num_classes=")
    if reading.num_classes == 1:
        raise ValueError(
            "integer class ids need 2 classes or more, got num_classes=1; for yes/no answers pass threshold=0.5"
        )
    if not y_true.shape.is_compatible_with(y_pred.shape):
        raise _misfit(y_true, y_pred, "integer class ids must have the shape of the labels")
    return Form(reading.num_classes, True, "ids", "ids")


def _lacks_column_axis(y_true: tf.Tensor, y_pred: tf.Tensor, reading: Reading) -> bool:
    """Whether scores shaped like the labels are one yes/no question, such as (N,) and (N,)."""
    dense = reading.num_classes == 1 and y_pred.shape[-1] != 1 and y_true.shape.rank == y_pred.shape.rank
    return y_pred.shape.rank == 1 or dense


def _form_of_bare_column(y_true: tf.Tensor, y_pred: tf.Tensor, reading: Reading) -> Form:
    if reading.num_classes not in (None, 1):
        raise _misfit(y_true, y_pred, f"scores of {reading.num_classes} classes need a last axis of that width")
    bare = y_true.shape if y_true.shape.rank == y_pred.shape.rank else y_true.shape[:-1]
    if not bare.is_compatible_with(y_pred.shape) or (bare.rank < y_true.shape.rank and y_true.shape[-1] != 1):
        raise _misfit(y_true, y_pred, "one column of scores must have the shape of the labels")
    return Form(1, False, "columns", "columns")


def _width(y_pred: tf.Tensor, reading: Reading) -> int:
    """The number of classes: the static last dimension of the scores, or what the metric was told."""
    width = y_pred.shape[-1]
    if width is None and reading.num_classes is None:
        raise ValueError(f"`y_pred` of shape {y_pred.shape} has no static last dimension; pass num_classes=")
    if None not in (width, reading.num_classes) and width != reading.num_classes:
        raise ValueError(
            f"`y_pred` of shape {y_pred.shape} scores {width} classes, but the metric counts {reading.num_classes}; "
            "use another metric for another number of classes"
        )
    num_classes = reading.num_classes if width is None else width
    if num_classes == 0:
        raise ValueError(f"`y_pred` of shape {y_pred.shape} has no classes")
    if reading.top_k is not None and reading.top_k > num_classes:
        raise ValueError(f"`top_k` must be at most the number of classes, {num_classes}, got {reading.top_k}")
    return num_classes


def _encoding(
    y_true: tf.Tensor, y_pred: tf.Tensor, num_classes: int, exclusive: bool
) -> Literal["ids", "one_hot", "columns"]:
    """How `y_true` tells the classes of scores (N, ..., C)."""
    rank, last = y_true.shape.rank, y_true.shape[-1]
    positions = y_pred.shape[:-1]
    if rank == y_pred.shape.rank - 1 and y_true.shape.is_compatible_with(positions):
        return "ids" if num_classes > 1 else "columns"
    if rank == y_pred.shape.rank and y_true.shape[:-1].is_compatible_with(positions):
        if last is None:
            raise _misfit(y_true, y_pred, "the last dimension of `y_true` must be static; use tf.ensure_shape")
        if last == num_classes:
            return "one_hot" if exclusive else "columns"
        if last == 1:
            return "ids"
    raise _misfit(y_true, y_pred, "expected labels (N, ...), (N, ..., 1) or (N, ..., C) for scores (N, ..., C)")


def _misfit(y_true: tf.Tensor, y_pred: tf.Tensor, why: str) -> ValueError:
    return ValueError(f"`y_true` of shape {y_true.shape} does not fit `y_pred` of shape {y_pred.shape}; {why}")


def _align(y_true: tf.Tensor, y_pred: tf.Tensor, form: Form) -> tuple[tf.Tensor, tf.Tensor]:
    """Gives labels exactly the axes their encoding calls for, and lets sizes that differ at run time fail."""
    if form.y_true == "columns" and form.num_classes == 1:
        y_pred = y_pred if y_pred.shape[-1] == 1 and y_pred.shape.rank > 1 else y_pred[..., tf.newaxis]
        y_true = y_true if y_true.shape.rank == y_pred.shape.rank else y_true[..., tf.newaxis]
    if form.y_true == "ids" and form.y_pred != "ids" and y_true.shape.rank == y_pred.shape.rank:
        y_true = tf.squeeze(_off_host(y_true), axis=-1)
    shape = tf.shape(y_pred)[:-1] if form.y_true == "ids" and form.y_pred != "ids" else tf.shape(y_pred)
    static = y_pred.shape[:-1] if form.y_true == "ids" and form.y_pred != "ids" else y_pred.shape
    if y_true.shape.is_fully_defined() and static.is_fully_defined():
        return y_true, y_pred
    return tf.reshape(_off_host(y_true), shape), y_pred


def _off_host(values: tf.Tensor) -> tf.Tensor:
    """Widens integers to int64: on a GPU arithmetic and reshapes of int32 run on the host."""
    return tf.cast(values, tf.int64) if values.dtype.is_integer else values


def _read_classes(y_true: tf.Tensor, y_pred: tf.Tensor, form: Form, reading: Reading):
    """Ids of exclusive classes: (true, pred, ignored, faults)."""
    true, ignored, faults = (_read_one_hot if form.y_true == "one_hot" else _read_ids)(y_true, form, reading)
    if form.y_pred == "ids":
        pred = tf.cast(y_pred, tf.int64)
        return true, pred, ignored, [((pred < 0) | (pred >= form.num_classes), _BAD_PREDICTION), *faults]
    pred = _top_k(y_pred, reading.top_k) if reading.top_k else tf.argmax(y_pred, axis=-1, output_type=tf.int64)
    return true, pred, ignored, [(_any_nan(y_pred), _NAN_SCORE), *faults]


def _read_ids(y_true: tf.Tensor, form: Form, reading: Reading):
    """Class ids of any width, integral floats included, without ever wrapping one into the classes."""
    if not y_true.dtype.is_floating:
        true = tf.cast(y_true, tf.int64)
        return (
            true,
            _is_one_of(true, reading.ignore_class),
            [((true < 0) | (true >= form.num_classes), _OUTSIDE)],
        )
    value = tf.cast(y_true, tf.float64)
    outside = ~((value >= 0) & (value < form.num_classes))
    true = tf.cast(tf.where(outside, tf.zeros_like(value), value), tf.int64)
    faults = [(outside, _OUTSIDE), (value != tf.floor(value), _NOT_INTEGER)]
    return true, _is_one_of(value, reading.ignore_class), faults


def _read_one_hot(y_true: tf.Tensor, form: Form, reading: Reading):
    """One-hot or soft rows: the argmax; a row of zeros has no class, one with NaN has no meaning."""
    rows = y_true if y_true.dtype.is_floating else tf.cast(y_true, tf.float64)
    true = tf.argmax(rows, axis=-1, output_type=tf.int64)
    faults = [(~tf.reduce_any(rows != 0, axis=-1), _OUTSIDE), (_any_nan(rows), _NOT_INTEGER)]
    return true, _is_one_of(true, reading.ignore_class), faults


def _read_columns(y_true: tf.Tensor, y_pred: tf.Tensor, form: Form, reading: Reading):
    """Yes/no answers, one a column: (true, pred, ignored, faults)."""
    if form.y_true == "ids":
        true, ignored, faults = _spread_ids(*_read_ids(y_true, form, reading), form)
    else:
        true, ignored, faults = _read_answers(y_true, reading)
    if y_pred.dtype.is_bool and reading.threshold is None:
        return true, y_pred, ignored, faults
    if reading.top_k is not None:
        nan = _first_column(_any_nan(y_pred)[..., tf.newaxis], form)
        return true, _top_k_answers(y_pred, reading.top_k), ignored, [*_row_fault(nan, _NAN_SCORE), *faults]
    pred = _exceeds(y_pred, 0.5 if reading.threshold is None else reading.threshold)
    nan = tf.math.is_nan(y_pred) if y_pred.dtype.is_floating else None
    return true, pred, ignored, [(nan, _NAN_SCORE), *faults]


def _read_answers(y_true: tf.Tensor, reading: Reading):
    if y_true.dtype.is_bool:
        return y_true, _is_one_of(tf.cast(y_true, tf.int64), reading.ignore_class), []
    value = y_true if y_true.dtype.is_floating else tf.cast(y_true, tf.int64)
    yes = value == 1
    faults = [(~(yes | (value == 0)), _OUTSIDE)]
    if value.dtype.is_floating:
        faults.append((value != tf.floor(value), _NOT_INTEGER))
    return yes, _is_one_of(value, reading.ignore_class), faults


def _spread_ids(true: tf.Tensor, ignored, faults, form: Form):
    """One id a row -> one answer a column; a fault of the row is marked, and so counted, in its first column."""
    answers = true[..., tf.newaxis] == tf.range(form.num_classes, dtype=tf.int64)
    ignored = None if ignored is None else _first_column(ignored[..., tf.newaxis], form)[1]
    marks = [mark for where, code in faults for mark in _row_fault(_first_column(where[..., tf.newaxis], form), code)]
    return answers, ignored, marks


def _first_column(rows: tf.Tensor, form: Form) -> tuple[tf.Tensor, tf.Tensor]:
    """Rows (N, ..., 1) -> (only their first column, all their columns), each (N, ..., C)."""
    first = tf.range(form.num_classes, dtype=tf.int64) == 0
    return rows & first, rows & tf.ones_like(first)


def _row_fault(columns: tuple[tf.Tensor, tf.Tensor], code: int):
    first, whole = columns
    return [(whole, LEFT_OUT), (first, code)]


def _exceeds(y_pred: tf.Tensor, threshold: float | tuple[float, ...]) -> tf.Tensor:
    """Strictly above the threshold, compared in the scores' own precision; (T, N, ..., C) for several."""
    scores = y_pred if y_pred.dtype.is_floating else tf.cast(y_pred, tf.float64)
    limits = tf.constant(threshold, scores.dtype)
    return (
        scores > tf.reshape(limits, [*limits.shape, *[1] * scores.shape.rank]) if limits.shape.rank else scores > limits
    )


def _top_k_answers(y_pred: tf.Tensor, k: int) -> tf.Tensor:
    """Yes for the k largest scores of a row."""
    chosen = _top_k(y_pred, k)
    return tf.reduce_any(tf.one_hot(chosen, y_pred.shape[-1], on_value=True, off_value=False, dtype=tf.bool), axis=-2)


def _top_k(y_pred: tf.Tensor, k: int) -> tf.Tensor:
    """Ids of the k largest scores of a row; on a tie the lower index comes first."""
    scores = y_pred if y_pred.dtype.is_floating else tf.cast(y_pred, tf.float64)
    return tf.cast(tf.math.top_k(scores, k=k).indices, tf.int64)


def _any_nan(scores: tf.Tensor) -> tf.Tensor | None:
    return tf.reduce_any(tf.math.is_nan(scores), axis=-1) if scores.dtype.is_floating else None


def _is_one_of(values: tf.Tensor, ids: tuple[int, ...]) -> tf.Tensor | None:
    found = None
    for class_id in ids:
        same = values == tf.constant(class_id, values.dtype)
        found = same if found is None else found | same
    return found


def _read_weight(sample_weight: Any, mask: Any, true: tf.Tensor):
    """(weight, where it is zero or masked, where it is bad), each shaped like `true` or None."""
    hidden = None if mask is None else ~_fit(tf.cast(mask, tf.bool), true, "mask")
    if sample_weight is None:
        return None, hidden, None
    weight = _fit(tf.cast(as_tensor(sample_weight), tf.float64), true, "sample_weight")
    zero = weight == 0
    return weight, zero if hidden is None else zero | hidden, (weight < 0) | ~tf.math.is_finite(weight)


def _fit(values: tf.Tensor, true: tf.Tensor, name: str) -> tf.Tensor:
    """Broadcasts to the labels from the left: (N,) belongs to the sample, whatever follows."""
    if values.shape.rank is None:
        raise ValueError(f"`{name}` has unknown rank; give it a static one with tf.ensure_shape or set_shape")
    shape, rank = values.shape, true.shape.rank
    if values.shape.rank == rank + 1 and values.shape[-1] == 1:
        values = tf.squeeze(values, axis=-1)
    values = (
        tf.reshape(values, tf.concat([tf.shape(values), [1] * (rank - values.shape.rank)], 0))
        if values.shape.rank < rank
        else values
    )
    fits = values.shape.rank == rank and all(
        (1 in (ours, theirs) and ours == 1) or None in (ours, theirs) or ours == theirs
        for ours, theirs in zip(values.shape, true.shape, strict=True)
    )
    if not fits:
        raise ValueError(f"`{name}` of shape {shape} does not broadcast to the labels of shape {true.shape}")
    return tf.broadcast_to(values, tf.shape(true))


def _mark(true: tf.Tensor, marks: list[tuple[tf.Tensor | None, int]]) -> tf.Tensor:
    """One code a position; a later mark wins over an earlier one."""
    fault = None
    for where, code in marks:
        if where is not None:
            fault = tf.where(
                where, tf.constant(code, tf.int64), tf.constant(COUNTED, tf.int64) if fault is None else fault
            )
    return tf.zeros(tf.shape(true), tf.int64) if fault is None else fault
