"""Parity of groups: how far rates of the values of a slice lie apart, from their counts, with Fairlearn's values."""

import math
from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np
import tensorflow as tf

from fmnist_tf.counts import Counts, no_and_yes

Method = Literal["between_groups", "to_overall"]
Aggregate = Literal["worst_case", "mean"]


def demographic_parity_difference(
    counts_by: Mapping[Any, Counts], *, class_id: int | None = None, method: Method = "between_groups"
) -> float:
    """The greatest difference of selection rates, predicted / total, between groups: 0 is parity.

    Args:
        counts_by: group -> `Counts` of arrays (C,), as `ScoreSet.counts_by` gives them. Groups without rows are left
            out; drop "other" where its rows are no group.
        class_id: the class that selects; None for yes of one column, or the second of two classes.
        method: "between_groups", the greatest less the smallest; "to_overall", the greatest distance of a group from
            the rate of all groups together.

    Returns:
        From 0 to 1; NaN without rows.

    Raises:
        ValueError: `method` is another, there are more than two classes and no `class_id`, or no such class.

    Source: Fairlearn's function of the same name; Dwork et al., "Fairness through awareness", 2012.

    Example:
        >>> from fmnist_tf.counts import Counts
        >>> counts_by = {"north": Counts([6.0], [8.0], [9.0], [20.0]), "south": Counts([1.0], [2.0], [5.0], [10.0])}
        >>> round(demographic_parity_difference(counts_by), 3)
        0.2
    """
    return _difference(_selection_rate, counts_by, class_id, method)


def demographic_parity_ratio(
    counts_by: Mapping[Any, Counts], *, class_id: int | None = None, method: Method = "between_groups"
) -> float:
    """The smallest ratio of selection rates, predicted / total, between groups: 1 is parity.

    Args:
        counts_by: group -> `Counts` of arrays (C,), as `ScoreSet.counts_by` gives them. Groups without rows are left
            out; drop "other" where its rows are no group.
        class_id: the class that selects; None for yes of one column, or the second of two classes.
        method: "between_groups", the smallest by the greatest; "to_overall", the smallest ratio, at most 1, of a group
            and the rate of all groups together.

    Returns:
        From 0 to 1; NaN where no group selects anything.

    Raises:
        ValueError: `method` is another, there are more than two classes and no `class_id`, or no such class.

    Source: Fairlearn's function of the same name; below 0.8 it is the "four-fifths rule" of the Uniform Guidelines on
    Employee Selection Procedures, 1978.

    Example:
        >>> from fmnist_tf.counts import Counts
        >>> counts_by = {"north": Counts([6.0], [8.0], [9.0], [20.0]), "south": Counts([1.0], [2.0], [5.0], [10.0])}
        >>> round(demographic_parity_ratio(counts_by), 3)
        0.5
    """
    return _ratio(_selection_rate, counts_by, class_id, method)


def equal_opportunity_difference(
    counts_by: Mapping[Any, Counts], *, class_id: int | None = None, method: Method = "between_groups"
) -> float:
    """The greatest difference of true positive rates, tp / support, between groups: 0 is parity.

    Args:
        counts_by: group -> `Counts` of arrays (C,), as `ScoreSet.counts_by` gives them. Groups without rows are left
            out; a group without positives has the rate 0, as in Fairlearn.
        class_id: the class that selects; None for yes of one column, or the second of two classes.
        method: "between_groups", the greatest less the smallest; "to_overall", the greatest distance of a group from
            the rate of all groups together.

    Returns:
        From 0 to 1; NaN without rows.

    Raises:
        ValueError: `method` is another, there are more than two classes and no `class_id`, or no such class.

    Source: Fairlearn's function of the same name; Hardt, Price and Srebro, "Equality of opportunity in supervised
    learning", 2016.

    Example:
        >>> from fmnist_tf.counts import Counts
        >>> counts_by = {"north": Counts([6.0], [8.0], [9.0], [20.0]), "south": Counts([1.0], [2.0], [5.0], [10.0])}
        >>> round(equal_opportunity_difference(counts_by), 3)
        0.467
    """
    return _difference(_true_positive_rate, counts_by, class_id, method)


def equal_opportunity_ratio(
    counts_by: Mapping[Any, Counts], *, class_id: int | None = None, method: Method = "between_groups"
) -> float:
    """The smallest ratio of true positive rates, tp / support, between groups: 1 is parity.

    Args:
        counts_by: group -> `Counts` of arrays (C,), as `ScoreSet.counts_by` gives them. Groups without rows are left
            out; a group without positives has the rate 0, as in Fairlearn.
        class_id: the class that selects; None for yes of one column, or the second of two classes.
        method: "between_groups", the smallest by the greatest; "to_overall", the smallest ratio, at most 1, of a group
            and the rate of all groups together.

    Returns:
        From 0 to 1; NaN where no group has a true positive.

    Raises:
        ValueError: `method` is another, there are more than two classes and no `class_id`, or no such class.

    Source: Fairlearn's function of the same name; Hardt, Price and Srebro, "Equality of opportunity in supervised
    learning", 2016.

    Example:
        >>> from fmnist_tf.counts import Counts
        >>> counts_by = {"north": Counts([6.0], [8.0], [9.0], [20.0]), "south": Counts([1.0], [2.0], [5.0], [10.0])}
        >>> round(equal_opportunity_ratio(counts_by), 3)
        0.3
    """
    return _ratio(_true_positive_rate, counts_by, class_id, method)


def equalized_odds_difference(
    counts_by: Mapping[Any, Counts],
    *,
    class_id: int | None = None,
    method: Method = "between_groups",
    agg: Aggregate = "worst_case",
) -> float:
    """The greater of the differences of true positive rates, tp / support, and of false positive rates: 0 is parity.

    Args:
        counts_by: group -> `Counts` of arrays (C,), as `ScoreSet.counts_by` gives them. Groups without rows are left
            out; a group without positives, or without negatives, has the rate 0, as in Fairlearn.
        class_id: the class that selects; None for yes of one column, or the second of two classes.
        method: "between_groups", the greatest less the smallest; "to_overall", the greatest distance of a group from
            the rate of all groups together.
        agg: "worst_case", the greater of the two; "mean", their mean.

    Returns:
        From 0 to 1; NaN without rows.

    Raises:
        ValueError: `method` or `agg` is another, there are more than two classes and no `class_id`, or no such class.

    Source: Fairlearn's function of the same name; Hardt, Price and Srebro, "Equality of opportunity in supervised
    learning", 2016.

    Example:
        >>> from fmnist_tf.counts import Counts
        >>> counts_by = {"north": Counts([6.0], [8.0], [9.0], [20.0]), "south": Counts([1.0], [2.0], [5.0], [10.0])}
        >>> round(equalized_odds_difference(counts_by), 3)
        0.467
    """
    parts = [_difference(rate, counts_by, class_id, method) for rate in (_true_positive_rate, _false_positive_rate)]
    return max(parts) if _is_worst(agg) else float(np.mean(parts))


def equalized_odds_ratio(
    counts_by: Mapping[Any, Counts],
    *,
    class_id: int | None = None,
    method: Method = "between_groups",
    agg: Aggregate = "worst_case",
) -> float:
    """The smaller of the ratios of true positive rates, tp / support, and of false positive rates: 1 is parity.

    Args:
        counts_by: group -> `Counts` of arrays (C,), as `ScoreSet.counts_by` gives them. Groups without rows are left
            out; a group without positives, or without negatives, has the rate 0, as in Fairlearn.
        class_id: the class that selects; None for yes of one column, or the second of two classes.
        method: "between_groups", the smallest by the greatest; "to_overall", the smallest ratio, at most 1, of a group
            and the rate of all groups together.
        agg: "worst_case", the smaller of the two; "mean", their mean.

    Returns:
        From 0 to 1. Where no group has a false positive, the ratio of true positive rates; NaN where no group has a
        true positive.

    Raises:
        ValueError: `method` or `agg` is another, there are more than two classes and no `class_id`, or no such class.

    Source: Fairlearn's function of the same name; Hardt, Price and Srebro, "Equality of opportunity in supervised
    learning", 2016.

    Example:
        >>> from fmnist_tf.counts import Counts
        >>> counts_by = {"north": Counts([6.0], [8.0], [9.0], [20.0]), "south": Counts([1.0], [2.0], [5.0], [10.0])}
        >>> round(equalized_odds_ratio(counts_by), 3)
        0.3
    """
    of_true, of_false = (_ratio(rate, counts_by, class_id, method) for rate in _ODDS)
    if _is_worst(agg):
        return min(of_true, of_false)  # the first where it is NaN, as in Fairlearn
    known = [part for part in (of_true, of_false) if not math.isnan(part)]
    return float(np.mean(known)) if known else math.nan


def group_difference(by_group: Mapping[Any, float], overall: float | None = None) -> float:
    """The greatest difference of a score between groups, or from the overall score, as MetricFrame's `difference`.

    Args:
        by_group: group -> its score, any number; NaN is left out.
        overall: None for the greatest less the smallest score; a score, for the greatest distance from it.

    Returns:
        At least 0; NaN without scores.

    Source: Fairlearn's MetricFrame.

    Example:
        >>> group_difference({"north": 0.75, "south": 0.5}), group_difference({"north": 0.75, "south": 0.5}, 0.625)
        (0.25, 0.125)
    """
    values = _known(by_group)
    if not len(values):
        return math.nan
    return float(np.max(np.abs(values - (values.min() if overall is None else overall))))


def group_ratio(by_group: Mapping[Any, float], overall: float | None = None) -> float:
    """The smallest ratio of a score between groups, or with the overall score, as MetricFrame's `ratio`.

    Args:
        by_group: group -> its score, a number of at least 0; NaN is left out.
        overall: None for the smallest score by the greatest; a score, for the smallest ratio with it, turned so that
            it is at most 1.

    Returns:
        From 0 to 1; NaN for 0/0 and without scores.

    Source: Fairlearn's MetricFrame.

    Example:
        >>> round(group_ratio({"north": 0.75, "south": 0.5}), 3), group_ratio({"north": 0.75, "south": 0.5}, 0.625)
        (0.667, 0.8)
    """
    values = _known(by_group)
    if not len(values):
        return math.nan
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = values.min(keepdims=True) / values.max() if overall is None else values / np.float64(overall)
        ratios = np.where(ratios > 1, 1 / ratios, ratios)
    known = ratios[~np.isnan(ratios)]
    return float(known.min()) if len(known) else math.nan


_Rate = Callable[[Counts], float]


def _selection_rate(c: Counts) -> float:
    return float(c.predicted / c.total)


def _true_positive_rate(c: Counts) -> float:
    return float(c.tp / c.support) if c.support > 0 else 0.0


def _false_positive_rate(c: Counts) -> float:
    return float(c.fp / c.negatives) if c.negatives > 0 else 0.0


_ODDS = (_true_positive_rate, _false_positive_rate)


def _difference(rate: _Rate, counts_by: Mapping[Any, Counts], class_id: int | None, method: Method) -> float:
    return group_difference(*_rates(rate, counts_by, class_id, method))


def _ratio(rate: _Rate, counts_by: Mapping[Any, Counts], class_id: int | None, method: Method) -> float:
    return group_ratio(*_rates(rate, counts_by, class_id, method))


def _rates(
    rate: _Rate, counts_by: Mapping[Any, Counts], class_id: int | None, method: Method
) -> tuple[dict[Any, float], float | None]:
    """The rate of each group that has rows, and that of all together if it is asked for."""
    if method not in ("between_groups", "to_overall"):
        raise ValueError(f"`method` must be 'between_groups' or 'to_overall', got {method!r}")
    groups = {group: _of_class(counts, class_id) for group, counts in counts_by.items()}
    groups = {group: counts for group, counts in groups.items() if counts.total > 0}
    rates = {group: rate(counts) for group, counts in groups.items()}
    if method == "between_groups" or not groups:
        return rates, None
    return rates, rate(Counts(*(tf.add_n(fields) for fields in zip(*groups.values(), strict=True))))


def _of_class(counts: Counts, class_id: int | None) -> Counts:
    """The counts of the class that selects, one number each; one column is a problem of two classes."""
    counts = Counts(*(tf.constant(field, tf.float64) for field in counts))
    shape = tuple(counts.tp.shape)
    if shape == (1,):
        counts = no_and_yes(counts)
    size = int(counts.tp.shape[0] or 0) if len(shape) == 1 else 0
    selected = 1 if class_id is None and size == 2 else class_id
    if selected is None or not 0 <= selected < size:
        raise ValueError(
            f"`class_id` must name the class that selects, one of {size}, got {class_id!r} for counts of shape {shape}"
        )
    return Counts(*(field[selected] for field in counts))


def _is_worst(agg: Aggregate) -> bool:
    if agg not in ("worst_case", "mean"):
        raise ValueError(f"`agg` must be 'worst_case' or 'mean', got {agg!r}")
    return agg == "worst_case"


def _known(by_group: Mapping[Any, float]) -> np.ndarray:
    values = np.array([float(value) for value in by_group.values()], np.float64)
    return values[~np.isnan(values)]
