"""A small model that takes tags, tagged data, and a fit with them: what tests of rows share."""

import keras
import numpy as np

from fmnist_tf.rows import Slice, accept_tags, tag

N = 40
X = np.random.default_rng(0).normal(size=(N, 4)).astype("float32")
Y = np.random.default_rng(1).integers(0, 3, N)
SITES = np.array(["north", "south", "west"])[np.random.default_rng(2).integers(0, 3, N)]
SITE = Slice("site", ("north", "south"))


def tagged(x=X, y=Y, sites=SITES, **options):
    return tag(x, y, slices={SITE: sites}, **options)


def model_of(*metrics, rate=0.1, loss=None, activation="softmax", units=3, weighted=(), **options):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(units, activation=activation)])
    loss = loss or ("sparse_categorical_crossentropy" if units == 3 else "binary_crossentropy")
    model.compile(
        keras.optimizers.SGD(rate), loss, metrics=list(metrics), weighted_metrics=list(weighted) or None, **options
    )
    return accept_tags(model)


def fit(model, *callbacks, data=None, **options):
    options = {"batch_size": 16, "epochs": 1, "verbose": 0} | options
    parts = dict(zip(("x", "y", "sample_weight"), tagged() if data is None else data, strict=False))
    return model.fit(**parts, callbacks=list(callbacks), **options)
