"""A function of the user with `reduce_retracing=True` is traced a few times, whatever the lengths of the batches."""

import numpy as np
import pytest
import tensorflow as tf

from fmnist_tf import AUROC, ConfusionMatrix, MacroF1, ScoreSet

RNG = np.random.default_rng(0)
LENGTHS = [*range(1, 30), 1000, 3, 70_000]


@pytest.mark.parametrize("make", [ConfusionMatrix, MacroF1, ScoreSet, lambda: AUROC(num_bins=64)])
def test_many_lengths_cost_few_traces(make):
    metric, one = make(), make()
    metric.build(3)
    count = tf.function(metric.update_state, reduce_retracing=True)
    labels, scores = RNG.integers(0, 3, sum(LENGTHS)), RNG.dirichlet([1, 1, 1], sum(LENGTHS)).astype("float32")
    ends = np.cumsum(LENGTHS)
    for begin, end in zip([0, *ends[:-1]], ends, strict=True):
        count(tf.constant(labels[begin:end]), tf.constant(scores[begin:end]))
    one.update_state(labels, scores)
    assert np.array_equal(metric.state_dict()["counts"], one.state_dict()["counts"])
    assert count.experimental_get_tracing_count() <= 3
