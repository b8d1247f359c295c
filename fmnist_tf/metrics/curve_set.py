"""`CurveSet`: several scores at all thresholds from one histogram, counted once a step."""

import math
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Literal, NamedTuple

import tensorflow as tf

from fmnist_tf.compat import direction_of
from fmnist_tf.counts import effective_number
from fmnist_tf.curves.averages import Average
from fmnist_tf.curves.distribution import Distribution
from fmnist_tf.curves.readers import AllOf, BoundsOf, Reader
from fmnist_tf.metrics import arguments
from fmnist_tf.metrics.base import registered
from fmnist_tf.metrics.curves import AUROC, AveragePrecision, EqualErrorRate
from fmnist_tf.metrics.histograms import DEFAULT_NUM_BINS, HistogramMetric
from fmnist_tf.metrics.sets import MetricSet
from fmnist_tf.metrics.thresholds import BestThreshold, PrecisionRecallCurve, RocCurve
from fmnist_tf.rows.slice_bins import check_slices
from fmnist_tf.rows.slices import Slice
from fmnist_tf.scores import canonical_name, split_name

DEFAULT_SCORES = ("auroc", "average_precision")
_BY_NAME: dict[str, Callable[..., HistogramMetric]] = {
    "auroc": AUROC,
    "auroc_ovo": partial(AUROC, multi_class="ovo"),
    "average_precision": AveragePrecision,
    "equal_error_rate": EqualErrorRate,
}


class CurvePart(NamedTuple):
    """The rows of one value of a slice.

    Attributes:
        distribution: the histogram of their scores.
        scores: name -> float64 tensor (), as `compute` gives it; NaN where there are no rows.
        effective_total: their effective number, (sum w)^2 / sum w^2; of several columns the average over columns.
    """

    distribution: Distribution
    scores: dict[str, tf.Tensor]
    effective_total: float


@registered
class CurveSet(MetricSet, HistogramMetric):
    """Several scores of one histogram, counted once: a dict of scalars.

    The keys in the logs are the names. EarlyStopping and ModelCheckpoint cannot tell the direction of a key of a dict:
    give them mode="max".

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update.
        scores: names of scores, or metrics. A name is "auroc", "average_precision", "equal_error_rate" or "auroc_ovo",
            alone or with an average before it, as in "micro_auroc", or a class after it, as in "auroc/3" ("auroc[3]" is
            read too). "auroc_ovo", of pairs of classes, makes the state C x C x `num_bins` numbers. Of a single column
            a name without an average is the score of yes, "macro_" and "weighted_" go over no and yes, "micro_" is
            refused. A metric has a scalar value, such as `RecallAtPrecision(precision=0.9)` or
            `BestThreshold(class_id=3)`; its name, average, class and constraint are taken, and its state and number of
            bins are not used.
        live: names of the scores computed at every step; None for all, () for none.
        multi_label: each column is a binary question, and `y_true` holds 0 or 1 for each; otherwise several columns are
            classes that exclude each other.
        from_logits: `y_pred` holds logits, whose softmax, or of binary columns sigmoid, is the probability. Without it
            a score outside 0 to 1 is invalid; nothing is guessed from the values.
        num_bins: bins a class, at least 3, of 16 bytes each. A quarter of the default makes scores about twice as cheap
            to read, and their bounds four times as wide.
        by: slices whose values have a histogram each, as by=(Slice("site", ("north", "south")),): `parts_by("site")`
            reads them, and `ScoreLogger(by=)` logs their scores. The model must have been through `accept_tags`, and
            its data through `tag`.
        class_id: has no meaning for a set and is refused; name the class of a score.
        ignore_class: a label, or several, whose samples are left out; of binary columns the entries that hold it. An
            ignored class is in no average.
        on_invalid: "raise" makes `result()` raise (in a graph: NaN) once there was a label outside the classes, a NaN
            score, a score outside 0 to 1, or a bad weight; "skip" leaves such samples out and keeps their number in
            `invalid`.
        name: name of the set; by default "curve_set".
        dtype: dtype of the results; the state is float64.

    Returns:
        `result()`: dict of name -> float tensor ().

    Raises:
        ValueError: an unknown name or one that is given twice, a score that is no scalar, a bad argument, shapes that
            do not fit together; in `result()` invalid samples.
        TypeError: a score that is neither a name nor a metric of a histogram.

    Source: Fawcett, An introduction to ROC analysis, Pattern Recognition Letters 27, 2006; of average precision Davis
    and Goadrich, The relationship between precision-recall and ROC curves, ICML 2006.

    Example:
        >>> metric = CurveSet(scores=["auroc", AveragePrecision(name="ap")])
        >>> metric.update_state([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
        >>> {name: round(float(value), 2) for name, value in metric.result().items()}
        {'auroc': 0.75, 'ap': 0.83}
    """

    default_name = "curve_set"
    shared_options = (*MetricSet.shared_options, "multi_label", "from_logits")
    _averages = ()

    def __init__(
        self,
        num_classes: int | None = None,
        *,
        scores: Iterable[str | HistogramMetric] = DEFAULT_SCORES,
        live: Iterable[str] | None = None,
        class_id: int | None = None,
        multi_label: bool = False,
        from_logits: bool = False,
        num_bins: int = DEFAULT_NUM_BINS,
        by: Slice | Iterable[Slice] = (),
        ignore_class: int | Iterable[int] | None = None,
        on_invalid: str = "raise",
        name: str | None = None,
        dtype: str | None = None,
    ):
        self.by = check_slices(by, "CurveSet")
        if class_id is not None:
            raise ValueError("`class_id` has no meaning for a set; name the class of a score, as in auroc/3")
        self._take(scores, live)
        super().__init__(
            num_classes,
            multi_label=multi_label,
            from_logits=from_logits,
            num_bins=num_bins,
            ignore_class=ignore_class,
            on_invalid=on_invalid,
            name=name,
            dtype=dtype,
        )
        self._check_options()

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, JSON-ready."""
        return {**super().get_config(), "by": [feature.get_config() for feature in self.by]}

    def _select(self, score: str | HistogramMetric) -> tuple[str, HistogramMetric]:
        return _of_name(score) if isinstance(score, str) else _of_metric(score)

    @property
    def _least_num_classes(self) -> int:
        return max((metric._least_num_classes for metric in self.selections.values()), default=1)

    @property
    def _counts_pairs(self) -> bool:
        return any(metric._counts_pairs for metric in self.selections.values())

    def _check_num_classes(self, num_classes: int) -> None:
        HistogramMetric._check_num_classes(self, num_classes)
        arguments.check_class_ids(self.selections, max(num_classes, 2))
        for name, metric in self.selections.items():
            if num_classes > 1 and isinstance(metric, BestThreshold) and metric.class_id is None:
                raise ValueError(
                    f"scores of a set must be scalars, got {name!r} of {num_classes} classes; pass class_id="
                )
            if num_classes == 1 and metric.average == "micro" and metric.class_id is None:
                raise ValueError(
                    f"{name!r} of a single column cannot be read off its histogram; use macro_ or weighted_"
                )

    def compute(self, names: Iterable[str] | None = None) -> dict[str, tf.Tensor]:
        """Scores of the histogram by name, float64; all of the set by default, whatever is live.

        Args:
            names: names of scores of the set.
        """
        return self._read(self._reader_of(names))

    def _reader_of(self, names: Iterable[str] | None = None) -> AllOf:
        keys = self.selections if names is None else map(canonical_name, names)
        return AllOf(tuple((key, self.selections[key]._reader(self)) for key in keys))

    def parts_by(self, name: str) -> dict[str, CurvePart]:
        """The histogram, the scores and the effective number of samples of each value of a slice, "other" the last.

        Args:
            name: the name of a slice of `by`.

        Raises:
            ValueError: no such slice.
        """
        if self._slice_bins is None:
            raise ValueError(f"{self.name} counts by no slice, got {name!r}; give CurveSet(by=) its Slice")
        parts = self._slice_bins.split(self._sliced_state(), name)
        return {value: self._part(bins, excess) for value, (bins, excess) in parts.items()}

    def _part(self, bins: tf.Tensor, excess: tf.Tensor) -> CurvePart:
        h = self.layout.read(bins)
        total = h.rest + h.support
        weight = float(total[0] if self.multiclass else tf.reduce_sum(total))
        columns = 1 if self.multiclass else h.num_classes
        if not weight:
            scores = dict.fromkeys(self.selections, tf.constant(math.nan, tf.float64))
            return CurvePart(self._distribution_of(h), scores, 0.0)
        effective = effective_number(weight, weight + float(excess)) / columns
        return CurvePart(self._distribution_of(h), self._read(self._reader_of(), bins), effective)

    @property
    def directions(self) -> dict[str, Literal["up", "down"] | None]:
        """Name -> whether a greater or a smaller value is better; None of a score such as a threshold."""
        return {name: direction_of(metric) for name, metric in self.selections.items()}

    @property
    def bounds(self) -> dict[str, tuple[tf.Tensor, tf.Tensor]]:
        """(low, high) of the scores that have bounds, by name, float64."""
        bounded = {name: metric for name, metric in self.selections.items() if hasattr(type(metric), "bounds")}
        readers: list[tuple[str, Reader]] = [
            (name, BoundsOf(metric._measure, metric._averaging(self))) for name, metric in bounded.items()
        ]
        return {name: (low, high) for name, (_, low, high) in self._read(AllOf(tuple(readers))).items()}

    @property
    def identities(self) -> dict[str, Any]:
        """Name of each key -> its meaning."""
        return {name: self._identity_of(self.selections[name]) for name in self.live}

    def _value(self) -> dict[str, tf.Tensor]:
        return self.compute(self.live)


def _of_name(name: str) -> tuple[str, HistogramMetric]:
    score, average, class_id = split_name(name) or ("", "auto", None)
    if score not in _BY_NAME or average == "worst":
        raise ValueError(
            f"unknown score {name!r}; use one of {', '.join(sorted(_BY_NAME))}, with macro_, micro_ or weighted_ "
            "before it, or a class id after it, as in auroc/3; or a metric, as RecallAtPrecision(precision=0.9)"
        )
    given: Average = average  # pyright: ignore[reportAssignmentType] - the other averages have no prefix
    return canonical_name(name), _BY_NAME[score](average=given, class_id=class_id)


def _of_metric(metric: HistogramMetric) -> tuple[str, HistogramMetric]:
    if not isinstance(metric, HistogramMetric) or isinstance(metric, CurveSet | RocCurve | PrecisionRecallCurve):
        raise TypeError(f"a score must be a name or a metric of a histogram with a scalar value, got {metric!r}")
    if metric.average is None and metric.class_id is None:
        raise ValueError(
            f"scores of a set must be scalars, got {metric.name!r} with average=None; pass class_id= or an average"
        )
    return metric.name, metric
