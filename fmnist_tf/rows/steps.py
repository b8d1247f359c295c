"""`Ladder`: which steps of a sequence of predictions beat the last announced one by more than their paired noise."""

import math
from typing import Any, NamedTuple

import numpy as np

from fmnist_tf.intervals import Paired, Rules, is_area
from fmnist_tf.rows.pairs import check_pairs, pair_rows
from fmnist_tf.scores import find_score


class Scoring(NamedTuple):
    """How the rows of a set become scores.

    Attributes:
        num_classes: C; 2 of one binary column.
        rules: how counts become values.
    """

    num_classes: int
    rules: Rules


class Ladder:
    """Announces an epoch only if it beats the last announced one by more than the paired noise of the set.

    Args:
        score: the name of a score, such as "macro_f1".
        level: the level of the one-sided interval: with 0.95, 5 % of epochs that are no better are announced.
        groups: the group of each row, (N,) in the order of ids, or the name of a field of the rows; None where each row
            stands alone.
        user: the public name in errors.

    Attributes:
        history: a dict an epoch: "epoch" from 0, "value", "difference" from the last announced value, its interval
            "low" and "high" (NaN in the first epoch), "announced".
        best_epoch: the epoch announced last, None before any.
        best_rows: its rows.

    Source: Blum and Hardt, "The Ladder: a reliable leaderboard for machine learning competitions", 2015.
    """

    def __init__(self, score: str, level: float = 0.95, groups: Any = None, user: str = "Ladder"):
        self.score, self.level, self.groups, self.user = score, float(level), groups, user
        self.history: list[dict[str, Any]] = []
        self.best_rows: np.ndarray | None = None

    @property
    def best_epoch(self) -> int | None:
        """The epoch announced last."""
        return None if (best := _last_announced(self.history)) is None else best["epoch"]

    def step(self, epoch: int, rows: np.ndarray, scoring: Scoring, value: float | None = None) -> dict[str, Any]:
        """Compares an epoch with the last announced one; a second call for one epoch gives the same entry.

        Args:
            epoch: its number.
            rows: its rows, in the order of ids.
            scoring: how they become scores.
            value: its score; None computes it from the rows, and so are areas, of which metrics keep a histogram.

        Returns:
            The entry of the epoch in `history`.

        Raises:
            ValueError: the rows have other ids or labels than those of the announced epoch.
        """
        if self.history and self.history[-1]["epoch"] == epoch:
            return self.history[-1]
        entry = self._first(epoch, rows, scoring, value)
        if self.best_rows is not None:
            check_pairs(self.best_rows, rows, self.user)
            entry |= self._compare(self._pair(self.best_rows, rows, scoring), entry["value"])
        self.history.append(entry)
        if entry["announced"]:
            self.best_rows = rows.copy()
        return entry

    def _pair(self, a: np.ndarray, b: np.ndarray, scoring: Scoring) -> Paired:
        return pair_rows(a, b, scoring.num_classes, scoring.rules, self.groups)

    def _first(self, epoch: int, rows: np.ndarray, scoring: Scoring, value: float | None) -> dict[str, Any]:
        value = self._pair(rows, rows, scoring).values(self.score)[1] if value is None or is_area(self.score) else value
        unknown = dict.fromkeys(("difference", "low", "high"), math.nan)
        return {"epoch": epoch, "value": float(value), **unknown, "announced": True}

    def _compare(self, pairs: Paired, value: float) -> dict[str, Any]:
        low, high = pairs.difference(self.score, 2 * self.level - 1)
        best = _last_announced(self.history)
        assert best is not None, "the first epoch is announced"
        is_better = high < 0 if direction_of(self.score) == "down" else low > 0
        return {
            "difference": value - best["value"],
            "low": float(low),
            "high": float(high),
            "announced": bool(is_better),
        }

    @property
    def reference(self) -> int | None:
        """The epoch with which the last one was compared, None before the second."""
        before = _last_announced(self.history[:-1])
        return None if before is None else before["epoch"]


def _last_announced(history: list[dict[str, Any]]) -> dict[str, Any] | None:
    return next((entry for entry in reversed(history) if entry["announced"]), None)


def verdict(entry: dict[str, Any]) -> str:
    """How an epoch compares with the announced one: "better", "worse" or "noise"."""
    if entry["announced"]:
        return "better"
    return "noise" if entry["low"] <= 0 <= entry["high"] else "worse"


def direction_of(name: str) -> str | None:
    """Which way a score is better: "up" where more is, "down" where less is, None where neither.

    Raises:
        ValueError: there is no such score.
    """
    return "up" if is_area(name) else find_score(name).score.direction
