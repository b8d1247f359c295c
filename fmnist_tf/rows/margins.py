"""The outcome of each row: margin, probability of the label, right or wrong.

Source: Pickler, Kamassury, Silva, "Benchmarking noisy label detection methods", 2025, on the mean of the logit margin
as the signal of a wrong label.
"""

from typing import Any, NamedTuple

import tensorflow as tf

from fmnist_tf.labels import VALID, canonicalize

#: The smallest probability that has a logarithm: the smallest float32 that compilers do not flush to zero.
_TINY = 1.2e-38


class Outcome(NamedTuple):
    """The outcome of the rows of a batch, tensors (N,).

    Attributes:
        label: int64 class ids; of one column 0 or 1, of several columns -1.
        correct: bool, whether the prediction is the label; of columns, all of them.
        margin: float32, the logit (or log-probability) of the label less the largest other; of one column the logit
            with the sign of the label; of several columns the least of these.
        confidence: float32, the probability of the label; of several columns that of the least margin.
        valid: bool, whether the row can be counted: a valid label and finite scores.
    """

    label: tf.Tensor
    correct: tf.Tensor
    margin: tf.Tensor
    confidence: tf.Tensor
    valid: tf.Tensor


def outcome(y_true: Any, y_pred: tf.Tensor, logits: tf.Tensor | None, *, multi_label: bool) -> Outcome:
    """The outcome of each row.

    Args:
        y_true: class ids (N,) or (N, 1), one-hot or soft rows (N, C), or columns of 0 and 1.
        y_pred: probabilities (N, C), (N, 1) or (N,); with `logits=y_pred` logits.
        logits: the logits; None where only probabilities are known.
        multi_label: whether each column is binary. A single column always is.

    Returns:
        `Outcome`, whose rows that cannot be counted are marked, and not removed.
    """
    y_pred = y_pred[:, tf.newaxis] if y_pred.shape.rank == 1 else y_pred
    logits = logits[:, tf.newaxis] if logits is not None and logits.shape.rank == 1 else logits
    columns = multi_label or y_pred.shape[-1] == 1
    of_kind = _of_columns if columns else _of_classes
    return of_kind(y_true, y_pred, logits)


def _of_classes(y_true: Any, y_pred: tf.Tensor, logits: tf.Tensor | None) -> Outcome:
    labels = canonicalize(y_true, y_pred)
    is_label = tf.expand_dims(labels.true, -1) == tf.range(y_pred.shape[-1], dtype=tf.int64)
    scores = _log(y_pred) if logits is None else _float32(logits)
    of_label = tf.reduce_sum(tf.where(is_label, scores, 0.0), axis=-1)
    margin = of_label - tf.reduce_max(tf.where(is_label, -float("inf"), scores), axis=-1)
    probabilities = _float32(y_pred) if logits is None else tf.nn.softmax(scores)
    confidence = tf.reduce_sum(tf.where(is_label, probabilities, 0.0), axis=-1)
    return _outcome(labels.true, labels.true == labels.pred, margin, confidence, labels.status == VALID)


def _of_columns(y_true: Any, y_pred: tf.Tensor, logits: tf.Tensor | None) -> Outcome:
    given_logits = logits is y_pred
    labels = canonicalize(y_true, y_pred > tf.constant(0.0 if given_logits else 0.5, y_pred.dtype))
    if logits is None:
        probability = _float32(y_pred)
        score = _log(probability) - _log(1 - probability)
    else:
        score = _float32(logits)
        probability = tf.sigmoid(score)
    margin = tf.where(labels.true, score, -score)
    confidence = tf.where(labels.true, probability, 1 - probability)
    single = y_pred.shape[-1] == 1
    label = tf.cast(labels.true[:, 0], tf.int64) if single else tf.fill(tf.shape(margin)[:1], tf.constant(-1, tf.int64))
    correct = tf.reduce_all(labels.true == labels.pred, axis=-1)
    valid = tf.reduce_all(labels.status == VALID, axis=-1)
    valid &= tf.reduce_all(tf.math.is_finite(score), axis=-1)  # XLA's minimum may pass over a NaN
    least = tf.reduce_min(margin, axis=-1)
    return _outcome(label, correct, least, tf.reduce_min(confidence, axis=-1), valid)


def _outcome(label: tf.Tensor, correct: tf.Tensor, margin: tf.Tensor, confidence: tf.Tensor, valid: tf.Tensor):
    known = tf.math.is_finite(margin) & tf.math.is_finite(confidence)
    return Outcome(label, correct, margin, confidence, valid & known)


def _float32(values: tf.Tensor) -> tf.Tensor:
    return tf.cast(values, tf.float32)


def _log(probabilities: tf.Tensor) -> tf.Tensor:
    """The logarithm, finite for a probability of 0 too, which becomes -87."""
    return tf.math.log(tf.maximum(_float32(probabilities), _TINY))
