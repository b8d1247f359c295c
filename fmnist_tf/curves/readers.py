"""Readers of histograms: hashable functions, so that XLA compiles each once for a configuration and shape.

A reader holds its configuration and no metric. So metrics of one configuration share the compiled function, and a
deleted metric leaves only an entry in a bounded cache.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
import tensorflow as tf

from fmnist_tf.curves import operating
from fmnist_tf.curves.averages import Averaging, Measure
from fmnist_tf.curves.bounds import Bounds
from fmnist_tf.curves.histogram import Histogram, ScoreHistogram
from fmnist_tf.scores import SCORES

#: How many compiled readers are kept; the one not used for the longest time goes first.
_MOST_COMPILED = 128


class Reader(Protocol):
    """A hashable function of a histogram and its edges."""

    def __call__(self, h: Histogram, edges: np.ndarray, /) -> Any:
        """The value that is read, float64."""
        ...


@functools.lru_cache(maxsize=_MOST_COMPILED)
def compile_reader(
    reader: Reader, layout: ScoreHistogram, multiclass: bool
) -> Callable[[tf.Variable | tf.Tensor], Any]:
    """The reader of a state of this layout, as one XLA call; the state may be a variable, which saves a copy."""
    return tf.function(
        functools.partial(read_state, reader, layout, multiclass, compiled=True), jit_compile=True, autograph=False
    )


def read_state(
    reader: Reader,
    layout: ScoreHistogram,
    multiclass: bool,
    state: tf.Variable | tf.Tensor,
    *,
    compiled: bool = False,
) -> Any:
    """The value of a reader for a state."""
    return reader(layout.read(tf.convert_to_tensor(state), compiled=compiled), layout.bins(multiclass).edges)


@dataclass(frozen=True)
class BoundsOf:
    """The value of a measure, averaged, with its bounds."""

    measure: Measure
    averaging: Averaging

    def __call__(self, h: Histogram, edges: np.ndarray) -> Bounds:
        """Value and bounds, () or (C,)."""
        return self.averaging(self.measure, h)


@dataclass(frozen=True)
class ValueOf:
    """The value of a measure, averaged; its bounds are not computed."""

    measure: Measure
    averaging: Averaging

    def __call__(self, h: Histogram, edges: np.ndarray) -> tf.Tensor:
        """The value, () or (C,)."""
        return self.averaging(self.measure, h).value


@dataclass(frozen=True)
class ThresholdsOf:
    """The threshold of each class at which a constrained rate is largest; of one column as `Averaging` says."""

    measure: operating.ConstrainedBest
    averaging: Averaging

    def __call__(self, h: Histogram, edges: np.ndarray) -> tf.Tensor:
        """Thresholds (C,); of one column (1,), those of no and yes with `average=None` (2,)."""
        if h.num_classes > 1:
            return self.measure.choose(h, edges).threshold
        asks_both = self.averaging.average is None and self.averaging.class_id is None
        classes = (0, 1) if asks_both else (0,) if self.averaging.class_id == 0 else (1,)
        chosen = [self.measure.choose(*_one_class(h, edges, class_id)[:2]).threshold for class_id in classes]
        return tf.concat(chosen, axis=0)


@dataclass(frozen=True)
class BestOf:
    """Where a score of the table is best, and how good it is there.

    Attributes:
        score: name of the score.
        part: "threshold", or "value" for the score at the threshold.
        class_id: of this class alone; of one binary column 0 is no and 1 is yes. None for every class.
    """

    score: str
    part: Literal["threshold", "value"]
    class_id: int | None = None

    def __call__(self, h: Histogram, edges: np.ndarray) -> tf.Tensor:
        """(C,); with `class_id` or of one column ()."""
        h, edges, row = _one_class(h, edges, self.class_id)
        found = getattr(operating.best(h.counts(), SCORES[self.score], edges), self.part)
        return found if row is None else found[row]


@dataclass(frozen=True)
class CurveOf:
    """A curve over all thresholds.

    Attributes:
        curve: "roc" or "precision_recall".
        class_id: of this class alone; of one binary column 0 is no and 1 is yes. None for every class.
    """

    curve: str
    class_id: int | None = None

    def __call__(self, h: Histogram, edges: np.ndarray) -> operating.Roc | operating.PrecisionRecall:
        """Rates (C, num_bins + 1), with `class_id` or of one column (num_bins + 1,), and the thresholds."""
        h, edges, row = _one_class(h, edges, self.class_id)
        curve = (operating.roc if self.curve == "roc" else operating.precision_recall)(h, edges)
        return curve if row is None else type(curve)(curve[0][row], curve[1][row], curve[2])


@dataclass(frozen=True)
class AllOf:
    """Several readers of one histogram, by name."""

    readers: tuple[tuple[str, Reader], ...]

    def __call__(self, h: Histogram, edges: np.ndarray) -> dict[str, Any]:
        """Name -> the value of its reader."""
        return {name: reader(h, edges) for name, reader in self.readers}


def _one_class(h: Histogram, edges: np.ndarray, class_id: int | None) -> tuple[Histogram, np.ndarray, int | None]:
    """The histogram that holds a class, its edges, and the row; None for all rows.

    No of one column is a score below a threshold: its edges are those of yes in reverse order.
    """
    if h.num_classes > 1:
        return h, edges, class_id
    return (h.of_no(), edges[::-1].copy(), 0) if class_id == 0 else (h, edges, 0)
