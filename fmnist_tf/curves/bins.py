"""`Bins`: the bin of a score, computed with integers alone, so that every compiler and device agrees.

A probability p is mapped to its number of steps from a half: the difference of the bits of the floats, with 20 bits of
the mantissa. So each factor of two of p below a half, and of 1 - p above it (exact there), has 2**20 steps. This is
nearly the logit: steps are fine near 0 and 1, where confident models have their scores, and no logarithm has to be
monotone. Logits of binary columns have steps of 2**-20 from 0 to 32, and beyond 2**23 steps a factor of two.

A step counts as more ranks near the middle, where positives and negatives of most models overlap. All bins have the
same number of ranks, and there are as many bins below the middle as above it.
"""

import functools
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import tensorflow as tf

#: Steps for a factor of two, or for a logit of 1, are 2**_KEPT; at most 2**23, so that edges are float32 numbers.
_KEPT = 20
_DROPPED = 52 - _KEPT
_HALF = int(np.float64(0.5).view(np.int64))
#: From this logit on steps follow the bits of its float, 2**23 a factor of two: those of 23 bits of the mantissa.
_FAR = 32.0
_FAR_BITS = int(np.float64(_FAR).view(np.int64))
_FAR_DROPPED = 52 - 23
#: The version of the bins: two histograms can be added only if it agrees; every change of the bins increases it.
BINS_VERSION = 3


class _Line(NamedTuple):
    """The ranks of a number of steps: (slope * steps >> shift) + offset units of 2**_KEPT."""

    slope: int
    shift: int
    offset: int


#: The rank of a number of steps is the least value of the lines, so that ranks grow more slowly far from the middle.
#: Of probabilities 16 a step within the first four factors of two, 8 in the next four, 1 beyond.
_OF_PROBABILITIES = (_Line(16, 0, 0), _Line(8, 0, 32), _Line(1, 0, 88))
#: Of logits 12 a step up to 4, 6 up to 8, 1 up to 32; then 8 units a factor of two up to 128, and 1 up to 2**23.
_OF_LOGITS = (_Line(12, 0, 0), _Line(6, 0, 24), _Line(1, 0, 64), _Line(1, 3, 106))
#: There are 2**_RANK_BITS ranks, 2**20 for each of 256 units: 2**-41, or the logit 2**23, from the middle either way.
_RANK_BITS = 28
_MIDDLE = 1 << (_RANK_BITS - 1)


@dataclass(frozen=True)
class Bins:
    """Bins of scores, from the lowest to the highest; each but the last holds its upper edge.

    The first bin holds all scores below 2**-41, or below the logit -2**23. The last one holds the greatest score alone,
    the probability 1 or the logit infinity: saturated scores are ties, and are known as such. If the number of bins is
    even, one half, or the logit 0, is an edge.

    Attributes:
        num_bins: how many bins there are, at least 3.
        of_logits: whether scores are logits, and not probabilities.
    """

    num_bins: int
    of_logits: bool = False

    def bin_indices(self, scores: tf.Tensor) -> tf.Tensor:
        """int64 bins of scores; of NaN and of invalid probabilities any number from 0 to `num_bins` - 1."""
        scores = tf.cast(scores, tf.float64)
        steps, above = (_steps_of_logits if self.of_logits else _steps_of_probabilities)(scores)
        rank = _rank(steps, above, _OF_LOGITS if self.of_logits else _OF_PROBABILITIES)
        ranked = tf.bitwise.right_shift(rank * (self.num_bins - 2), _int64(_RANK_BITS))
        greatest = np.inf if self.of_logits else 1.0
        return tf.where(scores == greatest, _int64(self.num_bins - 1), tf.maximum(ranked + 1, _int64(0)))

    @property
    def edges(self) -> np.ndarray:
        """Thresholds between the bins, float64 (num_bins + 1,), ascending: a score above edge b is in bin b or above.

        The first edge is below every score except the logit -inf, the last edge above all. Each edge is a float32
        number, so that a score of float32 or narrower is above an edge exactly if its bin is.
        """
        return _edges(self.num_bins, self.of_logits)


def _steps_of_probabilities(p: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """(steps from a half, whether above it); a step includes its end of larger p."""
    above = p > 0.5
    bits = tf.maximum(tf.bitcast(tf.where(above, 1.0 - p, p), tf.int64), _int64(0))  # the bits of -0.0 are negative
    distance = tf.where(above, _int64(_HALF - 1), _int64(_HALF)) - bits
    return tf.bitwise.right_shift(distance, _int64(_DROPPED)), above


def _steps_of_logits(logits: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """(steps from 0, whether above it); a step includes its end of larger logit.

    Counted downwards, steps are rounded down on either side of 0; the inverse of -n is n - 1.
    """
    above = logits > 0
    near = tf.cast(tf.floor(tf.clip_by_value(-logits, -_FAR, _FAR) * 2.0**_KEPT), tf.int64)
    far = tf.bitcast(tf.maximum(tf.abs(logits), _FAR), tf.int64) - _int64(_FAR_BITS)
    down = near + tf.bitwise.right_shift(tf.where(above, -far, far), _int64(_FAR_DROPPED))
    return tf.where(above, tf.bitwise.invert(down), down), above


def _rank(steps: tf.Tensor, above: tf.Tensor, lines: tuple[_Line, ...]) -> tf.Tensor:
    """Ranks from 0 on; -1 where a score lies below all of them."""
    weighed = functools.reduce(tf.minimum, (_ranks_on(line, steps) for line in lines))
    rank = _int64(_MIDDLE) + tf.where(above, weighed, tf.bitwise.invert(weighed))  # the inverse is -1 - weighed
    return tf.maximum(tf.minimum(rank, _int64((1 << _RANK_BITS) - 1)), _int64(-1))


def _ranks_on(line: _Line, steps: tf.Tensor) -> tf.Tensor:
    ranks = line.slope * steps if line.slope > 1 else steps
    ranks = tf.bitwise.right_shift(ranks, _int64(line.shift)) if line.shift else ranks
    return ranks + _int64(line.offset << _KEPT) if line.offset else ranks


def _int64(value: int) -> tf.Tensor:
    return tf.constant(value, tf.int64)


@functools.lru_cache(maxsize=32)
def _edges(num_bins: int, of_logits: bool) -> np.ndarray:
    upper = _upper_logit if of_logits else _upper_probability
    inner = [upper(-(-(number << _RANK_BITS) // (num_bins - 2))) for number in range(num_bins - 2)]
    largest = np.finfo(np.float32).max
    greatest = largest if of_logits else np.nextafter(np.float32(1), np.float32(0))
    ends = (-largest, np.inf) if of_logits else (-1.0, 1.0)
    edges = np.array([ends[0], *inner, greatest, ends[1]], np.float64)
    edges.setflags(write=False)
    return edges


def _upper_probability(rank: int) -> float:
    """The greatest probability, a float32 number, of a rank below this one."""
    steps, above = _steps_before(rank, _OF_PROBABILITIES)
    part = float(np.int64(_HALF - (steps << _DROPPED)).view(np.float64))
    return _rounded_down(1.0 - part) if above else part


def _upper_logit(rank: int) -> float:
    """The greatest logit of a rank below this one."""
    steps, above = _steps_before(rank, _OF_LOGITS)
    far = steps - (int(_FAR) << _KEPT)
    size = steps / 2.0**_KEPT if far <= 0 else float(np.int64(_FAR_BITS + (far << _FAR_DROPPED)).view(np.float64))
    return _rounded_down(size if above else -size)


def _steps_before(rank: int, lines: tuple[_Line, ...]) -> tuple[int, bool]:
    """(steps from the middle to the upper edge of the ranks below this one, whether it lies above)."""
    ranks = abs(rank - _MIDDLE)
    least = max(-(-((ranks - (line.offset << _KEPT)) << line.shift) // line.slope) for line in lines)
    return max(least, 0), rank > _MIDDLE


def _rounded_down(value: float) -> float:
    nearest = np.float32(value)
    return float(nearest if float(nearest) <= value else np.nextafter(nearest, np.float32(-np.inf)))
