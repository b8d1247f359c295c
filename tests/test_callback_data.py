"""Data sets that ScoreLogger cannot score are refused before training, by name."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from fmnist_tf import ScoreLogger, ScoreSet

X = np.random.default_rng(0).normal(size=(30, 8)).astype("float32")
Y = np.random.default_rng(1).integers(0, 3, 30)


def compiled(*metrics):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(3, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=list(metrics))
    return model


def fit(logger, *metrics, **options):
    metrics = metrics or (ScoreSet(),)
    compiled(*metrics).fit(X, Y, **{"batch_size": 10, "epochs": 2, "verbose": 0, "callbacks": [logger]} | options)
    return logger


def quiet(*args, **options):
    return ScoreLogger(*args, verbose=0, **options)


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
