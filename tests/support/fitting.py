"""A small model, its data, and a fit with a ScoreLogger: what tests of the callback share."""

import keras
import numpy as np

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
