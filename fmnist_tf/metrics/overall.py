"""Overall scores of all classes together as Keras metrics."""

from collections.abc import Iterable
from typing import Any

from fmnist_tf.metrics.base import registered
from fmnist_tf.metrics.table import AveragedMetric
from fmnist_tf.scores import Average, table


@registered
class Accuracy(AveragedMetric):
    """Accuracy, the share that is right: sum(tp) / total; of columns (tp + tn) / total over all entries.

    Of columns it is the share of all entries that are counted; with `HammingLoss` it adds up to 1. `ExactMatch` asks
    that a whole row be right.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update. Needed
            where predictions are class ids.
        average: of binary columns "auto" or "micro", the share of all entries; "macro" or "weighted", a mean over
            columns; "samples", a mean over rows; None, one value a column. A multiclass problem has one overall score
            and takes no average.
        class_id: the score of this class alone, as a scalar, in place of an average; of one binary column 0 is no and 1
            is yes.
        target_class_ids: the columns that averages run over; None for all. The overall multiclass score is that of all
            rows.
        threshold: None where the largest score wins (of one column: 0.5); else what a score must exceed for yes, in
            every column; several numbers become the first axis of the result.
        from_logits: whether scores of columns are logits; the threshold stays a probability, 0.5 where none is given.
            No effect on multiclass scores.
        ignore_class: a label, or several, whose rows (with a threshold, entries) are left out; averages leave it out.
        zero_division: the value of 0/0; nan leaves such classes out of a mean.
        on_invalid: "raise" makes `result()` raise, in a graph return NaN, once a row could not be counted; "skip" keeps
            the number of such rows in `invalid` alone.
        name: key in the logs; "accuracy", with `class_id` followed by "/" and the class, by default.
        dtype: dtype of the result alone; None for Keras' default. Counts are float64.

    Returns:
        A scalar of the metric's dtype; of columns with `average=None` (C,), with several thresholds (T,) or (T, C).

    Raises:
        ValueError: arguments or shapes that do not fit; `average` for multiclass input; in `result()` for invalid rows.

    Source: Sokolova and Lapalme, A systematic analysis of performance measures, IPM 45, 2009.

    Example:
        >>> metric = Accuracy(3)
        >>> metric.update_state([0, 1, 2, 1], [0, 1, 1, 1])
        >>> round(float(metric.result()), 4)
        0.75
    """

    score = table.accuracy


@registered
class BalancedAccuracy(AveragedMetric):
    """Balanced accuracy: the mean of tp / (tp + fn) over the classes that occur in `y_true`.

    Of a binary column it is the mean of sensitivity and specificity. Adjusted for chance it is (b - 1/n) / (1 - 1/n)
    of n classes that occur, as in scikit-learn: 0 for guessing, 1 for no errors, 0/0 where one class occurs.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update. Needed
            where predictions are class ids.
        adjusted: whether to adjust for chance.
        average: of binary columns "auto" or "macro", the mean over columns, "micro", "weighted", "samples" (the mean
            over rows of the score of a row), or None, one value a column. A multiclass problem has one overall score
            and takes no average.
        class_id: the score of this class alone, as a scalar, in place of an average; of one binary column 0 is no and 1
            is yes.
        target_class_ids: the classes that averages run over, all rows being kept; None for all.
        threshold: None where the largest score wins (of one column: 0.5); else what a score must exceed for yes, in
            every column; several numbers become the first axis of the result.
        from_logits: whether scores of columns are logits; the threshold stays a probability, 0.5 where none is given.
            No effect on multiclass scores.
        ignore_class: a label, or several, whose rows (with a threshold, entries) are left out; averages leave it out.
        zero_division: the value of 0/0; nan leaves such classes out of a mean.
        on_invalid: "raise" makes `result()` raise, in a graph return NaN, once a row could not be counted; "skip" keeps
            the number of such rows in `invalid` alone.
        name: key in the logs; "balanced_accuracy", or "adjusted_balanced_accuracy", with `class_id` followed by "/" and
            the class, by default.
        dtype: dtype of the result alone; None for Keras' default. Counts are float64.

    Returns:
        A scalar of the metric's dtype; of columns with `average=None` (C,), with several thresholds (T,) or (T, C).

    Raises:
        ValueError: arguments or shapes that do not fit; `average` for multiclass input; in `result()` for invalid rows.

    Source: Brodersen et al., The balanced accuracy and its posterior distribution, ICPR 2010.

    Example:
        >>> metric = BalancedAccuracy(3)
        >>> metric.update_state([0, 1, 2, 1], [0, 1, 1, 1])
        >>> round(float(metric.result()), 4)
        0.6667
        >>> adjusted = BalancedAccuracy(3, adjusted=True)
        >>> adjusted.update_state([0, 1, 2, 1], [0, 1, 1, 1])
        >>> float(adjusted.result())
        0.5
    """

    score = table.balanced_accuracy

    def __init__(
        self,
        num_classes: int | None = None,
        *,
        adjusted: bool = False,
        average: Average = "auto",
        class_id: int | None = None,
        target_class_ids: Iterable[int] | None = None,
        threshold: float | Iterable[float] | None = None,
        from_logits: bool = False,
        ignore_class: int | Iterable[int] | None = None,
        zero_division: float = 0.0,
        on_invalid: str = "raise",
        name: str | None = None,
        dtype: str | None = None,
    ):
        self.adjusted = bool(adjusted)
        if self.adjusted:
            self.score = table.adjusted_balanced_accuracy
            self.default_name = self.score.name
        super().__init__(
            num_classes,
            average=average,
            class_id=class_id,
            target_class_ids=target_class_ids,
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
        return {**super().get_config(), "adjusted": self.adjusted}


@registered
class MatthewsCorrelation(AveragedMetric):
    """Matthews correlation: (tp tn - fp fn) / sqrt((tp + fp)(tp + fn)(tn + fp)(tn + fn)).

    Of a multiclass problem it is Gorodkin's R_K, the correlation of true and predicted classes; from -1 to 1,
    chance at 0.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update. Needed
            where predictions are class ids.
        average: of binary columns "auto" or "macro", the mean over columns, "micro", "weighted", "samples" (the mean
            over rows of the score of a row), or None, one value a column. A multiclass problem has one overall score
            and takes no average.
        class_id: the score of this class alone, as a scalar, in place of an average; of one binary column 0 is no and 1
            is yes.
        target_class_ids: the columns that averages run over; None for all. The overall multiclass score is that of all
            rows.
        threshold: None where the largest score wins (of one column: 0.5); else what a score must exceed for yes, in
            every column; several numbers become the first axis of the result.
        from_logits: whether scores of columns are logits; the threshold stays a probability, 0.5 where none is given.
            No effect on multiclass scores.
        ignore_class: a label, or several, whose rows (with a threshold, entries) are left out; averages leave it out.
        zero_division: the value of 0/0; nan leaves such classes out of a mean.
        on_invalid: "raise" makes `result()` raise, in a graph return NaN, once a row could not be counted; "skip" keeps
            the number of such rows in `invalid` alone.
        name: key in the logs; "matthews_correlation", with `class_id` followed by "/" and the class, by default.
        dtype: dtype of the result alone; None for Keras' default. Counts are float64.

    Returns:
        A scalar of the metric's dtype; of columns with `average=None` (C,), with several thresholds (T,) or (T, C).

    Raises:
        ValueError: arguments or shapes that do not fit; `average` for multiclass input; in `result()` for invalid rows.

    Source: Matthews, BBA 405, 1975; Gorodkin, Computational Biology and Chemistry 28, 2004.

    Example:
        >>> metric = MatthewsCorrelation(3)
        >>> metric.update_state([0, 1, 2, 1], [0, 1, 1, 1])
        >>> round(float(metric.result()), 4)
        0.6455
    """

    score = table.matthews_correlation


@registered
class GeometricMean(AveragedMetric):
    """Geometric mean of the recalls of the classes that occur; of a column sqrt(sensitivity x specificity).

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update. Needed
            where predictions are class ids.
        average: of binary columns "auto" or "macro", the mean over columns, "micro", "weighted", "samples" (the mean
            over rows of the score of a row), or None, one value a column. A multiclass problem has one overall score
            and takes no average.
        class_id: the score of this class alone, as a scalar, in place of an average; of one binary column 0 is no and 1
            is yes.
        target_class_ids: the classes that averages run over, all rows being kept; None for all.
        threshold: None where the largest score wins (of one column: 0.5); else what a score must exceed for yes, in
            every column; several numbers become the first axis of the result.
        from_logits: whether scores of columns are logits; the threshold stays a probability, 0.5 where none is given.
            No effect on multiclass scores.
        ignore_class: a label, or several, whose rows (with a threshold, entries) are left out; averages leave it out.
        zero_division: the value of 0/0; nan leaves such classes out of a mean.
        on_invalid: "raise" makes `result()` raise, in a graph return NaN, once a row could not be counted; "skip" keeps
            the number of such rows in `invalid` alone.
        name: key in the logs; "geometric_mean", with `class_id` followed by "/" and the class, by default.
        dtype: dtype of the result alone; None for Keras' default. Counts are float64.

    Returns:
        A scalar of the metric's dtype; of columns with `average=None` (C,), with several thresholds (T,) or (T, C).

    Raises:
        ValueError: arguments or shapes that do not fit; `average` for multiclass input; in `result()` for invalid rows.

    Source: Kubat and Matwin, Addressing the curse of imbalanced training sets, ICML 1997.

    Example:
        >>> metric = GeometricMean(3)
        >>> metric.update_state([0, 1, 2, 1], [0, 1, 1, 1])
        >>> round(float(metric.result()), 4)
        0.0
    """

    score = table.geometric_mean


@registered
class HammingLoss(AveragedMetric):
    """Hamming loss, the share that is wrong: sum(fn) / total; of columns (fp + fn) / total over all entries.

    Less is better; with `Accuracy` it adds up to 1.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update. Needed
            where predictions are class ids.
        average: of binary columns "auto" or "micro", the share of all entries; "macro" or "weighted", a mean over
            columns; "samples", a mean over rows; None, one value a column. A multiclass problem has one overall score
            and takes no average.
        class_id: the score of this class alone, as a scalar, in place of an average; of one binary column 0 is no and 1
            is yes.
        target_class_ids: the columns that averages run over; None for all. The overall multiclass score is that of all
            rows.
        threshold: None where the largest score wins (of one column: 0.5); else what a score must exceed for yes, in
            every column; several numbers become the first axis of the result.
        from_logits: whether scores of columns are logits; the threshold stays a probability, 0.5 where none is given.
            No effect on multiclass scores.
        ignore_class: a label, or several, whose rows (with a threshold, entries) are left out; averages leave it out.
        zero_division: the value of 0/0; nan leaves such classes out of a mean.
        on_invalid: "raise" makes `result()` raise, in a graph return NaN, once a row could not be counted; "skip" keeps
            the number of such rows in `invalid` alone.
        name: key in the logs; "hamming_loss", with `class_id` followed by "/" and the class, by default.
        dtype: dtype of the result alone; None for Keras' default. Counts are float64.

    Returns:
        A scalar of the metric's dtype; of columns with `average=None` (C,), with several thresholds (T,) or (T, C).

    Raises:
        ValueError: arguments or shapes that do not fit; `average` for multiclass input; in `result()` for invalid rows.

    Source: Schapire and Singer, BoosTexter, Machine Learning 39, 2000.

    Example:
        >>> metric = HammingLoss(3)
        >>> metric.update_state([0, 1, 2, 1], [0, 1, 1, 1])
        >>> round(float(metric.result()), 4)
        0.25
    """

    score = table.hamming_loss
