"""Imports the package, trains, and reports: what must work where no extra is installed. Run it as a script."""

import keras
import numpy as np

from fmnist_tf import AUROC, Report, ScoreLogger, ScoreSet


def train_and_report():
    """The report of a small model, from the callback and from its matrix, as text."""
    x = np.random.default_rng(0).normal(size=(60, 4)).astype("float32")
    y = np.arange(60) % 3
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=[ScoreSet(), AUROC(num_bins=64)])
    logger = ScoreLogger(verbose=0)
    model.fit(x, y, validation_split=0.5, verbose=0, callbacks=[logger])
    return [logger.report("val").text(), Report(logger.matrices["val"][-1]).markdown()]


if __name__ == "__main__":
    print(*train_and_report(), sep="\n\n")
