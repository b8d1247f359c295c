"""ScoreLogger(data=) takes what fit takes as validation data, and refuses the rest before training, by name."""

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from fmnist_tf import ScoreLogger, ScoreSet
from support.fitting import X, Y, compiled, fit, quiet
from support.marks import heavy

W = np.linspace(0, 2, 30)


class Batches(keras.utils.PyDataset):
    """Three batches of ten rows."""

    def __len__(self):
        return 3

    def __getitem__(self, index):
        rows = slice(10 * index, 10 * index + 10)
        return X[rows], Y[rows]


def two_inputs():
    a, b = keras.Input((8,), name="left"), keras.Input((8,), name="right")
    both = keras.layers.concatenate([a, b])
    outputs = [keras.layers.Dense(3, "softmax", name="cls")(both), keras.layers.Dense(1, name="reg")(both)]
    model = keras.Model([a, b], outputs)
    model.compile("sgd", ["sparse_categorical_crossentropy", "mse"], metrics=[[ScoreSet()], []])
    return model


ONE_OUTPUT = {
    "arrays": lambda: (X, Y),
    "list": lambda: [X, Y],
    "tensors": lambda: (tf.constant(X), tf.constant(Y)),
    "pandas": lambda: (pd.DataFrame(X), pd.Series(Y, index=np.arange(30) + 5)),
    "plain lists": lambda: (X.tolist(), Y.tolist()),
    "tf.data": lambda: tf.data.Dataset.from_tensor_slices((X, Y)).batch(7),
    "PyDataset": Batches,
}


@pytest.mark.parametrize("form", ONE_OUTPUT)
def test_data_are_scored_as_validation_data_are(form):
    logger = fit(quiet({"more": ONE_OUTPUT[form]()}), epochs=1, validation_data=(X, Y))
    assert logger.history["more_macro_f1"] == logger.history["val_macro_f1"]


SEVERAL_OUTPUTS = {
    "lists": lambda: ([X, X], [Y, X[:, 0]]),
    "tuples": lambda: ((X, X), (Y, X[:, 0])),
    "dicts": lambda: ({"left": X, "right": X}, {"cls": Y, "reg": X[:, 0]}),
    "weights": lambda: ([X, X], [Y, X[:, 0]], [W, W]),
    "tf.data": lambda: tf.data.Dataset.from_tensor_slices(((X, X), (Y, X[:, 0]))).batch(7),
}


@pytest.mark.parametrize("output", [None, heavy("cls")])
@pytest.mark.parametrize("form", ["dicts", "weights", *map(heavy, ("lists", "tuples", "tf.data"))])
def test_structures_of_several_outputs_are_scored(form, output):
    data = SEVERAL_OUTPUTS[form]()
    logger = ScoreLogger({"more": data}, output=output, verbose=0)
    two_inputs().fit([X, X], [Y, X[:, 0]], validation_data=data, verbose=0, callbacks=[logger])
    assert logger.history["more_cls_macro_f1"] == pytest.approx(logger.history["val_cls_macro_f1"], abs=1e-12)


@pytest.mark.parametrize("argument", ["metrics", "weighted_metrics"])
def test_weights_count_as_they_would_in_fit(argument):
    model, logger = compiled(), quiet({"same": (X, Y, W)})
    model.compile("sgd", "sparse_categorical_crossentropy", **{argument: [ScoreSet()]})
    model.fit(X, Y, validation_data=(X, Y, W), verbose=0, callbacks=[logger])
    assert logger.history["same_accuracy"] == pytest.approx(logger.history["val_accuracy"], abs=1e-12)
    assert logger.counts["same"][0].total[0] == pytest.approx(
        W.astype("float32").sum() if argument == "weighted_metrics" else 30
    )


def test_a_generator_is_refused_with_the_remedy():
    with pytest.raises(TypeError, match=r"'val' is a generator, .* only once, .*PyDataset"):
        quiet(batch for batch in [(X, Y)])


def test_a_py_dataset_without_end_is_refused():
    Endless = type("Endless", (Batches,), {"num_batches": None})
    with pytest.raises(ValueError, match="data set 'val' never ends"):
        quiet(Endless())


def test_fits_of_one_model_compile_the_scoring_once():
    calls = []

    class Spy(keras.layers.Layer):
        def call(self, x):
            calls.append(1)
            return x

    model = keras.Sequential([keras.Input((8,)), Spy(), keras.layers.Dense(3, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=[ScoreSet()])
    model.fit(X, Y, verbose=0, callbacks=[quiet({"more": (X, Y)})])
    traced = len(calls)
    model.fit(X, Y, verbose=0, callbacks=[quiet({"more": (X, Y)})])
    assert len(calls) == traced


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
