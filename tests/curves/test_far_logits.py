"""Scores that pile up in few bins: logits far out have bins, and a wide bound says why and what to do."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from fmnist_tf.curves.distribution import Distribution
from fmnist_tf.metrics import AUROC
from support.catalogue import fed


def draw(shift, scale=1.0):
    """(y_true, logits) of one column around a shift."""
    y_true = np.arange(200) % 2
    return y_true, scale * (np.random.default_rng(0).normal(size=200) + y_true) + shift


@pytest.mark.parametrize(("shift", "scale"), [(60, 1), (-60, 1), (100, 10), (1000, 100), (0, 1e5), (-45, 0.5)])
def test_logits_far_out_are_ranked(shift, scale):
    y_true, logits = draw(shift, scale)
    metric = fed(AUROC(from_logits=True, dtype="float64"), y_true, logits)
    exact = roc_auc_score(y_true, logits)
    low, high = metric.bounds
    assert low <= exact <= high
    assert abs(metric.result() - exact) < 0.01


def test_a_wide_bound_says_why_and_what_to_do():
    d = fed(AUROC(from_logits=True), *draw(1e9)).distribution
    assert d.is_uncertain
    assert d.remedy == (
        "bounds of AUROC and average precision are up to 1 wide, since 100% of the logits lie between 8.2575e+06 and "
        "3.40282e+38, in one bin; subtract a constant from the logits, or pass a larger num_bins="
    )


@pytest.mark.parametrize(
    ("options", "scale", "told"),
    [
        ({}, 1e-16, "give logits with from_logits=True, or pass a larger num_bins="),
        ({"num_bins": 8}, 0.2, "pass a larger num_bins="),
    ],
)
def test_probabilities_in_few_bins_are_told_too(options, scale, told):
    y_true, rng = np.arange(200) % 2, np.random.default_rng(0)
    d = fed(AUROC(**options), y_true, scale * (rng.random(200) + y_true)).distribution
    assert d.is_uncertain
    assert d.remedy.endswith(told)


def test_narrow_bounds_need_no_remedy():
    d = fed(AUROC(from_logits=True), *draw(0)).distribution
    assert (d.is_uncertain, d.remedy) == (False, None)
    assert 0 < d.widest < 0.01


def test_where_nothing_is_defined_nothing_is_uncertain():
    d = Distribution.of(fed(AUROC(), [1, 1], [0.2, 0.3]))
    assert (np.isnan(d.widest), d.is_uncertain, d.remedy) == (True, False, None)
