"""Likelihood ratios and other scores of one class against the rest as Keras metrics."""

from fmnist_tf.metrics.base import registered
from fmnist_tf.metrics.table import AveragedMetric
from fmnist_tf.scores import table


@registered
class Informedness(AveragedMetric):
    """Informedness, Youden's J: sensitivity + specificity - 1.

    From -1 to 1, chance at 0.

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
        name: key in the logs; "informedness", with `class_id` followed by "/" and the class, by default.
        dtype: dtype of the result alone; None for Keras' default. Counts are float64.

    Returns:
        A scalar of the metric's dtype; with `average=None` (C,), of one binary column (2,), no and yes, NaN for classes
        that are left out; with several thresholds (T,) or (T, C).

    Raises:
        ValueError: arguments or shapes that do not fit; an average by argument of one binary column, which libraries
            read in two ways; in `result()` for invalid rows.

    Source: Youden, Index for rating diagnostic tests, Cancer 3, 1950.

    Example:
        >>> metric = Informedness(3)
        >>> metric.update_state([0, 1, 2, 1], [0, 1, 1, 1])
        >>> round(float(metric.result()), 4)
        0.5
    """

    score = table.informedness


@registered
class Markedness(AveragedMetric):
    """Markedness: precision + negative predictive value - 1.

    From -1 to 1, chance at 0.

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
        name: key in the logs; "markedness", with `class_id` followed by "/" and the class, by default.
        dtype: dtype of the result alone; None for Keras' default. Counts are float64.

    Returns:
        A scalar of the metric's dtype; with `average=None` (C,), of one binary column (2,), no and yes, NaN for classes
        that are left out; with several thresholds (T,) or (T, C).

    Raises:
        ValueError: arguments or shapes that do not fit; an average by argument of one binary column, which libraries
            read in two ways; in `result()` for invalid rows.

    Source: Powers, Evaluation: from precision, recall and F-measure to ROC, 2011.

    Example:
        >>> metric = Markedness(3)
        >>> metric.update_state([0, 1, 2, 1], [0, 1, 1, 1])
        >>> round(float(metric.result()), 4)
        0.5556
    """

    score = table.markedness


@registered
class PositiveLikelihoodRatio(AveragedMetric):
    """Positive likelihood ratio: sensitivity / (1 - specificity).

    Infinite without false positives, and so is then a mean.

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
        name: key in the logs; "positive_likelihood_ratio", with `class_id` followed by "/" and the class, by default.
        dtype: dtype of the result alone; None for Keras' default. Counts are float64.

    Returns:
        A scalar of the metric's dtype; with `average=None` (C,), of one binary column (2,), no and yes, NaN for classes
        that are left out; with several thresholds (T,) or (T, C).

    Raises:
        ValueError: arguments or shapes that do not fit; an average by argument of one binary column, which libraries
            read in two ways; in `result()` for invalid rows.

    Source: Deeks and Altman, Diagnostic tests 4: likelihood ratios, BMJ 329, 2004.

    Example:
        >>> metric = PositiveLikelihoodRatio(3, class_id=1)
        >>> metric.update_state([0, 1, 2, 1], [0, 1, 1, 1])
        >>> round(float(metric.result()), 4)
        2.0
    """

    score = table.positive_likelihood_ratio


@registered
class NegativeLikelihoodRatio(AveragedMetric):
    """Negative likelihood ratio: (1 - sensitivity) / specificity.

    Less is better; infinite where specificity alone is 0.

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
        name: key in the logs; "negative_likelihood_ratio", with `class_id` followed by "/" and the class, by default.
        dtype: dtype of the result alone; None for Keras' default. Counts are float64.

    Returns:
        A scalar of the metric's dtype; with `average=None` (C,), of one binary column (2,), no and yes, NaN for classes
        that are left out; with several thresholds (T,) or (T, C).

    Raises:
        ValueError: arguments or shapes that do not fit; an average by argument of one binary column, which libraries
            read in two ways; in `result()` for invalid rows.

    Source: Deeks and Altman, Diagnostic tests 4: likelihood ratios, BMJ 329, 2004.

    Example:
        >>> metric = NegativeLikelihoodRatio(3)
        >>> metric.update_state([0, 1, 2, 1], [0, 1, 1, 1])
        >>> round(float(metric.result()), 4)
        0.3333
    """

    score = table.negative_likelihood_ratio


@registered
class DiagnosticOddsRatio(AveragedMetric):
    """Diagnostic odds ratio: (tp tn) / (fp fn).

    Infinite where one kind of error is missing.

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
        name: key in the logs; "diagnostic_odds_ratio", with `class_id` followed by "/" and the class, by default.
        dtype: dtype of the result alone; None for Keras' default. Counts are float64.

    Returns:
        A scalar of the metric's dtype; with `average=None` (C,), of one binary column (2,), no and yes, NaN for classes
        that are left out; with several thresholds (T,) or (T, C).

    Raises:
        ValueError: arguments or shapes that do not fit; an average by argument of one binary column, which libraries
            read in two ways; in `result()` for invalid rows.

    Source: Glas et al., The diagnostic odds ratio, Journal of Clinical Epidemiology 56, 2003.

    Example:
        >>> metric = DiagnosticOddsRatio(3, class_id=1, zero_division=1.0)
        >>> metric.update_state([0, 1, 2, 1], [0, 1, 1, 1])
        >>> round(float(metric.result()), 4)
        inf
    """

    score = table.diagnostic_odds_ratio


@registered
class PrevalenceThreshold(AveragedMetric):
    """Prevalence threshold: sqrt(FPR) / (sqrt(TPR) + sqrt(FPR)).

    The prevalence below which a positive prediction is more often wrong than right; less is better.

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
        name: key in the logs; "prevalence_threshold", with `class_id` followed by "/" and the class, by default.
        dtype: dtype of the result alone; None for Keras' default. Counts are float64.

    Returns:
        A scalar of the metric's dtype; with `average=None` (C,), of one binary column (2,), no and yes, NaN for classes
        that are left out; with several thresholds (T,) or (T, C).

    Raises:
        ValueError: arguments or shapes that do not fit; an average by argument of one binary column, which libraries
            read in two ways; in `result()` for invalid rows.

    Source: Balayla, Prevalence threshold and the geometry of screening curves, PLoS ONE 15, 2020.

    Example:
        >>> metric = PrevalenceThreshold(3)
        >>> metric.update_state([0, 1, 2, 1], [0, 1, 1, 1])
        >>> round(float(metric.result()), 4)
        0.1381
    """

    score = table.prevalence_threshold
