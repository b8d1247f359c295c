"""`ScoreLogger`: at the end of each epoch, scores of training and validation data from counts that fit has made."""

import time
import weakref
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import keras

from fmnist_tf.callbacks.epoch_counts import EpochCounts, loggers_of
from fmnist_tf.callbacks.epoch_log import EpochLog, check_folder
from fmnist_tf.callbacks.evaluator import ExtraDataEvaluator
from fmnist_tf.callbacks.extra_data import check_batched, parse_datasets
from fmnist_tf.callbacks.facts import facts_of
from fmnist_tf.callbacks.keys import LogKeys, bare_keys, check_class_names, check_keys, check_reading
from fmnist_tf.callbacks.reading import Reading, Wanted
from fmnist_tf.callbacks.record import Record
from fmnist_tf.callbacks.recording import RecordingCallback
from fmnist_tf.callbacks.row_log import KeptRows, RowLog
from fmnist_tf.callbacks.slices import SliceKeys
from fmnist_tf.callbacks.snapshots import Snapshot
from fmnist_tf.callbacks.windows import BatchWindows
from fmnist_tf.distribute import is_chief
from fmnist_tf.metrics import CountMetric
from fmnist_tf.metrics.arguments import check_optional_count
from fmnist_tf.metrics.score_set import DEFAULT_SCORES


class ScoreLogger(RecordingCallback):
    """Writes scores into `logs` and `history` at the end of each epoch, with no second pass over fit's data.

    It reads the counts of a metric of this package in `compile`: those of training when validation begins, those of
    validation when it ends. Metrics of scores beside it, such as `CurveSet` and `AUROC`, are read along: their values
    that are one number, live or not, go where the other scores go, and the report of the last epoch holds AUROC,
    average precision and suggested thresholds; histograms of earlier epochs are not kept.

    **Order.** Place it before callbacks that monitor its keys, such as EarlyStopping and ModelCheckpoint, and give
    those a mode. A callback after it must not evaluate or train the model in on_train_batch_begin or
    on_test_batch_begin, which is an error; in any other hook its rows are left out.

    **Keys.** Training scores stand under their name ("macro_f1"), those of a data set under set and name
    ("val_macro_f1"), those of a class under "val_f1_score/Shirt". In a model of several outputs the output's name comes
    before the score ("val_digit_macro_f1"), also in keys that a compiled `ScoreSet` or `CurveSet` of that output has
    written without it. Characters that MLflow does not take become "_". A key that a compiled metric has written is
    left alone in `logs`; `history` holds the float64 value. Two values for one key are an error.

    **Epochs** are printed from 1, and counted from 0 in `epochs`, `report(epoch=)` and history.jsonl. With Keras'
    progress bar the line of an epoch is printed below the bar, when the next epoch or the end of training begins.

    Keras calls no hook after an exception or Ctrl-C: call `finish()` then. `model.evaluate(..., callbacks=[logger])`
    records under the name "evaluate". Of several workers each must have a logger, since reading a metric needs all;
    the chief alone writes and prints.

    Args:
        data: more data to score at the end of each epoch: `(x, y)`, `(x, y, sample_weight)`, a tf.data.Dataset or a
            keras.utils.PyDataset, with all structures that `validation_data` takes; or a dict of named ones. An unnamed
            one is called "val". Sample weights count as in fit: if the metric that is read is one of
            `weighted_metrics`, or if there is none.
        scores: names of scores, as `ScoreSet` takes them.
        per_class: names of scores to log for every class.
        class_names: names of the classes; by default "0" to "C-1". One sigmoid output has two classes, no and yes.
        batch_interval: None, or after how many batches to note the scores of just those batches in `batches`.
        log_dir: run folder to write, as `fmnist-tf report` reads it, and TensorBoard events; None writes nothing.
        verbose: 0 is silent, 1 prints a line an epoch, 2 the report at the end as well.
        show: names of scores in the printed line, of `scores` or of a curve metric; the last of `scores` by default.
        metric: the compiled metric to read; None chooses one, unweighted before weighted, with a matrix before without.
        output: the output to read, of a model with metrics on several.
        by: names of slices of `ScoreSet(by=)` or `CurveSet(by=)`: each score is logged for every value, as
            "val_macro_f1/site/north", and where one side is better for the worst one, "val_macro_f1/site/worst".
        min_support: how many rows a value must have to be the worst; "other" never is.
        rows: whether to keep id, label, prediction, confidence and slices of every row of validation and of `data`; a
            dict {"val": x_val} keeps them and shows images of the mistakes, x_val[id], on page and in TensorBoard.
            "scores", or "scores": True in the dict, keeps in "scores" the probabilities of all C classes or columns
            too, for `compare` by AUROC: 4 C bytes a row, at most 512 MiB a set.

    Attributes:
        history: key -> list of float64 values, one an epoch that had them.
        counts: "train", "val" or the name of a data set -> list of `Counts` of arrays (C,), one an epoch; of one
            sigmoid output (1,), those of yes.
        matrices: likewise, arrays (C, C), where a matrix was counted; of one sigmoid output always, (2, 2).
        epochs: likewise, the epochs they belong to; of "evaluate" the number of the evaluation.
        batches: list of {"epoch", "batch", "scores"} with `batch_interval`.
        rows: data set -> structured array of the last epoch, by id: id, label, predicted, confidence, weight, slices.
        seconds: durations of each epoch ("epoch"), of its part before validation ("train"), and of each entry of
            `batches` ("window").

    Raises:
        ValueError: an argument is not what it must be, or two keys would be one. Before the first batch where the
            model tells it, else after it: there is neither a metric to read nor `data`, `output` has none,
            `class_names` do not fit, or a key would stand for two values. At the end of the first epoch: `data` has
            "val" beside fit's own validation.
        TypeError: `data` is of another kind, such as a generator.

    Example:
        >>> import keras, numpy as np
        >>> from fmnist_tf import ScoreLogger, ScoreSet
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, "softmax", kernel_initializer="zeros")])
        >>> model.compile(keras.optimizers.SGD(0.0), "sparse_categorical_crossentropy", metrics=[ScoreSet(live=())])
        >>> logger = ScoreLogger(class_names=("cat", "dog"), per_class=("recall",))
        >>> x, y = np.zeros((40, 2)), np.repeat([0, 1], 20)
        >>> _ = model.fit(x, y, epochs=1, verbose=0, callbacks=[logger])
        epoch 1: train macro_f1 0.3333 [0.2477, 0.4358]; worst class dog, F1 0.0000; recall 0: dog
        >>> logger.history["recall/cat"], logger.matrices["train"][0].tolist()
        ([1.0], [[20.0, 0.0], [20.0, 0.0]])
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
        show: Iterable[str] | None = None,
        metric: CountMetric | None = None,
        output: str | None = None,
        by: Iterable[str] | str = (),
        min_support: int = 30,
        rows: bool | Literal["scores"] | Mapping[str, Any] = False,
    ):
        names = check_class_names(class_names)
        super().__init__(LogKeys.of(scores, per_class, names), parse_datasets(data), show)
        self.class_names = names
        self.batch_interval = check_optional_count("batch_interval", batch_interval)
        self.log_dir = None if log_dir is None else Path(log_dir)
        if self.log_dir is not None:
            check_folder(self.log_dir)
        self.verbose, self.metric, self.output = verbose, metric, output
        self._slice_keys, self._kept = SliceKeys.of(by, min_support), KeptRows.of(rows)
        self._wanted = Wanted(metric, output, bool(self.datasets))
        self._clear()

    def _clear(self) -> None:
        """Forgets an earlier run."""
        self._take(Record())
        self.rows, self._row_log = {}, None
        self.batches: list[dict[str, Any]] = []
        self.seconds: dict[str, list[float]] = {"epoch": [], "train": [], "window": []}
        self._windows = BatchWindows(self.batch_interval, self.batches, self.seconds["window"])
        self._pending: dict[str, Snapshot] = {}
        self._disturbed: set[str] = set()
        self._bare_keys: list[str] = []
        self._line: str | None = None
        self._in_epoch, self._finished, self._alone, self._checked = False, True, False, False
        self._counts: EpochCounts | None = None
        self._evaluation: EpochCounts | None = None
        self._evaluator: ExtraDataEvaluator | None = None
        self._log: EpochLog | None = None

    # Hooks: each delegates to one job

    def set_model(self, model: keras.Model) -> None:
        """Keras calls it for each fit, evaluate or predict that the callback is given to; fit's begin says which."""
        super().set_model(model)
        self._alone = True

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Begins a new record, and refuses what is known not to work."""
        if self._counts is not None:
            self._counts.close()
        self._clear()
        self._finished = False
        self._counts = self._follow(self._wanted)
        self._counts.close_left()
        self._row_log = RowLog(self._trained, self.output, scores=self._kept.scores) if self._kept.are_kept else None
        self._check_early(self._counts)
        self._speaks = is_chief(self._trained.distribute_strategy)
        self._has_bar = bool((self.params or {}).get("verbose"))
        if self.log_dir and self._speaks:
            self._log = EpochLog(self.log_dir, facts_of(self._trained, self.params or {}), self._kept.images)

    def on_predict_begin(self, logs: dict | None = None) -> None:
        """Has nothing to read."""
        self._alone = False

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        """Prints the line of the last epoch, starts the clock and the counts."""
        self._print_line()
        self._now.start(wipe=True)
        self._in_epoch, self._epoch, self._pending, self._disturbed = True, epoch, {}, set()
        self._windows.start(epoch)
        self._began = time.perf_counter()

    def on_train_batch_begin(self, batch: int, logs: dict | None = None) -> None:
        """Starts the clock of a window of batches, and leaves out rows of an evaluation between two batches."""
        self._now.begin_batch(batch, training=True)
        self._windows.begin_batch()

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        """Notes the scores of the last `batch_interval` batches; after the first batch, checks what is known now."""
        self._now.end_batch(batch)
        if not self._checked:
            self._check_late()
        if self._reading.counted is not None:
            self._windows.end_batch(batch, self._now.read_counts, self.keys.scores)

    def on_test_begin(self, logs: dict | None = None) -> None:
        """Keeps the training counts before validation wipes them; or begins a separate evaluation."""
        if self._alone:
            self._evaluation = self._follow(self._wanted._replace(optional=False))
            self._evaluation.start()
        elif self._in_epoch and "val" in self.datasets:
            raise ValueError(
                "`data` has a set called 'val' and fit has validation data; name it otherwise: data={'test': ...}"
            )
        elif self._in_epoch:
            self._keep_train()
            self._now.start()
            if self._row_log is not None:
                self._row_log.start(self._reading)

    def on_test_batch_begin(self, batch: int, logs: dict | None = None) -> None:
        """Leaves out rows of an evaluation between two batches."""
        (self._evaluation or self._now).begin_batch(batch, training=False)

    def on_test_batch_end(self, batch: int, logs: dict | None = None) -> None:
        """Ends what belongs to the batch."""
        (self._evaluation or self._now).end_batch(batch)
        if self._row_log is not None and self._in_epoch:
            self._row_log.fetch()

    def on_test_end(self, logs: dict | None = None) -> None:
        """Keeps the validation counts, or those of a separate evaluation."""
        if self._evaluation is not None:
            self._record_evaluation(self._evaluation)
        elif self._in_epoch:
            self._keep("val")
            if self._row_log is not None:
                self.rows["val"] = self._row_log.finish()

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Scores everything kept and the data given, and writes logs, history and files."""
        self._keep_train()
        self._in_epoch = False
        self._pending |= self._score_datasets()
        self.seconds["epoch"].append(time.perf_counter() - self._began)
        self._write(epoch, {} if logs is None else logs)
        if not self._has_bar:
            self._print_line()

    def on_train_end(self, logs: dict | None = None) -> None:
        """Makes the report."""
        self.finish()

    def finish(self) -> None:
        """Writes the report of what was recorded; Keras calls no hook after an exception or Ctrl-C, so call it then."""
        self._in_epoch = False
        if self._finished:
            return
        self._finished = True
        self._now.close()
        if self._row_log is not None:
            self._row_log.close()
        self._print_line()
        if self._record.snapshots and self._speaks:
            self._finish_report()

    # The jobs of the hooks

    @property
    def _trained(self) -> keras.Model:
        assert self.model is not None, "Keras sets the model before any hook"
        return self.model

    @property
    def _now(self) -> EpochCounts:
        assert self._counts is not None, "Keras begins training before any other hook"
        return self._counts

    @property
    def _reading(self) -> Reading:
        return self._now.reading or Reading()

    def _follow(self, wanted: Wanted) -> EpochCounts:
        counts = EpochCounts(self._trained, wanted, self.keys)
        weakref.finalize(self, counts.close)
        counts.open()
        return counts

    def _check_early(self, counts: EpochCounts) -> None:
        """Refuses before the first batch what can be known by then."""
        for name, values in self.datasets.items():
            check_batched(name, values, self._trained)
        reading = counts.reading or self._wanted.preview(self._trained)
        if reading is not None:
            check_reading(self._trained, reading, self.output, self.keys, self.show)
            self._slice_keys.check(reading)

    def _check_late(self) -> None:
        """Refuses after the first batch what could not be known before."""
        self._checked = True
        self._record.output = self._reading.output
        check_reading(self._trained, self._reading, self.output, self.keys, self.show)
        self._slice_keys.check(self._reading)
        check_keys(self._trained, loggers_of(self._trained))
        self._bare_keys = bare_keys(self._trained, self._reading.output)

    def _keep_train(self) -> None:
        """Takes the training counts, once an epoch: when validation begins or, without any, when the epoch ends."""
        if self._in_epoch and "train" not in self._pending:
            self._keep("train")
            self.seconds["train"].append(time.perf_counter() - self._began)

    def _keep(self, name: str) -> None:
        if self._reading.counted is not None:
            self._disturbed |= {name} if self._now.disturbed else set()
            self._pending[name] = self._now.read()
            self._now.stop()

    def _score_datasets(self) -> dict[str, Snapshot]:
        if self._evaluator is None:
            self._evaluator = ExtraDataEvaluator(
                self._trained, self.datasets, self._reading, self.output, self._row_log
            )
        snapshots = self._evaluator.score()
        self.rows |= self._evaluator.rows
        return snapshots

    def _write(self, epoch: int, logs: dict) -> None:
        """One epoch into record, logs and files."""
        for key in self._bare_keys:
            logs.pop(key, None)
        written: dict[str, float] = {}
        for name, snapshot in self._pending.items():
            values = self.keys.values(name, snapshot, self._reading.output)
            values |= self._slice_keys.values(name, snapshot, self.keys.scores, self._reading.output)
            self._record.add(name, epoch, snapshot, values)
            written |= values
            for key, value in values.items():
                if name in self._disturbed or key not in logs:
                    logs[key] = value
        self._log_epoch(epoch, logs | written)
        self._compare_rows(epoch)
        self._line = self.summary() if self.verbose and self._pending and self._speaks else None

    def _record_evaluation(self, evaluation: EpochCounts) -> None:
        """An evaluation that the callback was given to by itself."""
        self._evaluation, self._alone = None, False
        snapshot = evaluation.read()
        evaluation.close()
        self._record.output = evaluation.reading.output if evaluation.reading else None
        values = self.keys.values("evaluate", snapshot, self._record.output)
        self._record.add("evaluate", len(self.epochs.get("evaluate", ())), snapshot, values)
        if self.verbose and is_chief(self._trained.distribute_strategy):
            below = "\n" if (self.params or {}).get("verbose") else ""
            print(below + self._describe("evaluate", "evaluate"))
