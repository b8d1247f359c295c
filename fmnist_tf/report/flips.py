"""Samples that became right or wrong from one model to the next, by class."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from fmnist_tf.intervals import Paired
from fmnist_tf.intervals.significance import holm, mcnemar


def count_flips(pairs: Paired, reported: Sequence[int], names: Sequence[str]) -> np.ndarray:
    """A structured array, a row a class: class (name), fixed, broken, p and p_holm.

    p is that of the exact test of McNemar. Of groups, whose samples depend on each other, it is the exact sign test of
    the groups with more fixed than broken samples against those with fewer.

    Args:
        pairs: the predictions of both models.
        reported: the class ids of the rows.
        names: their names.
    """
    fixed, broken = _flips(pairs)
    counts = [(int(fixed[:, k].sum()), int(broken[:, k].sum())) for k in reported]
    p = np.array([mcnemar(*_votes(pairs.groups, fixed[:, k], broken[:, k])) for k in reported])
    text = np.array(names)
    fields = [("class", text.dtype), ("fixed", "i8"), ("broken", "i8"), ("p", "f8"), ("p_holm", "f8")]
    rows = zip(text, *np.transpose(counts), p, holm(p), strict=True)
    return np.array(list(rows), fields)


def flipped_rows(pairs: Paired, ids: np.ndarray | None = None) -> np.ndarray:
    """The samples that changed: a structured array with the fields id, class_id, a, b (predicted) and fixed.

    Of binary columns there is a row for each column that changed, class_id is the column, a and b are 0 or 1.

    Args:
        pairs: the predictions of both models.
        ids: the id of each sample; None for 0 to N - 1.
    """
    fixed, broken = _flips(pairs)
    rows, classes = np.nonzero(fixed | broken)
    ids = np.arange(len(fixed)) if ids is None else ids
    columns = pairs.true.ndim == 2
    found = np.zeros(len(rows), [("id", "i8"), ("class_id", "i8"), ("a", "i8"), ("b", "i8"), ("fixed", bool)])
    found["id"], found["class_id"], found["fixed"] = ids[rows], classes, fixed[rows, classes]
    for name, side in (("a", pairs.pred_a), ("b", pairs.pred_b)):
        found[name] = side[rows, classes] if columns else side[rows]
    return found


def _flips(pairs: Paired) -> tuple[np.ndarray, np.ndarray]:
    """Whether each sample became right, and wrong, (N, C): in the column of its class, or in each column."""
    right = [side == pairs.true for side in (pairs.pred_a, pairs.pred_b)]
    fixed, broken = right[1] & ~right[0], right[0] & ~right[1]
    if pairs.true.ndim == 2:
        return fixed, broken
    is_class = pairs.true[:, np.newaxis] == np.arange(len(pairs.a.cells))
    return fixed[:, np.newaxis] & is_class, broken[:, np.newaxis] & is_class


def _votes(groups: Any, fixed: np.ndarray, broken: np.ndarray) -> tuple[int, int]:
    """How many units are in favour of either model."""
    if groups is None:
        return int(fixed.sum()), int(broken.sum())
    net = np.bincount(np.unique(groups, return_inverse=True)[1], fixed.astype(int) - broken.astype(int))
    return int(np.sum(net > 0)), int(np.sum(net < 0))
