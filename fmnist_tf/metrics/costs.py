"""`ExpectedCost`: the mean cost of predictions, beside that of the best constant prediction."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from fmnist_tf.compat import lower_is_better
from fmnist_tf.metrics.base import registered
from fmnist_tf.metrics.matrix import MatrixMetric
from fmnist_tf.metrics.pairs import PairScore
from fmnist_tf.scores.pairs import PairRatio


class Constant(NamedTuple):
    """The best prediction that is the same for every sample.

    Attributes:
        class_id: the class, the first of several that cost as little.
        cost: its expected cost; NaN without samples.
    """

    class_id: int
    cost: float


@registered
@lower_is_better
class ExpectedCost(PairScore, MatrixMetric):
    """Expected cost, the mean cost of a prediction: sum_ij m_ij cost_ij / sum_ij m_ij.

    m_ij is the weight of samples of class i that were predicted as class j. With 0 on the diagonal and 1 elsewhere it
    is 1 - accuracy; with 1 / (C P(i)) in row i, 1 - balanced accuracy. With `normalize=True` it is divided by the cost
    of the best constant prediction, which knows the prevalence and no sample: below 1 the model is worth something.

    Args:
        num_classes: number of classes C; None takes that of `cost_matrix`.
        cost_matrix: (C, C), the cost of predicting class j, the column, where i, the row, is true; finite, 0 or more.
            Of one binary column [[cost of tn, cost of fp], [cost of fn, cost of tp]].
        normalize: whether to divide by the cost of the best constant prediction.
        threshold: None where the largest score wins (of one column: 0.5); else the number that a score of one column
            must exceed for yes.
        from_logits: whether scores of one column are logits; the threshold stays a probability. No effect on multiclass
            scores.
        ignore_class: a label, or several, whose rows are left out.
        zero_division: the value of 0/0.
        on_invalid: "raise" makes `result()` raise, in a graph return NaN, once a row could not be counted; "skip" keeps
            the number of such rows in `invalid` alone.
        name: key in the logs; "expected_cost", or "normalized_expected_cost", by default.
        dtype: dtype of the result alone; None for Keras' default. Counts are float64.

    Returns:
        A scalar of the metric's dtype.

    Raises:
        ValueError: costs that are negative, not finite or not (C, C); several binary columns; in `result()` for invalid
            rows.

    Source: Ferrer, Analysis and comparison of classification metrics, 2022; Maier-Hein et al., Metrics reloaded, Nature
    Methods 21, 2024.

    Example:
        >>> metric = ExpectedCost(cost_matrix=[[0, 1], [5, 0]])
        >>> metric.update_state([0, 0, 0, 1], [[0.9, 0.1], [0.2, 0.8], [0.7, 0.3], [0.4, 0.6]])
        >>> float(metric.result()), metric.best_constant
        (0.25, Constant(class_id=1, cost=0.75))
    """

    default_name = "expected_cost"

    def __init__(
        self,
        num_classes: int | None = None,
        *,
        cost_matrix: Any,
        normalize: bool = False,
        threshold: float | None = None,
        from_logits: bool = False,
        ignore_class: int | Iterable[int] | None = None,
        zero_division: float = 0.0,
        on_invalid: str = "raise",
        name: str | None = None,
        dtype: str | None = None,
    ):
        self.cost_matrix = _read_costs(cost_matrix)
        self.normalize = bool(normalize)
        super().__init__(
            num_classes,
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
        return {**super().get_config(), "cost_matrix": self.cost_matrix.tolist(), "normalize": self.normalize}

    @property
    def _usual_name(self) -> str:
        return "normalized_expected_cost" if self.normalize else self.default_name

    @property
    def _least_num_classes(self) -> int:
        return len(self.cost_matrix)

    def _check_num_classes(self, num_classes: int) -> None:
        super()._check_num_classes(num_classes)
        if max(num_classes, 2) != len(self.cost_matrix):
            wanted = (max(num_classes, 2),) * 2
            raise ValueError(f"`cost_matrix` must have shape {wanted}, got {self.cost_matrix.shape}")

    @property
    def best_constant(self) -> Constant:
        """The best constant prediction and its expected cost."""
        costs = self._constant_costs().numpy()
        return Constant(int(np.argmin(costs)), float(np.min(costs)))

    def _constant_costs(self) -> tf.Tensor:
        """The expected cost of predicting each class for every sample, (C,)."""
        support = tf.reduce_sum(self.matrix, axis=1)
        return tf.linalg.matvec(tf.constant(self.cost_matrix.T), support) / tf.reduce_sum(support)

    def _ratio(self) -> PairRatio:
        if not self.normalize:
            return PairRatio(self.cost_matrix, np.ones_like(self.cost_matrix))
        constant = tf.gather(tf.constant(self.cost_matrix), tf.argmin(self._constant_costs()), axis=1)
        return PairRatio(self.cost_matrix, constant[:, tf.newaxis] + tf.zeros_like(self.matrix))

    @property
    def _bounds(self) -> tuple[float, float]:
        return (0.0, np.inf) if self.normalize else (float(self.cost_matrix.min()), float(self.cost_matrix.max()))

    def _fingerprint(self) -> dict[str, Any]:
        return {**super()._fingerprint(), "cost_matrix": self.cost_matrix.tolist()}


def _read_costs(cost_matrix: Any) -> np.ndarray:
    costs = np.array(cost_matrix, np.float64)
    if costs.ndim != 2 or costs.shape[0] != costs.shape[1] or len(costs) < 2:
        raise ValueError(f"`cost_matrix` must have shape (C, C), rows true, with C at least 2, got {costs.shape}")
    if not np.all(np.isfinite(costs) & (costs >= 0)):
        raise ValueError("`cost_matrix` must hold finite costs of 0 or more; subtract the least of each row")
    return costs
