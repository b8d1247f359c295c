"""`RowLog`: the rows of validation and of named sets, as the counting steps recorded them."""

import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from fmnist_tf.callbacks.reading import Reading
from fmnist_tf.files import atomic_write
from fmnist_tf.metrics import ScoreSet
from fmnist_tf.rows.receiver import Receiver, Rows, receiver_of
from fmnist_tf.rows.recorder import RowRecorder


class RowLog:
    """Makes the evaluation step of a model record rows for the callback of one fit.

    Args:
        model: the model, which must have been through `accept_tags`.
        output: which output of several.

    Raises:
        ValueError: the model accepts no tags.
    """

    def __init__(self, model: keras.Model, output: str | None):
        self._model, self._output = model, output
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
            self.recorder = RowRecorder(self._model, metric._input_spec, metric.by, self._output or reading.output)
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


def images_of_rows(rows: bool | Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The images by name of the set that `ScoreLogger(rows=)` was given; None where no rows are kept."""
    if isinstance(rows, Mapping):
        return dict(rows)
    return {} if rows else None


def write_rows(folder: Path, rows: Mapping[str, np.ndarray]) -> None:
    """Writes `rows.npz`, a structured array a set, and where pyarrow is installed `rows.parquet`, of all sets.

    Args:
        folder: an existing folder.
        rows: name of the set -> structured array.
    """
    with atomic_write(folder / "rows.npz") as draft, open(draft, "wb") as file:
        arrays: Any = rows
        np.savez_compressed(file, **arrays)
    if importlib.util.find_spec("pyarrow") is not None:
        with atomic_write(folder / "rows.parquet") as draft:
            _write_parquet(draft, rows)


def _write_parquet(path: Path, rows: Mapping[str, np.ndarray]) -> None:
    """One table, whose first column names the set; several binary columns become lists."""
    import pyarrow as pa
    from pyarrow import parquet

    tables = []
    for name, of_set in rows.items():
        columns = {field: of_set[field] for field in of_set.dtype.names or ()}
        lists = {field: values.tolist() if values.ndim > 1 else values for field, values in columns.items()}
        tables.append(pa.table({"set": [name] * len(of_set), **lists}))
    parquet.write_table(pa.concat_tables(tables, promote_options="default"), path)
