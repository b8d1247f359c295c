"""The best of precision or recall where the other must be at least a number: two Keras metrics with bounds."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

import tensorflow as tf

from fmnist_tf.compat import higher_is_better
from fmnist_tf.curves.averages import Average
from fmnist_tf.curves.operating import ConstrainedBest
from fmnist_tf.curves.readers import ThresholdsOf
from fmnist_tf.metrics import arguments
from fmnist_tf.metrics.base import registered
from fmnist_tf.metrics.histograms import DEFAULT_NUM_BINS, HistogramMetric, certain_bounds

# A mixin adds no level to the inheritance below keras.metrics.Metric; for the type checker it is a HistogramMetric.
if TYPE_CHECKING:
    HistogramMetricLike = HistogramMetric
else:
    HistogramMetricLike = object


class ConstrainedMetric(HistogramMetricLike):
    """The part of a metric that is the largest value of one rate where another is at least a number; a mixin."""

    #: The rate that is made as large as possible, and the one that must be at least a number; keys of `RATES`.
    objective: ClassVar[str]
    constraint: ClassVar[str]
    #: The constructor's argument that is this number.
    argument: ClassVar[str]
    bounds = certain_bounds

    @property
    def _measure(self) -> ConstrainedBest:
        return ConstrainedBest(self.objective, self.constraint, getattr(self, self.argument))

    @property
    def thresholds(self) -> tf.Tensor:
        """The threshold of each class that a score must exceed, float64 (C,); NaN where none attains the constraint.

        Of a single column (1,), with `average=None` (2,); no is a score of yes that does not exceed the threshold. Each
        is a float32 number: applied to scores of float32 or narrower it attains the result exactly. Float64 has numbers
        between it and the bin above; cast such scores to float32 before they are counted and compared.
        """
        return self._read(ThresholdsOf(self._measure, self._averaging(self)))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, JSON-ready."""
        return {**super().get_config(), self.argument: getattr(self, self.argument)}


@registered
@higher_is_better
class RecallAtPrecision(ConstrainedMetric, HistogramMetric):
    """The largest recall tp / (tp + fn) at the thresholds where precision is at least `precision`.

    The value is that of the best edge between bins: `num_bins` + 1 thresholds, the best of which is in `thresholds` and
    attains the value exactly. The optimum over all thresholds is at least the value, and lies within `bounds`, (low,
    high), for certain. 0 where no threshold attains the constraint; NaN for a class without positives.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update.
        precision: the least precision that is asked for, from 0 to 1.
        average: "auto", the mean over the classes that have a value, of a single column the value of yes; "macro", the
            same mean; "weighted", the mean weighted by support; "micro", the value of all classes as one question;
            None, one value a class. Of a single column None gives no and yes, and the other three are refused, since
            libraries differ in what they mean.
        class_id: the value of this class alone, a scalar; of a single column 0 is no and 1 is yes.
        target_class_ids: the classes that averages run over, as in `keras.metrics.IoU`; None for all. The samples of
            the others count as negatives.
        multi_label: each column is a binary question, and `y_true` holds 0 or 1 for each; otherwise several columns are
            classes that exclude each other.
        from_logits: `y_pred` holds logits, whose softmax, or of binary columns sigmoid, is the probability. Without it
            a score outside 0 to 1 is invalid; nothing is guessed from the values.
        num_bins: bins a class, and so thresholds to choose from, at least 3, of 16 bytes each. A quarter of the default
            makes the score about twice as cheap to read, and its bounds four times as wide.
        ignore_class: a label, or several, whose samples are left out; of binary columns the entries that hold it. An
            ignored class is in no average.
        on_invalid: "raise" makes `result()` raise (in a graph: NaN) once there was a label outside the classes, a NaN
            score, a score outside 0 to 1, or a bad weight; "skip" leaves such samples out and keeps their number in
            `invalid`.
        name: key in the logs; by default "recall_at_precision", with `class_id=2` "recall_at_precision/2".
        dtype: dtype of the result; the state is float64.

    Returns:
        `result()`: float tensor (), or with `average=None` (C,), of a single column (2,).

    Raises:
        ValueError: a bad argument; `y_pred` that holds no float scores; shapes that do not fit together; in `result()`
            invalid samples.

    Source: Eban et al., Scalable learning of non-decomposable objectives, AISTATS 2017.

    Example:
        >>> metric = RecallAtPrecision(precision=0.5)
        >>> metric.update_state([0, 1, 1, 0], [0.0, 0.5, 0.7, 0.8])
        >>> round(float(metric.result()), 4)
        1.0
    """

    _shows_precision = True
    default_name = "recall_at_precision"
    objective, constraint, argument = "recall", "precision", "precision"

    def __init__(
        self,
        num_classes: int | None = None,
        *,
        precision: float,
        average: Average = "auto",
        class_id: int | None = None,
        target_class_ids: Iterable[int] | None = None,
        multi_label: bool = False,
        from_logits: bool = False,
        num_bins: int = DEFAULT_NUM_BINS,
        ignore_class: int | Iterable[int] | None = None,
        on_invalid: str = "raise",
        name: str | None = None,
        dtype: str | None = None,
    ):
        self.precision = arguments.check_share("precision", precision)
        super().__init__(
            num_classes,
            average=average,
            class_id=class_id,
            target_class_ids=target_class_ids,
            multi_label=multi_label,
            from_logits=from_logits,
            num_bins=num_bins,
            ignore_class=ignore_class,
            on_invalid=on_invalid,
            name=name,
            dtype=dtype,
        )


@registered
@higher_is_better
class PrecisionAtRecall(ConstrainedMetric, HistogramMetric):
    """The largest precision tp / (tp + fp) at the thresholds where recall is at least `recall`.

    The value is that of the best edge between bins: `num_bins` + 1 thresholds, the best of which is in `thresholds` and
    attains the value exactly. The optimum over all thresholds is at least the value, and lies within `bounds`, (low,
    high), for certain. 0 where no threshold attains the constraint; NaN for a class without positives.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update.
        recall: the least recall that is asked for, from 0 to 1.
        average: "auto", the mean over the classes that have a value, of a single column the value of yes; "macro", the
            same mean; "weighted", the mean weighted by support; "micro", the value of all classes as one question;
            None, one value a class. Of a single column None gives no and yes, and the other three are refused, since
            libraries differ in what they mean.
        class_id: the value of this class alone, a scalar; of a single column 0 is no and 1 is yes.
        target_class_ids: the classes that averages run over, as in `keras.metrics.IoU`; None for all. The samples of
            the others count as negatives.
        multi_label: each column is a binary question, and `y_true` holds 0 or 1 for each; otherwise several columns are
            classes that exclude each other.
        from_logits: `y_pred` holds logits, whose softmax, or of binary columns sigmoid, is the probability. Without it
            a score outside 0 to 1 is invalid; nothing is guessed from the values.
        num_bins: bins a class, and so thresholds to choose from, at least 3, of 16 bytes each. A quarter of the default
            makes the score about twice as cheap to read, and its bounds four times as wide.
        ignore_class: a label, or several, whose samples are left out; of binary columns the entries that hold it. An
            ignored class is in no average.
        on_invalid: "raise" makes `result()` raise (in a graph: NaN) once there was a label outside the classes, a NaN
            score, a score outside 0 to 1, or a bad weight; "skip" leaves such samples out and keeps their number in
            `invalid`.
        name: key in the logs; by default "precision_at_recall", with `class_id=2` "precision_at_recall/2".
        dtype: dtype of the result; the state is float64.

    Returns:
        `result()`: float tensor (), or with `average=None` (C,), of a single column (2,).

    Raises:
        ValueError: a bad argument; `y_pred` that holds no float scores; shapes that do not fit together; in `result()`
            invalid samples.

    Source: Eban et al., Scalable learning of non-decomposable objectives, AISTATS 2017.

    Example:
        >>> metric = PrecisionAtRecall(recall=0.5)
        >>> metric.update_state([0, 1, 1, 0], [0.0, 0.5, 0.7, 0.8])
        >>> round(float(metric.result()), 4)
        0.6667
    """

    _shows_precision = True
    default_name = "precision_at_recall"
    objective, constraint, argument = "precision", "recall", "recall"

    def __init__(
        self,
        num_classes: int | None = None,
        *,
        recall: float,
        average: Average = "auto",
        class_id: int | None = None,
        target_class_ids: Iterable[int] | None = None,
        multi_label: bool = False,
        from_logits: bool = False,
        num_bins: int = DEFAULT_NUM_BINS,
        ignore_class: int | Iterable[int] | None = None,
        on_invalid: str = "raise",
        name: str | None = None,
        dtype: str | None = None,
    ):
        self.recall = arguments.check_share("recall", recall)
        super().__init__(
            num_classes,
            average=average,
            class_id=class_id,
            target_class_ids=target_class_ids,
            multi_label=multi_label,
            from_logits=from_logits,
            num_bins=num_bins,
            ignore_class=ignore_class,
            on_invalid=on_invalid,
            name=name,
            dtype=dtype,
        )
