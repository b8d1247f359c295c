"""AUROC of a subgroup, and across its border, against scikit-learn on the rows that the Jigsaw task names."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from fmnist_tf import AUROC, bnsp_auroc, bpsn_auroc, subgroup_auroc

N = 200
RNG = np.random.default_rng(0)
GROUPS = RNG.choice(["a", "b", "c"], N)
YES = RNG.integers(0, 2, N)
SCORES = np.clip((RNG.integers(0, 17, N) + 3 * YES) / 20, 0, 1)  # no two of them share a bin
WEIGHT = RNG.choice([0.5, 1.0, 3.25], N)
CHOICES = {
    subgroup_auroc: lambda inside, yes: inside,
    bpsn_auroc: lambda inside, yes: np.where(inside, yes == 0, yes == 1),
    bnsp_auroc: lambda inside, yes: np.where(inside, yes == 1, yes == 0),
}


def curves_by(y_true, y_pred, weight, **options):
    found = {}
    for group in "abc":
        rows = group == GROUPS
        found[group] = AUROC(num_bins=256, **options)
        found[group].update_state(y_true[rows], y_pred[rows], None if weight is None else weight[rows])
    return found


@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["rows", "weights"])
@pytest.mark.parametrize("function", CHOICES)
def test_values_are_those_of_the_rows(function, weight):
    for group, found in function(curves_by(YES, SCORES, weight)).items():
        rows = CHOICES[function](group == GROUPS, YES)
        wanted = roc_auc_score(YES[rows], SCORES[rows], sample_weight=None if weight is None else weight[rows])
        assert found == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize("function", CHOICES)
def test_of_several_classes_one_can_be_named(function):
    y_true, y_pred = np.stack([YES, 1 - YES], 1), np.stack([SCORES, SCORES[::-1]], 1)
    of_columns = curves_by(y_true, y_pred, None, multi_label=True)
    assert function(of_columns, class_id=0) == pytest.approx(function(curves_by(YES, SCORES, None)))
    both = [function(of_columns, class_id=class_id)["a"] for class_id in (0, 1)]
    assert function(of_columns)["a"] == pytest.approx(np.mean(both))


def test_a_group_without_positives_has_no_value():
    parts = curves_by(np.where(GROUPS == "a", 0, YES), SCORES, None)
    assert np.isnan(subgroup_auroc(parts)["a"])
    assert np.isnan(bnsp_auroc(parts)["a"])
    assert np.isfinite(bpsn_auroc(parts)["a"])
