"""`EpochCounts`: what fit has counted in the part of an epoch that runs, whoever resets its metrics meanwhile.

Keras keeps one state a metric. An `evaluate()` that another callback calls wipes what training has counted, leaves its
own rows behind, and training goes on counting on top of them; no hook of the callbacks of fit tells of it. So the
metrics tell: whatever resets them, or counts in an evaluation of somebody else, is noticed before it happens.
"""

from collections.abc import Iterable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from fmnist_tf.callbacks.compiled import find_evaluation
from fmnist_tf.callbacks.curve_metrics import CurveMetrics
from fmnist_tf.callbacks.snapshots import Snapshot, take_snapshot
from fmnist_tf.labels import INVALID_REASONS
from fmnist_tf.metrics import CountMetric
from fmnist_tf.metrics.base import StateMetric
from fmnist_tf.metrics.watch import open_watchers


class EpochCounts:
    """The rows of fit: those counted before resets, and the live ones less what an evaluation has left.

    Args:
        owner: the callback that reads; an `evaluate()` that was not given it is somebody else's.
        metric: the metric of counts, if there is one.
        companions: metrics of scores beside it.
    """

    def __init__(self, owner: keras.callbacks.Callback, metric: CountMetric | None, curve_metrics: CurveMetrics):
        self._owner, self._metric, self._curve_metrics = owner, metric, curve_metrics
        self._resumes = keras.callbacks.LambdaCallback(on_test_end=lambda logs=None: self.resume())
        self._open = False
        self._clear()

    def _clear(self) -> None:
        self._kept: dict[StateMetric, Any] = {}  # counted before resets
        self._strange: dict[StateMetric, Any] = {}  # in the state, but counted by somebody else
        self._lent: set[StateMetric] = set()  # whose state belongs to somebody else altogether

    @property
    def _metrics(self) -> Iterable[StateMetric]:
        return [] if self._metric is None else [self._metric, *self._curve_metrics.metrics]

    def watch(self) -> None:
        """Asks the metrics to tell of resets."""
        open_watchers.append(self)

    def close(self) -> None:
        """Follows the metrics no longer."""
        self._open = False
        if self in open_watchers:
            open_watchers.remove(self)

    def start(self) -> None:
        """Begins anew: what the metrics hold now is not counted."""
        self._clear()
        self._open = True
        self._leave_out(self._metrics)

    def stop(self) -> None:
        """Ends the part: what is counted from now on belongs to nobody."""
        self._open = False

    def resume(self) -> None:
        """Counts again after somebody else's evaluation, without the rows that it left; else does nothing."""
        if self._lent:
            self._leave_out(self._lent)
            self._lent.clear()

    def read(self) -> Snapshot:
        """The rows since `start`, with the metrics beside. Under several workers all of them must read."""
        assert self._metric is not None
        return take_snapshot(self._whole(self._metric), CurveMetrics(map(self._whole, self._curve_metrics.metrics)))

    def read_counts(self) -> Snapshot:
        """The rows since `start`, counts alone."""
        assert self._metric is not None
        return take_snapshot(self._whole(self._metric))

    def before_reset(self, metric: StateMetric) -> None:
        """Keeps the rows counted so far, whether they or those of somebody else are about to be wiped."""
        if self._open and metric in self._metrics:
            if metric not in self._lent:
                self._keep(metric)
            self._lent.discard(metric)
            self._lend(metric)

    def before_update(self, metric: StateMetric) -> None:
        """Keeps them likewise before the first evaluation after compile, which Keras starts without a reset."""
        ours = self._open and metric in self._metrics and metric not in self._lent
        if ours and find_evaluation(self._owner) is not None:
            with tf.init_scope():
                self._keep(metric)
            self._lend(metric)

    def _lend(self, metric: StateMetric) -> None:
        """Leaves the state to an evaluation of somebody else, if there is one, and asks to be told of its end."""
        evaluation = find_evaluation(self._owner)
        if evaluation is not None:
            self._lent.add(metric)
            if self._resumes not in evaluation:
                evaluation.append(self._resumes)

    def _keep(self, metric: StateMetric) -> None:
        rows = self._rows(metric)
        self._strange.pop(metric, None)
        if np.any(rows):
            self._kept[metric] = rows

    def _leave_out(self, metrics: Iterable[StateMetric]) -> None:
        for metric in metrics:
            state = _state(metric)
            if np.any(state):
                self._strange[metric] = state

    def _rows(self, metric: StateMetric) -> Any:
        kept = self._kept.get(metric, 0.0)
        return kept if metric in self._lent else kept + _state(metric) - self._strange.get(metric, 0.0)

    def _whole(self, metric: Any) -> Any:
        """The metric itself where its state is what was counted, else a copy with that state."""
        if metric not in self._kept and metric not in self._strange and metric not in self._lent:
            return metric
        copy = type(metric).from_config(metric.get_config())
        state, rows = metric.state_dict(), self._rows(metric)
        rows = np.broadcast_to(rows, len(state["counts"]) + len(INVALID_REASONS))
        copy.load_state_dict(
            state | {"counts": rows[: -len(INVALID_REASONS)], "invalid": rows[-len(INVALID_REASONS) :]}
        )
        return copy


def _state(metric: StateMetric) -> Any:
    """Everything a metric has counted, as one vector; 0 before its state is made."""
    if metric.num_classes is None:
        return 0.0
    state = metric.state_dict()
    return np.concatenate([np.ravel(state[name]) for name in ("counts", "invalid")])
