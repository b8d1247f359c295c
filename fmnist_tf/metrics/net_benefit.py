"""`NetBenefit`: decision curves, from exact counts at each threshold."""

from collections.abc import Iterable
from typing import Any, Literal, NamedTuple

import numpy as np
import tensorflow as tf

from fmnist_tf.compat import higher_is_better
from fmnist_tf.intervals.means import Sums, mean_interval
from fmnist_tf.metrics import arguments
from fmnist_tf.metrics.base import registered
from fmnist_tf.metrics.counts import CountMetric
from fmnist_tf.scores import divide


class DecisionCurve(NamedTuple):
    """Net benefit at each threshold, arrays (T,), of one class or column, or of the mean over several.

    Attributes:
        thresholds: the probabilities.
        net_benefit: of the model.
        treat_all: of yes for every sample.
        treat_none: of no for every sample: 0.
    """

    thresholds: np.ndarray
    net_benefit: np.ndarray
    treat_all: np.ndarray
    treat_none: np.ndarray


@registered
@higher_is_better
class NetBenefit(CountMetric):
    """Net benefit at a threshold probability t: tp / n - fp / n x t / (1 - t).

    Acting from a probability of t on means that a false positive costs t / (1 - t) true positives. A model is worth
    using at t if it beats acting on every sample, `treat_all`, and on none, whose net benefit is 0. Several thresholds
    make a decision curve; each is counted separately, so that it is exact. Several columns, or several classes, are
    binary questions each, and the score is the mean over them.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update.
        threshold: the threshold probability, at least 0 and below 1, or several, in the order of the result. A score of
            yes exceeds it.
        average: "macro", the mean over classes or columns; None, one value each.
        class_id: the value of this class alone, in place of an average; of one column 1, yes, alone has a value.
        from_logits: whether scores are logits of columns, whose sigmoid is the probability.
        ignore_class: a label, or several, whose entries are left out.
        zero_division: the value of 0/0, before any sample.
        on_invalid: "raise" makes `result()` raise, in a graph return NaN, once an entry could not be counted; "skip"
            keeps the number of such entries in `invalid` alone.
        name: key in the logs; "net_benefit" by default.
        dtype: dtype of the result alone; None for Keras' default. Counts are float64.

    Returns:
        A scalar of the metric's dtype; with several thresholds (T,); with `average=None` (..., C).

    Raises:
        ValueError: a threshold outside of 0 to 1, or 1; in `result()` for invalid entries.

    Source: Vickers and Elkin, Decision curve analysis: a novel method for evaluating prediction models, Medical
    Decision Making 26, 2006.

    Example:
        >>> metric = NetBenefit(threshold=[0.2, 0.5])
        >>> metric.update_state([0, 0, 0, 1], [0.1, 0.3, 0.6, 0.9])
        >>> metric.result().numpy()
        array([0.125, 0.   ], dtype=float32)
        >>> metric.curve().treat_all
        array([ 0.0625, -0.5   ])
    """

    default_name = "net_benefit"

    def __init__(
        self,
        num_classes: int | None = None,
        *,
        threshold: float | Iterable[float],
        average: Literal["macro"] | None = "macro",
        class_id: int | None = None,
        from_logits: bool = False,
        ignore_class: int | Iterable[int] | None = None,
        zero_division: float = 0.0,
        on_invalid: str = "raise",
        name: str | None = None,
        dtype: str | None = None,
    ):
        self.average = arguments.check_choice("average", average, ("macro", None))
        self.class_id = arguments.check_optional_count("class_id", class_id, least=0)
        super().__init__(
            num_classes,
            threshold=_check_below_1(threshold),
            from_logits=from_logits,
            ignore_class=ignore_class,
            zero_division=zero_division,
            on_invalid=on_invalid,
            name=name,
            dtype=dtype,
        )

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, JSON-ready."""
        return {**super().get_config(), "average": self.average, "class_id": self.class_id}

    @property
    def _usual_name(self) -> str:
        return self.default_name if self.class_id is None else f"{self.default_name}/{self.class_id}"

    @property
    def _least_num_classes(self) -> int:
        return 1 + (self.class_id or 0)

    def _check_num_classes(self, num_classes: int) -> None:
        super()._check_num_classes(num_classes)
        arguments.check_class_id(self.class_id, max(num_classes, 2))
        if num_classes == 1 and self.class_id == 0:
            raise ValueError("`class_id` must be 1, yes, for one column, got 0; no has no net benefit here")

    @property
    def _odds(self) -> np.ndarray:
        """T / (1 - t): a number, or (T, 1)."""
        t = np.asarray(self.threshold, np.float64)
        return (t / (1 - t))[..., np.newaxis] if t.ndim else t / (1 - t)

    def _value(self) -> tf.Tensor:
        counts = self.counts
        return self._combine(divide(counts.tp - counts.fp * self._odds, counts.total, self.zero_division))

    def _combine(self, values: tf.Tensor) -> tf.Tensor:
        """Values (..., C) of classes -> that of one, or their mean."""
        one = 0 if values.shape[-1] == 1 else self.class_id
        if one is not None and (self.average or self.class_id is not None):
            return tf.gather(values, one, axis=-1)
        if self.average is None:
            return values
        classes = self._classes
        return tf.reduce_mean(values if classes is None else tf.gather(values, classes, axis=-1), axis=-1)

    def curve(self) -> DecisionCurve:
        """The decision curve: the net benefit of the model, of yes for all and of no for all, on the host."""
        counts = self.counts
        of_all = divide(counts.support - counts.negatives * self._odds, counts.total, self.zero_division)
        found = (np.atleast_1d(np.asarray(part)) for part in (self._value(), self._combine(of_all)))
        value, treat_all = found
        return DecisionCurve(np.atleast_1d(np.asarray(self.threshold)), value, treat_all, np.zeros_like(value))

    def interval(self, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
        """The confidence interval of the net benefit of each class or column at each threshold.

        A sample adds 1, -t / (1 - t) or 0: the interval is that of a mean of independent values.

        Args:
            level: the probability of covering.

        Returns:
            Low and high, arrays (C,), with several thresholds (T, C); of one column (1,) or (T, 1).
        """
        effective = self.effective_total
        total, tp, fp = (np.asarray(part) for part in (self.counts.total, self.counts.tp, self.counts.fp))
        odds = self._odds + np.zeros(tp.shape)
        sums = (total, tp - odds * fp, tp + odds**2 * fp, odds)
        ends = []
        for whole, first, second, odd in zip(*(np.ravel(part) for part in sums), strict=True):
            ends.append(mean_interval(Sums(whole, first, second, effective), (-odd, 1.0), level))
        low, high = np.reshape(np.transpose(ends), (2, *tp.shape))
        return low, high


def _check_below_1(threshold: Any) -> float | tuple[float, ...]:
    limits = arguments.check_threshold(threshold)
    if limits is None:
        raise ValueError("`threshold` must be a probability, at least 0 and below 1, got None")
    for limit in limits if isinstance(limits, tuple) else (limits,):
        if not 0 <= limit < 1:
            raise ValueError(f"`threshold` must be a probability, at least 0 and below 1, got {limit}")
    return limits
