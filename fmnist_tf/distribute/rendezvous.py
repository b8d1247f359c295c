"""The roll call: before TensorFlow starts, the chief waits on its port until every other worker has said it is there.

TensorFlow's own start waits for an hour for a worker that never comes, and hears no Ctrl-C. The others say "INDEX of
NUMBER" and hold the line; the chief answers with the indices that are missing, none of them once all are there. A line
that breaks is a worker that has left.
"""

import json
import select
import socket
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

_PAUSE = 0.1
_GRACE = 5.0
_LINE = 64 * 1024


@dataclass(frozen=True)
class Worker:
    """One of the workers, as messages name it."""

    job: str
    index: int
    address: str

    def __str__(self) -> str:
        return f"{self.job} {self.index} ({self.address})"

    @property
    def task(self) -> tuple[str, int]:
        """What TensorFlow calls it."""
        return self.job, self.index

    @property
    def endpoint(self) -> tuple[str, int]:
        """Host and port.

        Raises:
            ValueError: the address is no HOST:PORT.
        """
        host, _, port = self.address.rpartition(":")
        if not host or not port.isdecimal():
            raise ValueError(f"addresses must be HOST:PORT, got {self.address!r}")
        return host.strip("[]"), int(port)


def rendezvous(workers: Sequence[Worker], place: int, timeout: float) -> None:
    """Returns once all workers are there; `place` is that of this process among them, the chief's is 0.

    Raises:
        ConnectionError: some are not within so many seconds, or the port of the chief is taken.
    """
    missing = _gather(workers, timeout) if place == 0 else _report(workers, place, timeout)
    if missing:
        names = ", ".join(str(workers[other]) for other in missing)
        raise ConnectionError(f"{names} did not come up; start all workers within {timeout:.0f} seconds of each other")


def _gather(workers: Sequence[Worker], timeout: float) -> list[int]:
    """The chief's part: the places of those who are missing at the end."""
    deadline = time.monotonic() + timeout
    lines: dict[int, socket.socket] = {}
    with ExitStack() as stack:
        try:
            server = stack.enter_context(socket.create_server(("", workers[0].endpoint[1])))
        except OSError as error:
            raise ConnectionError(f"{workers[0]} could not be started: {error.strerror}") from error
        while len(lines) < len(workers) - 1 and time.monotonic() < deadline:
            if select.select([server], [], [], _PAUSE)[0]:
                line = stack.enter_context(server.accept()[0])
                lines |= dict.fromkeys(_hear(line, len(workers)), line)
            lines = {place: line for place, line in lines.items() if not _is_closed(line)}
        missing = [place for place in range(1, len(workers)) if place not in lines]
        for place, line in lines.items():
            _answer(line, missing, workers[place])
    return missing


def _report(workers: Sequence[Worker], place: int, timeout: float) -> list[int]:
    """The part of the others: the places of those who are missing, as the chief says."""
    line = _connect(workers[0], time.monotonic() + timeout)
    if line is None:
        return [0]
    with line:
        line.settimeout(timeout + _GRACE)  # the chief has begun to wait before
        try:
            line.sendall(f"{place} of {len(workers)}\n".encode())
            missing = json.loads(line.makefile().readline(_LINE))
        except (OSError, ValueError):
            missing = None
    if not isinstance(missing, list) or any(other not in range(len(workers)) for other in missing):
        raise ConnectionError(f"{workers[0]} has gone, or calls another worker {place}; start all workers again")
    return missing


def _answer(line: socket.socket, missing: list[int], worker: Worker) -> None:
    try:
        line.sendall(f"{json.dumps(missing)}\n".encode())
    except OSError as error:
        raise ConnectionError(f"{worker} has gone; start all workers again") from error


def _connect(chief: Worker, deadline: float) -> socket.socket | None:
    while time.monotonic() < deadline:
        try:
            return socket.create_connection(chief.endpoint, timeout=max(_PAUSE, deadline - time.monotonic()))
        except OSError:  # not yet
            time.sleep(_PAUSE)
    return None


def _hear(line: socket.socket, number: int) -> list[int]:
    """The place that a caller says is its own; none of a stranger's."""
    line.settimeout(1)
    try:
        words = line.recv(_LINE).decode("ascii", "replace").split()
    except OSError:
        return []
    known = len(words) == 3 and words[1:] == ["of", str(number)] and words[0].isdecimal()
    return [int(words[0])] if known and 0 < int(words[0]) < number else []


def _is_closed(line: socket.socket) -> bool:
    """Whether the other side has left: it says nothing more, so that all there is to read is the end."""
    return bool(select.select([line], [], [], 0)[0])
