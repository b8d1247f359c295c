"""What the best threshold attains, which one it is, and the curves of all of them."""

from typing import Any, Unpack

import numpy as np
import tensorflow as tf

from fmnist_tf.compat import higher_is_better
from fmnist_tf.curves import operating
from fmnist_tf.curves.histogram import Histogram
from fmnist_tf.metrics import arguments
from fmnist_tf.metrics.base import registered
from fmnist_tf.metrics.histograms import (
    AveragedHistogramMetric,
    AveragedHistogramOptions,
    HistogramMetric,
    HistogramOptions,
)
from fmnist_tf.scores import SCORES, Score, table


@higher_is_better
class ConstrainedMetric(AveragedHistogramMetric):
    """The largest value of one rate at the thresholds where another one is at least what was asked."""

    _constraint: Score
    _objective: Score

    @property
    def _least(self) -> float:
        """What the asked rate must attain."""
        raise NotImplementedError

    def _choose(self, h: Histogram, edges: np.ndarray) -> operating.OperatingPoint:
        rates = operating.rates(h.counts(), type(self)._constraint, type(self)._objective)
        return operating.best_attaining(rates, self._least, edges)

    def _measure(self, h: Histogram, edges: np.ndarray) -> tf.Tensor:
        return self._choose(h, edges).value

    @property
    def thresholds(self) -> tf.Tensor:
        """The threshold of each class that a score must exceed, float64 (C,); NaN where none attains what is asked.

        It is a float32 number: applied to scores of float32 or narrower it attains the result exactly. Float64 has
        numbers between it and the bin above; cast such scores to float32 before they are counted and compared.
        """
        return self._choose(self._histogram, self.edges).threshold


@registered
class RecallAtPrecision(ConstrainedMetric):
    """The largest recall at the thresholds where precision is at least `precision`; 0 where it never is.

    Args:
        num_classes: as for every metric of scores, see `ScoreMetric`; likewise those not named here.
        precision: what precision must be at least, from 0 to 1.
        average: "macro", "weighted", "micro" or None, see `AveragedHistogramMetric`; `thresholds` are of each class.
        num_bins: bins a class, and so thresholds to choose from, see `HistogramMetric`.

    Example:
        >>> metric = RecallAtPrecision(precision=0.5)
        >>> metric.update_state([0, 1, 1, 0], [0.0, 0.5, 0.7, 0.8])
        >>> float(metric.result())
        1.0
    """

    default_name = "recall_at_precision"
    _constraint, _objective = table.precision, table.recall

    def __init__(
        self, num_classes: int | None = None, *, precision: float, **options: Unpack[AveragedHistogramOptions]
    ):
        self.precision = arguments.check_share("precision", precision)
        super().__init__(num_classes, **options)

    @property
    def _least(self) -> float:
        return self.precision

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, JSON-ready."""
        return {**super().get_config(), "precision": self.precision}


@registered
class PrecisionAtRecall(ConstrainedMetric):
    """The largest precision at the thresholds where recall is at least `recall`.

    Args:
        num_classes: as for every metric of scores, see `ScoreMetric`; likewise those not named here.
        recall: what recall must be at least, from 0 to 1.
        average: "macro", "weighted", "micro" or None, see `AveragedHistogramMetric`; `thresholds` are of each class.
        num_bins: bins a class, and so thresholds to choose from, see `HistogramMetric`.
    """

    default_name = "precision_at_recall"
    _constraint, _objective = table.recall, table.precision

    def __init__(self, num_classes: int | None = None, *, recall: float, **options: Unpack[AveragedHistogramOptions]):
        self.recall = arguments.check_share("recall", recall)
        super().__init__(num_classes, **options)

    @property
    def _least(self) -> float:
        return self.recall

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, JSON-ready."""
        return {**super().get_config(), "recall": self.recall}


@registered
class SensitivityAtSpecificity(ConstrainedMetric):
    """The largest sensitivity at the thresholds where specificity is at least `specificity`.

    Args:
        num_classes: as for every metric of scores, see `ScoreMetric`; likewise those not named here.
        specificity: what specificity must be at least, from 0 to 1.
        average: "macro", "weighted", "micro" or None, see `AveragedHistogramMetric`; `thresholds` are of each class.
        num_bins: bins a class, and so thresholds to choose from, see `HistogramMetric`.
    """

    default_name = "sensitivity_at_specificity"
    _constraint, _objective = table.specificity, table.recall

    def __init__(
        self, num_classes: int | None = None, *, specificity: float, **options: Unpack[AveragedHistogramOptions]
    ):
        self.specificity = arguments.check_share("specificity", specificity)
        super().__init__(num_classes, **options)

    @property
    def _least(self) -> float:
        return self.specificity

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, JSON-ready."""
        return {**super().get_config(), "specificity": self.specificity}


@registered
class SpecificityAtSensitivity(ConstrainedMetric):
    """The largest specificity at the thresholds where sensitivity is at least `sensitivity`.

    Args:
        num_classes: as for every metric of scores, see `ScoreMetric`; likewise those not named here.
        sensitivity: what sensitivity must be at least, from 0 to 1.
        average: "macro", "weighted", "micro" or None, see `AveragedHistogramMetric`; `thresholds` are of each class.
        num_bins: bins a class, and so thresholds to choose from, see `HistogramMetric`.
    """

    default_name = "specificity_at_sensitivity"
    _constraint, _objective = table.recall, table.specificity

    def __init__(
        self, num_classes: int | None = None, *, sensitivity: float, **options: Unpack[AveragedHistogramOptions]
    ):
        self.sensitivity = arguments.check_share("sensitivity", sensitivity)
        super().__init__(num_classes, **options)

    @property
    def _least(self) -> float:
        return self.sensitivity

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, JSON-ready."""
        return {**super().get_config(), "sensitivity": self.sensitivity}


class PerClassMetric(HistogramMetric):
    """A metric with a value for each class and no average: of one column, or with `class_id`, that of one class.

    The dtype is "float64" by default: thresholds near 0 and 1 are no numbers of half precision.
    """

    default_dtype = "float64"

    def _of_class(self, values: tf.Tensor) -> tf.Tensor:
        """(C, ...) -> (...) of the one class that is asked for or there is."""
        if self.class_id is not None:
            return values[self.class_id]
        return values[0] if values.shape[0] == 1 else values


@registered
class BestThreshold(PerClassMetric):
    """The threshold at which a score is best, (C,); of one column or with `class_id` a scalar.

    A score must exceed it, as in `F1Score(threshold=)`: it is a probability, or a logit of yes/no columns with
    `from_logits=True`. Of several it is the lowest; below 0 everything is predicted, at 1 nothing. `best` is the score
    there. A class of which the score is 0/0 at every threshold has none: NaN. Logs hold no vector: in `compile` give
    `class_id`.

    Args:
        num_classes: as for every metric of scores, see `ScoreMetric`; likewise those not named here.
        score: the name of a score of the table, such as "f1_score" or "matthews_correlation", of each class against the
            rest; of a loss the least is best.
        num_bins: bins a class, and so thresholds to choose from, see `HistogramMetric`.

    Example:
        >>> metric = BestThreshold()
        >>> metric.update_state([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
        >>> 0.1 < float(metric.result()) < 0.35, round(float(metric.best), 2)
        (True, 0.8)
    """

    default_name = "best_threshold"

    def __init__(self, num_classes: int | None = None, *, score: str = "f1_score", **options: Unpack[HistogramOptions]):
        directed = [name for name, row in SCORES.items() if row.direction is not None]
        if score not in directed:
            raise ValueError(f"`score` must be a score with a direction, {', '.join(sorted(directed))}, got {score!r}")
        self.score = score
        super().__init__(num_classes, **options)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, JSON-ready."""
        return {**super().get_config(), "score": self.score}

    def _evaluate(self, h: Histogram, edges: np.ndarray) -> tf.Tensor:
        return self._of_class(self._choose(h, edges).threshold)

    def _choose(self, h: Histogram, edges: np.ndarray) -> operating.OperatingPoint:
        return operating.best(h.counts(), SCORES[self.score], edges)

    @property
    def best(self) -> tf.Tensor:
        """The score at the threshold, float64 and shaped like the result."""
        return self._of_class(self._choose(self._histogram, self.edges).value)


@registered
class RocCurve(PerClassMetric):
    """The ROC curve: `Roc(fpr, tpr, thresholds)`, in the order of scikit-learn's `roc_curve`.

    fpr and tpr have shape (C, num_bins + 1), of one column or with `class_id` (num_bins + 1,), one entry for each
    threshold that a score must exceed. The result is no scalar: count it beside the model, not in `compile`.

    Args:
        num_classes: as for every metric of scores, see `ScoreMetric`; likewise those not named here.
        num_bins: bins a class, see `HistogramMetric`.
    """

    default_name = "roc_curve"

    def _evaluate(self, h: Histogram, edges: np.ndarray) -> operating.Roc:
        fpr, tpr, thresholds = operating.roc(h.counts(), edges)
        return operating.Roc(self._of_class(fpr), self._of_class(tpr), thresholds)


@registered
class PrecisionRecallCurve(PerClassMetric):
    """`PrecisionRecall(precision, recall, thresholds)`, in the order of scikit-learn's `precision_recall_curve`.

    precision and recall have shape (C, num_bins + 1), of one column or with `class_id` (num_bins + 1,): one entry for
    each threshold that a score must exceed, and (1, 0) at the end. The result is no scalar: count it beside the model,
    not in `compile`.

    Args:
        num_classes: as for every metric of scores, see `ScoreMetric`; likewise those not named here.
        num_bins: bins a class, see `HistogramMetric`.
    """

    default_name = "precision_recall_curve"

    def _evaluate(self, h: Histogram, edges: np.ndarray) -> operating.PrecisionRecall:
        precision, recall, thresholds = operating.precision_recall(h.counts(), edges)
        return operating.PrecisionRecall(self._of_class(precision), self._of_class(recall), thresholds)
