"""Intervals of AUROC and average precision cover, and hold DeLong's variance."""

import numpy as np
import pytest
from sklearn import metrics

from fmnist_tf.intervals import areas

RNG = np.random.default_rng(0)


def histogram(negatives, positives):
    """(negatives, positives) of a bin a score, (1, bins)."""
    scores = np.unique(np.concatenate([negatives, positives]))
    return [np.histogram(part, [*scores, np.inf])[0][np.newaxis] for part in (negatives, positives)]


def draw(num_negatives=150, num_positives=50, distance=1.5):
    return RNG.normal(0, 1, num_negatives), RNG.normal(distance, 1, num_positives)


def delong_by_pairs(negatives, positives):
    """The variance from the matrix of all pairs, as the paper writes it."""
    wins = (positives[:, None] > negatives) + 0.5 * (positives[:, None] == negatives)
    return np.var(wins.mean(1), ddof=1) / len(positives) + np.var(wins.mean(0), ddof=1) / len(negatives)


def test_the_interval_of_auroc_is_wilson_s_with_the_variance_of_delong():
    negatives, positives = draw(1500, 900)
    (low,), (high,) = areas.auroc(*histogram(negatives, positives))
    wide = 2 * 1.959964 * np.sqrt(delong_by_pairs(negatives, positives))
    assert high - low == pytest.approx(wide, rel=0.01)


@pytest.mark.parametrize("area", [areas.auroc, areas.average_precision])
def test_an_area_is_covered_nineteen_times_in_twenty(area):
    score = metrics.roc_auc_score if area is areas.auroc else metrics.average_precision_score
    labels = np.repeat([0, 1], [150_000, 50_000])
    truth = score(labels, np.concatenate(draw(150_000, 50_000)))
    ends = np.array([area(*histogram(*draw())) for _ in range(300)])[..., 0]
    assert np.mean((ends[:, 0] <= truth) & (truth <= ends[:, 1])) == pytest.approx(0.95, abs=0.04)


@pytest.mark.parametrize("area", [areas.auroc, areas.average_precision])
def test_a_perfect_ranking_is_not_certain(area):
    (low,), (high,) = area([[30, 0]], [[0, 30]])
    assert 0.8 < low < 0.95
    assert high == 1.0


@pytest.mark.parametrize("area", [areas.auroc, areas.average_precision])
def test_a_class_without_positives_has_no_interval(area):
    assert np.isnan(area([[30, 5], [3, 4]], [[0, 0], [1, 2]])).tolist() == [[True, False], [True, False]]


def test_the_interval_of_a_mean_leaves_out_classes_without_a_value():
    ends = areas.Interval(np.array([0.5, np.nan, 0.7]), np.array([0.6, np.nan, 0.9]))
    assert areas.mean_of_areas([0.55, np.nan, 0.8], ends) == pytest.approx((0.6, 0.75))
    assert np.isnan(areas.mean_of_areas([np.nan], areas.Interval(np.ones(1), np.ones(1)))).all()
