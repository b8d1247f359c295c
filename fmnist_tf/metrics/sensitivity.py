"""The best of sensitivity or specificity where the other must be at least a number: two Keras metrics with bounds."""

from collections.abc import Iterable

from fmnist_tf.compat import higher_is_better
from fmnist_tf.curves.averages import Average
from fmnist_tf.metrics import arguments
from fmnist_tf.metrics.base import registered
from fmnist_tf.metrics.histograms import DEFAULT_NUM_BINS, HistogramMetric
from fmnist_tf.metrics.operating import ConstrainedMetric


@registered
@higher_is_better
class SensitivityAtSpecificity(ConstrainedMetric, HistogramMetric):
    """The largest sensitivity tp / (tp + fn) at the thresholds where specificity is at least `specificity`.

    The value is that of the best edge between bins: `num_bins` + 1 thresholds, the best of which is in `thresholds` and
    attains the value exactly. The optimum over all thresholds is at least the value, and lies within `bounds`, (low,
    high), for certain. 0 where no threshold attains the constraint; NaN for a class without positives or negatives.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update.
        specificity: the least specificity that is asked for, from 0 to 1.
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
        name: key in the logs; by default "sensitivity_at_specificity", with `class_id=2`
            "sensitivity_at_specificity/2".
        dtype: dtype of the result; the state is float64.

    Returns:
        `result()`: float tensor (), or with `average=None` (C,), of a single column (2,).

    Raises:
        ValueError: a bad argument; `y_pred` that holds no float scores; shapes that do not fit together; in `result()`
            invalid samples.

    Source: Fawcett, An introduction to ROC analysis, Pattern Recognition Letters 27, 2006.

    Example:
        >>> metric = SensitivityAtSpecificity(specificity=0.5)
        >>> metric.update_state([0, 1, 1, 1], [0.0, 0.5, 0.4, 0.1])
        >>> round(float(metric.result()), 4)
        1.0
    """

    default_name = "sensitivity_at_specificity"
    objective, constraint, argument = "recall", "specificity", "specificity"

    def __init__(
        self,
        num_classes: int | None = None,
        *,
        specificity: float,
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
        self.specificity = arguments.check_share("specificity", specificity)
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
class SpecificityAtSensitivity(ConstrainedMetric, HistogramMetric):
    """The largest specificity tn / (tn + fp) at the thresholds where sensitivity is at least `sensitivity`.

    The value is that of the best edge between bins: `num_bins` + 1 thresholds, the best of which is in `thresholds` and
    attains the value exactly. The optimum over all thresholds is at least the value, and lies within `bounds`, (low,
    high), for certain. 0 where no threshold attains the constraint; NaN for a class without positives or negatives.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update.
        sensitivity: the least sensitivity that is asked for, from 0 to 1.
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
        name: key in the logs; by default "specificity_at_sensitivity", with `class_id=2`
            "specificity_at_sensitivity/2".
        dtype: dtype of the result; the state is float64.

    Returns:
        `result()`: float tensor (), or with `average=None` (C,), of a single column (2,).

    Raises:
        ValueError: a bad argument; `y_pred` that holds no float scores; shapes that do not fit together; in `result()`
            invalid samples.

    Source: Fawcett, An introduction to ROC analysis, Pattern Recognition Letters 27, 2006.

    Example:
        >>> metric = SpecificityAtSensitivity(sensitivity=0.5)
        >>> metric.update_state([0, 1, 1, 1], [0.0, 0.5, 0.4, 0.1])
        >>> round(float(metric.result()), 4)
        1.0
    """

    default_name = "specificity_at_sensitivity"
    objective, constraint, argument = "specificity", "recall", "sensitivity"

    def __init__(
        self,
        num_classes: int | None = None,
        *,
        sensitivity: float,
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
        self.sensitivity = arguments.check_share("sensitivity", sensitivity)
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
