"""`accept_tags`: a model that takes the tags off its labels, and passes them to its listeners.

Loss and metrics see labels as if they had never had tags. The methods that Keras documents for overriding are replaced
on the instance: functions on an instance are in no config, so that saving, cloning, pickling and
exporting give a plain model.
"""

import inspect
import threading
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import keras

from fmnist_tf.rows.shown import REMEDY, Tags, show_tags
from fmnist_tf.rows.tags import untag

ModelType = TypeVar("ModelType", bound=keras.Model)


class Rows(NamedTuple):
    """The rows of one step, as tensors of that step.

    Attributes:
        y_true: labels, of all outputs.
        y_pred: predictions, of all outputs.
        sample_weight: weights, or None.
        tags: None where the data has none.
    """

    y_true: Any
    y_pred: Any
    sample_weight: Any
    tags: Tags | None


#: Called with (rows, whether it is a training step), while the step is traced or runs eagerly.
Listener = Callable[[Rows, bool], None]


def accept_tags(model: ModelType) -> ModelType:
    """Lets the labels of a model's data carry tags, as `tag` puts on them; data without tags works as before.

    Call it once, before the first fit; a second call does nothing. The model saves, clones, pickles and exports as
    before: a loaded model or a clone must be given to `accept_tags` again. Custom `compute_loss` and `compute_metrics`
    get labels without tags. A custom `train_step` gets the data with tags: it must call `compute_loss` and
    `compute_metrics`, and cannot compute loss or metrics itself.

    Args:
        model: any Keras model, compiled or not.

    Returns:
        The same model.

    Raises:
        TypeError: it is not a Keras model.

    Example:
        >>> model = accept_tags(keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)]))
        >>> accept_tags(model) is model
        True
    """
    if not isinstance(model, keras.Model):
        raise TypeError(f"`model` must be a keras.Model, got {type(model).__name__}")
    if _receiver_of(model) is None:
        receiver: Any = Receiver(model)
        untyped: Any = model
        for name in ("train_step", "test_step", "compute_loss", "compute_metrics"):
            setattr(untyped, name, getattr(receiver, name))
        if getattr(model, "train_function", None) is not None:  # made from the earlier methods
            untyped.make_train_function(force=True)
        if getattr(model, "test_function", None) is not None:
            untyped.make_test_function(force=True)
    return model


def receiver_of(model: keras.Model, user: str) -> "Receiver":
    """The receiver that takes the tags off for a model.

    Raises:
        ValueError: the model does not accept tags.
    """
    receiver = _receiver_of(model)
    if receiver is None:
        raise ValueError(f"{user} needs rows that carry tags; {REMEDY}")
    return receiver


def _receiver_of(model: keras.Model) -> "Receiver | None":
    receiver = getattr(vars(model).get("compute_metrics"), "__self__", None)
    return receiver if isinstance(receiver, Receiver) else None


class _Step(threading.local):
    """The step that runs in a thread, of which each replica has one.

    Attributes:
        training: whether it is a step of training; None outside of steps.
        told: the `training` argument of `compute_loss` outside of steps, as in a training loop without `train_step`.
        unheard: its rows, until listeners are called with them.
        heard: whether listeners have been called.
    """

    training: bool | None = None
    told: bool | None = None
    unheard: Rows | None = None
    heard: bool = False

    def begin(self, training: bool | None) -> None:
        """Begins a step, or with None ends it."""
        self.training, self.told, self.unheard, self.heard = training, None, None, False


class Receiver:
    """Replaces four methods of a model, takes tags off, and calls listeners with the rows of each step.

    Listeners are called once a step: by `compute_metrics`, which gets the counted rows, or at the end of a step that
    has called `compute_loss` alone.
    """

    def __init__(self, model: keras.Model):
        own: Any = model
        self._train_step, self._test_step = own.train_step, own.test_step
        self._compute_loss, self._compute_metrics = own.compute_loss, own.compute_metrics
        self._takes_training = "training" in inspect.signature(own.compute_loss).parameters
        self._step = _Step()
        self._listeners: tuple[Listener, ...] = ()

    def add_listener(self, listener: Listener) -> bool:
        """Adds a listener for steps that are traced from now on; False if it is added already."""
        if listener in self._listeners:
            return False
        self._listeners = (*self._listeners, listener)
        return True

    def remove_listener(self, listener: Listener) -> None:
        """Removes a listener from steps that are traced from now on."""
        self._listeners = tuple(other for other in self._listeners if other != listener)

    def train_step(self, data: Any) -> Any:
        """The model's own step, marked as training."""
        return self._run(self._train_step, data, training=True)

    def test_step(self, data: Any) -> Any:
        """The model's own step, marked as evaluation."""
        return self._run(self._test_step, data, training=False)

    def _run(self, step: Callable[[Any], Any], data: Any, *, training: bool) -> Any:
        self._step.begin(training)
        try:
            logs = step(data)
            if self._step.unheard is not None:
                self._tell(self._step.unheard, training)
            return logs
        finally:
            self._step.begin(None)

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        """The model's own loss, of labels without tags."""
        y, sample_weight, tags = untag(y, sample_weight)
        if self._step.training is None:
            self._step.told = training
        elif not self._step.heard:
            self._step.unheard = Rows(y, y_pred, sample_weight, tags)
        told = {"training": training} if self._takes_training else {}
        return self._compute_loss(x, y, y_pred, sample_weight, **told)

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """The model's own metrics, of labels without tags; metrics of this package can see the tags."""
        y, sample_weight, tags = untag(y, sample_weight)
        with show_tags(tags):
            logs = self._compute_metrics(x, y, y_pred, sample_weight=sample_weight)
        in_step = self._step.training is not None
        training = self._step.training if in_step else self._step.told
        if training is not None and not self._step.heard:  # Keras also calls it outside of steps, to learn shapes
            self._tell(Rows(y, y_pred, sample_weight, tags), training)
        self._step.heard, self._step.told = in_step, None
        return logs

    def _tell(self, rows: Rows, training: bool) -> None:
        self._step.unheard = None
        for listener in self._listeners:
            listener(rows, training)
