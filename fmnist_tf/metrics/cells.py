"""The four cells of the 2 x 2 table as Keras metrics, to log them as numbers of samples."""

from fmnist_tf.metrics.base import registered
from fmnist_tf.metrics.table import AveragedMetric
from fmnist_tf.scores import table


@registered
class TruePositives(AveragedMetric):
    """True positives: tp, the number of samples of a class that are predicted as it.

    With `sample_weight` it is the sum of their weights. Without an average it is the sum over classes or columns, as
    the metric of this name in Keras sums over columns. More is better.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update. Needed
            where predictions are class ids.
        average: "auto" or "micro", the sum over classes or columns, of one binary column the number of yes; "macro" and
            "weighted", a mean over classes or columns; None, one number a class.
        class_id: the number of this class alone, as a scalar, in place of a sum; of one binary column 0 is no and 1 is
            yes.
        target_class_ids: the classes that sums run over, all rows being kept; None for all.
        threshold: None where the largest score wins (of one column: 0.5); else what a score must exceed for yes, in
            every column; several numbers become the first axis of the result.
        from_logits: whether scores of columns are logits; the threshold stays a probability, 0.5 where none is given.
            No effect on multiclass scores.
        ignore_class: a label, or several, whose rows (with a threshold, entries) are left out; sums leave it out.
        zero_division: has no effect, since nothing is divided.
        on_invalid: "raise" makes `result()` raise, in a graph return NaN, once a row could not be counted; "skip" keeps
            the number of such rows in `invalid` alone.
        name: key in the logs; "true_positives", with `class_id` followed by "/" and the class, by default.
        dtype: dtype of the result alone; "float64" by default, since float32 holds no count beyond 2**24.

    Returns:
        A scalar of the metric's dtype; with `average=None` (C,), of one binary column (2,), no and yes, NaN for classes
        that are left out; with several thresholds (T,) or (T, C).

    Raises:
        ValueError: arguments or shapes that do not fit; average="samples", which has no meaning for a number; an
            average by argument of one binary column, which libraries read in two ways; in `result()` for invalid rows.

    Source: Fawcett, An introduction to ROC analysis, Pattern Recognition Letters 27, 2006.

    Example:
        >>> metric = TruePositives(3)
        >>> metric.update_state([0, 1, 2, 1], [0, 1, 1, 1])
        >>> float(metric.result())
        3.0
    """

    score, default_dtype = table.true_positives, "float64"


@registered
class FalsePositives(AveragedMetric):
    """False positives: fp, the number of samples of other classes that are predicted as this one.

    With `sample_weight` it is the sum of their weights. Without an average it is the sum over classes or columns, as
    the metric of this name in Keras sums over columns. Less is better.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update. Needed
            where predictions are class ids.
        average: "auto" or "micro", the sum over classes or columns, of one binary column the number of yes; "macro" and
            "weighted", a mean over classes or columns; None, one number a class.
        class_id: the number of this class alone, as a scalar, in place of a sum; of one binary column 0 is no and 1 is
            yes.
        target_class_ids: the classes that sums run over, all rows being kept; None for all.
        threshold: None where the largest score wins (of one column: 0.5); else what a score must exceed for yes, in
            every column; several numbers become the first axis of the result.
        from_logits: whether scores of columns are logits; the threshold stays a probability, 0.5 where none is given.
            No effect on multiclass scores.
        ignore_class: a label, or several, whose rows (with a threshold, entries) are left out; sums leave it out.
        zero_division: has no effect, since nothing is divided.
        on_invalid: "raise" makes `result()` raise, in a graph return NaN, once a row could not be counted; "skip" keeps
            the number of such rows in `invalid` alone.
        name: key in the logs; "false_positives", with `class_id` followed by "/" and the class, by default.
        dtype: dtype of the result alone; "float64" by default, since float32 holds no count beyond 2**24.

    Returns:
        A scalar of the metric's dtype; with `average=None` (C,), of one binary column (2,), no and yes, NaN for classes
        that are left out; with several thresholds (T,) or (T, C).

    Raises:
        ValueError: arguments or shapes that do not fit; average="samples", which has no meaning for a number; an
            average by argument of one binary column, which libraries read in two ways; in `result()` for invalid rows.

    Source: Fawcett, An introduction to ROC analysis, Pattern Recognition Letters 27, 2006.

    Example:
        >>> metric = FalsePositives(3)
        >>> metric.update_state([0, 1, 2, 1], [0, 1, 1, 1])
        >>> float(metric.result())
        1.0
    """

    score, default_dtype = table.false_positives, "float64"


@registered
class TrueNegatives(AveragedMetric):
    """True negatives: tn, the number of samples of other classes that are predicted as others.

    With `sample_weight` it is the sum of their weights. Without an average it is the sum over classes or columns, as
    the metric of this name in Keras sums over columns. More is better.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update. Needed
            where predictions are class ids.
        average: "auto" or "micro", the sum over classes or columns, of one binary column the number of yes; "macro" and
            "weighted", a mean over classes or columns; None, one number a class.
        class_id: the number of this class alone, as a scalar, in place of a sum; of one binary column 0 is no and 1 is
            yes.
        target_class_ids: the classes that sums run over, all rows being kept; None for all.
        threshold: None where the largest score wins (of one column: 0.5); else what a score must exceed for yes, in
            every column; several numbers become the first axis of the result.
        from_logits: whether scores of columns are logits; the threshold stays a probability, 0.5 where none is given.
            No effect on multiclass scores.
        ignore_class: a label, or several, whose rows (with a threshold, entries) are left out; sums leave it out.
        zero_division: has no effect, since nothing is divided.
        on_invalid: "raise" makes `result()` raise, in a graph return NaN, once a row could not be counted; "skip" keeps
            the number of such rows in `invalid` alone.
        name: key in the logs; "true_negatives", with `class_id` followed by "/" and the class, by default.
        dtype: dtype of the result alone; "float64" by default, since float32 holds no count beyond 2**24.

    Returns:
        A scalar of the metric's dtype; with `average=None` (C,), of one binary column (2,), no and yes, NaN for classes
        that are left out; with several thresholds (T,) or (T, C).

    Raises:
        ValueError: arguments or shapes that do not fit; average="samples", which has no meaning for a number; an
            average by argument of one binary column, which libraries read in two ways; in `result()` for invalid rows.

    Source: Fawcett, An introduction to ROC analysis, Pattern Recognition Letters 27, 2006.

    Example:
        >>> metric = TrueNegatives(3)
        >>> metric.update_state([0, 1, 2, 1], [0, 1, 1, 1])
        >>> float(metric.result())
        7.0
    """

    score, default_dtype = table.true_negatives, "float64"


@registered
class FalseNegatives(AveragedMetric):
    """False negatives: fn, the number of samples of a class that are predicted as others.

    With `sample_weight` it is the sum of their weights. Without an average it is the sum over classes or columns, as
    the metric of this name in Keras sums over columns. Less is better.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update. Needed
            where predictions are class ids.
        average: "auto" or "micro", the sum over classes or columns, of one binary column the number of yes; "macro" and
            "weighted", a mean over classes or columns; None, one number a class.
        class_id: the number of this class alone, as a scalar, in place of a sum; of one binary column 0 is no and 1 is
            yes.
        target_class_ids: the classes that sums run over, all rows being kept; None for all.
        threshold: None where the largest score wins (of one column: 0.5); else what a score must exceed for yes, in
            every column; several numbers become the first axis of the result.
        from_logits: whether scores of columns are logits; the threshold stays a probability, 0.5 where none is given.
            No effect on multiclass scores.
        ignore_class: a label, or several, whose rows (with a threshold, entries) are left out; sums leave it out.
        zero_division: has no effect, since nothing is divided.
        on_invalid: "raise" makes `result()` raise, in a graph return NaN, once a row could not be counted; "skip" keeps
            the number of such rows in `invalid` alone.
        name: key in the logs; "false_negatives", with `class_id` followed by "/" and the class, by default.
        dtype: dtype of the result alone; "float64" by default, since float32 holds no count beyond 2**24.

    Returns:
        A scalar of the metric's dtype; with `average=None` (C,), of one binary column (2,), no and yes, NaN for classes
        that are left out; with several thresholds (T,) or (T, C).

    Raises:
        ValueError: arguments or shapes that do not fit; average="samples", which has no meaning for a number; an
            average by argument of one binary column, which libraries read in two ways; in `result()` for invalid rows.

    Source: Fawcett, An introduction to ROC analysis, Pattern Recognition Letters 27, 2006.

    Example:
        >>> metric = FalseNegatives(3)
        >>> metric.update_state([0, 1, 2, 1], [0, 1, 1, 1])
        >>> float(metric.result())
        1.0
    """

    score, default_dtype = table.false_negatives, "float64"
