"""Random labels and scores, and every contender that counts them: ours, the built-in F1Score, the peers, a bare sum."""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from benchmarks import peers
from benchmarks.timing import Contender
from fmnist_tf import MacroF1

OURS, BUILT_IN = "fmnist_tf MacroF1", "built-in F1Score"


def batch(rows: int, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """(labels (rows,), scores (rows, classes))."""
    rng = np.random.default_rng(0)
    return rng.integers(0, classes, rows), rng.random((rows, classes), dtype=np.float32)


def in_graph(y_true: np.ndarray, y_pred: np.ndarray) -> Contender:
    """Ours, as part of a compiled step."""
    metric = MacroF1(y_pred.shape[1])
    return _in_step(OURS, metric, tf.constant(y_true), tf.constant(y_pred))


def eager(y_true: np.ndarray, y_pred: np.ndarray) -> Contender:
    """Ours, called eagerly in a custom loop."""
    metric = MacroF1(y_pred.shape[1])
    return _updates(OURS, metric.update_state, metric.reset_state, metric.result, *map(tf.constant, (y_true, y_pred)))


def class_ids(y_true: np.ndarray, y_pred: np.ndarray, classes: int) -> Contender:
    """Ours, given predicted class ids, as part of a compiled step."""
    return _in_step(OURS, MacroF1(classes), tf.constant(y_true), tf.constant(y_pred))


def built_in(y_true: np.ndarray, y_pred: np.ndarray, *, in_loop: bool = False) -> Contender:
    """Keras' F1Score, in a compiled step or called in a loop; its labels are made one-hot before the clock starts."""
    metric = keras.metrics.F1Score("macro")
    one_hot, scores = tf.one_hot(y_true, y_pred.shape[1]), tf.constant(y_pred)
    metric.update_state(one_hot, scores)
    if in_loop:
        return _updates(BUILT_IN, metric.update_state, metric.reset_state, metric.result, one_hot, scores)
    return _in_step(BUILT_IN, metric, one_hot, scores)


def reduce_sum(y_pred: np.ndarray) -> Contender:
    """Reads the scores once: the least that any metric must do."""
    return Contender("tf.reduce_sum", compiled(tf.reduce_sum, tf.constant(y_pred)))


def torchmetrics(y_true: np.ndarray, y_pred: np.ndarray, classes: int) -> list[Contender]:
    """MulticlassF1Score on PyTorch; it takes class ids as well."""
    torch, library = peers.load("torch"), peers.load("torchmetrics.classification")
    if not torch or not library:
        return []
    metric = library.MulticlassF1Score(num_classes=classes, average="macro")
    arrays = torch.from_numpy(y_pred), torch.from_numpy(y_true)
    return [_updates("torchmetrics", metric.update, metric.reset, metric.compute, *arrays)]


def metrax(y_true: np.ndarray, y_pred: np.ndarray, classes: int) -> list[Contender]:
    """FBetaScore on JAX, compiled: it asks each column yes or no, so the largest score is made the one yes before."""
    jax, library = peers.load("jax"), peers.load("metrax")
    if not jax or not library:
        return []

    @jax.jit
    def count(y_true, y_pred):
        predictions, labels = (jax.nn.one_hot(ids, classes) for ids in (y_pred.argmax(axis=1), y_true))
        return library.FBetaScore.from_model_output(predictions, labels, beta=1.0)

    arrays = jax.numpy.asarray(y_true), jax.numpy.asarray(y_pred)
    return [
        Contender(
            "metrax",
            lambda: jax.block_until_ready(count(*arrays)),
            lambda: np.asarray(count(*arrays).compute()).mean(),
        )
    ]


def _in_step(name: str, metric: keras.metrics.Metric, *arrays: tf.Tensor) -> Contender:
    step = compiled(metric.update_state, *arrays)
    return _updates(name, lambda *_: step(), metric.reset_state, metric.result, *arrays)


def compiled(function: Callable, *arrays: tf.Tensor) -> Callable:
    """A function as a compiled step holds it: a tf.function that is called first binds its arguments for 0.2 ms."""
    traced = tf.function(function).get_concrete_function(*arrays)
    outputs = [tensor.dtype for tensor in traced.outputs]
    inputs = [*arrays, *traced.captured_inputs]
    return lambda: tf.raw_ops.StatefulPartitionedCall(args=inputs, Tout=outputs, f=traced)


def _updates(name: str, update: Callable, reset: Callable, result: Callable, *arrays) -> Contender:
    def value() -> np.ndarray:
        reset()
        update(*arrays)
        return np.asarray(result())

    return Contender(name, lambda: update(*arrays), value)
