"""Metrics of sequences and images for the stream of the catalogue: each sample is one token, or one pixel."""

import keras
import tensorflow as tf

from fmnist_tf.metrics import EntityF1, EntityPrecision, EntityRecall, MeanIoU, PerImage

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


@registered
class OnePixel(OneToken, PerImage):
    """PerImage of single pixels, whose metric is MeanIoU with the arguments that all metrics have."""

    def __init__(self, num_classes=None, *, ignore_class=None, on_invalid="raise", name=None, dtype=None):
        iou = MeanIoU(num_classes, ignore_class=ignore_class, on_invalid=on_invalid)
        super().__init__(iou, name=name, dtype=dtype)
        self._given = {"num_classes": num_classes, "ignore_class": ignore_class, "on_invalid": on_invalid}

    def get_config(self):
        return {**self._given, "name": self.name, "dtype": self.dtype}

    @classmethod
    def from_config(cls, config):
        return cls(**config)


#: Metric -> the same for single samples.
ONE_TOKEN = {EntityF1: OneTokenF1, EntityPrecision: OneTokenPrecision, EntityRecall: OneTokenRecall, PerImage: OnePixel}
LABELS = ["O", "B-X", "I-Y"]
