"""Metrics that show or need how often one class was taken for another: confusion matrices and weighted kappa."""

from dataclasses import replace
from typing import Any, Literal, Unpack

import tensorflow as tf

from fmnist_tf.counts import ConfusionLayout, CountLayout, PerClassLayout
from fmnist_tf.labels import InputFormat
from fmnist_tf.metrics import arguments
from fmnist_tf.metrics.counts import CountMetric, CountOptions, registered
from fmnist_tf.metrics.table import AveragedMetric, AveragedOptions
from fmnist_tf.scores import divide, table, weighted_kappa

#: The largest matrix that is made without being asked twice: 1 GiB is 11,585 classes.
_MOST_BYTES = 1 << 30


class MatrixMetric(CountMetric):
    """A metric that keeps the C x C matrix, rows true classes; of one yes/no column [[tn, fp], [fn, tp]]."""

    @property
    def _layout(self) -> CountLayout:
        return ConfusionLayout(self.num_classes or self._least_num_classes)

    @property
    def matrix(self) -> tf.Tensor:
        """The confusion matrix, float64 (C, C), rows true."""
        return ConfusionLayout(self.num_classes or self._least_num_classes).matrix(self._bins())

    def _check_num_classes(self, num_classes: int) -> None:
        check_matrix_size(self.name, num_classes)
        if self._num_thresholds:
            raise ValueError(f"`threshold` must be one number for a matrix, got {self._thresholds}")

    def _check_format(self, input_format: InputFormat) -> None:
        if not input_format.multiclass and input_format.num_classes > 1:
            raise ValueError(
                f"{self.name} counts exclusive classes or one yes/no column, got {input_format.num_classes} columns; "
                "use MultilabelConfusionMatrix"
            )


def check_matrix_size(name: str, num_classes: int) -> None:
    """Refuses a matrix too large to be meant."""
    size = ConfusionLayout(num_classes).size * 8
    if size > _MOST_BYTES:
        raise ValueError(
            f"a {num_classes:,} x {num_classes:,} matrix for {name} would take {size / 1e9:,.1f} GB; "
            "count without it, as F1Score or ScoreSet(matrix=False) do"
        )


@registered
class ConfusionMatrix(MatrixMetric):
    """Confusion matrix (C, C): entry [t, p] is the weight of class t that was predicted as p.

    One yes/no column gives [[tn, fp], [fn, tp]].

    Args:
        num_classes: as for every metric, see `CountMetric`; likewise those not named here.
        normalize: None for counts; "true" divides by the rows' sums, "pred" by the columns', "all" by the total.
        dtype: by default "float64", since float32 holds no count beyond 2**24.
    """

    default_name, default_dtype = "confusion_matrix", "float64"

    def __init__(
        self,
        num_classes: int | None = None,
        *,
        normalize: Literal["true", "pred", "all"] | None = None,
        **options: Unpack[CountOptions],
    ):
        self.normalize = arguments.check_choice("normalize", normalize, (None, "true", "pred", "all"))
        super().__init__(num_classes, **options)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, JSON-ready."""
        return {**super().get_config(), "normalize": self.normalize}

    def _value(self) -> tf.Tensor:
        if self.normalize is None:
            return self.matrix
        axis = {"true": 1, "pred": 0, "all": None}[self.normalize]
        return divide(self.matrix, tf.reduce_sum(self.matrix, axis=axis, keepdims=True), self.zero_division)


@registered
class MultilabelConfusionMatrix(CountMetric):
    """[[tn, fp], [fn, tp]] of every class, (C, 2, 2): of yes/no columns, or of exclusive classes each against the rest.

    Args:
        num_classes: as for every metric, see `CountMetric`; likewise those not named here.
        dtype: by default "float64", since float32 holds no count beyond 2**24.
    """

    default_name, default_dtype = "multilabel_confusion_matrix", "float64"

    @property
    def matrix(self) -> tf.Tensor:
        """[[tn, fp], [fn, tp]] of every class, float64 (C, 2, 2)."""
        return PerClassLayout(self.num_classes or self._least_num_classes, self._num_thresholds).one_vs_rest_tables(
            self._bins(), self.multiclass
        )

    def _value(self) -> tf.Tensor:
        return self.matrix


@registered
class CohenKappa(AveragedMetric):
    """Cohen's kappa: agreement beyond chance, from -1 to 1.

    Args:
        num_classes: as for every metric, see `CountMetric`; likewise those not named here.
        weights: None, or how a disagreement of classes i and j weighs: "linear" |i - j|, "quadratic" (i - j)^2, which
            needs the C x C matrix. Of yes/no columns all three agree.
    """

    score = table.cohen_kappa

    def __init__(
        self,
        num_classes: int | None = None,
        *,
        weights: Literal["linear", "quadratic"] | None = None,
        **options: Unpack[AveragedOptions],
    ):
        self.weights = arguments.check_choice("weights", weights, (None, "linear", "quadratic"))
        self.score = table.cohen_kappa if weights is None else replace(table.cohen_kappa, parameters=(weights,))
        super().__init__(num_classes, **options)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, JSON-ready."""
        return {**super().get_config(), "weights": self.weights}

    @property
    def _weighs_pairs(self) -> bool:
        return self.weights is not None and self.threshold is None and (self.num_classes or 1) > 1

    @property
    def _pairs(self) -> ConfusionLayout:
        return ConfusionLayout(self.num_classes or self._least_num_classes)

    @property
    def _layout(self) -> CountLayout:
        return self._pairs if self._weighs_pairs else super()._layout

    def _check_num_classes(self, num_classes: int) -> None:
        super()._check_num_classes(num_classes)
        if self.weights is not None and self.threshold is None:
            check_matrix_size(self.name, num_classes)

    def _value(self) -> tf.Tensor:
        if self.weights is None or not self._weighs_pairs or self.class_id is not None:
            return super()._value()
        return divide(*weighted_kappa(self._pairs.matrix(self._bins()), self.weights), self.zero_division)

    def _fingerprint(self) -> dict[str, Any]:
        return {**super()._fingerprint(), "matrix": self.weights is not None and self.threshold is None}
