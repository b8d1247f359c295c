"""Rates of one row or column of the 2 x 2 table as Keras metrics: precision, recall, specificity and the others."""

from fmnist_tf.metrics.base import registered
from fmnist_tf.metrics.table import AveragedMetric, TopKMetric
from fmnist_tf.scores import table


@registered
class Precision(TopKMetric):
    """Precision, positive predictive value: tp / (tp + fp).

    The share of predictions of a class that are right.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update. Needed
            where predictions are class ids.
        average: "auto", the mean over classes or columns, of one binary column the score of yes; "macro", the mean over
            classes or columns; "micro", the score of the pooled counts; "weighted", the mean weighted by support;
            "samples", of columns the mean over rows of the score of a row; None, one value a class.
        class_id: the score of this class alone, as a scalar, in place of an average; of one binary column 0 is no and 1
            is yes.
        target_class_ids: the classes that averages run over, all rows being kept; None for all.
        top_k: None, or how many of the largest scores of a row say yes, the lower index first on a tie. Each class is
            then a binary column, and class ids as labels are read as one-hot. With a threshold yes are those of the k
            largest scores that exceed it, as in Keras.
        threshold: None where the largest score wins (of one column: 0.5); else what a score must exceed for yes, in
            every column; several numbers become the first axis of the result.
        from_logits: whether scores of columns are logits; the threshold stays a probability, 0.5 where none is given.
            No effect on multiclass scores.
        ignore_class: a label, or several, whose rows (with a threshold, entries) are left out; averages leave it out.
        zero_division: the value of 0/0; nan leaves such classes out of a mean.
        on_invalid: "raise" makes `result()` raise, in a graph return NaN, once a row could not be counted; "skip" keeps
            the number of such rows in `invalid` alone.
        name: key in the logs; "precision", with `class_id` followed by "/" and the class, by default.
        dtype: dtype of the result alone; None for Keras' default. Counts are float64.

    Returns:
        A scalar of the metric's dtype; with `average=None` (C,), of one binary column (2,), no and yes, NaN for classes
        that are left out; with several thresholds (T,) or (T, C).

    Raises:
        ValueError: arguments or shapes that do not fit; an average by argument of one binary column, which libraries
            read in two ways; in `result()` for invalid rows.

    Source: van Rijsbergen, Information Retrieval, 2nd edition, 1979, chapter 7.

    Example:
        >>> metric = Precision(3)
        >>> metric.update_state([0, 1, 2, 1], [0, 1, 1, 1])
        >>> round(float(metric.result()), 4)
        0.5556
    """

    score = table.precision


@registered
class Recall(TopKMetric):
    """Recall, sensitivity, true positive rate: tp / (tp + fn).

    The share of the samples of a class that are found.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update. Needed
            where predictions are class ids.
        average: "auto", the mean over classes or columns, of one binary column the score of yes; "macro", the mean over
            classes or columns; "micro", the score of the pooled counts; "weighted", the mean weighted by support;
            "samples", of columns the mean over rows of the score of a row; None, one value a class.
        class_id: the score of this class alone, as a scalar, in place of an average; of one binary column 0 is no and 1
            is yes.
        target_class_ids: the classes that averages run over, all rows being kept; None for all.
        top_k: None, or how many of the largest scores of a row say yes, the lower index first on a tie. Each class is
            then a binary column, and class ids as labels are read as one-hot. With a threshold yes are those of the k
            largest scores that exceed it, as in Keras.
        threshold: None where the largest score wins (of one column: 0.5); else what a score must exceed for yes, in
            every column; several numbers become the first axis of the result.
        from_logits: whether scores of columns are logits; the threshold stays a probability, 0.5 where none is given.
            No effect on multiclass scores.
        ignore_class: a label, or several, whose rows (with a threshold, entries) are left out; averages leave it out.
        zero_division: the value of 0/0; nan leaves such classes out of a mean.
        on_invalid: "raise" makes `result()` raise, in a graph return NaN, once a row could not be counted; "skip" keeps
            the number of such rows in `invalid` alone.
        name: key in the logs; "recall", with `class_id` followed by "/" and the class, by default.
        dtype: dtype of the result alone; None for Keras' default. Counts are float64.

    Returns:
        A scalar of the metric's dtype; with `average=None` (C,), of one binary column (2,), no and yes, NaN for classes
        that are left out; with several thresholds (T,) or (T, C).

    Raises:
        ValueError: arguments or shapes that do not fit; an average by argument of one binary column, which libraries
            read in two ways; in `result()` for invalid rows.

    Source: van Rijsbergen, Information Retrieval, 2nd edition, 1979, chapter 7.

    Example:
        >>> metric = Recall(3)
        >>> metric.update_state([0, 1, 2, 1], [0, 1, 1, 1])
        >>> round(float(metric.result()), 4)
        0.6667
    """

    score = table.recall


@registered
class Specificity(AveragedMetric):
    """Specificity, true negative rate: tn / (tn + fp).

    The share of the samples of other classes that are not predicted as this one.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update. Needed
            where predictions are class ids.
        average: "auto", the mean over classes or columns, of one binary column the score of yes; "macro", the mean over
            classes or columns; "micro", the score of the pooled counts; "weighted", the mean weighted by support;
            "samples", of columns the mean over rows of the score of a row; None, one value a class.
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
        name: key in the logs; "specificity", with `class_id` followed by "/" and the class, by default.
        dtype: dtype of the result alone; None for Keras' default. Counts are float64.

    Returns:
        A scalar of the metric's dtype; with `average=None` (C,), of one binary column (2,), no and yes, NaN for classes
        that are left out; with several thresholds (T,) or (T, C).

    Raises:
        ValueError: arguments or shapes that do not fit; an average by argument of one binary column, which libraries
            read in two ways; in `result()` for invalid rows.

    Source: Yerushalmy, Statistical problems in assessing methods of medical diagnosis, Public Health Reports 62, 1947.

    Example:
        >>> metric = Specificity(3)
        >>> metric.update_state([0, 1, 2, 1], [0, 1, 1, 1])
        >>> round(float(metric.result()), 4)
        0.8333
    """

    score = table.specificity


@registered
class NegativePredictiveValue(AveragedMetric):
    """Negative predictive value: tn / (tn + fn).

    The share of predictions of other classes that are right not to be of this one.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update. Needed
            where predictions are class ids.
        average: "auto", the mean over classes or columns, of one binary column the score of yes; "macro", the mean over
            classes or columns; "micro", the score of the pooled counts; "weighted", the mean weighted by support;
            "samples", of columns the mean over rows of the score of a row; None, one value a class.
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
        name: key in the logs; "negative_predictive_value", with `class_id` followed by "/" and the class, by default.
        dtype: dtype of the result alone; None for Keras' default. Counts are float64.

    Returns:
        A scalar of the metric's dtype; with `average=None` (C,), of one binary column (2,), no and yes, NaN for classes
        that are left out; with several thresholds (T,) or (T, C).

    Raises:
        ValueError: arguments or shapes that do not fit; an average by argument of one binary column, which libraries
            read in two ways; in `result()` for invalid rows.

    Source: Altman and Bland, Diagnostic tests 2: predictive values, BMJ 309, 1994.

    Example:
        >>> metric = NegativePredictiveValue(3)
        >>> metric.update_state([0, 1, 2, 1], [0, 1, 1, 1])
        >>> round(float(metric.result()), 4)
        0.9167
    """

    score = table.negative_predictive_value
