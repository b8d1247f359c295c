"""One of two workers that train a model on tagged data; the first writes down history, counts and weights.

python tests/support/tagged_worker.py INDEX ADDRESSES FILE
"""

import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

from fmnist_tf import CurveSet, ScoreLogger, ScoreSet, Slice, accept_tags, fit_workers, join_workers, tag

RNG = np.random.default_rng(0)
N = 65  # the last batch of 16 has a single row
X = RNG.normal(size=(N, 4)).astype("float32")
Y = (X[:, 0] > 0).astype("int32") + (X[:, 1] > 0)
SITES = RNG.choice(["north", "south", "west"], N)
SITE = Slice("site", ("north", "south"))


def make_model():
    """An untrained model of three classes."""
    keras.utils.set_random_seed(1)
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation="softmax")])


def main(index: int, addresses: list[str], file: str) -> None:
    """Trains two epochs."""
    strategy = join_workers(addresses, index)
    with strategy.scope():
        model = accept_tags(make_model())
        metrics = [ScoreSet(by=SITE, live=()), CurveSet(by=SITE, num_bins=256, live=())]
        model.compile(keras.optimizers.Adam(0.05), "sparse_categorical_crossentropy", metrics=metrics)
    data, logger = tag(X, Y, slices={SITE: SITES}), ScoreLogger(by="site", min_support=1, verbose=0)
    fit_workers(model, data, validation_data=data, batch_size=16, epochs=2, callbacks=[logger])
    if index == 0:
        kept = {f"weight/{place}": weight for place, weight in enumerate(model.get_weights())}
        np.savez(file, **kept, **{f"history/{key}": values for key, values in logger.history.items()})


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2].split(","), sys.argv[3])
