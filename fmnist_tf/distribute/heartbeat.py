"""Connections between the chief and the other workers: heartbeats, and the reason why a worker leaves.

TensorFlow reports a lost worker some ten seconds later, in a long message, and it does not report a worker that waits
for a step that the others never take. Here each worker sends once a second what it is doing, and the chief sends to all
which workers have left and why, which are silent, and what each is doing. Each message is the whole state in one line
of JSON.
"""

import json
import os
import select
import socket
import sys
import threading
import time
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import tensorflow as tf

from fmnist_tf.distribute.rendezvous import Worker

_BEAT = 1.0
#: Seconds without a heartbeat after which a worker is held responsible for an error.
_SILENT = 3.0
#: Seconds that TensorFlow has to notice a worker that has left.
_GRACE = 15.0
_LONGEST = 2**16

_OF_STRATEGY: "weakref.WeakKeyDictionary[tf.distribute.Strategy, Heartbeat]" = weakref.WeakKeyDictionary()


class Heartbeat:
    """The state of the other workers as this one knows it, kept up to date by a thread.

    Args:
        workers: all of them, the chief first.
        place: the index of this process among them.
        lines: index of another worker -> the connection to it; the chief has one to each, the others one to the chief.
        patience: seconds that all may stand still while they wait for different steps.
    """

    def __init__(self, workers: Sequence[Worker], place: int, lines: dict[int, socket.socket], patience: float):
        self.workers, self.place, self.patience = workers, place, patience
        self._lines, self._buffers = dict(lines), dict.fromkeys(lines, b"")
        self._heard = dict.fromkeys(lines, time.monotonic())
        self._states: dict[int, dict[str, Any]] = {other: {} for other in range(len(workers)) if other != place}
        self._where, self._waits, self._since, self._number = "the start", False, time.monotonic(), 0
        self._reason: str | None = None
        self._sending = threading.Lock()
        threading.Thread(target=self._run, daemon=True, name="heartbeat").start()

    # Messages of this worker

    @contextmanager
    def waiting(self, where: str) -> Iterator[None]:
        """Marks a block in which this worker waits for all others to do the same."""
        self._number, self._reason = self._number + 1, None  # it has gone on after all
        self._where, self._waits, self._since = f"{where} ({self._number})", True, time.monotonic()
        try:
            yield
        finally:
            self._waits = False

    def leave(self, reason: str) -> None:
        """Tells the others why this worker leaves; the first reason counts."""
        self._reason = self._reason or " ".join(reason.split())[:2000]
        self._send()

    # The state of the others

    def describe_lost(self) -> str | None:
        """The workers that have left, with their reason, are silent, or wait for another step; None if all is well."""
        known = {"has left": self._find("left"), "has gone": self._find("gone"), "is silent": self._find_silent()}
        for words, found in known.items():
            if found:
                return "; ".join(f"{self.workers[place]} {words}{detail}" for place, detail in found.items())
        return self._describe_places()

    def _find(self, state: str) -> dict[int, str]:
        """Index of a worker in this state -> the text about it."""
        said = {place: known.get(state) for place, known in list(self._states.items())}
        return {place: f": {text}" if isinstance(text, str) else "" for place, text in said.items() if text}

    def _find_silent(self, longer: float = _SILENT) -> dict[int, str]:
        now = time.monotonic()
        ages = {place: known.get("silent") or 0.0 for place, known in list(self._states.items())}
        ages |= {place: now - self._heard[place] for place in list(self._lines)}
        return {place: f" for {age:.0f} seconds" for place, age in ages.items() if age > longer}

    def _describe_places(self) -> str | None:
        places = {place: known.get("where", self._where) for place, known in list(self._states.items())}
        other = [f"{self.workers[place]} is at {where}" for place, where in places.items() if where != self._where]
        if not other:
            return None
        return f"{'; '.join(other)}, this one at {self._where}: give all workers the same data and callbacks"

    # The thread

    def _run(self) -> None:
        while self._lines:
            deadline = time.monotonic() + _BEAT
            while (left := deadline - time.monotonic()) > 0 and self._lines:
                for line in select.select(list(self._lines.values()), [], [], left)[0]:
                    self._receive(next(place for place, known in self._lines.items() if known is line))
            self._send()
            self._end_if_stuck()

    def _receive(self, place: int) -> None:
        try:
            content = self._lines[place].recv(_LONGEST)
        except OSError:
            content = b""
        if not content:
            self._states[place]["gone"] = True
            self._lines.pop(place).close()
            return
        self._heard[place] = time.monotonic()
        *messages, self._buffers[place] = (self._buffers[place] + content).split(b"\n")
        for message in messages[-1:]:
            self._take(json.loads(message))

    def _take(self, states: dict[str, dict[str, Any]]) -> None:
        for name, state in states.items():
            if int(name) != self.place:
                self._states[int(name)] = state

    def _send(self) -> None:
        waits = time.monotonic() - self._since if self._waits else 0.0
        states: dict[int, dict[str, Any]] = {self.place: {"where": self._where, "waits": waits, "left": self._reason}}
        if self.place == 0:
            ages = {place: time.monotonic() - self._heard[place] for place in list(self._lines)}
            states |= {place: known | {"silent": ages.get(place)} for place, known in list(self._states.items())}
        message = json.dumps(states).encode() + b"\n"
        for line in list(self._lines.values()):
            with self._sending, suppress(OSError):  # its end is read next
                line.sendall(message)

    def _end_if_stuck(self) -> None:
        """Ends a process that waits without end: while it is inside TensorFlow, nothing else can."""
        waits = time.monotonic() - self._since if self._waits else 0.0
        lost = waits > _GRACE and (self._find("left") or self._find("gone") or self._find_silent(self.patience))
        shortest = min([waits, *(known.get("waits", 0.0) for known in list(self._states.values()))])
        if lost or (shortest > self.patience and self._describe_places()):
            print(f"fmnist-tf: {self.describe_lost()}", file=sys.stderr, flush=True)
            os._exit(1)


def start_heartbeat(heartbeat: Heartbeat, strategy: tf.distribute.Strategy) -> None:
    """Starts it for the collectives of a strategy."""
    _OF_STRATEGY[strategy] = heartbeat


def find_heartbeat(strategy: tf.distribute.Strategy) -> Heartbeat | None:
    """The heartbeat of a strategy made by `join_workers`."""
    return _OF_STRATEGY.get(strategy)


def leave(strategy: tf.distribute.Strategy, reason: str) -> None:
    """Tells the other workers why this one does nothing more with the strategy."""
    heartbeat = find_heartbeat(strategy)
    if heartbeat is not None:
        heartbeat.leave(reason)


@contextmanager
def waiting(strategy: tf.distribute.Strategy, where: str) -> Iterator[None]:
    """Marks a block in which every worker must do the same."""
    heartbeat = find_heartbeat(strategy)
    if heartbeat is None:
        yield
    else:
        with heartbeat.waiting(where):
            yield
