"""Training MiniVGG on Fashion-MNIST into a run folder: the main job of the command line, and its `--resume`.

An epoch is recorded by one atomic write, the checkpoint; all other files follow from it and are written again when a
run is resumed. The order of the images is a function of the seed and the epoch, and the seeds of dropout are part of
the checkpoint, so that a run that was killed and resumed gives the same result.
"""

import shutil
import sys
import textwrap
from dataclasses import asdict, replace
from functools import partial
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf
from tensorflow.random.experimental import stateless_shuffle  # pyright: ignore[reportMissingImports] - a lazy module

from fmnist_tf.callbacks.score_logger import ScoreLogger
from fmnist_tf.distribute import broadcast, fit_workers
from fmnist_tf.fashion_mnist.announced import columns_of, make_ladder
from fmnist_tf.fashion_mnist.checkpoints import State, load_checkpoint, save_checkpoint
from fmnist_tf.fashion_mnist.data import CLASS_NAMES, Split, load_fashion_mnist
from fmnist_tf.fashion_mnist.model import decaying_sgd, mini_vgg
from fmnist_tf.fashion_mnist.options import Options
from fmnist_tf.fashion_mnist.predictions import rows_of
from fmnist_tf.intervals import interval
from fmnist_tf.metrics import ScoreSet
from fmnist_tf.report import Report
from fmnist_tf.report.html import run_page, write_page
from fmnist_tf.report.run_folder import BEST_BY, CHECKPOINT, MODEL, PAGE, Info, RunFolder, installed_versions
from fmnist_tf.rows import accept_tags, tag

LOSS = "sparse_categorical_crossentropy"
OPTIMISTIC = "these images also chose the epoch, so its scores are optimistic; --val-split chooses on others"
HELD_BACK = "of the held-back training images, which also chose the epoch; the test images are scored at the end"

_EVALUATION_BATCH = 256
_SHOWN = ("loss", "macro_f1", "val_loss", "val_macro_f1")
_BANDS = {"macro_f1": "train", "val_macro_f1": "val"}


class Images(NamedTuple):
    """The images to train on, those that choose the epoch, and those of the report if they are different."""

    train: Split
    val: Split
    test: Split | None


def load_images(options: Options) -> Images:
    """Loads the data and splits it by the options.

    Raises:
        OSError: the data cannot be read.
        ValueError: the data is damaged, or smaller than the options ask for.
    """
    train, test = load_fashion_mnist(options.data)
    train = _first("--train-size", options.train_size, train)
    test = _first("--test-size", options.test_size, test)
    if options.val_split is None:
        return Images(train, test, None)
    held_back = round(len(train[1]) * options.val_split)
    if not 0 < held_back < len(train[1]):
        raise ValueError(f"--val-split {options.val_split} leaves one side of {len(train[1])} images empty")
    order = np.random.default_rng(options.seed).permutation(len(train[1]))
    val, rest = order[:held_back], np.sort(order[held_back:])
    return Images((train[0][rest], train[1][rest]), (train[0][val], train[1][val]), test)


def train(
    options: Options,
    images: Images,
    folder: RunFolder,
    *,
    resume: bool = False,
    verbose: bool = True,
    strategy: tf.distribute.Strategy | None = None,
) -> Report:
    """Trains, or continues to train, and writes the files of the run into the folder.

    Args:
        options: the options of the training.
        images: those that `load_images(options)` gives.
        folder: an existing folder; with `resume=False` it holds no run.
        resume: whether to continue after the last finished epoch, if there is one.
        verbose: whether to show a progress bar and a line an epoch.
        strategy: that of several workers, of which this is the chief; each of the others calls `train_as_worker`.

    Returns:
        The report of the best epoch: of the test images, on which it was chosen unless `val_split` is given.

    Raises:
        ValueError: the checkpoint is damaged.
        OSError: the run cannot be written.
        ConnectionError: another worker has gone; what was recorded until then is written.
        KeyboardInterrupt: Ctrl-C; what was recorded until then is written.
    """
    model = compile_model(options, strategy)
    logger = ScoreLogger(class_names=CLASS_NAMES, verbose=0, rows=options.ladder)
    recorder = Recorder(folder, options, logger)
    folder.clear_drafts()
    recorder.begin(model, resume)
    callbacks = [logger, recorder, *_progress(logger, verbose)]
    try:
        fit(model, images, options, recorder.state.record.num_epochs, callbacks, verbose=verbose)
    except (KeyboardInterrupt, ConnectionError):
        recorder.interrupt()
        raise
    return recorder.finish(images)


def train_as_worker(options: Options, images: Images, strategy: tf.distribute.Strategy) -> None:
    """Trains as one of the workers that write nothing, beside a chief that calls `train` with the same options.

    Raises:
        ConnectionError: another worker has gone.
    """
    fit(compile_model(options, strategy), images, options, 0, [ScoreLogger(class_names=CLASS_NAMES, verbose=0)])


def compile_model(options: Options, strategy: tf.distribute.Strategy | None = None) -> keras.Model:
    """The model at the start of training, the same for the same seed."""
    keras.utils.set_random_seed(options.seed)
    with (strategy or tf.distribute.get_strategy()).scope():
        model = mini_vgg(len(CLASS_NAMES))
        # The others of the set are computed at the end of an epoch: each scalar in the logs costs every step.
        model.compile(
            decaying_sgd(options.planned_epochs or options.epochs), LOSS, metrics=[ScoreSet(live=("macro_f1",))]
        )
        model.optimizer.build(model.trainable_variables)  # of several workers, all must make variables together
    return accept_tags(model) if options.ladder else model


def fit(model: Any, images: Images, options: Options, first: int, callbacks: list, *, verbose: bool = False) -> None:
    """Trains from the epoch `first` on; of several workers, from that of the chief."""
    strategy = model.distribute_strategy
    several = strategy.cluster_resolver is not None
    first = broadcast(strategy, first) if several else first
    epochs = range(first, options.epochs)
    if not epochs:
        return
    batches = shuffled_batches(images.train, options.batch_size, options.seed, epochs)
    train_on = partial(fit_workers, model) if several else partial(model.fit, shuffle=False)  # they are
    train_on(
        batches,
        initial_epoch=first,
        epochs=options.epochs,
        steps_per_epoch=-(-len(images.train[1]) // options.batch_size),
        validation_data=tag(*images.val) if options.ladder else images.val,
        validation_batch_size=_EVALUATION_BATCH,
        callbacks=callbacks,
        # Without a terminal the bar would be thousands of lines.
        verbose=0 if not verbose else 1 if sys.stdout.isatty() else 2,
    )


def shuffled_batches(split: Split, batch_size: int, seed: int, epochs: range) -> tf.data.Dataset:
    """Batches of several epochs, one after the other, each in an order that its seed and number alone determine."""
    with tf.device("CPU"):
        x, y = (tf.constant(array) for array in split)

    def batches_of(epoch: tf.Tensor) -> tf.data.Dataset:
        ids = tf.range(len(split[1]), dtype=tf.int64)
        order = stateless_shuffle(ids, tf.stack([tf.cast(seed, tf.int64), epoch]))
        return tf.data.Dataset.from_tensor_slices(order).batch(batch_size)

    batches = tf.data.Dataset.range(epochs.start, epochs.stop).flat_map(batches_of)
    return batches.map(lambda ids: (tf.gather(x, ids), tf.gather(y, ids))).prefetch(tf.data.AUTOTUNE)


class Recorder(keras.callbacks.Callback):
    """Writes the run folder at the end of every epoch; placed after the ScoreLogger that it reads."""

    def __init__(self, folder: RunFolder, options: Options, logger: ScoreLogger):
        super().__init__()
        self.folder, self.logger, self.state = folder, logger, State()
        note = OPTIMISTIC if options.val_split is None else HELD_BACK
        self.info = Info(asdict(options), list(CLASS_NAMES), installed_versions(), note)

    def begin(self, model: keras.Model, resume: bool) -> None:
        """Loads the checkpoint, if there is one, and writes the files that follow from it."""
        self._best_model = keras.models.clone_model(model)  # its layers have the same names
        # Compiled with parts of Keras alone, so that it loads without this package.
        self._best_model.compile("sgd", LOSS, metrics=["accuracy"])
        if resume and (self.folder.path / CHECKPOINT).exists():
            self.state = load_checkpoint(self.folder, model)
            self._write_files(new_best=True)
        self.folder.write_info(self.info)
        self._ladder = make_ladder(self.state.record.history, self.state.announced)

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Lets the line of an epoch compare with the announced best."""
        self.logger.follow("val", self._ladder)

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Records the epoch."""
        losses = {name: value for name, value in (logs or {}).items() if name.endswith("loss")}
        scores = {name: values[-1] for name, values in self.logger.history.items()}
        matrices = {name: values[-1] for name, values in self.logger.matrices.items()}
        bands = {key: interval("macro_f1", matrices[name]) for key, name in _BANDS.items()}
        record = self.state.record.extended(
            losses | scores | self._climb(epoch), matrices, {key: _ends(band) for key, band in bands.items()}
        )
        new_best = record.best_epoch == epoch
        model: Any = self.model
        best_weights = model.get_weights() if new_best else self.state.best_weights
        self.state = State(record, best_weights, self._ladder.best_rows)
        save_checkpoint(self.folder, model, self.state)
        self._write_files(new_best)

    def _climb(self, epoch: int) -> dict[str, float]:
        """With `--ladder` the comparison of the epoch with the announced best."""
        rows = self.logger.rows.get("val")
        if rows is None:
            return {}
        value = self.logger.history[BEST_BY][-1]
        return columns_of(self._ladder.step(epoch, rows, self.logger.scoring("val"), value))

    def interrupt(self) -> None:
        """Writes the files after Ctrl-C, when Keras calls no hook."""
        self.logger.finish()
        if self.state.record.num_epochs:
            self._write_files(new_best=True)
            self._write_page(self._report())

    def finish(self, images: Images) -> Report:
        """Writes the report, the page and the pictures, and marks the run as finished."""
        x, y_true = images.val if images.test is None else images.test
        # Keras annotates `verbose` as text alone.
        y_pred: Any = self._best_model.predict(x, _EVALUATION_BATCH, verbose=0)  # pyright: ignore[reportArgumentType]
        report = self._report_on(y_true, y_pred, None if images.test is not None else self.info.note)
        dataset = "val" if images.test is None else "test"
        self.folder.write_report(report)
        self.folder.write_rows({dataset: rows_of(y_true, y_pred)})
        self.info = replace(self.info, finished=True, note=report.note, dataset=dataset)
        self._write_page(report)
        self.folder.write_info(self.info)
        return report

    def _write_page(self, report: Report) -> None:
        record = self.state.record
        write_page(self.folder.path / PAGE, run_page(report, record, self.info, self.folder.path.resolve().name))
        self.folder.write_pictures(record, report)

    def _write_files(self, new_best: bool) -> None:
        """Writes the files that follow from the checkpoint; run.json last."""
        record = self.state.record
        self.folder.write_record(record)
        if new_best:
            self._best_model.set_weights(list(self.state.best_weights))
            with self.folder.atomic_write(MODEL) as draft:
                self._best_model.save(draft)
            self.folder.write_report(self._report())
        self.info = replace(self.info, num_epochs=record.num_epochs, best_epoch=record.best_epoch)
        self.folder.write_info(self.info)

    def _report(self) -> Report:
        """The report of the images that chose the epoch."""
        record = self.state.record
        assert record.best_epoch is not None
        return Report(
            record.matrices["val"][record.best_epoch], CLASS_NAMES, note=self.info.note, epoch=record.best_epoch
        )

    def _report_on(self, y_true: np.ndarray, y_pred: np.ndarray, note: str | None) -> Report:
        """The report of predictions of the best model."""
        report = Report.from_predictions(y_true, y_pred, CLASS_NAMES)
        report.note, report.epoch = note, self.state.record.best_epoch
        return report


def _ends(band: Any) -> tuple[float, float] | None:
    return None if band is None else (float(band.low), float(band.high))


def _progress(logger: ScoreLogger, verbose: bool) -> list[keras.callbacks.Callback]:
    """The bar, and below it the line of the epoch."""
    if not verbose:
        return []
    return [_Bar(), keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: print(_wrap(logger.summary())))]


class _Bar(keras.callbacks.ProgbarLogger):
    """Keras' progress bar with the values that fit the terminal."""

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Ends the bar's line."""
        shown = _SHOWN if _width() >= 120 else _SHOWN[:2]
        super().on_epoch_end(epoch, {name: value for name, value in (logs or {}).items() if name in shown})


def _wrap(line: str) -> str:
    return "\n".join(textwrap.wrap(line, _width(), break_on_hyphens=False))


def _width() -> int:
    """Columns of the terminal; a thousand if there is none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 1000


def _first(flag: str, size: int | None, split: Split) -> Split:
    if size is not None and size > len(split[1]):
        raise ValueError(f"{flag} must be at most {len(split[1])}, the number of images there are, got {size}")
    return split[0][:size], split[1][:size]
