"""`RunFolder`: the files of one run, written and read."""

import importlib.util
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from fmnist_tf.files import atomic_write, clear_drafts, read_arrays, read_bytes, save_arrays, to_csv, to_json
from fmnist_tf.files.arrays import MAX_TEXT_BYTES
from fmnist_tf.report import Report
from fmnist_tf.report.run_folder.info import BEST_BY, Info, parse_info
from fmnist_tf.report.run_folder.parquet import write_parquet
from fmnist_tf.report.run_folder.record import Record, parse_history, parse_intervals
from fmnist_tf.report.run_folder.saved import report_arrays, saved_report

MODEL, INFO, CHECKPOINT = "model.keras", "run.json", "checkpoint.npz"
MATRIX, REPORT, ROWS, PAGE = "confusion_matrix.csv", "report.npz", "rows.npz", "report.html"
SUSPECTS, GALLERY = "suspects.csv", "gallery.npz"
#: Files that the command writes once training has finished.
AT_END = (ROWS, "rows.parquet", SUSPECTS, GALLERY, "suspects.png", "data_map.png")
FILES = (
    INFO,  # the first to be removed: without it there is no run
    CHECKPOINT,
    MODEL,
    REPORT,
    MATRIX,
    "history.json",
    "history.csv",
    "history.jsonl",
    "intervals.json",
    "matrices.npz",
    "report.json",
    "report.txt",
    PAGE,
    *AT_END,
    "confusion_matrix.png",
    "curves.png",
)
#: Those that the command writes; a log_dir has neither model nor checkpoint, but history.jsonl.
OF_COMMAND = frozenset(FILES) - {"history.jsonl"}

_MAX_BYTES = 2**30
_DRAWN = 20  # suspects in a picture


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
        """Writes history and intervals, and the matrices that it holds."""
        self._write_text("history.json", to_json(record.history))
        self._write_text("history.csv", record.table())
        self._write_text("intervals.json", to_json(record.intervals))
        if record.matrices:
            stacked = {name: np.stack(values) for name, values in record.matrices.items()}
            with self.atomic_write("matrices.npz") as draft:
                save_arrays(draft, {"epochs": np.arange(record.num_epochs), **stacked})

    def write_counts(self, report: Report) -> None:
        """Writes what `read_report` reads; its intervals are not computed."""
        with self.atomic_write(REPORT) as draft:
            save_arrays(draft, report_arrays(report))

    def write_report(self, report: Report, suspects: str | None = None) -> None:
        """Writes the report, a sentence on suspect labels below it, and its confusion matrix."""
        self.write_counts(report)
        if report.matrix is not None and report.matrix.ndim == 2:
            self._write_text(MATRIX, _matrix_table(report))
        self._write_text("report.json", to_json(report.to_dict()))
        self._write_text("report.txt", report.text() + (f"\n{suspects}\n" if suspects else ""))

    def write_rows(self, rows: Mapping[str, np.ndarray]) -> None:
        """Writes structured arrays by the name of their set; as a table too, where pyarrow is installed."""
        with self.atomic_write(ROWS) as draft:
            save_arrays(draft, rows)
        if importlib.util.find_spec("pyarrow") is not None:
            with self.atomic_write("rows.parquet") as draft:
                write_parquet(draft, rows)

    def write_pictures(self, record: Record, report: Report, best_by: str = BEST_BY) -> None:
        """Draws the pictures, where matplotlib is installed and there is something to draw."""
        if importlib.util.find_spec("matplotlib") is None:
            return
        from fmnist_tf.plots.run import run_figures

        for name, figure in run_figures(record, report, best_by).items():
            with self.atomic_write(name) as draft:
                figure.savefig(draft)

    def write_suspect_plots(self, table: np.ndarray, rows: np.ndarray, images: Any, class_names: Sequence[str]) -> None:
        """Draws the data map of a ledger's table and its first suspects, where matplotlib is installed."""
        if importlib.util.find_spec("matplotlib") is None:
            return
        from fmnist_tf.plots import plot_cartography, plot_suspects

        first = rows[:_DRAWN]
        suspects = plot_suspects(first, images, class_names, predicted=first["predicted"])
        for name, figure in {"data_map.png": plot_cartography(table), "suspects.png": suspects}.items():
            with self.atomic_write(name) as draft:
                figure.savefig(draft)

    def atomic_write(self, name: str) -> AbstractContextManager[Path]:
        """A path to write to, which takes the place of the file `name` once the block has ended well."""
        return atomic_write(self.path / name)

    def _write_text(self, name: str, text: str) -> None:
        with self.atomic_write(name) as draft:
            draft.write_text(text, encoding="utf-8", newline="")

    # Reading

    def read_info(self) -> Info:
        """Reads run.json.

        Raises:
            FileNotFoundError: there is none.
            ValueError: it is not what a run has written.
        """
        return self._read(INFO, parse_info)

    def read_report(self) -> Report:
        """The report of the run, made again from its counts.

        Raises:
            FileNotFoundError: the folder holds no run, or one without a finished epoch.
            ValueError: a file is not what a run has written.
        """
        info = self.read_info()
        return self._read(REPORT, lambda b: saved_report(read_arrays(b), info.class_names, info.note), _MAX_BYTES)

    def read_record(self) -> Record:
        """History and intervals, without the matrices.

        Raises:
            FileNotFoundError: there is no history.
            ValueError: a file is not what a run has written.
        """
        history = self._read("history.json", parse_history)
        known = (self.path / "intervals.json").exists()
        intervals = self._read("intervals.json", parse_intervals) if known else {}
        return Record(_without_none(history), {}, intervals)

    def read_rows(self) -> dict[str, np.ndarray]:
        """Name of a set -> its rows; {} where none were kept.

        Raises:
            ValueError: the file is not what a run has written.
        """
        return self._read(ROWS, read_arrays, _MAX_BYTES) if os.path.lexists(self.path / ROWS) else {}

    def _read(self, name: str, parse: Callable[[bytes], Any], limit: int = MAX_TEXT_BYTES) -> Any:
        path = self.path / name
        try:
            return parse(read_bytes(path, limit))
        except FileNotFoundError:
            raise FileNotFoundError(f"{self.path} holds no finished epoch of a run: there is no {name}") from None
        except (ValueError, RecursionError) as error:
            raise ValueError(f"{path}: {error}") from error


def _without_none(history: Mapping[str, list[float | None]]) -> dict[str, list[float]]:
    """Columns of one length, NaN where there is no value."""
    length = max((len(column) for column in history.values()), default=0)
    filled = {name: [*column, *[None] * (length - len(column))] for name, column in history.items()}
    return {name: [np.nan if value is None else value for value in column] for name, column in filled.items()}


def _matrix_table(report: Report) -> str:
    rows = zip(report.class_names, np.asarray(report.matrix), strict=True)
    lines = [["true \\ predicted", *report.class_names], *([name, *map(_plain, row)] for name, row in rows)]
    return to_csv(lines)


def _plain(count: float) -> int | float:
    return int(count) if float(count).is_integer() else float(count)
