"""AUROC within a subgroup and across its border, as the Jigsaw task on unintended bias has them, from histograms."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from fmnist_tf.curves import ranking
from fmnist_tf.curves.averages import Averaging
from fmnist_tf.curves.distribution import Distribution


def subgroup_auroc(curves_by: Mapping[Any, Any], *, class_id: int | None = None) -> dict[Any, float]:
    """AUROC of the rows of each value of a slice: low where the model cannot order the rows of that group.

    Args:
        curves_by: value -> what holds a histogram of its rows, as `CurveSet.parts_by` gives it: a part of a CurveSet, a
            `Distribution`, or a metric such as AUROC.
        class_id: the class that is positive; None for yes of one column, or the mean over classes that have a value.

    Returns:
        Value -> AUROC, ties within a bin counting half; NaN without positives or negatives.

    Raises:
        TypeError: something that holds no histogram.

    Source: Borkan et al., "Nuanced metrics for measuring unintended bias with real data for text classification", 2019.

    Example:
        >>> from fmnist_tf import AUROC
        >>> north, south = AUROC(), AUROC()
        >>> north.update_state([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
        >>> south.update_state([0, 1], [0.6, 0.3])
        >>> subgroup_auroc({"north": north, "south": south})
        {'north': 0.75, 'south': 0.0}
    """
    return _of_values(lambda inside, rest: inside, curves_by, class_id)


def bpsn_auroc(curves_by: Mapping[Any, Any], *, class_id: int | None = None) -> dict[Any, float]:
    """AUROC of background positives and subgroup negatives: low where negatives of the group score too high.

    Args:
        curves_by: value -> what holds a histogram of its rows, as `CurveSet.parts_by` gives it: a part of a CurveSet, a
            `Distribution`, or a metric such as AUROC. The background of a value are the rows of all others.
        class_id: the class that is positive; None for yes of one column, or the mean over classes that have a value.

    Returns:
        Value -> AUROC, ties within a bin counting half; NaN without such positives or negatives.

    Raises:
        TypeError: something that holds no histogram.

    Source: Borkan et al., "Nuanced metrics for measuring unintended bias with real data for text classification", 2019.

    Example:
        >>> from fmnist_tf import AUROC
        >>> north, south = AUROC(), AUROC()
        >>> north.update_state([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
        >>> south.update_state([0, 1], [0.6, 0.3])
        >>> bpsn_auroc({"north": north, "south": south})
        {'north': 0.5, 'south': 0.5}
    """
    return _of_values(lambda inside, rest: (inside[0], rest[1]), curves_by, class_id)


def bnsp_auroc(curves_by: Mapping[Any, Any], *, class_id: int | None = None) -> dict[Any, float]:
    """AUROC of background negatives and subgroup positives: low where positives of the group score too low.

    Args:
        curves_by: value -> what holds a histogram of its rows, as `CurveSet.parts_by` gives it: a part of a CurveSet, a
            `Distribution`, or a metric such as AUROC. The background of a value are the rows of all others.
        class_id: the class that is positive; None for yes of one column, or the mean over classes that have a value.

    Returns:
        Value -> AUROC, ties within a bin counting half; NaN without such positives or negatives.

    Raises:
        TypeError: something that holds no histogram.

    Source: Borkan et al., "Nuanced metrics for measuring unintended bias with real data for text classification", 2019.

    Example:
        >>> from fmnist_tf import AUROC
        >>> north, south = AUROC(), AUROC()
        >>> north.update_state([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
        >>> south.update_state([0, 1], [0.6, 0.3])
        >>> bnsp_auroc({"north": north, "south": south})
        {'north': 0.5, 'south': 0.5}
    """
    return _of_values(lambda inside, rest: (rest[0], inside[1]), curves_by, class_id)


_Sides = tuple[np.ndarray, np.ndarray]  # negatives and positives, each (C, num_bins)


def _of_values(
    choose: Callable[[_Sides, _Sides], _Sides], curves_by: Mapping[Any, Any], class_id: int | None
) -> dict[Any, float]:
    """The AUROC of negatives and positives chosen among those of each value and those of the rest."""
    parts = {value: Distribution.of(source) for value, source in curves_by.items()}
    whole: Any = sum(part.weights for part in parts.values())
    chosen = {value: choose(_sides(part.weights), _sides(whole - part.weights)) for value, part in parts.items()}
    return {
        value: _auroc(replace(part, weights=np.stack(chosen[value], axis=-1)), class_id)
        for value, part in parts.items()
    }


def _sides(weights: np.ndarray) -> _Sides:
    weights = np.maximum(weights, 0.0)  # a difference of fractional weights may be a rounding error below 0
    return weights[..., 0], weights[..., 1]


def _auroc(d: Distribution, class_id: int | None) -> float:
    return float(Averaging(class_id=class_id, classes=d.classes)(ranking.auroc, d.histogram).value)
