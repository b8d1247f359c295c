"""The files of a `ScoreLogger`: a run folder, a line of JSON an epoch besides, and TensorBoard events."""

import json
import os
import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from fmnist_tf.callbacks.matrix_log import MatrixLog
from fmnist_tf.callbacks.snapshots import Snapshot
from fmnist_tf.callbacks.tensorboard import EventWriter
from fmnist_tf.files import clear_drafts, to_null
from fmnist_tf.report import Report
from fmnist_tf.report.html import Gallery, run_page, write_page
from fmnist_tf.report.run_folder import GALLERY, PAGE, Info, Record, RunFolder, installed_versions
from fmnist_tf.report.run_folder.gallery import write_gallery
from fmnist_tf.rows.recorder import find_mistakes


def check_folder(folder: Path) -> None:
    """Refuses a path that exists and is not a folder."""
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"`log_dir` must be a folder, got the file {str(folder)!r}")


class Epoch(NamedTuple):
    """The content to write of one epoch.

    Attributes:
        number: the epoch, from 0.
        logs: the logs of the epoch.
        snapshots: data set -> its counts.
        rows: data set -> the rows that were kept.
        report: the report of the set that is shown first.
        dataset: the name of that set.
        best_by: the key of the score that tells the best epoch, and whether less is better.
        intervals: key -> (low, high) of that score, for each set.
    """

    number: int
    logs: Mapping[str, Any]
    snapshots: Mapping[str, Snapshot]
    rows: Mapping[str, np.ndarray]
    report: Report
    dataset: str
    best_by: tuple[str, bool]
    intervals: Mapping[str, Any]


class EpochLog:
    """Writes what a run records into a folder.

    `history.jsonl` only grows: a run that is resumed writes its epochs again, and the last record of an epoch is the
    valid one. The other files keep the epochs of earlier runs too.

    Args:
        folder: the folder, which is made if it is not there.
        arguments: what training was started with.
        images: data set -> its images by id, whose mistakes are shown.

    Raises:
        ValueError: the folder is a file, or holds what cannot be continued.
    """

    def __init__(
        self, folder: Path, arguments: Mapping[str, Any] | None = None, images: Mapping[str, Any] | None = None
    ):
        check_folder(folder)
        folder.mkdir(parents=True, exist_ok=True)
        clear_drafts(folder)
        self._folder = RunFolder(folder)
        self._arguments, self._images = dict(arguments or {}), images or {}
        self._mistakes: dict[str, Gallery] = {}
        self._matrices = MatrixLog(folder / "matrices.npz")
        self._record = self._earlier_record()
        self._info: Info | None = None
        self._events = EventWriter.if_installed(folder)

    def _earlier_record(self) -> Record:
        """The history of earlier runs in the folder."""
        if not (self._folder.path / "history.json").exists():
            return Record()
        try:
            return self._folder.read_record()
        except ValueError as error:
            raise ValueError(f"{error}; give another log_dir=") from error

    def write(self, epoch: Epoch) -> None:
        """Adds an epoch: the scalars among its logs, and its matrices; counts and rows replace those of the last."""
        matrices = {name: part.matrix for name, part in epoch.snapshots.items() if part.matrix is not None}
        self._matrices.write(epoch.number, matrices)
        scalars = {key: float(value) for key, value in epoch.logs.items() if np.ndim(value) == 0}
        self._append({"epoch": epoch.number, **scalars})
        self._record = self._record.at(epoch.number, scalars, epoch.intervals)
        self._folder.write_record(self._record)
        self._folder.write_counts(epoch.report)
        (self._folder.path / GALLERY).unlink(missing_ok=True)  # of an earlier run, which made other mistakes
        if epoch.rows:
            self._folder.write_rows(epoch.rows)
        shown = self._images.keys() & epoch.rows.keys()
        self._mistakes = {name: Gallery(find_mistakes(epoch.rows[name], k=None), self._images[name]) for name in shown}
        self._write_info(epoch)
        if self._events is not None:
            self._events.write(epoch.number, scalars, epoch.snapshots, epoch.report.class_names, epoch.intervals)
            self._events.write_slices(epoch.dataset, epoch.report)
            for name, mistakes in self._mistakes.items():
                self._events.write_mistakes(name, mistakes.rows, mistakes.images, epoch.report.class_names)

    def _write_info(self, epoch: Epoch) -> None:
        key, least = epoch.best_by
        self._info = Info(
            self._arguments,
            list(epoch.report.class_names),
            installed_versions(),
            num_epochs=self._record.num_epochs,
            best_epoch=self._record.best(key, least=least),
            best_by=key,
            dataset=epoch.dataset,
        )
        self._folder.write_info(self._info)

    def finish(self, report: Report) -> None:
        """Writes the report, the page and the pictures."""
        self._folder.write_report(report)
        if self._info is not None:
            self._info = replace(self._info, finished=True)
            self._folder.write_info(self._info)
            title, wrong = self._folder.path.resolve().name, self._mistakes.get(self._info.dataset)
            if wrong is not None:
                write_gallery(self._folder, wrong)
            page = run_page(report, self._record, self._info, title, wrong=wrong)
            write_page(self._folder.path / PAGE, page)
            self._draw(report, self._info)
        if self._events is not None:
            self._events.finish(report, self._info.dataset if self._info else "val")

    def _draw(self, report: Report, info: Info) -> None:
        try:
            self._folder.write_pictures(self._record, report, info.best_by)
        except Exception as error:  # of matplotlib, a font or a name: a run that has ended well should not fail now
            warnings.warn(f"the pictures could not be drawn: {error}", stacklevel=2)

    def _append(self, record: Mapping[str, Any]) -> None:
        with open(self._folder.path / "history.jsonl", "a", encoding="utf-8") as file:
            file.write(json.dumps(to_null(record), allow_nan=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
