"""`EpochCounts`: the rows that fit has counted in the running part of an epoch, though another callback resets metrics.

Keras keeps one state a metric. If another callback calls `evaluate()`, the training counts are lost, the rows of that
evaluation stay in the state, and training counts on top of them. No hook of the callbacks of fit is called then, so the
metrics announce it, see `fmnist_tf.metrics.watch`. Rows that are added between two batches belong to such an
evaluation. Rows that are added within a batch belong to fit if its step has run: the number of steps of the optimizer
shows it, in validation the state itself.
"""

import functools
from collections.abc import Callable, Iterable
from typing import Any
from weakref import ref

import keras
import numpy as np
import tensorflow as tf

from fmnist_tf.callbacks.compiled import state_metrics
from fmnist_tf.callbacks.curve_metrics import CurveMetrics
from fmnist_tf.callbacks.keys import LogKeys
from fmnist_tf.callbacks.reading import Reading, Wanted
from fmnist_tf.callbacks.snapshots import Snapshot, take_snapshot
from fmnist_tf.metrics.base import StateMetric
from fmnist_tf.metrics.watch import open_watchers

_State = dict[str, np.ndarray]
Read = Callable[[], tf.Tensor]

_MIXED = (
    "rows of another evaluation cannot be told from those of fit: a callback evaluates or trains the model in {hook}() "
    "after ScoreLogger; put it before ScoreLogger in `callbacks`, or let it do so in {other}()"
)


class EpochCounts:
    """The rows of fit: those counted before resets, and those in the state, less those of other evaluations.

    Args:
        model: the model whose metrics count.
        wanted: which of them are read.
        keys: the keys that the callback which reads them writes.
    """

    def __init__(self, model: keras.Model, wanted: Wanted, keys: LogKeys):
        self._model, self._wanted, self.keys = ref(model), wanted, keys
        self.reading: Reading | None = None
        self._in_part, self._has_begun = False, False
        self._batch: _Batch | None = None
        self._read_steps: Read | None = None
        self._mixed_hook: str | None = None
        self._wiped: set[StateMetric] = set()
        self._clear()

    def _clear(self) -> None:
        self._saved: dict[StateMetric, _State] = {}  # counted before resets
        self._foreign: dict[StateMetric, _State] = {}  # in the state, but not counted by fit
        #: The whole state belongs to another evaluation. In order: of several workers all must read in the same one.
        self._suspended: dict[StateMetric, None] = {}

    @property
    def model(self) -> keras.Model | None:
        """The model, while there is one."""
        return self._model()

    @property
    def _metrics(self) -> Iterable[StateMetric]:
        return self.reading.metrics if self.reading else []

    def open(self) -> None:
        """Starts to listen to resets of the metrics."""
        open_watchers.append(self)
        self.attach()

    def close_left(self) -> None:
        """Closes the counts of an earlier fit of the model that an exception has ended."""
        for left in _open_counts(self.model):
            if left._has_begun:
                left.close()

    def close(self) -> None:
        """Stops listening."""
        self._in_part = False
        open_watchers[:] = [watcher for watcher in open_watchers if watcher is not self]

    def attach(self, *, final: bool = False) -> None:
        """Finds the metrics to read, unless they are found already; with `final` it is an error if there are none."""
        model = self.model
        if self.reading is None and model is not None:
            self.reading = self._wanted.find(model, final=final)

    # The part of an epoch: training or validation

    def start(self, *, wipe: bool = False) -> None:
        """Starts from zero: rows that the metrics hold now are not counted, and with `wipe` removed."""
        self._clear()
        self._in_part, self._has_begun, self._batch = True, True, None
        self._read_steps = _step_reader(self.model)
        if wipe:
            for metric in self._metrics:
                _wipe(metric)
        self._leave_out(self._metrics)

    def stop(self) -> None:
        """Ends the part: rows counted from now on do not belong to fit."""
        self._in_part = False

    def begin_batch(self, batch: int, *, training: bool) -> None:
        """Continues after another evaluation, without the rows that it left in the state."""
        model = self.model
        if not self._in_part or model is None:
            return
        self._attach_before_step()
        if self._suspended:
            self._leave_out(self._suspended)
            self._suspended.clear()
        self._batch = _Batch(batch, model, self.reading, training, self._read_steps if training else None)

    def end_batch(self, batch: int) -> None:
        """Ends a batch: rows counted until the next one belong to other evaluations.

        Raises:
            ValueError: rows of another evaluation are mixed with those of the batch, or there is no metric to read.
        """
        begun, self._batch, model = self._batch, None, self.model
        if not self._in_part or begun is None or model is None:
            return
        if self.reading is None:
            self.attach(final=True)
            if begun.has_extra_steps(batch):
                self._mixed_hook = begun.hook
        if self._mixed_hook is not None:
            hook, self._mixed_hook = self._mixed_hook, None
            raise ValueError(_MIXED.format(hook=hook, other=hook.replace("begin", "end")))

    @property
    def disturbed(self) -> bool:
        """Whether the metrics hold other rows than those counted since `start`."""
        return any(self._is_mixed(metric) for metric in self._metrics)

    def read(self) -> Snapshot:
        """The rows since `start`, with the curve metrics. Under several workers all of them must read."""
        assert self.reading is not None
        curves = [self._whole(place.metric) for place in self.reading.curves]
        return take_snapshot(self._whole(self.reading.metrics[0]), CurveMetrics(curves))

    def read_counts(self) -> Snapshot:
        """The rows since `start`, counts alone."""
        assert self.reading is not None
        return take_snapshot(self._whole(self.reading.metrics[0]))

    # Called by the metrics

    def before_reset(self, metric: StateMetric) -> None:
        """Keeps the rows counted so far.

        A reset before the step of a batch cannot be followed. The error is raised at the end of the batch only: if an
        exception has ended fit within the batch, a later evaluation is not an error.
        """
        model = self.model
        if not self._in_part or model is None:
            return
        self._attach_before_step()
        if metric not in self._metrics or metric in self._suspended:
            return
        if self._batch is not None and not self._batch.has_stepped(metric):
            self._mixed_hook = self._batch.hook
        self._save(metric)
        self._suspended[metric] = None

    def before_update(self, metric: StateMetric) -> None:
        """Before the first step of a compiled model, when no metric is known yet: wipes rows from before compile.

        Keras resets metrics only once that step has made its list of them.
        """
        model = self.model
        if not self._in_part or self.reading is not None or model is None or metric not in state_metrics(model):
            return
        if metric not in self._wiped:
            self._wiped.add(metric)
            with tf.init_scope():
                _wipe(metric)
        if self._batch is not None and self._batch.is_interrupted(model):
            self._mixed_hook = self._batch.hook

    def _attach_before_step(self) -> None:
        """Finds metrics that an evaluation before the first batch has made: their rows do not belong to fit."""
        if self.reading is None:
            self.attach()
            if self._batch is None:
                self._leave_out(self._metrics)

    def _save(self, metric: StateMetric) -> None:
        rows = self._rows(metric)
        self._foreign.pop(metric, None)
        if _any(rows):
            self._saved[metric] = rows

    def _leave_out(self, metrics: Iterable[StateMetric]) -> None:
        for metric in metrics:
            state = _state(metric)
            if _any(state):
                self._foreign[metric] = state

    def _rows(self, metric: StateMetric) -> _State:
        saved = self._saved.get(metric, {})
        if metric in self._suspended:
            return saved
        return _add(_add(saved, _state(metric)), self._foreign.get(metric, {}), -1.0)

    def _is_mixed(self, metric: StateMetric) -> bool:
        return metric in self._saved or metric in self._foreign or metric in self._suspended

    def _whole(self, metric: Any) -> Any:
        """The metric itself if its state holds exactly the counted rows, else a copy with those."""
        if not self._is_mixed(metric):
            return metric
        copy = type(metric).from_config(metric.get_config())
        state = metric.state_dict()
        none = {name: np.zeros_like(value) for name, value in _arrays(state).items()}
        copy.load_state_dict(state | _add(none, self._rows(metric)))
        return copy


def loggers_of(model: keras.Model) -> list[tuple[Reading, LogKeys]]:
    """The readings and log keys of the callbacks that count on a model whose first step has run."""
    open_counts = _open_counts(model)
    for counts in open_counts:
        counts.attach(final=True)
    return [(counts.reading, counts.keys) for counts in open_counts if counts.reading is not None]


def _open_counts(model: keras.Model | None) -> list[EpochCounts]:
    return [watcher for watcher in open_watchers if isinstance(watcher, EpochCounts) and watcher.model is model]


class _Batch:
    """A batch that has begun, and whether its step has run."""

    def __init__(
        self, batch: int, model: keras.Model, reading: Reading | None, training: bool, read_steps: Read | None
    ):
        self.hook = "on_train_batch_begin" if training else "on_test_batch_begin"
        self._number, self._is_first, self._read_steps = batch, reading is None, read_steps
        self._steps = None if read_steps is None else read_steps()
        metrics = reading.metrics if reading and read_steps is None else []
        self._states = {metric: _peek(metric) for metric in metrics}
        self._test_function = model.test_function

    def has_stepped(self, metric: StateMetric) -> bool:
        """Whether the step has run; a step that counts no row may be missed."""
        if self._read_steps is not None:
            return bool(self._read_steps() != self._steps)
        if self._is_first:
            return _any(_state(metric))
        before, now = self._states.get(metric), _peek(metric)
        return before is not None and now is not None and bool(tf.reduce_any(before != now))

    def is_interrupted(self, model: keras.Model) -> bool:
        """Whether an evaluation has begun since this training batch began: it makes the test function of the model."""
        return self.hook == "on_train_batch_begin" and model.test_function is not self._test_function

    def has_extra_steps(self, batch: int) -> bool:
        """Whether more steps than batches have run: another callback has trained the model."""
        if self._read_steps is None or self._steps is None:
            return False
        return bool(self._read_steps() - self._steps > batch - self._number + 1)


def _step_reader(model: keras.Model | None) -> Read | None:
    """Reads how many steps the optimizer has made; None where it does not make one with every batch."""
    optimizer = getattr(model, "optimizer", None)
    skips = isinstance(optimizer, keras.optimizers.LossScaleOptimizer)
    if optimizer is None or skips or optimizer.gradient_accumulation_steps:
        return None
    return _reader(optimizer.iterations)


def _reader(variable: keras.Variable) -> Read:
    """Reads the value of a variable in every batch: the operation itself takes a fifth of the time of Keras' way."""
    value: Any = variable.value
    if isinstance(value, tf.distribute.DistributedValues):
        return functools.partial(tf.convert_to_tensor, value)
    return functools.partial(tf.raw_ops.ReadVariableOp, resource=value.handle, dtype=value.dtype)


def _peek(metric: StateMetric) -> tf.Tensor | None:
    """The state, without a copy; None where it would have to be gathered from replicas."""
    several = any(isinstance(variable.value, tf.distribute.DistributedValues) for variable in metric.variables)
    return None if several or not metric.variables else _reader(metric.variables[0])()


def _wipe(metric: StateMetric) -> None:
    """Sets a state to zero without an announcement, since these rows are not to be saved."""
    for variable in metric.variables:
        variable.assign(tf.zeros_like(variable))


def _state(metric: StateMetric) -> _State:
    """Everything a metric has counted; {} before its state is made."""
    return {} if metric.num_classes is None else _arrays(metric.state_dict())


def _arrays(state: dict[str, Any]) -> _State:
    return {name: np.asarray(value) for name, value in state.items() if not isinstance(value, str)}


def _add(state: _State, other: _State, factor: float = 1.0) -> _State:
    return state | {name: state.get(name, 0.0) + factor * value for name, value in other.items()}


def _any(state: _State) -> bool:
    return any(np.any(value) for value in state.values())
