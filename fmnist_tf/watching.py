"""Which metric of a compiled model a callback reads."""

from collections.abc import Iterator
from typing import Any

import keras

from fmnist_tf.counts import Cells, Pairs
from fmnist_tf.metrics import CountMetric, ScoreSet
from fmnist_tf.metrics.keys import Place


def find_places(model: keras.Model) -> list[Place[CountMetric]]:
    """Metrics of this package that a model was compiled with, or holds as attributes, unweighted ones first."""
    outputs = list(getattr(model, "output_names", None) or [])
    compiled = getattr(model, "_compile_metrics", None)  # built only by the first batch, later than training begins
    places = []
    for attribute, weighted in (("_user_metrics", False), ("_user_weighted_metrics", True)):
        given = getattr(compiled, attribute, None)
        places += [Place(metric, output, weighted) for output, metric in _walk(given, outputs)]
    known = {id(place.metric) for place in places}
    own = [metric for metric in model.metrics if isinstance(metric, CountMetric) and id(metric) not in known]
    return places + [Place(metric, None, False) for metric in own]


def _walk(given: Any, outputs: list[str]) -> Iterator[tuple[str | None, CountMetric]]:
    """Metrics in any nesting that `compile` takes, with the output each belongs to."""
    if isinstance(given, dict):
        for output, metrics in given.items():
            yield from ((output, metric) for metric in _flatten(metrics))
    elif isinstance(given, list | tuple) and len(outputs) > 1 and len(given) == len(outputs):
        for output, metrics in zip(outputs, given, strict=True):
            yield from ((output, metric) for metric in _flatten(metrics))
    else:
        yield from ((None, metric) for metric in _flatten(given))


def _flatten(given: Any) -> Iterator[CountMetric]:
    if isinstance(given, CountMetric):
        yield given
    elif isinstance(given, list | tuple):
        for part in given:
            yield from _flatten(part)


def choose(places: list[Place[CountMetric]], output: str | None) -> CountMetric | None:
    """The metric to read: of the wanted output, unweighted before weighted, one with a matrix before one without.

    Raises:
        ValueError: several outputs have metrics and none is named, or the named one has none.
    """
    places = [place for place in places if _tells_all(place.metric)]
    outputs = sorted({place.output for place in places if place.output is not None})
    if output is not None:
        found = [place for place in places if place.output == output]
        if not found:
            raise ValueError(f"`output` must be an output with a metric of fmnist_tf, {outputs}, got {output!r}")
        places = found
    elif len(outputs) > 1:
        raise ValueError(f"several outputs have metrics of fmnist_tf, {outputs}; name one with output=")
    ranked = sorted(places, key=lambda place: (place.weighted, not _keeps_matrix(place.metric)))
    return ranked[0].metric if ranked else None


def _tells_all(metric: CountMetric) -> bool:
    """Whether its counts are those of the labels: not of rows, of ranks, nor of several thresholds."""
    by_rank = metric._reading.top_k is not None
    return isinstance(metric._layout, Cells | Pairs) and not by_rank and not metric._num_thresholds


def _keeps_matrix(metric: CountMetric) -> bool:
    return isinstance(metric._layout, Pairs) or (isinstance(metric, ScoreSet) and metric.has_matrix)
