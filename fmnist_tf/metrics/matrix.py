"""`MatrixMetric`: the base class of metrics that keep a confusion matrix."""

import tensorflow as tf

from fmnist_tf.counts import ConfusionLayout, CountLayout
from fmnist_tf.labels import InputFormat
from fmnist_tf.metrics.counts import CountMetric

#: The largest matrix that is made without being asked twice: 1 GiB is 11,585 classes.
_MOST_BYTES = 1 << 30


class MatrixMetric(CountMetric):
    """A metric that keeps the C x C matrix, rows true classes; of one binary column [[tn, fp], [fn, tp]]."""

    @property
    def _layout(self) -> CountLayout:
        return ConfusionLayout(self.num_classes or self._least_num_classes)

    @property
    def matrix(self) -> tf.Tensor:
        """The confusion matrix, float64 (C, C), rows true; of one binary column [[tn, fp], [fn, tp]]."""
        return ConfusionLayout(self.num_classes or self._least_num_classes).matrix(self._bins())

    def _check_num_classes(self, num_classes: int) -> None:
        super()._check_num_classes(num_classes)
        self._check_matrix(num_classes)

    def _check_matrix(self, num_classes: int) -> None:
        check_matrix_size(self.name, num_classes)
        if self._num_thresholds:
            raise ValueError(f"`threshold` must be one number for a matrix, got {self._thresholds}")

    def _check_format(self, input_format: InputFormat) -> None:
        super()._check_format(input_format)
        if not input_format.multiclass and input_format.num_classes > 1:
            raise ValueError(
                f"{self.name} counts multiclass samples or one binary column, got {input_format.num_classes} columns; "
                "use MultilabelConfusionMatrix"
            )


def check_matrix_size(name: str, num_classes: int) -> None:
    """Refuses a matrix too large to be meant."""
    size = ConfusionLayout(num_classes).size * 8
    if size > _MOST_BYTES:
        raise ValueError(
            f"a {num_classes:,} x {num_classes:,} matrix for {name} would take {size / 1e9:,.1f} GB; "
            "count without it, as F1Score or ScoreSet(matrix=False) do"
        )
