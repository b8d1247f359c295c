"""Data sets that ScoreLogger cannot score are refused before training, by name."""

import numpy as np
import pytest
import tensorflow as tf

from support.fitting import X, Y, fit, quiet


def test_endless_data_are_refused():
    data = tf.data.Dataset.from_tensor_slices((X, Y)).batch(8).repeat()
    with pytest.raises(ValueError, match=r"data set 'val' never ends; .*repeat"):
        fit(quiet(data))


def test_parts_of_different_lengths_are_refused_by_name():
    with pytest.raises(ValueError, match=r"data set 'test' has parts of different lengths, 30 and 29"):
        quiet({"test": (X, Y[:-1])})


@pytest.mark.parametrize("y", [Y, np.eye(3, dtype="float32")[Y]])
def test_data_that_are_not_batched_are_refused(y):
    data = tf.data.Dataset.from_tensor_slices((X, y))
    with pytest.raises(ValueError, match=r"data set 'val' is not batched; .*\.batch\("):
        fit(quiet(data))
