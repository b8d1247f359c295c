"""Wilson's interval of a proportion equals the published ones and refuses what is no proportion."""

import numpy as np
import pytest

from fmnist_tf.intervals import Interval, wilson


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    # Newcombe, Two-sided confidence intervals for the single proportion, Statistics in Medicine 17, 1998, table I
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_the_published_intervals(successes, trials, low, high):
    assert wilson(successes, trials) == pytest.approx((low, high), abs=5e-5)


def test_wilson_without_trials_knows_nothing():
    assert wilson(0, 0) == Interval(0.0, 1.0)


def test_wilson_reaches_the_bounds_exactly():
    assert wilson(0, 7).low == 0.0
    assert wilson(7, 7).high == 1.0


def test_wilson_takes_arrays():
    low, high = wilson(np.array([3, 0]), np.array([10, 0]))
    assert (low[0], high[0]) == wilson(3, 10)
    assert (low[1], high[1]) == (0.0, 1.0)


@pytest.mark.parametrize("level", [0, 1, 95, -0.5])
def test_a_level_outside_0_and_1_raises(level):
    with pytest.raises(ValueError, match="`level` must lie between 0 and 1"):
        wilson(1, 2, level)


def test_more_successes_than_trials_raise():
    with pytest.raises(ValueError, match="between 0 and `trials`, got 3 of 2"):
        wilson(3, 2)
