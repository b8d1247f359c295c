"""Metrics of sequences for the stream of the catalogue: each sample is a sequence of one token."""

import keras
import tensorflow as tf

from fmnist_tf.metrics import EntityF1, EntityPrecision, EntityRecall

registered = keras.saving.register_keras_serializable(package="fmnist_tf")


class OneToken:
    """Gives labels and predictions an axis of tokens."""

    def update_state(self, y_true, y_pred, sample_weight=None):
        mask = getattr(y_pred, "_keras_mask", None)
        y_true, y_pred = (tf.expand_dims(tf.convert_to_tensor(part), 1) for part in (y_true, y_pred))
        y_pred._keras_mask = mask
        super().update_state(y_true, y_pred, sample_weight)


@registered
class OneTokenF1(OneToken, EntityF1):
    """EntityF1 of single tokens."""


@registered
class OneTokenPrecision(OneToken, EntityPrecision):
    """EntityPrecision of single tokens."""


@registered
class OneTokenRecall(OneToken, EntityRecall):
    """EntityRecall of single tokens."""


#: Metric -> the same for single samples.
ONE_TOKEN = {EntityF1: OneTokenF1, EntityPrecision: OneTokenPrecision, EntityRecall: OneTokenRecall}
LABELS = ["O", "B-X", "I-Y"]
