"""`SliceKeys`: the keys and scores of the values of slices, such as "val_macro_f1/site/north" and ".../worst"."""

import math
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

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
        """Refuses names of slices that the metric does not count.

        Raises:
            ValueError: with the names there are, and the remedy.
        """
        if reading.counted is None:
            return
        known = [feature.name for feature in reading.counted.metric.by]
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
            by_value = snapshot.slices[name]
            table = {value: _scores(part, scores) for value, part in by_value.items()}
            for score, selection in scores.items():
                values = {value: of_value[score] for value, of_value in table.items()}
                found |= {self._key(dataset, score, name, value, output): number for value, number in values.items()}
                enough = [values[value] for value in values if self._is_enough(value, by_value[value])]
                worst = _worst(enough, selection)
                found[self._key(dataset, score, name, "worst", output)] = worst
        return found

    def _is_enough(self, value: str, part: Snapshot) -> bool:
        return value != OTHER and (part.effective_total or 0.0) >= self.min_support

    def _key(self, dataset: str, score: str, name: str, value: str, output: str | None) -> str:
        return key_of(dataset, f"{score}/{name}/{key_part(value)}", output)


def _scores(part: Snapshot, scores: Mapping[str, Selection]) -> dict[str, float]:
    return part.scores(scores) if part.effective_total else dict.fromkeys(scores, math.nan)


def _worst(values: list[float], selection: Any) -> float:
    """The lowest, or the greatest where less is better; NaN where no value has enough rows."""
    known = [value for value in values if not math.isnan(value)]
    if not known:
        return math.nan
    return max(known) if selection.score.direction == "down" else min(known)
