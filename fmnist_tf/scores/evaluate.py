"""From the fraction of a score to its value: 0/0, one class, averages."""

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Literal, NamedTuple

import numpy as np
import tensorflow as tf

from fmnist_tf.counts import Counts, no_and_yes, pool
from fmnist_tf.scores.row import Fraction, Score, identity

#: The averages that a metric takes.
Average = Literal["auto", "macro", "micro", "weighted", "samples"] | None
AVERAGES = ("auto", "macro", "micro", "weighted", "samples", None)
#: The averages that a name can have: also "worst_recall".
SelectedAverage = Average | Literal["worst"]
#: The kinds of mean over the values of several classes.
Mean = Literal["macro", "weighted", "present", "lowest", "highest"] | None


class Division(NamedTuple):
    """How a fraction becomes a value: the last function, and whether x/0 is impossible, as with finite bounds."""

    final: Callable[[tf.Tensor], tf.Tensor]
    bounded: bool


class Terms(NamedTuple):
    """The parts of a value: a fraction (...) or (..., K), how it is divided, and how K values become one.

    Attributes:
        fraction: numerator and denominator.
        division: how they are divided.
        mean: None where one value is left already, or where one a class is wanted.
        support: (..., K), the weights of a mean; any shape where there is none.
    """

    fraction: Fraction
    division: Division
    mean: Mean
    support: tf.Tensor

    def value(self, zero_division: float) -> tf.Tensor:
        """Divides and averages."""
        if self.mean == "present":
            values = divide(*self.fraction, math.nan, self.division.final)
            return _mean_of_defined(values, tf.ones_like(values), zero_division)
        values = _divide(*self.fraction, self.division, zero_division)
        if self.mean is None:
            return values
        if self.mean in ("lowest", "highest"):
            return _extreme(values, self.support, zero_division, lowest=self.mean == "lowest")
        return _average(values, self.support, self.mean, self.division, zero_division)


class Selection(NamedTuple):
    """A score with its average or its class, as a name such as "macro_f1" or "recall/3" gives it.

    Attributes:
        score: a row of the table.
        average: as `evaluate` takes it.
        class_id: the class in place of an average.
        present: whether a mean leaves out classes that occur neither in labels nor in predictions.
    """

    score: Score
    average: SelectedAverage = "auto"
    class_id: int | None = None
    present: bool = False

    def evaluate(
        self,
        counts: Counts,
        *,
        multiclass: bool,
        zero_division: float = 0.0,
        classes: Iterable[int] | None = None,
    ) -> tf.Tensor:
        """The value, float64, as the function `evaluate` gives it."""
        value = self.terms(counts, multiclass, classes).value(zero_division)
        if self.average is None and self.class_id is None and classes is not None and not self.is_overall(multiclass):
            return _only(value, classes)
        return value

    def is_overall(self, multiclass: bool) -> bool:
        """Whether it is one number of all classes together, rather than one of each."""
        return multiclass and self.class_id is None and self.score.overall is not None

    def terms(self, counts: Counts, multiclass: bool, classes: Iterable[int] | None = None) -> Terms:
        """The fraction to divide, and how to average it."""
        if is_one_column(counts, multiclass):
            if self.class_id is None and self.average == "auto":
                return self._of_class(counts, 0)
            counts, multiclass = no_and_yes(counts), self.class_id is None and self.average is not None
        if self.class_id is not None:
            return self._of_class(counts, self.class_id)
        kept = counts if classes is None else gather_classes(counts, classes)
        if self.is_overall(multiclass):
            return self._overall(kept if self.score.over_classes else counts)
        if self.average == "micro" or (self.average == "auto" and self.score.pooled):
            return self._of_class(pool(kept), 0)
        return self._of_classes(counts if self.average is None else kept)

    def _of_class(self, counts: Counts, class_id: int) -> Terms:
        one = Counts(*(tf.gather(field, class_id, axis=-1) for field in counts))
        return Terms(self.score.fraction(one), self._division, None, one.support)

    def _of_classes(self, counts: Counts) -> Terms:
        return Terms(self.score.fraction(counts), self._division, self._mean, counts.support)

    def _overall(self, counts: Counts) -> Terms:
        assert self.score.overall is not None
        return Terms(self.score.overall(counts), self._division._replace(final=identity), None, counts.support)

    @property
    def _division(self) -> Division:
        return Division(self.score.final, all(map(math.isfinite, self.score.bounds)))

    @property
    def _mean(self) -> Mean:
        if self.average == "worst":
            return "highest" if self.score.direction == "down" else "lowest"
        if self.average in ("auto", "macro"):
            return "present" if self.present else "macro"
        return "weighted" if self.average == "weighted" else None


def is_one_column(counts: Counts, multiclass: bool) -> bool:
    """Whether counts are those of one binary column, a problem of two classes of which yes alone is counted."""
    return not multiclass and counts.tp.shape[-1] == 1


def gather_classes(counts: Counts, classes: Iterable[int]) -> Counts:
    """The counts of some classes, (..., C) -> (..., K)."""
    return Counts(*(tf.gather(field, np.array(tuple(classes)), axis=-1) for field in counts))


def evaluate(
    score: Score,
    counts: Counts,
    *,
    multiclass: bool,
    average: SelectedAverage = "auto",
    class_id: int | None = None,
    zero_division: float = 0.0,
    classes: Iterable[int] | None = None,
) -> tf.Tensor:
    """The value of a score, float64.

    Args:
        score: a row of the table.
        counts: fields (..., C).
        multiclass: whether the classes exclude each other, so that an overall score is one number.
        average: "auto", the mean over classes or columns, of one binary column the score of yes; "macro", the mean over
            classes or columns, of one binary column over no and yes; "micro", the score of the pooled counts;
            "weighted", the mean weighted by support; "worst", the lowest of the classes that occur, of an error rate
            the highest; None, one value a class. Overall multiclass scores take none.
        class_id: the score of this class alone, in place of an average; of one binary column 0 is no and 1 yes.
        zero_division: the value of 0/0; nan leaves such classes out of the mean.
        classes: ids of the classes that averages run over; None for all. Overall scores are those of all rows, but
            balanced accuracy and geometric mean, which are averages.

    Returns:
        (...), or (..., C) with `average=None`, NaN for classes that are not in `classes`; of one column (..., 2).
    """
    selection = Selection(score, average, class_id)
    return selection.evaluate(counts, multiclass=multiclass, zero_division=zero_division, classes=classes)


def evaluate_all(
    selections: Mapping[str, Selection],
    counts: Counts,
    *,
    multiclass: bool,
    zero_division: float = 0.0,
    classes: Iterable[int] | None = None,
) -> tf.Tensor:
    """The values of several scalar scores at about the cost of one: equal divisions and averages are stacked.

    Args:
        selections: scores by name, none with `average=None`.
        counts: fields (C,).
        multiclass: as in `evaluate`.
        zero_division: as in `evaluate`.
        classes: as in `evaluate`.

    Returns:
        float64 (n,), in the order of `selections`.
    """
    terms = [selection.terms(counts, multiclass, classes) for selection in selections.values()]
    groups: dict[tuple[Division, Mean], list[int]] = {}
    for number, one in enumerate(terms):
        groups.setdefault((one.division, one.mean), []).append(number)
    stacks = [_stack([terms[number] for number in group]) for group in groups.values()]
    values = [tf.zeros([0], tf.float64), *(stack.value(zero_division) for stack in stacks)]
    together = tf.concat(values, axis=0) if len(values) > 2 else values[-1]
    order = [number for group in groups.values() for number in group]
    return together if order == sorted(order) else tf.gather(together, [order.index(n) for n in range(len(order))])


def per_class_values(score: Score, counts: Counts, zero_division: float = 0.0) -> tf.Tensor:
    """The score of each class against the rest, (..., C); of one binary column that of its yes, (..., 1)."""
    division = Selection(score)._division
    return _divide(*score.fraction(counts), division, zero_division)


def divide(numerator: tf.Tensor, denominator: tf.Tensor, zero_division: float, final=identity) -> tf.Tensor:
    """Divides, once, and applies `final`: 0/0 is `zero_division`, x/0 stays infinite."""
    undefined = (numerator == 0) & (denominator == 0)
    ratio = final(numerator / tf.where(undefined, tf.ones_like(denominator), denominator))
    return tf.where(undefined, tf.constant(zero_division, ratio.dtype), ratio)


def _stack(terms: list[Terms]) -> Terms:
    """The terms of one group as one, with fractions (n, ...)."""
    numerator, denominator = (tf.stack(part) for part in zip(*(one.fraction for one in terms), strict=True))
    return terms[0]._replace(fraction=(numerator, denominator))


def _divide(numerator: tf.Tensor, denominator: tf.Tensor, division: Division, zero_division: float) -> tf.Tensor:
    """As `divide`, in one operation if x/0 is impossible and 0/0 is 0, which is the usual case."""
    if division.bounded and zero_division == 0:
        return division.final(tf.math.divide_no_nan(numerator, denominator))
    return divide(numerator, denominator, zero_division, division.final)


def _average(values: tf.Tensor, support: tf.Tensor, mean: Mean, division: Division, zero_division: float) -> tf.Tensor:
    """The mean over the last axis, in few operations if no value can be undefined."""
    if mean == "macro" and not math.isnan(zero_division):
        return tf.reduce_mean(values, axis=-1)
    if mean == "weighted" and division.bounded and math.isfinite(zero_division):
        weighed, weight = tf.reduce_sum(values * support, axis=-1), tf.reduce_sum(support, axis=-1)
        return _divide(weighed, weight, division._replace(final=identity), zero_division)
    return _mean_of_defined(values, support if mean == "weighted" else tf.ones_like(values), zero_division)


def _mean_of_defined(values: tf.Tensor, weights: tf.Tensor, zero_division: float) -> tf.Tensor:
    """Weighted mean over the last axis of defined values of positive weight; `zero_division` if there are none."""
    counted = (weights > 0) & tf.logical_not(tf.math.is_nan(values))
    zero = tf.zeros_like(values)
    weighed = tf.where(counted, tf.where(counted, values, zero) * weights, zero)
    return divide(
        tf.reduce_sum(weighed, axis=-1),
        tf.reduce_sum(tf.where(counted, weights, zero), axis=-1),
        zero_division,
    )


def _extreme(values: tf.Tensor, support: tf.Tensor, zero_division: float, lowest: bool) -> tf.Tensor:
    """The lowest or highest value of the classes that occur and have one; `zero_division` if there is none."""
    counted = (support > 0) & tf.logical_not(tf.math.is_nan(values))
    reduce, other = (tf.reduce_min, math.inf) if lowest else (tf.reduce_max, -math.inf)
    value = reduce(tf.where(counted, values, tf.constant(other, values.dtype)), axis=-1)
    return tf.where(tf.reduce_any(counted, axis=-1), value, tf.constant(zero_division, values.dtype))


def _only(values: tf.Tensor, classes: Iterable[int]) -> tf.Tensor:
    """One value a class, NaN where a class is not in `classes`."""
    chosen = set(classes)
    kept = [number in chosen for number in range(values.shape[-1] or 0)]
    return tf.where(kept, values, tf.constant(math.nan, values.dtype))
