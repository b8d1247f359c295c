"""`MetricSet`: what a dict of scores from one state needs, whatever is counted: names, keys of the logs, options."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import tensorflow as tf

from fmnist_tf.metrics import arguments
from fmnist_tf.metrics.base import StateMetric
from fmnist_tf.metrics.naming import clean_key
from fmnist_tf.metrics.saving import deserialize_metric, serialize_metric
from fmnist_tf.rows.slices import Slice
from fmnist_tf.scores import canonical_name


class MetricSet(StateMetric):
    """A metric whose result is a dict of scalars: several scores of one state, counted once.

    A score is a name, or a metric whose name and meaning are taken and whose state is not used.
    """

    writes_dict = True
    #: Options that concern counting: those of a score must be those of the set, or be left at their defaults.
    shared_options: ClassVar[tuple[str, ...]] = ("num_classes", "ignore_class", "on_invalid")
    #: What each score stands for, by name.
    selections: Mapping[str, Any]
    #: What the keys of the logs begin with.
    prefix: str = ""

    def _take(self, scores: Iterable[Any] | Any, live: Iterable[str] | None, prefix: str = "") -> None:
        """Takes scores, live names and prefix as they were given, before the state is made."""
        self._given_scores = (scores,) if isinstance(scores, str | StateMetric) else tuple(scores)
        self._given_live = None if live is None else (live,) if isinstance(live, str) else tuple(live)
        if not isinstance(prefix, str):
            raise TypeError(f"`prefix` must be a string, got {prefix!r}")
        self.prefix = prefix
        self.selections = {}
        for score in self._given_scores:
            name, selection = self._select(score)
            if name in self.selections:
                raise ValueError(f"score {name!r} is in the set twice; give one of the metrics another name=")
            self.selections[name] = selection
        names = None if self._given_live is None else map(canonical_name, self._given_live)
        self.live = arguments.check_live(names, self.selections)

    def _select(self, score: Any) -> tuple[str, Any]:
        """The name of a score as it was given, and what it stands for."""
        raise NotImplementedError

    def _check_options(self) -> None:
        """Refuses options of scores that the set would pass over."""
        ours = self.get_config()
        for metric in self._given_scores:
            if isinstance(metric, StateMetric):
                theirs, usual = metric.get_config(), type(self)().get_config()
                arguments.check_shared(metric.name, self.shared_options, theirs, ours, usual)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, JSON-ready."""
        return {
            **super().get_config(),
            "scores": [score if isinstance(score, str) else serialize_metric(score) for score in self._given_scores],
            "live": None if self._given_live is None else list(self._given_live),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "MetricSet":
        """Makes the metric of a `get_config()`."""
        scores = [score if isinstance(score, str) else deserialize_metric(score) for score in config["scores"]]
        slices = {"by": [Slice(**feature) for feature in config["by"]]} if "by" in config else {}
        given: dict[str, Any] = {**config, "scores": scores, **slices}
        return cls(**given)

    @property
    def _least_num_classes(self) -> int:
        return 1 + max((selection.class_id or 0 for selection in self.selections.values()), default=0)

    def _check_num_classes(self, num_classes: int) -> None:
        super()._check_num_classes(num_classes)
        arguments.check_class_ids(self.selections, num_classes)

    def key(self, name: str) -> str:
        """The key of a score in the logs: the prefix and the name."""
        return clean_key(self.prefix + name)

    def compute(self, names: Iterable[str] | None = None) -> dict[str, tf.Tensor]:
        """Scores of the state by name, float64; all of the set by default, whatever is live."""
        raise NotImplementedError

    def _shown(self, value: Any) -> dict[str, tf.Tensor]:
        return {self.key(name): part for name, part in value.items()}
