"""The cost of the end of an epoch: all that ScoreLogger does, and predict + scikit-learn, over the images seen."""

import time

import keras
import numpy as np

from benchmarks import peers
from benchmarks.models import PER_CLASS, SCORES, Work, sklearn_scores, work
from benchmarks.timing import Contender, Measurement, contest
from benchmarks.train_step import check
from fmnist_tf import ScoreLogger, ScoreSet


class TimedLogger(ScoreLogger):
    """A ScoreLogger that measures its last end of an epoch, with the snapshot that it takes before validation."""

    spent = 0.0

    def on_epoch_begin(self, epoch, logs=None):
        """Starts from zero."""
        self.spent = 0.0
        super().on_epoch_begin(epoch, logs)

    def on_test_begin(self, logs=None):
        """Times the snapshot."""
        start = time.perf_counter()
        super().on_test_begin(logs)
        self.spent += time.perf_counter() - start

    def on_epoch_end(self, epoch, logs=None):
        """Times the scores."""
        start = time.perf_counter()
        super().on_epoch_end(epoch, logs)
        self.spent += time.perf_counter() - start


def measure(quick: bool) -> list[Measurement]:
    sizes = (500, 2_000) if quick else (500, 2_000, 8_000)
    check(work("MiniVGG", 500))
    return [row for rows in sizes for row in _measure(work("MiniVGG", rows), 3 if quick else 7)]


def _measure(job: Work, rounds: int) -> list[Measurement]:
    contenders = [_score_logger(job)]
    if peers.load("sklearn"):
        model = job.model([])
        contenders.insert(0, Contender("predict + scikit-learn", lambda: sklearn_scores(model, job.x, job.y)))
    images = len(job.x)
    case = f"MiniVGG, {images:,} validation images"
    return contest("epoch_end", case, contenders, rounds=rounds, x=images, axis="images")


def _score_logger(job: Work) -> Contender:
    """Epochs of one training batch and the validation data; what counts is the time inside the callback."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(10)])
    model.compile("sgd", "mse", metrics=[ScoreSet(scores=SCORES, matrix=True, live=("macro_f1",))])
    callback = TimedLogger(scores=SCORES, per_class=PER_CLASS, verbose=0)
    x, y = np.zeros((32, 28, 28, 1)), np.eye(10)[np.arange(32) % 10]

    def run() -> float:
        model.fit(x, y, validation_data=(job.x, job.y), validation_batch_size=500, verbose=0, callbacks=[callback])
        return callback.spent

    return Contender("ScoreLogger", run, self_timed=True)
