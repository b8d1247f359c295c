"""`ConformalSets`: sets of classes that hold the true one as often as asked for."""

from collections.abc import Iterable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from fmnist_tf.curves import selective
from fmnist_tf.curves.bins import Bins
from fmnist_tf.labels.probabilities import softmax
from fmnist_tf.metrics import arguments
from fmnist_tf.metrics.base import registered
from fmnist_tf.metrics.confusion import MultilabelConfusionMatrix
from fmnist_tf.metrics.histograms import DEFAULT_NUM_BINS
from fmnist_tf.metrics.selective import SelectiveMetric


@registered
class ConformalSets(SelectiveMetric):
    """Conformal prediction sets: all classes with p > threshold, which hold the true one as often as asked for.

    The threshold is a quantile of the probabilities of true classes on a calibration set: for new samples like those of
    the set the true class is in at least `coverage` of the sets, whatever the model. The lower edge of a bin of the
    histogram stands for the quantile, so that sets may be larger than need be, never smaller. It holds for data that
    neither trained the model nor chose its epoch. So the metric cannot be compiled, where it would count the data of
    `fit`: call `calibrate`, or `update_state` with predictions for such data.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update.
        coverage: how often a set is to hold the true class, above 0 and below 1.
        by_class: whether each class has its own threshold, so that the coverage holds for the samples of each class.
        from_logits: `y_pred` holds logits, whose softmax, or of one binary column sigmoid, is the probability.
        num_bins: bins of the probabilities, of each class, at least 3.
        ignore_class: a label, or several, whose samples are left out.
        on_invalid: "raise" makes `result()` raise, in a graph return NaN, once a sample could not be counted; "skip"
            keeps the number of such samples in `invalid` alone.
        name: "conformal_sets" by default.
        dtype: dtype of the result; "float64" by default, since thresholds near 0 are no numbers of half precision.

    Returns:
        `result()`: the threshold, (); with `by_class=True` (C,). Below 0 where samples are too few: all classes are in.

    Raises:
        ValueError: a coverage outside of 0 to 1; a metric that is compiled; several binary columns.

    Source: Sadinle, Lei and Wasserman, Least ambiguous set-valued classifiers with bounded error levels, JASA 114,
    2019.

    Example:
        >>> sets = ConformalSets(coverage=0.75)
        >>> sets.update_state([0, 0, 1], [[0.9, 0.1], [0.5, 0.5], [0.3, 0.7]])
        >>> 0.49 < float(sets.result()) < 0.5
        True
        >>> sets.predict([[0.8, 0.2], [0.499999, 0.500001]]).numpy().tolist()
        [[True, False], [True, True]]
    """

    default_name, default_dtype = "conformal_sets", "float64"

    def __init__(
        self,
        num_classes: int | None = None,
        *,
        coverage: float = 0.9,
        by_class: bool = False,
        from_logits: bool = False,
        num_bins: int = DEFAULT_NUM_BINS,
        ignore_class: int | Iterable[int] | None = None,
        on_invalid: str = "raise",
        name: str | None = None,
        dtype: str | None = None,
    ):
        self.coverage = arguments.check_share("coverage", coverage)
        if self.coverage in (0.0, 1.0):
            raise ValueError(f"`coverage` must be above 0 and below 1, got {self.coverage:g}")
        self.by_class = bool(by_class)
        super().__init__(
            num_classes,
            from_logits=from_logits,
            num_bins=num_bins,
            ignore_class=ignore_class,
            on_invalid=on_invalid,
            name=name,
            dtype=dtype,
        )

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, JSON-ready."""
        return {**super().get_config(), "coverage": self.coverage, "by_class": self.by_class}

    @property
    def name(self) -> str:
        """The key of the metric.

        Raises:
            ValueError: when Keras assigns it again, which it does where the metric is compiled.
        """
        return super().name

    @name.setter
    def name(self, name: str) -> None:
        if self._name is not None:
            raise ValueError(
                "ConformalSets cannot be compiled: it would count the data of fit, which choose the epoch; call "
                "calibrate(model, x, y) with data that took no part in training"
            )
        self._name = name

    @property
    def _width(self) -> int:
        return max(self.num_classes or self._least_num_classes, 2)

    @property
    def _layout(self) -> selective.TrueClassHistogram:
        return selective.TrueClassHistogram(self._width, self.num_bins, self.from_logits)

    def _value(self) -> tf.Tensor:
        weight = self._layout.read(self._bins())
        pooled = weight if self.by_class else tf.reduce_sum(weight, axis=0, keepdims=True)
        thresholds = selective.conformal_thresholds(pooled, Bins(self.num_bins).edges, self.coverage)
        return thresholds if self.by_class else thresholds[0]

    def predict(self, y_pred: Any) -> tf.Tensor:
        """The set of each row of scores: bool (N, ..., C), whether the class is in it.

        Args:
            y_pred: scores (N, ..., C) as the metric counted them; of one binary column (N, 1), whose sets are of no and
                yes.
        """
        return _in_sets(tf.convert_to_tensor(y_pred), self._value(), self.from_logits)

    def calibrate(self, model: keras.Model, x: Any, y: Any, *, logger: Any = None) -> "ConformalSets":
        """Counts a calibration set from the beginning; returns the metric.

        Args:
            model: gives the scores of `x`.
            x: inputs, as `model.predict` takes them.
            y: labels, as `update_state` takes them.
            logger: the `ScoreLogger` of the training, if there was one, to make sure that its validation set, by which
                the epoch was chosen, is another.

        Raises:
            ValueError: the counts are those of the logger's validation set.
        """
        silent: Any = {"verbose": 0}
        y_pred = model.predict(x, **silent)
        if logger is not None:
            _refuse_chosen(y, y_pred, logger, self.num_classes)
        self.reset_state()
        self.update_state(y, y_pred)
        return self

    def attach(self, model: keras.Model) -> keras.Model:
        """A model whose output is the set of each sample, bool (N, ..., C); it is saved as any other.

        Args:
            model: has one output, the scores that the metric counted.

        Raises:
            ValueError: nothing was counted yet, or invalid samples; a model of several outputs.
        """
        self.raise_if_invalid()
        if not np.any(self._bins()):
            raise ValueError("ConformalSets has counted nothing yet; call calibrate(model, x, y) before attach(model)")
        if len(model.outputs) != 1:
            raise ValueError(f"a model for ConformalSets must have one output, got {len(model.outputs)}")
        sets = PredictionSets(np.ravel(self._value()).tolist(), from_logits=self.from_logits, name="prediction_sets")
        return keras.Model(model.inputs, sets(model.outputs[0]))


@keras.saving.register_keras_serializable(package="fmnist_tf")
class PredictionSets(keras.layers.Layer):
    """A layer that turns scores into sets of classes, bool (N, ..., C).

    Args:
        thresholds: what the probability of a class must exceed: one number for all, or one a class.
        from_logits: whether scores are logits.
        name: the name of the layer.
    """

    def __init__(self, thresholds: list[float], *, from_logits: bool = False, name: str | None = None, **options: Any):
        super().__init__(name=name, dtype="float64", autocast=False, trainable=False)
        self.thresholds, self.from_logits = list(thresholds), bool(from_logits)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, JSON-ready."""
        return {"thresholds": self.thresholds, "from_logits": self.from_logits, "name": self.name}

    def call(self, scores: tf.Tensor) -> tf.Tensor:
        """Scores (N, ..., C) -> sets."""
        return _in_sets(scores, tf.constant(self.thresholds, tf.float64), self.from_logits)


def _in_sets(scores: tf.Tensor, thresholds: tf.Tensor, from_logits: bool) -> tf.Tensor:
    p = tf.cast(scores, tf.float64)
    if scores.shape[-1] == 1:
        p = tf.sigmoid(p) if from_logits else p
        return tf.concat([1.0 - p, p], axis=-1) > thresholds
    return (softmax(p) if from_logits else p) > thresholds


def _refuse_chosen(y: Any, y_pred: Any, logger: Any, num_classes: int | None) -> None:
    """Refuses the validation set of a logger, which shows by its counts at the last or the best epoch."""
    metric = MultilabelConfusionMatrix(num_classes, on_invalid="skip")
    metric.update_state(y, y_pred)
    ours = [np.asarray(field) for field in metric.counts[:3]]
    for epoch in {None, logger.best_epoch}:
        theirs = [np.asarray(field)[-len(ours[0]) :] for field in logger.report("val", epoch=epoch).counts[:3]]
        if np.array_equal(ours, theirs):
            raise ValueError(
                "the calibration set counts as the validation set of the logger does, which chose the epoch; calibrate "
                "on data that took no part in training"
            )
