"""`CurveMetrics`: the metrics of scores that a callback reads together with its metric of counts."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import tensorflow as tf

from fmnist_tf.curves.distribution import Distribution
from fmnist_tf.metrics import CurveSet
from fmnist_tf.metrics.curve_set import CurvePart
from fmnist_tf.metrics.histograms import HistogramMetric, ScoreMetric


class ValueReading(NamedTuple):
    """The scores of the rows of one value of a slice.

    Attributes:
        values: name -> float64 value.
        distribution: the histogram with its edges.
        effective_total: the effective number of rows.
    """

    values: dict[str, float]
    distribution: Distribution
    effective_total: float


class CurveReading(NamedTuple):
    """The values of metrics of scores at one moment.

    Attributes:
        values: name -> float64 value of every score that is one number, those of a `CurveSet` whether live or not.
        distribution: the histogram with its edges, if one of them keeps any.
        slices: name of a slice -> value -> its reading, of a `CurveSet` that counts by slices.
        directions: name of a score of a `CurveSet` -> "up" or "down", which is better; None of a threshold.
    """

    values: dict[str, float]
    distribution: Distribution | None
    slices: Mapping[str, Mapping[str, ValueReading]] = {}
    directions: Mapping[str, str | None] = {}


class CurveMetrics:
    """Metrics of scores of one output, unweighted ones first.

    Args:
        metrics: the metrics that are read; of two that have one name the first.
    """

    def __init__(self, metrics: Iterable[ScoreMetric] = ()):
        self.metrics = list(metrics)

    @property
    def names(self) -> set[str]:
        """The names of their scores."""
        return {name for metric in self.metrics for name in _names(metric)}

    def read(self) -> CurveReading | None:
        """Their values now, or None where there are none. Under several workers all of them must read."""
        if not self.metrics:
            return None
        values: dict[str, float] = {}
        slices: dict[str, Mapping[str, ValueReading]] = {}
        directions: dict[str, str | None] = {}
        for metric in self.metrics:
            values = _values(metric) | values
            slices = _slices(metric) | slices
            directions = (metric.directions if isinstance(metric, CurveSet) else {}) | directions
        histograms = [metric for metric in self.metrics if isinstance(metric, HistogramMetric)]
        histograms.sort(key=lambda metric: not isinstance(metric, CurveSet))
        return CurveReading(values, histograms[0].distribution if histograms else None, slices, directions)


def _names(metric: ScoreMetric) -> list[str]:
    return list(metric.selections) if isinstance(metric, CurveSet) else [metric.name]


def _values(metric: ScoreMetric) -> dict[str, float]:
    return _numbers(metric.compute() if isinstance(metric, CurveSet) else {metric.name: metric._value()})


def _slices(metric: ScoreMetric) -> dict[str, Mapping[str, ValueReading]]:
    if not isinstance(metric, CurveSet):
        return {}
    return {
        feature.name: {value: _of_value(part) for value, part in metric.parts_by(feature.name).items()}
        for feature in metric.by
    }


def _of_value(part: CurvePart) -> ValueReading:
    return ValueReading(_numbers(part.scores), part.distribution, part.effective_total)


def _numbers(found: Mapping[str, Any]) -> dict[str, float]:
    """Those values that are one number."""
    return {
        name: float(value) for name, value in found.items() if isinstance(value, tf.Tensor) and value.shape.rank == 0
    }
