"""`ScoreSet`: any number of scores from one state, counted once a step."""

from collections.abc import Iterable
from typing import Any, Unpack

import tensorflow as tf

from fmnist_tf.counts import ConfusionLayout, CountLayout, PerClassLayout
from fmnist_tf.labels import InputFormat
from fmnist_tf.metrics.confusion import MatrixMetric, check_matrix_size
from fmnist_tf.metrics.counts import CountOptions, registered
from fmnist_tf.metrics.sets import MetricSet
from fmnist_tf.metrics.table import ScoreIdentity, TableMetric
from fmnist_tf.scores import Selection, evaluate_all, find_score, stacking_order

DEFAULT_SCORES = ("accuracy", "macro_precision", "macro_recall", "macro_f1")


@registered
class ScoreSet(MetricSet, MatrixMetric):
    """Several scores of one state: a dict of scalars, counted once.

    A score is a name, such as "macro_f1", "matthews_correlation", "weighted_recall" or "f1_score[3]" for class 3; or a
    metric of the table, such as `FBetaScore(beta=2)`, whose name, average and class are taken and whose state is not
    used. The names are the keys in the logs. EarlyStopping and ModelCheckpoint cannot tell the direction of a key of a
    dict: give them mode="max" (or "min" for a rate of errors). In a model of several outputs Keras' name of the output
    stands first ("digit_macro_f1"), and two metrics that would write one key with different values are refused.

    Args:
        num_classes: as for every metric, see `CountMetric`; likewise those not named here.
        scores: names of scores, or metrics of the table with a scalar value.
        matrix: whether to keep the C x C matrix of exclusive classes, for reports, plots and intervals; without it the
            state is 32 bytes a class.
        live: names of the scores computed at every step and shown in the progress bar; None for all, () for none.
            ScoreLogger adds the others at the end of an epoch.
    """

    default_name = "score_set"
    shared_options = (*MetricSet.shared_options, "threshold", "zero_division", "top_k", "weights")

    def __init__(
        self,
        num_classes: int | None = None,
        *,
        scores: Iterable[str | TableMetric] = DEFAULT_SCORES,
        matrix: bool = True,
        live: Iterable[str] | None = None,
        **options: Unpack[CountOptions],
    ):
        self.has_matrix = bool(matrix)
        self._take(scores, live)
        super().__init__(num_classes, **options)
        self._check_options()

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, JSON-ready."""
        return {**super().get_config(), "matrix": self.has_matrix}

    def _select(self, score: str | TableMetric) -> tuple[str, Selection]:
        return (score, find_score(score)) if isinstance(score, str) else _of_metric(score)

    @property
    def _keeps_pairs(self) -> bool:
        """Whether the state is a matrix: several yes/no columns have none."""
        return self.has_matrix and (self.threshold is None or self.num_classes == 1)

    @property
    def _layout(self) -> CountLayout:
        num_classes = self.num_classes or self._least_num_classes
        return ConfusionLayout(num_classes) if self._keeps_pairs else PerClassLayout(num_classes, self._num_thresholds)

    @property
    def matrix(self) -> tf.Tensor:
        """The confusion matrix, float64 (C, C), rows true.

        Raises:
            ValueError: the set keeps none.
        """
        if not self._keeps_pairs:
            why = "of several yes/no columns" if self.has_matrix else "with matrix=False"
            remedy = "compile MultilabelConfusionMatrix beside it" if self.has_matrix else "pass matrix=True"
            raise ValueError(f"{self.name} keeps no matrix {why}; {remedy}, or read `counts`")
        return super().matrix

    def _check_num_classes(self, num_classes: int) -> None:
        if self._num_thresholds:
            raise ValueError(f"`threshold` must be one number for a set of scalars, got {self._thresholds}")
        if self.has_matrix and self.threshold is None:
            check_matrix_size(self.name, num_classes)
        super()._check_num_classes(num_classes)

    def _check_format(self, input_format: InputFormat) -> None:
        if self._keeps_pairs:
            super()._check_format(input_format)

    def compute(self, names: Iterable[str] | None = None) -> dict[str, tf.Tensor]:
        """Scores of the state by name, float64; all of the set by default, whatever is live."""
        chosen = {name: self.selections[name] for name in (self.selections if names is None else names)}
        return dict(zip(stacking_order(chosen, self.multiclass), tf.unstack(self._evaluate(chosen)), strict=True))

    def _evaluate(self, selections: dict[str, Selection]) -> tf.Tensor:
        return evaluate_all(selections, self.counts, multiclass=self.multiclass, zero_division=self.zero_division)

    @property
    def _live(self) -> dict[str, Selection]:
        return {name: self.selections[name] for name in self.live}

    def _value(self) -> tf.Tensor:
        """The live scores in one tensor, since each operation on a scalar of its own would cost every step."""
        if len(self.live) == 1:
            (selection,) = self._live.values()
            return selection.evaluate(self.counts, multiclass=self.multiclass, zero_division=self.zero_division)
        return self._evaluate(self._live)

    def _shown(self, value: Any) -> dict[str, tf.Tensor]:
        parts = tf.unstack(value) if value.shape.rank else [value]
        return super()._shown(dict(zip(stacking_order(self._live, self.multiclass), parts, strict=True)))

    @property
    def identities(self) -> dict[str, Any]:
        """Name of each key -> what it says."""
        return {name: ScoreIdentity.of(self.selections[name], self) for name in self.live}

    def _fingerprint(self) -> dict[str, Any]:
        return {**super()._fingerprint(), "matrix": self.has_matrix}


def _of_metric(metric: TableMetric) -> tuple[str, Selection]:
    if not isinstance(metric, TableMetric) or metric.default_name in ("exact_match", "top_k_accuracy"):
        raise TypeError(f"a score must be a name or a metric of the table, got {metric!r}")
    if metric.average is None and metric.class_id is None:
        raise ValueError(
            f"scores of a set must be scalars, got {metric.name!r} with average=None; pass class_id= or an average"
        )
    return metric.name, metric.selection
