"""`Window`: the score of the last batches, from a ring of their counts."""

from typing import Any

import keras
import tensorflow as tf

from fmnist_tf.compat import direction_of, set_direction
from fmnist_tf.metrics import arguments
from fmnist_tf.metrics.base import StateMetric, registered
from fmnist_tf.metrics.saving import deserialize_metric, serialize_metric
from fmnist_tf.metrics.variable import make_variable

#: The largest ring that is made.
_MOST_BYTES = 1 << 30


@registered
class Window(keras.metrics.Metric):
    """The score of the last batches: result(sum of the counts of the last `batches` updates).

    The counts of each batch are kept in a ring, and the newest take the place of the oldest, so that nothing is
    subtracted and no rounding error adds up. It shows within a long epoch where a score stands now, where the metric
    itself shows the mean since the epoch began. Each replica keeps the ring of its batches. Keras resets it with every
    epoch and evaluation like any metric: of validation data it is the score of their last batches alone. A ring is no
    sum of counts, so that it is neither merged nor given by `state_dict`, and `ScoreLogger` leaves it to Keras.

    Args:
        metric: a metric of this package, which counts here alone: do not compile it as well. A `ScoreSet` gives a dict,
            whose keys are those of the set: give it a prefix.
        batches: how many updates are kept. The ring takes as many times the memory of the metric's state, at most 1
            GiB.
        name: key in the logs; by default "window_" and the name of the metric.

    Attributes:
        metric: the metric, whose counts are always those of the window: `window.metric.counts`.

    Raises:
        TypeError: `metric` is no metric of this package.
        ValueError: `batches` below 1, or a ring of more than 1 GiB; what the metric raises.

    Example:
        >>> window = Window(Accuracy(3), batches=2)
        >>> for y_true, y_pred in [([0, 1], [1, 0]), ([2, 2], [2, 0]), ([1, 1], [1, 1])]:
        ...     window.update_state(y_true, y_pred)
        >>> float(window.result())
        0.75
        >>> float(window.metric.counts.total[0])
        4.0
    """

    def __init__(self, metric: StateMetric, batches: int = 100, name: str | None = None):
        if not isinstance(metric, StateMetric):
            raise TypeError(f"`metric` must be a metric of fmnist_tf, got {metric!r}")
        super().__init__(name=name or f"window_{metric.name}", dtype=metric.dtype)
        self.metric = metric
        self.batches = arguments.check_count("batches", batches)
        self._ring: keras.Variable | None = None
        direction = direction_of(metric)
        if direction is not None:
            set_direction(self, direction)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, JSON-ready."""
        return {"metric": serialize_metric(self.metric), "batches": self.batches, "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Window":
        """Makes the metric of a `get_config()`."""
        return cls(**{**config, "metric": deserialize_metric(config["metric"])})

    @tf.autograph.experimental.do_not_convert
    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Counts a batch, and forgets the oldest one if the window is full.

        Args:
            y_true: labels, as the metric takes them.
            y_pred: predictions, as the metric takes them.
            sample_weight: None, or weights, as the metric takes them.

        Raises:
            ValueError: as the metric does; a ring of more than 1 GiB.
        """
        state = self.metric.prepare(y_true, y_pred, sample_weight)
        ring = self._make_ring(state.shape[0])
        state.assign(tf.zeros_like(state.value))
        self.metric.update_state(y_true, y_pred, sample_weight)
        kept = self._turn(ring, tf.convert_to_tensor(state.value))
        state.assign(tf.reduce_sum(kept, axis=0))

    def _make_ring(self, size: int) -> keras.Variable:
        """The states of the last batches, one slot each, and in the last cell the number of updates."""
        if self._ring is None:
            if 8 * size * self.batches > _MOST_BYTES:
                raise ValueError(
                    f"{self.batches:,} states of {size:,} numbers for {self.name} would take "
                    f"{8e-9 * size * self.batches:,.1f} GB; pass fewer batches=, or a smaller num_bins= of the metric"
                )
            self._ring = make_variable(size * self.batches + 1)
        return self._ring

    def _turn(self, ring: keras.Variable, newest: tf.Tensor) -> tf.Tensor:
        """Puts a state in the slot of the oldest, and returns all slots, (batches, size)."""
        value = tf.convert_to_tensor(ring.value)
        slots, updates = tf.reshape(value[:-1], [self.batches, -1]), value[-1]
        slot = tf.math.floormod(tf.cast(updates, tf.int64), self.batches)
        is_oldest = tf.range(self.batches, dtype=tf.int64)[:, tf.newaxis] == slot
        slots = tf.where(is_oldest, newest, slots)
        ring.assign(tf.concat([tf.reshape(slots, [-1]), [updates + 1.0]], axis=0))
        return slots

    @tf.autograph.experimental.do_not_convert
    def result(self) -> Any:
        """The score of the window, as the metric gives it."""
        return self.metric.result()
