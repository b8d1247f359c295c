"""Tests of hypotheses: the exact test of McNemar on paired predictions, and Holm's correction for many tests."""

import math
from typing import Any

import numpy as np


def mcnemar(fixed: int, broken: int) -> float:
    """The p-value of the exact two-sided test of McNemar of "as many fixed as broken".

    Under the null hypothesis `fixed` of the n = fixed + broken changed samples are binomial with probability one half:
    p = min(1, 2 sum of C(n, k) / 2^n for k up to the lesser of both).

    Args:
        fixed: number of samples that model a gets wrong and model b gets right.
        broken: number of samples that model a gets right and model b gets wrong.

    Raises:
        ValueError: a number below 0.

    Example:
        >>> mcnemar(1, 9)
        0.021484375

    Source: McNemar, Note on the sampling error of the difference between correlated proportions or percentages,
    Psychometrika 12, 1947.
    """
    if fixed < 0 or broken < 0:
        raise ValueError(f"`fixed` and `broken` must be 0 or more, got {fixed} and {broken}")
    n, least = int(fixed + broken), int(min(fixed, broken))
    if n <= 1000:  # whole numbers, exact
        return min(1.0, 2 * sum(math.comb(n, k) for k in range(least + 1)) / 2**n)
    k = np.arange(1, least + 1)
    logs = np.concatenate([[0.0], np.cumsum(np.log(n - k + 1) - np.log(k))]) - n * math.log(2)
    return min(1.0, 2 * float(np.sum(np.exp(logs))))


def holm(p: Any) -> np.ndarray:
    """p-values of several tests, corrected so that the probability of any false rejection stays below the level.

    In rising order the i-th of m is multiplied by m - i + 1, and is at least the one before it.

    Args:
        p: (m,), NaN where there is no test.

    Returns:
        float64 (m,), 1 at most.

    Example:
        >>> holm([0.01, 0.04, 0.03]).tolist()
        [0.03, 0.06, 0.06]

    Source: Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6, 1979.
    """
    p = np.asarray(p, np.float64)
    corrected = np.full(p.shape, np.nan)
    order = np.argsort(p, kind="stable")[: np.count_nonzero(~np.isnan(p))]
    factors = len(order) - np.arange(len(order))
    corrected[order] = np.minimum(np.maximum.accumulate(p[order] * factors), 1.0)
    return corrected
