"""What metrics of scores share: how scores are read and binned, and averages over classes."""

import json
from collections.abc import Callable, Hashable, Iterable
from typing import Any, Unpack

import numpy as np
import tensorflow as tf

from fmnist_tf import kernels
from fmnist_tf.curves.averages import averaged
from fmnist_tf.curves.bins import BINS_VERSION
from fmnist_tf.curves.distribution import Distribution
from fmnist_tf.curves.histogram import Histogram, ScoreHistogram
from fmnist_tf.labels import InputSpec
from fmnist_tf.metrics import arguments
from fmnist_tf.metrics.base import StateMetric, StateOptions
from fmnist_tf.metrics.update import is_plain_variable
from fmnist_tf.scores import Average

#: Bins a class. On MiniVGG's scores for Fashion-MNIST macro AUROC is then known to 2e-5 and average precision to 1e-4.
DEFAULT_NUM_BINS = 8192
#: The largest state that is made without being asked twice.
_MOST_BYTES = 1 << 32


class ScoreOptions(StateOptions, total=False):
    """The keyword arguments of a `ScoreMetric`."""

    class_id: int | None
    multi_label: bool
    from_logits: bool


class HistogramOptions(ScoreOptions, total=False):
    """The keyword arguments of a `HistogramMetric`."""

    num_bins: int


class AveragedHistogramOptions(HistogramOptions, total=False):
    """The keyword arguments of an `AveragedHistogramMetric`."""

    average: Average


class ScoreMetric(StateMetric):
    """A metric of scores themselves, and not of the answers they give.

    Labels, weights, masks, ignored classes and bad values are read as `CountMetric` says. Scores (N, ..., C) of more
    than one class belong to exclusive classes, each taken against the rest; one column is a yes/no question.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update.
        class_id: the value of this class alone, in place of all.
        multi_label: each column is a yes/no question, `y_true` one answer for each.
        from_logits: `y_pred` holds logits, whose softmax, or of yes/no columns whose sigmoid, is the probability.
            Without it a score outside 0 to 1 is counted as invalid; nothing is guessed from the values.
        ignore_class: as for every metric, see `CountMetric`; likewise `on_invalid`, `name` and `dtype`.

    Raises:
        ValueError: as `CountMetric`; and for `y_pred` that holds no scores.
    """

    def __init__(
        self,
        num_classes: int | None = None,
        *,
        class_id: int | None = None,
        multi_label: bool = False,
        from_logits: bool = False,
        ignore_class: int | Iterable[int] | None = None,
        on_invalid: str = "raise",
        name: str | None = None,
        dtype: str | None = None,
    ):
        self.class_id = arguments.check_optional_count("class_id", class_id, least=0)
        self.multi_label = bool(multi_label)
        self.from_logits = bool(from_logits)
        super().__init__(num_classes, ignore_class=ignore_class, on_invalid=on_invalid, name=name, dtype=dtype)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, JSON-ready."""
        ours = {"class_id": self.class_id, "multi_label": self.multi_label, "from_logits": self.from_logits}
        return {**super().get_config(), **ours}

    @property
    def _least_num_classes(self) -> int:
        return 1 + (self.class_id or 0)

    def _check_num_classes(self, num_classes: int) -> None:
        arguments.check_class_id(self.class_id, num_classes)

    @property
    def _input_spec(self) -> InputSpec:
        return InputSpec(
            self.num_classes,
            ignore_class=self.ignore_class,
            scores="logits" if self.from_logits else "probabilities",
            multi_label=self.multi_label,
        )

    def _fingerprint(self) -> dict[str, Any]:
        ours = {"multi_label": self.multi_label, "from_logits": self.from_logits}
        return {**super()._fingerprint(), **ours}


class HistogramMetric(ScoreMetric):
    """A metric that keeps a histogram of the scores of each class, negatives and positives apart.

    Args:
        num_classes: as for every metric of scores, see `ScoreMetric`; likewise those not named here.
        num_bins: bins a class, at least 3, of 16 bytes each; nearly uniform in the logit, so that they are fine where
            confident models pile up their scores. With an even number one half, or the logit 0, lies between two. A
            quarter of the default makes live scores about twice as cheap, and bounds four times as wide.
    """

    def __init__(
        self,
        num_classes: int | None = None,
        *,
        num_bins: int = DEFAULT_NUM_BINS,
        **options: Unpack[ScoreOptions],
    ):
        self.num_bins = arguments.check_count("num_bins", num_bins, least=3)
        self._compiled: dict[Hashable, Callable[[tf.Variable | tf.Tensor], Any]] = {}
        super().__init__(num_classes, **options)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, JSON-ready."""
        return {**super().get_config(), "num_bins": self.num_bins}

    def _check_num_classes(self, num_classes: int) -> None:
        super()._check_num_classes(num_classes)
        size = 16 * num_classes * self.num_bins
        if size > _MOST_BYTES:
            raise ValueError(
                f"{num_classes:,} histograms of {self.num_bins:,} bins for {self.name} would take {size / 1e9:,.1f} GB"
                "; pass a smaller num_bins="
            )

    @property
    def _layout(self) -> ScoreHistogram:
        return ScoreHistogram(self.num_classes or self._least_num_classes, self.num_bins, self.from_logits)

    @property
    def _histogram(self) -> Histogram:
        return self._layout.read(self._bins())

    @property
    def histogram(self) -> tf.Tensor:
        """Weight of negatives and positives in each bin of scores, the lowest first, float64 (C, num_bins, 2)."""
        return tf.stack(self._histogram[:2], axis=-1)

    @property
    def edges(self) -> np.ndarray:
        """Thresholds between the bins, float64 (num_bins + 1,), ascending: bins b and above are scores above edge b.

        They are probabilities; of yes/no columns with `from_logits=True` logits.
        """
        return self._layout.bins(self.multiclass).edges

    @property
    def distribution(self) -> Distribution:
        """What was counted, on the host, for pictures and reports: the histogram with its edges."""
        multiclass, h = self.multiclass, self._histogram
        of_logits = self.from_logits and not multiclass
        return Distribution(self.histogram.numpy(), self.edges, multiclass, of_logits, float(h.fractional))

    def _fingerprint(self) -> dict[str, Any]:
        return {**super()._fingerprint(), "num_bins": self.num_bins, "bins": BINS_VERSION}

    @property
    def identities(self) -> dict[str, Any]:
        """Name of the key -> what it says."""
        return {self.name: self._identity_of(self)}

    def _identity_of(self, metric: "HistogramMetric") -> tuple[str, str]:
        """What a metric says that is computed from this one's histogram."""
        own, told = self.get_config(), metric.get_config()
        counted = {name: own[name] for name in ("num_bins", "multi_label", "from_logits", "ignore_class")}
        asked = {name: told[name] for name in told.keys() - {"name", "dtype", "num_classes", "on_invalid"}}
        return type(metric).__name__, json.dumps(asked | counted, sort_keys=True)

    def _evaluate(self, h: Histogram, edges: np.ndarray) -> Any:
        """The float64 result of a histogram, its own or that of a `CurveSet`."""
        raise NotImplementedError

    def _value(self) -> Any:
        return self._read(self._evaluate)

    def _read(self, reader: Callable[[Histogram, np.ndarray], Any], *arguments: Hashable) -> Any:
        """What a method of this metric says of histogram, edges and more arguments, compiled where that pays."""

        def read(state: tf.Variable | tf.Tensor) -> Any:
            return reader(self._layout.read(tf.convert_to_tensor(state)), self.edges, *arguments)

        if not kernels.should_compile(self._layout.size):
            return read(self._readable_state())
        key = reader, arguments
        if key not in self._compiled:
            self._compiled[key] = tf.function(read, jit_compile=True, autograph=False)
        return self._compiled[key](self._readable_state())

    def _readable_state(self) -> tf.Variable | tf.Tensor:
        """The variable where XLA can read it by itself, which saves a copy; else its value."""
        if self._state is None:
            return self._bins()
        variable = self._state.value
        return variable if is_plain_variable(variable) else tf.convert_to_tensor(variable)


class AveragedHistogramMetric(HistogramMetric):
    """A metric with one value a class, and a choice of how to average them.

    Args:
        num_classes: as for every metric of scores, see `ScoreMetric`; likewise those not named here.
        average: "macro", the mean over the classes that have a value; "weighted", likewise by support; "micro", the
            value of all columns as one; None, one value a class, (C,), NaN where a class has none.
        num_bins: bins a class, see `HistogramMetric`.
    """

    def __init__(
        self, num_classes: int | None = None, *, average: Average = "macro", **options: Unpack[HistogramOptions]
    ):
        self.average = arguments.check_average(average)
        super().__init__(num_classes, **options)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, JSON-ready."""
        return {**super().get_config(), "average": self.average}

    def _measure(self, h: Histogram, edges: np.ndarray) -> tf.Tensor:
        """One value a class, float64 (C,), NaN where it has none."""
        raise NotImplementedError

    def _evaluate(self, h: Histogram, edges: np.ndarray) -> tf.Tensor:
        return averaged(lambda part: self._measure(part, edges), h, self.average, self.class_id)
