"""The models that the benchmarks train, and the article's way of scoring them."""

from dataclasses import dataclass

import keras
import numpy as np

from fmnist_tf import ScoreLogger, mini_vgg

#: What ScoreLogger adds at the end of an epoch: six scores of the whole, three of every class.
SCORES = ("macro_f1", "accuracy", "macro_precision", "macro_recall", "matthews_correlation", "cohen_kappa")
PER_CLASS = ("precision", "recall", "f1_score")
#: Four more, for a set of ten.
MORE_SCORES = (*SCORES, "micro_f1", "weighted_f1", "balanced_accuracy", "jaccard")


@dataclass(frozen=True)
class Work:
    """A model to be made and the arrays it is trained on, labels one-hot as the built-in F1Score needs them."""

    name: str
    x: np.ndarray
    y: np.ndarray
    batch_size: int = 32

    def model(self, metrics: list) -> keras.Model:
        """Makes and compiles the model."""
        keras.utils.set_random_seed(0)
        model = mini_vgg() if self.name == "MiniVGG" else tiny()
        model.compile("sgd", "categorical_crossentropy", metrics=metrics)
        return model


def tiny() -> keras.Model:
    """A model whose step is mostly the cost of taking a step."""
    return keras.Sequential([keras.Input((8,)), keras.layers.Dense(10, activation="softmax")], name="tiny")


def work(name: str, rows: int, batch_size: int = 32) -> Work:
    rng = np.random.default_rng(0)
    shape = (rows, 28, 28, 1) if name == "MiniVGG" else (rows, 8)
    x = rng.integers(0, 256, shape).astype("float32")
    return Work(name, x, np.eye(10, dtype="float32")[rng.integers(0, 10, rows)], batch_size)


def logger(scores: tuple[str, ...] = SCORES) -> ScoreLogger:
    """The callback, asked for scores of the whole and of every class at the end of an epoch."""
    return ScoreLogger(scores=scores, per_class=PER_CLASS, verbose=0)


def sklearn_scores(model: keras.Model, x: np.ndarray, y: np.ndarray, batch_size: int = 32) -> dict[str, float]:
    """The article's recipe: a second pass over the data, and scikit-learn."""
    from sklearn import metrics

    true, pred = y.argmax(axis=1), model.predict(x, batch_size=batch_size, verbose=0).argmax(axis=1)
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(
        true, pred, labels=range(10), average="macro", zero_division=0
    )
    metrics.classification_report(true, pred, labels=range(10), zero_division=0)
    metrics.matthews_corrcoef(true, pred)
    metrics.cohen_kappa_score(true, pred)
    metrics.confusion_matrix(true, pred, labels=range(10))
    return {"macro_f1": f1, "macro_precision": precision, "macro_recall": recall}


class PredictThenSklearn(keras.callbacks.Callback):
    """The callback of the usual recipe."""

    def __init__(self, x: np.ndarray, y: np.ndarray):
        super().__init__()
        self.x, self.y = x, y

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Passes over the data again."""
        sklearn_scores(self.model, self.x, self.y)
