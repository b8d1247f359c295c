"""`LadderStopping`: early stopping that announces a new best only where it is more than the noise of the set."""

import math
from typing import Any

import keras
import numpy as np

from fmnist_tf.rows.pairs import check_pairs, paired_interval
from fmnist_tf.rows.shown import REMEDY
from fmnist_tf.scores import Selection, find_score


class LadderStopping(keras.callbacks.Callback):
    """Stops when no epoch has beaten the last announced best by more than the paired noise of the set.

    The best of many epochs by a validation score is partly luck: the best value rises though the model is no better.
    Here an epoch is announced only if its difference from the last announced epoch, on the same rows, is significantly
    above zero: the lower end of its one-sided interval at `level` is positive. The first epoch is always announced.
    The noise of the set is not that of random seeds: another run differs by more.

    Put it after the logger, which must keep rows: `ScoreLogger(rows=True)`, with tags that give each row the same id
    every epoch.

    Args:
        monitor: a key of the logger, such as "val_macro_f1": a score of counts on validation data or a named set.
        logger: the `ScoreLogger`.
        patience: how many epochs without an announcement end training.
        level: the level of the one-sided interval: with 0.95, 5 % of epochs that are no better are announced.
        restore_best_weights: whether the model gets the weights of the announced best when training ends.

    Attributes:
        history: a dict an epoch: "epoch" from 0, "value", "difference" from the last announced value, its interval
            "low" and "high" (NaN in the first epoch), "announced".
        best_epoch: the epoch announced last, None before any.

    Raises:
        ValueError: `monitor` is not a score of counts of the logger, `patience` or `level` is out of range. In fit: the
            logger keeps no rows, or ids differ from epoch to epoch.

    Source: Blum and Hardt, "The Ladder: a reliable leaderboard for machine learning competitions", 2015.

    Example:
        >>> from fmnist_tf import ScoreLogger
        >>> logger = ScoreLogger()
        >>> stop = LadderStopping("val_macro_f1", logger, patience=5)
        >>> stop.history
        []
    """

    def __init__(
        self, monitor: str, logger: Any, *, patience: int, level: float = 0.95, restore_best_weights: bool = False
    ):
        super().__init__()
        if isinstance(patience, bool) or not isinstance(patience, int | np.integer) or patience < 1:
            raise ValueError(f"LadderStopping: `patience` must be an integer of at least 1, got {patience!r}")
        if not 0.5 < level < 1:
            raise ValueError(f"LadderStopping: `level` must lie between 0.5 and 1, got {level!r}")
        self.monitor, self.logger = monitor, logger
        self.patience, self.level = int(patience), float(level)
        self.restore_best_weights = restore_best_weights
        self._set, self._selection = _read_monitor(monitor, logger)
        self._begin()

    def _begin(self) -> None:
        self.history: list[dict[str, Any]] = []
        self.best_epoch: int | None = None
        self._best_rows: np.ndarray | None = None
        self._best_value, self._best_weights = math.nan, None

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Begins a new history."""
        self._begin()

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Compares the rows of the epoch with those of the last announced one."""
        if not self.logger.epochs.get(self._set) or self.logger.epochs[self._set][-1] != epoch:
            return  # an epoch without validation
        rows = self.logger.rows.get(self._set)
        if rows is None:
            raise ValueError(
                f"LadderStopping pairs rows by their ids, and the logger keeps none: pass rows=True; {REMEDY}"
            )
        entry = self._compare(epoch, float(self.logger.history[self.monitor][-1]), rows)
        self.history.append(entry)
        if entry["announced"]:
            self._announce(entry, rows)
        elif epoch - self._waits_since >= self.patience:
            self._stop()

    def _compare(self, epoch: int, value: float, rows: np.ndarray) -> dict[str, Any]:
        entry = {"epoch": epoch, "value": value, "difference": math.nan, "low": math.nan, "high": math.nan}
        if self._best_rows is None:
            return entry | {"announced": True}
        check_pairs(self._best_rows, rows, "LadderStopping")
        num_classes = 1 if self.logger.is_binary(self._set) else len(self.logger.counts[self._set][-1].tp)
        low, high = paired_interval(self._selection, self._best_rows, rows, num_classes, 2 * self.level - 1)
        is_better = high < 0 if self._selection.score.direction == "down" else low > 0
        return entry | {
            "difference": value - self._best_value,
            "low": float(low),
            "high": float(high),
            "announced": bool(is_better),
        }

    def _announce(self, entry: dict[str, Any], rows: np.ndarray) -> None:
        self.best_epoch, self._best_value, self._best_rows = entry["epoch"], entry["value"], rows.copy()
        if self.restore_best_weights:
            self._best_weights = self._trained.get_weights()

    @property
    def _waits_since(self) -> int:
        assert self.best_epoch is not None, "the first epoch is announced"
        return self.best_epoch

    def _stop(self) -> None:
        self._trained.stop_training = True

    @property
    def _trained(self) -> Any:
        assert self.model is not None, "Keras sets the model before any hook"
        return self.model

    def on_train_end(self, logs: dict | None = None) -> None:
        """Restores the weights of the announced best, with `restore_best_weights=True`."""
        if self._best_weights is not None:
            self._trained.set_weights(self._best_weights)


def _read_monitor(monitor: str, logger: Any) -> tuple[str, Selection]:
    """The set and the score of a key."""
    for name in ("val", *getattr(logger, "datasets", {})):
        score = monitor.removeprefix(f"{name}_")
        if score != monitor:
            try:
                return name, find_score(score)
            except ValueError:
                continue
    raise ValueError(
        f"LadderStopping: `monitor` must be a set and a score of counts, such as 'val_macro_f1', got {monitor!r}"
    )
