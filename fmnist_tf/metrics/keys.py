"""The keys of the logs that a `ScoreSet` writes, so that none of them stands for two values.

Keras writes a dict of results flat: without the name of the output, which other metrics get, and of two equal keys it
keeps one in silence. A metric is not told of its neighbours, so a set looks among the callers of its `result()` for the
metrics that it was compiled with, and names its keys as Keras names other metrics.
"""

import sys
from collections.abc import Iterable
from typing import Any, Generic, NamedTuple, TypeVar

import keras
from keras.src.trainers.compile_utils import CompileMetrics

from fmnist_tf.metrics.base import StateMetric
from fmnist_tf.metrics.table import ScoreIdentity

#: Built-in metrics that agree with our accuracy, where no label is ignored.
_KERAS_ACCURACY = (
    keras.metrics.BinaryAccuracy,
    keras.metrics.CategoricalAccuracy,
    keras.metrics.SparseCategoricalAccuracy,
)


AnyMetric = TypeVar("AnyMetric", bound=keras.metrics.Metric)


class CompiledMetric(NamedTuple, Generic[AnyMetric]):
    """A metric and where it was compiled."""

    metric: AnyMetric
    output: str | None
    weighted: bool


def log_keys(metric: StateMetric, names: Iterable[str]) -> dict[str, str]:
    """Name of a score -> key, while Keras asks a model for all its metrics; else each its own.

    With several outputs the output's name stands first; a key of `weighted_metrics` that one of `metrics` has taken
    begins with "weighted_".

    Raises:
        ValueError: two metrics would write one key with different values.
    """
    places = _compiled_with(metric)
    if not places:
        return {name: name for name in names}
    check_keys(places)
    own = next(place for place in places if place.metric is metric)
    return _keys(own, names, _taken(places))


def _compiled_with(metric: StateMetric) -> list[CompiledMetric]:
    """The metrics, this one among them, whose results Keras is asking for; none where somebody else asks."""
    frame = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_name == "result" and isinstance(owner := frame.f_locals.get("self"), CompileMetrics):
            places = [*_places(owner._flat_metrics, False), *_places(owner._flat_weighted_metrics, True)]
            return places if any(place.metric is metric for place in places) else []
        frame = frame.f_back
    return []


def _places(lists: Iterable[Any], weighted: bool) -> Iterable[CompiledMetric]:
    for part in filter(None, lists):
        yield from (CompiledMetric(metric, part.output_name, weighted) for metric in part.metrics)


def check_keys(places: Iterable[CompiledMetric]) -> None:
    """Refuses metrics that would write one key of the logs with different values.

    Raises:
        ValueError: with the key.
    """
    places = list(places)
    writers: dict[str, tuple[CompiledMetric, Any]] = {}
    for place in places:
        identities = _identities(place.metric)
        for name, key in _keys(place, identities, _taken(places)).items():
            first, meaning = writers.setdefault(key, (place, identities[name]))
            if _clash(first, place) and (first.weighted, meaning) != (place.weighted, identities[name]):
                raise ValueError(
                    f"{first.metric.name} and {place.metric.name} would both write {key!r} into the logs with "
                    "different values; give one another name= or leave the score out of the set"
                )


def _keys(place: CompiledMetric, names: Iterable[str], taken: set[str]) -> dict[str, str]:
    output = f"{place.output}_" if place.output else ""
    weighted = {name for name in names if place.weighted and output + name in taken}
    return {name: f"{output}weighted_{name}" if name in weighted else output + name for name in names}


def _taken(places: Iterable[CompiledMetric]) -> set[str]:
    """The keys of unweighted metrics."""
    unweighted = [place for place in places if not place.weighted]
    return {key for place in unweighted for key in _keys(place, _identities(place.metric), set()).values()}


def _clash(first: CompiledMetric, second: CompiledMetric) -> bool:
    """Whether Keras would keep one of them: the second of two metrics without a dict it gives another key."""
    return first is not second and any(getattr(place.metric, "writes_dict", False) for place in (first, second))


def _identities(metric: keras.metrics.Metric) -> dict[str, Any]:
    """Name of a key -> what it says: equal where the values are equal."""
    if isinstance(metric, StateMetric):
        return metric.identities
    if isinstance(metric, _KERAS_ACCURACY):
        return {metric.name: ScoreIdentity("accuracy", threshold=getattr(metric, "threshold", None))}
    return {metric.name: id(metric)}
