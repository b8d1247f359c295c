"""`BatchWindows`: the scores of every few batches within an epoch."""

import time
from collections.abc import Mapping
from typing import Any

from fmnist_tf.callbacks.epoch_counts import EpochCounts
from fmnist_tf.callbacks.snapshots import Snapshot
from fmnist_tf.scores import Selection


class BatchWindows:
    """Records the scores of each window of `interval` batches.

    Args:
        interval: None for no windows, or the number of batches of a window.

    Attributes:
        batches: list of {"epoch", "batch", "scores"}, one a window; "batch" is the last one of the window.
        seconds: the duration of each window.
    """

    def __init__(self, interval: int | None):
        self._interval = interval
        self.batches: list[dict[str, Any]] = []
        self.seconds: list[float] = []

    def start_epoch(self, epoch: int) -> None:
        """Begins the first window of an epoch."""
        self._epoch, self._number = epoch, 0
        self._before: Snapshot | None = None
        self._began: float | None = None
        self._epoch_began = time.perf_counter()

    def begin_batch(self) -> None:
        """Starts the clock at the first batch of a window."""
        if self._interval and self._began is None:
            self._began = time.perf_counter()

    def end_batch(self, batch: int, counts: EpochCounts, scores: Mapping[str, Selection]) -> None:
        """Records the scores of the window, if it ends with this batch or ended within its steps."""
        if not self._interval or (batch + 1) // self._interval <= self._number:
            return
        self._number = (batch + 1) // self._interval
        if counts.reading is None or counts.reading.counted is None:
            return
        now = counts.read_counts()
        values = now.since(self._before).scores(scores)
        self.batches.append({"epoch": self._epoch, "batch": batch, "scores": values})
        self.seconds.append(time.perf_counter() - (self._began or self._epoch_began))
        self._before, self._began = now, None
