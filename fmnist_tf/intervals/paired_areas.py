"""AUROC and average precision of two models on the same samples, compared by the influence of each sample."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from fmnist_tf.intervals.areas import auroc_effects, average_precision_effects
from fmnist_tf.intervals.proportions import Interval, VarianceEstimate, interval_from_variance, student
from fmnist_tf.scores import split_name

#: The areas by name.
AREAS = {"auroc": auroc_effects, "average_precision": average_precision_effects}


class Area(NamedTuple):
    """An area under a curve, and the effect of each sample on it.

    Attributes:
        value: the area, or the mean of those of several classes.
        effects: (N,), by how much the area moves with the weight of the sample; their sum is 0.
    """

    value: float
    effects: np.ndarray


class AreaDifference(NamedTuple):
    """The difference of an area and its interval."""

    value: float
    low: float
    high: float


def area_interval(area: Area, level: float) -> Interval:
    """The interval of one area: Wilson's of a proportion with its variance."""
    variance = len(area.effects) / max(len(area.effects) - 1, 1) * float(np.sum(area.effects**2))
    low, high = interval_from_variance(area.value, [VarianceEstimate(area.value, variance)], (0.0, 1.0), level)
    return Interval(min(low, area.value), max(high, area.value))


def area_difference(pairs: Any, name: str, level: float) -> AreaDifference:
    """The difference of an area, b less a, with its interval.

    Args:
        pairs: the `Paired` predictions, with `probabilities`.
        name: "auroc" or "average_precision", "macro_auroc", "auroc/3".
        level: the probability of covering.

    Raises:
        ValueError: there are no probabilities, or they do not tell this area.
    """
    a, b = areas_of(pairs, name)
    effects = b.effects - a.effects
    if pairs.groups is not None:
        effects = np.bincount(np.unique(pairs.groups, return_inverse=True)[1], effects)
    variance = len(effects) / max(len(effects) - 1, 1) * float(np.sum(effects**2))
    value, half = b.value - a.value, student(level, pairs.units.degrees) * np.sqrt(variance)
    return AreaDifference(value, max(value - half, -1.0), min(value + half, 1.0))


def areas_of(pairs: Any, name: str) -> tuple[Area, Area]:
    """The area of each model: of one class, of yes for one binary column, else the mean of the classes that have one.

    Raises:
        ValueError: there are no probabilities, or they do not tell this area.
    """
    a, b = (_area_of(pairs, name, side) for side in pairs.probabilities or (None, None))
    return a, b


def _area_of(pairs: Any, name: str, probability: Any) -> Area:
    columns = list(_columns(pairs, name, probability))
    weight = np.ones(len(pairs.true)) if pairs.sample_weight is None else pairs.sample_weight
    parts = split_name(name)
    assert parts is not None
    found = [_area(AREAS[parts[0]], is_yes, score, weight) for is_yes, score in columns]
    found = [area for area in found if np.isfinite(area.value)]
    if not found:
        return Area(np.nan, np.zeros(len(weight)))
    return Area(float(np.mean([area.value for area in found])), np.mean([area.effects for area in found], axis=0))


def _columns(pairs: Any, name: str, probability: Any) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Which samples are of a class, and their scores for it: of every class that the area is of."""
    num_classes = pairs.true.shape[1] if pairs.true.ndim == 2 else len(pairs.a.cells)
    if probability is None or (np.ndim(probability) == 1 and num_classes > 2):
        raise ValueError(
            f"{name!r} of {num_classes} classes needs the probabilities of all of them, which rows do not keep; "
            "rows of one binary column or of two classes keep enough"
        )
    scores = np.asarray(probability, np.float64)
    scores = np.stack([1 - scores, scores], axis=1) if scores.ndim == 1 else scores
    wanted = (split_name(name) or ("", None, None))[2]
    of_yes = [1] if pairs.a.rules.binary and not name.startswith("macro_") else range(num_classes)
    for class_id in of_yes if wanted is None else [wanted]:
        is_yes = pairs.true[:, class_id] if pairs.true.ndim == 2 else pairs.true == class_id
        yield is_yes.astype(bool), scores[:, class_id]


def _area(effects_of: Any, is_yes: np.ndarray, score: np.ndarray, weight: np.ndarray) -> Area:
    """The area of one class, NaN without samples of the class or of the others."""
    _, bins = np.unique(score, return_inverse=True)
    negatives, positives = (np.bincount(bins, weight * side, bins.max() + 1) for side in (~is_yes, is_yes))
    if not negatives.any() or not positives.any():
        return Area(np.nan, np.zeros(len(score)))
    value, of_negative, of_positive = effects_of(negatives, positives)
    return Area(value, weight * np.where(is_yes, of_positive[bins], of_negative[bins]))
