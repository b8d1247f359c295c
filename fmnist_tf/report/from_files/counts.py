"""Counts of labels and predictions that come in pieces: pairs of ids, or scores with their curves."""

from collections.abc import Callable, Iterator

import numpy as np
import tensorflow as tf

from fmnist_tf.counts import effective_number
from fmnist_tf.labels import INVALID_REASONS, VALID, InputSpec, canonicalize
from fmnist_tf.metrics import ConfusionMatrix, CurveSet, MultilabelConfusionMatrix
from fmnist_tf.metrics.histograms import DEFAULT_NUM_BINS
from fmnist_tf.report.from_files.groups import Groups

#: The largest matrix is of 1 GiB, as for the metrics.
_MOST_CLASSES = 11_585
#: Up to here a block is counted into a separate matrix, which is faster than to add row by row.
_DENSE_CELLS = 2**16
_BLOCK = 2**16
_MOST_BINS = 2**24  # of 16 bytes
_SUM_TOLERANCE = 0.01

#: Labels, predictions, weights or None, and the numbers of their groups, int64 (n, columns), or None.
Rows = tuple[np.ndarray, np.ndarray, np.ndarray | None, np.ndarray | None]


class Weights:
    """Sums of weights, for the effective number of rows (sum w)^2 / sum w^2."""

    def __init__(self) -> None:
        self.rows, self._sum, self._squares, self._weighted = 0, 0.0, 0.0, False

    def add(self, rows: int, weight: np.ndarray | None) -> None:
        """Takes a piece."""
        self.rows += rows
        if weight is not None:
            self._weighted = True
            self._sum += float(weight.sum())
            with np.errstate(over="ignore"):
                self._squares += float(weight @ weight)

    @property
    def effective_total(self) -> float | None:
        """(sum w)^2 / sum w^2; None if there are no weights, or they are all 0."""
        return effective_number(self._sum, self._squares) if self._weighted and self._sum else None


class PairCounts:
    """Counts of (true id, predicted id): a matrix that grows with the ids that occur.

    Args:
        num_classes: the least number of classes.
    """

    def __init__(self, num_classes: int = 2):
        self._least = num_classes
        self._matrix = np.zeros((self._capacity(num_classes),) * 2)
        #: The lowest and the highest of weighted rows: the matrix does not show those of weight 0.
        self._weighted_ids: tuple[int, ...] = ()

    @property
    def matrix(self) -> np.ndarray:
        """float64 (C, C), rows true, of the ids from 0 to the highest that occurs."""
        size = max(self._least, self.highest + 1)
        return self._matrix[:size, :size]

    @property
    def lowest(self) -> int:
        """The lowest id that occurs; -1 if there is none."""
        return min((*self._met[:1].tolist(), *self._weighted_ids), default=-1)

    @property
    def highest(self) -> int:
        """The highest id that occurs; -1 if there is none."""
        return max((*self._met[-1:].tolist(), *self._weighted_ids), default=-1)

    @property
    def num_occurring(self) -> int:
        """How many ids occur."""
        return len(self._met)

    @property
    def _met(self) -> np.ndarray:
        return np.flatnonzero(self._matrix.any(axis=0) | self._matrix.any(axis=1))

    def add(self, true: np.ndarray, pred: np.ndarray, weight: np.ndarray | None) -> None:
        """Counts rows of ids, int64 (n,), in blocks that stay in the processor's cache.

        Raises:
            ValueError: an id is negative, or so large that the matrix would not fit.
        """
        for start in range(0, len(true), _BLOCK):
            part = slice(start, start + _BLOCK)
            self._add(true[part], pred[part], None if weight is None else weight[part])

    def _add(self, true: np.ndarray, pred: np.ndarray, weight: np.ndarray | None) -> None:
        # A number below a power of two has no higher bit, nor the sign bit: one pass checks both ends of both arrays.
        cells = true | pred
        if cells.view(np.uint64).max() >= len(self._matrix):
            self._grow(int(min(true.min(), pred.min())), int(max(true.max(), pred.max())))
        if weight is not None:
            both = (*self._weighted_ids, int(true.min()), int(pred.min()), int(true.max()), int(pred.max()))
            self._weighted_ids = (min(both), max(both))
        size = len(self._matrix)
        np.left_shift(true, size.bit_length() - 1, out=cells)  # times size, into the memory that is at hand
        cells |= pred
        if size * size <= _DENSE_CELLS:
            self._matrix += np.bincount(cells, weight, size * size).reshape(size, size)
        else:
            np.add.at(self._matrix.reshape(-1), cells, 1.0 if weight is None else weight)

    def _grow(self, low: int, high: int) -> None:
        if low < 0:
            raise ValueError(f"class ids must not be negative, got {low}")
        if high >= _MOST_CLASSES:
            raise ValueError(f"a class id of {high} is too large; number the classes from 0 to {_MOST_CLASSES - 1}")
        size = len(self._matrix)
        larger = np.zeros((self._capacity(high + 1),) * 2)  # zeros take no memory before they are written to
        larger[:size, :size] = self._matrix
        self._matrix = larger

    @staticmethod
    def _capacity(num_classes: int) -> int:
        """A power of two, so that a matrix rarely grows."""
        return 1 << max(4, (num_classes - 1).bit_length())


class ScoreCounts:
    """Matrix and curves of scores.

    Args:
        width: the number of columns of scores.
        threshold: scores above it are yes; None where the largest score wins or for the default.
        columns: whether each column is binary.
        from_logits: whether the scores are logits.
        curves: whether AUROC and average precision are computed: not for predictions 0 and 1.

    Attributes:
        metric: the metric that counts the matrix.
        curves: the metric that bins the scores, or None.
        unequal: how many rows of multiclass scores do not sum to 1.
    """

    def __init__(self, width: int, *, threshold: float | None, columns: bool, from_logits: bool, curves: bool):
        several = columns and width > 1
        self.metric = (
            MultilabelConfusionMatrix(width, threshold=threshold)
            if several
            else ConfusionMatrix(None if width == 1 else width, threshold=threshold)
        )
        # Few bins if there are very many columns, so that they fit the memory.
        num_bins = min(DEFAULT_NUM_BINS, max(4, _MOST_BINS // width))
        self.curves = (
            CurveSet(multi_label=several, from_logits=from_logits, num_bins=num_bins, on_invalid="skip")
            if curves
            else None
        )
        self.groups = Groups(())
        self.unequal = 0
        self._spec = InputSpec(None if width == 1 else width, threshold)
        self._sums = curves and not columns and width > 1 and not from_logits

    def add(
        self, true: np.ndarray, pred: np.ndarray, weight: np.ndarray | None, codes: np.ndarray | None = None
    ) -> None:
        """Counts rows of labels (n,) or (n, C) and scores (n,) or (n, C)."""
        self.metric.update_state(true, pred, weight)
        if codes is not None:
            self._add_groups(true, pred, weight, codes)
        if self.curves is not None:
            self.curves.update_state(true, pred, weight)
        if self._sums:
            self.unequal += int((np.abs(pred.sum(axis=1) - 1) > _SUM_TOLERANCE).sum())

    def _add_groups(self, true: np.ndarray, pred: np.ndarray, weight: np.ndarray | None, codes: np.ndarray) -> None:
        """Counts the groups of valid rows; an invalid one is an error in any case."""
        labels = canonicalize(tf.constant(true), tf.constant(pred), spec=self._spec)
        true, pred, status = (part.numpy() for part in (labels.true, labels.pred, labels.status))
        columns = not labels.input_format.multiclass
        valid = (status == VALID).all(axis=1) if columns else status == VALID
        true, pred, codes = true[valid], pred[valid], codes[valid]
        weight = None if weight is None else weight[valid]
        if columns and true.shape[1] > 1:
            self.groups.add_columns(codes, true, pred, weight)
            return
        ids, found = (part.reshape(len(codes)).astype(np.int64) for part in (true, pred))
        self.groups.add_ids(codes, ids, found, weight)

    def invalid(self) -> dict[str, int]:
        """Kind -> how many rows or entries could not be counted; those of the curves are not among them."""
        numbers = np.asarray(self.metric.state_dict()["invalid"], np.float64)
        return {kind: int(number) for kind, number in zip(INVALID_REASONS, numbers, strict=True) if number}

    @property
    def outside(self) -> int:
        """How many rows or entries the curves cannot take: scores outside 0 to 1."""
        return 0 if self.curves is None else int(self.curves.invalid)


def regroup(pieces: Iterator[Rows], rows: int) -> Iterator[Rows]:
    """The same rows in pieces of one size, except for the last, so that few shapes are compiled."""
    held: list[Rows] = []
    count = 0
    for piece in pieces:
        held.append(piece)
        count += len(piece[0])
        while count >= rows:
            whole = _join(held)
            yield _part(whole, slice(0, rows))
            held, count = [_part(whole, slice(rows, None))], count - rows
    if count:
        yield _join(held)


def _join(pieces: list[Rows]) -> Rows:
    if len(pieces) == 1:
        return pieces[0]
    true, pred, *optional = zip(*pieces, strict=True)
    weight, codes = (None if part[0] is None else np.concatenate(part) for part in optional)
    return np.concatenate(true), np.concatenate(pred), weight, codes


def _part(rows: Rows, part: slice) -> Rows:
    true, pred, weight, codes = rows
    return true[part], pred[part], None if weight is None else weight[part], None if codes is None else codes[part]


def counted(rows: Iterator[Rows], weights: Weights, progress: Callable[[int], None] | None) -> Iterator[Rows]:
    """The same rows; `progress` is called with their number."""
    for true, pred, weight, codes in rows:
        weights.add(len(true), weight)
        if progress is not None:
            progress(weights.rows)
        yield true, pred, weight, codes
