"""`SelectiveMetric`, with a histogram of one score a sample, and `AUGRC`, the risk of a model that abstains."""

from collections.abc import Iterable
from typing import Any

import tensorflow as tf

from fmnist_tf.compat import lower_is_better
from fmnist_tf.counts import effective_number
from fmnist_tf.curves import selective
from fmnist_tf.curves.bins import BINS_VERSION, Bins
from fmnist_tf.curves.bounds import Bounds
from fmnist_tf.curves.histogram import Histogram
from fmnist_tf.intervals import Interval
from fmnist_tf.intervals.selective import augrc_interval
from fmnist_tf.labels import InputFormat, InputSpec
from fmnist_tf.metrics import arguments
from fmnist_tf.metrics.base import StateMetric, registered
from fmnist_tf.metrics.histograms import DEFAULT_NUM_BINS


class SelectiveMetric(StateMetric):
    """A metric with a histogram of one score a sample, of classes that exclude each other or of one binary column.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update.
        from_logits: whether scores are logits.
        num_bins: number of bins.
        ignore_class: a label, or several, whose samples are left out.
        on_invalid: "raise" or "skip".
        name: key in the logs.
        dtype: dtype of the result alone.
    """

    def __init__(
        self,
        num_classes: int | None = None,
        *,
        from_logits: bool = False,
        num_bins: int = DEFAULT_NUM_BINS,
        ignore_class: int | Iterable[int] | None = None,
        on_invalid: str = "raise",
        name: str | None = None,
        dtype: str | None = None,
    ):
        self.from_logits = bool(from_logits)
        self.num_bins = arguments.check_count("num_bins", num_bins, least=3)
        super().__init__(num_classes, ignore_class=ignore_class, on_invalid=on_invalid, name=name, dtype=dtype)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, JSON-ready."""
        return {**super().get_config(), "from_logits": self.from_logits, "num_bins": self.num_bins}

    @property
    def _input_spec(self) -> InputSpec:
        kind = "logits" if self.from_logits else "probabilities"
        return InputSpec(self.num_classes, ignore_class=self.ignore_class, scores=kind)

    def _check_format(self, input_format: InputFormat) -> None:
        super()._check_format(input_format)
        if not input_format.multiclass and input_format.num_classes > 1:
            raise ValueError(
                f"{self.name} needs classes that exclude each other, got {input_format.num_classes} columns"
            )

    def _fingerprint(self) -> dict[str, Any]:
        return {**super()._fingerprint(), "num_bins": self.num_bins, "bins": BINS_VERSION}


@registered
@lower_is_better
class AUGRC(SelectiveMetric):
    """Area under the generalized risk-coverage curve: e a (1 - AUROC) + e^2 / 2.

    A model that abstains accepts the samples of which it is most confident. The curve is the share of samples that are
    accepted and wrong, over the share that is accepted, and its area the mean over all shares. e and a are the shares
    of wrong and right predictions, AUROC the chance that a right one is the more confident; confidence that says
    nothing gives e / 2. The exact value lies within `bounds`, (low, high), for certain.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update.
        from_logits: `y_pred` holds logits, whose softmax, or of one binary column sigmoid, is the probability.
        num_bins: bins of the confidence, at least 3.
        ignore_class: a label, or several, whose samples are left out.
        on_invalid: "raise" makes `result()` raise, in a graph return NaN, once a sample could not be counted; "skip"
            keeps the number of such samples in `invalid` alone.
        name: key in the logs; "augrc" by default.
        dtype: dtype of the result alone; None for Keras' default. The state is float64.

    Returns:
        A scalar of the metric's dtype, from 0 to 1/2; NaN before any sample.

    Raises:
        ValueError: several binary columns; `y_pred` that holds no float scores; in `result()` for invalid samples.

    Source: Traub et al., Overcoming common flaws in the evaluation of selective classification systems, NeurIPS 2024.

    Example:
        >>> metric = AUGRC()
        >>> metric.update_state([0, 1, 1, 0], [[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.7, 0.3]])
        >>> float(metric.result())
        0.03125
    """

    default_name = "augrc"

    @property
    def _layout(self) -> selective.ConfidenceHistogram:
        return selective.ConfidenceHistogram(self.num_bins, self.from_logits)

    @property
    def _histogram(self) -> Histogram:
        return self._layout.read(self._bins())

    def _value(self) -> tf.Tensor:
        return selective.augrc(self._histogram).value

    @property
    def bounds(self) -> tuple[tf.Tensor, tf.Tensor]:
        """(low, high), float64 (): the exact value lies between them, for certain."""
        found: Bounds = selective.augrc(self._histogram)
        return found.low, found.high

    def curve(self) -> selective.RiskCoverage:
        """Coverage, risk and generalized risk above each threshold of confidence, arrays (num_bins + 1,)."""
        return selective.risk_coverage(self._histogram, Bins(self.num_bins).edges)

    def interval(self, level: float = 0.95) -> Interval:
        """The confidence interval of the area, for samples that are independent.

        Args:
            level: the probability of covering.

        Returns:
            Low and high, floats; (0, 1/2) before any sample.
        """
        h = self._histogram
        wrong, right = h.negatives.numpy()[0], h.positives.numpy()[0]
        total = wrong.sum() + right.sum()
        effective = effective_number(total, total + float(self.weight_excess))
        return augrc_interval(wrong, right, effective, level)
