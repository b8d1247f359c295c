"""Where a worker takes its place from: the arguments, or the environment when there are none."""

import json

import pytest

from fmnist_tf.distribute import join_workers
from support.worker import free_addresses


def test_without_arguments_the_environment_says_who_the_others_are(monkeypatch):
    addresses = free_addresses(2)
    place = {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": 1}}
    monkeypatch.setenv("TF_CONFIG", json.dumps(place))
    with pytest.raises(ConnectionError, match=rf"worker 0 \({addresses[0]}\) did not come up"):
        join_workers(patience=0.5)
