"""Workers come together or say who is missing; arguments of the command that name them are checked first."""

import json
import socket
import threading
import time

import pytest

import fmnist_tf_cli
from fmnist_tf import cli
from fmnist_tf.distribute import join_workers
from fmnist_tf.distribute.rendezvous import Worker, rendezvous
from fmnist_tf.distribute.rendezvous import _connect as connect
from support import worker

# The rendezvous


def call(workers, place, said, timeout):
    try:
        for line in rendezvous(workers, place, timeout).values():
            line.close()
        said[place] = None
    except ConnectionError as error:
        said[place] = str(error)


def call_at_once(places, number=3, timeout=1.5):
    """The messages of the workers that are there."""
    workers = [Worker("worker", index, address) for index, address in enumerate(worker.free_addresses(number))]
    said = {}
    threads = [threading.Thread(target=call, args=(workers, place, said, timeout)) for place in places]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return said, workers


def test_a_rendezvous_ends_when_all_are_there():
    began = time.monotonic()
    assert call_at_once([2, 0, 1], timeout=30)[0] == {0: None, 1: None, 2: None}
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(("places", "missing"), [([0, 1], 2), ([1, 2], 0)])
def test_a_rendezvous_names_who_is_missing(places, missing):
    said, workers = call_at_once(places)
    for place in places:
        assert said[place] == f"{workers[missing]} did not come up; start all workers within 2 seconds of each other"


def test_a_rendezvous_forgets_who_has_left_and_ignores_strangers():
    workers = [Worker("worker", index, address) for index, address in enumerate(worker.free_addresses(3))]
    said = {}
    chief = threading.Thread(target=call, args=(workers, 0, said, 1.5))
    chief.start()
    for words in (b"1 of 3\n", b"GET / HTTP/1.1\n", b"7 of 3\n"):
        with connect(workers[0], time.monotonic() + 1) as line:
            line.sendall(words)
            time.sleep(0.1)
    chief.join()
    assert said[0].startswith(f"{workers[1]}, {workers[2]} did not come up")


def test_all_are_told_of_a_port_that_is_taken():
    workers = [Worker("worker", index, address) for index, address in enumerate(worker.free_addresses(3))]
    said = {}
    with socket.create_server(("", workers[1].endpoint[1])):
        threads = [threading.Thread(target=call, args=(workers, place, said, 20)) for place in (0, 2, 1)]
        for thread in threads:
            thread.start()
            time.sleep(0.2)
        for thread in threads:
            thread.join()
    assert said == dict.fromkeys(range(3), f"{workers[1]} could not be started: Address already in use")


def test_a_port_that_is_taken_is_named():
    with socket.create_server(("", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(
            ConnectionError, match=rf"worker 0 \({address}\) could not be started: Address already in use"
        ):
            join_workers([address, *worker.free_addresses(1)], 0)


@pytest.mark.parametrize(("addresses", "index"), [(["a:1", "b:1"], None), (["a:1", "b:1"], 2), (None, 0)])
def test_a_place_that_is_none_is_refused(addresses, index):
    with pytest.raises(ValueError, match="`index` must be the place of this worker among `addresses`"):
        join_workers(addresses, index)


# Arguments of the command


def task(kind="worker", index=0, **jobs):
    return json.dumps({"cluster": jobs, "task": {"type": kind, "index": index}})


PAIR = ["a:1", "b:2"]
BAD = {
    "--workers a:1": "--workers: must be two or more",
    "--workers a:1,b": "--workers: must be HOST:PORT with a port from 1 to 65535, got 'b'",
    "--workers a:1,b:0": "got 'b:0'",
    "--workers a:1,:2": "got ':2'",
    "--workers a:1,a:1": "--workers: must differ",
    "--workers a:1,b:2": "--workers and --worker-index: need each other",
    "--worker-index 0": "--workers and --worker-index: need each other",
    "--workers a:1,b:2 --worker-index 2": "--worker-index: must be from 0 to 1, got 2",
    "--workers a:1,b:2 --worker-index -1": "--worker-index: must be at least 0",
    "--workers a:1,b:2 --worker-index 0 --resume": "--resume: needs --out",
}
BAD_CONFIGS = [
    "{",
    "[]",
    '{"cluster": []}',
    '{"cluster": {"worker": ["a:1", "b:2"]}}',
    task(index=2, worker=PAIR),
    task(index="0", worker=PAIR),
    task("chief", worker=PAIR),
    task(ps=["c:3"], worker=PAIR),
    task(worker=["a:1", "b"]),
    task(worker=["a:1", 2]),
]


@pytest.mark.parametrize("line", BAD)
def test_bad_workers_are_one_line_and_status_2(line, capsys):
    assert cli.main(["train", *line.split()]) == 2
    error = capsys.readouterr().err
    assert BAD[line] in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("config", BAD_CONFIGS)
def test_a_bad_tf_config_is_one_line_and_status_2(config, monkeypatch, capsys):
    monkeypatch.setenv("TF_CONFIG", config)
    assert cli.main(["train"]) == 2
    error = capsys.readouterr().err
    assert "TF_CONFIG must be like" in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("config", "workers", "index"),
    [
        (task(index=1, worker=PAIR), PAIR, 1),
        (task("chief", 0, chief=["c:3"], worker=PAIR), ["c:3", *PAIR], 0),
        (task("worker", 1, chief=["c:3"], worker=PAIR), ["c:3", *PAIR], 2),
        (task(worker=["a:1"]), None, None),
        ("{}", None, None),
    ],
)
def test_tf_config_names_the_workers(config, workers, index, monkeypatch):
    monkeypatch.setenv("TF_CONFIG", config)
    arguments = fmnist_tf_cli.parse(["train"])
    assert (arguments.workers, arguments.worker_index) == (workers, index)
