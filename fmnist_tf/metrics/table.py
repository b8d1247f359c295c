"""The kinds of metric over a row of the table: with a choice of average, with top_k, with a fixed average."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import tensorflow as tf

from fmnist_tf.compat import set_direction
from fmnist_tf.labels import InputFormat, InputSpec
from fmnist_tf.metrics import arguments
from fmnist_tf.metrics.counts import CountMetric, CountOptions
from fmnist_tf.scores import Average, Score, Selection


class ScoreIdentity(NamedTuple):
    """What a number in the logs says: two metrics that agree in this count the same and compute the same."""

    score: str
    parameters: tuple[float | str, ...] = ()
    average: Average = "macro"
    class_id: int | None = None
    threshold: float | tuple[float, ...] | None = None
    top_k: int | None = None
    ignore_class: tuple[int, ...] = ()
    zero_division: str = "0.0"

    @classmethod
    def of(cls, selection: Selection, metric: CountMetric) -> "ScoreIdentity":
        """What a score says that is computed from the state of a metric."""
        score, average, class_id = selection
        spec = metric._input_spec
        by_half = spec.threshold is None and spec.top_k is None and not metric.multiclass
        return cls(
            score.name,
            score.parameters,
            average,
            class_id,
            0.5 if by_half else spec.threshold,
            spec.top_k,
            spec.ignore_class,
            str(metric.zero_division),
        )


class TableMetric(CountMetric):
    """A metric over one row of the table of scores."""

    score: Score
    average: Average = "macro"
    class_id: int | None = None

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
        return Selection(self.score, self.average, self.class_id)

    @property
    def identities(self) -> dict[str, Any]:
        """Name of the key -> what it says."""
        return {self.name: ScoreIdentity.of(self.selection, self)._replace(score=self._fingerprint()["score"])}

    def _fingerprint(self) -> dict[str, Any]:
        return {**super()._fingerprint(), "score": self.score.name}

    def _value(self) -> tf.Tensor:
        return self.selection.evaluate(self.counts, multiclass=self.multiclass, zero_division=self.zero_division)


class AveragedOptions(CountOptions, total=False):
    """The keyword arguments of an `AveragedMetric`."""

    average: Average
    class_id: int | None


class TopKOptions(AveragedOptions, total=False):
    """The keyword arguments of a `RankedMetric`."""

    top_k: int | None


class AveragedMetric(TableMetric):
    """A metric with one value a class, and a choice of how to average them.

    Args:
        num_classes: as for every metric, see `CountMetric`; likewise those not named here.
        average: "macro", the mean over all C classes; "micro", the score of the pooled counts; "weighted", the mean
            weighted by support; None, one value a class, (C,). Scores of the whole, such as accuracy, take no average
            for exclusive classes.
        class_id: the score of this class alone, as a scalar, in place of an average.
    """

    def __init__(
        self,
        num_classes: int | None = None,
        *,
        average: Average = "macro",
        class_id: int | None = None,
        threshold: float | Iterable[float] | None = None,
        ignore_class: int | Iterable[int] | None = None,
        zero_division: float = 0.0,
        on_invalid: str = "raise",
        name: str | None = None,
        dtype: str | None = None,
    ):
        self.average = arguments.check_average(average)
        self.class_id = arguments.check_optional_count("class_id", class_id, least=0)
        super().__init__(
            num_classes,
            threshold=threshold,
            ignore_class=ignore_class,
            zero_division=zero_division,
            on_invalid=on_invalid,
            name=name,
            dtype=dtype,
        )

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, JSON-ready."""
        return {**super().get_config(), "average": self.average, "class_id": self.class_id}

    @property
    def _least_num_classes(self) -> int:
        return 1 + (self.class_id or 0)

    def _check_num_classes(self, num_classes: int) -> None:
        arguments.check_class_id(self.class_id, num_classes)

    def _check_format(self, input_format: InputFormat) -> None:
        if (
            input_format.multiclass
            and self.score.overall is not None
            and self.average != "macro"
            and self.class_id is None
        ):
            raise ValueError(
                f"`average` has no meaning for {self.score.name} of exclusive classes, got {self.average!r}; leave it "
                "out, or pass a threshold to score each column"
            )


class TopKMetric(AveragedMetric):
    """An `AveragedMetric` that can take the k largest scores of a row for its answers.

    Args:
        num_classes: as for every metric, see `CountMetric`; likewise those not named here and in `AveragedMetric`.
        top_k: None, or how many of the largest scores say yes, the lower index first on a tie. Each class is then a
            yes/no column, and class ids as labels are read as one-hot.
    """

    def __init__(
        self,
        num_classes: int | None = None,
        *,
        average: Average = "macro",
        class_id: int | None = None,
        top_k: int | None = None,
        threshold: float | Iterable[float] | None = None,
        ignore_class: int | Iterable[int] | None = None,
        zero_division: float = 0.0,
        on_invalid: str = "raise",
        name: str | None = None,
        dtype: str | None = None,
    ):
        self.top_k = arguments.check_optional_count("top_k", top_k)
        if self.top_k is not None and threshold is not None:
            raise ValueError("`top_k` and `threshold` exclude each other; pass one of them")
        super().__init__(
            num_classes,
            average=average,
            class_id=class_id,
            threshold=threshold,
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


class FixedAverageMetric(TableMetric):
    """A metric whose average is part of its name."""
