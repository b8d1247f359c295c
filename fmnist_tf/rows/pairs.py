"""Two arrays of rows of the same set, paired by id."""

from typing import Any

import numpy as np

from fmnist_tf.intervals import Paired, Rules


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


def are_pairs(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two arrays hold the same ids with the same labels, in the same order."""
    return len(a) > 0 and all(np.array_equal(a[name], b[name]) for name in ("id", "label"))


def pair_rows(a: np.ndarray, b: np.ndarray, num_classes: int, rules: Rules, groups: Any = None) -> Paired:
    """The predictions of two arrays of the same rows, with their weights.

    Args:
        a: structured array of rows with the fields label and predicted; weight, confidence and scores are optional.
        b: structured array of the same rows, in the same order.
        num_classes: C.
        rules: how counts become values.
        groups: the group of each row, (N,), or the name of a field that holds it; None where each row stands alone.

    Raises:
        ValueError: `groups` is no field of the rows, or of another length; scores that are not finite, or not of C
            classes.
    """
    names = a.dtype.names or ()
    return Paired(
        a["label"],
        a["predicted"],
        b["predicted"],
        num_classes,
        multiclass=not rules.binary,
        zero_division=rules.zero_division,
        classes=rules.classes,
        sample_weight=a["weight"] if "weight" in names else None,
        groups=None if groups is None else read_groups(groups, a),
        probabilities=_probabilities(a, b, num_classes),
    )


def read_groups(groups: Any, rows: np.ndarray) -> np.ndarray:
    """The group of each row.

    Args:
        groups: an array (N,) in the order of the rows, or the name of one of their fields.
        rows: structured array (N,).

    Raises:
        ValueError: no such field, or another length.
    """
    if isinstance(groups, str):
        names = rows.dtype.names or ()
        if groups not in names:
            raise ValueError(f"`groups` must be a field of the rows, {', '.join(names)}, or an array, got {groups!r}")
        return rows[groups]
    groups = np.asarray(groups)
    if groups.shape != (len(rows),):
        raise ValueError(f"`groups` must hold the group of each of {len(rows)} rows, got shape {groups.shape}")
    return groups


def _probabilities(a: np.ndarray, b: np.ndarray, num_classes: int) -> tuple[np.ndarray, np.ndarray] | None:
    """The probabilities of both models, (N, C) or (N,) of class 1; None where the rows do not tell them."""
    if all("scores" in (rows.dtype.names or ()) for rows in (a, b)):
        return _scores(a, num_classes), _scores(b, num_classes)
    if all(_tell_probability(rows, num_classes) for rows in (a, b)):
        return _probability(a), _probability(b)
    return None


def _scores(rows: np.ndarray, num_classes: int) -> np.ndarray:
    scores = rows["scores"]
    of_yes = num_classes <= 2 and scores.shape[1:] in ((), (1,))
    if not of_yes and scores.shape[1:] != (num_classes,):
        raise ValueError(f"`scores` of rows must be those of {num_classes} classes, got shape {scores.shape}")
    if scores.dtype.kind not in "fiu" or not np.all(np.isfinite(scores)):
        raise ValueError("`scores` of rows must be finite numbers")
    return scores.reshape(len(rows)) if of_yes else scores


def _tell_probability(rows: np.ndarray, num_classes: int) -> bool:
    """Whether the confidence of the prediction tells the probability of both classes."""
    return num_classes <= 2 and rows["label"].ndim == 1 and "confidence" in (rows.dtype.names or ())


def _probability(rows: np.ndarray) -> np.ndarray:
    """The probability of class 1, (N,)."""
    return np.where(rows["predicted"] == 1, rows["confidence"], 1 - rows["confidence"])
