"""`ScoreLogger`: at the end of each epoch, scores of training and validation data from counts that fit has made."""

import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from fmnist_tf.callbacks.compiled import (
    check_order,
    choose,
    compiled_keys,
    find_compiled,
    has_one_output,
    nothing_to_read,
)
from fmnist_tf.callbacks.curve_metrics import CurveMetrics
from fmnist_tf.callbacks.epoch_counts import EpochCounts
from fmnist_tf.callbacks.epoch_log import EpochLog, check_folder
from fmnist_tf.callbacks.extra_data import ExtraDataEvaluator, parse_datasets
from fmnist_tf.callbacks.snapshots import Snapshot, key_of
from fmnist_tf.counts import Counts
from fmnist_tf.distribute import is_chief
from fmnist_tf.intervals import interval
from fmnist_tf.metrics import CountMetric
from fmnist_tf.metrics.arguments import check_class_ids, check_optional_count
from fmnist_tf.metrics.base import StateMetric
from fmnist_tf.metrics.score_set import DEFAULT_SCORES
from fmnist_tf.report import Report
from fmnist_tf.scores import find_score


class ScoreLogger(keras.callbacks.Callback):
    """Writes scores into `logs` and `history` at the end of each epoch, with no second pass over fit's data.

    It reads the counts of a metric of this package in `compile`: those of training when validation begins, those of
    validation when it ends. Metrics of scores beside it, such as `CurveSet` and `AUROC`, are read along: what they say
    in one number, live or not, goes where the other scores go, and the report of the last epoch holds AUROC, average
    precision and better thresholds; histograms of earlier epochs are not kept.

    Put it before callbacks that monitor its keys, such as EarlyStopping and ModelCheckpoint, and give those a mode.

    Training scores stand under their name ("macro_f1"), those of a data set under set and name ("val_macro_f1"), those
    of a class under "val_f1_score/Shirt". A key that a compiled metric has written is left alone in `logs`; `history`
    holds the float64 value. Keras calls no hook after an exception or Ctrl-C: call `finish()` then. Of several workers
    each must have one, since reading a metric needs all; the chief alone writes and prints.

    Args:
        data: more data to score at the end of each epoch: `(x, y)`, `(x, y, sample_weight)`, a tf.data.Dataset, or a
            dict of named ones. An unnamed set is called "val".
        scores: names of scores, as `ScoreSet` takes them.
        per_class: names of scores to log for every class.
        class_names: names of the classes; by default "0" to "C-1".
        batch_interval: None, or after how many batches to note the scores of just those batches in `batches`.
        log_dir: folder for `history.jsonl`, `matrices.npz`, `report.txt` and TensorBoard events; None writes nothing.
        verbose: 0 is silent, 1 prints a line an epoch, 2 the report at the end as well.
        output: which output of a model of several to read.

    Attributes:
        history: name -> list of float64 values, one an epoch that had them.
        counts: "train", "val" or the name of a data set -> list of `Counts` of arrays (C,), one an epoch.
        matrices: likewise, arrays (C, C), where a matrix was counted.
        epochs: likewise, the epochs they belong to.
        batches: list of {"epoch", "batch", "scores"} with `batch_interval`.
        seconds: durations of each epoch ("epoch"), of its part before validation ("train"), and of each entry of
            `batches` ("window").

    Raises:
        ValueError: at the start of training if there is neither a metric to read nor `data`; if a callback that stands
            before this one monitors a key that only this one writes. Later if a data set is called "val" beside fit's
            own validation.
    """

    def __init__(
        self,
        data: Any = None,
        *,
        scores: Iterable[str] = DEFAULT_SCORES,
        per_class: Iterable[str] = (),
        class_names: Sequence[str] | None = None,
        batch_interval: int | None = None,
        log_dir: str | Path | None = None,
        verbose: int = 1,
        output: str | None = None,
    ):
        super().__init__()
        self.datasets = parse_datasets(data)
        self.selections = {name: find_score(name) for name in _names(scores)}
        self.per_class = {name: find_score(name) for name in _names(per_class)}
        self.class_names = None if class_names is None else [str(name) for name in class_names]
        self.batch_interval = check_optional_count("batch_interval", batch_interval)
        self.log_dir = None if log_dir is None else Path(log_dir)
        if self.log_dir is not None:
            check_folder(self.log_dir)
        self.verbose = verbose
        self.output = output
        self._in_epoch = False
        self._clear()

    def _clear(self) -> None:
        """Forgets what an earlier run recorded."""
        self.history: dict[str, list[float]] = {}
        self.counts: dict[str, list[Counts]] = {}
        self.matrices: dict[str, list[np.ndarray]] = {}
        self.epochs: dict[str, list[int]] = {}
        self.batches: list[dict[str, Any]] = []
        self.seconds: dict[str, list[float]] = {"epoch": [], "train": [], "window": []}
        self._snapshots: dict[str, list[Snapshot]] = {}
        self._pending: dict[str, Snapshot] = {}
        self._finished = True
        self._metric: CountMetric | None = None
        self._curve_metrics = CurveMetrics()
        self._rows = EpochCounts(self, None, self._curve_metrics)

    # Hooks: each delegates to one job

    def set_model(self, model: keras.Model) -> None:
        """Forgets an epoch that an exception has cut off."""
        super().set_model(model)
        self._in_epoch = False
        self._rows.close()

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Begins a new record and finds the metric to read."""
        self._clear()
        self._finished = False
        self._metric = self._find_metric()
        self._curve_metrics = CurveMetrics.of(self._trained, self._metric)
        self._rows = EpochCounts(self, self._metric, self._curve_metrics)
        check_order(self, self._adds)
        self._scorer = ExtraDataEvaluator(self._trained, self.datasets, self._metric, self._curve_metrics, self.output)
        self._rows.watch()
        self._speaks = is_chief(self._trained.distribute_strategy)
        self._log = EpochLog(self.log_dir, self.class_names) if self.log_dir and self._speaks else None

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        """Starts the clock, and drops rows that compile left in the metrics."""
        self._reset_metrics()
        self._rows.start()
        self._in_epoch, self._epoch, self._pending = True, epoch, {}
        self._window, self._windows, self._window_began = None, 0, None
        self._began = time.perf_counter()

    def on_train_batch_begin(self, batch: int, logs: dict | None = None) -> None:
        """Starts the clock of a window of batches, and leaves out rows of an evaluation between two batches."""
        self._rows.resume()
        if self.batch_interval and self._window_began is None:
            self._window_began = time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        """Notes the scores of the last `batch_interval` batches."""
        if self.batch_interval and (batch + 1) // self.batch_interval > self._windows:
            self._windows = (batch + 1) // self.batch_interval
            self._note_window(batch)

    def on_test_begin(self, logs: dict | None = None) -> None:
        """Keeps the training counts before validation wipes them; on its own, wipes what compile left."""
        if not self._in_epoch:
            self._reset_metrics()
        elif "val" in self.datasets:
            raise ValueError(
                "`data` has a set called 'val' and fit has validation data; name it otherwise: data={'test': ...}"
            )
        else:
            self._keep_train()
            self._rows.start()

    def on_test_batch_begin(self, batch: int, logs: dict | None = None) -> None:
        """Leaves out rows of an evaluation between two batches."""
        self._rows.resume()

    def on_test_end(self, logs: dict | None = None) -> None:
        """Keeps the validation counts."""
        if self._in_epoch and self._metric is not None:
            self._pending["val"] = self._rows.read()
            self._rows.stop()

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Scores everything kept and the data given, and writes logs, history and files."""
        self._keep_train()
        self._in_epoch = False
        self._pending |= self._scorer.score()
        self.seconds["epoch"].append(time.perf_counter() - self._began)
        self._record(epoch, {} if logs is None else logs)

    def on_train_end(self, logs: dict | None = None) -> None:
        """Makes the report."""
        self.finish()

    def finish(self) -> None:
        """Writes the report of what was recorded; Keras calls no hook after an exception or Ctrl-C, so call it then."""
        self._in_epoch = False
        if self._finished:
            return
        self._finished = True
        self._rows.close()
        if self._snapshots:
            report = self.report(self._main_name(self._snapshots))
            if self._log is not None:
                self._log.finish(report)
            if self.verbose > 1 and self._speaks:
                print(report)

    # What hooks do

    @property
    def _trained(self) -> keras.Model:
        assert self.model is not None, "Keras sets the model before any hook"
        return self.model

    def _find_metric(self) -> CountMetric | None:
        metric = choose(find_compiled(self._trained), self.output, single=has_one_output(self._trained))
        if metric is None and not self.datasets:
            raise ValueError(nothing_to_read(self._trained))
        if metric is not None and metric.num_classes is not None:
            check_class_ids(self.selections, metric.num_classes)
        return metric

    def _adds(self, key: str) -> bool:
        """Whether a key of the logs is written by this callback and by no compiled metric."""
        compiled = compiled_keys(self._trained)
        if key in compiled or ("val" not in self.datasets and key.removeprefix("val_") in compiled):
            return False
        prefixes = [key_of(name, "") for name in ("train", "val", *self.datasets)]
        scores = [key.removeprefix(prefix) for prefix in prefixes if key.startswith(prefix)]
        added = self.selections.keys() | self._curve_metrics.names
        return any(name in added or name.partition("/")[0] in self.per_class for name in scores)

    def _reset_metrics(self) -> None:
        for place in find_compiled(self._trained, StateMetric):
            place.metric.reset_state()

    def _keep_train(self) -> None:
        """Takes the training counts, once an epoch: when validation begins or, without any, when the epoch ends."""
        if self._in_epoch and self._metric is not None and "train" not in self._pending:
            self._pending = {"train": self._rows.read()}
            self._rows.stop()
            self.seconds["train"].append(time.perf_counter() - self._began)

    def _note_window(self, batch: int) -> None:
        if self._metric is None:
            return
        now = self._rows.read_counts()
        check_class_ids(self.selections, now.num_classes)
        scores = now.since(self._window).scores(self.selections)
        self.batches.append({"epoch": self._epoch, "batch": batch, "scores": scores})
        self.seconds["window"].append(time.perf_counter() - (self._window_began or self._began))
        self._window, self._window_began = now, None

    def _record(self, epoch: int, logs: dict) -> None:
        """One epoch into history, logs, files and onto the terminal."""
        values: dict[str, float] = {}
        for name, snapshot in self._pending.items():
            values |= self._values(name, snapshot)
            self.counts.setdefault(name, []).append(snapshot.counts)
            self.epochs.setdefault(name, []).append(epoch)
            kept = self._snapshots.setdefault(name, [])
            kept[-1:] = [earlier._replace(curves=None) for earlier in kept[-1:]]  # a histogram may be large
            kept.append(snapshot)
            if snapshot.matrix is not None:
                self.matrices.setdefault(name, []).append(snapshot.matrix)
        for key, value in values.items():
            self.history.setdefault(key, []).append(value)
            logs.setdefault(key, value)
        if self._log is not None:
            self._log.write(epoch, logs | values, self._pending)
        if self.verbose and self._pending and self._speaks:
            print(self.summary())

    def _values(self, name: str, snapshot: Snapshot) -> dict[str, float]:
        check_class_ids(self.selections, snapshot.num_classes)
        names = self._names_of(snapshot)
        scores = snapshot.curve_scores | snapshot.scores(self.selections)
        values = {key_of(name, score): value for score, value in scores.items()}
        for score, selection in self.per_class.items():
            classes = zip(names, snapshot.class_scores(selection), strict=True)
            values |= {f"{key_of(name, score)}/{class_name}": float(value) for class_name, value in classes}
        return values

    def _names_of(self, snapshot: Snapshot) -> list[str]:
        names = self.class_names or [str(class_id) for class_id in range(snapshot.num_classes)]
        if len(names) != snapshot.num_classes:
            raise ValueError(f"`class_names` must name {snapshot.num_classes} classes, got {len(names)}")
        return names

    # What a person asks afterwards

    def _main_name(self, recorded: Iterable[str]) -> str:
        """The set people look at first: validation, else the first given, else training."""
        return next((name for name in ("val", *self.datasets) if name in recorded), "train")

    def report(self, name: str = "val", epoch: int | None = None) -> Report:
        """The report of "train", "val" or a named data set, of one epoch or the last.

        Raises:
            KeyError: nothing was recorded under that name.
            ValueError: nothing was recorded in that epoch.
        """
        if name not in self._snapshots:
            raise KeyError(f"nothing was recorded for {name!r}; there is {', '.join(self._snapshots) or 'nothing'}")
        if epoch is not None and epoch not in self.epochs[name]:
            raise ValueError(f"epoch {epoch} was not recorded for {name!r}; there are {self.epochs[name]}")
        index = -1 if epoch is None else self.epochs[name].index(epoch)
        snapshot = self._snapshots[name][index]
        names, curves = self._names_of(snapshot), snapshot.distribution
        return Report(snapshot.matrix_or_counts, names, multiclass=snapshot.multiclass, curves=curves)

    @property
    def best_epoch(self) -> int | None:
        """The epoch with the best value so far of the last of `scores`, on validation data if any; None without one."""
        main = self._main_name(self._snapshots)
        name, selection = next(reversed(self.selections.items()), ("", None))
        values = self.history.get(key_of(main, name), [])
        if selection is None or np.all(np.isnan(values)):
            return None
        best = np.nanargmin(values) if selection.score.direction == "down" else np.nanargmax(values)
        return self.epochs[main][int(best)]

    def summary(self) -> str:
        """One line on the last epoch: score with its interval, change, worst class, forgotten classes."""
        name = self._main_name(self._pending)
        now, *before = self._snapshots[name][::-1][:2]
        words = [f"epoch {self.epochs[name][-1] + 1}: {name}"]
        for score, selection in list(self.selections.items())[-1:]:
            value = float(now.evaluate(selection))
            bounds = interval(selection, now.matrix_or_counts, multiclass=now.multiclass)
            words += [f"{score} {value:.4f}"]
            words += [f"[{bounds.low:.4f}, {bounds.high:.4f}]"] if bounds else []
            words += [f"({value - float(before[0].evaluate(selection)):+.4f})"] if before else []
        return " ".join(words) + self._about_classes(now)

    def _about_classes(self, snapshot: Snapshot) -> str:
        f1, names = snapshot.class_scores(find_score("f1_score")), self._names_of(snapshot)
        worst = int(np.nanargmin(np.where(snapshot.counts.support > 0, f1, np.inf)))
        lost = np.flatnonzero((snapshot.counts.support > 0) & (snapshot.counts.tp == 0))
        forgotten = f"; never right: {', '.join(names[k] for k in lost[:5])}" if lost.size else ""
        return f"; worst class {names[worst]}, F1 {f1[worst]:.4f}{forgotten}"


def _names(names: Iterable[str]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)
