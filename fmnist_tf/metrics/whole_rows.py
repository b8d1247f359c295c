"""Metrics that ask of a whole row whether it is right: `ExactMatch` and `TopKAccuracy`. Two numbers of state."""

from typing import Any, Unpack

from fmnist_tf.counts import CountLayout, ExactRows, TopKHits
from fmnist_tf.labels import InputSpec
from fmnist_tf.metrics import arguments
from fmnist_tf.metrics.counts import CountOptions, registered
from fmnist_tf.metrics.table import TableMetric
from fmnist_tf.scores import table


@registered
class ExactMatch(TableMetric):
    """Exact match, subset accuracy: the share of rows of which all columns are right.

    Of dense exclusive classes (N, T): the share of samples of which all positions are right. What is ignored, masked or
    of weight 0 does not matter to a row; a row with nothing else is not counted, nor is one with an invalid position. A
    row weighs as much as the heaviest of its positions.
    """

    score, default_name = table.recall, "exact_match"

    def _check_num_classes(self, num_classes: int) -> None:
        if self._num_thresholds:
            raise ValueError(f"`threshold` must be one number for {self.default_name}, got {self._thresholds}")

    @property
    def _layout(self) -> CountLayout:
        return ExactRows()

    def _fingerprint(self) -> dict[str, Any]:
        return {**super()._fingerprint(), "score": self.default_name}


@registered
class TopKAccuracy(TableMetric):
    """Top-k accuracy: the share of positions whose class is among the k largest scores, the lower index first on a tie.

    Args:
        num_classes: as for every metric, see `CountMetric`; likewise those not named here.
        k: how many of the largest scores count; at most the number of classes.
    """

    score, default_name = table.recall, "top_k_accuracy"

    def __init__(self, num_classes: int | None = None, *, k: int = 5, **options: Unpack[CountOptions]):
        self.k = arguments.check_count("k", k)
        if options.get("threshold") is not None:
            raise ValueError("`threshold` has no meaning for the k largest scores; leave it out")
        super().__init__(num_classes, **options)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, JSON-ready."""
        return {**super().get_config(), "k": self.k}

    @property
    def _input_spec(self) -> InputSpec:
        return super()._input_spec._replace(top_k=self.k, ranked=True)

    @property
    def _layout(self) -> CountLayout:
        return TopKHits()

    def _fingerprint(self) -> dict[str, Any]:
        return {**super()._fingerprint(), "score": self.default_name}
