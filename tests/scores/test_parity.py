"""Parity of groups from their counts, with the values of Fairlearn."""

import math

import numpy as np
import pytest

from fmnist_tf import (
    demographic_parity_difference,
    demographic_parity_ratio,
    equal_opportunity_difference,
    equal_opportunity_ratio,
    equalized_odds_difference,
    equalized_odds_ratio,
    group_difference,
    group_ratio,
)
from fmnist_tf.counts import Counts, no_and_yes

#: tp, predicted, support, total of yes.
GROUPS = {"a": (6, 8, 9, 20), "b": (1, 2, 5, 10), "c": (0, 1, 0, 4), "empty": (0, 0, 0, 0)}
COUNTS = {group: Counts(*(np.array([number], float) for number in numbers)) for group, numbers in GROUPS.items()}
METHODS = ["between_groups", "to_overall"]
PARITY = {
    "demographic_parity_difference": demographic_parity_difference,
    "demographic_parity_ratio": demographic_parity_ratio,
    "equal_opportunity_difference": equal_opportunity_difference,
    "equal_opportunity_ratio": equal_opportunity_ratio,
    "equalized_odds_difference": equalized_odds_difference,
    "equalized_odds_ratio": equalized_odds_ratio,
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("demographic_parity_difference", 8 / 20 - 2 / 10),
        ("demographic_parity_ratio", (2 / 10) / (8 / 20)),
        ("equal_opportunity_difference", 6 / 9 - 0),  # c has no positives: its rate is 0
        ("equal_opportunity_ratio", 0),
        ("equalized_odds_difference", 6 / 9 - 0),
        ("equalized_odds_ratio", 0),
    ],
)
def test_values_by_hand(name, value):
    assert PARITY[name](COUNTS) == pytest.approx(value)


def stream(seed):
    """(y_true, y_pred, groups, weight): some groups are small, some lack positives."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(30, 200))
    y_true, y_pred = (rng.random(n) < rng.uniform(0.1, 0.9) for _ in range(2))
    return y_true.astype(int), y_pred.astype(int), rng.choice(list("pqrs"), n), rng.random(n) if seed % 2 else None


def counts_by(y_true, y_pred, groups, weight):
    weight = np.ones(len(y_true)) if weight is None else weight
    cells = (y_true * y_pred, y_pred, y_true, np.ones(len(y_true)))
    return {
        group: Counts(*(np.array([np.sum((cell * weight)[groups == group])]) for cell in cells))
        for group in np.unique(groups)
    }


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("seed", range(6))
def test_values_are_those_of_fairlearn(seed, method):
    fairlearn = pytest.importorskip("fairlearn.metrics", reason="the oracle of parity is an extra")
    y_true, y_pred, groups, weight = stream(seed)
    options = {"sensitive_features": groups, "sample_weight": weight, "method": method}
    ours = counts_by(y_true, y_pred, groups, weight)
    for name, function in PARITY.items():
        for agg in [{"agg": "worst_case"}, {"agg": "mean"}] if "odds" in name else [{}]:
            wanted = getattr(fairlearn, name)(y_true, y_pred, **options, **agg)
            assert function(ours, method=method, **agg) == pytest.approx(wanted, rel=1e-12), (name, agg)


@pytest.mark.parametrize("seed", range(4))
def test_differences_and_ratios_of_any_score_are_those_of_a_metric_frame(seed):
    fairlearn = pytest.importorskip("fairlearn.metrics", reason="the oracle of parity is an extra")
    y_true, y_pred, groups, _ = stream(2 * seed)
    frame = fairlearn.MetricFrame(
        metrics=fairlearn.false_positive_rate, y_true=y_true, y_pred=y_pred, sensitive_features=groups
    )
    by_group = {group: float(c.fp[0] / c.negatives[0]) for group, c in counts_by(y_true, y_pred, groups, None).items()}
    assert by_group == pytest.approx(frame.by_group.to_dict())
    assert group_difference(by_group) == pytest.approx(frame.difference())
    assert group_ratio(by_group) == pytest.approx(frame.ratio())
    assert group_difference(by_group, frame.overall) == pytest.approx(frame.difference("to_overall"))
    assert group_ratio(by_group, frame.overall) == pytest.approx(frame.ratio("to_overall"))


@pytest.mark.parametrize("name", PARITY)
def test_two_classes_are_read_as_no_and_yes(name):
    two = {group: no_and_yes(counts) for group, counts in COUNTS.items() if group != "empty"}
    assert PARITY[name](two) == PARITY[name](COUNTS)
    assert PARITY[name](two, class_id=0) == PARITY[name](COUNTS, class_id=0)


def test_groups_without_rows_have_no_parity():
    assert all(math.isnan(function({"empty": COUNTS["empty"]})) for function in PARITY.values())


def test_the_ratio_of_rates_that_are_all_zero_is_unknown():
    nothing = {group: Counts(*(np.array([number], float) for number in (0, 0, 3, 9))) for group in "ab"}
    assert all(math.isnan(PARITY[name](nothing)) for name in PARITY if "ratio" in name)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "worst"}, "`method` must be 'between_groups' or 'to_overall', got 'worst'"),
        ({"agg": "max"}, "`agg` must be 'worst_case' or 'mean', got 'max'"),
        ({"class_id": 2}, "`class_id` must name the class that selects, one of 2, got 2"),
    ],
)
def test_bad_arguments_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        equalized_odds_difference(COUNTS, **options)


def test_more_than_two_classes_need_a_class():
    with pytest.raises(ValueError, match="must name the class that selects, one of 3, got None"):
        demographic_parity_ratio({"a": Counts(*np.ones((4, 3)))})
