"""Files of a `ScoreLogger`: a line of JSON an epoch, matrices, the report, TensorBoard events."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from fmnist_tf.callbacks.matrix_log import MatrixLog
from fmnist_tf.callbacks.row_log import write_rows
from fmnist_tf.callbacks.snapshots import Snapshot
from fmnist_tf.callbacks.tensorboard import EventWriter
from fmnist_tf.files import atomic_write, clear_drafts, to_json, to_null
from fmnist_tf.report import Report


def check_folder(folder: Path) -> None:
    """Refuses a path that exists and is not a folder."""
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"`log_dir` must be a folder, got the file {str(folder)!r}")


class EpochLog:
    """Writes what a run records into a folder.

    `history.jsonl` only grows: a run that is resumed writes its epochs again, and the last record of an epoch is the
    valid one. `matrices.npz` keeps the epochs of earlier runs too, see `MatrixLog`.

    Raises:
        ValueError: the folder is a file, or holds matrices that cannot be continued.
    """

    def __init__(self, folder: Path, class_names: Sequence[str] | None = None, images: Mapping[str, Any] | None = None):
        self._folder, self._class_names, self._images = folder, class_names, images or {}
        check_folder(folder)
        folder.mkdir(parents=True, exist_ok=True)
        clear_drafts(folder)
        self._matrices = MatrixLog(folder / "matrices.npz")
        self._events = EventWriter.if_installed(folder)

    def write(
        self,
        epoch: int,
        logs: Mapping[str, Any],
        snapshots: Mapping[str, Snapshot],
        rows: Mapping[str, np.ndarray] = MappingProxyType({}),
    ) -> None:
        """Adds an epoch: the scalars among its logs, and its matrices; its rows replace those of the last."""
        matrices = {name: snapshot.matrix for name, snapshot in snapshots.items() if snapshot.matrix is not None}
        self._matrices.write(epoch, matrices)
        scalars = {key: float(value) for key, value in logs.items() if np.ndim(value) == 0}
        self._append({"epoch": epoch, **scalars})
        if rows:
            write_rows(self._folder, rows)
        if self._events is not None:
            self._events.write(epoch, scalars, snapshots, self._class_names)
            for name in self._images.keys() & rows.keys():
                self._events.write_mistakes(epoch, name, rows[name], self._images[name], self._class_names)

    def finish(self, report: Report) -> None:
        """Writes the report."""
        self._replace("report.txt", report.text() + "\n")
        self._replace("report.json", to_json(report.to_dict()))
        if self._events is not None:
            self._events.finish(report)

    def _append(self, record: Mapping[str, Any]) -> None:
        with open(self._folder / "history.jsonl", "a", encoding="utf-8") as file:
            file.write(json.dumps(to_null(record), allow_nan=False) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def _replace(self, name: str, text: str) -> None:
        with atomic_write(self._folder / name) as draft:
            draft.write_text(text, encoding="utf-8", newline="")
