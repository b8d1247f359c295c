"""`Record`: the values, counts and matrices that a `ScoreLogger` keeps of every epoch."""

from collections.abc import Iterable, Mapping

import numpy as np

from fmnist_tf.callbacks.keys import key_of
from fmnist_tf.callbacks.snapshots import Snapshot
from fmnist_tf.counts import Counts
from fmnist_tf.scores import Selection


class Record:
    """Values, counts and matrices by name of the data set, an entry for each epoch that has them.

    Attributes:
        history: key -> float64 values.
        counts: data set -> counts.
        matrices: data set -> matrices, where they were kept.
        epochs: data set -> the epochs of its entries.
        snapshots: data set -> its snapshots; only the last one keeps its histogram, which may be large.
        output: the output that was read, of a model of several.
    """

    def __init__(self) -> None:
        self.history: dict[str, list[float]] = {}
        self.counts: dict[str, list[Counts]] = {}
        self.matrices: dict[str, list[np.ndarray]] = {}
        self.epochs: dict[str, list[int]] = {}
        self.snapshots: dict[str, list[Snapshot]] = {}
        self.output: str | None = None

    def add(self, name: str, epoch: int, snapshot: Snapshot, values: Mapping[str, float]) -> None:
        """Adds an epoch of a data set."""
        kept = self.snapshots.setdefault(name, [])
        kept[-1:] = [earlier._replace(curves=None) for earlier in kept[-1:]]
        kept.append(snapshot)
        self.counts.setdefault(name, []).append(snapshot.counts)
        self.epochs.setdefault(name, []).append(epoch)
        if snapshot.matrix is not None:
            self.matrices.setdefault(name, []).append(snapshot.matrix)
        for key, value in values.items():
            self.history.setdefault(key, []).append(value)

    def last_two(self, name: str) -> tuple[Snapshot, Snapshot | None]:
        """The last entry of a data set, and the one before, if there is one."""
        kept = self.snapshots[name]
        return kept[-1], kept[-2] if len(kept) > 1 else None

    def last_value(self, name: str, score: str) -> float | None:
        """The last value of a score of a data set, None where it is not recorded."""
        return (self.history.get(key_of(name, score, self.output)) or [None])[-1]

    def find(self, name: str, epoch: int | None) -> tuple[Snapshot, int]:
        """The entry of an epoch, or the last, and its epoch.

        Raises:
            KeyError: nothing was recorded under that name.
            ValueError: nothing was recorded in that epoch.
        """
        if name not in self.snapshots:
            raise KeyError(f"nothing was recorded for {name!r}; there is {', '.join(self.snapshots) or 'nothing'}")
        epochs = self.epochs[name]
        if epoch is not None and epoch not in epochs:
            raise ValueError(f"epoch {epoch} was not recorded for {name!r}; there are {epochs}")
        index = -1 if epoch is None else epochs.index(epoch)
        return self.snapshots[name][index], epochs[index]

    def best_epoch(self, name: str, scores: Mapping[str, Selection]) -> int | None:
        """The epoch with the best value of the first of macro_f1, accuracy and the first of `scores` that is there.

        The earlier one on a tie; None where there is no score, or all its values are NaN.
        """
        score = main_score(scores)
        values = np.array([] if score is None else self.history.get(key_of(name, score, self.output), []))
        if score is None or not len(values) or np.all(np.isnan(values)):
            return None
        best = np.nanargmin if is_better_low(scores[score]) else np.nanargmax
        return self.epochs[name][int(best(values))]


def main_score(scores: Mapping[str, Selection]) -> str | None:
    """The score that tells the best epoch: the first of macro_f1, accuracy and the first of `scores` that is there."""
    return next((score for score in ("macro_f1", "accuracy", *scores) if score in scores), None)


def is_better_low(selection: Selection) -> bool:
    """Whether less of a score is better."""
    return selection.score.direction == "down"


def main_name(recorded: Iterable[str], datasets: Iterable[str]) -> str:
    """The data set that is shown first: validation, else the first given, else training, else an evaluation."""
    recorded = list(recorded)
    return next((name for name in ("val", *datasets, "train") if name in recorded), "evaluate")
