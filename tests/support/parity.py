"""Models, optimizers, losses and data of which several workers must learn what one process learns."""

from collections.abc import Callable
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from support.worker import WEIGHT, X, Y

ROWS = np.random.default_rng(1)
WORDS = ROWS.integers(0, 7, (65, 5))  # 0 is masked
TAGS = ROWS.integers(0, 3, (65, 5))
ONE_HOT = np.eye(3, dtype="float32")[Y]
CROSSENTROPY = "sparse_categorical_crossentropy"


class Case(NamedTuple):
    make: Callable[[], keras.Model]
    optimizer: Callable[[], keras.optimizers.Optimizer]
    loss: Any
    data: Any


def dense(regularizer=None):
    hidden = keras.layers.Dense(8, activation="tanh", kernel_regularizer=regularizer)
    return keras.Sequential([keras.Input((4,)), hidden, keras.layers.Dense(3, activation="softmax")])


def regularized():
    return dense("l2")


def tagger():
    words = keras.Input((5,), dtype="int32")
    embedded = keras.layers.Embedding(7, 4, mask_zero=True)(words)
    return keras.Model(words, keras.layers.Dense(3, activation="softmax")(embedded))


def two_outputs():
    x = keras.Input((4,))
    a, b = keras.layers.Dense(3, activation="softmax", name="a")(x), keras.layers.Dense(1, name="b")(x)
    return keras.Model(x, {"a": a, "b": b})


def one_number(y_true, y_pred):
    """A custom loss that takes the mean itself."""
    return tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(y_true, y_pred))


def sgd(**options):
    return lambda: keras.optimizers.SGD(0.1, **options)


def adam(**options):
    return lambda: keras.optimizers.Adam(0.01, **options)


def crossentropy(**options):
    return lambda: keras.losses.SparseCategoricalCrossentropy(**options)


CASES = {
    "clipnorm": Case(dense, sgd(clipnorm=0.1), CROSSENTROPY, (X, Y)),
    "global_clipnorm": Case(regularized, adam(global_clipnorm=0.1), CROSSENTROPY, (X, Y, WEIGHT)),
    "ignore_class": Case(dense, sgd(), crossentropy(ignore_class=0), (X, Y, WEIGHT)),
    "mask": Case(tagger, adam(clipnorm=0.01), CROSSENTROPY, (WORDS, TAGS)),
    "one number": Case(dense, sgd(), lambda: one_number, (X, Y)),
}
#: The rest of the table, for which CI has no time.
MORE_CASES = {
    "two outputs": Case(two_outputs, sgd(), {"a": CROSSENTROPY, "b": "mse"}, (X, {"a": Y, "b": X[:, :1]})),
    "plain": Case(dense, sgd(), CROSSENTROPY, (X, Y)),
    "momentum": Case(dense, sgd(momentum=0.9, nesterov=True), CROSSENTROPY, (X, Y)),
    "clipvalue": Case(dense, sgd(clipvalue=0.01), CROSSENTROPY, (X, Y)),
    "average of weights": Case(dense, sgd(use_ema=True), CROSSENTROPY, (X, Y)),
    "regularizer": Case(regularized, adam(), CROSSENTROPY, (X, Y, WEIGHT)),
    "mask without clipping": Case(tagger, adam(), CROSSENTROPY, (WORDS, TAGS)),
    "clipped words": Case(tagger, sgd(clipvalue=0.001), CROSSENTROPY, (WORDS, TAGS)),
    "sum": Case(dense, lambda: keras.optimizers.SGD(0.01), crossentropy(reduction="sum"), (X, Y)),
    "weighted mean": Case(dense, sgd(), crossentropy(reduction="mean_with_sample_weight"), (X, Y, WEIGHT)),
    "categorical": Case(dense, lambda: keras.optimizers.Nadam(0.01), "categorical_crossentropy", (X, ONE_HOT)),
    "squares": Case(dense, lambda: keras.optimizers.AdamW(0.01), "mse", (X, ONE_HOT, WEIGHT)),
    "dice": Case(dense, lambda: keras.optimizers.RMSprop(0.01), keras.losses.Dice, (X, ONE_HOT)),
    "adagrad": Case(dense, lambda: keras.optimizers.Adagrad(0.1), CROSSENTROPY, (X, Y)),
    "adadelta": Case(dense, lambda: keras.optimizers.Adadelta(0.1), CROSSENTROPY, (X, Y)),
    "adamax": Case(dense, lambda: keras.optimizers.Adamax(0.01), CROSSENTROPY, (X, Y)),
    "adafactor": Case(dense, lambda: keras.optimizers.Adafactor(0.01), CROSSENTROPY, (X, Y)),
    "ftrl": Case(dense, lambda: keras.optimizers.Ftrl(0.01), CROSSENTROPY, (X, Y)),
    "lamb": Case(dense, lambda: keras.optimizers.Lamb(0.01), CROSSENTROPY, (X, Y)),
    "lion": Case(dense, lambda: keras.optimizers.Lion(0.001), CROSSENTROPY, (X, Y)),
    "muon": Case(dense, lambda: keras.optimizers.Muon(0.01), CROSSENTROPY, (X, Y)),
}


def make(case):
    """The compiled model, the same each time."""
    keras.utils.set_random_seed(1)
    model = case.make()
    model.compile(case.optimizer(), case.loss() if callable(case.loss) else case.loss)
    return model


def batches(case):
    return tf.data.Dataset.from_tensor_slices(case.data).batch(16)


def greatest_difference(model, history, other_model, other_history):
    """Of weights and of logged values relative to their size."""
    weights = [np.abs(a - b).max() for a, b in zip(model.get_weights(), other_model.get_weights(), strict=True)]
    logs = [np.abs(np.subtract(other_history[key], values) / values).max() for key, values in history.items()]
    assert history.keys() == other_history.keys()
    return max(*weights, *logs)
