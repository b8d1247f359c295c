"""`RecordingCallback`: the questions to a callback that has recorded epochs, during training and afterwards."""

import shutil
from collections.abc import Iterable, Mapping
from typing import Any, Literal

import keras
import numpy as np

from fmnist_tf.callbacks.epoch_log import Epoch, EpochLog
from fmnist_tf.callbacks.keys import LogKeys, key_of
from fmnist_tf.callbacks.line import describe, fold
from fmnist_tf.callbacks.paired_changes import PairedChanges
from fmnist_tf.callbacks.record import Record, is_better_low, main_name, main_score
from fmnist_tf.callbacks.snapshots import Snapshot
from fmnist_tf.report import Report
from fmnist_tf.rows.recorder import find_mistakes
from fmnist_tf.rows.steps import Ladder, Scoring


class RecordingCallback(keras.callbacks.Callback):
    """A callback with a `Record`: its reports, its best epoch, its line on the last one; it can be copied and pickled.

    Args:
        keys: the scores it records.
        datasets: name -> data set that it scores itself.
        show: names of the scores in the line of an epoch; None for the last of `keys`.
    """

    def __init__(self, keys: LogKeys, datasets: Mapping[str, Any], show: Iterable[str] | None):
        super().__init__()
        self.keys, self.datasets = keys, datasets
        keys.check(datasets)
        self.show = None if show is None else (show,) if isinstance(show, str) else tuple(show)
        self._pending: dict[str, Snapshot] = {}
        self.rows: dict[str, np.ndarray] = {}
        self._line: str | None = None
        self._log: EpochLog | None = None
        self.verbose = 1
        self._take(Record())

    def _take(self, record: Record) -> None:
        """Continues with a record."""
        self._record = record
        self._changes = PairedChanges()
        self.history, self.counts, self.matrices = record.history, record.counts, record.matrices
        self.epochs = record.epochs

    def report(self, name: str = "val", epoch: int | Literal["best"] | None = None) -> Report:
        """The report of "train", "val", "evaluate" or a named data set.

        Args:
            name: the data set.
            epoch: the epoch, from 0; "best" for `best_epoch`; None for the last.

        Returns:
            A report that says which epoch it is of.

        Raises:
            KeyError: nothing was recorded under that name.
            ValueError: nothing was recorded in that epoch.
        """
        found = self.best_epoch if epoch == "best" else epoch
        if epoch == "best" and found is None:
            raise ValueError("there is no best epoch: no score was recorded, or all values are NaN")
        snapshot, found = self._record.find(name, found)
        return snapshot.report(self.keys.names(snapshot.num_classes), None if name == "evaluate" else found)

    @property
    def best_epoch(self) -> int | None:
        """The epoch, from 0, with the best value of the first of macro_f1, accuracy and scores[0] that is logged.

        It looks at validation data if there are any, else at the first of `data`, else at training data. The earlier
        epoch on a tie; None without a value.
        """
        main = main_name(self._record.snapshots, self.datasets)
        return self._record.best_epoch(main, self.keys.scores)

    def mistakes(
        self, name: str = "val", label: int | str | None = None, predicted: int | str | None = None, k: int | None = 20
    ) -> np.ndarray:
        """The wrong predictions of the last epoch, the most confident first; with `rows=True`.

        Args:
            name: the data set: "val" or a named one.
            label: keep those of this class, an id or a name of `class_names`; None for all.
            predicted: keep those predicted as this class, an id or a name; None for all.
            k: how many at most; None for all.

        Returns:
            Rows of `rows[name]`.

        Raises:
            KeyError: no rows were kept of that set.
            ValueError: a name that is no class.
        """
        if name not in self.rows:
            kept = ", ".join(self.rows) or "nothing"
            raise KeyError(f"no rows were kept of {name!r}, only of {kept}; give ScoreLogger(rows=True)")
        return find_mistakes(self.rows[name], label, predicted, k, self.keys.class_names)

    def scoring(self, name: str) -> Scoring:
        """How the rows of a data set become the scores that are logged.

        Args:
            name: the data set.
        """
        return self._record.snapshots[name][-1].scoring

    def follow(self, name: str, ladder: Ladder) -> None:
        """Lets the line of an epoch compare with the announced best of a ladder.

        Args:
            name: the data set whose rows the ladder compares.
            ladder: it is stepped at the end of an epoch, if its score is one of those in the line.
        """
        self._changes.follow(name, ladder)

    def _compare_rows(self, epoch: int) -> None:
        """Compares the shown scores with an earlier epoch, row by row, where there are rows."""
        name = main_name(self._pending, self.datasets)
        if name in self._pending and name in self.rows:
            values = {score: self._record.last_value(name, score) for score in self._shown}
            scoring = self.scoring(name)
            self._changes.step(epoch, name, self.rows[name], values, selections=self.keys.scores, scoring=scoring)

    @property
    def _shown(self) -> tuple[str, ...]:
        return tuple(self.keys.scores)[-1:] if self.show is None else self.show

    def summary(self) -> str:
        """One line on the last epoch: scores with interval and change, worst class, classes of recall 0.

        With rows the change is that from the best epoch so far, with its paired interval: an epoch is better than the
        last one that was better, or within noise; with a `LadderStopping` of that score, better than the announced one.
        """
        name = main_name(self._pending, self.datasets)
        return self._describe(name, f"epoch {self.epochs[name][-1] + 1}: {name}")

    def _describe(self, name: str, title: str) -> str:
        now, before = self._record.last_two(name)
        title = title if self._record.output is None else f"{title} {self._record.output}"
        paired = self._changes.texts(name) if name in self._pending else {}
        return describe(title, now, before, self._shown, self.keys, paired=paired)

    def _print_line(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            print(fold(line, shutil.get_terminal_size().columns) if self._changes else line)

    def _log_epoch(self, number: int, logs: Mapping[str, Any]) -> None:
        """Writes the files of an epoch, if there is a folder for them."""
        if self._log is None or not self._pending:
            return
        name, score = main_name(self._record.snapshots, self.datasets), main_score(self.keys.scores)
        least = score is None or is_better_low(self.keys.scores[score])
        best_by = key_of(name, score or "loss", self._record.output), least
        parts = self._pending, self.rows, self.report(name), name, best_by, self._intervals(score)
        self._log.write(Epoch(number, logs, *parts))

    def _intervals(self, score: str | None) -> dict[str, Any]:
        """Key -> the ends of the interval of the score that tells the best epoch, of each set of the last epoch."""
        if score is None:
            return {}
        found = {name: part.interval(self.keys.scores[score]) for name, part in self._pending.items()}
        return {
            key_of(name, score, self._record.output): ends and (float(ends.low), float(ends.high))
            for name, ends in found.items()
        }

    def _finish_report(self) -> None:
        report = self.report(main_name(self._record.snapshots, self.datasets))
        if self._log is not None:
            self._log.finish(report)
        if self.verbose > 1:
            print(report)

    # Copies: without the model, and without the state of a running fit

    def __getstate__(self) -> dict[str, Any]:
        """Arguments and record, which can be pickled if `data` can; scores are functions, so their names are kept."""
        fleeting = dict.fromkeys(("_model", "params", "_counts", "_evaluation", "_evaluator", "_log", "_row_log"))
        return self.__dict__ | fleeting | {"keys": self.keys.names_of_scores()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Looks the scores up again."""
        self.__dict__.update(state | {"keys": LogKeys.of(*state["keys"])})
