"""`RowLog`: the rows of validation and of named sets, as the counting steps recorded them."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import keras
import numpy as np

from fmnist_tf.callbacks.reading import Reading
from fmnist_tf.metrics import ScoreSet
from fmnist_tf.rows.receiver import Receiver, Rows, receiver_of
from fmnist_tf.rows.recorder import RowRecorder


class RowLog:
    """Makes the evaluation step of a model record rows for the callback of one fit.

    Args:
        model: the model, which must have been through `accept_tags`.
        output: which output of several.
        scores: whether rows keep the scores of all classes.

    Raises:
        ValueError: the model accepts no tags.
    """

    def __init__(self, model: keras.Model, output: str | None, *, scores: bool = False):
        self._model, self._output, self._scores = model, output, scores
        self._receiver: Receiver = receiver_of(model, "ScoreLogger(rows=True)")
        self.recorder: RowRecorder | None = None
        self._receiver.add_listener(self.record)

    def close(self) -> None:
        """Stops the recording."""
        self._receiver.remove_listener(self.record)
        self.recorder = None

    def start(self, reading: Reading) -> None:
        """Begins the rows of a set, in the format of the metric."""
        if self.recorder is None:
            metric: Any = reading.counted.metric if reading.counted else ScoreSet()
            weighted = reading.counted is None or reading.counted.weighted
            output = self._output or reading.output
            options: Any = {"weighted": weighted, "scores": self._scores}
            self.recorder = RowRecorder(self._model, metric._input_spec, metric.by, output, **options)
            untyped: Any = self._model
            untyped.make_test_function(force=True)  # one that was traced before records nothing
        self.recorder.start()

    def record(self, rows: Rows, training: bool) -> None:
        """Receives the rows of each step."""
        if self.recorder is not None:
            self.recorder.record(rows, training)

    def fetch(self) -> None:
        """Moves rows to the host if the device runs out of room."""
        if self.recorder is not None:
            self.recorder.fetch()

    def finish(self) -> np.ndarray:
        """The rows of the set."""
        assert self.recorder is not None
        return self.recorder.finish()


class KeptRows(NamedTuple):
    """The rows that `ScoreLogger(rows=)` asks for.

    Attributes:
        are_kept: whether any are kept.
        images: the images by name of the set, whose mistakes are shown.
        scores: whether rows keep the scores of all classes.
    """

    are_kept: bool
    images: Mapping[str, Any]
    scores: bool

    @classmethod
    def of(cls, rows: Any) -> "KeptRows":
        """Those of the argument.

        Raises:
            ValueError: it is none of the things that `rows` may be.
        """
        if isinstance(rows, Mapping):
            images = dict(rows)
            scores = images.pop("scores") if isinstance(images.get("scores"), bool) else False  # a set of that name
            return cls(True, images, scores)
        if isinstance(rows, bool | np.bool_):
            return cls(bool(rows), {}, False)
        if isinstance(rows, str) and rows == "scores":
            return cls(True, {}, True)
        raise ValueError(
            f"`rows` must be True, False, 'scores' or a dict such as {{'val': x_val, 'scores': True}}, got {rows!r:.80}"
        )
