"""How far probabilities are from rates: calibration errors and the calibration ratio, from bins of confidence."""

from collections.abc import Iterable
from typing import Any, Literal

import tensorflow as tf

from fmnist_tf.calibration import reliability
from fmnist_tf.compat import lower_is_better
from fmnist_tf.curves.averages import Average
from fmnist_tf.labels import InputFormat
from fmnist_tf.metrics import arguments
from fmnist_tf.metrics.base import registered
from fmnist_tf.metrics.probability import ConfidenceMetric, ProbabilityMetric


@registered
@lower_is_better
class ExpectedCalibrationError(ConfidenceMetric, ProbabilityMetric):
    """Expected calibration error: the mean over samples of |accuracy - confidence| of their bin of confidence.

    With norm="l2" it is the root of the mean of the squares of these distances.

    Bin b holds b / num_bins <= confidence < (b + 1) / num_bins, the last one also 1. The confidence of multiclass
    scores is the largest probability of a row, and the accuracy is how often its class is the true one; of a binary
    column they are the probability and the rate of yes. Soft labels, rows (N, C) that sum to 1, count a prediction
    right by the share of its class.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update.
        num_bins: number of bins of equal width.
        norm: "l1" for the mean of distances, "l2" for the root of the mean of their squares.
        average: "auto"; of several binary columns also "macro", the mean over columns, which "auto" is; "micro", the
            value of all columns as one; None, one value a column. Multiclass scores have one value.
        class_id: of binary columns the value of this column alone; multiclass scores take none.
        target_class_ids: the columns that averages run over; None for all.
        multi_label: each column is a binary question, and `y_true` holds 0 or 1 for each; otherwise several columns are
            classes that exclude each other.
        from_logits: `y_pred` holds logits, whose softmax, or of binary columns sigmoid, is the probability. Without it
            a score outside 0 to 1 is invalid; nothing is guessed from the values.
        ignore_class: a label, or several, whose samples are left out; of binary columns the entries that hold it. An
            ignored class is in no average.
        on_invalid: "raise" makes `result()` raise (in a graph: NaN) once there was a label outside the classes, a NaN
            score, a row of probabilities that does not sum to 1 within 1 %, or a bad weight; "skip" leaves such samples
            out and keeps their number in `invalid`.
        name: key in the logs; by default "expected_calibration_error", with `class_id=2`
            "expected_calibration_error/2".
        dtype: dtype of the result; the state is float64.

    Returns:
        `result()`: float tensor (), or of binary columns with `average=None` (C,); NaN where nothing was counted.

    Raises:
        ValueError: a bad argument; `y_pred` that holds no float scores; shapes that do not fit together; in `result()`
            invalid samples.

    Source: Guo et al., On calibration of modern neural networks, ICML 2017; of "l2" Kumar, Liang and Ma, Verified
    uncertainty calibration, NeurIPS 2019.

    Example:
        >>> metric = ExpectedCalibrationError(num_bins=2)
        >>> metric.update_state([0, 0, 1, 1, 1], [0.25, 0.25, 0.55, 0.75, 0.75])
        >>> round(float(metric.result()), 4)
        0.29
        >>> root = ExpectedCalibrationError(num_bins=2, norm="l2")
        >>> root.update_state([0, 0, 1, 1, 1], [0.25, 0.25, 0.55, 0.75, 0.75])
        >>> round(float(root.result()), 4)
        0.2918
    """

    default_name = "expected_calibration_error"

    def __init__(
        self,
        num_classes: int | None = None,
        *,
        average: Average = "auto",
        class_id: int | None = None,
        target_class_ids: Iterable[int] | None = None,
        multi_label: bool = False,
        from_logits: bool = False,
        num_bins: int = 15,
        norm: Literal["l1", "l2"] = "l1",
        ignore_class: int | Iterable[int] | None = None,
        on_invalid: str = "raise",
        name: str | None = None,
        dtype: str | None = None,
    ):
        self.norm = arguments.check_choice("norm", norm, ("l1", "l2"))
        super().__init__(
            num_classes,
            average=average,
            class_id=class_id,
            target_class_ids=target_class_ids,
            multi_label=multi_label,
            from_logits=from_logits,
            num_bins=num_bins,
            ignore_class=ignore_class,
            on_invalid=on_invalid,
            name=name,
            dtype=dtype,
        )

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, JSON-ready."""
        return {**super().get_config(), "norm": self.norm}

    def _score(self, sums: reliability.Reliability) -> tf.Tensor:
        square = self.norm == "l2"
        return (reliability.root_mean_square_error if square else reliability.expected_calibration_error)(sums)


@registered
@lower_is_better
class MaximumCalibrationError(ConfidenceMetric, ProbabilityMetric):
    """Maximum calibration error: the largest |accuracy - confidence| of a bin of confidence.

    Bin b holds b / num_bins <= confidence < (b + 1) / num_bins, the last one also 1. The confidence of multiclass
    scores is the largest probability of a row, and the accuracy is how often its class is the true one; of a binary
    column they are the probability and the rate of yes. Soft labels, rows (N, C) that sum to 1, count a prediction
    right by the share of its class.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update.
        num_bins: number of bins of equal width.
        average: "auto"; of several binary columns also "macro", the mean over columns, which "auto" is; "micro", the
            value of all columns as one; None, one value a column. Multiclass scores have one value.
        class_id: of binary columns the value of this column alone; multiclass scores take none.
        target_class_ids: the columns that averages run over; None for all.
        multi_label: each column is a binary question, and `y_true` holds 0 or 1 for each; otherwise several columns are
            classes that exclude each other.
        from_logits: `y_pred` holds logits, whose softmax, or of binary columns sigmoid, is the probability. Without it
            a score outside 0 to 1 is invalid; nothing is guessed from the values.
        ignore_class: a label, or several, whose samples are left out; of binary columns the entries that hold it. An
            ignored class is in no average.
        on_invalid: "raise" makes `result()` raise (in a graph: NaN) once there was a label outside the classes, a NaN
            score, a row of probabilities that does not sum to 1 within 1 %, or a bad weight; "skip" leaves such samples
            out and keeps their number in `invalid`.
        name: key in the logs; by default "maximum_calibration_error", with `class_id=2` "maximum_calibration_error/2".
        dtype: dtype of the result; the state is float64.

    Returns:
        `result()`: float tensor (), or of binary columns with `average=None` (C,); NaN where nothing was counted.

    Raises:
        ValueError: a bad argument; `y_pred` that holds no float scores; shapes that do not fit together; in `result()`
            invalid samples.

    Source: Naeini, Cooper and Hauskrecht, Obtaining well calibrated probabilities using Bayesian binning, AAAI 2015.

    Example:
        >>> metric = MaximumCalibrationError(num_bins=2)
        >>> metric.update_state([0, 0, 1, 1, 1], [0.25, 0.25, 0.55, 0.75, 0.75])
        >>> round(float(metric.result()), 4)
        0.3167
    """

    default_name = "maximum_calibration_error"

    def _score(self, sums: reliability.Reliability) -> tf.Tensor:
        return reliability.maximum_calibration_error(sums)


@registered
@lower_is_better
class ClasswiseCalibrationError(ConfidenceMetric, ProbabilityMetric):
    """Classwise calibration error: the calibration error of the probability of each class, averaged over the classes.

    Of a class it is the mean over samples of |rate - mean probability| of their bin of probability, where the rate is
    how often the class is the true one. Bin b holds b / num_bins <= probability < (b + 1) / num_bins, the last one also
    1. `ExpectedCalibrationError` looks at the largest probability of a row alone. Soft labels, rows (N, C) that sum to
    1, count by the share of each class.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update.
        num_bins: number of bins of equal width.
        average: "auto" or "macro", the mean over classes or columns; "micro", the value of all of them as one; None,
            one value a class.
        class_id: the value of this class or column alone.
        target_class_ids: the classes that averages run over; None for all.
        multi_label: each column is a binary question, and `y_true` holds 0 or 1 for each; otherwise several columns are
            classes that exclude each other.
        from_logits: `y_pred` holds logits, whose softmax, or of binary columns sigmoid, is the probability. Without it
            a score outside 0 to 1 is invalid; nothing is guessed from the values.
        ignore_class: a label, or several, whose samples are left out; of binary columns the entries that hold it. An
            ignored class is in no average.
        on_invalid: "raise" makes `result()` raise (in a graph: NaN) once there was a label outside the classes, a NaN
            score, a row of probabilities that does not sum to 1 within 1 %, or a bad weight; "skip" leaves such samples
            out and keeps their number in `invalid`.
        name: key in the logs; by default "classwise_calibration_error", with `class_id=2`
            "classwise_calibration_error/2".
        dtype: dtype of the result; the state is float64.

    Returns:
        `result()`: float tensor (), or with `average=None` (C,); NaN where nothing was counted.

    Raises:
        ValueError: a bad argument; `y_pred` that holds no float scores; shapes that do not fit together; in `result()`
            invalid samples.

    Source: Kull et al., Beyond temperature scaling, NeurIPS 2019; Nixon et al., Measuring calibration in deep learning,
    CVPR workshops 2019.

    Example:
        >>> metric = ClasswiseCalibrationError(num_bins=2, average=None)
        >>> metric.update_state([0, 1, 1], [[0.75, 0.25], [0.25, 0.75], [0.25, 0.75]])
        >>> metric.result().numpy()
        array([0.25, 0.25], dtype=float32)
    """

    default_name = "classwise_calibration_error"

    def _score(self, sums: reliability.Reliability) -> tf.Tensor:
        return reliability.expected_calibration_error(sums)

    @property
    def _layout(self) -> reliability.ConfidenceBins:
        return super()._layout.by_class()

    @property
    def _num_columns(self) -> int:
        return self.num_classes or self._least_num_classes

    def _check_format(self, input_format: InputFormat) -> None:
        """Every form has one value a class."""


@registered
class CalibrationRatio(ProbabilityMetric):
    """Calibration ratio: the mean confidence over the accuracy; of a binary column mean probability over rate of yes.

    1 is best; above it probabilities are too high, below it too low. The confidence of multiclass scores is the largest
    probability of a row, and the accuracy is how often its class is the true one. Soft labels, rows (N, C) that sum to
    1, count a prediction right by the share of its class. It says nothing about single samples: the errors of high and
    of low probabilities may cancel.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update.
        average: "auto"; of several binary columns also "macro", the mean over columns, which "auto" is; "micro", the
            value of all columns as one; None, one value a column. Multiclass scores have one value.
        class_id: of binary columns the value of this column alone; multiclass scores take none.
        target_class_ids: the columns that averages run over; None for all.
        multi_label: each column is a binary question, and `y_true` holds 0 or 1 for each; otherwise several columns are
            classes that exclude each other.
        from_logits: `y_pred` holds logits, whose softmax, or of binary columns sigmoid, is the probability. Without it
            a score outside 0 to 1 is invalid; nothing is guessed from the values.
        ignore_class: a label, or several, whose samples are left out; of binary columns the entries that hold it. An
            ignored class is in no average.
        on_invalid: "raise" makes `result()` raise (in a graph: NaN) once there was a label outside the classes, a NaN
            score, a row of probabilities that does not sum to 1 within 1 %, or a bad weight; "skip" leaves such samples
            out and keeps their number in `invalid`.
        name: key in the logs; by default "calibration_ratio", with `class_id=2` "calibration_ratio/2".
        dtype: dtype of the result; the state is float64.

    Returns:
        `result()`: float tensor (), or of binary columns with `average=None` (C,); infinity where nothing
            was right, NaN where nothing was counted.

    Raises:
        ValueError: a bad argument; `y_pred` that holds no float scores; shapes that do not fit together; in `result()`
            invalid samples.

    Source: He et al., Practical lessons from predicting clicks on ads at Facebook, ADKDD 2014, section 3.

    Example:
        >>> metric = CalibrationRatio()
        >>> metric.update_state([0, 1, 0, 1], [0.25, 0.5, 0.25, 0.5])
        >>> float(metric.result())
        0.75
    """

    default_name = "calibration_ratio"

    def _score(self, sums: reliability.Reliability) -> tf.Tensor:
        return reliability.calibration_ratio(sums)

    @property
    def _layout(self) -> reliability.ConfidenceBins:
        return reliability.ConfidenceBins(self._num_columns, 1, self.from_logits)
