"""`ExtraDataEvaluator`: counts a model's predictions on named data sets, with metrics like the compiled ones."""

import json
from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary, ref

import keras
import numpy as np
import tensorflow as tf

from fmnist_tf.callbacks.compiled import CompiledMetric, output_names
from fmnist_tf.callbacks.curve_metrics import CurveMetrics
from fmnist_tf.callbacks.extra_data import batches_of, check_batched
from fmnist_tf.callbacks.reading import Reading
from fmnist_tf.callbacks.row_log import RowLog
from fmnist_tf.callbacks.snapshots import Snapshot, take_snapshot
from fmnist_tf.metrics import CountMetric, ScoreSet
from fmnist_tf.metrics.base import StateMetric
from fmnist_tf.rows.receiver import Rows
from fmnist_tf.rows.shown import show_tags
from fmnist_tf.rows.tags import untag

#: Compiled loops of a model, by configuration. They are kept, since TensorFlow never frees a traced function.
_LOOPS: "WeakKeyDictionary[keras.Model, dict[str, _Loop]]" = WeakKeyDictionary()


class ExtraDataEvaluator:
    """Scores named data sets as fit scores its own validation data.

    Sample weights count if the metric that is read takes them, and if none is read.

    Args:
        model: the model that predicts.
        datasets: name -> data set.
        reading: the compiled metrics to score like; none means a `ScoreSet`.
        output: the output to score, of a model of several.
    """

    def __init__(
        self,
        model: keras.Model,
        datasets: Mapping[str, Any],
        reading: Reading,
        output: str | None = None,
        row_log: RowLog | None = None,
    ):
        self._datasets, self._row_log, self._reading = datasets, row_log, reading
        for name, values in datasets.items():
            check_batched(name, values, model)
        find = _find_loop if row_log is None else _make_loop
        self._loop = find(model, reading, output or reading.output) if datasets else None
        self.rows: dict[str, np.ndarray] = {}

    def score(self) -> dict[str, Snapshot]:
        """One pass over each data set: its counts by name.

        Raises:
            ValueError: a data set has rows that cannot be counted.
        """
        if self._loop is None:
            return {}
        return {name: self._score(self._loop, name, values) for name, values in self._datasets.items()}

    def _score(self, loop: "_Loop", name: str, values: Any) -> Snapshot:
        if self._row_log is None:
            return loop.score(name, values)
        self._row_log.start(self._reading)
        snapshot = loop.score(name, values, self._row_log)
        self.rows[name] = self._row_log.finish()
        return snapshot


def _find_loop(model: keras.Model, reading: Reading, output: str | None) -> "_Loop":
    """The loop of an earlier fit of the model where it counts the same."""
    places = _places(reading, output)
    configs = [(type(place.metric).__name__, place.metric.get_config(), place.weighted) for place in places]
    loops = _LOOPS.setdefault(model, {})
    key = json.dumps([output, configs], sort_keys=True, default=str)
    if key not in loops:
        loops[key] = _Loop(model, places, output)
    return loops[key]


def _make_loop(model: keras.Model, reading: Reading, output: str | None) -> "_Loop":
    """A loop for this fit alone, which records rows."""
    return _Loop(model, _places(reading, output), output)


def _places(reading: Reading, output: str | None) -> list[CompiledMetric[Any]]:
    counted = reading.counted or CompiledMetric(ScoreSet(live=()), None, True)
    return [CompiledMetric(_like(counted.metric), output, counted.weighted), *reading.curves]


class _Loop:
    """The compiled step that counts batches, with its metrics; it does not keep its model alive."""

    def __init__(self, model: keras.Model, places: list[CompiledMetric[Any]], output: str | None):
        self._model, self._output = ref(model), output
        self._metrics: list[Any] = [type(place.metric).from_config(place.metric.get_config()) for place in places]
        self._weighted = [place.weighted for place in places]
        self._row_log: RowLog | None = None
        self._step = tf.function(self._count, reduce_retracing=True)

    def score(self, name: str, values: Any, row_log: RowLog | None = None) -> Snapshot:
        """The counts of one data set; with a `row_log` its rows are recorded."""
        self._row_log = row_log
        for metric in self._metrics:
            metric.reset_state()
        for x, y, sample_weight in batches_of(values):
            self._build(x)
            self._step(x, y, sample_weight)
            if row_log is not None:
                row_log.fetch()
        for metric in self._metrics:
            _refuse_invalid(metric, name)
        counted, *curves = self._metrics
        return take_snapshot(counted, CurveMetrics(curves))

    @property
    def _predictor(self) -> Any:
        model = self._model()
        assert model is not None, "the caller of a score keeps the model alive"
        return model

    def _build(self, x: Any) -> None:
        """Makes the state outside the compiled step, where variables can always be made."""
        if any(metric.num_classes is None for metric in self._metrics):
            shape = self._pick(self._predictor.compute_output_shape(tf.nest.map_structure(lambda part: part.shape, x)))
            for metric in self._metrics:
                metric.build(shape[-1] if len(shape) > 1 else 1)

    def _count(self, x: Any, y: Any, sample_weight: Any) -> None:
        y, sample_weight, tags = untag(y, sample_weight)
        y_pred = self._predictor(x, training=False)
        true, predicted = self._pick(y), self._pick(y_pred)
        with show_tags(tags):
            for metric, weighted in zip(self._metrics, self._weighted, strict=True):
                metric.update_state(true, predicted, self._pick(sample_weight) if weighted else None)
        if self._row_log is not None:
            self._row_log.record(Rows(y, y_pred, sample_weight, tags), False)

    def _pick(self, values: Any) -> Any:
        """The part that belongs to the chosen output."""
        if isinstance(values, Mapping) and self._output is not None:
            return values[self._output]
        if isinstance(values, list | tuple) and not _is_shape(values):
            names = output_names(self._predictor)
            return values[names.index(self._output) if self._output in names and len(values) > 1 else 0]
        return values


def _is_shape(values: Any) -> bool:
    return all(value is None or isinstance(value, int) for value in values)


def _refuse_invalid(metric: StateMetric, name: str) -> None:
    """Raises as `result()` does, and names the data set."""
    if metric.on_invalid == "raise":
        try:
            metric.raise_if_invalid()
        except ValueError as error:
            raise ValueError(f"data set {name!r}: {error}") from error


def _like(metric: CountMetric) -> CountMetric:
    """A metric of the same labels and predictions that keeps the matrix, where there is one."""
    options = metric.get_config()
    shared = ScoreSet().get_config().keys() & options.keys() - {"name", "dtype", "scores", "live", "matrix", "prefix"}
    given: dict[str, Any] = {name: options[name] for name in shared} | {"by": metric.by}
    return ScoreSet(live=(), **given)
