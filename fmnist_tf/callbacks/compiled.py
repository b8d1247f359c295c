"""The metrics of a model, found by public means: their outputs, and which of them a callback reads.

Keras makes its list of compiled metrics in the first step. Before that the compile config
tells what the list will hold, so that errors are raised before training begins.
"""

import re
import warnings
from collections import Counter
from collections.abc import Iterator
from typing import Any, Generic, NamedTuple, TypeVar

import keras

from fmnist_tf.counts import ConfusionLayout, PerClassLayout
from fmnist_tf.metrics import CountMetric, ScoreSet
from fmnist_tf.metrics.base import StateMetric

AnyMetric = TypeVar("AnyMetric", bound=keras.metrics.Metric)


class CompiledMetric(NamedTuple, Generic[AnyMetric]):
    """A metric and where it was compiled.

    Attributes:
        metric: the metric, or before the first step one of the same configuration.
        output: the output it belongs to, of a model of several; else None.
        weighted: whether it is one of `weighted_metrics`.
    """

    metric: AnyMetric
    output: str | None
    weighted: bool


def find_compiled(model: keras.Model, kind: type[AnyMetric] = CountMetric) -> list[CompiledMetric[AnyMetric]]:
    """Metrics of a kind that a model has: those of `compile`, once the first step has made them, and its own.

    Raises:
        ValueError: one metric object was compiled in two places, so that it would count the rows of both.
    """
    group = _group(model)
    members = _members(model, group)
    _refuse_shared(members)
    known = {id(group), *(id(member.metric) for member in members)}
    own = [CompiledMetric(metric, None, False) for metric in model.metrics if id(metric) not in known]
    return [place for place in [*members, *own] if isinstance(place.metric, kind)]


def state_metrics(model: keras.Model) -> list[StateMetric]:
    """All metrics of this package that a model has by now."""
    metrics = [*_metrics_of(_group(model)), *model.metrics]
    return [metric for metric in metrics if isinstance(metric, StateMetric)]


def is_built(model: keras.Model) -> bool:
    """Whether `find_compiled` finds all that there is."""
    return bool(_metrics_of(_group(model))) or not any(True for _ in _configured(model))


def find_configured(model: keras.Model) -> tuple[list[CompiledMetric[StateMetric]], bool]:
    """Metrics like those that `compile` was given, and whether these are all of this package.

    They are made from the compile config: they are empty, and wrong arguments raise now.
    """
    places, complete = [], True
    for config, output, weighted in _configured(model):
        kind = _registered_kind(config)
        if kind is not None and issubclass(kind, StateMetric):
            places.append(CompiledMetric(kind.from_config(config["config"]), output, weighted))
        elif kind is None and not _is_foreign(config):
            complete = False
    return places, complete


def output_width(model: keras.Model, output: str | None) -> int | None:
    """The last dimension of an output, where the model knows it before it is called."""
    shape = getattr(model, "output_shape", None)
    names = output_names(model)
    if isinstance(shape, dict):
        shape = shape.get(output)
    elif shape and isinstance(shape[0], tuple):
        shape = shape[names.index(output)] if output in names else None
    return None if not shape else shape[-1] if len(shape) > 1 else 1


def output_names(model: keras.Model) -> list[str]:
    """Names of the outputs; [] of a model that does not know them before it is called."""
    return list(getattr(model, "output_names", None) or [])


def has_one_output(model: keras.Model) -> bool:
    """Whether a model is known to have a single output."""
    return len(getattr(model, "outputs", None) or output_names(model)) == 1


def _group(model: keras.Model) -> Any:
    """The member of `model.metrics` that stands for all metrics of `compile`: the one that has metrics itself."""
    return next((metric for metric in model.metrics if isinstance(getattr(metric, "metrics", None), list)), None)


def _metrics_of(group: Any) -> list[keras.metrics.Metric]:
    return [] if group is None else group.metrics


def _members(model: keras.Model, group: Any) -> list[CompiledMetric]:
    metrics = _metrics_of(group)
    unweighted = sum(1 for _, _, weighted in _configured(model) if not weighted)
    outputs: list[str | None] = [None] * len(metrics)
    if metrics and not has_one_output(model):
        outputs = [_output_of(key, metric, model) for key, metric in zip(group.result(), metrics, strict=False)]
    return [
        CompiledMetric(metric, output, index >= unweighted)
        for index, (metric, output) in enumerate(zip(metrics, outputs, strict=False))
    ]


def _output_of(key: str, metric: keras.metrics.Metric, model: keras.Model) -> str | None:
    """The output in Keras' key of a metric: "digit" of "digit_macro_f1", "digit_weighted_macro_f1_1"."""
    rest = rf"(weighted_)?{re.escape(metric.name)}(_\d+)?"
    known = [name for name in output_names(model) if re.fullmatch(f"{re.escape(name)}_{rest}", key)]
    if known:
        return max(known, key=len)
    found = re.fullmatch(f"(?P<output>.+?)_{rest}", key)
    return found["output"] if found else None


def _refuse_shared(places: list[CompiledMetric]) -> None:
    counted = Counter(id(place.metric) for place in places)
    for place in places:
        if counted[id(place.metric)] > 1 and isinstance(place.metric, StateMetric):
            raise ValueError(
                f"one {type(place.metric).__name__} object, {place.metric.name!r}, was compiled in two places and "
                "counts both; make one for each"
            )


# The compile config: serialized metrics


def _configured(model: keras.Model) -> Iterator[tuple[Any, str | None, bool]]:
    """The serialized metrics of `compile`, with output and whether they are weighted, in Keras' order."""
    with warnings.catch_warnings():  # it warns of a lambda among metrics or losses, which does not matter here
        warnings.simplefilter("ignore", UserWarning)
        config: Any = model.get_compile_config() or {}
    for argument, weighted in (("metrics", False), ("weighted_metrics", True)):
        for output, metric in _walk(config.get(argument), output_names(model)):
            yield metric, output, weighted


def _walk(given: Any, outputs: list[str]) -> Iterator[tuple[str | None, Any]]:
    """Serialized metrics in any nesting that `compile` takes, with the output each belongs to."""
    if isinstance(given, dict) and "class_name" not in given:
        for output, metrics in given.items():
            yield from ((output if len(outputs) != 1 else None, metric) for metric in _flatten(metrics))
    elif isinstance(given, list) and len(outputs) > 1 and len(given) == len(outputs):
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


def _registered_kind(config: Any) -> Any:
    """The registered class of a serialized metric; None where there is none."""
    name = config.get("registered_name") if isinstance(config, dict) else None
    return keras.saving.get_registered_object(name) if name else None


def _is_foreign(config: Any) -> bool:
    """Whether a serialized metric without a registered class is certainly not of this package."""
    is_class = isinstance(config, dict) and isinstance(config.get("config"), dict)
    return not is_class or str(config.get("module")).startswith("keras")


# The choice


def choose(
    places: list[CompiledMetric[CountMetric]], output: str | None, *, single: bool = False
) -> CompiledMetric[CountMetric] | None:
    """The metric to read: of the wanted output, unweighted before weighted, one with a matrix before one without.

    Args:
        places: the metrics of counts that there are.
        output: the name of the wanted output, or None for the only one that has metrics.
        single: whether the model is known to have one output.

    Raises:
        ValueError: several outputs have metrics and none is named, or the named one has none.
    """
    places = [place for place in places if is_readable(place.metric)]
    outputs = sorted({place.output for place in places if place.output is not None})
    if output is not None:
        found = [place for place in places if place.output == output]
        if not found and single:
            raise ValueError(f"`output` is for models of several outputs, this has one; leave out output={output!r}")
        if not found:
            raise ValueError(f"`output` must be an output with a metric of fmnist_tf, {outputs}, got {output!r}")
        places = found
    elif len(outputs) > 1:
        raise ValueError(f"several outputs have metrics of fmnist_tf, {outputs}; name one with output=")
    ranked = sorted(places, key=lambda place: (place.weighted, not _keeps_matrix(place.metric)))
    return ranked[0] if ranked else None


def nothing_to_read(kinds: set[str]) -> str:
    """The error for a model none of whose metrics can be chosen, given the names of their classes."""
    if not kinds:
        return (
            "ScoreLogger found no metric of fmnist_tf to read; compile the model with metrics=[ScoreSet()], "
            "or give it data=(x, y)"
        )
    return (
        f"ScoreLogger cannot read {', '.join(sorted(kinds))} alone; compile the model with "
        "metrics=[..., ScoreSet(live=())], or give it data=(x, y)"
    )


def is_readable(metric: CountMetric) -> bool:
    """Whether it counts labels: not whole rows, ranks or several thresholds."""
    by_rank = metric._input_spec.top_k is not None
    return isinstance(metric._layout, PerClassLayout | ConfusionLayout) and not by_rank and not metric._num_thresholds


def _keeps_matrix(metric: CountMetric) -> bool:
    return isinstance(metric._layout, ConfusionLayout) or (isinstance(metric, ScoreSet) and metric.has_matrix)
