"""How good probabilities are: calibration errors, Brier score and log loss. A few numbers of state."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import tensorflow as tf

from fmnist_tf.calibration import losses, reliability
from fmnist_tf.compat import lower_is_better
from fmnist_tf.curves.averages import Average, mean
from fmnist_tf.labels import InputFormat, InputSpec
from fmnist_tf.metrics import arguments
from fmnist_tf.metrics.base import registered
from fmnist_tf.metrics.histograms import ScoreMetric


@lower_is_better
class ProbabilityMetric(ScoreMetric):
    """A metric of the probabilities of all classes together, or of each binary column."""

    _averages = ("auto", "macro", "micro", None)
    #: Sums of each column -> its value, (columns,), NaN where nothing was counted.
    _score: Callable[[Any], tf.Tensor]

    def _check_format(self, input_format: InputFormat) -> None:
        given = self.average, self.class_id, self.target_class_ids
        if input_format.multiclass and given != ("auto", None, None):
            raise ValueError(
                f"`average`, `class_id` and `target_class_ids` have no meaning for {type(self).__name__} of multiclass "
                "scores, which have one value; leave them out, or pass multi_label=True to score each column"
            )

    @property
    def _input_spec(self) -> InputSpec:
        return super()._input_spec._replace(distributions=True)

    @property
    def _layout(self) -> losses.LossSums | reliability.ConfidenceBins:
        raise NotImplementedError

    @property
    def _num_columns(self) -> int:
        return 1 if self.multiclass else self.num_classes or self._least_num_classes

    def _value(self) -> tf.Tensor:
        sums, averaging = self._layout.read(self._bins()), self._averaging(self)
        if self.class_id is None and self.average == "micro":
            return type(self)._score(sums.pooled(averaging.classes))[0]
        values = type(self)._score(sums)
        if self.class_id is not None:
            return values[self.class_id if self._num_columns > 1 else 0]  # no errs as much as yes
        values = averaging.leave_out(values) if self._num_columns > 1 else values
        return values if self.average is None else mean(values)


# A mixin adds no level to the inheritance below keras.metrics.Metric; for the type checker it is a ProbabilityMetric.
if TYPE_CHECKING:
    ProbabilityMetricLike = ProbabilityMetric
else:
    ProbabilityMetricLike = object


class ConfidenceMetric(ProbabilityMetricLike):
    """The part of a metric of bins of confidence that keeps and reads the bins; a mixin of `ProbabilityMetric`."""

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
        ignore_class: int | Iterable[int] | None = None,
        on_invalid: str = "raise",
        name: str | None = None,
        dtype: str | None = None,
    ):
        self.num_bins = arguments.check_count("num_bins", num_bins)
        super().__init__(
            num_classes,
            average=average,
            class_id=class_id,
            target_class_ids=target_class_ids,
            multi_label=multi_label,
            from_logits=from_logits,
            ignore_class=ignore_class,
            on_invalid=on_invalid,
            name=name,
            dtype=dtype,
        )

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, JSON-ready."""
        return {**super().get_config(), "num_bins": self.num_bins}

    @property
    def _layout(self) -> reliability.ConfidenceBins:
        return reliability.ConfidenceBins(self._num_columns, self.num_bins, self.from_logits)

    @property
    def reliability(self) -> reliability.Reliability:
        """Sums of weight, confidence and right predictions in each bin, float64 (columns, num_bins)."""
        return self._layout.read(self._bins())

    def _fingerprint(self) -> dict[str, Any]:
        return {**super()._fingerprint(), "num_bins": self.num_bins}


@registered
class ExpectedCalibrationError(ConfidenceMetric, ProbabilityMetric):
    """Expected calibration error: the mean over samples of |accuracy - confidence| of their bin of confidence.

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
        name: key in the logs; by default "expected_calibration_error", with `class_id=2`
            "expected_calibration_error/2".
        dtype: dtype of the result; the state is float64.

    Returns:
        `result()`: float tensor (), or of binary columns with `average=None` (C,); NaN where nothing was counted.

    Raises:
        ValueError: a bad argument; `y_pred` that holds no float scores; shapes that do not fit together; in `result()`
            invalid samples.

    Source: Guo et al., On calibration of modern neural networks, ICML 2017.

    Example:
        >>> metric = ExpectedCalibrationError(num_bins=2)
        >>> metric.update_state([0, 0, 1, 1, 1], [0.25, 0.25, 0.55, 0.75, 0.75])
        >>> round(float(metric.result()), 4)
        0.29
    """

    default_name = "expected_calibration_error"
    _score = staticmethod(reliability.expected_calibration_error)


@registered
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
    _score = staticmethod(reliability.maximum_calibration_error)


@registered
class BrierScore(ProbabilityMetric):
    """Brier score: the mean of (p - y)^2, of multiclass scores that of its sum over the classes, from 0 to 2.

    Soft labels, rows (N, C) that sum to 1, count with the whole row. scikit-learn halves the sum for two classes unless
    told otherwise.

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
        name: key in the logs; by default "brier_score", with `class_id=2` "brier_score/2".
        dtype: dtype of the result; the state is float64.

    Returns:
        `result()`: float tensor (), or of binary columns with `average=None` (C,); NaN where nothing was counted.

    Raises:
        ValueError: a bad argument; `y_pred` that holds no float scores; shapes that do not fit together; in `result()`
            invalid samples.

    Source: Brier, Verification of forecasts expressed in terms of probability, Monthly Weather Review 78, 1950.

    Example:
        >>> metric = BrierScore()
        >>> metric.update_state([0, 1, 1, 0], [0.1, 0.9, 0.8, 0.3])
        >>> round(float(metric.result()), 4)
        0.0375
    """

    default_name = "brier_score"
    _score = staticmethod(losses.mean_loss)

    @property
    def _layout(self) -> losses.LossSums:
        return losses.LossSums(losses.brier_score, self._num_columns, self.from_logits)


@registered
class LogLoss(ProbabilityMetric):
    """Log loss, cross-entropy: the mean of -sum_c y_c log p_c over samples, of binary columns over no and yes.

    Soft labels, rows (N, C) that sum to 1, count with the whole row. Probabilities are cut off at the epsilon of their
    dtype, as scikit-learn does; from logits nothing is cut off.

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
        name: key in the logs; by default "log_loss", with `class_id=2` "log_loss/2".
        dtype: dtype of the result; the state is float64.

    Returns:
        `result()`: float tensor (), or of binary columns with `average=None` (C,); NaN where nothing was counted.

    Raises:
        ValueError: a bad argument; `y_pred` that holds no float scores; shapes that do not fit together; in `result()`
            invalid samples.

    Source: Good, Rational decisions, Journal of the Royal Statistical Society B 14, 1952.

    Example:
        >>> metric = LogLoss()
        >>> metric.update_state([1, 0, 0, 1], [[0.1, 0.9], [0.9, 0.1], [0.8, 0.2], [0.35, 0.65]])
        >>> round(float(metric.result()), 4)
        0.2162
        >>> soft = LogLoss()
        >>> soft.update_state([[0.9, 0.1], [0.2, 0.8]], [[0.8, 0.2], [0.3, 0.7]])
        >>> round(float(soft.result()), 3)
        0.444
    """

    default_name = "log_loss"
    _score = staticmethod(losses.mean_loss)

    @property
    def _layout(self) -> losses.LossSums:
        return losses.LossSums(losses.log_loss, self._num_columns, self.from_logits)
