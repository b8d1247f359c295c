"""`Units`: the samples that two models predicted, as the units that another test set would draw anew."""

from typing import Any, NamedTuple

import numpy as np

#: Bits of a kind of row, of binary columns, that fit an integer.
_MOST_BITS = 62


class Units(NamedTuple):
    """Units that are drawn independently: samples, those of one kind together, or groups of samples.

    Weighted samples of one kind, of which there are n, have the same first two moments as
    (sum w)^2 / sum w^2 samples of the weight sum w^2 / sum w each.

    Attributes:
        true: class ids of the members (M,), or zeros and ones of binary columns (M, C).
        a: what model a predicted of them, shaped alike.
        b: what model b predicted of them, shaped alike.
        weight: the weights of the members, (M,).
        unit: the unit of each member, (M,), from 0 to U - 1.
        times: how many there are of each unit, (U,).
    """

    true: np.ndarray
    a: np.ndarray
    b: np.ndarray
    weight: np.ndarray
    unit: np.ndarray
    times: np.ndarray

    @property
    def degrees(self) -> float:
        """The degrees of freedom of a variance over groups, one less than there are; of samples infinity."""
        groups = len(self.times)
        return max(groups - 1, 1) if groups < len(self.unit) else np.inf

    def totals(self, effects: np.ndarray) -> np.ndarray:
        """The sum of effects (M, ...) of the members of each unit, each by its weight: (U, ...)."""
        weighed = effects * self.weight.reshape(-1, *[1] * (effects.ndim - 1))
        if len(self.times) == len(self.unit):
            return weighed  # every unit has one member, in order
        if weighed.ndim == 1:
            return np.bincount(self.unit, weighed, len(self.times))
        columns = [np.bincount(self.unit, column, len(self.times)) for column in weighed.T]
        return np.stack(columns, axis=-1)

    def tables(self, pred: np.ndarray, num_classes: int) -> np.ndarray:
        """The part of each unit in the table [[tn, fp], [fn, tp]] of each class, (U, C, 2, 2)."""
        if self.true.ndim == 2:
            true, found = (self.totals(side.astype(np.float64)) for side in (self.true, pred))
            both = self.totals((self.true * pred).astype(np.float64))
        else:
            true, found = (self._of_ids(ids, self.weight, num_classes) for ids in (self.true, pred))
            both = self._of_ids(pred, self.weight * (self.true == pred), num_classes)
        whole = self.totals(np.ones(len(self.unit)))[:, np.newaxis]
        cells = [whole - true - found + both, found - both, true - both, both]
        return np.stack(cells, axis=-1).reshape(*true.shape, 2, 2)

    def _of_ids(self, ids: np.ndarray, weight: np.ndarray, num_classes: int) -> np.ndarray:
        """The weight of each class id in each unit, (U, C)."""
        cells = self.unit * num_classes + ids
        size = len(self.times) * num_classes
        return np.bincount(cells, weight, size).reshape(-1, num_classes)

    def against_the_rest(self, class_id: int) -> "Units":
        """The same units as members of a class or not: at most eight kinds, where units are samples."""
        sides = (self.true, self.a, self.b)
        true, a, b = (side[:, class_id] if side.ndim == 2 else (side == class_id).astype(np.int64) for side in sides)
        if len(self.times) < len(self.unit):
            return self._replace(true=true, a=a, b=b)
        return make_units(true, a, b, 2, weight=self.weight, times=self.times)


def make_units(
    true: np.ndarray,
    a: np.ndarray,
    b: np.ndarray,
    num_classes: int,
    *,
    weight: np.ndarray | None = None,
    groups: Any = None,
    times: np.ndarray | None = None,
) -> Units:
    """The units of N samples: groups where they are given, else the kinds of samples.

    Args:
        true: (N,) class ids, or (N, C) zeros and ones.
        a: likewise.
        b: likewise.
        num_classes: C.
        weight: (N,), or None.
        groups: (N,) the group of each sample, or None.
        times: how many there are of each sample, (N,); None for one.
    """
    weight = np.ones(len(true)) if weight is None else weight
    names, unit = ((), None) if groups is None else np.unique(groups, return_inverse=True)
    if unit is not None and len(names) < len(true):
        return Units(true, a, b, weight, unit, np.ones(len(names)))
    times = np.ones(len(true)) if times is None else times
    first, kind = _kinds(true, a, b, num_classes)
    total, squares = (np.bincount(kind, times * power, len(first)) for power in (weight, weight**2))
    some = total > 0  # samples of weight zero have no effect
    first, total, squares = first[some], total[some], squares[some]
    return Units(true[first], a[first], b[first], squares / total, np.arange(len(first)), total**2 / squares)


def _kinds(true: np.ndarray, a: np.ndarray, b: np.ndarray, num_classes: int) -> tuple[np.ndarray, np.ndarray]:
    """The first sample of each kind, and the kind of each sample."""
    if true.ndim == 2 and 3 * num_classes > _MOST_BITS:
        return np.arange(len(true)), np.arange(len(true))
    codes = np.zeros(len(true), np.int64)
    for side in (true, a, b):
        for column in side.reshape(len(true), -1).T:
            codes = codes * (num_classes if true.ndim == 1 else 2) + column
    _, first, kind = np.unique(codes, return_index=True, return_inverse=True)
    return first, kind
