"""`StateMetric`: what all metrics share, from the one variable of their state to the error that names bad rows."""

import json
from collections.abc import Iterable
from typing import Any, TypedDict

import keras
import numpy as np
import tensorflow as tf

from fmnist_tf.compat import keras_mask
from fmnist_tf.counts import NUM_EXTRA_BINS, Layout
from fmnist_tf.labels import INVALID_REASONS, InputFormat, InputSpec, as_tensor, check_weights, find_format
from fmnist_tf.metrics import arguments
from fmnist_tf.metrics.update import Batch, Kind, add_batch, add_to, set_to
from fmnist_tf.metrics.variable import make_variable
from fmnist_tf.metrics.watch import announce_reset, announce_update

registered = keras.saving.register_keras_serializable(package="fmnist_tf")


class StateOptions(TypedDict, total=False):
    """The keyword arguments that every metric takes, which `CountMetric` documents."""

    ignore_class: int | Iterable[int] | None
    on_invalid: str
    name: str | None
    dtype: str | None


class StateMetric(keras.metrics.Metric):
    """A Keras metric whose state is one additive float64 vector: bins of a `Layout`, faults, and what is not looked at.

    What it takes in `update_state`, and how it treats what cannot be counted, is documented in `CountMetric`.
    """

    #: The name of a metric that is given none.
    default_name: str = "counts"
    #: The dtype of the result of a metric that is given none; None for Keras' default.
    default_dtype: str | None = None
    #: Whether `result()` is a dict, whose keys Keras writes flat into the logs.
    writes_dict: bool = False

    def __init__(
        self,
        num_classes: int | None = None,
        *,
        ignore_class: int | Iterable[int] | None = None,
        on_invalid: str = "raise",
        name: str | None = None,
        dtype: str | None = None,
    ):
        super().__init__(name=name or self.default_name, dtype=dtype or self.default_dtype)
        arguments.check_result_dtype(self.dtype)
        self.num_classes = arguments.check_optional_count("num_classes", num_classes)
        self.ignore_class = arguments.check_ignore_class(ignore_class)
        self.on_invalid = arguments.check_choice("on_invalid", on_invalid, arguments.ON_INVALID)
        self._given_num_classes = self.num_classes
        self._multiclass: bool | None = None
        self._takes_ids = False
        self._known_kinds: tuple[Kind, ...] = ()
        self._state: keras.Variable | None = None
        if self.num_classes is not None:
            self.build(self.num_classes)

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
        if self._state is not None:
            if num_classes != self.num_classes:
                raise ValueError(
                    f"{self.name} counts {self.num_classes} classes, got a batch of {num_classes}; "
                    "use another metric for another number of classes"
                )
            return
        self._check_num_classes(num_classes)
        self.num_classes = num_classes
        self._state = make_variable(self._layout.size + NUM_EXTRA_BINS)

    def _check_num_classes(self, num_classes: int) -> None:
        """Raises where the configuration does not fit the number of classes."""

    @property
    def _input_spec(self) -> InputSpec:
        """How inputs are read."""
        raise NotImplementedError

    @property
    def multiclass(self) -> bool:
        """Whether the classes exclude each other, rather than being yes/no columns."""
        if self._multiclass is not None:
            return self._multiclass
        spec = self._input_spec
        asks_columns = spec.threshold is not None or spec.top_k is not None or spec.multi_label
        return not asks_columns and (self.num_classes or 1) > 1

    @property
    def _layout(self) -> Layout:
        """How positions fall into the bins of the state."""
        raise NotImplementedError

    @property
    def _least_num_classes(self) -> int:
        """The number of classes that an empty state is shown for before the first batch tells it."""
        return 1

    def _bins(self) -> tf.Tensor:
        """The state without the faults; zeros before it is made."""
        if self._state is None:
            return tf.zeros([self._layout.size], tf.float64)
        return self._state.value[: self._layout.size]

    def _invalid_counts(self) -> tf.Tensor:
        """How many positions had each of `INVALID_REASONS`."""
        if self._state is None:
            return tf.zeros([len(INVALID_REASONS)], tf.float64)
        size = self._layout.size  # gathered, since a slice would read, and after a scatter copy, the whole state
        return tf.gather(self._state.value, np.arange(size, size + len(INVALID_REASONS)))

    @property
    def invalid(self) -> tf.Tensor:
        """How many positions could not be counted; of yes/no columns, entries."""
        return tf.reduce_sum(self._invalid_counts())

    # Counting

    def reset_state(self) -> None:
        """Forgets everything counted."""
        announce_reset(self)
        super().reset_state()

    @tf.autograph.experimental.do_not_convert
    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Counts a batch; the class documents the shapes."""
        announce_update(self)
        weight = None if sample_weight is None else as_tensor(sample_weight)
        batch = Batch(as_tensor(y_true), as_tensor(y_pred), weight, keras_mask(y_pred))
        kinds = batch.kinds
        if kinds != self._known_kinds:
            input_format = find_format(batch.y_true, batch.y_pred, self._input_spec)
            check_weights(batch.y_pred, batch.sample_weight, batch.mask, input_format)
            self._fix_format(input_format)
            self._known_kinds = kinds
        assert self._state is not None
        add_batch(self._state, self._layout, self._input_spec, batch, kinds)

    def _fix_format(self, input_format: InputFormat) -> None:
        """Takes the form of the first batch for that of the stream."""
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
            kinds = {True: "exclusive classes", False: "yes/no columns"}
            raise ValueError(
                f"{self.name} has counted {kinds[not input_format.multiclass]}, got {kinds[input_format.multiclass]}; "
                "use two metrics"
            )
        self._check_format(input_format)
        self._multiclass, self._takes_ids = input_format.multiclass, input_format.y_true == "ids"

    def _check_format(self, input_format: InputFormat) -> None:
        """Raises where the score has no meaning for such input."""

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
        """Name of each key of the logs -> what it says: equal where two metrics have the same value."""
        return {self.name: id(self)}

    def _value(self) -> Any:
        """The float64 score of the state, whatever `invalid` says."""
        raise NotImplementedError

    def _shown(self, value: Any) -> Any:
        """What `result()` gives for a value."""
        return value

    def _refuse_invalid(self, value: Any) -> Any:
        if tf.executing_eagerly():
            self.raise_if_invalid()
            return value
        fine = self.invalid == 0
        return tf.nest.map_structure(lambda tensor: tf.where(fine, tensor, tf.constant(np.nan, tensor.dtype)), value)

    def raise_if_invalid(self) -> None:
        """Raises ValueError, naming kinds, numbers and the remedy, if any position could not be counted."""
        invalid = np.asarray(self._invalid_counts())
        if invalid.sum() == 0:
            return
        what, allowed = self._allowed
        kinds = ", ".join(
            f"{number:.0f} x {kind}" for number, kind in zip(invalid, INVALID_REASONS, strict=True) if number
        )
        raise ValueError(
            f"{self.name}: {invalid.sum():.0f} {what} could not be counted ({kinds}; {allowed}); "
            "mend the data, name labels to leave out with ignore_class=, or pass on_invalid='skip'"
        )

    @property
    def _allowed(self) -> tuple[str, str]:
        """What `invalid` counts, and which labels would be fine."""
        if self.multiclass or self._takes_ids:
            return "rows", f"classes 0 to {(self.num_classes or 1) - 1}"
        return "answers", "labels 0 and 1"

    # Merging, saving

    @property
    def fingerprint(self) -> str:
        """What must agree for two states to be added: JSON of score, classes, threshold and ignored classes."""
        return json.dumps(self._fingerprint(), sort_keys=True)

    def _fingerprint(self) -> dict[str, Any]:
        spec = self._input_spec
        return {
            "score": self.default_name,
            "num_classes": self.num_classes,
            "threshold": spec.threshold,
            "top_k": spec.top_k,
            "ignore_class": spec.ignore_class,
            "multiclass": self._multiclass,
        }

    def merge_state(self, metrics: Iterable["StateMetric"]) -> None:
        """Adds the states of other metrics of the same configuration.

        Raises:
            TypeError: they are no list of metrics of this package; nothing is added then.
            ValueError: one of them counts something else; likewise.
        """
        metrics = arguments.check_each("metrics", metrics, StateMetric, "metrics of fmnist_tf")
        for metric in metrics:
            self._check_fingerprint(metric.fingerprint)
        for metric in metrics:
            if metric._state is not None:
                add_to(self._adopt(metric._fingerprint()), tf.convert_to_tensor(metric._state.value))

    def state_dict(self) -> dict[str, np.ndarray | str]:
        """The state as float64 arrays "counts" and "invalid", and the "fingerprint"."""
        return {
            "counts": np.array(self._bins()),
            "invalid": np.array(self._invalid_counts()),
            "fingerprint": self.fingerprint,
        }

    def load_state_dict(self, state: dict[str, np.ndarray | str]) -> None:
        """Replaces the state by one of `state_dict()`.

        Raises:
            TypeError: it is no dict.
            ValueError: it belongs to a metric that counts something else, its keys are others, its arrays have other
                shapes, or a count is negative or not finite.
        """
        arguments.check_keys("state", state, ("counts", "invalid", "fingerprint"))
        self._check_fingerprint(str(state["fingerprint"]))
        theirs = json.loads(str(state["fingerprint"]))
        if theirs["num_classes"] is None:
            return self.reset_state()
        variable = self._adopt(theirs)
        values = np.concatenate([np.asarray(state[name], np.float64).ravel() for name in ("counts", "invalid")])
        arguments.check_counts("state", values)
        kept = self._layout.size + len(INVALID_REASONS)
        if values.size != kept:
            raise ValueError(f"state of {values.size} numbers does not fit {self.name}, which keeps {kept}")
        set_to(variable, tf.constant(np.append(values, 0.0)))

    def _adopt(self, theirs: dict[str, Any]) -> keras.Variable:
        """Builds as another state was built, and gives the state."""
        self.build(theirs["num_classes"])
        self._multiclass = self._multiclass if theirs["multiclass"] is None else theirs["multiclass"]
        assert self._state is not None
        return self._state

    def _check_fingerprint(self, fingerprint: str) -> None:
        ours, theirs = json.loads(self.fingerprint), json.loads(fingerprint)
        for key in sorted(ours.keys() | theirs.keys()):
            open_yet = key in ("num_classes", "multiclass") and None in (ours.get(key), theirs.get(key))
            if ours.get(key) != theirs.get(key) and not open_yet:
                raise ValueError(
                    f"states of {self.name} differ in `{key}`: {ours.get(key)!r} here, {theirs.get(key)!r} there"
                )

    def __reduce__(self) -> tuple:  # pyright: ignore[reportIncompatibleMethodOverride] - Keras leaves its own untyped
        return _restore, (type(self), self.get_config(), self.state_dict())


def _restore(kind: type[StateMetric], config: dict[str, Any], state: dict[str, Any]) -> StateMetric:
    """Makes a pickled metric again."""
    metric = kind.from_config(config)
    metric.load_state_dict(state)
    return metric


def serialize_metric(metric: StateMetric) -> dict[str, Any]:
    """A metric that is an argument of another, JSON-ready."""
    config: Any = keras.saving.serialize_keras_object(metric)
    return config


def deserialize_metric(config: dict[str, Any]) -> Any:
    """The metric again."""
    return keras.saving.deserialize_keras_object(config)
