"""The arguments of a report, checked: no metric, class ids of known classes, a matrix without ignored samples."""

from collections.abc import Iterable
from typing import Any

import keras
import numpy as np

from fmnist_tf.intervals import Source, read_source


def refuse_metric(matrix_or_counts: Any) -> None:
    """A metric may have a matrix, counts or both, and several thresholds: which is meant, its owner knows."""
    if isinstance(matrix_or_counts, keras.metrics.Metric):
        raise TypeError(
            f"`matrix_or_counts` must be a matrix or Counts, got the metric {matrix_or_counts.name!r}; "
            "pass its .matrix or .counts"
        )


def check_ids(name: str, ids: int | Iterable[int] | None, num_classes: int | None) -> frozenset[int]:
    """Class ids as a set; with `num_classes` each must be one, as one of "ignore_class" need not."""
    found = frozenset(map(int, [ids] if isinstance(ids, int | np.integer) else () if ids is None else ids))
    bad = [class_id for class_id in found if num_classes is not None and not 0 <= class_id < num_classes]
    if bad:
        raise ValueError(f"`{name}` must hold class ids from 0 to {(num_classes or 0) - 1}, got {min(bad)}")
    return found


def without_rows(source: Source, ignored: frozenset[int]) -> Source:
    """Without the samples of ignored classes, where a matrix (C, C) still has them."""
    rows = [row for row in ignored if 0 <= row < len(np.asarray(source.counts.tp))]
    if source.matrix is None or source.matrix.ndim != 2 or not source.matrix[rows].any():
        return source
    matrix = source.matrix.copy()
    matrix[rows] = 0.0
    return read_source(matrix)._replace(binary=source.binary)


def read_targets(
    target_class_ids: Iterable[int] | None, reported: tuple[int, ...], num_classes: int
) -> tuple[int, ...]:
    """The class ids that averages run over: those reported, or of them the targets."""
    targets = check_ids("target_class_ids", reported if target_class_ids is None else target_class_ids, num_classes)
    return tuple(row for row in reported if row in targets)
