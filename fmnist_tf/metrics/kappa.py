"""Cohen's kappa as a Keras metric, also where disagreements weigh differently."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import tensorflow as tf

from fmnist_tf.counts import ConfusionLayout, CountLayout
from fmnist_tf.labels import InputFormat
from fmnist_tf.metrics import arguments
from fmnist_tf.metrics.base import registered
from fmnist_tf.metrics.matrix import check_matrix_size
from fmnist_tf.metrics.table import AveragedMetric
from fmnist_tf.scores import Average, Weights, divide, table, weighted_kappa

Weighting = Literal["linear", "quadratic"] | Iterable[Iterable[float]] | None


@registered
class CohenKappa(AveragedMetric):
    """Cohen's kappa, agreement beyond chance: (p_o - p_e) / (1 - p_e).

    p_o is accuracy, p_e the accuracy expected of independent labels and predictions; from -1 to 1, chance at 0.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update. Needed
            where predictions are class ids.
        weights: None, or how a disagreement of classes i and j weighs: "linear" |i - j|, "quadratic" (i - j)^2, or a
            matrix (C, C) of finite numbers of at least 0, rows true classes, 0 on the diagonal; each keeps the C x C
            matrix of counts. Of binary columns the first three agree; a matrix, (2, 2), takes one of them alone.
        average: of binary columns "auto" or "macro", the mean over columns, "micro", "weighted", "samples" (the mean
            over rows of the score of a row), or None, one value a column. A multiclass problem has one overall score
            and takes no average.
        class_id: the score of this class alone, as a scalar, in place of an average; of one binary column 0 is no and 1
            is yes.
        target_class_ids: the columns that averages run over; None for all. The overall multiclass score is that of all
            rows.
        threshold: None where the largest score wins (of one column: 0.5); else what a score must exceed for yes, in
            every column; several numbers become the first axis of the result.
        from_logits: whether scores of columns are logits; the threshold stays a probability, 0.5 where none is given.
            No effect on multiclass scores.
        ignore_class: a label, or several, whose rows (with a threshold, entries) are left out; averages leave it out.
        zero_division: the value of 0/0; nan leaves such classes out of a mean.
        on_invalid: "raise" makes `result()` raise, in a graph return NaN, once a row could not be counted; "skip" keeps
            the number of such rows in `invalid` alone.
        name: key in the logs; "cohen_kappa", with `class_id` followed by "/" and the class, by default.
        dtype: dtype of the result alone; None for Keras' default. Counts are float64.

    Returns:
        A scalar of the metric's dtype; of columns with `average=None` (C,), with several thresholds (T,) or (T, C).

    Raises:
        ValueError: arguments or shapes that do not fit; `average` for multiclass input; with a matrix of weights also
            `class_id`, several thresholds and several columns; in `result()` for invalid rows.

    Source: Cohen, A coefficient of agreement for nominal scales, 1960; Weighted kappa, 1968.

    Example:
        >>> metric = CohenKappa(3)
        >>> metric.update_state([0, 1, 2, 1], [0, 1, 1, 1])
        >>> round(float(metric.result()), 4)
        0.5556
        >>> costly = CohenKappa(3, weights=[[0, 1, 1], [1, 0, 1], [1, 9, 0]])
        >>> costly.update_state([0, 1, 2, 1], [0, 1, 1, 1])
        >>> round(float(costly.result()), 4)
        -0.0909
    """

    score = table.cohen_kappa

    def __init__(
        self,
        num_classes: int | None = None,
        *,
        weights: Weighting = None,
        average: Average = "auto",
        class_id: int | None = None,
        target_class_ids: Iterable[int] | None = None,
        threshold: float | Iterable[float] | None = None,
        from_logits: bool = False,
        ignore_class: int | Iterable[int] | None = None,
        zero_division: float = 0.0,
        on_invalid: str = "raise",
        name: str | None = None,
        dtype: str | None = None,
    ):
        self.weights: Literal["linear", "quadratic"] | Weights | None = _check_weights(weights)
        if self.weights is not None:
            self.score = replace(table.cohen_kappa, parameters=_parameters(self.weights))
        if self._has_costs and (average, class_id) != ("auto", None):
            raise ValueError("`average` and `class_id` have no meaning with a matrix of `weights`; leave them out")
        super().__init__(
            num_classes,
            average=average,
            class_id=class_id,
            target_class_ids=target_class_ids,
            threshold=threshold,
            from_logits=from_logits,
            ignore_class=ignore_class,
            zero_division=zero_division,
            on_invalid=on_invalid,
            name=name,
            dtype=dtype,
        )

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, JSON-ready."""
        weights = list(map(list, self.weights)) if isinstance(self.weights, tuple) else self.weights
        return {**super().get_config(), "weights": weights}

    @property
    def _has_costs(self) -> bool:
        """Whether the weights are a matrix."""
        return isinstance(self.weights, tuple)

    @property
    def _least_num_classes(self) -> int:
        rows = len(self.weights) if isinstance(self.weights, tuple) else 1
        return max(super()._least_num_classes, rows)

    @property
    def _asks_pairs(self) -> bool:
        return self._has_costs or (self.weights is not None and self.threshold is None)

    @property
    def _weighs_pairs(self) -> bool:
        return self._has_costs or (self._asks_pairs and (self.num_classes or 1) > 1)

    @property
    def _pairs(self) -> ConfusionLayout:
        return ConfusionLayout(self.num_classes or self._least_num_classes)

    @property
    def _layout(self) -> CountLayout:
        return self._pairs if self._weighs_pairs else super()._layout

    def _check_num_classes(self, num_classes: int) -> None:
        super()._check_num_classes(num_classes)
        if self._asks_pairs:
            check_matrix_size(self.name, num_classes)
        if isinstance(self.weights, tuple) and len(self.weights) != max(num_classes, 2):
            raise ValueError(
                f"`weights` of {len(self.weights)} classes do not fit {max(num_classes, 2)}; give one row a class"
            )
        if self._has_costs and self._num_thresholds:
            raise ValueError(f"`threshold` must be one number with a matrix of `weights`, got {self._thresholds}")

    def _check_format(self, input_format: InputFormat) -> None:
        super()._check_format(input_format)
        if self._has_costs and not input_format.multiclass and input_format.num_classes > 1:
            raise ValueError(
                f"a matrix of `weights` is for multiclass samples or one binary column, got {input_format.num_classes} "
                "columns; leave it out"
            )

    def _value(self) -> tf.Tensor:
        if self.weights is None or not self._weighs_pairs or self.class_id is not None:
            return super()._value()
        return divide(*weighted_kappa(self._pairs.matrix(self._bins()), self.weights), self.zero_division)

    def _fingerprint(self) -> dict[str, Any]:
        return {**super()._fingerprint(), "matrix": self._asks_pairs}


def _check_weights(weights: Weighting) -> Literal["linear", "quadratic"] | Weights | None:
    """One of the names, or a matrix of disagreements as tuples."""
    if weights is None or isinstance(weights, str):
        return arguments.check_choice("weights", weights, (None, "linear", "quadratic"))
    matrix = np.array([list(row) for row in weights], np.float64)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or len(matrix) < 2:
        raise ValueError(f"`weights` must be a matrix (C, C), a row a class, got shape {matrix.shape}")
    if not np.all(np.isfinite(matrix) & (matrix >= 0)) or np.any(np.diag(matrix)):
        raise ValueError(
            "`weights` must hold disagreements, finite and at least 0, with 0 on the diagonal; of agreements from 0 to "
            "1 give 1 - weights"
        )
    return tuple(map(tuple, matrix.tolist()))


def _parameters(weights: Literal["linear", "quadratic"] | Weights) -> tuple[float | str, ...]:
    """The weights as a hashable value, by which scores are told apart."""
    return (weights,) if isinstance(weights, str) else tuple(entry for row in weights for entry in row)
