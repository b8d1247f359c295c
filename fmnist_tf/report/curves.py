"""`CurveBlock`: the part of a report on scores at all thresholds, and on better thresholds."""

import math
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from fmnist_tf.counts import Counts
from fmnist_tf.curves.distribution import Distribution
from fmnist_tf.curves.suggested_thresholds import SuggestedThreshold, best_thresholds
from fmnist_tf.intervals import Interval, areas
from fmnist_tf.report.blocks import Block, Lines, Table
from fmnist_tf.report.cells import Cell, bounds_text, finite
from fmnist_tf.scores import SCORES, per_class_values

_WORTH_SAYING = 0.01  # of F1
_MOST_LINES = 5
_NAMES = {"auroc": "AUROC", "average_precision": "average precision"}
_INTERVALS = {"auroc": areas.auroc, "average_precision": areas.average_precision}
BOUNDS = (
    "Bounds: the exact value on the same data certainly lies between them. They are not confidence intervals, which "
    "are in brackets and tell how much the value varies between test sets."
)
OPTIMISTIC = (
    "A threshold chosen on the data it is scored on is optimistic; choose it on other data before you rely on its F1."
)


class Better(NamedTuple):
    """The F1 of a column, and the threshold that would give the best.

    Attributes:
        now: the F1 of the counts.
        suggestion: the best threshold with its F1.
    """

    now: float
    suggestion: SuggestedThreshold

    @property
    def gain(self) -> float:
        """The increase of F1."""
        return self.suggestion.value - self.now

    def __str__(self) -> str:
        threshold = "yes to everything" if self.suggestion.always_yes else f"threshold {self.suggestion.rounded:g}"
        return f"{threshold} would give F1 {self.suggestion.value:.3f} instead of {self.now:.3f}"


class CurveScore(NamedTuple):
    """A score at all thresholds.

    Attributes:
        cell: its value, with a confidence interval.
        bounds: certain bounds of the exact value on the same data.
    """

    cell: Cell
    bounds: tuple[float, float]

    def to_dict(self) -> dict[str, Any]:
        """{"value", "low", "high", "bounds"}, ready for JSON."""
        return {**self.cell.to_dict(), "bounds": [finite(end) for end in self.bounds]}

    @property
    def value_text(self) -> str:
        """The value with its interval; the value has as many digits as bounds have."""
        value, low, high = self.cell
        written = f"{value:.5f}"
        return written if low is None or high is None or math.isnan(low) else f"{written} [{low:.3f}, {high:.3f}]"

    @property
    def bounds_text(self) -> str:
        """The bounds, rounded outwards."""
        return bounds_text(*self.bounds)


class CurveBlock:
    """AUROC and average precision with intervals and bounds; for binary columns better thresholds.

    Args:
        d: the histogram of scores.
        counts: those of the report, (C,); of one binary column those of no and yes, of which the histogram holds yes.
        class_names: C names.
        multiclass: whether the counts are of classes that exclude each other.
        reported: the class ids that have a row; None for all.
        averaged: the class ids that means run over; None for all.
        level: the probability with which intervals cover.
        effective_total: the effective number of samples of weighted ones; None takes weights as numbers of samples.

    Raises:
        ValueError: the histogram has other classes than the counts.
    """

    def __init__(
        self,
        d: Distribution,
        counts: Counts,
        class_names: Sequence[str],
        *,
        multiclass: bool,
        reported: Sequence[int] | None = None,
        averaged: Sequence[int] | None = None,
        level: float = 0.95,
        effective_total: float | None = None,
    ):
        num_classes = len(class_names)
        self._single = (d.num_classes, num_classes) == (1, 2)
        if d.num_classes != num_classes and not self._single:
            raise ValueError(f"`curves` hold scores of {d.num_classes} classes, the report has {num_classes}")
        self._rows = [1] if self._single else list(range(num_classes) if reported is None else reported)
        self._averaged = self._rows if averaged is None or self._single else list(averaged)
        self.distribution = d
        self.class_names = [class_names[row] for row in self._rows]
        self._counts = counts
        self._asks_columns = not d.multiclass and (self._single or not multiclass)
        self._level, self._effective_total = level, effective_total

    @cached_property
    def _scores(self) -> dict[str, tuple[np.ndarray, ...]]:
        """Score -> value, bounds and interval of each class that the histogram holds, five arrays."""
        d = self.distribution
        exact = {"auroc": d.auroc(), "average_precision": d.average_precision()}
        return {
            name: (found.value, found.low, found.high, *self._interval(_INTERVALS[name]))
            for name, found in exact.items()
        }

    def _interval(self, method: Callable[..., Interval]) -> Interval:
        d = self.distribution
        if self._effective_total is None and d.fractional > 0:
            nothing = np.full(d.num_classes, np.nan)
            return Interval(nothing, nothing)
        total = float(np.max(d.total, initial=0.0))
        factor = 1.0 if self._effective_total is None or not total else self._effective_total / total
        return method(factor * d.weights[..., 0], factor * d.weights[..., 1], self._level)

    def _column(self, row: int) -> int:
        """The row of a class in the histogram."""
        return 0 if self._single else row

    @property
    def columns(self) -> dict[str, int]:
        """Class name -> its row in the histogram, of the classes that are reported."""
        return {name: self._column(row) for row, name in zip(self._rows, self.class_names, strict=True)}

    @cached_property
    def macro(self) -> dict[str, CurveScore]:
        """Means over the classes that have a value; of one column the value itself."""
        columns = [self._column(row) for row in self._averaged]
        return {name: _mean([part[columns] for part in parts]) for name, parts in self._scores.items()}

    @cached_property
    def classes(self) -> dict[str, dict[str, CurveScore]]:
        """Class name -> score -> value with interval and bounds."""
        return {
            name: {
                score: _curve_score(*(part[self._column(row)] for part in parts))
                for score, parts in self._scores.items()
            }
            for row, name in zip(self._rows, self.class_names, strict=True)
        }

    @cached_property
    def thresholds(self) -> dict[str, Better]:
        """Column name -> its best threshold; {} if multiclass, or where counts and scores are of different data."""
        if not (self._asks_columns and self._of_the_same_data):
            return {}
        now = per_class_values(SCORES["f1_score"], self._counts).numpy()[self._rows]
        best = best_thresholds(self.distribution)
        rows = zip(self.class_names, now.tolist(), [best[self._column(row)] for row in self._rows], strict=True)
        return {name: Better(value, suggestion) for name, value, suggestion in rows if math.isfinite(suggestion.value)}

    @property
    def _of_the_same_data(self) -> bool:
        d = self.distribution
        columns = [self._column(row) for row in self._rows]
        support, total = (np.asarray(field)[self._rows] for field in self._counts[2:])
        return np.allclose(support, d.support[columns]) and np.allclose(total, d.total[columns])

    @cached_property
    def suggested_thresholds(self) -> list[str]:
        """A line for each column whose F1 another threshold would raise by 0.01 or more, the most first."""
        worth = {name: better for name, better in self.thresholds.items() if better.gain >= _WORTH_SAYING}
        names = sorted(worth, key=lambda name: -worth[name].gain)
        single = self.distribution.num_classes == 1
        lines = [str(worth[name]) if single else f"{name}: {worth[name]}" for name in names[:_MOST_LINES]]
        more = len(names) - len(lines)
        return [
            *lines,
            *([f"and {more} more columns, by less"] if more > 0 else []),
            *([OPTIMISTIC] if lines else []),
        ]

    @cached_property
    def rows(self) -> list[tuple[str, str, str]]:
        """Score, its value with the interval, its bounds."""
        num_classes = len(self._averaged)
        values = self._scores["auroc"][0][[self._column(row) for row in self._averaged]]
        defined = int(np.count_nonzero(np.isfinite(values)))
        mean = "macro " if num_classes > 1 else ""
        of = f" ({defined} of {num_classes} classes)" if defined < num_classes else ""
        return [
            (f"{mean}{_NAMES[name]}{of}", score.value_text, score.bounds_text) for name, score in self.macro.items()
        ]

    def blocks(self, *, bounds: bool = True, intervals: bool = True) -> list[Block]:
        """The part of a report, with or without bounds and intervals."""
        header = ["at all thresholds", "score", "bounds"][: 3 if bounds else 2]
        rows = [row if intervals else (row[0], row[1].split(" ")[0], row[2]) for row in self.rows]
        table = Table("", header, [row[: len(header)] for row in rows])
        remedy = [f"Here {self.distribution.remedy}."] if self.distribution.is_uncertain else []
        more = [Lines("Other thresholds", self.suggested_thresholds)] if self.suggested_thresholds else []
        return [table, *([Lines("", [BOUNDS, *remedy])] if bounds else []), *more]

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON: {"macro": {score: ...}, "classes": {name: {score: ...}}, "thresholds": {name: ...}}.

        A score is {"value", "low", "high", "bounds"}: low and high are the confidence interval.

        Of thresholds there are "threshold", "f1_score" there, and "f1_score_now".
        """
        return {
            "macro": _to_dicts(self.macro),
            "classes": {name: _to_dicts(scores) for name, scores in self.classes.items()},
            "thresholds": {
                name: {
                    "threshold": better.suggestion.threshold,
                    "f1_score": better.suggestion.value,
                    "f1_score_now": better.now,
                }
                for name, better in self.thresholds.items()
            },
        }


def _mean(parts: Sequence[np.ndarray]) -> CurveScore:
    """The mean over the classes that have a value; its interval holds for any dependence of the classes."""
    known = np.isfinite(parts[0])
    if not known.any():
        return CurveScore(Cell(math.nan), (math.nan, math.nan))
    value, lowest, highest = (float(np.mean(part[known])) for part in parts[:3])
    return _curve_score(value, lowest, highest, *areas.mean_of_areas(parts[0], Interval(*parts[3:])))


def _curve_score(value: float, lowest: float, highest: float, low: float, high: float) -> CurveScore:
    interval = None if math.isnan(low) else Interval(low, high)
    return CurveScore(Cell.of(value, interval), (float(lowest), float(highest)))


def _to_dicts(scores: dict[str, CurveScore]) -> dict[str, Any]:
    return {name: score.to_dict() for name, score in scores.items()}
