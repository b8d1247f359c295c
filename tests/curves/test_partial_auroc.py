"""AUROC up to a false positive rate is that of scikit-learn, and its bounds hold whatever the bins hide."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from fmnist_tf.metrics import AUROC
from support.catalogue import fed


def draw(seed):
    """(y_true, scores with ties, weight) of one column."""
    rng = np.random.default_rng(seed)
    return rng.integers(0, 2, 60), rng.integers(1, 30, 60) / 31, rng.integers(1, 9, 60) / 8


@pytest.mark.parametrize("max_fpr", [0.05, 0.3, 1.0])
def test_a_partial_area_is_that_of_scikit_learn(max_fpr):
    for seed in range(5):
        y_true, scores, weight = draw(seed)
        theirs = roc_auc_score(y_true, scores, sample_weight=weight, max_fpr=max_fpr)
        ours = fed(AUROC(max_fpr=max_fpr, dtype="float64"), y_true, scores, weight)
        np.testing.assert_allclose(ours.result(), theirs, rtol=1e-12)


@pytest.mark.parametrize("num_bins", [3, 8, 32])
@pytest.mark.parametrize("max_fpr", [0.05, 0.3])
def test_bounds_of_a_partial_area_hold(num_bins, max_fpr):
    for seed in range(10):
        y_true, scores, weight = draw(seed)
        low, high = fed(AUROC(max_fpr=max_fpr, num_bins=num_bins), y_true, scores, weight).bounds
        assert low <= roc_auc_score(y_true, scores, sample_weight=weight, max_fpr=max_fpr) <= high


def test_the_whole_of_the_area_is_auroc():
    y_true, scores, weight = draw(0)
    part, whole = (fed(AUROC(max_fpr=m, num_bins=16, dtype="float64"), y_true, scores, weight) for m in (1.0, None))
    np.testing.assert_allclose([part.result(), *part.bounds], [whole.result(), *whole.bounds], rtol=1e-12)


@pytest.mark.parametrize("max_fpr", [0, -0.1, 1.5])
def test_a_rate_that_is_none_is_refused(max_fpr):
    with pytest.raises(ValueError, match=r"`max_fpr` must be .*, got"):
        AUROC(max_fpr=max_fpr)
