"""`CurveMetrics`: the metrics of scores that a callback reads together with its metric of counts."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import tensorflow as tf

from fmnist_tf.curves.distribution import Distribution
from fmnist_tf.metrics import CurveSet
from fmnist_tf.metrics.histograms import HistogramMetric, ScoreMetric


class CurveReading(NamedTuple):
    """The values of metrics of scores at one moment.

    Attributes:
        values: name -> float64 value of every score that is one number, those of a `CurveSet` whether live or not.
        distribution: the histogram with its edges, if one of them keeps any.
    """

    values: dict[str, float]
    distribution: Distribution | None


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
        for metric in self.metrics:
            values = _values(metric) | values
        histograms = [metric for metric in self.metrics if isinstance(metric, HistogramMetric)]
        histograms.sort(key=lambda metric: not isinstance(metric, CurveSet))
        return CurveReading(values, histograms[0].distribution if histograms else None)


def _names(metric: ScoreMetric) -> list[str]:
    return list(metric.selections) if isinstance(metric, CurveSet) else [metric.name]


def _values(metric: ScoreMetric) -> dict[str, float]:
    found: dict[str, Any] = metric.compute() if isinstance(metric, CurveSet) else {metric.name: metric._value()}
    return {
        name: float(value) for name, value in found.items() if isinstance(value, tf.Tensor) and value.shape.rank == 0
    }
