"""From the fraction of a score to its value: what 0/0 means, averages over classes, and scores by name."""

import math
import re
from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

import tensorflow as tf

from fmnist_tf.counts import Counts, pool
from fmnist_tf.scores.table import SCORES, Fraction, Score, identity

Average = Literal["macro", "micro", "weighted"] | None
AVERAGES = ("macro", "micro", "weighted", None)


def divide(numerator: tf.Tensor, denominator: tf.Tensor, zero_division: float, final=identity) -> tf.Tensor:
    """Divides, once, and applies `final`: 0/0 is `zero_division`, x/0 stays infinite."""
    undefined = (numerator == 0) & (denominator == 0)
    ratio = final(numerator / tf.where(undefined, tf.ones_like(denominator), denominator))
    return tf.where(undefined, tf.constant(zero_division, ratio.dtype), ratio)


def per_class_values(score: Score, counts: Counts, zero_division: float = 0.0) -> tf.Tensor:
    """The score of each class against the rest, (..., C)."""
    return evaluate(score, counts, multiclass=False, average=None, zero_division=zero_division)


class Division(NamedTuple):
    """How a fraction becomes a value: what is applied to it, and whether x/0 never occurs, as with finite bounds."""

    final: Callable[[tf.Tensor], tf.Tensor]
    bounded: bool


class Selection(NamedTuple):
    """A score with its average or its class: what a name such as "macro_f1" or "recall[3]" stands for."""

    score: Score
    average: Average = "macro"
    class_id: int | None = None

    def evaluate(self, counts: Counts, *, multiclass: bool, zero_division: float = 0.0) -> tf.Tensor:
        """The value, as `evaluate` gives it."""
        return evaluate(
            self.score,
            counts,
            multiclass=multiclass,
            average=self.average,
            class_id=self.class_id,
            zero_division=zero_division,
        )

    def is_overall(self, multiclass: bool) -> bool:
        """Whether it is one number of all classes together, rather than one of each."""
        return self.class_id is None and self.score.overall is not None and multiclass

    def mean(self, multiclass: bool) -> Average:
        """How values of classes become one: "macro", "weighted", or None where nothing is left to average."""
        single = self.class_id is not None or self.average == "micro" or self.is_overall(multiclass)
        return None if single else self.average

    def division(self, multiclass: bool) -> Division:
        """How its fraction becomes a value."""
        final = identity if self.is_overall(multiclass) else self.score.final
        return Division(final, all(map(math.isfinite, self.score.bounds)))

    def fraction(self, counts: Counts, multiclass: bool) -> Fraction:
        """What is divided: (...) of a class, of the pooled counts or of the whole; else (..., C), one a class."""
        if self.is_overall(multiclass):
            assert self.score.overall is not None
            return self.score.overall(counts)
        if self.class_id is not None:
            return self.score.fraction(Counts(*(tf.gather(field, self.class_id, axis=-1) for field in counts)))
        if self.average == "micro":
            return self.score.fraction(Counts(*(tf.squeeze(field, axis=-1) for field in pool(counts))))
        return self.score.fraction(counts)


def evaluate(
    score: Score,
    counts: Counts,
    *,
    multiclass: bool,
    average: Average = "macro",
    class_id: int | None = None,
    zero_division: float = 0.0,
) -> tf.Tensor:
    """The value of a score, float64.

    Args:
        score: a row of the table.
        counts: fields (..., C).
        multiclass: whether the classes exclude each other, so that a score of the whole is one number.
        average: "macro", the mean over all C classes; "micro", the score of the pooled counts; "weighted", the mean
            weighted by support; None, one value a class. Scores of the whole of exclusive classes take none.
        class_id: the score of this class alone, in place of an average.
        zero_division: the value of 0/0; nan leaves such classes out of the mean.

    Returns:
        (...), or (..., C) with `average=None`.
    """
    selection = Selection(score, average, class_id)
    division = selection.division(multiclass)
    values = _divide(*selection.fraction(counts, multiclass), division, zero_division)
    return _average(values, counts, selection.mean(multiclass), division, zero_division)


def evaluate_all(
    selections: Mapping[str, Selection], counts: Counts, *, multiclass: bool, zero_division: float = 0.0
) -> tf.Tensor:
    """The values of several scalars at about the price of one: what is divided and averaged alike is stacked.

    Args:
        selections: scores by name, none with `average=None`.
        counts: fields (C,).
        multiclass: as in `evaluate`.
        zero_division: as in `evaluate`.

    Returns:
        float64 (n,), in the order of `stacking_order`.
    """
    parts = [tf.zeros([0], tf.float64)]
    for (division, mean), names in _group(selections, multiclass).items():
        fractions = [selections[name].fraction(counts, multiclass) for name in names]
        numerator, denominator = (tf.stack(part) for part in zip(*fractions, strict=True))
        values = _divide(numerator, denominator, division, zero_division)
        parts.append(_average(values, counts, mean, division, zero_division))
    return tf.concat(parts, axis=0) if len(parts) > 2 else parts[-1]


def stacking_order(selections: Mapping[str, Selection], multiclass: bool) -> list[str]:
    """The names of scores in the order of `evaluate_all`."""
    return [name for names in _group(selections, multiclass).values() for name in names]


def _group(selections: Mapping[str, Selection], multiclass: bool) -> dict[tuple["Division", Average], list[str]]:
    groups: dict[tuple[Division, Average], list[str]] = {}
    for name, selection in selections.items():
        groups.setdefault((selection.division(multiclass), selection.mean(multiclass)), []).append(name)
    return groups


def _divide(numerator: tf.Tensor, denominator: tf.Tensor, division: Division, zero_division: float) -> tf.Tensor:
    """As `divide`, in one operation where the denominator is never zero alone and 0/0 is 0, as it nearly always is."""
    if division.bounded and zero_division == 0:
        return division.final(tf.math.divide_no_nan(numerator, denominator))
    return divide(numerator, denominator, zero_division, division.final)


def _average(values: tf.Tensor, counts: Counts, mean: Average, division: Division, zero_division: float) -> tf.Tensor:
    """The mean over the last axis, if there is one to take; in few operations where none can be undefined."""
    if mean is None:
        return values
    if mean == "macro" and not math.isnan(zero_division):
        return tf.reduce_mean(values, axis=-1)
    if mean == "weighted" and division.bounded and math.isfinite(zero_division):
        weighed, weight = tf.reduce_sum(values * counts.support, axis=-1), tf.reduce_sum(counts.support, axis=-1)
        return divide(weighed, weight, zero_division)
    weights = counts.support if mean == "weighted" else tf.ones_like(values)
    return _mean(values, weights, zero_division)


def _mean(values: tf.Tensor, weights: tf.Tensor, zero_division: float) -> tf.Tensor:
    """Weighted mean over the last axis of what is defined and weighs anything; `zero_division` if nothing does."""
    counted = (weights > 0) & tf.logical_not(tf.math.is_nan(values))
    zero = tf.zeros_like(values)
    weighed = tf.where(counted, tf.where(counted, values, zero) * weights, zero)
    return divide(
        tf.reduce_sum(weighed, axis=-1),
        tf.reduce_sum(tf.where(counted, weights, zero), axis=-1),
        zero_division,
    )


#: The average that the beginning of a name asks for.
_BY_NAME: dict[str | None, Average] = {None: "macro", "macro": "macro", "micro": "micro", "weighted": "weighted"}
_NAME = re.compile(r"(?:(?P<average>macro|micro|weighted)_)?(?P<score>[a-z0-9_]+?)(?:\[(?P<class_id>\d+)\])?")


def find_score(name: str) -> Selection:
    """Reads the name of a score: "accuracy", "macro_f1", "weighted_recall", "f1_score[3]" for class 3.

    After an average the ending "_score" may be left out. Without one, a score of single classes is averaged "macro".

    Raises:
        ValueError: no such score, with the names there are.
    """
    parts = split_name(name)
    score = parts and (SCORES.get(parts[0]) or SCORES.get(parts[0] + "_score"))
    if not parts or not score:
        raise ValueError(
            f"unknown score {name!r}; use one of {', '.join(sorted(SCORES))}, with macro_, micro_ or weighted_ before "
            "it, or a class id after it, as in f1_score[3]"
        )
    return Selection(score, *parts[1:])


def split_name(name: str) -> tuple[str, Average, int | None] | None:
    """Takes a name apart into (score, average, class_id): "macro_f1", "f1_score[3]"; None if it has no such form."""
    match = _NAME.fullmatch(name)
    if not match or (match["average"] and match["class_id"]):
        return None
    class_id = match["class_id"]
    return match["score"], _BY_NAME[match["average"]], None if class_id is None else int(class_id)
