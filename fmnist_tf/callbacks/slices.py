"""`SliceKeys`: the keys and scores of the values of slices, such as "val_macro_f1/site/north" and ".../worst"."""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from fmnist_tf.callbacks.keys import key_of
from fmnist_tf.callbacks.reading import Reading
from fmnist_tf.callbacks.snapshots import Snapshot
from fmnist_tf.metrics.arguments import check_count
from fmnist_tf.rows.slices import OTHER, Slice, key_part
from fmnist_tf.scores import Selection


class SliceKeys(NamedTuple):
    """Which slices are logged.

    Attributes:
        names: their names.
        min_support: how many rows a value must have to be the worst; of weighted rows the effective number.
    """

    names: tuple[str, ...]
    min_support: int

    @classmethod
    def of(cls, by: Iterable[str | Slice] | str | Slice, min_support: int) -> "SliceKeys":
        """Reads the arguments of the callback.

        Raises:
            TypeError: `by` holds something other than names or slices.
            ValueError: `min_support` is below 1.
        """
        given = (by,) if isinstance(by, str | Slice) else tuple(by)
        names = tuple(feature.name if isinstance(feature, Slice) else feature for feature in given)
        if not all(isinstance(name, str) for name in names):
            raise TypeError(f"`by` must hold names of slices, got {by!r}")
        return cls(names, check_count("min_support", min_support))

    def check(self, reading: Reading) -> None:
        """Refuses names of slices that no metric counts.

        Raises:
            ValueError: with the names there are, and the remedy.
        """
        if reading.counted is None:
            return
        known = [feature.name for metric in reading.metrics for feature in metric.by]
        for name in self.names:
            if name not in known:
                raise ValueError(
                    f"`by` must name slices of the metric that is read, {known}, got {name!r}; "
                    "compile the model with ScoreSet(by=(Slice(...),))"
                )

    def values(
        self, dataset: str, snapshot: Snapshot, scores: Mapping[str, Selection], output: str | None
    ) -> dict[str, float]:
        """Key -> score of every value and of the worst; NaN for a value without rows."""
        found: dict[str, float] = {}
        for name in self.names:
            for score, row in (*_count_scores(name, snapshot, scores), *_curve_scores(name, snapshot)):
                keyed = {value: number for value, (number, _) in row.values.items()}
                enough = [number for value, (number, rows) in row.values.items() if self._is_enough(value, rows)]
                worst = {} if row.direction is None else {"worst": _worst(enough, row.direction)}
                key = f"{score}/{name}/"
                found |= {
                    key_of(dataset, key + key_part(value), output): number for value, number in (keyed | worst).items()
                }
        return found

    def _is_enough(self, value: str, rows: float) -> bool:
        return value != OTHER and rows >= self.min_support


class _Row(NamedTuple):
    """One score of every value: (the number, how many rows it is of), and which is better."""

    values: dict[str, tuple[float, float]]
    direction: str | None


def _count_scores(name: str, snapshot: Snapshot, scores: Mapping[str, Selection]) -> Iterator[tuple[str, _Row]]:
    """The scores of counts; none if only histograms are counted by this slice."""
    parts = snapshot.slices.get(name, {})
    table = {value: _scores(part, scores) for value, part in parts.items()}
    for score, selection in scores.items() if parts else ():
        values = {value: (table[value][score], part.effective_total or 0.0) for value, part in parts.items()}
        yield score, _Row(values, selection.score.direction)


def _curve_scores(name: str, snapshot: Snapshot) -> Iterator[tuple[str, _Row]]:
    """The scores of histograms, where they are counted by this slice."""
    curves = snapshot.curves
    parts = curves.slices.get(name, {}) if curves else {}
    for score in next(iter(parts.values())).values if parts else ():
        values = {value: (part.values[score], part.effective_total) for value, part in parts.items()}
        yield score, _Row(values, curves.directions.get(score) if curves else None)


def _scores(part: Snapshot, scores: Mapping[str, Selection]) -> dict[str, float]:
    return part.scores(scores) if part.effective_total else dict.fromkeys(scores, math.nan)


def _worst(values: list[float], direction: str) -> float:
    """The lowest, or the greatest where less is better; NaN where no value has enough rows."""
    known = [value for value in values if not math.isnan(value)]
    if not known:
        return math.nan
    return max(known) if direction == "down" else min(known)
