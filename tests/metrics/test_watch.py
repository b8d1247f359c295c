"""Open watchers are told of every metric's resets and of the updates that Python sees."""

import numpy as np
import pytest
import tensorflow as tf

from fmnist_tf import AUROC, MacroF1
from fmnist_tf.metrics.watch import open_watchers

Y_TRUE, Y_PRED = [0, 1], np.eye(2)


class Notes:
    def __init__(self):
        self.seen = []

    def before_reset(self, metric):
        self.seen.append(("reset", metric))

    def before_update(self, metric):
        self.seen.append(("update", metric))


@pytest.fixture
def notes():
    watcher = Notes()
    open_watchers.append(watcher)
    yield watcher
    open_watchers.remove(watcher)


def test_a_watcher_is_told_of_updates_and_resets_of_every_metric(notes):
    for metric in (MacroF1(), AUROC()):
        metric.update_state(Y_TRUE, Y_PRED)
        metric.reset_state()
    assert [word for word, _ in notes.seen] == ["update", "reset"] * 2


def test_a_reset_in_a_graph_is_not_announced(notes):
    metric = MacroF1(2)
    tf.function(metric.reset_state)()
    assert notes.seen == []


def test_a_removed_watcher_is_told_nothing(notes):
    open_watchers.remove(notes)
    MacroF1(2).reset_state()
    open_watchers.append(notes)
    assert notes.seen == []
