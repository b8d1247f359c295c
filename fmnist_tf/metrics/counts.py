"""`CountMetric`: a metric over counts of right and wrong predictions, and the classes that it reports."""

from collections.abc import Iterable
from typing import Any

import tensorflow as tf

from fmnist_tf.counts import CountLayout, Counts, PerClassLayout, effective_number
from fmnist_tf.labels import InputFormat, InputSpec
from fmnist_tf.metrics import arguments
from fmnist_tf.metrics.base import StateMetric, registered

__all__ = ["CountMetric", "registered"]


class CountMetric(StateMetric):
    """A Keras metric whose state is a histogram of counts, exact up to 2**53; the base class of count metrics.

    The format of `y_true` and `y_pred` follows from static shapes and dtypes alone. With `threshold=None` classes
    exclude each other: the largest score wins, the first on a tie; one column of scores is a binary question with the
    threshold 0.5. With a threshold each column is a binary question, and yes is strictly above it. A Keras mask on
    `y_pred` is applied. A state must not be updated by several threads at once.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update. Needed
            where predictions are class ids.
        threshold: None, a number, or several numbers, which become the first axis of result and counts.
        from_logits: whether scores of columns are logits, so that a threshold, a probability, is compared in logits.
            It has no effect on multiclass scores.
        ignore_class: a label, or several, that is left out: its row, or with a threshold its entry, is left out,
            and an ignored class is left out of averages.
        zero_division: the value of 0/0; nan leaves such classes out of a mean.
        on_invalid: "raise" makes `result()` raise (in a graph: nan) once a row that cannot be counted has been seen:
            a label outside the classes or not an integer, a row of labels that is not a distribution, a NaN score, a
            score of one column outside 0 to 1, a negative or non-finite weight. "skip" leaves such rows out and keeps
            their number in `invalid`.
        name: key in the logs; by default the score's name.
        dtype: dtype of the result alone; counts are always float64.

    Raises:
        ValueError: for bad arguments at construction; for shapes that do not fit at trace time; in `result()` for
            invalid rows.

    Example:
        >>> from fmnist_tf import F1Score
        >>> metric = F1Score()
        >>> metric.update_state([0, 1, 1], [0.2, 0.7, 0.4])
        >>> metric.counts.support.numpy()
        array([2.])
    """

    #: The classes that averages run over; None for all that are not ignored.
    target_class_ids: tuple[int, ...] | None = None

    def __init__(
        self,
        num_classes: int | None = None,
        *,
        threshold: float | Iterable[float] | None = None,
        from_logits: bool = False,
        ignore_class: int | Iterable[int] | None = None,
        zero_division: float = 0.0,
        on_invalid: str = "raise",
        name: str | None = None,
        dtype: str | None = None,
    ):
        self.threshold = arguments.check_threshold(threshold)
        self.from_logits = bool(from_logits)
        if self.from_logits:
            arguments.check_probability_threshold(self.threshold)
        self.zero_division = arguments.check_number("zero_division", zero_division)
        super().__init__(num_classes, ignore_class=ignore_class, on_invalid=on_invalid, name=name, dtype=dtype)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, JSON-ready."""
        return {
            **super().get_config(),
            "threshold": list(self.threshold) if isinstance(self.threshold, tuple) else self.threshold,
            "from_logits": self.from_logits,
            "zero_division": self.zero_division,
        }

    @property
    def _thresholds(self) -> list[float]:
        """The thresholds if there are several, else []."""
        return list(self.threshold) if isinstance(self.threshold, tuple) else []

    @property
    def _num_thresholds(self) -> int:
        return len(self._thresholds)

    @property
    def _input_spec(self) -> InputSpec:
        return InputSpec(self.num_classes, self.threshold, None, self.ignore_class, from_logits=self.from_logits)

    @property
    def _layout(self) -> CountLayout:
        return PerClassLayout(self.num_classes or self._least_num_classes, self._num_thresholds)

    def _check_num_classes(self, num_classes: int) -> None:
        super()._check_num_classes(num_classes)
        for class_id in self.target_class_ids or ():
            arguments.check_class_id(class_id, max(num_classes, 2), "target_class_ids")

    def _fix_format(self, input_format: InputFormat) -> None:
        super()._fix_format(input_format)
        if self._classes == ():
            raise ValueError(
                f"{self.name} has no class left: `ignore_class` {self.ignore_class} leaves out all of "
                f"{self.target_class_ids or 'them'}"
            )

    @property
    def counts(self) -> Counts:
        """tp, predicted, support and total of each class, float64 (C,); with several thresholds (T, C).

        Of one binary column they are those of yes, (1,).
        """
        return self.layout.counts(self._bins(), self.multiclass)  # pyright: ignore[reportAttributeAccessIssue]

    @property
    def effective_total(self) -> float:
        """The effective number of samples, (sum w)^2 / sum w^2; without weights the number itself.

        Of several columns it is the average over columns. Source: Kish, Survey Sampling, 1965.
        """
        return self._effective(self.counts, self.weight_excess)

    def _effective(self, counts: Counts, weight_excess: tf.Tensor) -> float:
        total = counts.total[0] if self._num_thresholds else counts.total
        weight = float(total[0] if self.multiclass else tf.reduce_sum(total))
        squares = weight + float(weight_excess)
        return effective_number(weight, squares) / (1 if self.multiclass else len(total))

    # Classes

    @property
    def reported_classes(self) -> tuple[int, ...]:
        """The ids of the classes, or columns, that are not ignored; of one binary column no (0) and yes (1)."""
        ignored = self._ignored_classes
        return tuple(class_id for class_id in range(self._num_reported_classes) if class_id not in ignored)

    @property
    def averaged_classes(self) -> tuple[int, ...]:
        """The ids that averages run over: the reported ones, restricted to `target_class_ids`."""
        wanted = self.target_class_ids
        return tuple(class_id for class_id in self.reported_classes if wanted is None or class_id in wanted)

    @property
    def _num_reported_classes(self) -> int:
        """Number of classes or columns; a binary column is a problem of two classes."""
        num_classes = self.num_classes or self._least_num_classes
        return num_classes if self.multiclass else max(num_classes, 2)

    @property
    def _ignored_classes(self) -> frozenset[int]:
        """Ignored labels that are classes; of several columns a label is 0 or 1, not a class, unless it is an id."""
        are_classes = self.multiclass or self._takes_ids or self.num_classes == 1
        return frozenset(c for c in self.ignore_class if are_classes and 0 <= c < self._num_reported_classes)

    @property
    def _classes(self) -> tuple[int, ...] | None:
        """The `classes` argument of scores: ids that averages run over; None where no class is left out."""
        is_restricted = self.target_class_ids is not None or bool(self._ignored_classes)
        return self.averaged_classes if is_restricted else None
