"""`LadderStopping`: early stopping that announces a new best only where it is more than the noise of the set."""

from pathlib import Path
from typing import Any

import keras
import numpy as np

from fmnist_tf.files import atomic_write
from fmnist_tf.rows.shown import REMEDY
from fmnist_tf.rows.steps import Ladder, direction_of

_SUFFIXES = (".keras", ".weights.h5")


class LadderStopping(keras.callbacks.Callback):
    """Stops when no epoch has beaten the last announced best by more than the paired noise of the set.

    The best of many epochs by a validation score is partly luck: the best value rises though the model is no better.
    Here an epoch is announced only if its difference from the last announced epoch, on the same rows, is significantly
    above zero: the lower end of its one-sided interval at `level` is positive. The first epoch is always announced.
    The noise of the set is not that of random seeds: another run differs by more.

    Put it after the logger, which must keep rows: `ScoreLogger(rows=True)`, with tags that give each row the same id
    every epoch. If the logger prints the monitored score, its line compares with the announced best.

    Args:
        monitor: the set and a score, such as "val_macro_f1", "val_recall/3", "val_worst_recall" or "val_auroc", which
            needs `ScoreLogger(rows="scores")` if there are more than two classes. The logger need not log it: it is
            computed from the rows then.
        logger: the `ScoreLogger`.
        patience: how many epochs without an announcement end training.
        level: the level of the one-sided interval: with 0.95, 5 % of epochs that are no better are announced.
        restore_best_weights: whether the model gets the weights of the announced best when training ends.
        filepath: where the model of the announced best is saved, whenever one is announced: a file that ends in
            ".keras", or in ".weights.h5" for weights alone; None saves nothing.
        groups: the group of each row, such as its image or its user, where rows of one group depend on each other: an
            array (N,) in the order of ids, or the name of a slice. The noise is then that of other groups. None where
            each row stands alone.

    Attributes:
        history: a dict an epoch: "epoch" from 0, "value", "difference" from the last announced value, its interval
            "low" and "high" (NaN in the first epoch), "announced".
        best_epoch: the epoch announced last, None before any.
        announced: the epochs announced, from 0, which `plots.plot_curves` marks.

    Raises:
        ValueError: `monitor` is not a score of the logger that has a direction, `patience` or `level` is out of range,
            or `filepath` ends otherwise. In fit: the logger keeps no rows, it does not come before, or ids differ from
            epoch to epoch.

    Source: Blum and Hardt, "The Ladder: a reliable leaderboard for machine learning competitions", 2015.

    Example:
        >>> from fmnist_tf import ScoreLogger
        >>> logger = ScoreLogger()
        >>> stop = LadderStopping("val_macro_f1", logger, patience=5)
        >>> stop.history
        []
    """

    def __init__(
        self,
        monitor: str,
        logger: Any,
        *,
        patience: int,
        level: float = 0.95,
        restore_best_weights: bool = False,
        filepath: str | Path | None = None,
        groups: Any = None,
    ):
        super().__init__()
        if isinstance(patience, bool) or not isinstance(patience, int | np.integer) or patience < 1:
            raise ValueError(f"LadderStopping: `patience` must be an integer of at least 1, got {patience!r}")
        if not 0.5 < level < 1:
            raise ValueError(f"LadderStopping: `level` must lie between 0.5 and 1, got {level!r}")
        if filepath is not None and not str(filepath).endswith(_SUFFIXES):
            raise ValueError(f"LadderStopping: `filepath` must end in {' or '.join(_SUFFIXES)}, got {str(filepath)!r}")
        self.monitor, self.logger = monitor, logger
        self.patience, self.level = int(patience), float(level)
        self.restore_best_weights, self.groups = restore_best_weights, groups
        self.filepath = None if filepath is None else Path(filepath)
        self._set, self._score = _read_monitor(monitor, logger)
        self._begin()

    def _begin(self) -> None:
        self._ladder = Ladder(self._score, self.level, self.groups, "LadderStopping")
        self._best_weights: Any = None

    @property
    def history(self) -> list[dict[str, Any]]:
        """A dict an epoch."""
        return self._ladder.history

    @property
    def best_epoch(self) -> int | None:
        """The epoch announced last."""
        return self._ladder.best_epoch

    @property
    def announced(self) -> list[int]:
        """The epochs that were announced, from 0."""
        return [entry["epoch"] for entry in self.history if entry["announced"]]

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Begins a new history, and lets the line of the logger compare with its announced best."""
        self._begin()
        self.logger.follow(self._set, self._ladder)

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Compares the rows of the epoch with those of the last announced one."""
        recorded = {name for name, epochs in self.logger.epochs.items() if epochs and epochs[-1] == epoch}
        if not recorded:
            raise ValueError("LadderStopping must stand after its logger in the callbacks of fit")
        if self._set not in recorded:
            return  # an epoch without validation
        rows = self.logger.rows.get(self._set)
        if rows is None:
            raise ValueError(
                f"LadderStopping pairs rows by their ids, and the logger keeps none: pass rows=True; {REMEDY}"
            )
        value = (self.logger.history.get(self.monitor) or [None])[-1]
        entry = self._ladder.step(epoch, rows, self.logger.scoring(self._set), value)
        if entry["announced"]:
            self._announce()
        elif epoch - self._waits_since >= self.patience:
            self._trained.stop_training = True

    def _announce(self) -> None:
        if self.restore_best_weights:
            self._best_weights = self._trained.get_weights()
        if self.filepath is not None:
            self._save(self.filepath)

    def _save(self, path: Path) -> None:
        """Writes the file whole or not at all; Keras tells the format by the ending."""
        with atomic_write(path) as draft:
            whole = draft.with_name(f"{draft.name}{path.name[path.name.index('.') :]}")
            (self._trained.save_weights if path.name.endswith(".h5") else self._trained.save)(whole)
            whole.replace(draft)

    @property
    def _waits_since(self) -> int:
        assert self.best_epoch is not None, "the first epoch is announced"
        return self.best_epoch

    @property
    def _trained(self) -> Any:
        assert self.model is not None, "Keras sets the model before any hook"
        return self.model

    def on_train_end(self, logs: dict | None = None) -> None:
        """Restores the weights of the announced best, with `restore_best_weights=True`."""
        if self._best_weights is not None:
            self._trained.set_weights(self._best_weights)


def _read_monitor(monitor: str, logger: Any) -> tuple[str, str]:
    """The set and the score of a key."""
    output = getattr(logger, "output", None)
    for name in ("val", *getattr(logger, "datasets", {})):
        score = monitor.removeprefix(f"{name}_")
        if score != monitor:
            score = _with_class_id(score.removeprefix(f"{output}_"), getattr(logger, "class_names", None))
            try:
                direction = direction_of(score)
            except ValueError:
                continue
            if direction is None:
                raise ValueError(f"LadderStopping: more of {monitor!r} is neither better nor worse")
            return name, score
    raise ValueError(f"LadderStopping: `monitor` must be a set and a score, such as 'val_macro_f1', got {monitor!r}")


def _with_class_id(score: str, class_names: Any) -> str:
    """The score of a class by its number, "recall/3", where it is given by name, "recall/Shirt"."""
    head, _, name = score.partition("/")
    return f"{head}/{list(class_names).index(name)}" if name and name in (class_names or ()) else score
