"""Reads off static shapes and dtypes alone what a pair (y_true, y_pred) means, and refuses what does not fit."""

from typing import Any, Literal, NamedTuple

import numpy as np
import tensorflow as tf


class InputSpec(NamedTuple):
    """How a metric reads its inputs: the part of its configuration that canonicalisation needs. Hashable.

    Attributes:
        num_classes: None to take it from the last dimension of the scores.
        threshold: None where the largest score wins, else what "yes" exceeds, or several such numbers.
        top_k: None, or how many of the largest scores of a row say yes.
        ignore_class: labels that are not looked at.
        ranked: with `top_k`, keep classes exclusive and give the ids of the k largest scores, the largest first.
        scores: None to reduce scores to answers; to keep them, what they are: "probabilities" or "logits".
        multi_label: each column is a yes/no question, whatever the threshold.
        distributions: keep one-hot and soft labels as rows, and ask of rows of probabilities that they sum to 1.
    """

    num_classes: int | None = None
    threshold: float | tuple[float, ...] | None = None
    top_k: int | None = None
    ignore_class: tuple[int, ...] = ()
    ranked: bool = False
    scores: Literal["probabilities", "logits"] | None = None
    multi_label: bool = False
    distributions: bool = False


class InputFormat(NamedTuple):
    """What the static shapes and dtypes say of a pair (y_true, y_pred)."""

    num_classes: int
    multiclass: bool
    y_true: Literal["ids", "one_hot", "columns"]
    y_pred: Literal["scores", "ids", "columns"]


def as_tensor(values: Any) -> tf.Tensor:
    """Converts anything array-like; Python lists go through numpy, so that 2**32 + 1 stays itself.

    Raises:
        TypeError: None; a ragged tensor, whose rows have no common shape; a sparse one.
    """
    if values is None:
        raise TypeError("labels and predictions must be arrays or tensors, got None; pass y_true and y_pred")
    if isinstance(values, tf.SparseTensor) or hasattr(values, "toarray"):
        raise TypeError("sparse matrices are not counted; pass tf.sparse.to_dense(tensor) or matrix.toarray()")
    if isinstance(values, tf.Tensor):
        return values
    if isinstance(values, tf.RaggedTensor):
        raise TypeError("ragged tensors are not counted; pass .flat_values, or .to_tensor() with a label to ignore")
    if isinstance(values, list | tuple | int | float | bool):
        values = np.asarray(values)
    return tf.convert_to_tensor(values)


def find_format(y_true: tf.Tensor, y_pred: tf.Tensor, spec: InputSpec) -> InputFormat:
    """Tells what a pair of tensors means, from static shapes and dtypes; raises as `canonicalize` does."""
    for name, tensor in (("y_true", y_true), ("y_pred", y_pred)):
        if not (tensor.dtype.is_floating or tensor.dtype.is_integer or tensor.dtype.is_bool):
            raise TypeError(f"`{name}` must hold numbers or booleans, got {tensor.dtype.name}")
        if tensor.shape.rank is None:
            raise ValueError(f"`{name}` has unknown rank; give it a static one with tf.ensure_shape or set_shape")
        if tensor.shape.rank == 0:
            raise ValueError(f"`{name}` must have a batch axis, got a scalar")
    by_rank = spec.top_k is not None and not spec.ranked
    asks_columns = spec.threshold is not None or spec.multi_label or by_rank or y_pred.dtype.is_bool
    if spec.scores and not y_pred.dtype.is_floating:
        raise ValueError(f"`y_pred` must hold {spec.scores} of a float dtype, got {y_pred.dtype.name}")
    if spec.ranked and not y_pred.dtype.is_floating:
        raise ValueError(f"`y_pred` must hold scores for the k largest to be found, got {y_pred.dtype.name}")
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


def _format_of_ids(y_true: tf.Tensor, y_pred: tf.Tensor, spec: InputSpec) -> InputFormat:
    if spec.num_classes is None:
        raise ValueError("`num_classes` is needed where `y_pred` holds integer class ids; pass num_classes=")
    if spec.num_classes == 1:
        raise ValueError(
            "integer class ids need 2 classes or more, got num_classes=1; for yes/no answers pass threshold=0.5"
        )
    if not y_true.shape.is_compatible_with(y_pred.shape):
        raise _misfit(y_true, y_pred, "integer class ids must have the shape of the labels")
    return InputFormat(spec.num_classes, True, "ids", "ids")


def _lacks_column_axis(y_true: tf.Tensor, y_pred: tf.Tensor, spec: InputSpec) -> bool:
    """Whether scores shaped like the labels are one yes/no question, such as (N,) and (N,)."""
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
    """The number of classes: the static last dimension of the scores, or what the metric was told."""
    width = y_pred.shape[-1]
    if width is None and spec.num_classes is None:
        raise ValueError(f"`y_pred` of shape {y_pred.shape} has no static last dimension; pass num_classes=")
    if None not in (width, spec.num_classes) and width != spec.num_classes:
        raise ValueError(
            f"`y_pred` of shape {y_pred.shape} scores {width} classes, but the metric counts {spec.num_classes}; "
            "use another metric for another number of classes"
        )
    num_classes = width or spec.num_classes
    if width == 0 or num_classes is None:
        raise ValueError(f"`y_pred` of shape {y_pred.shape} has no classes")
    if spec.top_k is not None and spec.top_k > num_classes:
        raise ValueError(f"`top_k` must be at most the number of classes, {num_classes}, got {spec.top_k}")
    return num_classes


def _encoding(
    y_true: tf.Tensor, y_pred: tf.Tensor, num_classes: int, multiclass: bool
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
            return "one_hot" if multiclass else "columns"
        if last == 1:
            return "ids"
    raise _misfit(y_true, y_pred, "expected labels (N, ...), (N, ..., 1) or (N, ..., C) for scores (N, ..., C)")


def _misfit(y_true: tf.Tensor, y_pred: tf.Tensor, why: str) -> ValueError:
    return ValueError(f"`y_true` of shape {y_true.shape} does not fit `y_pred` of shape {y_pred.shape}; {why}")
