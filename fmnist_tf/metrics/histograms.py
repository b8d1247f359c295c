"""Metrics of scores themselves: the binning of scores, and the values of their histogram."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from fmnist_tf import kernels
from fmnist_tf.curves.averages import Average, Averaging, Measure
from fmnist_tf.curves.bins import BINS_VERSION
from fmnist_tf.curves.distribution import Distribution
from fmnist_tf.curves.histogram import Histogram, ScoreHistogram
from fmnist_tf.curves.one_vs_one import PairHistogram
from fmnist_tf.curves.readers import BoundsOf, Reader, ValueOf, compile_reader, read_state
from fmnist_tf.labels import InputSpec
from fmnist_tf.metrics import arguments
from fmnist_tf.metrics.base import StateMetric
from fmnist_tf.metrics.update import is_plain_variable

#: Bins a class. On MiniVGG's scores for Fashion-MNIST macro AUROC is then known to 2e-5 and average precision to 1e-4.
DEFAULT_NUM_BINS = 8192
#: The largest state that is made.
_MOST_BYTES = 1 << 32
_PAIRS_ONLY = "pairs of classes need classes that exclude each other"
_BOTH_READINGS = (
    "`average={average!r}` of one binary column may mean the score of yes, as in Keras, or both no and yes, as in "
    "scikit-learn; leave `average` out for yes, or give average=None for both values"
)


class ScoreMetric(StateMetric):
    """A metric of scores themselves, not of predictions.

    Scores (N, ..., C) of more than one class are multiclass, each class taken one-vs-rest; with `multi_label`, or of
    one column, each column is binary. Labels are class ids (N, ...), one-hot or soft rows (N, ..., C); of columns 0 and
    1.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update.
        average: "auto", "macro", "micro", "weighted" or None, as the metric offers.
        class_id: the value of this class alone, in place of an average; of one column 0 is no and 1 is yes.
        target_class_ids: the classes that averages run over; None for all that are not ignored.
        multi_label: each column is a binary question, `y_true` holds 0 or 1 for each.
        from_logits: `y_pred` holds logits, whose softmax, or of binary columns sigmoid, is the probability. Without it
            a score outside 0 to 1 is counted as invalid; nothing is guessed from the values.
        ignore_class: a label, or several, whose samples are left out; of columns the entries that hold it.
        on_invalid: "raise" an error for invalid rows, or "skip" them.
        name: key in the logs.
        dtype: dtype of the result alone.

    Raises:
        ValueError: bad arguments; `y_pred` that does not hold scores; shapes that do not fit.
    """

    #: The averages that a metric takes; empty if it has none.
    _averages: tuple[Average, ...] = ("auto", "macro", "micro", "weighted", None)

    def __init__(
        self,
        num_classes: int | None = None,
        *,
        average: Average = "auto",
        class_id: int | None = None,
        target_class_ids: Iterable[int] | None = None,
        multi_label: bool = False,
        from_logits: bool = False,
        ignore_class: int | Iterable[int] | None = None,
        on_invalid: str = "raise",
        name: str | None = None,
        dtype: str | None = None,
    ):
        self.average: Average = arguments.check_choice("average", average, self._averages or ("auto",))
        self.class_id = arguments.check_optional_count("class_id", class_id, least=0)
        self.target_class_ids = arguments.check_targets("target_class_ids", target_class_ids)
        self.multi_label = bool(multi_label)
        self.from_logits = bool(from_logits)
        super().__init__(num_classes, ignore_class=ignore_class, on_invalid=on_invalid, name=name, dtype=dtype)

    @property
    def _usual_name(self) -> str:
        return self.default_name if self.class_id is None else f"{self.default_name}/{self.class_id}"

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, JSON-ready."""
        ours = {"class_id": self.class_id, "multi_label": self.multi_label, "from_logits": self.from_logits}
        ids = None if self.target_class_ids is None else list(self.target_class_ids)
        averages = {"average": self.average, "target_class_ids": ids} if self._averages else {}
        return {**super().get_config(), **ours, **averages}

    @property
    def _least_num_classes(self) -> int:
        return 1 + max(self.class_id or 0, *(self.target_class_ids or ()), 0)

    def _check_num_classes(self, num_classes: int) -> None:
        """One column is a problem of two classes, no and yes."""
        arguments.check_class_id(self.class_id, max(num_classes, 2))
        for class_id in self.target_class_ids or ():
            arguments.check_class_id(class_id, max(num_classes, 2), "target_class_ids")

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

    def _averaging(self, source: "ScoreMetric") -> Averaging:
        """The averaging of this metric for the counts of `source`; ignored classes are left out."""
        num_classes = source.num_classes or source._least_num_classes
        ignored = source.ignore_class if source.multiclass else ()
        classes = range(max(num_classes, 2)) if self.target_class_ids is None else self.target_class_ids
        kept = tuple(class_id for class_id in classes if class_id not in ignored)
        return Averaging(self.average, self.class_id, None if kept == tuple(range(max(num_classes, 2))) else kept)


class HistogramMetric(ScoreMetric):
    """A metric that keeps a histogram of the scores of each class, separate for negatives and positives.

    Its other arguments are those of `ScoreMetric`.

    Args:
        num_classes: number of classes C; None takes it from the first batch.
        num_bins: bins a class, at least 3, of 16 bytes each; nearly uniform in the logit, so that they are fine near
            0 and 1, where confident models have their scores. With an even number one half, or the logit 0, is an edge.
            A quarter of the default makes live scores about twice as fast, and bounds four times as wide.
    """

    def __init__(
        self,
        num_classes: int | None = None,
        *,
        average: Average = "auto",
        class_id: int | None = None,
        target_class_ids: Iterable[int] | None = None,
        multi_label: bool = False,
        from_logits: bool = False,
        num_bins: int = DEFAULT_NUM_BINS,
        ignore_class: int | Iterable[int] | None = None,
        on_invalid: str = "raise",
        name: str | None = None,
        dtype: str | None = None,
    ):
        self.num_bins = arguments.check_count("num_bins", num_bins, least=3)
        if self._counts_pairs and multi_label:
            raise ValueError(f"`multi_label` must be False: {_PAIRS_ONLY}")
        super().__init__(
            num_classes,
            average=average,
            class_id=class_id,
            target_class_ids=target_class_ids,
            multi_label=multi_label,
            from_logits=from_logits,
            ignore_class=ignore_class,
            on_invalid=on_invalid,
            name=name,
            dtype=dtype,
        )

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, JSON-ready."""
        return {**super().get_config(), "num_bins": self.num_bins}

    #: Whether `plot` draws precision over recall, and not the ROC curve.
    _shows_precision = False

    @property
    def _counts_pairs(self) -> bool:
        """Whether scores are counted by the true class of their sample, C x C histograms, not only one-vs-rest."""
        return False

    def _check_num_classes(self, num_classes: int) -> None:
        super()._check_num_classes(num_classes)
        if self._counts_pairs and num_classes == 1:
            raise ValueError(f"{self.name} got a single column: {_PAIRS_ONLY}")
        if num_classes == 1 and self.class_id is None and self.average in ("macro", "micro", "weighted"):
            raise ValueError(_BOTH_READINGS.format(average=self.average))
        self._check_size(num_classes)

    def _check_size(self, num_classes: int) -> None:
        columns, cells = (num_classes**2, 1) if self._counts_pairs else (num_classes, 2)
        histograms = columns * (1 + sum(len(feature.value_names) for feature in self.by))
        size = 8 * cells * histograms * self.num_bins
        if size > _MOST_BYTES:
            raise ValueError(
                f"{histograms:,} histograms of {self.num_bins:,} bins for {self.name} would take {size / 1e9:,.1f} GB"
                "; pass a smaller num_bins="
            )

    @property
    def _pays_compiling(self) -> bool:
        """Whether XLA reads a large histogram so much faster that it pays for a third of a second of compiling."""
        return True

    @property
    def _layout(self) -> ScoreHistogram:
        kind = PairHistogram if self._counts_pairs else ScoreHistogram
        return kind(self.num_classes or self._least_num_classes, self.num_bins, self.from_logits)

    @property
    def layout(self) -> ScoreHistogram:
        """How scores fall into the bins of the state, made once."""
        layout = super().layout
        assert isinstance(layout, ScoreHistogram)
        return layout

    @property
    def _histogram(self) -> Histogram:
        return self.layout.read(self._bins())

    @property
    def histogram(self) -> tf.Tensor:
        """Weight of negatives and positives in each bin of scores, the lowest first, float64 (C, num_bins, 2)."""
        h = self._histogram
        return tf.stack([h.negatives, h.positives], axis=-1)

    @property
    def edges(self) -> np.ndarray:
        """Thresholds between the bins, float64 (num_bins + 1,), ascending: bins b and above are scores above edge b.

        They are probabilities; of binary columns with `from_logits=True` logits.
        """
        return self.layout.bins(self.multiclass).edges

    @property
    def distribution(self) -> Distribution:
        """The histogram with its edges on the host, for plots and reports."""
        return self._distribution_of(self._histogram)

    def plot(self, class_names: Sequence[str] | None = None, **options: Any) -> Any:
        """The ROC curve, or precision over recall of a metric of these, as a figure (extra `plot`).

        Args:
            class_names: C names; "0", "1", ... by default.
            options: those of `plot_roc` and `plot_precision_recall`, such as `ax` and `title`.
        """
        from fmnist_tf.plots import plot_precision_recall, plot_roc

        return (plot_precision_recall if self._shows_precision else plot_roc)(self, class_names, **options)

    def _distribution_of(self, h: Histogram) -> Distribution:
        weights, classes = np.stack([h.negatives, h.positives], axis=-1), self._averaging(self).classes
        of_logits = self.from_logits and not self.multiclass
        return Distribution(weights, self.edges, self.multiclass, of_logits, float(h.fractional), classes)

    def _fingerprint(self) -> dict[str, Any]:
        pairs = {"multi_class": "ovo"} if self._counts_pairs else {}
        return {**super()._fingerprint(), "num_bins": self.num_bins, "bins": BINS_VERSION, **pairs}

    @property
    def identities(self) -> dict[str, Any]:
        """Name of the key -> its meaning."""
        return {self.name: self._identity_of(self)}

    def _identity_of(self, metric: "HistogramMetric") -> tuple[str, str]:
        """The meaning of a metric that is computed from this one's histogram."""
        own, told = self.get_config(), metric.get_config()
        counted = {name: own[name] for name in ("num_bins", "multi_label", "from_logits", "ignore_class")}
        asked = {name: told[name] for name in told.keys() - {"name", "dtype", "num_classes", "on_invalid"}}
        return type(metric).__name__, json.dumps(asked | counted, sort_keys=True)

    # What is read off the histogram

    @property
    def _measure(self) -> Measure:
        """The score of each class with its bounds, of metrics that have bounds."""
        raise NotImplementedError

    def _reader(self, source: "HistogramMetric") -> Reader:
        """The reader of this metric for the histogram of another one, or its own."""
        return ValueOf(self._measure, self._averaging(source))

    def _value(self) -> Any:
        return self._read(self._reader(self))

    def _read(self, reader: Reader, state: tf.Tensor | None = None) -> Any:
        """The value of a reader for the state, or for that of some rows, by XLA where that pays."""
        layout, multiclass = self.layout, self.multiclass
        readable = self._readable_state() if state is None else state
        if not (self._pays_compiling and kernels.should_compile(layout.size)):
            return read_state(reader, layout, multiclass, readable)
        return compile_reader(reader, layout, multiclass)(readable)

    def _readable_state(self) -> tf.Variable | tf.Tensor:
        """The variable where XLA can read it by itself, which saves a copy; else its value."""
        if self._state is None:
            return self._bins()
        variable = self._state.value
        return variable if is_plain_variable(variable) else tf.convert_to_tensor(variable)


def _bounds(metric: HistogramMetric) -> tuple[tf.Tensor, tf.Tensor]:
    _, low, high = metric._read(BoundsOf(metric._measure, metric._averaging(metric)))
    return low, high


#: The `bounds` of a metric that has a `_measure`.
certain_bounds = property(
    _bounds,
    doc="(low, high), float64 and shaped like the result: the exact value lies between them, for certain.",
)
