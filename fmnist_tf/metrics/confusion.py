"""Metrics that show how often one class was predicted as another: confusion matrices."""

from collections.abc import Iterable, Sequence
from typing import Any, Literal

import tensorflow as tf

from fmnist_tf.counts import PerClassLayout
from fmnist_tf.metrics import arguments
from fmnist_tf.metrics.base import registered
from fmnist_tf.metrics.counts import CountMetric
from fmnist_tf.metrics.matrix import MatrixMetric
from fmnist_tf.scores import divide


@registered
class ConfusionMatrix(MatrixMetric):
    """Confusion matrix (C, C): entry [t, p] is the weight of class t that was predicted as p.

    Of one binary column it is [[tn, fp], [fn, tp]]. The result is no scalar, which Keras' TensorBoard callback and
    MLflow refuse in `compile`: there use `ScoreSet`, whose `matrix` it keeps, with `ScoreLogger`.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update. Needed
            where predictions are class ids.
        normalize: None for counts; "true" divides by the sums of rows, "pred" by those of columns, "all" by the total.
        threshold: None where the largest score wins (of one column: 0.5); else the one number that a score must exceed
            for yes, in every column.
        from_logits: whether scores of columns are logits; the threshold stays a probability, 0.5 where none is given.
            No effect on multiclass scores.
        ignore_class: a label, or several, whose rows (with a threshold, entries) are left out; averages leave it out.
        zero_division: the value of 0/0; nan leaves such classes out of a mean.
        on_invalid: "raise" makes `result()` raise, in a graph return NaN, once a row could not be counted; "skip" keeps
            the number of such rows in `invalid` alone.
        name: key in the logs; "confusion_matrix" by default.
        dtype: dtype of the result alone; "float64" by default, since float32 holds no count beyond 2**24.

    Returns:
        A matrix (C, C) of the metric's dtype, rows true classes; of one binary column (2, 2).

    Raises:
        ValueError: several binary columns, or a matrix of more than 1 GiB; in `result()` for invalid rows.

    Source: Stehman, Selecting and interpreting measures of thematic classification accuracy, RSE 62, 1997.

    Example:
        >>> metric = ConfusionMatrix(3)
        >>> metric.update_state([0, 1, 2, 1], [0, 1, 1, 1])
        >>> metric.result().numpy().astype(int)
        array([[1, 0, 0],
               [0, 2, 0],
               [0, 1, 0]])
    """

    default_name, default_dtype = "confusion_matrix", "float64"

    def __init__(
        self,
        num_classes: int | None = None,
        *,
        normalize: Literal["true", "pred", "all"] | None = None,
        threshold: float | Iterable[float] | None = None,
        from_logits: bool = False,
        ignore_class: int | Iterable[int] | None = None,
        zero_division: float = 0.0,
        on_invalid: str = "raise",
        name: str | None = None,
        dtype: str | None = None,
    ):
        self.normalize = arguments.check_choice("normalize", normalize, (None, "true", "pred", "all"))
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
        return {**super().get_config(), "normalize": self.normalize}

    def plot(self, class_names: Sequence[str] | None = None, **options: Any) -> Any:
        """The matrix as a figure (extra `plot`).

        Args:
            class_names: C names; "0", "1", ... by default.
            options: those of `plot_confusion_matrix`, `normalize`, `cmap`, `ax` and `title`.
        """
        from fmnist_tf.plots import plot_confusion_matrix

        return plot_confusion_matrix(self.matrix, class_names, **options)

    def _value(self) -> tf.Tensor:
        if self.normalize is None:
            return self.matrix
        axis = {"true": 1, "pred": 0, "all": None}[self.normalize]
        return divide(self.matrix, tf.reduce_sum(self.matrix, axis=axis, keepdims=True), self.zero_division)


@registered
class MultilabelConfusionMatrix(CountMetric):
    """Confusion matrices [[tn, fp], [fn, tp]] of every class against the rest, (C, 2, 2).

    Of binary columns, or of the classes of a multiclass problem one-vs-rest. The result is no scalar: in `compile` use
    `ScoreSet` with `ScoreLogger(per_class=)`.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update. Needed
            where predictions are class ids.
        threshold: None where the largest score wins (of one column: 0.5); else what a score must exceed for yes, in
            every column; several numbers become the first axis of the result.
        from_logits: whether scores of columns are logits; the threshold stays a probability, 0.5 where none is given.
            No effect on multiclass scores.
        ignore_class: a label, or several, whose rows (with a threshold, entries) are left out; averages leave it out.
        zero_division: the value of 0/0; nan leaves such classes out of a mean.
        on_invalid: "raise" makes `result()` raise, in a graph return NaN, once a row could not be counted; "skip" keeps
            the number of such rows in `invalid` alone.
        name: key in the logs; "multilabel_confusion_matrix" by default.
        dtype: dtype of the result alone; "float64" by default, since float32 holds no count beyond 2**24.

    Returns:
        Matrices (C, 2, 2) of the metric's dtype; with several thresholds (T, C, 2, 2).

    Raises:
        ValueError: arguments or shapes that do not fit; in `result()` for invalid rows.

    Source: Read et al., Classifier chains for multi-label classification, Machine Learning 85, 2011.

    Example:
        >>> metric = MultilabelConfusionMatrix(threshold=0.5)
        >>> metric.update_state([[1, 0], [1, 1]], [[0.9, 0.2], [0.3, 0.8]])
        >>> metric.result().numpy().astype(int).tolist()
        [[[0, 0], [1, 1]], [[1, 0], [0, 1]]]
    """

    default_name, default_dtype = "multilabel_confusion_matrix", "float64"

    @property
    def matrix(self) -> tf.Tensor:
        """[[tn, fp], [fn, tp]] of every class, float64 (C, 2, 2); with several thresholds (T, C, 2, 2)."""
        layout = PerClassLayout(self.num_classes or self._least_num_classes, self._num_thresholds)
        return layout.one_vs_rest_tables(self._bins(), self.multiclass)

    def _value(self) -> tf.Tensor:
        return self.matrix
