"""`compare` of two reports, or of two arrays of rows, paired by id."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from fmnist_tf.intervals import Paired, Rules
from fmnist_tf.report.comparison import Comparison
from fmnist_tf.report.report import Report
from fmnist_tf.rows.pairs import pair_rows, read_groups

_FIELDS = ("id", "label", "predicted")


def compare(
    a: Any,
    b: Any,
    class_names: Sequence[str] | None = None,
    *,
    names: tuple[str, str] = ("a", "b"),
    level: float = 0.95,
    multiclass: bool | None = None,
    groups: Any = None,
) -> Comparison:
    """The differences b - a of every score, with intervals: paired where there are rows.

    The intervals are those of another test set from the same source; another training, with another seed, moves the
    scores as well.

    Args:
        a: a `Report`, or rows: a structured array with the fields id, label and predicted, as `ScoreLogger.rows` holds.
            A field weight holds the weights of the rows. With a field scores (C,), as `ScoreLogger(rows="scores")`
            keeps, they are compared by AUROC and average precision as well, each class against the rest; of one binary
            column or of two classes the field confidence is enough.
        b: a report or rows of the same kind, of the same labels; rows may come in another order.
        class_names: C names, used with rows; "0", "1", ... by default. Reports have names already.
        names: the names of a and b, for tables and messages.
        level: the probability with which each interval covers, used with rows. Reports have a level already.
        multiclass: False with rows of labels 0 and 1: they are those of one binary column, of which a score without an
            average is that of yes. None takes them for two classes. Rows of several columns are multilabel anyway.
        groups: the group of each row of `a`, such as its image or its user, where rows of one group depend on each
            other: (N,), or the name of a field. The intervals and p-values are then those of other groups.

    Returns:
        A `Comparison`: `scores`, `flips`, `equivalent()`, and `paired` where there are rows.

    Raises:
        TypeError: neither two reports nor two arrays of rows.
        ValueError: reports of different classes; rows with other ids, ids that repeat, or other labels; scores that are
            not finite, or of another number of classes; groups without rows, or of another length.

    Example:
        >>> fields = [("id", int), ("label", int), ("predicted", int)]
        >>> a = np.array([(k, k % 2, 0) for k in range(100)], fields)
        >>> b = np.array([(k, k % 2, k % 2) for k in range(100)], fields)
        >>> comparison = compare(a, b)
        >>> comparison.flips["fixed"].tolist()
        [0, 50]
        >>> print(f"{comparison.scores['accuracy'].difference.value:+.2f}")
        +0.50
    """
    if isinstance(a, Report) and isinstance(b, Report):
        if groups is not None:
            raise ValueError("`groups` need the rows of both models; give `compare` two arrays of rows")
        return Comparison(a, b, names)
    if not (_are_rows(a) and _are_rows(b)):
        raise TypeError(
            f"`compare` takes two reports or two arrays of rows with the fields {', '.join(_FIELDS)}, "
            f"got {type(a).__name__} and {type(b).__name__}"
        )
    rows: Any = a
    of_groups = None if groups is None else read_groups(groups, rows)[np.argsort(rows["id"], kind="stable")]
    first, second = _by_id("a", a), _by_id("b", b)
    paired = _pair(first, second, class_names, multiclass, of_groups)
    of_a, of_b = (_report(paired, sample.matrix, class_names, level) for sample in (paired.a, paired.b))
    return Comparison(of_a, of_b, names, paired=paired, ids=first["id"])


def _report(paired: Paired, matrix: Any, class_names: Sequence[str] | None, level: float) -> Report:
    multiclass = False if paired.a.rules.binary else None
    return Report(matrix, class_names, level=level, multiclass=multiclass, effective_total=paired.effective_total)


def _are_rows(rows: Any) -> bool:
    names = getattr(getattr(rows, "dtype", None), "names", None) or ()
    return all(field in names for field in _FIELDS)


def _by_id(name: str, rows: Any) -> np.ndarray:
    """Rows in order of id."""
    ordered = rows[np.argsort(rows["id"], kind="stable")]
    twice = np.flatnonzero(ordered["id"][1:] == ordered["id"][:-1])
    if twice.size:
        raise ValueError(f"`{name}` must hold each id once, got id {ordered['id'][twice[0]]} more than once; see ids=")
    return ordered


def _pair(
    a: np.ndarray, b: np.ndarray, class_names: Sequence[str] | None, multiclass: bool | None, groups: Any
) -> Paired:
    """The predictions of the same ids."""
    if not np.array_equal(a["id"], b["id"]):
        only = np.setxor1d(a["id"], b["id"])
        raise ValueError(f"`a` and `b` must hold the same ids, but {len(only):,} are in one alone, such as {only[0]}")
    other = np.flatnonzero((a["label"] != b["label"]).reshape(len(a), -1).any(axis=1))
    if other.size:
        raise ValueError(f"`a` and `b` must hold the same labels, but id {a['id'][other[0]]} has two")
    columns = a["label"].ndim == 2
    rules = Rules(not columns, binary=multiclass is False and not columns)
    return pair_rows(a, b, _num_classes(a, b, class_names), rules, groups)


def _num_classes(a: np.ndarray, b: np.ndarray, class_names: Sequence[str] | None) -> int:
    if a["label"].ndim == 2:
        return a["label"].shape[1]
    if class_names is not None:
        return len(class_names)
    columns = a["label"], a["predicted"], b["predicted"]
    scored = a["scores"].shape[-1] if "scores" in (a.dtype.names or ()) and a["scores"].ndim == 2 else 0
    return max(scored, 1 + max(1, *(int(column.max(initial=0)) for column in columns)))
