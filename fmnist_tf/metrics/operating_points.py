"""`OperatingPoints`: the thresholds that keep a rate, with the rates there and their optimism."""

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from fmnist_tf.curves.operating import RATES, ConstrainedBest
from fmnist_tf.curves.points import PointsOf, optimism, trials
from fmnist_tf.curves.readers import Reader
from fmnist_tf.intervals import Interval, wilson
from fmnist_tf.metrics.base import registered
from fmnist_tf.metrics.histograms import DEFAULT_NUM_BINS, HistogramMetric

#: The rate to maximize where another one is kept.
_OBJECTIVES = {"recall": "precision", "precision": "recall", "specificity": "recall"}
_CONSTRAINT = re.compile(r"\s*([a-z]+)\s*>=\s*([0-9.eE+-]+)\s*")


class RateAt(NamedTuple):
    """A rate at a threshold.

    Attributes:
        name: "recall", "precision" or "specificity".
        value: on the samples that chose the threshold; NaN where no threshold attains the constraint.
        interval: Wilson's interval of the value, which knows nothing of the choice.
        optimism: how much less new samples give, on average: the value less this is what to expect.
    """

    name: str
    value: float
    interval: Interval
    optimism: float


class OperatingPoint(NamedTuple):
    """One threshold.

    Attributes:
        class_id: of this class or column; None for all of them pooled.
        threshold: what a score must exceed for yes; NaN where none attains the constraint.
        constraint: the rate that is kept.
        objective: the rate that was maximized.
    """

    class_id: int | None
    threshold: float
    constraint: RateAt
    objective: RateAt


@registered
class OperatingPoints(HistogramMetric):
    """The thresholds at which a rate is at least a number and another one is best, of each class or of all.

    "recall >= 0.95" gives the thresholds of the best precision tp / (tp + fp) where recall tp / (tp + fn) is 0.95 or
    more; "precision >= 0.9" and "specificity >= 0.9" those of the best recall. The rates at a threshold look better on
    the samples that chose it than on new ones: `points()` says by how much.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update.
        constraint: "recall", "precision" or "specificity", then ">=" and a number from 0 to 1.
        per_class: whether each class or column has its own threshold; False for one of all, counted as one question.
        multi_label: each column is a binary question, and `y_true` holds 0 or 1 for each; otherwise several columns are
            classes that exclude each other, each against the rest.
        from_logits: `y_pred` holds logits, whose softmax, or of binary columns sigmoid, is the probability. Thresholds
            of binary columns are then logits.
        num_bins: bins a class, and so thresholds to choose from, at least 3.
        ignore_class: a label, or several, whose samples are left out; of binary columns the entries that hold it.
        on_invalid: "raise" makes `result()` raise, in a graph return NaN, once a sample could not be counted; "skip"
            keeps the number of such samples in `invalid` alone.
        name: key in the logs; "operating_points" by default. Logs hold no vectors: compile it with per_class=False.
        dtype: dtype of the result, "float64" by default: thresholds near 0 and 1 are no numbers of half precision.

    Returns:
        `result()`: the thresholds, (C,); of one column or with `per_class=False` (). NaN where none attains the
        constraint.

    Raises:
        ValueError: a constraint of another form; `y_pred` that holds no float scores; in `result()` invalid samples.

    Source: Eban et al., Scalable learning of non-decomposable objectives, AISTATS 2017; of the optimism Efron and
    Tibshirani, An Introduction to the Bootstrap, 1993, chapter 17.

    Example:
        >>> metric = OperatingPoints(constraint="recall >= 0.5")
        >>> metric.update_state([0, 1, 1, 0], [0.0, 0.5, 0.7, 0.6])
        >>> 0.6 <= float(metric.result()) < 0.7
        True
        >>> point = metric.points()[0]
        >>> point.constraint.value, point.objective.value
        (0.5, 1.0)
    """

    default_name, default_dtype = "operating_points", "float64"
    _averages = ()

    def __init__(
        self,
        num_classes: int | None = None,
        *,
        constraint: str = "recall >= 0.95",
        per_class: bool = True,
        multi_label: bool = False,
        from_logits: bool = False,
        num_bins: int = DEFAULT_NUM_BINS,
        ignore_class: int | Iterable[int] | None = None,
        on_invalid: str = "raise",
        name: str | None = None,
        dtype: str | None = None,
    ):
        self._best = _read_constraint(constraint)
        self.constraint, self.per_class = constraint, bool(per_class)
        super().__init__(
            num_classes,
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
        config = {key: value for key, value in super().get_config().items() if key != "class_id"}
        return {**config, "constraint": self.constraint, "per_class": self.per_class}

    def _reader(self, source: HistogramMetric) -> Reader:
        return PointsOf(self._best, self.per_class)

    def points(self, level: float = 0.95) -> list[OperatingPoint]:
        """The thresholds with the rates at them, of each class in turn, or of all as one.

        The optimism is measured by the bootstrap of the histogram: 200 sets like this one choose a threshold, which is
        scored on them and on this one.

        Args:
            level: the probability of covering of the intervals.
        """
        h = self._histogram if self.per_class else self._histogram.pooled()
        above, thresholds = h.above_edges(), np.atleast_1d(np.asarray(self._value()))
        found = []
        for row, threshold in enumerate(thresholds):
            luck = optimism(self._best, h.negatives[row].numpy(), h.positives[row].numpy())
            place = None if np.isnan(threshold) else int(np.searchsorted(self.edges, threshold))
            rates = []
            for name, gap in zip((self._best.constraint, self._best.objective), luck, strict=True):
                counted = None if place is None else trials(above, name, row, place)
                rates.append(_rate(name, counted, gap, level))
            found.append(OperatingPoint(row if self.per_class else None, float(threshold), *rates))
        return found


def _rate(name: str, counted: tuple[float, float] | None, gap: float, level: float) -> RateAt:
    if counted is None or not counted[1]:
        return RateAt(name, np.nan, Interval(0.0, 1.0), np.nan)
    return RateAt(name, counted[0] / counted[1], wilson(*counted, level), gap)


def _read_constraint(constraint: Any) -> ConstrainedBest:
    match = _CONSTRAINT.fullmatch(constraint) if isinstance(constraint, str) else None
    try:
        least = float(match[2]) if match and match[1] in RATES else -1.0
    except ValueError:
        least = -1.0
    if match is None or not 0 <= least <= 1:
        raise ValueError(
            f"`constraint` must be {', '.join(sorted(RATES))} with a number from 0 to 1, such as 'recall >= 0.95', got "
            f"{constraint!r}"
        )
    return ConstrainedBest(_OBJECTIVES[match[1]], match[1], least)
