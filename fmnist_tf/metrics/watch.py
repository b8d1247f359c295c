"""Observers of every metric's state: callbacks learn here of an evaluate() that no hook reports to them.

An observer is not attached to a metric, since before the first step of a compiled model none knows which one it reads.
"""

from typing import Any, Protocol

import tensorflow as tf


class Watcher(Protocol):
    """An object that is told what happens to the state of metrics; it picks the metrics that concern it."""

    def before_reset(self, metric: Any, /) -> None:
        """Called before an eager reset wipes the state of a metric."""

    def before_update(self, metric: Any, /) -> None:
        """Called before each update that Python sees: in a graph when it is traced, else with every batch."""


#: An object in this list is told of every metric's resets and updates until it is removed.
open_watchers: list[Watcher] = []


def announce_reset(metric: Any) -> None:
    """Tells every open watcher that the state of a metric is about to be wiped; a reset in a graph has no moment."""
    if open_watchers and tf.executing_eagerly():
        for watcher in tuple(open_watchers):  # one of them may close itself
            watcher.before_reset(metric)


def announce_update(metric: Any) -> None:
    """Tells every open watcher that a batch is about to be counted."""
    for watcher in tuple(open_watchers):
        watcher.before_update(metric)
