"""Scores of the whole distribution from their definitions, in plain Python and fractions: slow, and right."""

import itertools
from fractions import Fraction
from math import nan


def auroc(answers, scores, weight=None):
    """The weight of pairs (positive, negative) in order, ties half, among all pairs; nan without pairs."""
    rows = list(zip(answers, scores, _weights(answers, weight), strict=True))
    positives, negatives = ([(s, w) for a, s, w in rows if bool(a) is yes] for yes in (True, False))
    pairs = [(sp, sn, wp * wn) for sp, wp in positives for sn, wn in negatives]
    if not sum(w for *_, w in pairs):
        return nan
    return float(
        sum(w * (Fraction(sp > sn) + Fraction(sp == sn, 2)) for sp, sn, w in pairs) / sum(w for *_, w in pairs)
    )


def average_precision(answers, scores, weight=None):
    """The sum over distinct scores, from the top, of precision x the recall gained; nan without both answers."""
    rows = list(zip(answers, scores, _weights(answers, weight), strict=True))
    support, total = sum(w for a, _, w in rows if a), sum(w for *_, w in rows)
    if not support or support == total:
        return nan
    value = Fraction(0)
    for limit in {s for _, s, _ in rows}:
        gained = sum(w for a, s, w in rows if a and s == limit)
        tp, predicted = (sum(w for a, s, w in rows if s >= limit and (a or every)) for every in (False, True))
        value += gained * tp / predicted if gained else 0
    return float(value / support)


def _weights(answers, weight):
    return [Fraction(w) for w in ([1] * len(answers) if weight is None else weight)]


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
