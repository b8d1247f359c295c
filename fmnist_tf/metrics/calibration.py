"""How good probabilities are: calibration errors, Brier score and log loss. A few numbers of state."""

from collections.abc import Callable
from typing import Any, Literal, Unpack

import tensorflow as tf

from fmnist_tf.calibration import losses, reliability
from fmnist_tf.compat import lower_is_better
from fmnist_tf.curves.averages import mean
from fmnist_tf.labels import InputFormat
from fmnist_tf.metrics import arguments
from fmnist_tf.metrics.base import registered
from fmnist_tf.metrics.histograms import ScoreMetric, ScoreOptions

ColumnAverage = Literal["macro", "micro"] | None


class ProbabilityOptions(ScoreOptions, total=False):
    """The keyword arguments of a `ProbabilityMetric`."""

    average: ColumnAverage


@lower_is_better
class ProbabilityMetric(ScoreMetric):
    """A metric of what is predicted for all exclusive classes together, or for each yes/no column.

    Args:
        num_classes: as for every metric of scores, see `ScoreMetric`; likewise those not named here.
        average: of yes/no columns "macro", the mean over columns; "micro", the value of all as one; None, one value a
            column, (C,). Exclusive classes have one value, and take neither `average` nor `class_id`.
    """

    def __init__(
        self, num_classes: int | None = None, *, average: ColumnAverage = "macro", **options: Unpack[ScoreOptions]
    ):
        self.average = arguments.check_choice("average", average, ("macro", "micro", None))
        super().__init__(num_classes, **options)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, JSON-ready."""
        return {**super().get_config(), "average": self.average}

    def _check_format(self, input_format: InputFormat) -> None:
        if input_format.multiclass and (self.average != "macro" or self.class_id is not None):
            raise ValueError(
                f"`average` and `class_id` have no meaning for {self.default_name} of exclusive classes, got "
                f"{self.average!r} and {self.class_id}; leave them out, or pass multi_label=True to score each column"
            )

    @property
    def _num_columns(self) -> int:
        return 1 if self.multiclass else self.num_classes or self._least_num_classes

    def _pooled(self) -> tf.Tensor:
        """The value of all columns as one, (1,)."""
        raise NotImplementedError

    def _of_columns(self) -> tf.Tensor:
        """The value of each column, (columns,), NaN where nothing was counted."""
        raise NotImplementedError

    def _value(self) -> tf.Tensor:
        if self.class_id is None and self.average == "micro":
            return self._pooled()[0]
        values = self._of_columns()
        if self.class_id is not None:
            return values[self.class_id]
        return values if self.average is None else mean(values, tf.ones_like(values), "macro")


class CalibrationMetric(ProbabilityMetric):
    """A calibration error, over bins of equal width of the confidence.

    Bin b holds b / num_bins <= confidence < (b + 1) / num_bins, the last one also 1. The confidence of exclusive
    classes is the largest probability of a row; that of a yes/no column is the probability of yes, and right is yes.

    Args:
        num_classes: as for every metric of scores, see `ScoreMetric`; likewise those not named here.
        num_bins: number of bins.
        average: of yes/no columns, see `ProbabilityMetric`.
    """

    _error: Callable[[reliability.Reliability], tf.Tensor]

    def __init__(self, num_classes: int | None = None, *, num_bins: int = 15, **options: Unpack[ProbabilityOptions]):
        self.num_bins = arguments.check_count("num_bins", num_bins)
        super().__init__(num_classes, **options)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, JSON-ready."""
        return {**super().get_config(), "num_bins": self.num_bins}

    @property
    def _layout(self) -> reliability.ConfidenceBins:
        return reliability.ConfidenceBins(self._num_columns, self.num_bins, self.from_logits)

    @property
    def reliability(self) -> reliability.Reliability:
        """Sums of weight, confidence and right answers in each bin, float64 (columns, num_bins)."""
        return self._layout.read(self._bins())

    def _pooled(self) -> tf.Tensor:
        return type(self)._error(self.reliability.pooled())

    def _of_columns(self) -> tf.Tensor:
        return type(self)._error(self.reliability)

    def _fingerprint(self) -> dict[str, Any]:
        return {**super()._fingerprint(), "num_bins": self.num_bins}


@registered
class ExpectedCalibrationError(CalibrationMetric):
    """Expected calibration error: the mean distance of confidence and share right, over bins of confidence.

    Args:
        num_classes: as for every metric of scores, see `ScoreMetric`; likewise those not named here.
        num_bins: number of bins of equal width, see `CalibrationMetric`.
        average: of yes/no columns, see `ProbabilityMetric`.

    Example:
        >>> metric = ExpectedCalibrationError(num_bins=2)
        >>> metric.update_state([0, 0, 1, 1, 1], [0.25, 0.25, 0.55, 0.75, 0.75])
        >>> round(float(metric.result()), 4)
        0.29
    """

    default_name = "expected_calibration_error"
    _error = staticmethod(reliability.expected_calibration_error)


@registered
class MaximumCalibrationError(CalibrationMetric):
    """Maximum calibration error: the largest distance of confidence and share right, over bins of confidence.

    Args:
        num_classes: as for every metric of scores, see `ScoreMetric`; likewise those not named here.
        num_bins: number of bins of equal width, see `CalibrationMetric`.
        average: of yes/no columns, see `ProbabilityMetric`.

    Example:
        >>> metric = MaximumCalibrationError(num_bins=2)
        >>> metric.update_state([0, 0, 1, 1, 1], [0.25, 0.25, 0.55, 0.75, 0.75])
        >>> round(float(metric.result()), 4)
        0.3167
    """

    default_name = "maximum_calibration_error"
    _error = staticmethod(reliability.maximum_calibration_error)


class LossMetric(ProbabilityMetric):
    """The weighted mean of a loss."""

    _loss: losses.Loss

    @property
    def _layout(self) -> losses.LossSums:
        return losses.LossSums(type(self)._loss, self._num_columns, self.from_logits)

    def _pooled(self) -> tf.Tensor:
        loss, weight = (tf.reduce_sum(part, keepdims=True) for part in self._layout.read(self._bins()))
        return loss / weight

    def _of_columns(self) -> tf.Tensor:
        loss, weight = self._layout.read(self._bins())
        return loss / weight


@registered
class BrierScore(LossMetric):
    """Brier score: the mean of (p - y)^2, of exclusive classes that of its sum over the classes, from 0 to 2.

    Args:
        num_classes: as for every metric of scores, see `ScoreMetric`; likewise those not named here.
        average: of yes/no columns, see `ProbabilityMetric`.

    Example:
        >>> metric = BrierScore()
        >>> metric.update_state([0, 1, 1, 0], [0.1, 0.9, 0.8, 0.3])
        >>> round(float(metric.result()), 4)
        0.0375
    """

    default_name = "brier_score"
    _loss = staticmethod(losses.brier_score)


@registered
class LogLoss(LossMetric):
    """Log loss, cross-entropy: the mean of -log of the probability of what is true.

    Probabilities are cut off at the epsilon of their dtype, as scikit-learn does; from logits nothing is cut off.

    Args:
        num_classes: as for every metric of scores, see `ScoreMetric`; likewise those not named here.
        average: of yes/no columns, see `ProbabilityMetric`.

    Example:
        >>> metric = LogLoss()
        >>> metric.update_state([1, 0, 0, 1], [[0.1, 0.9], [0.9, 0.1], [0.8, 0.2], [0.35, 0.65]])
        >>> round(float(metric.result()), 4)
        0.2162
    """

    default_name = "log_loss"
    _loss = staticmethod(losses.log_loss)
