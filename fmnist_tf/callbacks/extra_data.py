"""Data that a callback scores itself: named data sets, and the compiled loop that counts a model's answers on them."""

from collections.abc import Mapping
from typing import Any

import keras
import tensorflow as tf

from fmnist_tf.callbacks.curve_metrics import CurveMetrics
from fmnist_tf.callbacks.snapshots import Snapshot, take_snapshot
from fmnist_tf.metrics import CountMetric, ScoreSet
from fmnist_tf.metrics.base import StateMetric

#: Rows a batch of arrays; a tf.data.Dataset keeps its own batches.
_BATCH_SIZE = 256


def parse_datasets(data: Any) -> dict[str, Any]:
    """Every accepted form of `data` -> named data sets.

    Raises:
        ValueError: a name that training scores use, a tuple that is not (x, y) or (x, y, sample_weight), parts of
            different lengths, or a data set that never ends.
        TypeError: neither a tuple, a data set nor a dict of them.
    """
    named: dict[str, Any] = {} if data is None else dict(data) if isinstance(data, Mapping) else {"val": data}
    for name, values in named.items():
        if name in ("train", "epochs", ""):
            raise ValueError(f"a data set cannot be called {name!r}; training scores and files use that name")
        if isinstance(values, tuple | list) and len(values) not in (2, 3):
            raise ValueError(f"data set {name!r} must be (x, y) or (x, y, sample_weight), got {len(values)} parts")
        if not isinstance(values, tuple | list | tf.data.Dataset):
            raise TypeError(
                f"data set {name!r} must be a tuple of arrays or a tf.data.Dataset, got {type(values).__name__}"
            )
        _check_lengths(name, values)
    return named


def _check_lengths(name: str, values: Any) -> None:
    if isinstance(values, tf.data.Dataset):
        if values.cardinality() == tf.data.INFINITE_CARDINALITY:
            raise ValueError(f"data set {name!r} never ends; leave out repeat(), or add .take(number of batches)")
        return
    parts = [part for value in values for part in (value.values() if isinstance(value, Mapping) else [value])]
    lengths = dict.fromkeys(len(part) for part in parts if hasattr(part, "__len__") and not isinstance(part, tuple))
    if len(lengths) > 1:
        raise ValueError(f"data set {name!r} has parts of different lengths, {' and '.join(map(str, lengths))}")


def _check_batched(name: str, dataset: tf.data.Dataset, model: keras.Model) -> None:
    """Refuses labels without a dimension, and inputs of one dimension less than the model's."""
    x, y, _ = keras.utils.unpack_x_y_sample_weight(dataset.element_spec)
    pairs = zip(tf.nest.flatten(x), getattr(model, "inputs", None) or [], strict=False)
    lacking = [spec.shape.rank == len(wanted.shape) - 1 for spec, wanted in pairs if spec.shape.rank is not None]
    if any(lacking) or any(getattr(spec, "shape", None) == () for spec in tf.nest.flatten(y)):
        raise ValueError(f"data set {name!r} is not batched; give it .batch({_BATCH_SIZE})")


class ExtraDataEvaluator:
    """Counts a model's answers on named data sets, with metrics that read labels as the compiled ones do."""

    def __init__(
        self,
        model: keras.Model,
        datasets: Mapping[str, Any],
        like: CountMetric | None,
        curve_metrics: CurveMetrics,
        output: str | None = None,
    ):
        self._model, self._output = model, output
        self._batches = {name: _as_dataset(values) for name, values in datasets.items()}
        for name, batches in self._batches.items():
            _check_batched(name, batches, model)
        self._metric, self._curve_metrics = _like(like), curve_metrics.copy()
        self._step = tf.function(self._count, reduce_retracing=True)

    @property
    def _metrics(self) -> list[StateMetric]:
        return [self._metric, *self._curve_metrics.metrics]

    def score(self) -> dict[str, Snapshot]:
        """One pass over each data set: its counts by name.

        Raises:
            ValueError: a data set has rows that cannot be counted.
        """
        return {name: self._score(name, batches) for name, batches in self._batches.items()}

    def _score(self, name: str, batches: tf.data.Dataset) -> Snapshot:
        self._metric.name = f"data set {name!r}"
        for metric in self._metrics:
            metric.reset_state()
        for batch in batches:
            x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(batch)
            self._build(x)
            self._step(x, y, sample_weight)
        for metric in self._metrics:
            if metric.on_invalid == "raise":
                metric.raise_if_invalid()
        return take_snapshot(self._metric, self._curve_metrics)

    def _build(self, x: Any) -> None:
        """Makes the state outside the compiled step, where variables can always be made."""
        if any(metric.num_classes is None for metric in self._metrics):
            shape = self._pick(self._model.compute_output_shape(tf.nest.map_structure(lambda part: part.shape, x)))
            for metric in self._metrics:
                metric.build(shape[-1] if len(shape) > 1 else 1)

    def _count(self, x: Any, y: Any, sample_weight: Any) -> None:
        true, predicted = self._pick(y), self._pick(self._model(x, training=False))
        for metric in self._metrics:
            metric.update_state(true, predicted, sample_weight)

    def _pick(self, values: Any) -> Any:
        """The part of the wanted output."""
        if isinstance(values, dict) and self._output is not None:
            return values[self._output]
        if isinstance(values, list) and self._output is not None:
            return values[list(self._model.output_names).index(self._output)]
        return values


def _as_dataset(values: Any) -> tf.data.Dataset:
    if isinstance(values, tf.data.Dataset):
        return values
    return tf.data.Dataset.from_tensor_slices(tuple(values)).batch(_BATCH_SIZE)


def _like(metric: CountMetric | None) -> ScoreSet:
    if metric is None:
        return ScoreSet(live=())
    return ScoreSet(
        metric._given_num_classes,
        live=(),
        threshold=metric.threshold,
        ignore_class=metric.ignore_class,
        zero_division=metric.zero_division,
        on_invalid=metric.on_invalid,
    )
