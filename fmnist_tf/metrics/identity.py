"""`ScoreIdentity`: whether two metrics write the same number into the logs."""

from typing import NamedTuple

from fmnist_tf.metrics.counts import CountMetric
from fmnist_tf.scores import SelectedAverage, Selection


class ScoreIdentity(NamedTuple):
    """The meaning of a number in the logs: two metrics that agree in this count the same and compute the same."""

    score: str
    parameters: tuple[float | str, ...] = ()
    average: SelectedAverage = "auto"
    class_id: int | None = None
    present: bool = False
    threshold: float | tuple[float, ...] | None = None
    from_logits: bool = False
    top_k: int | None = None
    ignore_class: tuple[int, ...] = ()
    classes: tuple[int, ...] | None = None
    zero_division: str = "0.0"

    @classmethod
    def of(cls, selection: Selection, metric: CountMetric) -> "ScoreIdentity":
        """The meaning of a score that is computed from the state of a metric."""
        score, average, class_id, present = selection
        spec = metric._input_spec
        by_half = spec.threshold is None and spec.top_k is None and not metric.multiclass
        several = metric.multiclass or (metric.num_classes or 1) > 1
        return cls(
            score.name,
            score.parameters,
            "macro" if average == "auto" and several and not score.pooled else average,
            class_id,
            present,
            0.5 if by_half else spec.threshold,
            spec.from_logits and not metric.multiclass,
            spec.top_k,
            spec.ignore_class,
            metric._classes,
            str(metric.zero_division),
        )
