"""`CountMetric`: a metric over counts of right and wrong answers, and the arguments and inputs all metrics share."""

from collections.abc import Iterable
from typing import Any

from fmnist_tf.counts import CountLayout, Counts, PerClassLayout
from fmnist_tf.labels import InputSpec
from fmnist_tf.metrics import arguments
from fmnist_tf.metrics.base import StateMetric, StateOptions, registered

__all__ = ["CountMetric", "CountOptions", "registered"]


class CountOptions(StateOptions, total=False):
    """The keyword arguments of every metric over counts, which `CountMetric` documents."""

    threshold: float | Iterable[float] | None
    zero_division: float


class CountMetric(StateMetric):
    """A Keras metric whose state is a histogram of counts, exact up to 2**53.

    Every metric of the package takes these inputs in `update_state`:

        y_true: class ids (N, ...) or (N, ..., 1) of any integer or integral float dtype, one-hot or soft rows
            (N, ..., C), or yes/no answers (N, ..., C).
        y_pred: scores (N, ..., C) of any float dtype, probabilities or logits; or integer class ids shaped like the
            labels, with `num_classes` given; or boolean answers.
        sample_weight: None, a scalar, or any shape that broadcasts to the labels' from the left.

    What a pair means follows from static shapes and dtypes alone. With `threshold=None` classes exclude each other:
    the largest score wins, the first on a tie; one column of scores is a yes/no question with the threshold 0.5. With a
    threshold each column is a yes/no question, and yes is strictly above it. A Keras mask on `y_pred` is honoured.
    States are not to be updated by several threads at once.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update. Needed
            where predictions are class ids.
        threshold: None, a number, or several numbers, which become the first axis of result and counts.
        ignore_class: a label, or several, that is not looked at: its row, or with a threshold its entry, is left out.
        zero_division: the value of 0/0; nan leaves such classes out of a mean.
        on_invalid: "raise" makes `result()` raise (in a graph: nan) once a row that cannot be counted has been seen:
            a label outside the classes or not an integer, a NaN score, a negative or non-finite weight. "skip" leaves
            such rows out and keeps their number in `invalid`.
        name: key in the logs; by default the score's name.
        dtype: dtype of the result alone; counts are always float64.

    Raises:
        ValueError: for bad arguments at construction; for shapes that do not fit at trace time; in `result()` for
            invalid rows.
    """

    def __init__(
        self,
        num_classes: int | None = None,
        *,
        threshold: float | Iterable[float] | None = None,
        ignore_class: int | Iterable[int] | None = None,
        zero_division: float = 0.0,
        on_invalid: str = "raise",
        name: str | None = None,
        dtype: str | None = None,
    ):
        self.threshold = arguments.check_threshold(threshold)
        self.zero_division = arguments.check_number("zero_division", zero_division)
        super().__init__(num_classes, ignore_class=ignore_class, on_invalid=on_invalid, name=name, dtype=dtype)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, JSON-ready."""
        return {
            **super().get_config(),
            "threshold": list(self.threshold) if isinstance(self.threshold, tuple) else self.threshold,
            "zero_division": self.zero_division,
        }

    @property
    def _thresholds(self) -> list[float]:
        """Several thresholds; none where there is one or none."""
        return list(self.threshold) if isinstance(self.threshold, tuple) else []

    @property
    def _num_thresholds(self) -> int:
        return len(self._thresholds)

    @property
    def _input_spec(self) -> InputSpec:
        return InputSpec(self.num_classes, self.threshold, None, self.ignore_class)

    @property
    def _layout(self) -> CountLayout:
        return PerClassLayout(self.num_classes or self._least_num_classes, self._num_thresholds)

    @property
    def counts(self) -> Counts:
        """tp, predicted, support and total of each class, float64 (C,); with several thresholds (T, C)."""
        return self._layout.counts(self._bins(), self.multiclass)
