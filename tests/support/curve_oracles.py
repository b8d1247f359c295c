"""Scores of the whole distribution from their definitions, in plain Python and fractions: slow, and right."""

import itertools
import math
from fractions import Fraction
from math import nan


def auroc(predictions, scores, weight=None):
    """The weight of pairs (positive, negative) in order, ties half, among all pairs; nan without pairs."""
    rows = list(zip(predictions, scores, _weights(predictions, weight), strict=True))
    pairs = [(p, n, wp * wn) for yes, p, wp in rows if yes for no, n, wn in rows if not no]
    total = sum(w for *_, w in pairs)
    return float(sum(w if p > n else w / 2 for p, n, w in pairs if p >= n) / total) if total else nan


def auroc_ovo(y_true, scores, weight=None):
    """Of each class the mean of (A(i|j) + A(j|i)) / 2 over the other classes that occur; nan for one that does not."""
    weight, classes = _weights(y_true, weight), range(len(scores[0]))
    present = [k for k in classes if any(w for y, w in zip(y_true, weight, strict=True) if y == k)]

    def one_way(i, j):
        kept = [row for row, y in enumerate(y_true) if y in (i, j)]
        return auroc(
            [y_true[row] == i for row in kept], [scores[row][i] for row in kept], [weight[row] for row in kept]
        )

    both = {(i, j): (one_way(i, j) + one_way(j, i)) / 2 for i in present for j in present if i != j}
    of = {i: [both[i, j] for j in present if j != i] for i in present}
    return [sum(of[k]) / len(of[k]) if of.get(k) else nan for k in classes]


def average_precision(predictions, scores, weight=None):
    """The sum over distinct scores, from the top, of precision x the recall gained; nan without both answers."""
    rows = list(zip(predictions, scores, _weights(predictions, weight), strict=True))
    support, total = sum(w for a, _, w in rows if a), sum(w for *_, w in rows)
    if not support or support == total:
        return nan
    value = Fraction(0)
    for limit in {s for _, s, _ in rows}:
        gained = sum(w for a, s, w in rows if a and s == limit)
        tp, predicted = (sum(w for a, s, w in rows if s >= limit and (a or every)) for every in (False, True))
        value += gained * tp / predicted if gained else 0
    return float(value / support)


def equal_error_rate(predictions, scores, weight=None):
    """Where the lines between the points (fpr, tpr) of all thresholds cross fpr + tpr = 1; nan without both answers."""
    rows = list(zip(predictions, scores, _weights(predictions, weight), strict=True))
    support, rest = (sum(w for a, _, w in rows if bool(a) is yes) for yes in (True, False))
    if not support or not rest:
        return nan
    x, y = Fraction(0), Fraction(0)
    for limit in sorted({s for _, s, w in rows if w}, reverse=True):
        right = sum(w for a, s, w in rows if not a and s >= limit) / rest
        top = sum(w for a, s, w in rows if a and s >= limit) / support
        if right + top >= 1:
            return float(x + (right - x) * (1 - x - y) / (right - x + top - y))
        x, y = right, top
    raise AssertionError("the curve ends at (1, 1)")


def _weights(predictions, weight):
    return [Fraction(w) for w in ([1] * len(predictions) if weight is None else weight)]


def orders(sizes):
    """Every order, ties allowed, of the items of bins of these sizes, as scores; each bin is above the one before."""
    within = [list(_weak_orders(size)) for size in sizes]
    for choice in itertools.product(*within):
        yield [Fraction(rank + 1, 100) + number for number, ranks in enumerate(choice) for rank in ranks]


def _weak_orders(size):
    """Ranks of `size` items, ties allowed, each order once."""
    for ranks in itertools.product(range(size), repeat=size):
        if set(ranks) == set(range(len(set(ranks)))):
            yield ranks


def brier_score(predictions, scores, weight=None):
    """The weighted mean of (p - y)^2 over the entries of all rows; of rows of several columns, of its sum."""
    rows = zip(predictions, scores, _weights(predictions, weight), strict=True)
    squares = (([(Fraction(p) - Fraction(int(y))) ** 2 for y, p in zip(ys, ps, strict=True)], w) for ys, ps, w in rows)
    return _mean((sum(row), w) for row, w in squares)


def log_loss(predictions, scores, weight=None):
    """The weighted mean of -log of the probability of the true column; of one column, of the true answer."""
    rows = zip(predictions, scores, _weights(predictions, weight), strict=True)
    true = ((ps[list(ys).index(1)] if len(ps) > 1 else ps[0] if ys[0] else 1 - ps[0], w) for ys, ps, w in rows)
    return _mean((-math.log(p), float(w)) for p, w in true)


def calibration_errors(right, confidence, num_bins, weight=None):
    """(expected, maximum): over bins b / B <= confidence < (b + 1) / B in floats, the last one closed."""
    rows = list(zip(right, confidence, _weights(right, weight), strict=True))
    gaps = []
    for number in range(num_bins):
        low, high = number / num_bins, (number + 1) / num_bins
        inside = [(Fraction(int(r)) - Fraction(c), w) for r, c, w in rows if low <= c < high or c == high == 1]
        gaps.append((abs(sum(gap * w for gap, w in inside)), sum(w for _, w in inside)))
    total = sum(w for _, w in gaps)
    return float(sum(gap for gap, _ in gaps) / total), float(max(gap / w for gap, w in gaps if w))


def _mean(pairs):
    """The weighted mean of (value, weight)."""
    pairs = list(pairs)
    return float(sum(value * w for value, w in pairs) / sum(w for _, w in pairs))
