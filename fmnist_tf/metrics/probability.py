"""`ProbabilityMetric`, the base class of scores of probabilities, and the bins of confidence of some of them."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import tensorflow as tf

from fmnist_tf.calibration import losses, reliability, skill
from fmnist_tf.curves.averages import Average, mean
from fmnist_tf.labels import InputFormat, InputSpec
from fmnist_tf.metrics import arguments
from fmnist_tf.metrics.histograms import ScoreMetric


class ProbabilityMetric(ScoreMetric):
    """A metric of the probabilities of all classes together, or of each binary column."""

    _averages = ("auto", "macro", "micro", None)

    def _score(self, sums: Any) -> tf.Tensor:
        """Sums of each column -> its value, (columns,), NaN where it has none."""
        raise NotImplementedError

    def _check_format(self, input_format: InputFormat) -> None:
        given = self.average, self.class_id, self.target_class_ids
        if input_format.multiclass and given != ("auto", None, None):
            raise ValueError(
                f"`average`, `class_id` and `target_class_ids` have no meaning for {type(self).__name__} of multiclass "
                "scores, which have one value; leave them out, or pass multi_label=True to score each column"
            )

    @property
    def _input_spec(self) -> InputSpec:
        return super()._input_spec._replace(distributions=True)

    @property
    def _layout(self) -> losses.LossSums | reliability.ConfidenceBins | skill.SkillBins:
        raise NotImplementedError

    @property
    def _num_columns(self) -> int:
        return 1 if self.multiclass else self.num_classes or self._least_num_classes

    def _value(self) -> tf.Tensor:
        sums, averaging = self._layout.read(self._bins()), self._averaging(self)
        if self.class_id is None and self.average == "micro":
            return self._score(sums.pooled(averaging.classes))[0]
        values = self._score(sums)
        if self.class_id is not None:
            return values[self.class_id if self._num_columns > 1 else 0]  # no errs as much as yes
        values = averaging.leave_out(values) if self._num_columns > 1 else values
        return values if self.average is None else mean(values)


# A mixin adds no level to the inheritance below keras.metrics.Metric; for the type checker it is a ProbabilityMetric.
if TYPE_CHECKING:
    ProbabilityMetricLike = ProbabilityMetric
else:
    ProbabilityMetricLike = object


class ConfidenceMetric(ProbabilityMetricLike):
    """The part of a metric of bins of confidence that keeps and reads the bins; a mixin of `ProbabilityMetric`."""

    def __init__(
        self,
        num_classes: int | None = None,
        *,
        average: Average = "auto",
        class_id: int | None = None,
        target_class_ids: Iterable[int] | None = None,
        multi_label: bool = False,
        from_logits: bool = False,
        num_bins: int = 15,
        ignore_class: int | Iterable[int] | None = None,
        on_invalid: str = "raise",
        name: str | None = None,
        dtype: str | None = None,
    ):
        self.num_bins = arguments.check_count("num_bins", num_bins)
        super().__init__(
            num_classes,
            average=average,
            class_id=class_id,
            target_class_ids=target_class_ids,
            multi_label=multi_label,
            from_logits=from_logits,
            ignore_class=ignore_class,
            on_invalid=on_invalid,
            name=name,
            dtype=dtype,
        )

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, JSON-ready."""
        return {**super().get_config(), "num_bins": self.num_bins}

    @property
    def _layout(self) -> reliability.ConfidenceBins:
        return reliability.ConfidenceBins(self._num_columns, self.num_bins, self.from_logits)

    def plot(self, class_names: Sequence[str] | None = None, **options: Any) -> Any:
        """The reliability diagram as a figure (extra `plot`).

        Args:
            class_names: names of binary columns; "0", "1", ... by default.
            options: those of `plot_reliability`, `ax` and `title`.
        """
        from fmnist_tf.plots import plot_reliability

        return plot_reliability(self, class_names, **options)

    @property
    def reliability(self) -> reliability.Reliability:
        """Sums of weight, confidence and right predictions in each bin, float64 (columns, num_bins)."""
        return self._layout.read(self._bins())

    def _fingerprint(self) -> dict[str, Any]:
        return {**super()._fingerprint(), "num_bins": self.num_bins}
