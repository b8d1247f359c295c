"""One of two workers, a process of its own: trains what test_workers.py asks of it, and writes down what came of it.

python tests/worker.py INDEX ADDRESSES FOLDER
"""

import json
import os
import signal
import socket
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

from fmnist_tf import (
    ConfusionMatrix,
    Ledger,
    ScoreLogger,
    ScoreSet,
    accept_tags,
    evaluate_workers,
    fit_workers,
    join_workers,
    tag,
)

ROWS = np.random.default_rng(0)
X = ROWS.normal(size=(65, 4)).astype("float32")  # the last of its batches of 16 has a single row
Y = (X[:, 0] > 0).astype("int32") + (X[:, 1] > 0)
WEIGHT = ROWS.integers(0, 3, 65).astype("float32")


def free_addresses(number=2):
    """Addresses on loopback that nobody listens on."""
    with_ports = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    addresses = [f"127.0.0.1:{server.getsockname()[1]}" for server in with_ports]
    for server in with_ports:
        server.close()
    return addresses


def make_model(*layers, rate=0.05):
    """A model of three classes, with these layers in its middle."""
    keras.utils.set_random_seed(1)
    first = keras.layers.Dense(8, activation="tanh", kernel_regularizer="l2")
    model = keras.Sequential([keras.Input((4,)), first, *layers, keras.layers.Dense(3, activation="softmax")])
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy", ScoreSet()])
    return model


class Die(keras.callbacks.Callback):
    """Ends the process in the midst of the second epoch, as `kill -9` does."""

    def on_train_batch_end(self, batch, logs=None):
        if self.epoch == 1 and batch == 1:
            os.kill(os.getpid(), signal.SIGKILL)

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch


def main(index: int, addresses: list[str], folder: Path) -> None:
    strategy = join_workers(addresses, index)
    results = {name: claim(strategy, index, folder) for name, claim in CLAIMS.items()}
    (folder / f"{index}.json").write_text(json.dumps(results))
    if index == 0:
        results["killed"] = message_of(lambda: train(strategy, epochs=10))
        (folder / "0.json").write_text(json.dumps(results))
    else:
        train(strategy, epochs=10, callbacks=[Die()])


def train(strategy, *layers, rate=0.05, start=None, data=(X, Y, WEIGHT), **settings):
    with strategy.scope():
        model = make_model(*layers, rate=rate)
    if start is not None:
        model.set_weights([np.full_like(weights, start) for weights in model.get_weights()])
    settings = {"batch_size": 16, "epochs": 2, **settings}
    return model, fit_workers(model, data, **settings)


def message_of(work):
    """The message of an exception."""
    try:
        work()
    except (ValueError, ConnectionError) as error:
        return f"{type(error).__name__}: {error}"
    return None


def numbers(arrays):
    return [np.asarray(array).tolist() for array in arrays]


def equal(strategy, index, folder):
    """Weights, history, counts, files and logs of a plain model; the second worker begins with other weights."""
    out = folder / f"out-{index}"
    logger = ScoreLogger({"more": (X, Y)}, log_dir=out, verbose=1)
    writers = [keras.callbacks.ModelCheckpoint(out / "m.keras"), keras.callbacks.CSVLogger(folder / f"{index}.csv")]
    model, history = train(
        strategy, start=index or None, validation_data=(X, Y), validation_batch_size=16, callbacks=[logger, *writers]
    )
    matrices = {name: numbers(values) for name, values in logger.matrices.items()}
    return {"weights": numbers(model.get_weights()), "history": history.history, "matrices": matrices}


def frozen(strategy, index, folder):
    """Counts of a model that does not learn, in training and in evaluation."""
    logger = ScoreLogger(verbose=0)
    model, _ = train(strategy, rate=0.0, epochs=1, callbacks=[logger])
    with strategy.scope():
        matrix = ConfusionMatrix(3)
        model.compile(loss="sparse_categorical_crossentropy", metrics=[matrix])
    evaluate_workers(model, (X, Y), batch_size=7)
    return {"train": numbers(logger.matrices["train"])[0], "evaluated": np.array(matrix.matrix).tolist()}


def normalized(strategy, index, folder):
    """All variables of a model with batch normalization and dropout."""
    model, _ = train(strategy, keras.layers.BatchNormalization(), keras.layers.Dropout(0.5))
    return numbers(variable.numpy() for variable in model.variables)


def stopped(strategy, index, folder):
    """How many epochs pass when the second worker alone asks to stop."""
    ask = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: setattr(ask.model, "stop_training", index == 1)
    )
    return len(train(strategy, epochs=5, callbacks=[ask])[1].epoch)


def other_data(strategy, index, folder):
    """The error where the second worker has other labels."""
    return message_of(lambda: train(strategy, data=(X, np.roll(Y, index))))


def other_weights(strategy, index, folder):
    """The errors where the second worker has other weights of the rows, other inputs, or other arguments."""
    data = [(X, Y, WEIGHT + index), (X + index, Y)]
    told = [message_of(lambda data=data: train(strategy, data=data)) for data in data]
    return [*told, message_of(lambda: train(strategy, epochs=2 + index))]


def bad_row(strategy, index, folder):
    """The error of a NaN, in a row of one worker."""
    rows = np.where(np.arange(65)[:, None] == 3, np.nan, X).astype("float32")
    return message_of(lambda: train(strategy, data=(rows, Y), epochs=1, batch_size=65))


def ledgered(strategy, index, folder):
    """The ledger of a model that does not learn."""
    with strategy.scope():
        model = accept_tags(make_model(rate=0.0))
    ledger = Ledger(len(X))
    fit_workers(model, tag(X, Y), batch_size=16, epochs=2, callbacks=[ledger])
    return {name: ledger.table[name].tolist() for name in ("label", "seen", "correct", "margin")}


_ALL = (equal, frozen, normalized, stopped, other_data, other_weights, bad_row, ledgered)
CLAIMS = {claim.__name__: claim for claim in _ALL}

if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2].split(","), Path(sys.argv[3]))
