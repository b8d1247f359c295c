"""`StateMetric`: the base class of all metrics, from the variable of their state to the error about invalid rows."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from fmnist_tf.compat import keras_mask
from fmnist_tf.counts import NUM_EXTRA_BINS, Layout
from fmnist_tf.labels import INVALID_REASONS, InputFormat, InputSpec, as_tensor, check_weights, find_format
from fmnist_tf.metrics import arguments, invalid
from fmnist_tf.metrics.naming import Named, clean_key
from fmnist_tf.metrics.saving import Saved
from fmnist_tf.metrics.update import Batch, Kind, Plan, add_batch
from fmnist_tf.metrics.variable import make_variable, only_thread
from fmnist_tf.metrics.watch import announce_reset, announce_update
from fmnist_tf.rows.slice_bins import SliceBins, read_slices
from fmnist_tf.rows.slices import Slice

registered = keras.saving.register_keras_serializable(package="fmnist_tf")


class KnownPlan(NamedTuple):
    """How the last batch was counted, for batches of the same dtypes and shapes."""

    kinds: tuple[Kind, ...]
    plan: Plan


class StateMetric(Named, Saved, keras.metrics.Metric):
    """A Keras metric whose state is one additive float64 vector: the bins of a `Layout` and those of invalid rows."""

    #: Whether `result()` is a dict, whose keys Keras writes flat into the logs.
    writes_dict: bool = False
    #: Slices whose values have separate counts.
    by: tuple[Slice, ...] = ()

    def __init__(
        self,
        num_classes: int | None = None,
        *,
        ignore_class: int | Iterable[int] | None = None,
        on_invalid: str = "raise",
        name: str | None = None,
        dtype: str | None = None,
    ):
        super().__init__(name=clean_key(name or self._usual_name), dtype=dtype or self.default_dtype)
        arguments.check_result_dtype(self.dtype)
        self.num_classes = arguments.check_optional_count("num_classes", num_classes)
        self.ignore_class = arguments.check_ignore_class(ignore_class)
        self.on_invalid = arguments.check_choice("on_invalid", on_invalid, arguments.ON_INVALID)
        self._given_num_classes = self.num_classes
        self._multiclass: bool | None = None
        self._takes_ids: bool | None = None
        self._known: KnownPlan | None = None
        self._built_layout: Layout | None = None
        self._state: keras.Variable | None = None
        if self.num_classes is not None:
            self.build(self.num_classes)

    @property
    def _usual_name(self) -> str:
        """The name of a metric that is given none."""
        return self.default_name

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, JSON-ready."""
        return {
            **super().get_config(),
            "num_classes": self._given_num_classes,
            "ignore_class": list(self.ignore_class) or None,
            "on_invalid": self.on_invalid,
        }

    # State

    def build(self, num_classes: int) -> None:
        """Makes the state for `num_classes` classes; a second call with the same number does nothing.

        Raises:
            ValueError: the state is already made for another number.
        """
        num_classes = arguments.check_count("num_classes", num_classes)
        with only_thread():
            if self._state is None:
                self._make_state(num_classes)
        if num_classes != self.num_classes:
            raise ValueError(
                f"{self.name} counts {self.num_classes} classes, got a batch of {num_classes}; "
                "use another metric for another number of classes"
            )

    def _make_state(self, num_classes: int) -> None:
        self._check_num_classes(num_classes)
        self.num_classes = num_classes
        layout = self._layout
        self._built_layout = layout
        slices = self._slice_bins
        self._state = make_variable(layout.size + NUM_EXTRA_BINS + (slices.size if slices else 0))

    def _check_num_classes(self, num_classes: int) -> None:
        """Raises if the configuration does not fit the number of classes."""

    @property
    def _input_spec(self) -> InputSpec:
        """How inputs are read."""
        raise NotImplementedError

    @property
    def multiclass(self) -> bool:
        """Whether the classes exclude each other, unlike binary columns; before a batch as the arguments suggest."""
        if self._multiclass is not None:
            return self._multiclass
        return not self._input_spec.asks_columns and (self.num_classes or 1) > 1

    @property
    def layout(self) -> Layout:
        """How samples fall into the bins of the state, made once; before that for the fewest classes."""
        return self._layout if self._built_layout is None else self._built_layout

    @property
    def _layout(self) -> Layout:
        """The layout for this configuration and number of classes."""
        raise NotImplementedError

    @property
    def _slice_bins(self) -> SliceBins | None:
        """The bins of slices, which follow all other bins; None if the metric has no slices."""
        return SliceBins(self.by, self.layout) if self.by else None

    @property
    def _least_num_classes(self) -> int:
        """The number of classes of an empty state, before the first batch tells it."""
        return 1

    def _bins(self) -> tf.Tensor:
        """The state without the bins that are not of the layout; zeros before it is made."""
        if self._state is None:
            return tf.zeros([self.layout.size], tf.float64)
        return self._state.value[: self.layout.size]

    def _extra_bins(self, start: int, count: int) -> tf.Tensor:
        """Some bins after those of the layout, gathered: slicing would read all, and copy them after a scatter."""
        if self._state is None:
            return tf.zeros([count], tf.float64)
        start += self.layout.size
        return tf.gather(self._state.value, np.arange(start, start + count))

    def _invalid_counts(self) -> tf.Tensor:
        """How many samples had each of `INVALID_REASONS`."""
        return self._extra_bins(0, len(INVALID_REASONS))

    @property
    def weight_excess(self) -> tf.Tensor:
        """The sum of w^2 - w over all valid samples, float64 (): 0 where there were no weights."""
        return self._extra_bins(NUM_EXTRA_BINS - 1, 1)[0]

    def _sliced_state(self) -> tf.Tensor:
        """The bins of slices."""
        assert self._slice_bins is not None
        size = self._slice_bins.size
        if self._state is None:
            return tf.zeros([size], tf.float64)
        return self._state.value[self.layout.size + NUM_EXTRA_BINS :]

    @property
    def invalid(self) -> tf.Tensor:
        """How many samples could not be counted; of binary columns, entries."""
        return tf.reduce_sum(self._invalid_counts())

    # Counting

    def reset_state(self) -> None:
        """Sets the state to zero."""
        announce_reset(self)
        super().reset_state()

    @tf.autograph.experimental.do_not_convert
    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Counts a batch.

        Args:
            y_true: class ids (N, ...) or (N, ..., 1) of any integer or integral float dtype; one-hot or soft rows
                (N, ..., C), distributions over the classes; 0 or 1 (N, ..., C) of binary columns.
            y_pred: scores (N, ..., C) of any float dtype, or (N, ...) of one column; integer class ids shaped like the
                labels, with `num_classes` given; or booleans (N, ..., C), columns.
            sample_weight: None, a scalar, or any shape that broadcasts to the labels' from the left.

        Raises:
            ValueError: shapes that do not fit, with both shapes; another kind of input than before.
            TypeError: dtypes that are not numbers.
        """
        announce_update(self)
        self._note_update()
        batch = self._as_batch(y_true, y_pred, sample_weight)
        known = self._know(batch)
        assert self._state is not None
        add_batch(self._state, known.plan, batch, known.kinds)

    def prepare(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> keras.Variable:
        """Checks a batch as `update_state` does, and returns the state, made for it; counts nothing."""
        self._know(self._as_batch(y_true, y_pred, sample_weight))
        assert self._state is not None
        return self._state

    def _as_batch(self, y_true: Any, y_pred: Any, sample_weight: Any) -> Batch:
        weight = None if sample_weight is None else as_tensor(sample_weight, "`sample_weight`")
        slices = read_slices(self.by, type(self).__name__)
        return Batch(as_tensor(y_true), as_tensor(y_pred), weight, keras_mask(y_pred), slices)

    def _know(self, batch: Batch) -> KnownPlan:
        """How a batch is counted, found once for batches of the same dtypes and shapes."""
        known, kinds = self._known, batch.kinds
        if known is None or known.kinds != kinds:  # another thread may set another one meanwhile
            known = self._known = KnownPlan(kinds, self._plan_for(batch))
        return known

    def _plan_for(self, batch: Batch) -> Plan:
        """Reads the format of a batch, checks everything except its values, and makes the state."""
        spec = self._input_spec
        input_format = find_format(batch.y_true, batch.y_pred, spec)
        check_weights(batch.y_true, batch.y_pred, batch.sample_weight, batch.mask, input_format)
        self._fix_format(input_format)
        return Plan(self.layout, self._input_spec, input_format, self._slice_bins)

    def _fix_format(self, input_format: InputFormat) -> None:
        """Fixes the format of the stream by the first batch."""
        try:
            self.build(input_format.num_classes)
        except ValueError as error:
            if "singleton tf.Variable" not in str(error):
                raise
            raise ValueError(
                f"{self.name} was first used in a later trace of a tf.function, where no variable can be made; "
                f"call build({input_format.num_classes}) before, or give num_classes="
            ) from error
        if self._multiclass not in (None, input_format.multiclass):
            kinds = {True: "multiclass samples", False: "binary columns"}
            raise ValueError(
                f"{self.name} has counted {kinds[not input_format.multiclass]}, got {kinds[input_format.multiclass]}; "
                "use two metrics"
            )
        self._check_format(input_format)
        self._multiclass, self._takes_ids = input_format.multiclass, input_format.y_true == "ids"

    def _check_format(self, input_format: InputFormat) -> None:
        """Raises if the score has no meaning for such input."""

    # Results

    @tf.autograph.experimental.do_not_convert
    def result(self) -> Any:
        """The score of everything counted since the last reset.

        Returns:
            A tensor of the metric's dtype. In a graph NaN while `invalid` is positive.

        Raises:
            ValueError: called eagerly while `invalid` is positive and `on_invalid="raise"`.
        """
        value = self._value()
        if self.on_invalid == "raise":
            value = self._refuse_invalid(value)
        return self._shown(tf.nest.map_structure(lambda tensor: tf.cast(tensor, self.dtype), value))

    @property
    def identities(self) -> dict[str, Any]:
        """Name of each key of the logs -> the meaning of its value: equal where two metrics have the same value."""
        return {self.name: id(self)}

    def _value(self) -> Any:
        """The float64 score of the state, regardless of `invalid`."""
        raise NotImplementedError

    def _shown(self, value: Any) -> Any:
        """A value in the form in which `result()` gives it."""
        return value

    def _refuse_invalid(self, value: Any) -> Any:
        if tf.executing_eagerly():
            self.raise_if_invalid()
            return value
        fine = self.invalid == 0
        return tf.nest.map_structure(lambda tensor: tf.where(fine, tensor, tf.constant(np.nan, tensor.dtype)), value)

    def raise_if_invalid(self) -> None:
        """Raises ValueError, naming reasons, numbers and the remedy, if any sample could not be counted."""
        by_row = self.multiclass or bool(self._takes_ids)
        allowed = f"classes 0 to {(self.num_classes or 1) - 1}" if by_row else "labels 0 and 1"
        message = invalid.explain(np.asarray(self._invalid_counts()), by_row=by_row, allowed=allowed)
        if message:
            raise ValueError(f"{self.name}: {message}")
