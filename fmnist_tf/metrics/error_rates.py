"""Error rates and prevalences of one row or column of the 2 x 2 table as Keras metrics."""

from fmnist_tf.metrics.base import registered
from fmnist_tf.metrics.table import AveragedMetric
from fmnist_tf.scores import table


@registered
class FalsePositiveRate(AveragedMetric):
    """False positive rate, fall-out: fp / (fp + tn).

    The share of the samples of other classes that are predicted as this one; less is better.

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
        name: key in the logs; "false_positive_rate", with `class_id` followed by "/" and the class, by default.
        dtype: dtype of the result alone; None for Keras' default. Counts are float64.

    Returns:
        A scalar of the metric's dtype; with `average=None` (C,), of one binary column (2,), no and yes, NaN for classes
        that are left out; with several thresholds (T,) or (T, C).

    Raises:
        ValueError: arguments or shapes that do not fit; an average by argument of one binary column, which libraries
            read in two ways; in `result()` for invalid rows.

    Source: Fawcett, An introduction to ROC analysis, Pattern Recognition Letters 27, 2006.

    Example:
        >>> metric = FalsePositiveRate(3)
        >>> metric.update_state([0, 1, 2, 1], [0, 1, 1, 1])
        >>> round(float(metric.result()), 4)
        0.1667
    """

    score = table.false_positive_rate


@registered
class FalseNegativeRate(AveragedMetric):
    """False negative rate, miss rate: fn / (fn + tp).

    The share of the samples of a class that are missed; less is better.

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
        name: key in the logs; "false_negative_rate", with `class_id` followed by "/" and the class, by default.
        dtype: dtype of the result alone; None for Keras' default. Counts are float64.

    Returns:
        A scalar of the metric's dtype; with `average=None` (C,), of one binary column (2,), no and yes, NaN for classes
        that are left out; with several thresholds (T,) or (T, C).

    Raises:
        ValueError: arguments or shapes that do not fit; an average by argument of one binary column, which libraries
            read in two ways; in `result()` for invalid rows.

    Source: Fawcett, An introduction to ROC analysis, Pattern Recognition Letters 27, 2006.

    Example:
        >>> metric = FalseNegativeRate(3)
        >>> metric.update_state([0, 1, 2, 1], [0, 1, 1, 1])
        >>> round(float(metric.result()), 4)
        0.3333
    """

    score = table.false_negative_rate


@registered
class FalseDiscoveryRate(AveragedMetric):
    """False discovery rate: fp / (fp + tp).

    The share of predictions of a class that are wrong; less is better.

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
        name: key in the logs; "false_discovery_rate", with `class_id` followed by "/" and the class, by default.
        dtype: dtype of the result alone; None for Keras' default. Counts are float64.

    Returns:
        A scalar of the metric's dtype; with `average=None` (C,), of one binary column (2,), no and yes, NaN for classes
        that are left out; with several thresholds (T,) or (T, C).

    Raises:
        ValueError: arguments or shapes that do not fit; an average by argument of one binary column, which libraries
            read in two ways; in `result()` for invalid rows.

    Source: Benjamini and Hochberg, Controlling the false discovery rate, JRSS B 57, 1995.

    Example:
        >>> metric = FalseDiscoveryRate(3)
        >>> metric.update_state([0, 1, 2, 1], [0, 1, 1, 1])
        >>> round(float(metric.result()), 4)
        0.1111
    """

    score = table.false_discovery_rate


@registered
class FalseOmissionRate(AveragedMetric):
    """False omission rate: fn / (fn + tn).

    The share of predictions of other classes that are of this one; less is better.

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
        name: key in the logs; "false_omission_rate", with `class_id` followed by "/" and the class, by default.
        dtype: dtype of the result alone; None for Keras' default. Counts are float64.

    Returns:
        A scalar of the metric's dtype; with `average=None` (C,), of one binary column (2,), no and yes, NaN for classes
        that are left out; with several thresholds (T,) or (T, C).

    Raises:
        ValueError: arguments or shapes that do not fit; an average by argument of one binary column, which libraries
            read in two ways; in `result()` for invalid rows.

    Source: Powers, Evaluation: from precision, recall and F-measure to ROC, 2011.

    Example:
        >>> metric = FalseOmissionRate(3)
        >>> metric.update_state([0, 1, 2, 1], [0, 1, 1, 1])
        >>> round(float(metric.result()), 4)
        0.0833
    """

    score = table.false_omission_rate


@registered
class Prevalence(AveragedMetric):
    """Prevalence: (tp + fn) / total.

    The share of the samples that are of a class; neither more nor less is better.

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
        name: key in the logs; "prevalence", with `class_id` followed by "/" and the class, by default.
        dtype: dtype of the result alone; None for Keras' default. Counts are float64.

    Returns:
        A scalar of the metric's dtype; with `average=None` (C,), of one binary column (2,), no and yes, NaN for classes
        that are left out; with several thresholds (T,) or (T, C).

    Raises:
        ValueError: arguments or shapes that do not fit; an average by argument of one binary column, which libraries
            read in two ways; in `result()` for invalid rows.

    Source: Altman and Bland, Diagnostic tests 2: predictive values, BMJ 309, 1994.

    Example:
        >>> metric = Prevalence(3)
        >>> metric.update_state([0, 1, 2, 1], [0, 1, 1, 1])
        >>> round(float(metric.result()), 4)
        0.3333
    """

    score = table.prevalence


@registered
class PredictedPositiveRate(AveragedMetric):
    """Predicted positive rate: (tp + fp) / total.

    The share of the samples that are predicted as a class; neither more nor less is better.

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
        name: key in the logs; "predicted_positive_rate", with `class_id` followed by "/" and the class, by default.
        dtype: dtype of the result alone; None for Keras' default. Counts are float64.

    Returns:
        A scalar of the metric's dtype; with `average=None` (C,), of one binary column (2,), no and yes, NaN for classes
        that are left out; with several thresholds (T,) or (T, C).

    Raises:
        ValueError: arguments or shapes that do not fit; an average by argument of one binary column, which libraries
            read in two ways; in `result()` for invalid rows.

    Source: Powers, Evaluation: from precision, recall and F-measure to ROC, 2011.

    Example:
        >>> metric = PredictedPositiveRate(3)
        >>> metric.update_state([0, 1, 2, 1], [0, 1, 1, 1])
        >>> round(float(metric.result()), 4)
        0.3333
    """

    score = table.predicted_positive_rate
