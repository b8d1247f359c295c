"""The interval of the difference of a score between two arrays of rows of the same set, paired by id."""

import numpy as np
import tensorflow as tf

from fmnist_tf.counts import Counts
from fmnist_tf.intervals import Interval, Paired, quantile
from fmnist_tf.scores import Selection

_DRAWS = 400


def check_pairs(a: np.ndarray, b: np.ndarray, user: str) -> None:
    """Refuses rows that differ in ids or labels.

    Raises:
        ValueError: with what differs.
    """
    if len(a) != len(b) or not np.array_equal(a["id"], b["id"]):
        only = np.setxor1d(a["id"], b["id"])
        example = f", such as {only[0]} in one alone" if only.size else ""
        raise ValueError(
            f"{user} pairs rows by id, but the ids of two epochs differ{example}; "
            "give tag(ids=) the same ids each epoch"
        )
    if not np.array_equal(a["label"], b["label"]):
        raise ValueError(
            f"{user} pairs rows by id, but labels of one id differ; give tag(ids=) the same ids each epoch"
        )


def paired_interval(selection: Selection, a: np.ndarray, b: np.ndarray, num_classes: int, level: float) -> Interval:
    """The interval of score(b) - score(a).

    Rows of one label each are paired by the jackknife over the cells of (label, prediction a, prediction b). Those of
    several binary columns by a bootstrap over the kinds of rows that occur.

    Args:
        selection: the score.
        a: structured array of rows with fields label and predicted.
        b: structured array of the same rows, with the same fields.
        num_classes: C; 1 for one binary column.
        level: of the two-sided interval.
    """
    if a["label"].ndim == 2:
        return _of_columns(selection, a, b, level)
    pairs = Paired(a["label"], a["predicted"], b["predicted"], max(num_classes, 2))
    class_id = selection.class_id
    if num_classes == 1 and class_id is None and selection.average in (None, "auto"):
        class_id = 1  # a score of one column without a named average is that of yes
    if class_id is None:
        return pairs.difference(selection, level)
    found = pairs.class_differences(selection._replace(class_id=None, average="macro"), level)
    return Interval(*(float(np.asarray(end)[class_id]) for end in found))


def _of_columns(selection: Selection, a: np.ndarray, b: np.ndarray, level: float) -> Interval:
    kinds, times = np.unique(np.hstack([a["label"], a["predicted"], b["predicted"]]), axis=0, return_counts=True)
    label, of_a, of_b = np.split(kinds.astype(float), 3, axis=1)
    draws = np.random.default_rng(0).multinomial(times.sum(), times / times.sum(), _DRAWS)
    weights = np.vstack([times, draws]).astype(float)
    difference = _scores(selection, weights, label, of_b) - _scores(selection, weights, label, of_a)
    half = quantile(level) * difference[1:].std()
    return Interval(float(difference[0] - half), float(difference[0] + half))


def _scores(selection: Selection, weights: np.ndarray, label: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """The score of each row of weights (R, K) over kinds of rows (K, C), (R,)."""
    total = np.broadcast_to(weights.sum(1, keepdims=True), (len(weights), label.shape[1]))
    fields = (weights @ (label * predicted), weights @ predicted, weights @ label, total)
    counts = Counts(*(tf.constant(field, tf.float64) for field in fields))
    return selection.evaluate(counts, multiclass=False).numpy()
