"""The name of a metric, which is its key in the logs, and how it names its arguments."""

import inspect
import re
from typing import Any

import keras

from fmnist_tf.metrics import foreign


def clean_key(name: str) -> str:
    """A key that MLflow and TensorBoard take: letters, digits, `_ - . : /` and space stay, others become "_"."""
    return re.sub(r"[^\w\-.:/ ]", "_", name)


class Named:
    """Base class: the name of a metric, its arguments in `repr`, and errors for arguments it does not have."""

    #: The default name.
    default_name: str = "counts"
    #: The default dtype of the result; None for Keras' default.
    default_dtype: str | None = None
    #: The number of updates of all metrics in Python: a clock that tells two assignments of one name apart.
    _updates_seen = 0
    _usual_name: Any
    _name: str | None = None
    _placed_at: int | None = None

    def __new__(cls, *args: Any, **kwargs: Any):
        """Refuses unknown arguments, with the name that the metric has for them."""
        foreign.check_arguments(cls, args, kwargs)
        return super().__new__(cls)

    @property
    def name(self) -> str:
        """The key in the logs.

        While Keras builds, it assigns the name once for each place where the metric was compiled; updates follow. So a
        second assignment without an update in between means that one state would count for two places.

        Raises:
            ValueError: when the metric is compiled for a second output, or for both metrics= and weighted_metrics=.
        """
        assert self._name is not None
        return self._name

    @name.setter
    def name(self, name: str) -> None:
        if name == self._name:
            if self._placed_at == Named._updates_seen:
                self._placed_at = None
                kind = type(self).__name__
                raise ValueError(
                    f"one {kind} object was given to two outputs, or to both metrics= and weighted_metrics=, and would "
                    f"count for both; make one {kind}() for each"
                )
            self._placed_at = Named._updates_seen
        self._name = name

    def _note_update(self) -> None:
        Named._updates_seen += 1

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, JSON-ready."""
        return super().get_config()  # pyright: ignore[reportAttributeAccessIssue] - the mixin's other base has it

    def __repr__(self) -> str:
        """The class with the arguments that are not the default ones."""
        usual = {"name": self._usual_name, "dtype": self.default_dtype or keras.config.floatx()}
        usual = {**_defaults(type(self)), **usual}
        given = {key: value for key, value in self.get_config().items() if value != usual.get(key)}
        return f"{type(self).__name__}({', '.join(f'{key}={value!r}' for key, value in given.items())})"


def _defaults(kind: type) -> dict[str, Any]:
    """The default of each argument, also of those that a constructor passes to its base classes."""
    constructors = [base.__init__ for base in reversed(kind.__mro__) if "__init__" in vars(base)]
    parameters = [p for constructor in constructors for p in inspect.signature(constructor).parameters.values()]
    return {p.name: list(p.default) if isinstance(p.default, tuple) else p.default for p in parameters}
