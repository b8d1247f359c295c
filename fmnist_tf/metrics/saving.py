"""The state of a metric: merged, saved, loaded, copied and pickled."""

import json
from collections.abc import Callable, Iterable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from fmnist_tf.labels import INVALID_REASONS
from fmnist_tf.metrics import arguments
from fmnist_tf.metrics.update import add_to, set_to
from fmnist_tf.rows.slices import Slice


class Saved:
    """The part of a `StateMetric` that gives and takes states; the state is an additive vector."""

    name: Any
    default_name: str
    num_classes: int | None
    layout: Any
    weight_excess: Any
    by: tuple[Slice, ...]
    _slice_bins: Any
    _sliced_state: Callable[[], tf.Tensor]
    _state: keras.Variable | None
    _multiclass: bool | None
    _takes_ids: bool | None
    _input_spec: Any
    _bins: Callable[[], tf.Tensor]
    _invalid_counts: Callable[[], tf.Tensor]
    reset_state: Any
    build: Any
    get_config: Any

    @property
    def fingerprint(self) -> str:
        """JSON of score, classes, threshold and ignored classes: states can be added only if theirs agree."""
        return json.dumps(self._fingerprint(), sort_keys=True)

    def _fingerprint(self) -> dict[str, Any]:
        spec = self._input_spec
        return {
            "score": self.default_name,
            "num_classes": self.num_classes,
            "threshold": spec.threshold,
            "from_logits": spec.from_logits,
            "top_k": spec.top_k,
            "ignore_class": spec.ignore_class,
            "multiclass": self._multiclass,
            "takes_ids": self._takes_ids,
            **({"by": [feature.get_config() for feature in self.by]} if self.by else {}),
        }

    def merge_state(self, metrics: Iterable["Saved"]) -> None:
        """Adds the states of other metrics of the same configuration.

        Args:
            metrics: metrics of this package; those that have counted nothing add nothing.

        Raises:
            TypeError: it is not a list of metrics of this package; nothing is added then.
            ValueError: one of them has another configuration; nothing is added then.
        """
        metrics = arguments.check_each("metrics", metrics, Saved, "metrics of fmnist_tf")
        for metric in metrics:
            self._check_fingerprint(metric.fingerprint)
        for metric in metrics:
            if metric._state is not None:
                add_to(self._adopt(metric._fingerprint()), tf.convert_to_tensor(metric._state.value))

    def state_dict(self) -> dict[str, np.ndarray | str]:
        """The state: float64 arrays "counts", "invalid", "weight_excess", of slices "slices", and the "fingerprint".

        The arrays of several streams add up to those of all.
        """
        slices = {} if self._slice_bins is None else {"slices": np.array(self._sliced_state())}
        return {
            "counts": np.array(self._bins()),
            "invalid": np.array(self._invalid_counts()),
            "weight_excess": np.array(self.weight_excess),
            **slices,
            "fingerprint": self.fingerprint,
        }

    def load_state_dict(self, state: dict[str, np.ndarray | str]) -> None:
        """Replaces the state by one of `state_dict()`.

        Args:
            state: the dict, of a metric of the same configuration.

        Raises:
            TypeError: it is not a dict.
            ValueError: it belongs to a metric of another configuration, keys or shapes are wrong, or a count is
                negative or not finite.
        """
        parts = ("counts", "invalid", "weight_excess", *(["slices"] if self._slice_bins else []), "fingerprint")
        arguments.check_keys("state", state, parts)
        self._check_fingerprint(str(state["fingerprint"]))
        theirs = json.loads(str(state["fingerprint"]))
        if theirs["num_classes"] is None:
            return self.reset_state()
        variable = self._adopt(theirs)
        values = np.concatenate([np.asarray(state[name], np.float64).ravel() for name in ("counts", "invalid")])
        arguments.check_counts("state", values)
        excess = arguments.check_finite("weight_excess", np.asarray(state["weight_excess"], np.float64)[()])
        kept = self.layout.size + len(INVALID_REASONS)
        if values.size != kept:
            raise ValueError(f"state of {values.size} numbers does not fit {self.name}, which keeps {kept}")
        set_to(variable, tf.constant(np.concatenate([values, [0.0, excess], self._slices_of(state)])))

    def _slices_of(self, state: dict[str, Any]) -> np.ndarray:
        """The part of slices in another state; empty if the metric has none."""
        if self._slice_bins is None:
            return np.zeros(0)
        values = np.asarray(state["slices"], np.float64)
        if values.shape != (self._slice_bins.size,) or not np.isfinite(values).all():
            raise ValueError(
                f"state of slices {values.shape} does not fit {self.name}, which keeps {self._slice_bins.size} numbers"
            )
        return values

    def _adopt(self, theirs: dict[str, Any]) -> keras.Variable:
        """Builds the metric like another state, and returns the variable of its state."""
        self.build(theirs["num_classes"])
        for name in ("multiclass", "takes_ids"):
            if theirs[name] is not None:
                setattr(self, f"_{name}", theirs[name])
        assert self._state is not None
        return self._state

    def _check_fingerprint(self, fingerprint: str) -> None:
        ours, theirs = json.loads(self.fingerprint), json.loads(fingerprint)
        for key in sorted((ours.keys() | theirs.keys()) - {"takes_ids"}):
            open_yet = key in ("num_classes", "multiclass") and None in (ours.get(key), theirs.get(key))
            if ours.get(key) != theirs.get(key) and not open_yet:
                raise ValueError(
                    f"states of {self.name} differ in `{key}`: {ours.get(key)!r} here, {theirs.get(key)!r} there"
                )

    def __reduce__(self) -> tuple:  # pyright: ignore[reportIncompatibleMethodOverride] - Keras leaves its own untyped
        return _restore, (type(self), self.get_config(), self.state_dict())


def _restore(kind: type[Any], config: dict[str, Any], state: dict[str, Any]) -> Any:
    """Makes a pickled metric again."""
    metric = kind.from_config(config)
    metric.load_state_dict(state)
    return metric


def serialize_metric(metric: keras.metrics.Metric) -> dict[str, Any]:
    """A metric that is an argument of another, JSON-ready."""
    config: Any = keras.saving.serialize_keras_object(metric)
    return config


def deserialize_metric(config: dict[str, Any]) -> Any:
    """The metric again."""
    return keras.saving.deserialize_keras_object(config)
