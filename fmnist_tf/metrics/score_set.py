"""`ScoreSet`: any number of scores from one state, counted once a step."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import tensorflow as tf

from fmnist_tf.counts import ConfusionLayout, CountLayout, Counts, PerClassLayout
from fmnist_tf.labels import InputFormat
from fmnist_tf.metrics import arguments
from fmnist_tf.metrics.base import registered
from fmnist_tf.metrics.identity import ScoreIdentity
from fmnist_tf.metrics.matrix import MatrixMetric, check_matrix_size
from fmnist_tf.metrics.sets import MetricSet
from fmnist_tf.metrics.table import ChosenAverage, TableMetric, check_reading
from fmnist_tf.rows.slice_bins import check_slices
from fmnist_tf.rows.slices import Slice
from fmnist_tf.scores import Selection, canonical_name, evaluate_all, find_score

DEFAULT_SCORES = ("accuracy", "macro_precision", "macro_recall", "macro_f1")


class SlicePart(NamedTuple):
    """The rows of one value of a slice.

    Attributes:
        counts: arrays (C,).
        bins: the state of these rows alone.
        effective_total: their effective number.
    """

    counts: Counts
    bins: tf.Tensor
    effective_total: float


@registered
class ScoreSet(MetricSet, MatrixMetric):
    """Several scores of one state: a dict of scalars, counted once a step.

    A score is a name, such as "macro_f1", "matthews_correlation", "recall/3" for class 3 ("recall[3]" is read too),
    "worst_recall" for the lowest of the classes that occur, "mean_iou" or "dice"; or a metric of the
    table, such as `FBetaScore(beta=2)`, whose name, average and class are taken and whose state is not used. A name
    without an average means what the metric means by default: the mean over classes, of one binary column the score of
    yes; one with an average goes over no and yes there. EarlyStopping and ModelCheckpoint cannot tell the direction of
    a key of a dict: give them mode="max" (or "min" for a rate of errors).

    Keras writes the keys of a dict without the name of the output: in a model of several outputs give each set a
    prefix, as `ScoreSet(prefix="digit_")`, or use `ScoreLogger`, which puts the output's name in front. Without a
    ScoreLogger, which refuses it, a key of a set overwrites the same key of another set or metric in silence.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update. Needed
            where predictions are class ids.
        scores: names of scores, or metrics of the table with a scalar value.
        matrix: whether to keep the C x C matrix, if multiclass, for reports, plots and intervals. Without it the
            state is 32 bytes a class.
        live: names of the scores computed at every step and shown in the progress bar; None for all, () for none.
            ScoreLogger adds the others at the end of an epoch.
        prefix: what the keys begin with.
        target_class_ids: the classes that averages run over, all rows being kept; None for all.
        by: slices whose values are counted apart, as by=(Slice("site", ("north", "south")),); the model must have been
            through `accept_tags`, and its data through `tag`.
        threshold: None where the largest score wins, else what a score must exceed for yes, in every column.
        from_logits: whether scores of columns are logits; the threshold stays a probability, 0.5 where none is given.
        ignore_class: a label, or several, whose rows (with a threshold, entries) are left out; averages leave it out.
        zero_division: the value of 0/0; nan leaves such classes out of a mean.
        on_invalid: "raise" makes `result()` raise, in a graph return NaN, once a row could not be counted; "skip" keeps
            the number of such rows in `invalid` alone.
        name: the metric's own name, which is no key; "score_set" by default.
        dtype: dtype of the results alone; None for Keras' default.

    Returns:
        A dict of scalars by key: prefix and name, in which characters that MLflow or TensorBoard refuse become "_".

    Raises:
        ValueError: unknown or doubled scores, two scores of one key, arguments that do not fit; in `result()` for
            invalid rows.

    Example:
        >>> metric = ScoreSet(3, scores=["accuracy", "macro_f1", "recall/1"])
        >>> metric.update_state([0, 1, 2, 1], [0, 1, 1, 1])
        >>> {key: round(float(value), 4) for key, value in metric.result().items()}
        {'accuracy': 0.75, 'macro_f1': 0.6, 'recall/1': 1.0}
        >>> metric.matrix.numpy().astype(int)
        array([[1, 0, 0],
               [0, 2, 0],
               [0, 1, 0]])
    """

    default_name = "score_set"
    shared_options = (
        *MetricSet.shared_options,
        "threshold",
        "from_logits",
        "target_class_ids",
        "zero_division",
        "top_k",
        "weights",
    )

    def __init__(
        self,
        num_classes: int | None = None,
        *,
        scores: Iterable[str | TableMetric] | str | TableMetric = DEFAULT_SCORES,
        matrix: bool = True,
        live: Iterable[str] | None = None,
        prefix: str = "",
        target_class_ids: Iterable[int] | None = None,
        by: Slice | Iterable[Slice] = (),
        threshold: float | Iterable[float] | None = None,
        from_logits: bool = False,
        ignore_class: int | Iterable[int] | None = None,
        zero_division: float = 0.0,
        on_invalid: str = "raise",
        name: str | None = None,
        dtype: str | None = None,
    ):
        self.has_matrix = bool(matrix)
        self.by = check_slices(by, "ScoreSet")
        self._take(scores, live, prefix)
        self._check_keys()
        self.target_class_ids = arguments.check_targets("target_class_ids", target_class_ids)
        super().__init__(
            num_classes,
            threshold=threshold,
            from_logits=from_logits,
            ignore_class=ignore_class,
            zero_division=zero_division,
            on_invalid=on_invalid,
            name=name,
            dtype=dtype,
        )
        self._check_options()

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, JSON-ready."""
        targets = None if self.target_class_ids is None else list(self.target_class_ids)
        ours = {"matrix": self.has_matrix, "prefix": self.prefix, "target_class_ids": targets}
        slices = {"by": [feature.get_config() for feature in self.by]}
        return {**super().get_config(), **ours, **slices}

    def _select(self, score: str | TableMetric) -> tuple[str, Selection]:
        return (canonical_name(score), find_score(score)) if isinstance(score, str) else _of_metric(score)

    def _check_keys(self) -> None:
        """Refuses two names that become one key."""
        keys: dict[str, str] = {}
        for name in self.selections:
            other = keys.setdefault(self.key(name), name)
            if other != name:
                raise ValueError(
                    f"scores {other!r} and {name!r} would both be written as {self.key(name)!r}; rename one"
                )

    @property
    def _keeps_pairs(self) -> bool:
        """Whether the state is a matrix: several binary columns have none."""
        return self.has_matrix and (self.threshold is None or self.num_classes == 1)

    @property
    def _layout(self) -> CountLayout:
        num_classes = self.num_classes or self._least_num_classes
        return ConfusionLayout(num_classes) if self._keeps_pairs else PerClassLayout(num_classes, self._num_thresholds)

    @property
    def _least_num_classes(self) -> int:
        return max(super()._least_num_classes, 1 + max(self.target_class_ids or (0,)))

    @property
    def matrix(self) -> tf.Tensor:
        """The confusion matrix, float64 (C, C), rows true; of one binary column [[tn, fp], [fn, tp]].

        Raises:
            ValueError: the set keeps none.
        """
        if not self._keeps_pairs:
            why = "of several binary columns" if self.has_matrix else "with matrix=False"
            remedy = "compile MultilabelConfusionMatrix beside it" if self.has_matrix else "pass matrix=True"
            raise ValueError(f"{self.name} keeps no matrix {why}; {remedy}, or read `counts`")
        return super().matrix

    def _check_num_classes(self, num_classes: int) -> None:
        super()._check_num_classes(num_classes)
        for score in self._given_scores:
            if num_classes == 1 and isinstance(score, ChosenAverage) and score.class_id is None:
                check_reading(type(score).__name__, score.score.name, score.average)

    def _check_matrix(self, num_classes: int) -> None:
        if self._num_thresholds:
            raise ValueError(f"`threshold` must be one number for a set of scalars, got {self._thresholds}")
        if self.has_matrix and self.threshold is None:
            check_matrix_size(self.name, num_classes)

    def _check_format(self, input_format: InputFormat) -> None:
        if self._keeps_pairs:
            super()._check_format(input_format)

    def counts_by(self, name: str) -> dict[str, Counts]:
        """Counts of the rows of each value of a slice, "other" the last.

        Args:
            name: the name of a slice of `by`.

        Returns:
            Value -> counts of arrays (C,), as `counts` of those rows alone.

        Raises:
            ValueError: no such slice.
        """
        return {value: part.counts for value, part in self.parts_by(name).items()}

    def parts_by(self, name: str) -> dict[str, SlicePart]:
        """The counts, the bins of the layout and the effective number of samples of each value of a slice.

        Args:
            name: the name of a slice of `by`.

        Raises:
            ValueError: no such slice.
        """
        if self._slice_bins is None:
            raise ValueError(f"{self.name} counts by no slice, got {name!r}; give ScoreSet(by=) its Slice")
        layout: Any = self.layout
        parts = {}
        for value, (bins, excess) in self._slice_bins.split(self._sliced_state(), name).items():
            counts = layout.counts(bins, self.multiclass)
            parts[value] = SlicePart(counts, bins, self._effective(counts, excess))
        return parts

    def compute(self, names: Iterable[str] | None = None) -> dict[str, tf.Tensor]:
        """Scores of the state by name, float64; all of the set by default, whatever is live.

        Args:
            names: names of scores of the set.
        """
        chosen = {name: self.selections[name] for name in (self.selections if names is None else names)}
        return dict(zip(chosen, tf.unstack(self._evaluate(chosen)), strict=True))

    def _evaluate(self, selections: dict[str, Selection]) -> tf.Tensor:
        return evaluate_all(selections, self.counts, **self._options)

    @property
    def _options(self) -> dict[str, Any]:
        return {"multiclass": self.multiclass, "zero_division": self.zero_division, "classes": self._classes}

    def _value(self) -> tf.Tensor:
        """The live scores in one tensor, since one operation for each scalar would slow every step; one as it is."""
        if len(self.live) == 1:
            return self.selections[self.live[0]].evaluate(self.counts, **self._options)
        return self._evaluate({name: self.selections[name] for name in self.live})

    def _shown(self, value: Any) -> dict[str, tf.Tensor]:
        values = tf.unstack(value) if value.shape.rank else [value]
        return super()._shown(dict(zip(self.live, values, strict=True)))

    @property
    def identities(self) -> dict[str, Any]:
        """Each key of the logs -> the meaning of its value."""
        return {self.key(name): ScoreIdentity.of(self.selections[name], self) for name in self.live}

    def _fingerprint(self) -> dict[str, Any]:
        return {**super()._fingerprint(), "matrix": self.has_matrix}


def _of_metric(metric: TableMetric) -> tuple[str, Selection]:
    if not isinstance(metric, TableMetric) or metric.default_name in ("exact_match", "top_k_accuracy"):
        raise TypeError(f"a score must be a name or a metric of the table, got {metric!r}")
    if metric.average is None and metric.class_id is None:
        raise ValueError(
            f"scores of a set must be scalars, got {metric.name!r} with average=None; pass class_id= or an average"
        )
    if metric.average == "samples":
        raise ValueError(f"a set keeps no single rows, got {metric.name!r} with average='samples'; compile it beside")
    return metric.name, metric.selection
