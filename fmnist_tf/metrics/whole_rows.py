"""Metrics that ask of a whole row whether it is right: `ExactMatch` and `TopKAccuracy`. Two numbers of state."""

from collections.abc import Iterable
from typing import Any

from fmnist_tf.counts import CountLayout, ExactRows, TopKHits
from fmnist_tf.labels import InputSpec
from fmnist_tf.metrics import arguments
from fmnist_tf.metrics.base import registered
from fmnist_tf.metrics.counts import CountMetric
from fmnist_tf.metrics.table import TableMetric
from fmnist_tf.scores import table


class WholeRowMetric(TableMetric, CountMetric):
    """A metric whose counts are those of rows, right or wrong, and not of classes."""

    @property
    def _classes(self) -> None:
        """There are no classes to leave out."""

    def _fingerprint(self) -> dict[str, Any]:
        return {**super()._fingerprint(), "score": self.default_name}


@registered
class ExactMatch(WholeRowMetric):
    """Exact match, subset accuracy: the share of rows of which all columns are right.

    Of dense multiclass labels (N, T): the share of rows of which all T predictions are right. Entries that are ignored,
    masked or of weight 0 are left out of their row. A row with no other entry is not counted, nor is one with an
    invalid entry. A row weighs as much as the heaviest of its entries.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update. Needed
            where predictions are class ids.
        threshold: None where the largest score wins (of one column: 0.5); else the one number that a score must exceed
            for yes, in every column.
        from_logits: whether scores of columns are logits; the threshold stays a probability, 0.5 where none is given.
            No effect on multiclass scores.
        ignore_class: a label, or several, whose rows (with a threshold, entries) are left out; averages leave it out.
        zero_division: the value of 0/0; nan leaves such classes out of a mean.
        on_invalid: "raise" makes `result()` raise, in a graph return NaN, once a row could not be counted; "skip" keeps
            the number of such rows in `invalid` alone.
        name: key in the logs; "exact_match" by default.
        dtype: dtype of the result alone; None for Keras' default. Counts are float64.

    Returns:
        A scalar of the metric's dtype.

    Raises:
        ValueError: several thresholds; arguments or shapes that do not fit; in `result()` for invalid rows.

    Source: Ghamrawi and McCallum, Collective multi-label classification, CIKM 2005.

    Example:
        >>> metric = ExactMatch(threshold=0.5)
        >>> metric.update_state([[1, 0], [1, 1]], [[0.9, 0.2], [0.3, 0.8]])
        >>> round(float(metric.result()), 4)
        0.5
    """

    score, default_name = table.recall, "exact_match"

    def _check_num_classes(self, num_classes: int) -> None:
        super()._check_num_classes(num_classes)
        if self._num_thresholds:
            raise ValueError(f"`threshold` must be one number for {self.default_name}, got {self._thresholds}")

    @property
    def _layout(self) -> CountLayout:
        return ExactRows()


@registered
class TopKAccuracy(WholeRowMetric):
    """Top-k accuracy: the share of samples whose class is among the k largest scores.

    Of equal scores the lower index comes first.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update. Needed
            where predictions are class ids.
        k: how many of the largest scores count; at most the number of classes.
        threshold: only None; the k largest scores need no threshold.
        from_logits: whether scores of columns are logits; the threshold stays a probability, 0.5 where none is given.
            No effect on multiclass scores.
        ignore_class: a label, or several, whose rows (with a threshold, entries) are left out; averages leave it out.
        zero_division: the value of 0/0; nan leaves such classes out of a mean.
        on_invalid: "raise" makes `result()` raise, in a graph return NaN, once a row could not be counted; "skip" keeps
            the number of such rows in `invalid` alone.
        name: key in the logs; "top_k_accuracy" by default.
        dtype: dtype of the result alone; None for Keras' default. Counts are float64.

    Returns:
        A scalar of the metric's dtype.

    Raises:
        ValueError: `k` above the number of classes; predictions that are no scores; in `result()` for invalid rows.

    Source: Russakovsky et al., ImageNet large scale visual recognition challenge, IJCV 115, 2015.

    Example:
        >>> metric = TopKAccuracy(k=2)
        >>> metric.update_state([0, 1, 2], [[0.6, 0.3, 0.1], [0.5, 0.4, 0.1], [0.5, 0.3, 0.2]])
        >>> round(float(metric.result()), 4)
        0.6667
    """

    score, default_name = table.recall, "top_k_accuracy"

    def __init__(
        self,
        num_classes: int | None = None,
        *,
        k: int = 5,
        threshold: float | Iterable[float] | None = None,
        from_logits: bool = False,
        ignore_class: int | Iterable[int] | None = None,
        zero_division: float = 0.0,
        on_invalid: str = "raise",
        name: str | None = None,
        dtype: str | None = None,
    ):
        self.k = arguments.check_count("k", k)
        if threshold is not None:
            raise ValueError("`threshold` has no meaning for the k largest scores; leave it out")
        super().__init__(
            num_classes,
            threshold=threshold,
            from_logits=from_logits,
            ignore_class=ignore_class,
            zero_division=zero_division,
            on_invalid=on_invalid,
            name=name,
            dtype=dtype,
        )

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, JSON-ready."""
        return {**super().get_config(), "k": self.k}

    def _check_num_classes(self, num_classes: int) -> None:
        super()._check_num_classes(num_classes)
        if self.k > num_classes:
            raise ValueError(
                f"`k` must be at most the number of classes, {num_classes}, got {self.k}; pass k=, since a number by "
                "position is that of the classes"
            )

    @property
    def _input_spec(self) -> InputSpec:
        return super()._input_spec._replace(top_k=self.k, ranked=True)

    @property
    def _layout(self) -> CountLayout:
        return TopKHits()
