"""`BatchWindows`: the scores of every few batches alone, from counts that only grow."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from fmnist_tf.callbacks.snapshots import Snapshot
from fmnist_tf.scores import Selection


class BatchWindows:
    """Notes the scores of the last `interval` batches of an epoch, and how long they took.

    Args:
        interval: the number of batches, or None to note nothing.
        batches: the list that gets {"epoch", "batch", "scores"}.
        seconds: the list that gets durations.
    """

    def __init__(self, interval: int | None, batches: list[dict[str, Any]], seconds: list[float]):
        self._interval, self._batches, self._seconds = interval, batches, seconds
        self.start(0)

    def start(self, epoch: int) -> None:
        """Begins an epoch."""
        self._epoch, self._noted = epoch, 0
        self._last: Snapshot | None = None
        self._began: float | None = None

    def begin_batch(self) -> None:
        """Starts the clock with the first batch of a window."""
        if self._interval and self._began is None:
            self._began = time.perf_counter()

    def end_batch(self, batch: int, read: Callable[[], Snapshot], scores: Mapping[str, Selection]) -> None:
        """Notes a window that is full; with several steps per execution it may be longer."""
        if not self._interval or (batch + 1) // self._interval <= self._noted or self._began is None:
            return
        self._noted, now = (batch + 1) // self._interval, read()
        values = now.since(self._last).scores(scores)
        self._batches.append({"epoch": self._epoch, "batch": batch, "scores": values})
        self._seconds.append(time.perf_counter() - self._began)
        self._last, self._began = now, None
