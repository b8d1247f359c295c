"""Counting by Apache Beam: the state of any metric as the accumulator of a `CombineFn` (extra `beam`).

States of a metric add up cell by cell, in any order and grouping, so that Beam may split, repeat and merge them:
for integer weights the result is that of one pass, to the bit.
"""

import json
from collections.abc import Iterable
from typing import Any

import apache_beam as beam  # pyright: ignore[reportMissingImports] - an extra
import numpy as np

from fmnist_tf.metrics.base import StateMetric

#: Arrays of a metric's state and its fingerprint, as `state_dict` gives them.
State = dict[str, Any]
#: (y_true, y_pred) or (y_true, y_pred, sample_weight), as `update_state` takes them.
Batch = tuple[Any, ...]


class CombineCounts(beam.CombineFn):
    """Counts batches into the state of a metric: batches -> sum of their counts.

    Args:
        metric: any metric of this package, such as `ConfusionMatrix` or `CurveSet`. Its configuration is used, its
            state is neither read nor changed.

    The elements are batches `(y_true, y_pred)` or `(y_true, y_pred, sample_weight)`, in any of the forms that
    `metric.update_state` takes; thousands of rows a batch, since each costs about a millisecond. The output is an
    argument of `metric.load_state_dict`; without input it is an empty state.

    Raises:
        TypeError: `metric` is not a metric of this package.
        ValueError: in the pipeline, if states have different configurations, such as numbers of classes.

    Example:
        >>> from fmnist_tf import Accuracy
        >>> combine = CombineCounts(Accuracy(3))
        >>> parts = [combine.add_input(combine.create_accumulator(), ([k, 1], [k, 2])) for k in (0, 1)]
        >>> metric = Accuracy(3)
        >>> metric.load_state_dict(combine.extract_output(combine.merge_accumulators(parts)))
        >>> float(metric.result())
        0.5
    """

    def __init__(self, metric: StateMetric):
        if not isinstance(metric, StateMetric):
            raise TypeError(f"`metric` must be a metric of fmnist_tf, got {metric!r}")
        super().__init__()
        self._kind, self._config = type(metric), metric.get_config()
        self._built: dict[str, StateMetric] = {}

    def __getstate__(self) -> dict[str, Any]:
        """The configuration alone: each worker makes its own metrics."""
        return {**self.__dict__, "_built": {}}

    def create_accumulator(self) -> State:
        """The state without any batch."""
        return self._new().state_dict()

    def add_input(self, mutable_accumulator: State, element: Batch) -> State:
        """The state with a batch added."""
        metric = self._metric_of(mutable_accumulator)
        metric.update_state(*element)
        return self._add(mutable_accumulator, metric.state_dict())

    def merge_accumulators(self, accumulators: Iterable[State]) -> State:
        """The sum of states.

        Raises:
            ValueError: they have different configurations.
        """
        total = self.create_accumulator()
        for state in accumulators:
            total = self._add(total, state)
        return total

    def extract_output(self, accumulator: State) -> State:
        """The state, as `load_state_dict` takes it."""
        return accumulator

    def _new(self) -> StateMetric:
        return self._kind.from_config(dict(self._config))

    def _metric_of(self, state: State) -> StateMetric:
        """An empty metric of the configuration of a state; one of each configuration is kept."""
        if _is_open(state):
            return self._new()
        key = state["fingerprint"]
        if key not in self._built:
            self._built[key] = self._new()
            self._built[key].load_state_dict(state)
        self._built[key].reset_state()
        return self._built[key]

    def _add(self, state: State, other: State) -> State:
        if state["fingerprint"] != other["fingerprint"]:
            if _is_open(state) or _is_open(other):
                self._metric_of(state).load_state_dict(other)  # refuses another configuration
                return other if _is_open(state) else state
            self._metric_of(state).load_state_dict(other)
        return {
            key: other[key] if key == "fingerprint" else np.asarray(state[key]) + np.asarray(other[key])
            for key in other
        }


def _is_open(state: State) -> bool:
    """Whether the number of classes is still unknown."""
    return json.loads(state["fingerprint"])["num_classes"] is None
