"""The keys of a `ScoreLogger` in logs and history, and the check that no key stands for two values."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import keras

from fmnist_tf.callbacks.compiled import CompiledMetric, find_compiled
from fmnist_tf.callbacks.reading import Reading, known_classes
from fmnist_tf.callbacks.snapshots import Snapshot
from fmnist_tf.metrics import CountMetric
from fmnist_tf.metrics.arguments import check_class_ids
from fmnist_tf.metrics.base import StateMetric
from fmnist_tf.metrics.identity import ScoreIdentity
from fmnist_tf.metrics.sets import MetricSet
from fmnist_tf.scores import Selection, canonical_name, find_score

#: Built-in metrics that agree with our accuracy, where no label is ignored.
_KERAS_ACCURACY = (
    keras.metrics.BinaryAccuracy,
    keras.metrics.CategoricalAccuracy,
    keras.metrics.SparseCategoricalAccuracy,
)


def safe_key(text: str) -> str:
    """A key that MLflow and TensorBoard take: other characters become "_", and so do parts of a path such as "..".

    MLflow takes word characters, `- . : /` and space. It refuses paths that a file system would shorten.
    """
    parts = re.sub(r"[^/\w.\- :]", "_", text).split("/")
    return "/".join("_" * max(len(part), 1) if part.strip(".") == "" and len(part) < 3 else part for part in parts)


def key_of(name: str, score: str, output: str | None = None) -> str:
    """The key of a score in logs and history: data set, output, score; training scores have no data set's name."""
    parts = [name if name != "train" else None, output, score]
    return safe_key("_".join(part for part in parts if part is not None))


class LogKeys(NamedTuple):
    """The scores that a callback writes for every data set.

    Attributes:
        scores: name -> score.
        per_class: name -> score that is written for every class.
        class_names: names of the classes, None for "0" to "C-1".
    """

    scores: Mapping[str, Selection]
    per_class: Mapping[str, Selection]
    class_names: list[str] | None

    @classmethod
    def of(
        cls, scores: Iterable[str] | str, per_class: Iterable[str] | str, class_names: list[str] | None
    ) -> "LogKeys":
        """Looks up scores by their names."""
        return cls(_find(scores), _find(per_class), class_names)

    def names_of_scores(self) -> tuple[tuple[str, ...], tuple[str, ...], list[str] | None]:
        """The arguments of `of`."""
        return tuple(self.scores), tuple(self.per_class), self.class_names

    def names(self, num_classes: int) -> list[str]:
        """Names of this many classes.

        Raises:
            ValueError: there are more or fewer names.
        """
        names = self.class_names or [str(class_id) for class_id in range(num_classes)]
        if len(names) != num_classes:
            raise ValueError(f"`class_names` must name {num_classes} classes, got {len(names)}")
        return names

    def selections(self, num_classes: int) -> Iterator[tuple[str, Selection]]:
        """Every score that is written, with its name: those of all classes last."""
        yield from self.scores.items()
        for name, selection in self.per_class.items():
            for class_id, class_name in enumerate(self.names(num_classes)):
                yield f"{name}/{class_name}", selection._replace(class_id=class_id)

    def values(self, name: str, snapshot: Snapshot, output: str | None) -> dict[str, float]:
        """Key -> value of every score of a data set, those of curve metrics first."""
        names = self.names(snapshot.num_classes)
        scores = snapshot.curve_scores | snapshot.scores(self.scores)
        values = {key_of(name, score, output): value for score, value in scores.items()}
        for score, selection in self.per_class.items():
            by_class = snapshot.class_scores(selection)
            values |= {key_of(name, f"{score}/{names[k]}", output): float(by_class[k]) for k in snapshot.reported}
        return values

    def check(self, datasets: Iterable[str]) -> None:
        """Refuses data sets, scores and classes of which two would have one key.

        Raises:
            ValueError: with both names and the key.
        """
        found: dict[str, tuple[str, Any]] = {}
        for dataset in dict.fromkeys(("train", "val", *datasets)):
            for name, selection in self.selections(len(self.class_names or ())):
                key, meaning = key_of(dataset, name), (dataset, *_normal(selection))
                first, earlier = found.setdefault(key, (f"{dataset} {name}", meaning))
                if earlier != meaning:
                    raise ValueError(f"{first!r} and '{dataset} {name}' would both be logged as {key!r}; rename one")


def check_class_names(class_names: Iterable[str] | None) -> list[str] | None:
    """Class names as a list; each must have a different key.

    Raises:
        ValueError: two names are the same, or become the same key.
        TypeError: one string was given in place of several.
    """
    if class_names is None:
        return None
    if isinstance(class_names, str):
        raise TypeError(f"`class_names` must be a list of names, got the string {class_names!r}")
    names = [str(name) for name in class_names]
    first: dict[str, str] = {}
    for index, name in enumerate(names):
        if name in names[:index]:
            raise ValueError(f"`class_names` must differ from each other, got {name!r} twice")
        earlier = first.setdefault(safe_key(f"/{name}"), name)
        if earlier != name:
            raise ValueError(
                f"`class_names` must differ in keys of the logs, where {earlier!r} and {name!r} are one; rename one"
            )
    return names


def _find(names: Iterable[str] | str) -> dict[str, Selection]:
    return {canonical_name(name): find_score(name) for name in ((names,) if isinstance(names, str) else names)}


def _normal(selection: Selection) -> tuple[Any, ...]:
    """A score as a value: that of one class has no average."""
    score, average, class_id, present = selection
    return score.name, score.parameters, average if class_id is None else None, class_id, present


def check_reading(
    model: keras.Model, reading: Reading, output: str | None, keys: LogKeys, show: tuple[str, ...] | None
) -> None:
    """Refuses scores and class names that do not fit the number of classes, and scores to show that are not logged.

    Args:
        model: the compiled model.
        reading: the metrics that are read, or equal ones.
        output: the output that a callback was told to read.
        keys: its scores and class names.
        show: the scores of its printed line, None for the usual one.

    Raises:
        ValueError: with the remedy; where the number of classes is known.
    """
    num_classes = known_classes(model, reading, output)
    if num_classes is not None:
        check_class_ids(keys.scores, num_classes)
        keys.names(num_classes)
    known = {*keys.scores, *reading.curve_names}
    for name in show or ():
        if name not in known:
            raise ValueError(f"`show` must name scores that are logged, {', '.join(sorted(known))}, got {name!r}")


# Who writes which key


class _Writer(NamedTuple):
    """A value in the logs: its writer and its meaning."""

    name: str
    identity: Any
    place: CompiledMetric
    is_flat: bool  # whether Keras would write another of the same key over it


def check_keys(model: keras.Model, loggers: Iterable[tuple[Reading, LogKeys]]) -> None:
    """Refuses metrics and callbacks that would write one key of the logs with different values.

    Args:
        model: whose metrics write.
        loggers: the reading and the log keys of each callback on that model.

    Raises:
        ValueError: with the key and the remedy.
    """
    loggers = list(loggers)
    found: dict[str, _Writer] = {}
    for key, writer in [*_compiled_writers(model, loggers), *_logger_writers(loggers)]:
        first = found.setdefault(key, writer)
        if (first.is_flat or writer.is_flat) and not _agree(first, writer):
            raise ValueError(
                f"{first.name} and {writer.name} would both write {key!r} into the logs, with different values; "
                f"give one another name=, a set of scores a prefix=, as in {_remedy(writer)}, or leave the score out"
            )


def bare_keys(model: keras.Model, output: str | None) -> list[str]:
    """Keys of sets on an output of several, which Keras writes without its name, those of validation included."""
    if output is None:
        return []
    places = [place for place in find_compiled(model, MetricSet) if place.output == output]
    keys = [key for place in places if not _prefix(place.metric) for key in place.metric.identities]
    return [*keys, *(key_of("val", key) for key in keys)]


def _remedy(writer: _Writer) -> str:
    prefix = writer.place.output or ("weighted" if writer.place.weighted else "other")
    return f"ScoreSet(prefix='{prefix}_')"


def _prefix(metric: Any) -> str:
    return getattr(metric, "prefix", "")


def _compiled_writers(model: keras.Model, loggers: list[tuple[Reading, LogKeys]]) -> Iterator[tuple[str, _Writer]]:
    sets = find_compiled(model, MetricSet)
    places = [place for place in find_compiled(model, keras.metrics.Metric) if not isinstance(place.metric, MetricSet)]
    logged = {reading.output for reading, _ in loggers}
    left_bare = {key for place in sets if not _is_renamed(place, logged) for key in place.metric.identities}
    for place in sets:
        for name, identity in place.metric.identities.items():
            writer = _Writer(place.metric.name, identity, place, True)
            if _is_renamed(place, logged):
                yield f"{place.output}_{name}", writer
            if name in left_bare:
                yield name, writer
    yield from _single_writers(places)


def _single_writers(places: Iterable[CompiledMetric]) -> Iterator[tuple[str, _Writer]]:
    """Keras names them by output, and adds "weighted" if an unweighted one has the same name."""
    taken: set[str] = set()
    for place in places:
        for name, identity in _identities(place.metric).items():
            output = f"{place.output}_" if place.output else ""
            weighted = "weighted_" if place.weighted and output + name in taken else ""
            taken.add(key := output + weighted + name)
            yield key, _Writer(place.metric.name, identity, place, False)


def _is_renamed(place: CompiledMetric, logged: set[str | None]) -> bool:
    """Whether a callback puts the name of its output before the keys of a set."""
    return place.output is not None and place.output in logged and not _prefix(place.metric)


def _logger_writers(loggers: list[tuple[Reading, LogKeys]]) -> Iterator[tuple[str, _Writer]]:
    for reading, keys in loggers:
        place = reading.counted
        if place is None or place.metric.num_classes is None:
            continue
        for name, selection in keys.selections(num_reported(place.metric)):
            identity = ScoreIdentity.of(selection, place.metric)
            yield key_of("train", name, place.output), _Writer("ScoreLogger", identity, place, True)


def num_reported(metric: CountMetric) -> int:
    """Number of classes that a metric reports: two, no and yes, of a single column."""
    return 2 if metric.num_classes == 1 else metric.num_classes or 0


def _identities(metric: keras.metrics.Metric) -> dict[str, Any]:
    """Name of a key -> its meaning: equal if the values are equal."""
    if isinstance(metric, StateMetric):
        return metric.identities
    return {metric.name: metric}


def _agree(first: _Writer, second: _Writer) -> bool:
    """Whether two values of one key are the same value."""
    if (first.place.weighted, first.place.output) != (second.place.weighted, second.place.output):
        return False
    return (
        first.identity == second.identity
        or _is_accuracy(first.identity, second.identity)
        or _is_accuracy(second.identity, first.identity)
    )


def _is_accuracy(theirs: Any, ours: Any) -> bool:
    """Whether a built-in metric has the value of ours."""
    if not isinstance(theirs, _KERAS_ACCURACY) or not isinstance(ours, ScoreIdentity):
        return False
    plain = ours.score == "accuracy" and ours.class_id is None and not ours.ignore_class and ours.top_k is None
    return plain and ours.threshold == getattr(theirs, "threshold", None)
