"""AUROC and average precision of two models on the same samples, compared by the influence of each sample."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from fmnist_tf.intervals.areas import auroc_effects, average_precision_effects
from fmnist_tf.intervals.proportions import (
    Interval,
    VarianceEstimate,
    as_interval,
    interval_from_variance,
    quantile,
    student,
)
from fmnist_tf.scores import split_name

#: The areas by name.
AREAS = {"auroc": auroc_effects, "average_precision": average_precision_effects}


class Area(NamedTuple):
    """An area under a curve, and the effect of each unit on it.

    A perfect ranking has no effects, though that of another test set may be imperfect. So there is a second estimate,
    where one positive and one negative more have been counted, each half among the positives and half among the others.

    Attributes:
        value: the area, or the mean of those of several classes.
        effects: (U,), by how much the area moves with the weight of the sample, or with all samples of the group; their
            sum is 0.
        smoothed: the area of the second estimate.
        smoothed_effects: (U,), its effects.
    """

    value: float
    effects: np.ndarray
    smoothed: float
    smoothed_effects: np.ndarray

    def of_units(self, groups: Any) -> "Area":
        """The same with the effects of groups; as it is where `groups` is None."""
        if groups is None:
            return self
        unit = np.unique(groups, return_inverse=True)[1]
        effects, smoothed = (np.bincount(unit, each) for each in (self.effects, self.smoothed_effects))
        return self._replace(effects=effects, smoothed_effects=smoothed)


def area_interval(area: Area, level: float, degrees: float = np.inf) -> Interval:
    """The interval of one area: Wilson's of a proportion with its variance.

    Args:
        area: the area.
        level: the probability of covering.
        degrees: degrees of freedom of the variance; infinity where the units are samples.
    """
    wider = (student(level, degrees) / quantile(level)) ** 2  # of few groups
    spreads = [
        VarianceEstimate(area.value, wider * _variance(area.effects)),
        VarianceEstimate(area.smoothed, wider * _variance(area.smoothed_effects)),
    ]
    low, high = interval_from_variance(area.value, spreads, (0.0, 1.0), level)
    return as_interval(min(low, area.value), max(high, area.value))


def area_difference(a: Area, b: Area, level: float, degrees: float = np.inf) -> Interval:
    """The interval of b - a.

    Args:
        a: the area of model a.
        b: that of model b, of the same units.
        level: the probability of covering.
        degrees: degrees of freedom of the variance; infinity where the units are samples.
    """
    value = b.value - a.value
    estimates = (b.effects - a.effects, b.smoothed_effects - a.smoothed_effects)
    half = student(level, degrees) * np.sqrt(max(map(_variance, estimates)))
    return as_interval(*np.clip([value - half, value + half], -1.0, 1.0))


def _variance(effects: np.ndarray) -> float:
    return len(effects) / max(len(effects) - 1, 1) * float(np.sum(effects**2))


def areas_of(pairs: Any, name: str) -> tuple[Area, Area]:
    """The area of each model: of one class, of yes for one binary column, else the mean of the classes that have one.

    Args:
        pairs: the `Paired` predictions.
        name: "auroc" or "average_precision", "macro_auroc", "auroc/3".

    Raises:
        ValueError: there are no probabilities, or they do not tell this area.
    """
    a, b = (_area_of(pairs, name, side) for side in pairs.probabilities or (None, None))
    return a, b


def _area_of(pairs: Any, name: str, probability: Any) -> Area:
    """The mean over classes; their effects are added up one class at a time, since there may be many."""
    weight = np.ones(len(pairs.true)) if pairs.sample_weight is None else pairs.sample_weight
    effects_of = AREAS[_parts_of(name)[0]]
    values, effects, number = np.zeros(2), np.zeros((2, len(weight))), 0
    for is_yes, score in _columns(pairs, name, probability):
        found = _area(effects_of, is_yes, score, weight)
        if found is not None:
            values += np.array([found.value, found.smoothed])
            number += 1
            effects += (found.effects, found.smoothed_effects)
    (value, smoothed), (plain, others) = values / number if number else np.full(2, np.nan), effects / max(number, 1)
    return Area(float(value), plain, float(smoothed), others).of_units(pairs.groups)


def _parts_of(name: str) -> tuple[str, int | None]:
    """The name of the area, and the class that is asked for."""
    parts = split_name(name)
    assert parts is not None
    area, average, class_id = parts
    if average not in ("auto", "macro"):
        raise ValueError(f"an area of several classes has the mean 'macro_{area}' alone, got {name!r}")
    return area, class_id


def _columns(pairs: Any, name: str, probability: Any) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Which samples are of a class, and their scores for it: of every class that the area is of."""
    num_classes = pairs.true.shape[1] if pairs.true.ndim == 2 else len(pairs.a.cells)
    if probability is None or (np.ndim(probability) == 1 and num_classes > 2):
        raise ValueError(
            f"{name!r} of {num_classes} classes needs the probabilities of all of them; keep them with "
            'ScoreLogger(rows="scores")'
        )
    for class_id in _classes_of(pairs, name, num_classes):
        is_yes = pairs.true[:, class_id] if pairs.true.ndim == 2 else pairs.true == class_id
        yield is_yes.astype(bool), _scores_for(np.asarray(probability), class_id)


def _classes_of(pairs: Any, name: str, num_classes: int) -> Any:
    """The class that a name speaks of, or those that its mean runs over."""
    wanted = _parts_of(name)[1]
    if wanted is None:
        of_yes = pairs.a.rules.binary and not name.startswith("macro_")
        return [1] if of_yes else pairs.a.rules.classes or range(num_classes)
    if wanted >= num_classes:
        raise ValueError(f"{name!r}: the class must be from 0 to {num_classes - 1}")
    return [wanted]


def _scores_for(probability: np.ndarray, class_id: int) -> np.ndarray:
    if probability.ndim == 2:
        return probability[:, class_id]
    return probability if class_id else 1 - probability.astype(np.float64)


def _area(effects_of: Any, is_yes: np.ndarray, score: np.ndarray, weight: np.ndarray) -> Area | None:
    """The area of one class; None without samples of the class or of the others."""
    _, bins = np.unique(score, return_inverse=True)
    n, p = (np.bincount(bins, weight * side, bins.max() + 1) for side in (~is_yes, is_yes))
    if not n.any() or not p.any():
        return None
    usual = float(np.sum(weight**2) / np.sum(weight))
    more = usual * (n / n.sum() + p / p.sum()) / 2
    (value, *effects), (smoothed, *others) = effects_of(n, p), effects_of(n + more, p + more)
    of_samples = [weight * np.where(is_yes, positive[bins], negative[bins]) for negative, positive in (effects, others)]
    return Area(value, of_samples[0], smoothed, of_samples[1])
