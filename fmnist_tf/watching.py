"""Which metric of a compiled model a callback reads, and whether two of them would write one key of the logs."""

from collections.abc import Iterator
from typing import Any, NamedTuple, TypeGuard

import keras

from fmnist_tf.counts import Cells, Pairs
from fmnist_tf.metrics import CountMetric, CurveSet, ScoreSet
from fmnist_tf.metrics.averaged import TableMetric
from fmnist_tf.metrics.state import StateMetric


class Place(NamedTuple):
    """A metric of this package and where it was compiled."""

    metric: StateMetric
    output: str | None
    weighted: bool


def find_places(model: keras.Model) -> list[Place]:
    """Metrics of this package that a model was compiled with, or holds as attributes, unweighted ones first."""
    outputs = list(getattr(model, "output_names", None) or [])
    compiled = getattr(model, "_compile_metrics", None)  # built only by the first batch, later than training begins
    places = []
    for attribute, weighted in (("_user_metrics", False), ("_user_weighted_metrics", True)):
        given = getattr(compiled, attribute, None)
        places += [Place(metric, output, weighted) for output, metric in _walk(given, outputs)]
    known = {id(place.metric) for place in places}
    own = [metric for metric in model.metrics if isinstance(metric, StateMetric) and id(metric) not in known]
    return places + [Place(metric, None, False) for metric in own]


def _walk(given: Any, outputs: list[str]) -> Iterator[tuple[str | None, StateMetric]]:
    """Metrics in any nesting that `compile` takes, with the output each belongs to."""
    if isinstance(given, dict):
        for output, metrics in given.items():
            yield from ((output, metric) for metric in _flatten(metrics))
    elif isinstance(given, list | tuple) and len(outputs) > 1 and len(given) == len(outputs):
        for output, metrics in zip(outputs, given, strict=True):
            yield from ((output, metric) for metric in _flatten(metrics))
    else:
        yield from ((None, metric) for metric in _flatten(given))


def _flatten(given: Any) -> Iterator[StateMetric]:
    if isinstance(given, StateMetric):
        yield given
    elif isinstance(given, list | tuple):
        for part in given:
            yield from _flatten(part)


def choose(places: list[Place], output: str | None) -> CountMetric | None:
    """The metric to read: of the wanted output, unweighted before weighted, one with a matrix before one without.

    Raises:
        ValueError: several outputs have metrics and none is named, or the named one has none.
    """
    telling = [(place, place.metric) for place in places if _tells_all(place.metric)]
    outputs = sorted({place.output for place, _ in telling if place.output is not None})
    if output is not None:
        found = [(place, metric) for place, metric in telling if place.output == output]
        if not found:
            raise ValueError(f"`output` must be an output with a metric of fmnist_tf, {outputs}, got {output!r}")
        telling = found
    elif len(outputs) > 1:
        raise ValueError(f"several outputs have metrics of fmnist_tf, {outputs}; name one with output=")
    ranked = sorted(telling, key=lambda pair: (pair[0].weighted, not _keeps_matrix(pair[1])))
    return ranked[0][1] if ranked else None


def _tells_all(metric: StateMetric) -> TypeGuard[CountMetric]:
    """Whether it counts answers, and those of the labels: not of rows, of ranks, nor of several thresholds."""
    if not isinstance(metric, CountMetric) or not isinstance(metric._layout, Cells | Pairs):
        return False
    return metric._reading.top_k is None and not metric._num_thresholds


def _keeps_matrix(metric: CountMetric) -> bool:
    return isinstance(metric._layout, Pairs) or (isinstance(metric, ScoreSet) and metric.has_matrix)


def check_keys(places: list[Place]) -> None:
    """Refuses metrics that would write one key of the logs with different values: Keras would keep one in silence.

    Raises:
        ValueError: with the key.
    """
    writers: dict[tuple[str | None, str], Place] = {}
    for place in places:
        for key in _keys(place.metric):
            first = writers.setdefault((place.output, key), place)
            if first is not place and _clash(first, place, key):
                raise ValueError(
                    f"{first.metric.name} and {place.metric.name} would both write {key!r} into the logs with "
                    "different values; give one another name= or leave the score out of the set"
                )


def _keys(metric: StateMetric) -> list[str]:
    return list(metric.live) if isinstance(metric, ScoreSet | CurveSet) else [metric.name]


def _clash(first: Place, second: Place, key: str) -> bool:
    if not any(isinstance(place.metric, ScoreSet | CurveSet) for place in (first, second)):
        return False  # Keras gives the second of two metrics of one name another key
    return (first.weighted, _meaning(first.metric, key)) != (second.weighted, _meaning(second.metric, key))


def _meaning(metric: StateMetric, key: str) -> tuple:
    """What a key says: the score with its average, and how inputs are read."""
    if not isinstance(metric, CountMetric):
        return _meaning_of_scores(metric, key)
    selection = metric.selections[key] if isinstance(metric, ScoreSet) else getattr(metric, "selection", None)
    score = (selection.score.name, getattr(metric, "beta", None), *selection[1:]) if selection else type(metric)
    assert selection is None or isinstance(metric, ScoreSet | TableMetric)
    return score, metric._reading._replace(num_classes=None), str(metric.zero_division), metric.on_invalid


#: What a score of the whole distribution and the metric that counts it agree on through `_reading` and the layout.
_OF_INPUTS = {"name", "dtype", "num_classes", "num_bins", "multi_label", "from_logits", "ignore_class", "on_invalid"}


def _meaning_of_scores(metric: StateMetric, key: str) -> tuple:
    asked = metric.selections[key] if isinstance(metric, CurveSet) else metric
    own = {name: value for name, value in asked.get_config().items() if name not in _OF_INPUTS}
    reading = metric._reading._replace(num_classes=None)
    return type(asked), str(own), reading, getattr(metric, "num_bins", None), metric.on_invalid
