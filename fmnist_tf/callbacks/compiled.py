"""Which metric of a compiled model a callback reads, who writes which key of the logs, and who looks too early."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any, Generic, NamedTuple, TypeVar

import keras

from fmnist_tf.counts import ConfusionLayout, PerClassLayout
from fmnist_tf.metrics import CountMetric, ScoreSet
from fmnist_tf.metrics.base import StateMetric
from fmnist_tf.metrics.sets import MetricSet

AnyMetric = TypeVar("AnyMetric", bound=keras.metrics.Metric)


class CompiledMetric(NamedTuple, Generic[AnyMetric]):
    """A metric and where it was compiled."""

    metric: AnyMetric
    output: str | None
    weighted: bool


def find_compiled(model: keras.Model, kind: type[AnyMetric] = CountMetric) -> list[CompiledMetric[AnyMetric]]:
    """Metrics of a kind that a model was compiled with, or holds as attributes, unweighted ones first."""
    places = [
        CompiledMetric(metric, output, weighted)
        for metric, output, weighted in _compiled(model)
        if isinstance(metric, kind)
    ]
    known = {id(place.metric) for place in places}
    own = [metric for metric in model.metrics if isinstance(metric, kind) and id(metric) not in known]
    return places + [CompiledMetric(metric, None, False) for metric in own]


def _compiled(model: keras.Model) -> Iterator[tuple[Any, str | None, bool]]:
    """Whatever `compile` was given as a metric, with its output and whether it is weighted."""
    outputs = _outputs(model)
    compiled = getattr(model, "_compile_metrics", None)  # built only by the first batch, later than training begins
    for attribute, weighted in (("_user_metrics", False), ("_user_weighted_metrics", True)):
        for output, metric in _walk(getattr(compiled, attribute, None), outputs):
            yield metric, output, weighted


def _outputs(model: keras.Model) -> list[str]:
    return list(getattr(model, "output_names", None) or [])


def _walk(given: Any, outputs: list[str]) -> Iterator[tuple[str | None, Any]]:
    """Metrics in any nesting that `compile` takes, with the output each belongs to."""
    if isinstance(given, dict):
        for output, metrics in given.items():
            yield from ((output, metric) for metric in _flatten(metrics))
    elif isinstance(given, list | tuple) and len(outputs) > 1 and len(given) == len(outputs):
        for output, metrics in zip(outputs, given, strict=True):
            yield from ((output, metric) for metric in _flatten(metrics))
    else:
        yield from ((None, metric) for metric in _flatten(given))


def _flatten(given: Any) -> Iterator[Any]:
    if isinstance(given, list | tuple):
        for part in given:
            yield from _flatten(part)
    elif given is not None:
        yield given


def has_one_output(model: keras.Model) -> bool:
    """Whether a model is known to have a single output."""
    return len(getattr(model, "outputs", None) or []) == 1


def choose(
    places: list[CompiledMetric[CountMetric]], output: str | None, *, single: bool = False
) -> CountMetric | None:
    """The metric to read: of the wanted output, unweighted before weighted, one with a matrix before one without.

    Raises:
        ValueError: several outputs have metrics and none is named, or the named one has none, as in a model that has a
            `single` one.
    """
    places = [place for place in places if _tells_all(place.metric)]
    outputs = sorted({place.output for place in places if place.output is not None})
    if output is not None:
        found = [place for place in places if place.output == output]
        if not found and single:
            raise ValueError(
                f"`output` is for models of several outputs, this one has one; leave out output={output!r}"
            )
        if not found:
            raise ValueError(f"`output` must be an output with a metric of fmnist_tf, {outputs}, got {output!r}")
        places = found
    elif len(outputs) > 1:
        raise ValueError(f"several outputs have metrics of fmnist_tf, {outputs}; name one with output=")
    ranked = sorted(places, key=lambda place: (place.weighted, not _keeps_matrix(place.metric)))
    return ranked[0].metric if ranked else None


def nothing_to_read(model: keras.Model) -> str:
    """What to say of a model none of whose metrics can be chosen."""
    kinds = sorted({type(place.metric).__name__ for place in find_compiled(model, StateMetric)})
    if not kinds:
        return (
            "ScoreLogger found no metric of fmnist_tf to read; compile the model with metrics=[ScoreSet()], "
            "or give it data=(x, y)"
        )
    return (
        f"ScoreLogger cannot read {', '.join(kinds)} alone; compile the model with "
        "metrics=[..., ScoreSet(live=())], or give it data=(x, y)"
    )


def _tells_all(metric: CountMetric) -> bool:
    """Whether its counts are those of the labels: not of rows, of ranks, nor of several thresholds."""
    by_rank = metric._input_spec.top_k is not None
    return isinstance(metric._layout, PerClassLayout | ConfusionLayout) and not by_rank and not metric._num_thresholds


def _keeps_matrix(metric: CountMetric) -> bool:
    return isinstance(metric._layout, ConfusionLayout) or (isinstance(metric, ScoreSet) and metric.has_matrix)


def _keys(metric: Any) -> list[str]:
    """What a metric of any kind that `compile` takes writes into the logs of training."""
    if isinstance(metric, MetricSet):
        return list(metric.live)
    return [metric if isinstance(metric, str) else getattr(metric, "name", None) or getattr(metric, "__name__", "")]


def compiled_keys(model: keras.Model) -> set[str]:
    """Keys of the training logs that metrics write by themselves, those of a train_step of one's own included."""
    several = len(_outputs(model)) > 1
    keys = {key for metric in model.metrics for key in _keys(metric)}
    for metric, output, _ in _compiled(model):
        keys |= {f"{output}_{key}" if several and output else key for key in _keys(metric)}
    return keys


def check_order(callback: keras.callbacks.Callback, adds: Callable[[str], bool]) -> None:
    """Refuses a callback that stands before this one and monitors a key which this one adds to the logs.

    Keras would warn once an epoch that the key is missing, and stop or save nothing.

    Args:
        callback: the one that adds keys, in its `on_train_begin`.
        adds: whether a key is its own.

    Raises:
        ValueError: with the callback, the key and the remedy.
    """
    name = type(callback).__name__
    for earlier in _callbacks_before(callback):
        key = getattr(earlier, "monitor", None)
        if isinstance(key, str) and adds(key):
            raise ValueError(
                f"{type(earlier).__name__} monitors {key!r}, which {name} adds to the logs only after it; "
                f"put {name} before {type(earlier).__name__} in `callbacks`"
            )


def _callbacks_before(callback: keras.callbacks.Callback) -> list[keras.callbacks.Callback]:
    """Those that run before a callback whose `on_train_begin` runs; [] where no list is found.

    Keras tells a callback nothing of its neighbours, and the list is local to `fit`; but it is a `CallbackList` that
    calls the hook, so it stands among the callers. Where a list of another kind calls, nothing is checked.
    """
    frame = inspect.currentframe()
    while frame is not None:
        caller = frame.f_locals.get("self") if frame.f_code.co_name == "on_train_begin" else None
        callbacks = caller.callbacks if isinstance(caller, keras.callbacks.CallbackList) else []
        for place, member in enumerate(callbacks):
            if member is callback:
                return callbacks[:place]
        frame = frame.f_back
    return []


def find_evaluation(callback: keras.callbacks.Callback) -> list[keras.callbacks.Callback] | None:
    """The callbacks of the evaluation that is calling, if it was not given this callback; else None.

    Keras makes them a list of their own, local to `evaluate`: joining it is the one way to learn when that ends. A
    `test_on_batch()` that some hook calls has none.
    """
    frame, on_batch = inspect.currentframe(), False
    while frame is not None:
        on_batch = on_batch or frame.f_code.co_name == "test_on_batch"
        if on_batch and isinstance(frame.f_locals.get("self"), keras.callbacks.CallbackList):
            return []
        callbacks = frame.f_locals.get("callbacks") if frame.f_code.co_name == "evaluate" else None
        if isinstance(callbacks, keras.callbacks.CallbackList):
            return None if callback in callbacks.callbacks else callbacks.callbacks
        frame = frame.f_back
    return None
