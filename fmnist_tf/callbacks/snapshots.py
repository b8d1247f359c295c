"""`Snapshot`: the counts of a metric at one moment, on the host, so that a callback can keep them."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from fmnist_tf.callbacks.curve_metrics import CurveMetrics, CurveReading
from fmnist_tf.counts import ConfusionLayout, Counts, no_and_yes
from fmnist_tf.curves.distribution import Distribution
from fmnist_tf.intervals import Interval, Rules, interval
from fmnist_tf.metrics import CountMetric
from fmnist_tf.report import Report
from fmnist_tf.rows.steps import Scoring
from fmnist_tf.scores import Selection, evaluate_all, is_one_column, per_class_values


class Snapshot(NamedTuple):
    """Counts of one moment.

    Attributes:
        counts: float64 arrays (C,); of one binary column (1,), those of yes.
        matrix: the confusion matrix, float64 (C, C), where one was kept, else None; of one binary column (2, 2).
        multiclass: whether the classes exclude each other.
        zero_division: the value of 0/0.
        reported: the class ids that have scores in reports; of one binary column no (0) and yes (1).
        averaged: the class ids that averages run over.
        effective_total: the effective number of samples, (sum w)^2 / sum w^2; None where it is not known.
        curves: the values of metrics of scores beside it, if there were any.
        slices: name of a slice -> value -> the counts of its rows.
    """

    counts: Counts
    matrix: np.ndarray | None
    multiclass: bool
    zero_division: float
    reported: tuple[int, ...]
    averaged: tuple[int, ...]
    effective_total: float | None = None
    curves: CurveReading | None = None
    slices: Mapping[str, Mapping[str, "Snapshot"]] = {}

    @property
    def num_classes(self) -> int:
        """Number of classes, or of columns; one binary column is two classes, no and yes."""
        return 2 if self.is_column else len(self.counts.tp)

    @property
    def is_column(self) -> bool:
        """Whether it is of one binary column."""
        return is_one_column(self._tensors, self.multiclass)

    @property
    def by_class(self) -> Counts:
        """Counts of every class, float64 tensors (C,); of one binary column (2,), no and yes."""
        return no_and_yes(self._tensors) if self.is_column else self._tensors

    def since(self, earlier: "Snapshot | None") -> "Snapshot":
        """The counts after an earlier snapshot of the same stream."""
        if earlier is None:
            return self
        counts = Counts(*(late - soon for late, soon in zip(self.counts, earlier.counts, strict=True)))
        matrix = None if self.matrix is None or earlier.matrix is None else self.matrix - earlier.matrix
        return self._replace(counts=counts, matrix=matrix, effective_total=None, slices={})

    def scores(self, selections: Mapping[str, Selection]) -> dict[str, float]:
        """The values of the selected scores."""
        values = evaluate_all(selections, self._tensors, **self._options)
        return dict(zip(selections, values.numpy().tolist(), strict=True))

    @property
    def curve_scores(self) -> dict[str, float]:
        """The values of the curve metrics."""
        return self.curves.values if self.curves else {}

    @property
    def distribution(self) -> Distribution | None:
        """The histogram of scores with its edges, if one was kept."""
        return self.curves.distribution if self.curves else None

    def evaluate(self, selection: Selection) -> float:
        """One score of the snapshot."""
        return float(selection.evaluate(self._tensors, **self._options))

    def interval(self, selection: Selection) -> Interval | None:
        """The confidence interval of a score, where there is one."""
        return interval(selection, self.matrix_or_counts, effective_total=self.effective_total, **self._options)

    def class_scores(self, selection: Selection) -> np.ndarray:
        """The one-vs-rest score of each class, float64 (C,)."""
        return per_class_values(selection.score, self.by_class, self.zero_division).numpy()

    def report(self, class_names: list[str], epoch: int | None = None) -> Report:
        """The report of the snapshot."""
        report = Report(
            self.matrix_or_counts,
            class_names,
            multiclass=self.multiclass,
            curves=self.distribution,
            zero_division=self.zero_division,
            ignore_class=tuple(set(range(self.num_classes)) - set(self.reported)),
            target_class_ids=self.averaged,
            effective_total=self.effective_total,
            epoch=epoch,
        )
        report.slices = {
            name: {
                value: self.of_value(name, value).report(class_names, epoch)
                for value, part in parts.items()
                if part.effective_total
            }
            for name, parts in self.slices.items()
        }
        return report

    def of_value(self, name: str, value: str) -> "Snapshot":
        """The counts of one value of a slice, with its scores at all thresholds where they were counted too."""
        found = self.curves.slices.get(name, {}).get(value) if self.curves else None
        part = self.slices[name][value]
        return part if found is None else part._replace(curves=CurveReading(found.values, found.distribution))

    @property
    def _options(self) -> dict[str, Any]:
        """The options of a score; `classes` is None where averages run over all of them."""
        classes = None if len(self.averaged) == self.num_classes else self.averaged
        return {"multiclass": self.multiclass, "zero_division": self.zero_division, "classes": classes}

    @property
    def scoring(self) -> Scoring:
        """How the rows of this set become scores."""
        return Scoring(self.num_classes, Rules(**self._options, binary=self.is_column))

    @property
    def _tensors(self) -> Counts:
        return Counts(*(tf.constant(field, tf.float64) for field in self.counts))

    @property
    def matrix_or_counts(self) -> np.ndarray | Counts:
        """The matrix (C, C), the columns (C, 2, 2), or if there is neither the counts; the input of a report."""
        if self.multiclass:
            return self.counts if self.matrix is None else self.matrix
        return _columns(self.counts)


def take_snapshot(metric: CountMetric, curve_metrics: CurveMetrics | None = None) -> Snapshot:
    """Reads a metric and its curve metrics. Under several workers this is collective: all of them must read."""
    counts = Counts._make(np.array(field) for field in metric.counts)
    return Snapshot(
        counts,
        _matrix(metric, counts, metric._bins()),
        metric.multiclass,
        metric.zero_division,
        metric.reported_classes,
        metric.averaged_classes,
        metric.effective_total,
        curve_metrics and curve_metrics.read(),
        {feature.name: _by_value(metric, feature.name) for feature in metric.by},
    )


def _by_value(metric: Any, name: str) -> dict[str, Snapshot]:
    """The counts of each value of a slice."""
    return {value: _of_value(metric, *part) for value, part in metric.parts_by(name).items()}


def _of_value(metric: CountMetric, counts: Counts, bins: tf.Tensor, effective_total: float) -> Snapshot:
    counts = Counts._make(np.array(field) for field in counts)
    matrix = _matrix(metric, counts, bins)
    options = metric.multiclass, metric.zero_division, metric.reported_classes, metric.averaged_classes
    return Snapshot(counts, matrix, *options, effective_total)


def _matrix(metric: CountMetric, counts: Counts, bins: tf.Tensor) -> np.ndarray | None:
    layout = metric.layout
    if not metric.multiclass:
        return _columns(counts)[0] if len(counts.tp) == 1 else None
    return np.array(layout.matrix(bins)) if isinstance(layout, ConfusionLayout) else None


def _columns(c: Counts) -> np.ndarray:
    """Matrices (C, 2, 2) of columns, [[tn, fp], [fn, tp]]."""
    return np.stack([np.stack([c.tn, c.fp], -1), np.stack([c.fn, c.tp], -1)], axis=-2)
