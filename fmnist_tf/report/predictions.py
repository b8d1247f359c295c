"""Predictions that have been made already -> the arguments of their report."""

import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from fmnist_tf.counts import effective_number
from fmnist_tf.metrics import ConfusionMatrix, CurveSet, MultilabelConfusionMatrix
from fmnist_tf.metrics.histograms import DEFAULT_NUM_BINS

_NUMBERS_AT_ONCE = 2**21
_MOST_BINS = 2**24  # of 16 bytes


class Rows(NamedTuple):
    """Labels and predictions as arrays.

    Attributes:
        true: class ids (N,), or a number a class (N, C).
        pred: class ids (N,), or a number a class, float64 (N, C).
        names: C names, or None.
        dtype: that of the predictions as given, "f" of scores, "b" of yes or no a column.
    """

    true: np.ndarray
    pred: np.ndarray
    names: list[str] | None
    dtype: str

    @property
    def width(self) -> int:
        """Columns of the predictions; 0 of class ids."""
        return self.pred.shape[1] if self.pred.ndim == 2 else 0

    def multilabel_threshold(self, threshold: float | None) -> float | None:
        """The threshold of multilabel columns; None where the classes exclude each other."""
        if self.width < 2:
            return None
        return 0.5 if threshold is None and self.dtype == "b" else threshold


def score_predictions(
    y_true: Any,
    y_pred: Any,
    class_names: Sequence[str] | None,
    *,
    sample_weight: Any,
    threshold: float | None,
    from_logits: bool,
) -> dict[str, Any]:
    """The keyword arguments of a `Report`, as `Report.from_predictions` documents them."""
    rows = read_rows(y_true, y_pred, class_names)
    weight = _read_weight(sample_weight, len(rows.true))
    counts = _make_counts(rows, threshold, from_logits)
    multi_label = rows.multilabel_threshold(threshold) is not None
    curves = _make_curves(rows.width, multi_label, from_logits) if rows.dtype == "f" else None
    for part in _parts(rows):
        arguments = rows.true[part], rows.pred[part], None if weight is None else weight[part]
        for metric in filter(None, (counts, curves)):
            metric.update_state(*arguments)
    counts.result()  # which refuses invalid rows, and says which they are
    if curves is not None:
        curves.result()
    return {
        "matrix_or_counts": counts.matrix.numpy(),
        "class_names": rows.names,
        "multiclass": False if rows.width == 1 else None,
        "curves": curves,
        "effective_total": None if weight is None else _effective_total(weight),
    }


def read_rows(y_true: Any, y_pred: Any, class_names: Sequence[str] | None) -> Rows:
    """Labels and predictions as numbers, and the names of the classes.

    Raises:
        ValueError: lengths that differ, other shapes, or labels that are no class.
    """
    names = class_names if class_names is not None else _columns_of(y_pred) or _columns_of(y_true)
    true, pred = _as_array("y_true", y_true), _as_array("y_pred", y_pred)
    if len(true) != len(pred):
        raise ValueError(f"`y_true` and `y_pred` must be of one length, got {len(true):,} and {len(pred):,}")
    if not len(true):
        raise ValueError("`y_true` must hold one row or more, got none")
    names = None if names is None else [str(name) for name in names]
    if names is None and "U" in (true.dtype.kind, pred.dtype.kind):
        names = sorted(set().union(*(set(part.tolist()) for part in (true, pred) if part.dtype.kind == "U")))
    dtype = pred.dtype.kind
    true, pred = (_as_ids(name, part, names) for name, part in (("y_true", true), ("y_pred", pred)))
    pred = _as_columns(true, pred)
    width = max(pred.shape[1], 2) if pred.ndim == 2 else None
    if names is not None and width not in (None, len(names)):
        raise ValueError(f"`class_names` must hold {width} names, one a class, got {len(names)}")
    return Rows(true, pred, names, dtype)


def _as_columns(true: np.ndarray, pred: np.ndarray) -> np.ndarray:
    """A number a class, float64 (N, C), where predictions or labels have columns; else class ids."""
    if pred.ndim == 1 and pred.dtype.kind == "f":
        pred = pred[:, np.newaxis]
    if pred.ndim == 2:
        return pred.astype(np.float64)
    return _one_hot(pred, true.shape[1]) if true.ndim == 2 else pred.astype(np.int64)


def _as_array(name: str, values: Any) -> np.ndarray:
    """Strings (U), numbers or booleans, (N,) or (N, C); one column (N, 1) is (N,)."""
    array = values.to_numpy() if hasattr(values, "to_numpy") else np.asarray(values)
    if array.dtype.kind in "OST":
        array = _from_objects(name, array)
    if array.dtype.kind == "V":  # bfloat16, which NumPy does not know
        array = array.astype(np.float32)
    if array.ndim not in (1, 2) or array.dtype.kind not in "biufU":
        raise ValueError(f"`{name}` must be numbers or strings (N,) or (N, C), got {array.dtype} {array.shape}")
    return array[:, 0] if array.ndim == 2 and array.shape[1] == 1 else array


def _from_objects(name: str, array: np.ndarray) -> np.ndarray:
    """Python objects: all strings, or all numbers."""
    if array.dtype.kind == "S":
        return np.char.decode(array, "utf-8")
    kinds = {type(value) for value in array.flat}
    if all(issubclass(kind, str) for kind in kinds):
        return array.astype(str)
    if all(issubclass(kind, int | float | np.number | np.bool_) for kind in kinds):
        return np.asarray(array.tolist())
    raise ValueError(f"`{name}` must hold strings or numbers alone, got {', '.join(sorted(k.__name__ for k in kinds))}")


def _columns_of(table: Any) -> list[str] | None:
    """The names of the columns of a DataFrame that has several."""
    columns = getattr(table, "columns", None)
    return None if columns is None or len(columns) < 2 else [str(column) for column in columns]


def _as_ids(name: str, values: np.ndarray, names: list[str] | None) -> np.ndarray:
    """Strings and booleans as class ids; numbers as they are."""
    if values.dtype.kind == "b":
        return values.astype(np.int64)
    if values.dtype.kind != "U" or names is None:
        return values
    ids = {text: row for row, text in enumerate(names)}
    unknown = sorted(set(values.ravel().tolist()) - ids.keys())
    if unknown:
        raise ValueError(f"`{name}` holds {unknown[0]!r}, which is none of the classes {', '.join(names[:10])}")
    return np.vectorize(ids.__getitem__, otypes=[np.int64])(values)


def _one_hot(ids: np.ndarray, num_classes: int) -> np.ndarray:
    if ids.min() < 0 or ids.max() >= num_classes:
        raise ValueError(f"`y_pred` must hold ids from 0 to {num_classes - 1}, got {ids.min()} to {ids.max()}")
    return np.eye(num_classes)[ids.astype(np.int64)]


def _make_counts(rows: Rows, threshold: float | None, from_logits: bool) -> ConfusionMatrix | MultilabelConfusionMatrix:
    """The metric that counts: of classes that exclude each other one matrix, of multilabel columns one a column."""
    if not rows.width:
        return ConfusionMatrix(len(rows.names) if rows.names else _num_classes(rows))
    if rows.width == 1:
        return ConfusionMatrix(threshold=_in_scores(0.5 if threshold is None else threshold, from_logits))
    of_columns = rows.multilabel_threshold(threshold)
    if of_columns is None:
        return ConfusionMatrix(rows.width)
    return MultilabelConfusionMatrix(rows.width, threshold=_in_scores(of_columns, from_logits))


def _in_scores(threshold: float, from_logits: bool) -> float:
    """A threshold is a probability; logits are compared with its logit."""
    if not from_logits:
        return threshold
    if not 0 < threshold < 1:
        raise ValueError(f"`threshold` must be a probability between 0 and 1 with from_logits=True, got {threshold}")
    return math.log(threshold / (1 - threshold))


def _num_classes(rows: Rows) -> int:
    return 1 + max(1, *(int(np.nanmax(part)) for part in (rows.true, rows.pred)))


def _make_curves(width: int, multi_label: bool, from_logits: bool) -> CurveSet:
    """The histogram of scores; of very many columns coarse, so that it fits the memory."""
    num_bins = min(DEFAULT_NUM_BINS, max(3, _MOST_BINS // width))
    return CurveSet(multi_label=multi_label, from_logits=from_logits, num_bins=num_bins)


def _read_weight(sample_weight: Any, size: int) -> np.ndarray | None:
    if sample_weight is None:
        return None
    weight = np.asarray(sample_weight, np.float64).reshape(-1)
    if len(weight) != size:
        raise ValueError(f"`sample_weight` must hold {size:,} weights, one a row, got {len(weight):,}")
    return weight


def _effective_total(weight: np.ndarray) -> float | None:
    """The effective number of samples; None if all weights are 0."""
    total = float(np.sum(weight))
    with np.errstate(over="ignore"):
        return effective_number(total, float(np.sum(weight**2))) if total else None


def _parts(rows: Rows) -> Iterator[slice]:
    step = max(1, _NUMBERS_AT_ONCE // max(rows.width, 1))
    return (slice(start, start + step) for start in range(0, len(rows.true), step))
