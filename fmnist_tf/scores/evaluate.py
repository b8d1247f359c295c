"""From the fraction of a score to its value: what 0/0 means, averages over classes, and scores by name."""

import math
import re
from typing import Literal, NamedTuple

import tensorflow as tf

from fmnist_tf.counts import Counts, pool
from fmnist_tf.scores.table import SCORES, Score, identity

Average = Literal["macro", "micro", "weighted"] | None
AVERAGES = ("macro", "micro", "weighted", None)


def settle(numerator: tf.Tensor, denominator: tf.Tensor, zero_division: float, final=identity) -> tf.Tensor:
    """Divides, once, and applies `final`: 0/0 is `zero_division`, x/0 stays infinite."""
    undefined = (numerator == 0) & (denominator == 0)
    ratio = final(numerator / tf.where(undefined, tf.ones_like(denominator), denominator))
    return tf.where(undefined, tf.constant(zero_division, ratio.dtype), ratio)


def per_class_values(score: Score, counts: Counts, zero_division: float = 0.0) -> tf.Tensor:
    """The score of each class against the rest, (..., C)."""
    return settle(*score.fraction(counts), zero_division, score.final)


def evaluate(
    score: Score,
    counts: Counts,
    *,
    exclusive: bool,
    average: Average = "macro",
    class_id: int | None = None,
    zero_division: float = 0.0,
) -> tf.Tensor:
    """The value of a score, float64.

    Args:
        score: a row of the table.
        counts: fields (..., C).
        exclusive: whether the classes exclude each other, so that a score of the whole is one number.
        average: "macro", the mean over all C classes; "micro", the score of the pooled counts; "weighted", the mean
            weighted by support; None, one value a class. Scores of the whole of exclusive classes take none.
        class_id: the score of this class alone, in place of an average.
        zero_division: the value of 0/0; nan leaves such classes out of the mean.

    Returns:
        (...), or (..., C) with `average=None`.
    """
    if class_id is not None:
        return tf.gather(per_class_values(score, counts, zero_division), class_id, axis=-1)
    if score.whole is not None and exclusive:
        return settle(*score.whole(counts), zero_division)
    if average == "micro":
        return tf.squeeze(per_class_values(score, pool(counts), zero_division), axis=-1)
    values = per_class_values(score, counts, zero_division)
    if average is None:
        return values
    if average == "macro" and not math.isnan(zero_division):
        return tf.reduce_mean(values, axis=-1)  # nothing is undefined: a third of the operations of a step's result
    weights = counts.support if average == "weighted" else tf.ones_like(values)
    return _mean(values, weights, zero_division)


def _mean(values: tf.Tensor, weights: tf.Tensor, zero_division: float) -> tf.Tensor:
    """Weighted mean over the last axis of what is defined and weighs anything; `zero_division` if nothing does."""
    counted = (weights > 0) & tf.logical_not(tf.math.is_nan(values))
    zero = tf.zeros_like(values)
    weighed = tf.where(counted, tf.where(counted, values, zero) * weights, zero)
    return settle(
        tf.reduce_sum(weighed, axis=-1),
        tf.reduce_sum(tf.where(counted, weights, zero), axis=-1),
        zero_division,
    )


class Selection(NamedTuple):
    """A score with its average or its class: what a name such as "macro_f1" or "recall[3]" stands for."""

    score: Score
    average: Average = "macro"
    class_id: int | None = None

    def evaluate(self, counts: Counts, *, exclusive: bool, zero_division: float = 0.0) -> tf.Tensor:
        """The value, as `evaluate` gives it."""
        return evaluate(
            self.score,
            counts,
            exclusive=exclusive,
            average=self.average,
            class_id=self.class_id,
            zero_division=zero_division,
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
