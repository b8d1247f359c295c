"""Metrics whose average is part of their name: macro F1 and the like, and what segmentation calls mean IoU and Dice."""

from fmnist_tf.metrics.base import registered
from fmnist_tf.metrics.table import FixedAverageMetric
from fmnist_tf.scores import table


@registered
class MacroF1(FixedAverageMetric):
    """Macro F1: the mean of F1, 2 tp / (2 tp + fp + fn), over all classes.

    Of one binary column it goes over no and yes, as scikit-learn does; `F1Score` is that of yes alone.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update. Needed
            where predictions are class ids.
        target_class_ids: the classes that averages run over, all rows being kept; None for all.
        threshold: None where the largest score wins (of one column: 0.5); else what a score must exceed for yes, in
            every column; several numbers become the first axis of the result.
        from_logits: whether scores of columns are logits; the threshold stays a probability, 0.5 where none is given.
            No effect on multiclass scores.
        ignore_class: a label, or several, whose rows (with a threshold, entries) are left out; averages leave it out.
        zero_division: the value of 0/0; nan leaves such classes out of a mean.
        on_invalid: "raise" makes `result()` raise, in a graph return NaN, once a row could not be counted; "skip" keeps
            the number of such rows in `invalid` alone.
        name: key in the logs; "macro_f1" by default.
        dtype: dtype of the result alone; None for Keras' default. Counts are float64.

    Returns:
        A scalar of the metric's dtype; with several thresholds (T,).

    Raises:
        ValueError: arguments or shapes that do not fit; in `result()` for invalid rows.

    Source: van Rijsbergen, Information Retrieval, 2nd edition, 1979, chapter 7.

    Example:
        >>> metric = MacroF1(3)
        >>> metric.update_state([0, 1, 2, 1], [0, 1, 1, 1])
        >>> round(float(metric.result()), 4)
        0.6
    """

    score, average, default_name = table.f1_score, "macro", "macro_f1"


@registered
class MicroF1(FixedAverageMetric):
    """Micro F1, of the pooled counts: 2 sum(tp) / (2 sum(tp) + sum(fp) + sum(fn)).

    Of a multiclass problem it is accuracy, unless classes are left out. So it is of one binary column, whose classes no
    and yes it pools.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update. Needed
            where predictions are class ids.
        target_class_ids: the classes that averages run over, all rows being kept; None for all.
        threshold: None where the largest score wins (of one column: 0.5); else what a score must exceed for yes, in
            every column; several numbers become the first axis of the result.
        from_logits: whether scores of columns are logits; the threshold stays a probability, 0.5 where none is given.
            No effect on multiclass scores.
        ignore_class: a label, or several, whose rows (with a threshold, entries) are left out; averages leave it out.
        zero_division: the value of 0/0; nan leaves such classes out of a mean.
        on_invalid: "raise" makes `result()` raise, in a graph return NaN, once a row could not be counted; "skip" keeps
            the number of such rows in `invalid` alone.
        name: key in the logs; "micro_f1" by default.
        dtype: dtype of the result alone; None for Keras' default. Counts are float64.

    Returns:
        A scalar of the metric's dtype; with several thresholds (T,).

    Raises:
        ValueError: arguments or shapes that do not fit; in `result()` for invalid rows.

    Source: van Rijsbergen, Information Retrieval, 2nd edition, 1979, chapter 7.

    Example:
        >>> metric = MicroF1(3)
        >>> metric.update_state([0, 1, 2, 1], [0, 1, 1, 1])
        >>> round(float(metric.result()), 4)
        0.75
    """

    score, average, default_name = table.f1_score, "micro", "micro_f1"


@registered
class WeightedF1(FixedAverageMetric):
    """Weighted F1: the mean of F1 over classes, weighted by support, sum((tp + fn) F1) / sum(tp + fn).

    Of one binary column it goes over no and yes.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update. Needed
            where predictions are class ids.
        target_class_ids: the classes that averages run over, all rows being kept; None for all.
        threshold: None where the largest score wins (of one column: 0.5); else what a score must exceed for yes, in
            every column; several numbers become the first axis of the result.
        from_logits: whether scores of columns are logits; the threshold stays a probability, 0.5 where none is given.
            No effect on multiclass scores.
        ignore_class: a label, or several, whose rows (with a threshold, entries) are left out; averages leave it out.
        zero_division: the value of 0/0; nan leaves such classes out of a mean.
        on_invalid: "raise" makes `result()` raise, in a graph return NaN, once a row could not be counted; "skip" keeps
            the number of such rows in `invalid` alone.
        name: key in the logs; "weighted_f1" by default.
        dtype: dtype of the result alone; None for Keras' default. Counts are float64.

    Returns:
        A scalar of the metric's dtype; with several thresholds (T,).

    Raises:
        ValueError: arguments or shapes that do not fit; in `result()` for invalid rows.

    Source: van Rijsbergen, Information Retrieval, 2nd edition, 1979, chapter 7.

    Example:
        >>> metric = WeightedF1(3)
        >>> metric.update_state([0, 1, 2, 1], [0, 1, 1, 1])
        >>> round(float(metric.result()), 4)
        0.65
    """

    score, average, default_name = table.f1_score, "weighted", "weighted_f1"


@registered
class MacroPrecision(FixedAverageMetric):
    """Macro precision: the mean of tp / (tp + fp) over all classes.

    Of one binary column it goes over no and yes.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update. Needed
            where predictions are class ids.
        target_class_ids: the classes that averages run over, all rows being kept; None for all.
        threshold: None where the largest score wins (of one column: 0.5); else what a score must exceed for yes, in
            every column; several numbers become the first axis of the result.
        from_logits: whether scores of columns are logits; the threshold stays a probability, 0.5 where none is given.
            No effect on multiclass scores.
        ignore_class: a label, or several, whose rows (with a threshold, entries) are left out; averages leave it out.
        zero_division: the value of 0/0; nan leaves such classes out of a mean.
        on_invalid: "raise" makes `result()` raise, in a graph return NaN, once a row could not be counted; "skip" keeps
            the number of such rows in `invalid` alone.
        name: key in the logs; "macro_precision" by default.
        dtype: dtype of the result alone; None for Keras' default. Counts are float64.

    Returns:
        A scalar of the metric's dtype; with several thresholds (T,).

    Raises:
        ValueError: arguments or shapes that do not fit; in `result()` for invalid rows.

    Source: van Rijsbergen, Information Retrieval, 2nd edition, 1979, chapter 7.

    Example:
        >>> metric = MacroPrecision(3)
        >>> metric.update_state([0, 1, 2, 1], [0, 1, 1, 1])
        >>> round(float(metric.result()), 4)
        0.5556
    """

    score, average, default_name = table.precision, "macro", "macro_precision"


@registered
class MacroRecall(FixedAverageMetric):
    """Macro recall: the mean of tp / (tp + fn) over all classes.

    If all classes occur, it is balanced accuracy. Of one binary column it goes over no and yes.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update. Needed
            where predictions are class ids.
        target_class_ids: the classes that averages run over, all rows being kept; None for all.
        threshold: None where the largest score wins (of one column: 0.5); else what a score must exceed for yes, in
            every column; several numbers become the first axis of the result.
        from_logits: whether scores of columns are logits; the threshold stays a probability, 0.5 where none is given.
            No effect on multiclass scores.
        ignore_class: a label, or several, whose rows (with a threshold, entries) are left out; averages leave it out.
        zero_division: the value of 0/0; nan leaves such classes out of a mean.
        on_invalid: "raise" makes `result()` raise, in a graph return NaN, once a row could not be counted; "skip" keeps
            the number of such rows in `invalid` alone.
        name: key in the logs; "macro_recall" by default.
        dtype: dtype of the result alone; None for Keras' default. Counts are float64.

    Returns:
        A scalar of the metric's dtype; with several thresholds (T,).

    Raises:
        ValueError: arguments or shapes that do not fit; in `result()` for invalid rows.

    Source: van Rijsbergen, Information Retrieval, 2nd edition, 1979, chapter 7.

    Example:
        >>> metric = MacroRecall(3)
        >>> metric.update_state([0, 1, 2, 1], [0, 1, 1, 1])
        >>> round(float(metric.result()), 4)
        0.6667
    """

    score, average, default_name = table.recall, "macro", "macro_recall"


@registered
class MeanIoU(FixedAverageMetric):
    """Mean intersection over union: the mean of tp / (tp + fp + fn) over the classes that occur.

    Classes that occur neither in labels nor in predictions are left out, as `keras.metrics.MeanIoU` does; without any
    class it is `zero_division`. Of one binary column it goes over no and yes.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update. Needed
            where predictions are class ids.
        target_class_ids: the classes that averages run over, all rows being kept; None for all.
        threshold: None where the largest score wins (of one column: 0.5); else what a score must exceed for yes, in
            every column; several numbers become the first axis of the result.
        from_logits: whether scores of columns are logits; the threshold stays a probability, 0.5 where none is given.
            No effect on multiclass scores.
        ignore_class: a label, or several, whose rows (with a threshold, entries) are left out; averages leave it out.
        zero_division: the value of 0/0; nan leaves such classes out of a mean.
        on_invalid: "raise" makes `result()` raise, in a graph return NaN, once a row could not be counted; "skip" keeps
            the number of such rows in `invalid` alone.
        name: key in the logs; "mean_iou" by default.
        dtype: dtype of the result alone; None for Keras' default. Counts are float64.

    Returns:
        A scalar of the metric's dtype; with several thresholds (T,).

    Raises:
        ValueError: arguments or shapes that do not fit; in `result()` for invalid rows.

    Source: Everingham et al., The PASCAL visual object classes challenge, IJCV 88, 2010.

    Example:
        >>> metric = MeanIoU(4)
        >>> metric.update_state([0, 1, 2, 1], [0, 1, 1, 1])
        >>> round(float(metric.result()), 4)
        0.5556
    """

    score, average, default_name = table.jaccard, "macro", "mean_iou"
    present = True


@registered
class Dice(FixedAverageMetric):
    """Dice coefficient: the mean of F1, 2 tp / (2 tp + fp + fn), over the classes that occur.

    Classes that occur neither in labels nor in predictions are left out; without any class it is `zero_division`. Of
    one binary column it is that of yes.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update. Needed
            where predictions are class ids.
        target_class_ids: the classes that averages run over, all rows being kept; None for all.
        threshold: None where the largest score wins (of one column: 0.5); else what a score must exceed for yes, in
            every column; several numbers become the first axis of the result.
        from_logits: whether scores of columns are logits; the threshold stays a probability, 0.5 where none is given.
            No effect on multiclass scores.
        ignore_class: a label, or several, whose rows (with a threshold, entries) are left out; averages leave it out.
        zero_division: the value of 0/0; nan leaves such classes out of a mean.
        on_invalid: "raise" makes `result()` raise, in a graph return NaN, once a row could not be counted; "skip" keeps
            the number of such rows in `invalid` alone.
        name: key in the logs; "dice" by default.
        dtype: dtype of the result alone; None for Keras' default. Counts are float64.

    Returns:
        A scalar of the metric's dtype; with several thresholds (T,).

    Raises:
        ValueError: arguments or shapes that do not fit; in `result()` for invalid rows.

    Source: Dice, Measures of the amount of ecologic association between species, Ecology 26, 1945.

    Example:
        >>> metric = Dice(4)
        >>> metric.update_state([0, 1, 2, 1], [0, 1, 1, 1])
        >>> round(float(metric.result()), 4)
        0.6
    """

    score, average, default_name = table.f1_score, "auto", "dice"
    present = True
