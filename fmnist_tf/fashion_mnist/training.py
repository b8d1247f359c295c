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
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from fmnist_tf.callbacks.score_logger import ScoreLogger
from fmnist_tf.distribute import broadcast, fit_workers
from fmnist_tf.fashion_mnist.announced import columns_of, make_ladder
from fmnist_tf.fashion_mnist.brightness import brightness_bands, reports_by_band
from fmnist_tf.fashion_mnist.checkpoints import State, load_checkpoint, save_checkpoint
from fmnist_tf.fashion_mnist.data import CLASS_NAMES
from fmnist_tf.fashion_mnist.images import Images, load_images, planted_errors, shuffled_batches, training_ids
from fmnist_tf.fashion_mnist.model import decaying_sgd, mini_vgg
from fmnist_tf.fashion_mnist.options import Options
from fmnist_tf.fashion_mnist.predictions import rows_of
from fmnist_tf.fashion_mnist.suspects import SHARE, describe_suspects, list_suspects, write_suspects
from fmnist_tf.intervals import interval
from fmnist_tf.metrics import ScoreSet
from fmnist_tf.report import Report
from fmnist_tf.report.html import Gallery, run_page, write_page
from fmnist_tf.report.run_folder import BEST_BY, CHECKPOINT, MODEL, PAGE, Info, RunFolder, installed_versions
from fmnist_tf.report.run_folder.gallery import write_gallery
from fmnist_tf.rows import Ledger, accept_tags, tag
from fmnist_tf.rows.recorder import find_mistakes

__all__ = ["Images", "Options", "Recorder", "load_images", "shuffled_batches", "train", "train_as_worker"]

LOSS = "sparse_categorical_crossentropy"
OPTIMISTIC = "these images also chose the epoch, so its scores are optimistic; --val-split chooses on others"
HELD_BACK = "of the held-back training images, which also chose the epoch; the test images are scored at the end"

_EVALUATION_BATCH = 256
_LEDGER_EPOCHS = 10  # a model that trains for long learns wrong labels by heart
_SHOWN = ("loss", "macro_f1", "val_loss", "val_macro_f1")
_BANDS = {"macro_f1": "train", "val_macro_f1": "val"}


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
    ledger = _make_ledger(images)
    recorder = Recorder(folder, options, logger, ledger)
    folder.clear_drafts()
    recorder.begin(model, resume)
    callbacks = [logger, ledger, recorder, *_progress(logger, verbose)]
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
    callbacks = [ScoreLogger(class_names=CLASS_NAMES, verbose=0, rows=options.ladder), _make_ledger(images)]
    fit(compile_model(options, strategy), images, options, 0, callbacks)


def _make_ledger(images: Images) -> Ledger:
    return Ledger(len(images.train[1]), until=_LEDGER_EPOCHS)


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
    return accept_tags(model)


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


class Recorder(keras.callbacks.Callback):
    """Writes the run folder at the end of every epoch; placed after the ScoreLogger that it reads."""

    def __init__(self, folder: RunFolder, options: Options, logger: ScoreLogger, ledger: Ledger):
        super().__init__()
        self.folder, self.options, self.logger, self.ledger, self.state = folder, options, logger, ledger, State()
        note = OPTIMISTIC if options.val_split is None else HELD_BACK
        self.info = Info(asdict(options), list(CLASS_NAMES), installed_versions(), note)

    def begin(self, model: keras.Model, resume: bool) -> None:
        """Loads the checkpoint, if there is one, and writes the files that follow from it."""
        self._best_model = keras.models.clone_model(model)  # its layers have the same names
        # Compiled with parts of Keras alone, so that it loads without this package.
        self._best_model.compile("sgd", LOSS, metrics=["accuracy"])
        if resume and (self.folder.path / CHECKPOINT).exists():
            self.state = load_checkpoint(self.folder, model, self.ledger)
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
        self.state = State(record, best_weights, self.ledger.state_dict(), self._ladder.best_rows)
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
        bands = brightness_bands(x, images.train[0])
        report.slices = {"brightness": reports_by_band(y_true, y_pred.argmax(axis=-1), bands)}
        dataset, rows = "val" if images.test is None else "test", rows_of(y_true, y_pred)
        mistakes = Gallery(find_mistakes(rows, k=None), x)
        suspects = self._write_suspects(images)
        self.folder.write_report(report, suspects.note)
        self.folder.write_rows({dataset: rows})
        write_gallery(self.folder, mistakes, suspects)
        self.info = replace(self.info, finished=True, note=report.note, dataset=dataset, suspects=suspects.note)
        self._write_page(report, mistakes, suspects)
        self.folder.write_info(self.info)
        return report

    def _write_suspects(self, images: Images) -> Gallery:
        """Writes the labels that are probably wrong; returns them with their images and a sentence."""
        x, ids, share = images.train[0], training_ids(self.options, images), self.options.label_noise
        planted = None if share is None else ids[planted_errors(self.options, images)]
        rows = list_suspects(self.ledger, x, ids, self._best_model, share or SHARE)
        write_suspects(self.folder, rows, CLASS_NAMES, planted)
        by_id = dict(zip(rows["id"].tolist(), x[np.searchsorted(ids, rows["id"])], strict=True))
        self.folder.write_suspect_plots(self.ledger.table, rows, by_id, CLASS_NAMES)
        return Gallery(rows, by_id, describe_suspects(self.ledger, rows, CLASS_NAMES, planted))

    def _write_page(self, report: Report, wrong: Gallery | None = None, suspect: Gallery | None = None) -> None:
        record, title = self.state.record, self.folder.path.resolve().name
        page = run_page(report, record, self.info, title, wrong=wrong, suspect=suspect)
        write_page(self.folder.path / PAGE, page)
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
