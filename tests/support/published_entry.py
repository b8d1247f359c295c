"""`Published`: one published value with its input, and a constructor for each form of input.

`input_format` names the content of y_true and y_pred:

    classes    class ids of a multiclass problem
    column     predictions, or scores, of one binary column
    columns    rows of predictions, or of scores, of binary columns
    scores     class ids and rows of scores
    dense      rows of class ids

Binary columns have the threshold 0.5.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple


class Published(NamedTuple):
    """One value, with what it is the value of.

    Attributes:
        digits: How many decimals the source prints, rounded or cut; None for a float64 or an exact value.
    """

    score: str
    input_format: str
    y_true: list
    y_pred: list
    num_classes: int
    expected: Any
    source: str
    digits: int | None = None
    sample_weight: list | None = None
    kwargs: Mapping[str, Any] = MappingProxyType({})

    @property
    def tolerance(self):
        """One unit of the last decimal printed."""
        return 1e-12 if self.digits is None else 10.0**-self.digits


def classes(score, y_true, y_pred, expected, source, digits=None, weight=None, num_classes=None, **kwargs):
    """A value of a multiclass problem; num_classes is one more than the largest id unless said."""
    num_classes = num_classes or 1 + max([*y_true, *y_pred])
    return Published(score, "classes", y_true, y_pred, num_classes, expected, source, digits, weight, kwargs)


def matrix(score, counts, expected, source, digits=None, **kwargs):
    """A value of a confusion matrix whose rows are true classes."""
    entries = [(i, j, count) for i, row in enumerate(counts) for j, count in enumerate(row)]
    y_true, y_pred, weight = (list(entry) for entry in zip(*entries, strict=True))
    return classes(score, y_true, y_pred, expected, source, digits, weight, len(counts), **kwargs)


def column(score, y_true, y_pred, expected, source, digits=None, weight=None, **kwargs):
    """A value of one binary column."""
    return Published(score, "column", y_true, y_pred, 1, expected, source, digits, weight, kwargs)


def cells(score, tp, fp, fn, tn, expected, source, digits=None, **kwargs):
    """A value of the four cells of one binary column."""
    return column(score, [1, 0, 1, 0], [1, 1, 0, 0], expected, source, digits, [tp, fp, fn, tn], **kwargs)


def columns(score, y_true, y_pred, expected, source, digits=None, **kwargs):
    """A value of several binary columns."""
    return Published(score, "columns", y_true, y_pred, len(y_true[0]), expected, source, digits, None, kwargs)


def scores(score, y_true, y_pred, expected, source, digits=None, weight=None, **kwargs):
    """A value of class ids against rows of scores."""
    num_classes = len(y_pred[0])
    return Published(score, "scores", y_true, y_pred, num_classes, expected, source, digits, weight, kwargs)


def one_hot(labels, num_classes=3):
    """One-hot rows of class ids."""
    return [[int(label == class_id) for class_id in range(num_classes)] for label in labels]
