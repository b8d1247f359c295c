"""The kinds of metric over a row of the table of scores: with a choice of average, with top_k, with a fixed average."""

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import tensorflow as tf

from fmnist_tf.compat import set_direction
from fmnist_tf.counts import CountLayout, Counts, RowScores
from fmnist_tf.labels import InputFormat, InputSpec
from fmnist_tf.metrics import arguments
from fmnist_tf.metrics.counts import CountMetric
from fmnist_tf.metrics.identity import ScoreIdentity
from fmnist_tf.scores import AVERAGES, Average, Score, SelectedAverage, Selection

# A mixin adds no level to the inheritance below keras.metrics.Metric; for the type checker it is a CountMetric.
if TYPE_CHECKING:
    CountMetricLike = CountMetric
else:
    CountMetricLike = object


class TableMetric(CountMetricLike):
    """The part of a metric over one row of the table that turns counts into its value; a mixin of `CountMetric`."""

    score: Score
    average: Average = "auto"
    class_id: int | None = None
    #: Whether a mean leaves out classes that occur neither in labels nor in predictions.
    present: bool = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Takes the name and the direction, which EarlyStopping reads in mode "auto", from the score."""
        super().__init_subclass__(**kwargs)
        score = cls.__dict__.get("score")
        if score is not None:
            cls.default_name = cls.__dict__.get("default_name", score.name)
            if score.direction is not None:
                set_direction(cls, score.direction)

    @property
    def selection(self) -> Selection:
        """The score with its average or class."""
        return Selection(self.score, self.average, self.class_id, self.present)

    @property
    def identities(self) -> dict[str, Any]:
        """Name of the key -> the meaning of its value."""
        return {self.name: ScoreIdentity.of(self.selection, self)._replace(score=self._fingerprint()["score"])}

    def _fingerprint(self) -> dict[str, Any]:
        return {**super()._fingerprint(), "score": self.score.name}

    def _value(self) -> tf.Tensor:
        return self.selection.evaluate(
            self.counts, multiclass=self.multiclass, zero_division=self.zero_division, classes=self._classes
        )


class ChosenAverage(TableMetric):
    """The part of a metric that checks a choice of average or class, and counts rows for `average="samples"`."""

    def _take_average(self, average: Average, class_id: int | None, target_class_ids: Iterable[int] | None) -> None:
        self.average = arguments.check_choice("average", average, AVERAGES)
        self.class_id = arguments.check_optional_count("class_id", class_id, least=0)
        self.target_class_ids = arguments.check_targets("target_class_ids", target_class_ids)
        if self.by_row and self.class_id is not None:
            raise ValueError("`class_id` and average='samples' exclude each other; pass one of them")
        if self.by_row and not all(map(math.isfinite, self.score.bounds)):
            raise ValueError(f"average='samples' has no meaning for {self.score.name}, which has no greatest value")

    @property
    def by_row(self) -> bool:
        """Whether the score of each row is averaged over the rows."""
        return self.average == "samples"

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, JSON-ready."""
        targets = None if self.target_class_ids is None else list(self.target_class_ids)
        ours = {"average": self.average, "class_id": self.class_id, "target_class_ids": targets}
        return {**super().get_config(), **ours}

    @property
    def _usual_name(self) -> str:
        return self.default_name if self.class_id is None else f"{self.default_name}/{self.class_id}"

    @property
    def _least_num_classes(self) -> int:
        return 1 + max(self.class_id or 0, *(self.target_class_ids or (0,)))

    @property
    def _layout(self) -> CountLayout:
        if not self.by_row:
            return super()._layout
        layout: Any = RowScores(self.score.fraction, self.score.final, self.target_class_ids)
        return layout

    @property
    def counts(self) -> Counts:
        """tp, predicted, support and total of each class, float64 (C,); with several thresholds (T, C).

        Of one binary column they are those of yes, (1,).

        Raises:
            ValueError: with `average="samples"`, which keeps none.
        """
        if self.by_row:
            raise ValueError(f"{self.name} averages over samples and keeps no counts of classes; count beside it")
        return super().counts

    def _value(self) -> tf.Tensor:
        layout: Any = self.layout
        return layout.mean(self._bins(), self.zero_division) if self.by_row else super()._value()

    def _fingerprint(self) -> dict[str, Any]:
        ours = {"samples_of": self.target_class_ids} if self.by_row else {}
        return {**super()._fingerprint(), **ours}

    def _check_num_classes(self, num_classes: int) -> None:
        super()._check_num_classes(num_classes)
        arguments.check_class_id(self.class_id, max(num_classes, 2))
        if num_classes == 1 and self.class_id is None:
            check_reading(type(self).__name__, self.score.name, self.average)
        if self.by_row and self._num_thresholds:
            raise ValueError(f"`threshold` must be one number with average='samples', got {self._thresholds}")

    def _check_format(self, input_format: InputFormat) -> None:
        super()._check_format(input_format)
        if input_format.multiclass and self.by_row:
            raise ValueError(
                "average='samples' is for multilabel columns, got multiclass samples; pass threshold=0.5, or another "
                "average"
            )
        overall_score = input_format.multiclass and self.score.overall is not None and self.class_id is None
        if overall_score and self.average != "auto":
            raise ValueError(
                f"`average` has no meaning for {self.score.name} of multiclass samples, got {self.average!r}; leave it "
                "out, or pass a threshold to score each column"
            )


def check_reading(kind: str, score: str, average: SelectedAverage) -> None:
    """Refuses an average over one binary column by argument, which libraries read in two ways."""
    if average in ("macro", "micro", "weighted"):
        name = f"{average}_{score.removesuffix('_score')}"
        raise ValueError(
            f"average={average!r} of one binary column has two readings: the score of yes, as Keras has it, is "
            f"{kind}() without average; that over no and yes, as scikit-learn has it, is "
            f"ScoreSet(scores=[{name!r}]) (MacroF1() and the like)"
        )


class AveragedMetric(ChosenAverage, CountMetric):
    """A metric with one value a class, and a choice of how to average them; the base of most scores.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update.
        average: "auto", the mean over classes or columns, of one binary column the score of yes; "macro", the mean over
            classes or columns; "micro", the score of the pooled counts; "weighted", the mean weighted by support;
            "samples", of columns the mean over rows of the score of a row; None, one value a class, (C,). Overall
            multiclass scores, such as accuracy, take no average.
        class_id: the score of this class alone, as a scalar, in place of an average; of one column 0 is no, 1 yes.
        target_class_ids: the classes that averages run over, whose rows alone it does not keep; None for all.
        threshold: None, a number, or several numbers, which become the first axis of result and counts.
        from_logits: whether scores of columns are logits.
        ignore_class: a label, or several, that is not looked at, and that averages leave out.
        zero_division: the value of 0/0; nan leaves such classes out of a mean.
        on_invalid: "raise" or "skip".
        name: key in the logs; by default the score's name, with `class_id` followed by "/" and the class.
        dtype: dtype of the result alone.
    """

    def __init__(
        self,
        num_classes: int | None = None,
        *,
        average: Average = "auto",
        class_id: int | None = None,
        target_class_ids: Iterable[int] | None = None,
        threshold: float | Iterable[float] | None = None,
        from_logits: bool = False,
        ignore_class: int | Iterable[int] | None = None,
        zero_division: float = 0.0,
        on_invalid: str = "raise",
        name: str | None = None,
        dtype: str | None = None,
    ):
        self._take_average(average, class_id, target_class_ids)
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


class TopKMetric(ChosenAverage, CountMetric):
    """A metric with one value a class that can take the k largest scores of a row for its predictions.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update.
        average: as of `AveragedMetric`.
        class_id: the score of this class alone, as a scalar, in place of an average.
        target_class_ids: the classes that averages run over; None for all.
        top_k: None, or how many of the largest scores say yes, the lower index first on a tie. Each class is then a
            binary column, and class ids as labels are read as one-hot.
        threshold: None, a number, or several numbers, which become the first axis of result and counts; with `top_k`
            yes are those of the k largest scores that exceed it.
        from_logits: whether scores of columns are logits.
        ignore_class: a label, or several, that is not looked at, and that averages leave out.
        zero_division: the value of 0/0; nan leaves such classes out of a mean.
        on_invalid: "raise" or "skip".
        name: key in the logs.
        dtype: dtype of the result alone.
    """

    def __init__(
        self,
        num_classes: int | None = None,
        *,
        average: Average = "auto",
        class_id: int | None = None,
        target_class_ids: Iterable[int] | None = None,
        top_k: int | None = None,
        threshold: float | Iterable[float] | None = None,
        from_logits: bool = False,
        ignore_class: int | Iterable[int] | None = None,
        zero_division: float = 0.0,
        on_invalid: str = "raise",
        name: str | None = None,
        dtype: str | None = None,
    ):
        self._take_average(average, class_id, target_class_ids)
        self.top_k = arguments.check_optional_count("top_k", top_k)
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

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, JSON-ready."""
        return {**super().get_config(), "top_k": self.top_k}

    @property
    def _input_spec(self) -> InputSpec:
        return super()._input_spec._replace(top_k=self.top_k)


class FixedAverageMetric(TableMetric, CountMetric):
    """A metric whose average is part of its name.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update.
        target_class_ids: the classes that the average runs over; None for all.
        threshold: None, a number, or several numbers, which become the first axis of result and counts.
        from_logits: whether scores of columns are logits.
        ignore_class: a label, or several, that is not looked at, and that the average leaves out.
        zero_division: the value of 0/0; nan leaves such classes out of the mean.
        on_invalid: "raise" or "skip".
        name: key in the logs.
        dtype: dtype of the result alone.
    """

    def __init__(
        self,
        num_classes: int | None = None,
        *,
        target_class_ids: Iterable[int] | None = None,
        threshold: float | Iterable[float] | None = None,
        from_logits: bool = False,
        ignore_class: int | Iterable[int] | None = None,
        zero_division: float = 0.0,
        on_invalid: str = "raise",
        name: str | None = None,
        dtype: str | None = None,
    ):
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

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, JSON-ready."""
        targets = None if self.target_class_ids is None else list(self.target_class_ids)
        return {**super().get_config(), "target_class_ids": targets}

    @property
    def _least_num_classes(self) -> int:
        return 1 + max(self.target_class_ids or (0,))
