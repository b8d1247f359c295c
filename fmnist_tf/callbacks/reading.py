"""`Reading`: the metrics that a callback reads of a model, found before the first step or after it."""

from typing import Any, NamedTuple

import keras

from fmnist_tf.callbacks.compiled import (
    CompiledMetric,
    choose,
    find_compiled,
    find_configured,
    has_one_output,
    is_built,
    is_readable,
    nothing_to_read,
    output_width,
)
from fmnist_tf.callbacks.curve_metrics import CurveMetrics
from fmnist_tf.metrics import CountMetric
from fmnist_tf.metrics.base import StateMetric
from fmnist_tf.metrics.histograms import ScoreMetric


class Reading(NamedTuple):
    """The metrics of one output that are read together.

    Attributes:
        counted: the metric whose counts are read, if there is one.
        curves: metrics of scores beside it, unweighted ones first.
    """

    counted: CompiledMetric[CountMetric] | None = None
    curves: tuple[CompiledMetric[ScoreMetric], ...] = ()

    @property
    def metrics(self) -> list[StateMetric]:
        """All of them."""
        return [place.metric for place in ([self.counted] if self.counted else []) + list(self.curves)]

    @property
    def curve_names(self) -> set[str]:
        """The names of the scores of `curves`."""
        return CurveMetrics(place.metric for place in self.curves).names

    @property
    def output(self) -> str | None:
        """The output they belong to, of a model of several."""
        return self.counted.output if self.counted else None


class Wanted(NamedTuple):
    """The metric that a callback is to read.

    Attributes:
        metric: the metric itself, or None to choose one.
        output: the name of its output, or None for the only output that has metrics.
        optional: whether there may be none.
    """

    metric: CountMetric | None
    output: str | None
    optional: bool

    def find(self, model: keras.Model, *, final: bool = False) -> Reading | None:
        """The metrics to read; None where a step must have run before they are known.

        Args:
            model: the compiled model.
            final: whether a step has run, so that a missing metric is an error.

        Raises:
            ValueError: there is nothing to read, or `output` does not fit the model.
        """
        if not final and not is_built(model):
            return None
        return self._choose(model, list(find_compiled(model, StateMetric)), complete=True)

    def preview(self, model: keras.Model) -> Reading | None:
        """Metrics equal to those that `find` will find, from the compile config; None where it is not known.

        Raises:
            ValueError: `find` will find nothing to read, or `output` does not fit the model.
        """
        places, complete = find_configured(model)
        return self._choose(model, places + list(find_compiled(model, StateMetric)), complete=complete)

    def _choose(
        self, model: keras.Model, places: list[CompiledMetric[StateMetric]], *, complete: bool
    ) -> Reading | None:
        counting: list[Any] = [place for place in places if isinstance(place.metric, CountMetric)]
        if self.metric is not None:
            return _beside(self._given(counting), places)
        if not complete and not any(is_readable(place.metric) for place in counting):
            return None
        counted = choose(counting, self.output, single=has_one_output(model))
        if counted is None and not self.optional:
            raise ValueError(nothing_to_read({type(place.metric).__name__ for place in places}))
        return _beside(counted, places)

    def _given(self, places: list[CompiledMetric[CountMetric]]) -> CompiledMetric[CountMetric]:
        """The place of the given metric; one that a custom train step updates may be in no list."""
        assert self.metric is not None
        own = [place for place in places if place.metric is self.metric]
        return own[0] if own else CompiledMetric(self.metric, self.output, False)


def _beside(counted: CompiledMetric[CountMetric] | None, places: list[CompiledMetric[StateMetric]]) -> Reading:
    """A metric of counts with the metrics of scores of its output; none where no counts are read."""
    if counted is None:
        return Reading()
    curves: list[Any] = [place for place in places if isinstance(place.metric, ScoreMetric)]
    beside = [place for place in curves if None in (place.output, counted.output) or place.output == counted.output]
    return Reading(counted, tuple(sorted(beside, key=lambda place: place.weighted)))


def known_classes(model: keras.Model, reading: Reading, output: str | None) -> int | None:
    """The number of classes of the report, if the metric or the model tells it; two for one binary column.

    A model with a custom train step may give its metrics something other than its output.
    """
    width = reading.counted.metric.num_classes if reading.counted else None
    if width is None and type(model).train_step is keras.Model.train_step and not _is_own(model, reading):
        width = output_width(model, output or reading.output)
    return 2 if width == 1 else width


def _is_own(model: keras.Model, reading: Reading) -> bool:
    """Whether the metric was not given to `compile`."""
    return reading.counted is not None and any(metric is reading.counted.metric for metric in model.metrics)
