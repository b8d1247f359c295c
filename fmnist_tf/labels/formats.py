"""The format of a pair (y_true, y_pred), from static shapes and dtypes alone, and errors where the two do not fit."""

import math
from typing import Any, Literal, NamedTuple

import numpy as np
import tensorflow as tf


class InputSpec(NamedTuple):
    """How a metric reads its inputs: the part of its configuration that canonicalisation needs. Hashable.

    Attributes:
        num_classes: None to take it from the last dimension of the scores.
        threshold: None where the largest score wins, else the number that a score of yes exceeds, or several numbers.
        top_k: None, or how many of the largest scores of a row are yes.
        ignore_class: labels that are left out.
        ranked: with `top_k`, stay multiclass and give the ids of the k largest scores, the largest first.
        scores: None to reduce scores to predictions; "probabilities" or "logits" to keep them, and which they are.
        multi_label: each column is binary, with or without a threshold.
        from_logits: scores that are reduced to predictions are logits; `threshold` is a probability all the same.
        distributions: keep one-hot and soft labels as rows; rows of probabilities must sum to 1.
        sequences: labels are sequences (N, T), so that integers (N, T) are ids also where T is the number of classes.
    """

    num_classes: int | None = None
    threshold: float | tuple[float, ...] | None = None
    top_k: int | None = None
    ignore_class: tuple[int, ...] = ()
    ranked: bool = False
    scores: Literal["probabilities", "logits"] | None = None
    multi_label: bool = False
    from_logits: bool = False
    distributions: bool = False
    sequences: bool = False

    @property
    def asks_columns(self) -> bool:
        """Whether the arguments make each column binary, for any dtype and number of predictions."""
        by_rank = self.top_k is not None and not self.ranked
        return self.threshold is not None or self.multi_label or by_rank

    def limits(self, of_logits: bool) -> float | tuple[float, ...]:
        """The limits that scores of columns must exceed; of logits the logits of the thresholds."""
        given = 0.5 if self.threshold is None else self.threshold
        if not of_logits:
            return given
        return tuple(map(_logit, given)) if isinstance(given, tuple) else _logit(given)


def _logit(probability: float) -> float:
    if probability in (0.0, 1.0):
        return math.inf if probability else -math.inf
    return math.log(probability) - math.log1p(-probability)


class InputFormat(NamedTuple):
    """The format of a pair (y_true, y_pred), as its static shapes and dtypes give it."""

    num_classes: int
    multiclass: bool
    y_true: Literal["ids", "one_hot", "columns"]
    y_pred: Literal["scores", "ids", "columns"]


def as_tensor(values: Any, name: str = "labels and predictions") -> tf.Tensor:
    """Converts anything array-like; Python lists go through numpy, so that 2**32 + 1 is not cut to 32 bits.

    Raises:
        TypeError: None; an array of objects; a ragged tensor, whose rows have no common shape; a sparse one.
    """
    if values is None:
        raise TypeError(f"{name} must be arrays or tensors, got None; pass y_true and y_pred")
    if isinstance(values, tf.SparseTensor) or hasattr(values, "toarray"):
        raise TypeError("sparse matrices are not counted; pass tf.sparse.to_dense(tensor) or matrix.toarray()")
    if isinstance(values, tf.Tensor):
        return values
    if isinstance(values, tf.RaggedTensor):
        raise TypeError("ragged tensors are not counted; pass .flat_values, or .to_tensor() with a label to ignore")
    if isinstance(values, list | tuple | int | float | bool | complex):
        values = np.asarray(values)
    if isinstance(values, np.ndarray) and values.dtype == object:
        raise TypeError(f"{name} must hold numbers or booleans, got an array of Python objects")
    return tf.convert_to_tensor(values)


def is_number(dtype: tf.DType) -> bool:
    """Whether a dtype holds real numbers or booleans."""
    return dtype.is_floating or dtype.is_integer or dtype.is_bool


def find_format(y_true: tf.Tensor, y_pred: tf.Tensor, spec: InputSpec) -> InputFormat:
    """The format of a pair of tensors, from static shapes and dtypes; raises as `canonicalize` does."""
    for name, tensor in (("y_true", y_true), ("y_pred", y_pred)):
        _check_tensor(name, tensor)
    if (spec.scores or spec.ranked) and not y_pred.dtype.is_floating:
        kind = spec.scores or "scores, of which the k largest are found,"
        raise ValueError(f"`y_pred` must hold {kind} of a float dtype, got {y_pred.dtype.name}")
    if spec.top_k is not None and not spec.ranked and (spec.num_classes == 1 or y_pred.shape.rank == 1):
        raise _one_column_of_top_k(y_pred)
    asks_columns = spec.asks_columns or y_pred.dtype.is_bool
    if y_pred.dtype.is_integer and not asks_columns:
        return _format_of_ids(y_true, y_pred, spec)
    if _lacks_column_axis(y_true, y_pred, spec):
        return _format_of_bare_column(y_true, y_pred, spec)
    num_classes = _width(y_pred, spec)
    multiclass = not asks_columns and num_classes > 1
    return InputFormat(
        num_classes,
        multiclass,
        _encoding(y_true, y_pred, num_classes, multiclass),
        "scores" if multiclass else "columns",
    )


def _check_tensor(name: str, tensor: tf.Tensor) -> None:
    if not is_number(tensor.dtype):
        raise TypeError(f"`{name}` must hold numbers or booleans, got {tensor.dtype.name}")
    if tensor.shape.rank is None:
        raise ValueError(f"`{name}` has unknown rank; give it a static one with tf.ensure_shape or set_shape")
    if tensor.shape.rank == 0:
        raise ValueError(f"`{name}` must have a batch axis, got a scalar")


def _format_of_ids(y_true: tf.Tensor, y_pred: tf.Tensor, spec: InputSpec) -> InputFormat:
    if spec.num_classes is None:
        raise ValueError(
            f"`y_pred` of shape {y_pred.shape} holds integers; for 0/1 predictions of columns pass threshold=0.5, "
            "for class ids `num_classes` is needed, pass num_classes="
        )
    if spec.num_classes == 1:
        raise ValueError(
            "integer predictions with num_classes=1: for 0/1 predictions of one column pass threshold=0.5; "
            "class ids need num_classes=2 or more"
        )
    if y_pred.shape.rank > 1 and y_pred.shape[-1] == spec.num_classes and not spec.sequences:
        raise ValueError(
            f"integer `y_pred` of shape {y_pred.shape} may hold class ids or one column a class; cast one-hot "
            "predictions to bool or float, give class ids a flat shape, as tf.reshape(y_pred, [-1])"
        )
    if not _without_last_1(y_true, y_pred).is_compatible_with(_without_last_1(y_pred, y_true)):
        raise _misfit(y_true, y_pred, "integer class ids must have the shape of the labels")
    return InputFormat(spec.num_classes, True, "ids", "ids")


def _without_last_1(tensor: tf.Tensor, other: tf.Tensor) -> tf.TensorShape:
    """The shape, without the last axis where that is 1 and the other tensor has no such axis."""
    shape = tensor.shape
    return shape[:-1] if shape.rank == (other.shape.rank or 0) + 1 and shape[-1] == 1 else shape


def _lacks_column_axis(y_true: tf.Tensor, y_pred: tf.Tensor, spec: InputSpec) -> bool:
    """Whether scores shaped like the labels are one binary column, such as (N,) and (N,)."""
    dense = spec.num_classes == 1 and y_pred.shape[-1] != 1 and y_true.shape.rank == y_pred.shape.rank
    return y_pred.shape.rank == 1 or dense


def _format_of_bare_column(y_true: tf.Tensor, y_pred: tf.Tensor, spec: InputSpec) -> InputFormat:
    if spec.num_classes not in (None, 1):
        raise _misfit(y_true, y_pred, f"scores of {spec.num_classes} classes need a last axis of that width")
    bare = y_true.shape if y_true.shape.rank == y_pred.shape.rank else y_true.shape[:-1]
    if not bare.is_compatible_with(y_pred.shape) or (bare.rank < y_true.shape.rank and y_true.shape[-1] != 1):
        raise _misfit(y_true, y_pred, "one column of scores must have the shape of the labels")
    return InputFormat(1, False, "columns", "columns")


def _width(y_pred: tf.Tensor, spec: InputSpec) -> int:
    """The number of classes: the static last dimension of the scores, or `num_classes` of the metric."""
    width = y_pred.shape[-1]
    if width is None and spec.num_classes is None:
        raise ValueError(f"`y_pred` of shape {y_pred.shape} has no static last dimension; pass num_classes=")
    if None not in (width, spec.num_classes) and width != spec.num_classes:
        raise ValueError(
            f"`y_pred` of shape {y_pred.shape} scores {width} classes, but the metric counts {spec.num_classes}; "
            "use another metric for another number of classes"
        )
    num_classes = width or spec.num_classes
    if num_classes == 1 and spec.top_k is not None and not spec.ranked:
        raise _one_column_of_top_k(y_pred)
    if width == 0 or num_classes is None:
        raise ValueError(f"`y_pred` of shape {y_pred.shape} has no classes")
    if spec.top_k is not None and spec.top_k > num_classes:
        name = "k" if spec.ranked else "top_k"
        raise ValueError(
            f"`{name}` must be at most the number of classes, {num_classes}, got {spec.top_k}; pass {name}="
        )
    return num_classes


def _one_column_of_top_k(y_pred: tf.Tensor) -> ValueError:
    return ValueError(
        f"`top_k` chooses among the score columns of a row, got one column, `y_pred` of shape {y_pred.shape}; leave it "
        "out, or pass threshold="
    )


def _encoding(
    y_true: tf.Tensor, y_pred: tf.Tensor, num_classes: int, multiclass: bool
) -> Literal["ids", "one_hot", "columns"]:
    """How `y_true` encodes the classes of scores (N, ..., C)."""
    rank, last = y_true.shape.rank, y_true.shape[-1]
    samples = y_pred.shape[:-1]
    if rank == y_pred.shape.rank - 1 and y_true.shape.is_compatible_with(samples):
        return "ids" if num_classes > 1 else "columns"
    if rank == y_pred.shape.rank and y_true.shape[:-1].is_compatible_with(samples):
        if last is None:
            raise _misfit(y_true, y_pred, "the last dimension of `y_true` must be static; use tf.ensure_shape")
        if last == num_classes:
            return "one_hot" if multiclass else "columns"
        if last == 1:
            return "ids"
    raise _misfit(y_true, y_pred, "expected labels (N, ...), (N, ..., 1) or (N, ..., C) for scores (N, ..., C)")


def _misfit(y_true: tf.Tensor, y_pred: tf.Tensor, why: str) -> ValueError:
    return ValueError(f"`y_true` of shape {y_true.shape} does not fit `y_pred` of shape {y_pred.shape}; {why}")
