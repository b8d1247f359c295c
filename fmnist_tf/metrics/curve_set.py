"""`CurveSet`: several scores of the whole distribution from one histogram, counted once a step."""

from collections.abc import Iterable
from typing import Any, Unpack

import numpy as np
import tensorflow as tf

from fmnist_tf.curves.histogram import Histogram
from fmnist_tf.metrics.base import registered
from fmnist_tf.metrics.curves import AUROC, AveragePrecision, BoundedMetric
from fmnist_tf.metrics.histograms import AveragedHistogramMetric, HistogramMetric, HistogramOptions
from fmnist_tf.metrics.operating import BestThreshold
from fmnist_tf.metrics.sets import MetricSet
from fmnist_tf.scores import canonical_name, split_name

DEFAULT_SCORES = ("auroc", "average_precision")
_BY_NAME: dict[str, type[BoundedMetric]] = {"auroc": AUROC, "average_precision": AveragePrecision}


@registered
class CurveSet(MetricSet, HistogramMetric):
    """Several scores of one histogram: a dict of scalars, counted once.

    A score is a name, such as "auroc", "micro_average_precision" or "auroc[3]" for class 3; or a metric with a scalar
    value, such as `RecallAtPrecision(precision=0.9)` or `BestThreshold(class_id=3)`, whose name, average, class and
    what it asks are taken and whose state and number of bins are not used. The names are the keys in the logs.
    EarlyStopping and ModelCheckpoint cannot tell the direction of a key of a dict: give them mode="max".

    Args:
        num_classes: as for every metric of scores, see `ScoreMetric`; likewise those not named here.
        scores: names of scores, or metrics.
        live: names of the scores computed at every step; None for all, () for none.
        num_bins: bins a class, see `HistogramMetric`.

    Example:
        >>> metric = CurveSet(scores=["auroc", AveragePrecision(name="ap")])
        >>> metric.update_state([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
        >>> {name: round(float(value), 2) for name, value in metric.result().items()}
        {'auroc': 0.75, 'ap': 0.83}
    """

    default_name = "curve_set"
    shared_options = (*MetricSet.shared_options, "multi_label", "from_logits")

    def __init__(
        self,
        num_classes: int | None = None,
        *,
        scores: Iterable[str | HistogramMetric] = DEFAULT_SCORES,
        live: Iterable[str] | None = None,
        **options: Unpack[HistogramOptions],
    ):
        if options.get("class_id") is not None:
            raise ValueError("`class_id` has no meaning for a set; name the class of a score, as in auroc[3]")
        self._take(scores, live)
        super().__init__(num_classes, **options)
        self._check_options()

    def _select(self, score: str | HistogramMetric) -> tuple[str, HistogramMetric]:
        return (canonical_name(score), _of_name(score)) if isinstance(score, str) else _of_metric(score)

    def _check_num_classes(self, num_classes: int) -> None:
        super()._check_num_classes(num_classes)
        for name, metric in self.selections.items():
            if num_classes > 1 and isinstance(metric, BestThreshold) and metric.class_id is None:
                raise ValueError(
                    f"scores of a set must be scalars, got {name!r} of {num_classes} classes; pass class_id="
                )

    def compute(self, names: Iterable[str] | None = None) -> dict[str, tf.Tensor]:
        """Scores of the histogram by name, float64; all of the set by default, whatever is live."""
        return self._read(self._evaluate_all, *(self.selections if names is None else names))

    def _evaluate_all(self, h: Histogram, edges: np.ndarray, *names: str) -> dict[str, tf.Tensor]:
        return {name: self.selections[name]._evaluate(h, edges) for name in names}

    @property
    def bounds(self) -> dict[str, tuple[tf.Tensor, tf.Tensor]]:
        """(low, high) of the scores that have bounds, by name, float64."""
        h = self._histogram
        return {
            name: metric.bounds_of(h) for name, metric in self.selections.items() if isinstance(metric, BoundedMetric)
        }

    @property
    def identities(self) -> dict[str, Any]:
        """Name of each key -> what it says."""
        return {name: self._identity_of(self.selections[name]) for name in self.live}

    def _value(self) -> dict[str, tf.Tensor]:
        return self.compute(self.live)


def _of_name(name: str) -> BoundedMetric:
    parts = split_name(name)
    kind = parts and _BY_NAME.get(parts[0])
    if not parts or not kind:
        raise ValueError(
            f"unknown score {name!r}; use one of {', '.join(sorted(_BY_NAME))}, with macro_, micro_ or weighted_ "
            "before it, or a class id after it, as in auroc[3]; or a metric, as RecallAtPrecision(precision=0.9)"
        )
    average: Any = "macro" if parts[1] == "auto" else parts[1]
    return kind(average=average, class_id=parts[2])


def _of_metric(metric: HistogramMetric) -> tuple[str, HistogramMetric]:
    if not isinstance(metric, AveragedHistogramMetric | BestThreshold):
        raise TypeError(f"a score must be a name or a metric of a histogram with a scalar value, got {metric!r}")
    if isinstance(metric, AveragedHistogramMetric) and metric.average is None and metric.class_id is None:
        raise ValueError(
            f"scores of a set must be scalars, got {metric.name!r} with average=None; pass class_id= or an average"
        )
    return metric.name, metric
