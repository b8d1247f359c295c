"""`Interval`: Wilson's for a proportion, and one like it for any value with a variance."""

from statistics import NormalDist
from typing import Any, Literal, NamedTuple

import numpy as np

Scale = Literal["wilson", "logit", "identity"]

_MOST = 1e15  # trials: with more the interval is a point


class Interval(NamedTuple):
    """From `low` to `high`: floats, or arrays (C,) where there is one interval a class."""

    low: Any
    high: Any


class VarianceEstimate(NamedTuple):
    """The variance of a score, at a value of the score inside its bounds."""

    value: Any
    variance: Any


def wilson(successes: Any, trials: Any, level: float = 0.95) -> Interval:
    """Wilson's score interval of a proportion: every p that a test against `successes` of `trials` would not reject.

    (k + z^2 / 2 -+ z sqrt(k (n - k) / n + z^2 / 4)) / (n + z^2). Without trials nothing is known: (0, 1).

    Args:
        successes: k, a number or an array.
        trials: n, a number or an array; need not be whole.
        level: the probability of covering, 0.95 for 95 %.

    Raises:
        ValueError: `level` outside (0, 1), or successes outside 0 ... trials.

    Example:
        >>> low, high = wilson(90, 100)
        >>> print(f"{low:.3f} {high:.3f}")
        0.826 0.945

    Source: Wilson, Probable inference, the law of succession, and statistical inference, JASA 22, 1927.
    """
    k, n = np.asarray(successes, np.float64), np.asarray(trials, np.float64)
    if not np.all((k >= 0) & (k <= n)):
        raise ValueError(f"`successes` must lie between 0 and `trials`, got {successes} of {trials}")
    z = quantile(level)
    share = k / np.where(n > 0, n, 1.0)
    centre = (k + z**2 / 2) / (n + z**2)
    half = z * np.sqrt(n * share * (1 - share) + z**2 / 4) / (n + z**2)
    # At the ends the bound is exact, but its terms do not cancel to the last bit.
    return as_interval(np.where(k > 0, centre - half, 0.0), np.where((k < n) | (n == 0), centre + half, 1.0))


def interval_from_variance(
    value: Any,
    spreads: list[VarianceEstimate],
    bounds: tuple[float, float],
    level: float,
    scale: Scale = "wilson",
) -> Interval:
    """Interval around a value; of several estimates of its spread the widest is taken.

    Between finite bounds a variance is that of a proportion with some number of trials, and Wilson's interval for that
    number applies. Above one bound the interval is symmetric in the logarithm, without bounds in the value itself.
    """
    low, high = bounds
    if scale == "identity" or np.isinf(low):
        half = quantile(level) * np.sqrt(np.max([variance_estimate.variance for variance_estimate in spreads], axis=0))
        return as_interval(value - half, value + half)
    if np.isinf(high):
        return _on_log_scale(value, spreads, level)
    width = high - low
    trials = np.min([_trials((s.value - low) / width, s.variance / width**2) for s in spreads], axis=0)
    share = np.clip((value - low) / width, 0.0, 1.0)
    inner = wilson(share * trials, trials, level) if scale == "wilson" else _on_logit_scale(share, trials, level)
    return as_interval(low + width * np.asarray(inner.low), low + width * np.asarray(inner.high))


def combine(value_a: Any, value_b: Any, of_a: Interval, of_b: Interval) -> Interval:
    """Interval of b - a, from values and intervals of independent a and b.

    From d - sqrt((b - low_b)^2 + (high_a - a)^2) to d + sqrt((high_b - b)^2 + (a - low_a)^2), d = b - a.

    Source: Newcombe, Interval estimation for the difference between independent proportions, Statistics in Medicine 17,
    1998; for any parameter: Zou and Donner, Construction of confidence limits about effect measures, ibid. 27, 2008.
    """
    down = np.hypot(value_b - of_b.low, of_a.high - value_a)
    up = np.hypot(of_b.high - value_b, value_a - of_a.low)
    return as_interval(value_b - value_a - down, value_b - value_a + up)


def quantile(level: float) -> float:
    """How many standard deviations to either side hold `level` of a normal distribution."""
    if not 0 < level < 1:
        raise ValueError(f"`level` must lie between 0 and 1, got {level}")
    return NormalDist().inv_cdf((1 + level) / 2)


def student(level: float, degrees: float) -> float:
    """How many standard deviations to either side hold `level` of Student's t distribution, for 3 degrees or more.

    The expansion of Fisher and Cornish around the normal distribution, right to 0.01 from 4 degrees on.

    Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 1964, formula 26.7.5.
    """
    z = quantile(level)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
    )
    return z + sum(term / degrees**power for power, term in enumerate(terms, 1))


def as_interval(low: Any, high: Any) -> Interval:
    """Floats where there is one, arrays where there are several."""
    return Interval(*(float(end) if np.ndim(end) == 0 else np.asarray(end) for end in (low, high)))


def _trials(share: Any, variance: Any) -> Any:
    """The number of trials n for which a proportion has this variance, p (1 - p) / n."""
    with np.errstate(divide="ignore", invalid="ignore"):
        trials = np.maximum(share * (1 - share), 0.0) / variance
    return np.nan_to_num(np.minimum(trials, _MOST), nan=_MOST)


def _on_logit_scale(share: Any, trials: Any, level: float) -> Interval:
    """Symmetric in log(p / (1 - p)); at 0 and 1, where it is infinite, a point."""
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.exp(quantile(level) / np.sqrt(share * (1 - share) * trials))
        odds = share / (1 - share)
        low, high = (1 / (1 + 1 / (odds * step)) for step in (1 / factor, factor))
    inside = (share > 0) & (share < 1)
    return as_interval(np.where(inside, low, share), np.where(inside, high, share))


def _on_log_scale(value: Any, spreads: list[VarianceEstimate], level: float) -> Interval:
    """Of ratios from 0 to infinity; at either end nothing is known."""
    with np.errstate(all="ignore"):
        relative = np.max(
            [np.sqrt(variance_estimate.variance) / variance_estimate.value for variance_estimate in spreads], axis=0
        )
        factor = np.exp(quantile(level) * relative)
        known = (value > 0) & np.isfinite(value)
        return as_interval(np.where(known, value / factor, 0.0), np.where(known, value * factor, np.inf))
