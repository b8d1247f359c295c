"""Trees of classes: the published example, an oracle, the flat tree, refusals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fmnist_tf.metrics import HierarchicalF1, HierarchicalPrecision, HierarchicalRecall, MicroF1
from support.catalogue import fed

#: The graph of the source: A is the root, above B and C; E is below both; F is below C, G below E. Classes: F, G.
KIRITCHENKO = {0: "C", 1: "E", "E": ["B", "C"], "B": "A", "C": "A"}
ANIMALS = {0: "bird", 1: "bird", 2: "fish", 3: "rock", "bird": "animal", "fish": "animal"}
ids = st.lists(st.integers(0, 3), min_size=8, max_size=8)


@pytest.mark.parametrize(
    ("kind", "value"), [(HierarchicalPrecision, 1 / 2), (HierarchicalRecall, 1 / 4), (HierarchicalF1, 1 / 3)]
)
def test_the_example_of_the_paper(kind, value):
    """Source: Kiritchenko, Matwin and Famili, 2005, section 4: G predicted as F, hP = 1/2, hR = 1/4."""
    metric = fed(kind(2, parents=KIRITCHENKO, dtype="float64"), [1], [0])
    assert metric.result() == value


def lineage(class_id):
    """A class and what is above it in ANIMALS, in plain Python; it has no common root."""
    line = [class_id]
    while line[-1] in ANIMALS:
        line.append(ANIMALS[line[-1]])
    return set(line)


@settings(max_examples=30, deadline=None)
@given(ids, ids)
def test_scores_are_those_of_the_oracle(true, pred):
    pairs = [(lineage(a), lineage(b)) for a, b in zip(true, pred, strict=True)]
    common, of_true, of_pred = (sum(map(len, part)) for part in zip(*[(a & b, a, b) for a, b in pairs], strict=True))
    expected = [common / of_pred, common / of_true, 2 * common / (of_true + of_pred)]
    kinds = (HierarchicalPrecision, HierarchicalRecall, HierarchicalF1)
    ours = [fed(kind(4, parents=ANIMALS, dtype="float64"), true, pred).result() for kind in kinds]
    np.testing.assert_allclose(ours, expected, rtol=1e-15)


@settings(max_examples=20, deadline=None)
@given(ids, ids)
def test_a_flat_tree_gives_the_micro_f1_of_its_leaves(true, pred):
    flat = HierarchicalF1(4, parents=dict.fromkeys(range(4), "root"), dtype="float64")
    assert fed(flat, true, pred).result() == fed(MicroF1(4, dtype="float64"), true, pred).result()


def test_a_class_may_be_a_node_and_a_mistake_in_the_branch_costs_less():
    tree = {1: 0, 2: 0, 3: "other"}
    near = fed(HierarchicalF1(4, parents=tree), [1, 3], [2, 3]).result()
    far = fed(HierarchicalF1(4, parents=tree), [1, 3], [3, 3]).result()
    assert near > far
    assert fed(HierarchicalRecall(4, parents=tree), [1], [0]).result() == 0.5


def test_one_state_serves_all_three_and_has_an_interval():
    metric = fed(HierarchicalF1(4, parents=ANIMALS), [0, 1, 2, 3] * 9, [0, 0, 1, 3] * 9)
    recall = HierarchicalRecall(4, parents=ANIMALS)
    recall.load_state_dict(metric.state_dict())
    for one in (metric, recall):
        low, high = one.interval()
        assert 0 < low < one.result() < high < 1


@pytest.mark.parametrize(
    ("parents", "error"),
    [
        ({0: "a", "a": "b", "b": "a"}, "`parents` must have no circle, got 0 -> a -> b -> a"),
        ({"cat": "animal"}, "must lead from the class ids 0 to 2 upwards, got 'cat', which is above none of them"),
        ({0: "a", 7: "a"}, "got 7, which is above none of them"),
        ({}, "got none of them"),
        (5, "`parents` must map each class id or node"),
    ],
)
def test_what_is_no_tree_is_refused(parents, error):
    with pytest.raises((ValueError, TypeError), match=error):
        HierarchicalF1(3, parents=parents)
