"""Logits -> probabilities, in float64, where infinite logits are numbers."""

import tensorflow as tf

from fmnist_tf.labels import Labels


def softmax(logits: tf.Tensor) -> tf.Tensor:
    """Softmax: probabilities of multiclass logits, float64 (..., C).

    In float64 compilers differ in the sixteenth digit at most, which is far less than the width of a bin.
    """
    return tf.exp(log_softmax(logits))


def log_softmax(logits: tf.Tensor) -> tf.Tensor:
    """Logarithms of the probabilities of multiclass logits, float64 (..., C).

    Computed from differences to the largest logit: -inf is a probability of 0; classes of +inf share the probability 1.
    """
    logits = tf.cast(logits, tf.float64)
    best = tf.reduce_max(logits, axis=-1, keepdims=True)
    below = tf.where(logits == best, tf.zeros_like(logits), logits - best)
    return below - tf.math.log(tf.reduce_sum(tf.exp(below), axis=-1, keepdims=True))


def softplus(logits: tf.Tensor) -> tf.Tensor:
    """log(1 + exp(z)), float64: the log loss of a binary column whose logit is z in favour of the wrong label."""
    logits = tf.cast(logits, tf.float64)
    return tf.maximum(logits, 0.0) + tf.math.log1p(tf.exp(-tf.abs(logits)))


def probabilities(labels: Labels, from_logits: bool) -> tf.Tensor:
    """The scores of a batch as probabilities, float64 (N, ..., C)."""
    if not from_logits:
        return tf.cast(labels.pred, tf.float64)
    return softmax(labels.pred) if labels.input_format.multiclass else tf.sigmoid(tf.cast(labels.pred, tf.float64))
