"""The rendezvous: before TensorFlow starts, the chief waits on its port until every other worker has called.

TensorFlow's own start waits up to an hour for a missing worker, and Ctrl-C does not stop it. The other workers send
"INDEX of NUMBER", with a reason after it if they cannot start, and keep the connection open. The chief replies with the
missing indices (none once all are there), or with the reason. A connection that breaks is a worker that has left.
"""

import json
import os
import select
import socket
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

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
        """Job and index, by which TensorFlow names it."""
        return self.job, self.index

    @property
    def endpoint(self) -> tuple[str, int]:
        """Host and port.

        Raises:
            ValueError: the address is not HOST:PORT.
        """
        host, _, port = self.address.rpartition(":")
        if not host or not port.isdecimal():
            raise ValueError(f"addresses must be HOST:PORT, got {self.address!r}")
        return host.strip("[]"), int(port)


def rendezvous(workers: Sequence[Worker], place: int, timeout: float) -> dict[int, socket.socket]:
    """Returns once all workers are there; `place` is the index of this process among them, 0 for the chief.

    Returns:
        Index of another worker -> the connection to it: the chief has one to each, the others one to the chief.

    Raises:
        ConnectionError: some workers are not there in time, or a port is in use.
    """
    return _gather(workers, timeout) if place == 0 else _report(workers, place, timeout)


def _gather(workers: Sequence[Worker], timeout: float) -> dict[int, socket.socket]:
    """The chief's part: waits for the other workers, and replies to them."""
    lines: dict[int, socket.socket] = {}
    with ExitStack() as stack:
        stack.callback(lambda: [line.close() for line in lines.values()])
        with _listen(workers[0]) as server:
            failed = _wait(server, lines, len(workers), time.monotonic() + timeout)
        answer = failed or [place for place in range(1, len(workers)) if place not in lines]
        for place, line in lines.items():
            _answer(line, answer, workers[place])
        _check_answer(answer, workers, timeout)
        stack.pop_all()
    return lines


def _wait(server: socket.socket, lines: dict[int, socket.socket], number: int, deadline: float) -> str | None:
    """Adds the connections of callers until all are there, or one sends the reason why it cannot start."""
    while len(lines) < number - 1 and time.monotonic() < deadline:
        if select.select([server], [], [], _PAUSE)[0]:
            line = server.accept()[0]
            place, reason = _hear(line, number)
            if place is None or place in lines:
                line.close()
            else:
                lines[place] = line
            if reason is not None:
                return reason
        for place in [place for place, line in lines.items() if _is_closed(line)]:
            lines.pop(place).close()
    return None


def _report(workers: Sequence[Worker], place: int, timeout: float) -> dict[int, socket.socket]:
    """The part of the others: calls the chief, whose reply names the missing workers."""
    obstacle = _find_obstacle(workers[place])
    line = _connect(workers[0], time.monotonic() + timeout)
    if line is None:
        raise ConnectionError(obstacle or _say_missing([0], workers, timeout))
    line.settimeout(timeout + _GRACE)  # the chief has begun to wait before
    try:
        line.sendall(f"{place} of {len(workers)} {obstacle or ''}\n".encode())
        answer = json.loads(_read_line(line))
    except (OSError, ValueError):
        answer = None
    if answer is None or not _is_answer(answer, len(workers)):
        raise ConnectionError(f"{workers[0]} has gone, or calls another worker {place}; start all workers again")
    _check_answer(answer, workers, timeout)
    line.settimeout(None)
    return {0: line}


def _listen(worker: Worker) -> socket.socket:
    try:
        return socket.create_server(("", worker.endpoint[1]))
    except OSError as error:
        raise ConnectionError(f"{worker} could not be started: {os.strerror(error.errno or 0)}") from error


def _find_obstacle(worker: Worker) -> str | None:
    """The reason why TensorFlow could not listen on the port of this worker, on which it starts next; or None."""
    try:
        _listen(worker).close()
    except ConnectionError as error:
        return str(error)
    return None


def _answer(line: socket.socket, answer: list[int] | str, worker: Worker) -> None:
    try:
        line.sendall(f"{json.dumps(answer)}\n".encode())
    except OSError as error:
        raise ConnectionError(f"{worker} has gone; start all workers again") from error


def _is_answer(answer: Any, number: int) -> bool:
    """Whether a reply holds indices of workers, or a reason."""
    return isinstance(answer, str) or (isinstance(answer, list) and all(place in range(number) for place in answer))


def _check_answer(answer: list[int] | str, workers: Sequence[Worker], timeout: float) -> None:
    if answer:
        raise ConnectionError(answer if isinstance(answer, str) else _say_missing(answer, workers, timeout))


def _say_missing(missing: list[int], workers: Sequence[Worker], timeout: float) -> str:
    names = ", ".join(str(workers[other]) for other in missing)
    return f"{names} did not come up; start all workers within {timeout:.0f} seconds of each other"


def _connect(chief: Worker, deadline: float) -> socket.socket | None:
    while time.monotonic() < deadline:
        try:
            return socket.create_connection(chief.endpoint, timeout=max(_PAUSE, deadline - time.monotonic()))
        except OSError:  # not yet
            time.sleep(_PAUSE)
    return None


def _hear(line: socket.socket, number: int) -> tuple[int | None, str | None]:
    """The index that a caller sends, and the reason why it cannot start; None for a foreign caller."""
    line.settimeout(1)
    try:
        words = line.recv(_LINE).decode("utf-8", "replace").split()
    except OSError:
        return None, None
    finally:
        line.settimeout(None)
    known = len(words) >= 3 and words[1:3] == ["of", str(number)] and words[0].isdecimal()
    return (int(words[0]), " ".join(words[3:]) or None) if known and 0 < int(words[0]) < number else (None, None)


def _read_line(line: socket.socket) -> bytes:
    """Reads up to the end of the line; the heartbeat that follows stays unread."""
    content = b""
    while not content.endswith(b"\n") and len(content) < _LINE:
        byte = line.recv(1)
        if not byte:
            break
        content += byte
    return content


def _is_closed(line: socket.socket) -> bool:
    """Whether the other side has left: then only the end of the stream can be read."""
    return bool(select.select([line], [], [], 0)[0])
