"""Which threshold is best, and the curves of all of them: Keras metrics with one result a class."""

from collections.abc import Iterable
from typing import Any

import tensorflow as tf

from fmnist_tf.curves.readers import BestOf, CurveOf, Reader
from fmnist_tf.metrics.base import registered
from fmnist_tf.metrics.histograms import DEFAULT_NUM_BINS, HistogramMetric
from fmnist_tf.scores import SCORES

_DIRECTED = tuple(sorted(name for name, row in SCORES.items() if row.direction is not None and not row.is_count))


@registered
class BestThreshold(HistogramMetric):
    """The threshold at which a score is best: the edge between bins where it is largest, of a loss least.

    A score of yes must exceed it, as in `F1Score(threshold=)`: it is a probability, or a logit of binary columns with
    `from_logits=True`. Of several it is the lowest; below 0 everything is yes, at 1 nothing. `best` is the score there,
    exactly. A class of which the score is 0/0 at every threshold has none: NaN. Logs hold no vectors: in `compile` give
    `class_id`.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update.
        score: the name of a score of the table, such as "f1_score" or "matthews_correlation", of each class
            one-vs-rest.
        class_id: the result of this class alone; of a single column 0 is no and 1 is yes.
        multi_label: each column is a binary question, and `y_true` holds 0 or 1 for each; otherwise several columns are
            classes that exclude each other.
        from_logits: `y_pred` holds logits, whose softmax, or of binary columns sigmoid, is the probability. Without it
            a score outside 0 to 1 is invalid; nothing is guessed from the values.
        num_bins: bins a class, and so thresholds to choose from, at least 3, of 16 bytes each. A quarter of the default
            makes the score about twice as
            cheap to read, and its bounds four times as wide.
        ignore_class: a label, or several, whose samples are left out; of binary columns the entries that hold it.
        on_invalid: "raise" makes `result()` raise (in a graph: NaN) once there was a label outside the classes, a NaN
            score, a score outside 0 to 1, or a bad weight; "skip" leaves such samples out and keeps their number in
            `invalid`.
        name: key in the logs; by default "best_threshold", with `class_id=2` "best_threshold/2".
        dtype: dtype of the result, "float64" by default: thresholds near 0 and 1 are no numbers of half precision.

    Returns:
        `result()`: float tensor (C,); of a single column or with `class_id` ().

    Raises:
        ValueError: a bad argument; `y_pred` that holds no float scores; shapes that do not fit together; in `result()`
            invalid samples.

    Source: Lipton, Elkan and Naryanaswamy, Optimal thresholding of classifiers to maximize F1 measure, ECML PKDD 2014.

    Example:
        >>> metric = BestThreshold()
        >>> metric.update_state([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
        >>> 0.1 < float(metric.result()) < 0.35, round(float(metric.best), 2)
        (True, 0.8)
    """

    default_name = "best_threshold"
    default_dtype = "float64"
    _averages = ()

    def __init__(
        self,
        num_classes: int | None = None,
        *,
        score: str = "f1_score",
        class_id: int | None = None,
        multi_label: bool = False,
        from_logits: bool = False,
        num_bins: int = DEFAULT_NUM_BINS,
        ignore_class: int | Iterable[int] | None = None,
        on_invalid: str = "raise",
        name: str | None = None,
        dtype: str | None = None,
    ):
        if score not in _DIRECTED:
            raise ValueError(f"`score` must be a score with a direction, {', '.join(_DIRECTED)}, got {score!r}")
        self.score = score
        super().__init__(
            num_classes,
            class_id=class_id,
            multi_label=multi_label,
            from_logits=from_logits,
            num_bins=num_bins,
            ignore_class=ignore_class,
            on_invalid=on_invalid,
            name=name,
            dtype=dtype,
        )

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, JSON-ready."""
        return {**super().get_config(), "score": self.score}

    def _reader(self, source: HistogramMetric) -> Reader:
        return BestOf(self.score, "threshold", self.class_id)

    @property
    def best(self) -> tf.Tensor:
        """The score at the threshold, float64 and shaped like the result."""
        return self._read(BestOf(self.score, "value", self.class_id))


@registered
class RocCurve(HistogramMetric):
    """ROC curve: the true positive rate tp / P over the false positive rate fp / N at every threshold.

    The order is that of scikit-learn's `roc_curve`. Both rates never fall, whatever the weights. The result is no
    scalar: count it beside the model, not in `compile`.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update.
        class_id: the result of this class alone; of a single column 0 is no and 1 is yes.
        multi_label: each column is a binary question, and `y_true` holds 0 or 1 for each; otherwise several columns are
            classes that exclude each other.
        from_logits: `y_pred` holds logits, whose softmax, or of binary columns sigmoid, is the probability. Without it
            a score outside 0 to 1 is invalid; nothing is guessed from the values.
        num_bins: bins a class, at least 3, of 16 bytes each.
        ignore_class: a label, or several, whose samples are left out; of binary columns the entries that hold it.
        on_invalid: "raise" makes `result()` raise (in a graph: NaN) once there was a label outside the classes, a NaN
            score, a score outside 0 to 1, or a bad weight; "skip" leaves such samples out and keeps their number in
            `invalid`.
        name: key in the logs; by default "roc_curve", with `class_id=2` "roc_curve/2".
        dtype: dtype of the result, "float64" by default: thresholds near 0 and 1 are no numbers of half precision.

    Returns:
        `result()`: `Roc(fpr, tpr, thresholds)`; fpr and tpr have shape (C, num_bins + 1), of a single column or with
            `class_id` (num_bins + 1,); thresholds, that a score must exceed, have shape (num_bins + 1,).

    Raises:
        ValueError: a bad argument; `y_pred` that holds no float scores; shapes that do not fit together; in `result()`
            invalid samples.

    Source: Fawcett, An introduction to ROC analysis, Pattern Recognition Letters 27, 2006.

    Example:
        >>> metric = RocCurve(num_bins=64)
        >>> metric.update_state([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
        >>> fpr, tpr, thresholds = metric.result()
        >>> sorted({(float(x), float(y)) for x, y in zip(fpr, tpr)})
        [(0.0, 0.0), (0.0, 0.5), (0.5, 0.5), (0.5, 1.0), (1.0, 1.0)]
    """

    default_name = "roc_curve"
    default_dtype = "float64"
    _averages = ()

    def __init__(
        self,
        num_classes: int | None = None,
        *,
        class_id: int | None = None,
        multi_label: bool = False,
        from_logits: bool = False,
        num_bins: int = DEFAULT_NUM_BINS,
        ignore_class: int | Iterable[int] | None = None,
        on_invalid: str = "raise",
        name: str | None = None,
        dtype: str | None = None,
    ):
        super().__init__(
            num_classes,
            class_id=class_id,
            multi_label=multi_label,
            from_logits=from_logits,
            num_bins=num_bins,
            ignore_class=ignore_class,
            on_invalid=on_invalid,
            name=name,
            dtype=dtype,
        )

    def _reader(self, source: HistogramMetric) -> Reader:
        return CurveOf("roc", self.class_id)


@registered
class PrecisionRecallCurve(HistogramMetric):
    """Precision-recall curve: precision tp / (tp + fp) and recall tp / P at every threshold.

    The order is that of scikit-learn's `precision_recall_curve`; recall never rises, whatever the weights. The result
    is no scalar: count it beside the model, not in `compile`.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update.
        class_id: the result of this class alone; of a single column 0 is no and 1 is yes.
        multi_label: each column is a binary question, and `y_true` holds 0 or 1 for each; otherwise several columns are
            classes that exclude each other.
        from_logits: `y_pred` holds logits, whose softmax, or of binary columns sigmoid, is the probability. Without it
            a score outside 0 to 1 is invalid; nothing is guessed from the values.
        num_bins: bins a class, at least 3, of 16 bytes each.
        ignore_class: a label, or several, whose samples are left out; of binary columns the entries that hold it.
        on_invalid: "raise" makes `result()` raise (in a graph: NaN) once there was a label outside the classes, a NaN
            score, a score outside 0 to 1, or a bad weight; "skip" leaves such samples out and keeps their number in
            `invalid`.
        name: key in the logs; by default "precision_recall_curve", with `class_id=2` "precision_recall_curve/2".
        dtype: dtype of the result, "float64" by default: thresholds near 0 and 1 are no numbers of half precision.

    Returns:
        `result()`: `PrecisionRecall(precision, recall, thresholds)`; precision and recall have shape (C, num_bins + 1),
            of a single column or with `class_id` (num_bins + 1,), and end with (1, 0), where nothing is yes;
            thresholds, that a score must exceed, have shape (num_bins,).

    Raises:
        ValueError: a bad argument; `y_pred` that holds no float scores; shapes that do not fit together; in `result()`
            invalid samples.

    Source: Davis and Goadrich, The relationship between precision-recall and ROC curves, ICML 2006.

    Example:
        >>> metric = PrecisionRecallCurve(num_bins=64)
        >>> metric.update_state([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
        >>> precision, recall, thresholds = metric.result()
        >>> sorted({(float(y), round(float(x), 2)) for x, y in zip(precision, recall)})
        [(0.0, 1.0), (0.5, 0.5), (0.5, 1.0), (1.0, 0.5), (1.0, 0.67)]
    """

    _shows_precision = True
    default_name = "precision_recall_curve"
    default_dtype = "float64"
    _averages = ()

    def __init__(
        self,
        num_classes: int | None = None,
        *,
        class_id: int | None = None,
        multi_label: bool = False,
        from_logits: bool = False,
        num_bins: int = DEFAULT_NUM_BINS,
        ignore_class: int | Iterable[int] | None = None,
        on_invalid: str = "raise",
        name: str | None = None,
        dtype: str | None = None,
    ):
        super().__init__(
            num_classes,
            class_id=class_id,
            multi_label=multi_label,
            from_logits=from_logits,
            num_bins=num_bins,
            ignore_class=ignore_class,
            on_invalid=on_invalid,
            name=name,
            dtype=dtype,
        )

    def _reader(self, source: HistogramMetric) -> Reader:
        return CurveOf("precision_recall", self.class_id)
