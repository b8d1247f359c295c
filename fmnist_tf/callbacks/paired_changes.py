"""`PairedChanges`: how the epoch compares with the best one so far on the same rows, for the line of a logger."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from fmnist_tf.rows.pairs import are_pairs
from fmnist_tf.rows.steps import Ladder, Scoring, verdict
from fmnist_tf.scores import Selection


class PairedChanges:
    """A ladder for every score in the line: that of a `LadderStopping`, else a separate one."""

    def __init__(self) -> None:
        self._followed: dict[tuple[str, str], Ladder] = {}
        self._own: dict[tuple[str, str], Ladder] = {}
        self._texts: dict[str, dict[str, str]] = {}

    def __bool__(self) -> bool:
        """Whether any epoch had rows."""
        return bool(self._texts)

    def follow(self, name: str, ladder: Ladder) -> None:
        """Takes the ladder of a callback for its score."""
        self._followed[name, ladder.score] = ladder

    def step(
        self,
        epoch: int,
        name: str,
        rows: np.ndarray,
        values: Mapping[str, float | None],
        *,
        selections: Mapping[str, Selection],
        scoring: Scoring,
    ) -> None:
        """Compares an epoch.

        Args:
            epoch: its number.
            name: the data set.
            rows: its rows.
            values: score -> its value in this epoch.
            selections: the scores of counts among them.
            scoring: how the rows become scores.
        """
        self._texts[name] = {}
        for score, value in values.items():
            ladder = self._ladder_for(name, score, rows, selections.get(score))
            if ladder is not None and value is not None:
                entry = ladder.step(epoch, rows, scoring, value)
                self._texts[name] |= {score: text} if (text := _text(entry, ladder.reference)) else {}

    def _ladder_for(self, name: str, score: str, rows: np.ndarray, selection: Selection | None) -> Ladder | None:
        """The ladder of a score; None where its rows do not fit those before, or it has no direction or no bounds."""
        key = name, score
        if key in self._followed:
            ladder = self._followed[key]
            return ladder if _fits(ladder, rows) else None
        if selection is None or selection.score.direction is None or not np.isfinite(selection.score.bounds).all():
            return None
        if key not in self._own or not _fits(self._own[key], rows):
            self._own[key] = Ladder(score)
        return self._own[key]

    def texts(self, name: str) -> Mapping[str, str]:
        """Score -> how the last epoch of a data set compares."""
        return self._texts.get(name, {})


def _fits(ladder: Ladder, rows: np.ndarray) -> bool:
    return ladder.best_rows is None or are_pairs(ladder.best_rows, rows)


def _text(entry: dict[str, Any], reference: int | None) -> str | None:
    """Such as "(+0.0102 [+0.0050, +0.0155] over epoch 5: better)" or "(+0.0009: noise)"."""
    if reference is None or math.isnan(entry["difference"]):
        return None
    found = verdict(entry)
    if found == "noise":
        return f"({entry['difference']:+.4f}: noise)"
    ends = f"[{entry['low']:+.4f}, {entry['high']:+.4f}]"
    return f"({entry['difference']:+.4f} {ends} over epoch {reference + 1}: {found})"
