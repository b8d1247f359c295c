"""Workers learn from each other, by way of the chief, who has left and why, who is silent and who waits for what."""

import socket
import time

import pytest

from fmnist_tf.distribute.heartbeat import Heartbeat
from fmnist_tf.distribute.rendezvous import Worker

WORKERS = [Worker("worker", place, f"host:{place}") for place in range(3)]


@pytest.fixture
def lines():
    """Of the chief to both others, and of each of them to the chief."""
    pairs = [socket.socketpair() for _ in range(2)]
    yield {1: pairs[0][0], 2: pairs[1][0]}, {0: pairs[0][1]}, {0: pairs[1][1]}
    for line in (line for pair in pairs for line in pair if line.fileno() >= 0):
        line.shutdown(socket.SHUT_RDWR)  # the threads close what has ended


def start(lines, places=(0, 1, 2)):
    return [Heartbeat(WORKERS, place, lines[place], patience=60) for place in places]


def wait_for(ask, seconds=10):
    """Its message within so many seconds."""
    deadline = time.monotonic() + seconds
    while (said := ask()) is None and time.monotonic() < deadline:
        time.sleep(0.05)
    return said


def test_all_hear_why_a_worker_leaves(lines):
    chief, leaving, other = start(lines)
    leaving.leave("no\nimages")
    for heartbeat in (chief, other):
        assert wait_for(heartbeat.describe_lost) == "worker 1 (host:1) has left: no images"


def test_a_worker_that_goes_on_has_not_left(lines):
    chief, leaving, other = start(lines)
    leaving.leave("a bad row")
    assert wait_for(chief.describe_lost)
    for heartbeat in (chief, leaving, other):
        with heartbeat.waiting("a step"):
            pass
    assert wait_for(lambda: chief.describe_lost() is None or None)


def test_a_worker_whose_line_is_closed_has_gone(lines):
    chief, other = start(lines, (0, 2))
    lines[1][0].shutdown(socket.SHUT_RDWR)
    for heartbeat in (chief, other):
        assert wait_for(heartbeat.describe_lost) == "worker 1 (host:1) has gone"


def test_a_worker_that_says_nothing_is_silent(lines):
    chief, other = start(lines, (0, 2))
    for heartbeat in (chief, other):
        assert wait_for(heartbeat.describe_lost).startswith("worker 1 (host:1) is silent for ")


def test_workers_that_wait_for_different_things_are_named(lines):
    chief, *others = start(lines)
    for heartbeat, where in ((chief, "a step"), (others[0], "an exchange"), (others[1], "a step")):
        with heartbeat.waiting(where):
            pass
    told = "worker 1 (host:1) is at an exchange (1), this one at a step (1): give all workers the same data"
    assert wait_for(lambda: str(chief.describe_lost()).startswith(told) or None)
