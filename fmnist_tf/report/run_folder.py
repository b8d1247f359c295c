"""The run folder: what training leaves behind, written whole or not at all, and read back without trust.

| file | holds |
|---|---|
| run.json | arguments, class names, versions, number of epochs, the best one, whether training has finished |
| history.json, history.csv | every score and loss of every epoch, float64 |
| matrices.npz | "train" and "val": confusion matrices (epochs, C, C), float64, rows true |
| model.keras | the model of the best epoch: the first with the greatest val_macro_f1, or the announced one |
| confusion_matrix.csv, report.json, report.txt | what that model does on the images that are reported on |
| predictions.npy | (2, N): true and predicted class ids of those images, once training has finished |
| confusion_matrix.png, curves.png | pictures, where matplotlib is installed |
| checkpoint.npz | what `--resume` needs, while training has not finished |

Files count epochs from 0, as Keras' CSVLogger does and as indices into history.json; people read them from 1. NaN and
infinity are null in JSON. A folder may come from anywhere: only regular files with these names are opened, none is
unpickled, and sizes are checked before memory is taken.
"""

import csv
import importlib.util
import io
import json
import math
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from fmnist_tf.files import atomic_write, clear_drafts, guard, read_bytes, save_arrays, to_csv, to_json
from fmnist_tf.intervals import interval
from fmnist_tf.report import Report

MODEL, INFO, CHECKPOINT = "model.keras", "run.json", "checkpoint.npz"
MATRIX, PREDICTIONS = "confusion_matrix.csv", "predictions.npy"
FILES = (
    INFO,  # the first to be removed: without it there is no run
    CHECKPOINT,
    MODEL,
    MATRIX,
    "history.json",
    "history.csv",
    "matrices.npz",
    "report.json",
    "report.txt",
    PREDICTIONS,
    "confusion_matrix.png",
    "curves.png",
)
BEST_BY = "val_macro_f1"
#: The column of the history that is 1 where `--ladder` announced a new best.
ANNOUNCED = "ladder_announced"

_MAX_NAME = 200


@dataclass(frozen=True)
class Record:
    """The history and the matrices that training has recorded so far.

    Attributes:
        history: name -> one float64 value an epoch.
        matrices: "train" and "val" -> one (C, C) array an epoch.
    """

    history: Mapping[str, Sequence[float]] = field(default_factory=dict)
    matrices: Mapping[str, Sequence[np.ndarray]] = field(default_factory=dict)

    @property
    def num_epochs(self) -> int:
        """How many epochs are recorded."""
        return max((len(values) for values in self.history.values()), default=0)

    @property
    def best_epoch(self) -> int | None:
        """The epoch, from 0, with the greatest val_macro_f1, the first on a tie; with `--ladder` that announced last.

        None before there is one.
        """
        if self.announced:
            return self.announced[-1]
        scores = self.history.get(BEST_BY)
        return None if not scores else int(np.argmax(np.nan_to_num(scores, nan=-math.inf)))

    @property
    def announced(self) -> list[int]:
        """The epochs that `--ladder` announced, from 0."""
        return [epoch for epoch, value in enumerate(self.history.get(ANNOUNCED, ())) if value == 1]

    def extended(self, values: Mapping[str, float], matrices: Mapping[str, np.ndarray]) -> "Record":
        """A record with one epoch more."""
        return Record(
            {name: [*self.history.get(name, ()), float(value)] for name, value in values.items()},
            {name: [*self.matrices.get(name, ()), matrix] for name, matrix in matrices.items()},
        )


@dataclass(frozen=True)
class Info:
    """The content of run.json.

    Attributes:
        arguments: those that training was started with.
        class_names: C names.
        versions: of the packages that the numbers depend on.
        note: what to print beside the intervals of the report, or None.
        num_epochs: how many epochs are recorded.
        best_epoch: the one that `model.keras` is of, from 0.
        finished: whether nothing is left to do.
    """

    arguments: dict[str, Any]
    class_names: list[str]
    versions: dict[str, str] = field(default_factory=dict)
    note: str | None = None
    num_epochs: int = 0
    best_epoch: int | None = None
    finished: bool = False


class RunFolder:
    """The files of one run."""

    def __init__(self, path: str | os.PathLike[str]):
        self.path = Path(path)

    def __str__(self) -> str:
        return str(self.path)

    # Beginning

    def holds_run(self) -> bool:
        """Whether any file here has the name of one of a run's."""
        return any(os.path.lexists(self.path / name) for name in FILES)

    def is_started(self) -> bool:
        """Whether there is a run.json, without which a run has recorded nothing."""
        return (self.path / INFO).is_file()

    def clear(self) -> None:
        """Removes the files of a run, drafts that a killed one left behind too, and nothing else."""
        for name in FILES:
            (self.path / name).unlink(missing_ok=True)
        self.clear_drafts()

    def clear_drafts(self) -> None:
        """Removes what a killed run had not finished writing."""
        clear_drafts(self.path)

    # Writing

    def write_info(self, info: Info) -> None:
        """Writes run.json."""
        self._write_text(INFO, to_json(asdict(info)))

    def write_record(self, record: Record) -> None:
        """Writes history and matrices."""
        self._write_text("history.json", to_json(record.history))
        self._write_text("history.csv", _history_table(record))
        with self.atomic_write("matrices.npz") as draft:
            save_arrays(draft, {name: np.stack(values) for name, values in record.matrices.items()})

    def write_report(self, report: Report) -> None:
        """Writes the report and its confusion matrix."""
        self._write_text(MATRIX, _matrix_table(report))
        self._write_text("report.json", to_json(report.to_dict()))
        self._write_text("report.txt", report.text())

    def write_plots(self, record: Record, report: Report) -> None:
        """Draws the pictures, where matplotlib is installed."""
        if importlib.util.find_spec("matplotlib") is None:
            return
        from fmnist_tf.plots import plot_confusion_matrix, plot_curves

        self._write_figure("confusion_matrix.png", plot_confusion_matrix(report.matrix, report.class_names))
        bands = [interval("macro_f1", matrix) for matrix in record.matrices["val"]]
        self._write_figure(
            "curves.png", plot_curves(record.history, {BEST_BY: bands}, announced={BEST_BY: record.announced})
        )

    def atomic_write(self, name: str) -> AbstractContextManager[Path]:
        """A path to write to, which takes the place of the file `name` once the block has ended well."""
        return atomic_write(self.path / name)

    def _write_text(self, name: str, text: str) -> None:
        with self.atomic_write(name) as draft:
            draft.write_text(text, encoding="utf-8", newline="")

    def _write_figure(self, name: str, figure: Any) -> None:
        with self.atomic_write(name) as draft:
            figure.savefig(draft)

    # Reading

    def read_info(self) -> Info:
        """Reads run.json.

        Raises:
            FileNotFoundError: there is none.
            ValueError: it is not what a run has written.
        """
        return self._read(INFO, _parse_info)

    def read_report(self) -> Report:
        """The report of the run, made again from its confusion matrix.

        Raises:
            FileNotFoundError: the folder holds no run, or one without a finished epoch.
            ValueError: a file is not what a run has written.
        """
        info = self.read_info()
        return self._read(MATRIX, lambda content: _parse_matrix(content, info))

    def _read(self, name: str, parse: Callable[[bytes], Any]) -> Any:
        path = self.path / name
        try:
            return parse(read_bytes(path))
        except FileNotFoundError:
            raise FileNotFoundError(f"{self.path} holds no finished epoch of a run: there is no {name}") from None
        except (ValueError, RecursionError, csv.Error) as error:
            raise ValueError(f"{path}: {error}") from error


def is_plain_name(name: Any) -> bool:
    """Whether this is a class name that may be printed: a line of text without control characters."""
    return isinstance(name, str) and 0 < len(name) <= _MAX_NAME and name.isprintable()


def _history_table(record: Record) -> str:
    rows = zip(*record.history.values(), strict=True)
    return to_csv([["epoch", *record.history], *([epoch, *values] for epoch, values in enumerate(rows))])


def _matrix_table(report: Report) -> str:
    rows = zip(report.class_names, np.asarray(report.matrix), strict=True)
    return to_csv([["true \\ predicted", *report.class_names], *([name, *map(_plain, row)] for name, row in rows)])


def _plain(count: float) -> int | float:
    return int(count) if float(count).is_integer() else float(count)


def _parse_info(content: bytes) -> Info:
    fields = json.loads(content)
    if not isinstance(fields, dict) or fields.keys() != Info.__dataclass_fields__.keys():
        raise ValueError(f"expected an object with {', '.join(Info.__dataclass_fields__)}")
    info = Info(**fields)
    fine = {
        "arguments": isinstance(info.arguments, dict),
        "class_names": isinstance(info.class_names, list) and all(map(is_plain_name, info.class_names)),
        "versions": isinstance(info.versions, dict),
        "note": info.note is None or is_plain_name(info.note),
        "num_epochs": _is_count(info.num_epochs),
        "best_epoch": info.best_epoch is None or _is_count(info.best_epoch),
        "finished": isinstance(info.finished, bool),
    }
    bad = [name for name, is_fine in fine.items() if not is_fine]
    if bad:
        raise ValueError(f"{bad[0]!r} is not what a run writes")
    return info


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 0


def _parse_matrix(content: bytes, info: Info) -> Report:
    header, *rows = csv.reader(io.StringIO(content.decode("utf-8"), newline=""), strict=True)
    names, found = info.class_names, (header[1:], [row[0] if row else "" for row in rows])
    if found not in ((names, names), ([*map(guard, names)],) * 2):  # older runs hold names without a guard
        raise ValueError("rows and columns must be the class names of run.json")
    if any(len(row) != len(header) for row in rows):
        raise ValueError(f"every row must have {len(names)} counts")
    matrix = np.array([[float(count) for count in row[1:]] for row in rows])
    return Report(matrix, names, note=info.note)
