"""Metrics that several threads update eagerly count every row."""

import threading

import numpy as np

from fmnist_tf import ConfusionMatrix, MacroF1

Y_TRUE, Y_PRED = np.arange(40) % 4, np.arange(40) // 3 % 4
SCORES = np.eye(4, dtype="float32")[Y_PRED]


def in_threads(work):
    """Runs a function in eight threads that begin together."""
    begin = threading.Barrier(8)
    threads = [threading.Thread(target=lambda: (begin.wait(), work())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def state(metric):
    return np.asarray(metric.state_dict()["counts"])


def test_two_metrics_updated_by_eight_threads_lose_no_count():
    metrics = [ConfusionMatrix(4), MacroF1(4)]  # one adds whole states, the other single cells

    def update():
        for metric in metrics * 100:
            metric.update_state(Y_TRUE, Y_PRED)

    in_threads(update)
    for metric, one in zip(metrics, [ConfusionMatrix(4), MacroF1(4)], strict=True):
        one.update_state(Y_TRUE, Y_PRED)
        assert np.array_equal(state(metric), 800 * state(one))


def test_a_metric_that_eight_threads_begin_has_one_state():
    for _ in range(5):
        metric = ConfusionMatrix()
        in_threads(lambda metric=metric: metric.update_state(Y_TRUE, SCORES))
        assert state(metric).sum() == 320
