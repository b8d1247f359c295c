"""AUROC, average precision and equal error rate as Keras metrics, with bounds of their exact values."""

from collections.abc import Iterable
from typing import Any, Literal

from fmnist_tf.compat import higher_is_better, lower_is_better
from fmnist_tf.curves import one_vs_one, operating, ranking
from fmnist_tf.curves.averages import Average, Measure
from fmnist_tf.metrics import arguments
from fmnist_tf.metrics.base import registered
from fmnist_tf.metrics.histograms import DEFAULT_NUM_BINS, HistogramMetric, certain_bounds


@registered
@higher_is_better
class AUROC(HistogramMetric):
    """Area under the ROC curve: the chance that a positive scores above a negative, ties counting half.

    AUROC = sum_b p_b (N_b + n_b / 2) / (P N) over bins b of scores, with the positives p_b and negatives n_b in a bin
    and the negatives N_b below it. The exact value lies within `bounds`, (low, high), for certain. A class without
    positives or without negatives has no value: NaN, left out of means. In `fit` it is read at every step;
    a `CurveSet(live=())` is not.

    With `multi_class="ovo"` a class i has the mean of A_ij = (A(i|j) + A(j|i)) / 2 over the other classes j that occur,
    where A(i|j) is the AUROC of the scores of class i on the samples of i and j alone. The mean over classes is the
    measure M of Hand and Till, which does not depend on how frequent the classes are.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update.
        multi_class: "ovr", each class against the rest; "ovo", each class against each other one, of classes that
            exclude each other. The state is then C x C x `num_bins` numbers of 8 bytes, at most 4 GiB; with many
            classes pass a smaller `num_bins`.
        max_fpr: None for the whole area; else that up to this false positive rate, above 0 and at most 1, scaled so
            that guessing gives 1/2 and a perfect order 1, as in scikit-learn. With "ovo" it must be None.
        average: "auto", the mean over the classes that have a value, of a single column the value of yes; "macro", the
            same mean; "weighted", the mean weighted by support; "micro", the value of all classes as one question;
            None, one value a class. Of a single column None gives no and yes, and the other three are refused, since
            libraries differ in what they mean. "ovo" has no "micro"; "weighted" weighs each pair of classes by the
            samples of both, as in scikit-learn.
        class_id: the value of this class alone, a scalar; of a single column 0 is no and 1 is yes.
        target_class_ids: the classes that averages run over, as in `keras.metrics.IoU`; None for all. The samples of
            the others count as negatives, and with "ovo" as the other class of a pair.
        multi_label: each column is a binary question, and `y_true` holds 0 or 1 for each; otherwise several columns are
            classes that exclude each other.
        from_logits: `y_pred` holds logits, whose softmax, or of binary columns sigmoid, is the probability. Without it
            a score outside 0 to 1 is invalid; nothing is guessed from the values.
        num_bins: bins a class, at least 3, of 16 bytes each, with "ovo" of 8 C bytes. A quarter of the default makes
            the score about twice as cheap to read, and its bounds four times as wide.
        ignore_class: a label, or several, whose samples are left out; of binary columns the entries that hold it. An
            ignored class is in no average.
        on_invalid: "raise" makes `result()` raise (in a graph: NaN) once there was a label outside the classes, a NaN
            score, a score outside 0 to 1, or a bad weight; "skip" leaves such samples out and keeps their number in
            `invalid`.
        name: key in the logs; by default "auroc", with `class_id=2` "auroc/2", with "ovo" "auroc_ovo".
        dtype: dtype of the result; the state is float64.

    Returns:
        `result()`: float tensor (), or with `average=None` (C,), of a single column (2,).

    Raises:
        ValueError: a bad argument; `y_pred` that holds no float scores; shapes that do not fit together; in `result()`
            invalid samples.

    Source: Hanley and McNeil, The meaning and use of the area under a ROC curve, Radiology 143, 1982; of `max_fpr`
    McClish, Analyzing a portion of the ROC curve, Medical Decision Making 9, 1989; of "ovo" Hand and Till, A simple
    generalisation of the area under the ROC curve for multiple class classification problems, Machine Learning 45,
    2001.

    Example:
        >>> metric = AUROC()
        >>> metric.update_state([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
        >>> float(metric.result())
        0.75
        >>> low, high = metric.bounds
        >>> bool(low <= 0.75 <= high)
        True
        >>> pairs = AUROC(multi_class="ovo")
        >>> pairs.update_state([0, 1, 2, 2], [[0.7, 0.1, 0.2], [0.2, 0.3, 0.5], [0.4, 0.1, 0.5], [0.1, 0.1, 0.8]])
        >>> round(float(pairs.result()), 4)
        0.9583
    """

    default_name = "auroc"
    bounds = certain_bounds

    def __init__(
        self,
        num_classes: int | None = None,
        *,
        multi_class: Literal["ovr", "ovo"] = "ovr",
        max_fpr: float | None = None,
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
        self.multi_class = arguments.check_choice("multi_class", multi_class, ("ovr", "ovo"))
        self.max_fpr = None if max_fpr is None else arguments.check_share("max_fpr", max_fpr)
        if self.max_fpr == 0:
            raise ValueError("`max_fpr` must be above 0 and at most 1, got 0.0")
        if self._counts_pairs:
            _check_pairs(average, self.max_fpr)
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

    @property
    def _usual_name(self) -> str:
        name, ending = self.default_name, "_ovo" if self._counts_pairs else ""
        return super()._usual_name.replace(name, name + ending, 1)

    @property
    def _counts_pairs(self) -> bool:
        return self.multi_class == "ovo"

    @property
    def _measure(self) -> Measure:
        if self._counts_pairs:
            return one_vs_one.auroc
        return ranking.auroc if self.max_fpr is None else ranking.PartialAuroc(self.max_fpr)

    @property
    def _pays_compiling(self) -> bool:
        """A graph takes hardly longer for the whole area of each class against the rest."""
        return self.max_fpr is not None or self._counts_pairs

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, JSON-ready."""
        return {**super().get_config(), "multi_class": self.multi_class, "max_fpr": self.max_fpr}


def _check_pairs(average: Average, max_fpr: float | None) -> None:
    """Raises if an argument has no meaning for pairs of classes."""
    if average == "micro":
        raise ValueError("`average` must be 'auto', 'macro', 'weighted' or None with multi_class='ovo', got 'micro'")
    if max_fpr is not None:
        raise ValueError(f"`max_fpr` must be None with multi_class='ovo', got {max_fpr}")


@registered
@higher_is_better
class AveragePrecision(HistogramMetric):
    """Average precision: AP = sum over thresholds of precision x the recall gained, from the top score down.

    Nothing is interpolated, as in scikit-learn. The exact value lies within `bounds`, (low, high), for certain. A class
    without positives or without negatives has no value: NaN, left out of means.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update.
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
        num_bins: bins a class, at least 3, of 16 bytes each. A quarter of the default makes the score about twice as
            cheap to read, and its bounds four times as wide.
        ignore_class: a label, or several, whose samples are left out; of binary columns the entries that hold it. An
            ignored class is in no average.
        on_invalid: "raise" makes `result()` raise (in a graph: NaN) once there was a label outside the classes, a NaN
            score, a score outside 0 to 1, or a bad weight; "skip" leaves such samples out and keeps their number in
            `invalid`.
        name: key in the logs; by default "average_precision", with `class_id=2` "average_precision/2".
        dtype: dtype of the result; the state is float64.

    Returns:
        `result()`: float tensor (), or with `average=None` (C,), of a single column (2,).

    Raises:
        ValueError: a bad argument; `y_pred` that holds no float scores; shapes that do not fit together; in `result()`
            invalid samples.

    Source: Davis and Goadrich, The relationship between precision-recall and ROC curves, ICML 2006.

    Example:
        >>> metric = AveragePrecision(dtype="float64")
        >>> metric.update_state([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
        >>> round(float(metric.result()), 2)
        0.83
    """

    _shows_precision = True
    default_name = "average_precision"
    bounds = certain_bounds

    @property
    def _measure(self) -> Measure:
        return ranking.average_precision


@registered
@lower_is_better
class EqualErrorRate(HistogramMetric):
    """Equal error rate: the rate at which the false positive rate equals the false negative rate 1 - recall.

    The points of the ROC curve are joined by straight lines, so that there always is such a rate. The exact value lies
    within `bounds`, (low, high), for certain. A class without positives or without negatives has no value: NaN, left
    out of means.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update.
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
        num_bins: bins a class, at least 3, of 16 bytes each. A quarter of the default makes the score about twice as
            cheap to read, and its bounds four times as wide.
        ignore_class: a label, or several, whose samples are left out; of binary columns the entries that hold it. An
            ignored class is in no average.
        on_invalid: "raise" makes `result()` raise (in a graph: NaN) once there was a label outside the classes, a NaN
            score, a score outside 0 to 1, or a bad weight; "skip" leaves such samples out and keeps their number in
            `invalid`.
        name: key in the logs; by default "equal_error_rate", with `class_id=2` "equal_error_rate/2".
        dtype: dtype of the result; the state is float64.

    Returns:
        `result()`: float tensor (), or with `average=None` (C,), of a single column (2,).

    Raises:
        ValueError: a bad argument; `y_pred` that holds no float scores; shapes that do not fit together; in `result()`
            invalid samples.

    Source: ISO/IEC 19795-1, Biometric performance testing and reporting, 2021; Martin et al., The DET curve in
    assessment of detection task performance, Eurospeech 1997.

    Example:
        >>> metric = EqualErrorRate()
        >>> metric.update_state([0, 1, 1, 0], [0.0, 0.5, 0.7, 0.8])
        >>> float(metric.result())
        0.5
    """

    default_name = "equal_error_rate"
    bounds = certain_bounds

    @property
    def _measure(self) -> Measure:
        return operating.equal_error_rate
