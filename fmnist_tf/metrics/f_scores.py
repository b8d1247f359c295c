"""F1, F-beta, the Jaccard index and Fowlkes-Mallows as Keras metrics."""

from collections.abc import Iterable
from typing import Any

from fmnist_tf.metrics import arguments
from fmnist_tf.metrics.base import registered
from fmnist_tf.metrics.table import AveragedMetric, TopKMetric
from fmnist_tf.scores import Average, fbeta_score, table


@registered
class F1Score(TopKMetric):
    """F1, the harmonic mean of precision and recall: 2 tp / (2 tp + fp + fn).

    Of one binary column it is the F1 of yes; `MacroF1`, `MicroF1` and `WeightedF1` go over no and yes there.

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
        name: key in the logs; "f1_score", with `class_id` followed by "/" and the class, by default.
        dtype: dtype of the result alone; None for Keras' default. Counts are float64.

    Returns:
        A scalar of the metric's dtype; with `average=None` (C,), of one binary column (2,), no and yes, NaN for classes
        that are left out; with several thresholds (T,) or (T, C).

    Raises:
        ValueError: arguments or shapes that do not fit; an average by argument of one binary column, which libraries
            read in two ways; in `result()` for invalid rows.

    Source: van Rijsbergen, Information Retrieval, 2nd edition, 1979, chapter 7.

    Example:
        >>> metric = F1Score(3)
        >>> metric.update_state([0, 1, 2, 1], [0, 1, 1, 1])
        >>> round(float(metric.result()), 4)
        0.6
    """

    score = table.f1_score


@registered
class FBetaScore(TopKMetric):
    """F-beta: (1 + beta^2) tp / (beta^2 (tp + fn) + tp + fp).

    Recall weighs beta times as much as precision: 1 gives F1, 2 is for when misses cost more, 0.5 for when false alarms
    do.

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
        beta: how many times as much recall weighs as precision; finite, at least 0.
        threshold: None where the largest score wins (of one column: 0.5); else what a score must exceed for yes, in
            every column; several numbers become the first axis of the result.
        from_logits: whether scores of columns are logits; the threshold stays a probability, 0.5 where none is given.
            No effect on multiclass scores.
        ignore_class: a label, or several, whose rows (with a threshold, entries) are left out; averages leave it out.
        zero_division: the value of 0/0; nan leaves such classes out of a mean.
        on_invalid: "raise" makes `result()` raise, in a graph return NaN, once a row could not be counted; "skip" keeps
            the number of such rows in `invalid` alone.
        name: key in the logs; "fbeta_score", with `class_id` followed by "/" and the class, by default.
        dtype: dtype of the result alone; None for Keras' default. Counts are float64.

    Returns:
        A scalar of the metric's dtype; with `average=None` (C,), of one binary column (2,), no and yes, NaN for classes
        that are left out; with several thresholds (T,) or (T, C).

    Raises:
        ValueError: arguments or shapes that do not fit; an average by argument of one binary column, which libraries
            read in two ways; in `result()` for invalid rows.

    Source: van Rijsbergen, Information Retrieval, 2nd edition, 1979, chapter 7.

    Example:
        >>> metric = FBetaScore(3, beta=2.0)
        >>> metric.update_state([0, 1, 2, 1], [0, 1, 1, 1])
        >>> round(float(metric.result()), 4)
        0.6364
    """

    score = fbeta_score(1.0)

    def __init__(
        self,
        num_classes: int | None = None,
        *,
        average: Average = "auto",
        class_id: int | None = None,
        target_class_ids: Iterable[int] | None = None,
        top_k: int | None = None,
        beta: float = 1.0,
        threshold: float | Iterable[float] | None = None,
        from_logits: bool = False,
        ignore_class: int | Iterable[int] | None = None,
        zero_division: float = 0.0,
        on_invalid: str = "raise",
        name: str | None = None,
        dtype: str | None = None,
    ):
        self.beta = arguments.check_finite("beta", beta, least=0.0)
        self.score = fbeta_score(self.beta)
        super().__init__(
            num_classes,
            average=average,
            class_id=class_id,
            target_class_ids=target_class_ids,
            top_k=top_k,
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
        return {**super().get_config(), "beta": self.beta}

    def _fingerprint(self) -> dict[str, Any]:
        return {**super()._fingerprint(), "beta": self.beta}


@registered
class Jaccard(AveragedMetric):
    """Jaccard index, intersection over union: tp / (tp + fp + fn).

    Of one binary column it is that of yes; `MeanIoU` is the mean over classes, of one column over no and yes.

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
        name: key in the logs; "jaccard", with `class_id` followed by "/" and the class, by default.
        dtype: dtype of the result alone; None for Keras' default. Counts are float64.

    Returns:
        A scalar of the metric's dtype; with `average=None` (C,), of one binary column (2,), no and yes, NaN for classes
        that are left out; with several thresholds (T,) or (T, C).

    Raises:
        ValueError: arguments or shapes that do not fit; an average by argument of one binary column, which libraries
            read in two ways; in `result()` for invalid rows.

    Source: Jaccard, The distribution of the flora in the alpine zone, New Phytologist 11, 1912.

    Example:
        >>> metric = Jaccard(3)
        >>> metric.update_state([0, 1, 2, 1], [0, 1, 1, 1])
        >>> round(float(metric.result()), 4)
        0.5556
    """

    score = table.jaccard


@registered
class FowlkesMallows(AveragedMetric):
    """Fowlkes-Mallows index, the geometric mean of precision and recall: sqrt(precision x recall).

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
        name: key in the logs; "fowlkes_mallows", with `class_id` followed by "/" and the class, by default.
        dtype: dtype of the result alone; None for Keras' default. Counts are float64.

    Returns:
        A scalar of the metric's dtype; with `average=None` (C,), of one binary column (2,), no and yes, NaN for classes
        that are left out; with several thresholds (T,) or (T, C).

    Raises:
        ValueError: arguments or shapes that do not fit; an average by argument of one binary column, which libraries
            read in two ways; in `result()` for invalid rows.

    Source: Fowlkes and Mallows, A method for comparing two hierarchical clusterings, JASA 78, 1983.

    Example:
        >>> metric = FowlkesMallows(3)
        >>> metric.update_state([0, 1, 2, 1], [0, 1, 1, 1])
        >>> round(float(metric.result()), 4)
        0.6055
    """

    score = table.fowlkes_mallows
