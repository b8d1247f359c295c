"""Intervals of AUROC and average precision, from the weight of negatives and positives in each bin of scores."""

from collections.abc import Callable
from typing import Any

import numpy as np

from fmnist_tf.intervals.proportions import Interval, VarianceEstimate, as_interval, interval_from_variance

_BOUNDS = (0.0, 1.0)
#: Extra positives, and negatives, of the second estimate of a variance: a perfect ranking still has a variance.
_ADDED = 1.0

_Estimate = Callable[[np.ndarray, np.ndarray], VarianceEstimate]


def auroc(negatives: Any, positives: Any, level: float = 0.95) -> Interval:
    """Interval of the area under the ROC curve, by DeLong's variance.

    There are P positives and N negatives. A positive in bin b scores above the share v_b = (N_b + n_b / 2) / N of the
    negatives, with N_b negatives in lower bins; a negative in bin b scores below the share u_b of the positives. The
    variance is var(v) / P + var(u) / N. The result is Wilson's interval of a proportion with this variance. It is the
    wider of two estimates: the second one has one positive and one negative more, each spread half over the bins of
    the positives and half over those of the negatives.

    Args:
        negatives: number in each bin, the lowest scores first, (C, num_bins); need not be whole.
        positives: number in each bin, the lowest scores first, (C, num_bins); need not be whole.
        level: the probability of covering.

    Returns:
        Arrays (C,), NaN for a class without positives or negatives.

    Example:
        >>> low, high = auroc([[60, 30, 10]], [[10, 20, 70]])
        >>> print(f"{low[0]:.3f} {high[0]:.3f}")
        0.785 0.890

    Source: DeLong, DeLong and Clarke-Pearson, Comparing the areas under two or more correlated receiver operating
    characteristic curves, Biometrics 44, 1988.
    """
    return _of_classes(_auroc, negatives, positives, level)


def average_precision(negatives: Any, positives: Any, level: float = 0.95) -> Interval:
    """Interval of average precision, by the infinitesimal jackknife.

    With TP_b and FP_b the positives and negatives in bin b or above, average precision is the sum of
    p_b TP_b / (TP_b + FP_b) / P. Its variance is the sum over samples of the squared derivative by their weight. The
    result is Wilson's interval of a proportion with this variance. It is the wider of two estimates: the second one has
    one positive and one negative more, each spread half over the bins of the positives and half over the others.

    Args:
        negatives: number in each bin, the lowest scores first, (C, num_bins); need not be whole.
        positives: number in each bin, the lowest scores first, (C, num_bins); need not be whole.
        level: the probability of covering.

    Returns:
        Arrays (C,), NaN for a class without positives or negatives.

    Example:
        >>> low, high = average_precision([[60, 30, 10]], [[10, 20, 70]])
        >>> print(f"{low[0]:.3f} {high[0]:.3f}")
        0.718 0.864

    Source: Efron, The Jackknife, the Bootstrap and Other Resampling Plans, 1982, chapter 6; that intervals should not
    leave 0 to 1: Boyd, Eng and Page, Area under the precision-recall curve: point estimates and confidence intervals,
    ECML PKDD 2013.
    """
    return _of_classes(_average_precision, negatives, positives, level)


def mean_of_areas(values: Any, intervals: Interval) -> Interval:
    """Interval of the mean of areas of several classes, for any dependence between them: the widest one.

    The histograms do not tell which scores belong to one row, so that the ends are the means of the ends.

    Args:
        values: (C,), NaN where a class has none, which is left out.
        intervals: arrays (C,), of those values; the result covers with the same probability or more.
    """
    known = np.isfinite(np.asarray(values))
    if not known.any():
        return Interval(float("nan"), float("nan"))
    return as_interval(*(np.mean(np.asarray(end)[known]) for end in intervals))


def _of_classes(estimate: _Estimate, negatives: Any, positives: Any, level: float) -> Interval:
    rows = zip(np.asarray(negatives, np.float64), np.asarray(positives, np.float64), strict=True)
    return as_interval(*np.transpose([_of_class(estimate, n, p, level) for n, p in rows]))


def _of_class(estimate: _Estimate, n: np.ndarray, p: np.ndarray, level: float) -> Interval:
    """The interval of one class; empty bins are left out."""
    if not n.any() or not p.any():
        return Interval(float("nan"), float("nan"))
    held = (n > 0) | (p > 0)
    n, p = n[held], p[held]
    added = _ADDED * (n / n.sum() + p / p.sum()) / 2
    found = estimate(n, p)
    low, high = interval_from_variance(found.value, [found, estimate(n + added, p + added)], _BOUNDS, level)
    return as_interval(min(low, found.value), max(high, found.value))


def auroc_effects(n: np.ndarray, p: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """AUROC, and by how much it moves with the weight of a negative and of a positive in each bin."""
    of_positives = (np.cumsum(n) - n / 2) / n.sum()
    of_negatives = (np.cumsum(p[::-1])[::-1] - p / 2) / p.sum()
    value = min(float(p @ of_positives / p.sum()), 1.0)
    return value, (of_negatives - value) / n.sum(), (of_positives - value) / p.sum()


def _auroc(n: np.ndarray, p: np.ndarray) -> VarianceEstimate:
    value, by_negative, by_positive = auroc_effects(n, p)
    return VarianceEstimate(value, _of_mean(by_positive, p) + _of_mean(by_negative, n))


def _of_mean(effects: np.ndarray, weight: np.ndarray) -> float:
    """The variance of a mean, from the effects of samples on it."""
    total = weight.sum()
    return float(weight @ effects**2 * total / max(total - 1, 1))


def average_precision_effects(n: np.ndarray, p: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """Average precision, and by how much it moves with the weight of a negative and of a positive in each bin."""
    tp, fp = (np.cumsum(weight[::-1])[::-1] for weight in (p, n))
    found = np.maximum(tp + fp, 1e-300)
    precision, total = tp / found, p.sum()
    value = min(float(p @ precision / total), 1.0)
    # A sample adds to the true or the false positives of the bin of its score and of all lower bins.
    by_positive = (precision - value + np.cumsum(p * fp / found**2)) / total
    by_negative = -np.cumsum(p * tp / found**2) / total
    return value, by_negative, by_positive


def _average_precision(n: np.ndarray, p: np.ndarray) -> VarianceEstimate:
    value, by_negative, by_positive = average_precision_effects(n, p)
    return VarianceEstimate(value, p @ by_positive**2 + n @ by_negative**2)
