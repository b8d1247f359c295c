"""The counts of the oracles: samples, the four cells of a binary problem, the confusion matrix, as exact fractions."""

from collections import namedtuple
from fractions import Fraction

Sample = namedtuple("Sample", "true pred weight")
PerClassLayout = namedtuple("PerClassLayout", "tp fp fn tn")


def samples(y_true, y_pred, sample_weight=None):
    """The (true, pred, weight) of every row that weighs anything; no weights are ones."""
    rows = zip(y_true, y_pred, sample_weight or [1] * len(y_true), strict=True)
    return [Sample(true, pred, Fraction(weight)) for true, pred, weight in rows if weight]


def cells(predictions):
    """The four cells of one binary problem: the weights of (true_yes, pred_yes, weight) by kind."""
    kinds = dict.fromkeys([(True, True), (False, True), (True, False), (False, False)], Fraction(0))
    for true_yes, pred_yes, weight in predictions:
        kinds[bool(true_yes), bool(pred_yes)] += weight
    return PerClassLayout(*kinds.values())


def class_cells(y_true, y_pred, num_classes, sample_weight=None):
    """The cells of each class one-vs-rest."""
    rows = samples(y_true, y_pred, sample_weight)
    return [cells((row.true == k, row.pred == k, row.weight) for row in rows) for k in range(num_classes)]


def column_cells(y_true, y_pred, sample_weight=None, threshold=0.5):
    """The cells of each column; yes is a score above the threshold; weights belong to rows or to entries."""
    weights = sample_weight or [1] * len(y_true)
    weights = [weight if isinstance(weight, list) else [weight] * len(y_true[0]) for weight in weights]
    columns = zip(transposed(y_true), transposed(y_pred), transposed(weights), strict=True)
    return [
        cells(samples(trues, [pred > threshold for pred in preds], column_weights))
        for trues, preds, column_weights in columns
    ]


def transposed(rows):
    """The columns of rows of one length."""
    return [list(column) for column in zip(*rows, strict=True)]


def pool(one_vs_rest_tables):
    """The cells of all tables added up."""
    return PerClassLayout(*(sum(cell) for cell in transposed(one_vs_rest_tables)))


def no_and_yes(yes):
    """The cells of no and of yes, the two classes of one binary column."""
    return [PerClassLayout(tp=yes.tn, fp=yes.fn, fn=yes.fp, tn=yes.tp), yes]


def matrix_of(rows, num_classes):
    """Entry (i, j) is the weight of the samples of true class i predicted as j."""
    matrix = [[Fraction(0)] * num_classes for _ in range(num_classes)]
    for true, pred, weight in rows:
        matrix[true][pred] += weight
    return matrix
