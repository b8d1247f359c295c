"""`CurveBlock`: the part of a report on scores at all thresholds, and on better thresholds."""

import math
from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from fmnist_tf.counts import Counts
from fmnist_tf.curves.bounds import Bounds
from fmnist_tf.curves.distribution import Distribution
from fmnist_tf.curves.suggested_thresholds import SuggestedThreshold, best_thresholds
from fmnist_tf.report.blocks import Block, Lines, Table
from fmnist_tf.report.cells import certified_bounds, finite
from fmnist_tf.scores import SCORES, per_class_values

_WORTH_SAYING = 0.01  # of F1
_MOST_LINES = 5
_NAMES = {"auroc": "AUROC", "average_precision": "average precision"}
BOUNDS = (
    "Bounds: within them the exact value on these very data lies for certain, whatever the bins hide. They are no "
    "confidence intervals: they do not say what another test set would give."
)
OPTIMISTIC = (
    "A threshold chosen on the data it is scored on is optimistic; choose it on other data before you rely on its F1."
)


class Better(NamedTuple):
    """What F1 of a column is, and the threshold that would give the best."""

    now: float
    suggestion: SuggestedThreshold

    @property
    def gain(self) -> float:
        """How much F1 would grow."""
        return self.suggestion.value - self.now

    def __str__(self) -> str:
        threshold = "yes to everything" if self.suggestion.always_yes else f"threshold {self.suggestion.rounded:g}"
        return f"{threshold} would give F1 {self.suggestion.value:.3f} instead of {self.now:.3f}"


class CurveBlock:
    """AUROC and average precision with the bounds of their exact values; for yes/no columns better thresholds.

    Args:
        d: what was counted.
        counts: those of the report, (C,); two classes of which the histogram holds one are no and yes.
        class_names: C names.
        multiclass: whether the counts are of classes that exclude each other.

    Raises:
        ValueError: the histogram has other classes than the counts.
    """

    def __init__(self, d: Distribution, counts: Counts, class_names: Sequence[str], *, multiclass: bool):
        num_classes = len(class_names)
        self._rows = [1] if (d.num_classes, num_classes) == (1, 2) else list(range(d.num_classes))
        if d.num_classes != num_classes and self._rows != [1]:
            raise ValueError(f"`curves` hold scores of {d.num_classes} classes, the report has {num_classes}")
        self.distribution = d
        self.class_names = [class_names[row] for row in self._rows]
        self._counts = counts
        self._asks_columns = not d.multiclass and (self._rows == [1] or not multiclass)

    @cached_property
    def macro(self) -> dict[str, Bounds]:
        """Means over the classes that have a value; of one column its own."""
        d = self.distribution
        return {"auroc": d.auroc("macro"), "average_precision": d.average_precision("macro")}

    @cached_property
    def classes(self) -> dict[str, dict[str, Bounds]]:
        """Class name -> score -> value with bounds."""
        scores = {"auroc": self.distribution.auroc(), "average_precision": self.distribution.average_precision()}
        return {
            name: {score: values.of_class(row) for score, values in scores.items()}
            for row, name in enumerate(self.class_names)
        }

    @cached_property
    def thresholds(self) -> dict[str, Better]:
        """Column name -> its best threshold; {} of exclusive classes, or where counts and scores are of other data."""
        if not (self._asks_columns and self._of_the_same_data):
            return {}
        now = per_class_values(SCORES["f1_score"], self._counts).numpy()[self._rows]
        rows = zip(self.class_names, now.tolist(), best_thresholds(self.distribution), strict=True)
        return {name: Better(value, suggestion) for name, value, suggestion in rows if math.isfinite(suggestion.value)}

    @property
    def _of_the_same_data(self) -> bool:
        ours, d = [np.asarray(field)[self._rows] for field in self._counts], self.distribution
        return np.allclose(ours[2], d.support) and np.allclose(ours[3], d.total)

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
            *([f"likewise {more} more columns, by less"] if more > 0 else []),
            *([OPTIMISTIC] if lines else []),
        ]

    @cached_property
    def rows(self) -> list[tuple[str, str, str]]:
        """Score, its value, its bounds."""
        num_classes = len(self.class_names)
        defined = sum(math.isfinite(scores["auroc"].value) for scores in self.classes.values())
        mean = "macro " if num_classes > 1 else ""
        of = f" ({defined} of {num_classes} classes)" if defined < num_classes else ""
        return [
            (f"{mean}{_NAMES[score]}{of}", f"{value.value:.5f}", certified_bounds(value))
            for score, value in self.macro.items()
        ]

    def blocks(self) -> list[Block]:
        """What a report shows."""
        table = Table("", ["at all thresholds", "score", "bounds"], self.rows)
        suggested_thresholds = (
            [Lines("Other thresholds", self.suggested_thresholds)] if self.suggested_thresholds else []
        )
        return [table, Lines("", [BOUNDS]), *suggested_thresholds]

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON: {"macro": {score: {"value", "bounds"}}, "classes": {name: ...}, "thresholds": {name: ...}}.

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


def _to_dicts(scores: dict[str, Bounds]) -> dict[str, Any]:
    return {
        score: {"value": finite(value.value), "bounds": [finite(value.low), finite(value.high)]}
        for score, value in scores.items()
    }
