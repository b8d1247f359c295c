"""`PerImage`: the mean over images of a score of one image, and of the worst of them."""

from typing import Any

import numpy as np
import tensorflow as tf

from fmnist_tf.compat import set_direction
from fmnist_tf.counts import effective_number
from fmnist_tf.curves.bounds import Bounds
from fmnist_tf.intervals import Interval
from fmnist_tf.intervals.means import Sums, mean_interval
from fmnist_tf.labels import InputFormat, InputSpec
from fmnist_tf.metrics import arguments
from fmnist_tf.metrics.base import StateMetric, registered
from fmnist_tf.metrics.counts import CountMetric
from fmnist_tf.metrics.saving import deserialize_metric, serialize_metric
from fmnist_tf.metrics.table import TableMetric
from fmnist_tf.metrics.update import Batch, Plan
from fmnist_tf.metrics.whole_rows import WholeRowMetric
from fmnist_tf.scores.images import ImageScores, ImageSums


@registered
class PerImage(StateMetric):
    """The mean over images of a score of one image: sum of w s / sum of w.

    `Dice()` pools the pixels of all images; `PerImage(Dice())` gives every image the same weight, however large its
    objects are. An image is an entry of the first axis: labels (N, H, W), scores (N, H, W, C), or other axes after the
    first. An image without a pixel that counts, with an invalid one, or without a value (`zero_division=nan`) is not
    counted. It weighs as much as the heaviest of its pixels. The state keeps a histogram of the scores of the images,
    512 bins, so that the mean over the worst of them is known too, with bounds.

    Args:
        metric: a metric of the table with a scalar value, such as `Dice()`, `MeanIoU(num_classes=3)` or
            `F1Score(class_id=1)`. Its arguments say how pixels are read and counted; its state is not used. Of an image
            that is empty in labels and predictions the score is its `zero_division`: 0 by default, 1 if such an image
            is right, nan to leave it out.
        worst: None for the mean over all images; a share above 0 and at most 1, such as 0.1, for the mean over the
            worst tenth of them.
        name: key in the logs; "per_image_dice" and the like by default, with `worst` followed by "_worst_0.1".
        dtype: dtype of the result alone; None for Keras' default. The state is float64.

    Returns:
        A scalar of the metric's dtype; NaN before any image.

    Raises:
        TypeError: `metric` is no metric of the table.
        ValueError: a metric with several values, or one that may be infinite; labels without an axis of pixels; in
            `result()` for invalid pixels.

    Source: Maier-Hein et al., Metrics reloaded: recommendations for image analysis validation, Nature Methods 21, 2024.

    Example:
        >>> metric = PerImage(Dice(num_classes=1))
        >>> y_true = [[[1, 1], [1, 1]], [[0, 0], [0, 1]]]
        >>> y_pred = [[[0.9, 0.8], [0.7, 0.6]], [[0.1, 0.2], [0.7, 0.3]]]
        >>> metric.update_state(y_true, y_pred)
        >>> round(float(metric.result()), 4)
        0.5
        >>> metric.mean_of_worst(0.5).value
        0.0
    """

    default_name = "per_image"

    def __init__(
        self,
        metric: TableMetric,
        *,
        worst: float | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ):
        _check_metric(metric)
        self.metric: Any = metric
        self.worst = None if worst is None else _check_worst(worst, metric)
        ignored = metric.ignore_class or None
        super().__init__(metric.num_classes, ignore_class=ignored, on_invalid=metric.on_invalid, name=name, dtype=dtype)
        if metric.score.direction is not None:
            set_direction(self, metric.score.direction)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, JSON-ready."""
        ours = {"metric": serialize_metric(self.metric), "worst": self.worst}
        return ours | {key: value for key, value in super().get_config().items() if key in ("name", "dtype")}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "PerImage":
        """Makes the metric of a `get_config()`."""
        return cls(**{**config, "metric": deserialize_metric(config["metric"])})

    @property
    def _usual_name(self) -> str:
        return f"per_image_{self.metric.name}" + ("" if self.worst is None else f"_worst_{self.worst:g}")

    @property
    def _input_spec(self) -> InputSpec:
        return self.metric._input_spec._replace(num_classes=self.num_classes)

    @property
    def _least_num_classes(self) -> int:
        return self.metric._least_num_classes

    @property
    def _layout(self) -> ImageScores:
        metric = self.metric
        return ImageScores(
            metric.selection,
            self.num_classes or self._least_num_classes,
            str(metric.zero_division),
            metric.target_class_ids,
            metric.ignore_class,
        )

    def _fingerprint(self) -> dict[str, Any]:
        theirs, selection = self.metric._fingerprint(), self.metric.selection
        ours = [selection.average, selection.class_id, selection.present, selection.score.parameters]
        counted = {"of": theirs["score"], "selection": ours, "zero_division": str(self.metric.zero_division)}
        return {**super()._fingerprint(), **counted, "target_class_ids": self.metric.target_class_ids}

    def _check_num_classes(self, num_classes: int) -> None:
        self.metric._check_num_classes(num_classes)

    def _check_format(self, input_format: InputFormat) -> None:
        self.metric._check_format(input_format)

    def _plan_for(self, batch: Batch) -> Plan:
        plan = super()._plan_for(batch)
        axes = (batch.y_pred.shape.rank or 0) - (plan.input_format.y_pred == "scores")
        bare = self.num_classes == 1 and batch.y_pred.shape[-1] != 1
        if axes < (2 if plan.input_format.multiclass or bare else 3):
            raise ValueError(
                f"`y_pred` of shape {batch.y_pred.shape} has no axis of pixels; pass images (N, H, W, C), a single one "
                "with an axis before, as y_pred[None]"
            )
        return plan

    @property
    def _sums(self) -> ImageSums:
        return self._layout.read(self._bins())

    def _value(self) -> tf.Tensor:
        if self.worst is None:
            return self._sums.mean()
        return self._sums.worst(self.worst, lowest=self._lowest_is_worst)[0]

    @property
    def _lowest_is_worst(self) -> bool:
        return self.metric.score.direction != "down"

    @property
    def num_images(self) -> tf.Tensor:
        """The weight of the images that were counted, float64 ()."""
        return tf.reduce_sum(self._sums.weight)

    def mean_of_worst(self, share: float = 0.1) -> Bounds:
        """The mean over the worst share of the images; by default over the worst decile.

        Of the bin that is taken in part the mean stands for the worst of its images: the exact value lies within the
        bounds, of which `value` is the better one.

        Args:
            share: above 0 and at most 1.

        Returns:
            (value, low, high), floats; NaN before any image.

        Raises:
            ValueError: a share outside of its range, or a score of which more is neither better nor worse.
        """
        share, bounds = _check_worst(share, self.metric), self.metric.score.bounds
        value, slack = (float(part) for part in self._sums.worst(share, lowest=self._lowest_is_worst))
        beyond = slack * (bounds[1] - bounds[0])
        if self._lowest_is_worst:
            return Bounds(value, max(value - beyond, bounds[0]), value)
        return Bounds(value, value, min(value + beyond, bounds[1]))

    def worst_images(
        self, y_true: Any, y_pred: Any, sample_weight: Any = None, *, ids: Any = None, k: int | None = 20
    ) -> np.ndarray:
        """The images of a batch, or of a whole set, with the worst scores; the state is neither read nor changed.

        Args:
            y_true: labels of N images, as `update_state` takes them.
            y_pred: predictions, as `update_state` takes them.
            sample_weight: None, or weights, as `update_state` takes them.
            ids: integers (N,), the number of each image; None for 0 to N - 1.
            k: how many images at most; None for all.

        Returns:
            Structured array with the fields id and score, the worst first; of equal scores the first image. Images that
            the mean leaves out, such as those without a pixel that counts, are left out.

        Raises:
            ValueError: a score of which more is neither better nor worse; `ids` of another length; shapes that do not
                fit together; an invalid pixel with `on_invalid="raise"`.

        Example:
            >>> metric = PerImage(Dice(num_classes=1))
            >>> y_true = [[[1, 1], [1, 1]], [[0, 0], [0, 1]], [[1, 1], [0, 0]]]
            >>> y_pred = [[[0.9, 0.8], [0.7, 0.6]], [[0.1, 0.2], [0.7, 0.3]], [[0.9, 0.2], [0.1, 0.8]]]
            >>> metric.worst_images(y_true, y_pred, k=2).tolist()
            [(1, 0.0), (2, 0.5)]
        """
        _check_direction(self.metric)
        batch = self._as_batch(y_true, y_pred, sample_weight)
        scores, invalid = (part.numpy() for part in self._layout.scores(self._know(batch).plan.read(batch)))
        rows = np.zeros(len(scores), [("id", np.int64), ("score", np.float64)])
        rows["id"], rows["score"] = _check_ids(ids, len(scores)), scores
        if self.on_invalid == "raise" and invalid.any():
            raise ValueError(
                f"{self.name}: image {rows['id'][invalid][0]} has pixels that cannot be counted, as result() says "
                "after update_state; on_invalid='skip' leaves it out"
            )
        sign = 1 if self._lowest_is_worst else -1
        rows = rows[~np.isnan(scores)]
        return rows[np.argsort(sign * rows["score"], kind="stable")[:k]]

    def interval(self, level: float = 0.95) -> Interval:
        """The confidence interval of the mean over images, which are independent, unlike their pixels.

        Wilson's interval of a proportion that has the variance of the mean, which the scores of the images give: it
        stays within the bounds of the score.

        Args:
            level: the probability of covering.

        Returns:
            Low and high, floats; from bound to bound before any image.
        """
        sums, excess = self._sums, float(self.weight_excess)
        weight = float(tf.reduce_sum(sums.weight))
        effective = effective_number(weight, weight + excess)
        total = float(tf.reduce_sum(sums.value))
        return mean_interval(Sums(weight, total, float(sums.square), effective), self.metric.score.bounds, level)


def _check_metric(metric: Any) -> None:
    """Refuses metrics whose value of an image is no number within bounds."""
    if not isinstance(metric, CountMetric) or not isinstance(metric, TableMetric) or isinstance(metric, WholeRowMetric):
        raise TypeError(f"`metric` must be a metric of the table of scores, such as Dice(), got {metric!r}")
    if (metric.average is None and metric.class_id is None) or metric._num_thresholds:
        raise ValueError(
            f"`metric` must have a scalar value, got {metric!r}; pass class_id=, an average, one threshold"
        )
    if metric.average == "samples":
        raise ValueError(f"`metric` must not average over samples itself, got {metric!r}")
    if not all(abs(bound) < float("inf") for bound in metric.score.bounds):
        raise ValueError(f"`metric` must have bounds, so that images have a mean, got {metric!r}")
    if metric.score.name == "cohen_kappa" and metric.score.parameters:
        raise ValueError(f"`metric` must need no matrix for each image, got {metric!r}; leave weights out")


def _check_worst(share: Any, metric: TableMetric) -> float:
    number = arguments.check_share("worst", share)
    if number == 0:
        raise ValueError("`worst` must be above 0, got 0.0")
    _check_direction(metric)
    return number


def _check_direction(metric: TableMetric) -> None:
    if metric.score.direction is None:
        raise ValueError(f"{metric.score.name} has no worst images: more of it is neither better nor worse")


def _check_ids(ids: Any, size: int) -> np.ndarray:
    found = np.arange(size) if ids is None else np.asarray(ids)
    if found.shape != (size,):
        raise ValueError(f"`ids` must be one for each of {size} images, got shape {found.shape}")
    return found
