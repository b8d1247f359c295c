"""Each value of each slice is counted as its rows alone would be, in every layout and compiled in every way."""

import numpy as np
import pytest
import tensorflow as tf

from fmnist_tf.counts import ConfusionLayout, PerClassLayout, tally
from fmnist_tf.labels import InputSpec, canonicalize
from fmnist_tf.rows.slice_bins import SliceBins, check_slices, read_slices
from fmnist_tf.rows.slices import Slice

A, B = Slice("a", ("x", "y")), Slice("b", 3)
N, C = 30, 3
RNG = np.random.default_rng(0)
Y_PRED = RNG.random((N, C)).astype("float32")
IDS = np.stack([RNG.integers(0, 3, N), RNG.integers(0, 4, N)], axis=1).astype("int32")
WEIGHT = RNG.random(N)
CASES = {
    "matrix": (ConfusionLayout(C), RNG.integers(0, C, N), InputSpec()),
    "classes": (PerClassLayout(C), RNG.integers(0, C, N), InputSpec()),
    "columns": (PerClassLayout(C), RNG.integers(0, 2, (N, C)), InputSpec(threshold=0.5)),
    "ignored and invalid": (ConfusionLayout(C), RNG.integers(-1, C + 2, N), InputSpec(ignore_class=(1,))),
}


@pytest.fixture(params=CASES)
def case(request):
    return CASES[request.param]


def counted(layout, y_true, spec, weight=None, mode="eager"):
    bins = SliceBins((A, B), layout)

    def count(*batch):
        y_true, y_pred, ids, *weight = batch
        return bins.tally(canonicalize(y_true, y_pred, weight[0] if weight else None, spec), ids)

    step = count if mode == "eager" else tf.function(count, jit_compile=mode == "xla")
    parts = [part for part in (y_true, Y_PRED, IDS, weight) if part is not None]
    return bins, step(*map(tf.constant, parts))


def alone(layout, y_true, spec, rows, weight=None):
    weight = None if weight is None else weight[rows]
    return tally(layout, canonicalize(y_true[rows], Y_PRED[rows], weight, spec))[: layout.size].numpy()


@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["rows", "weights"])
def test_a_value_counts_what_its_rows_count_alone(case, weight):
    bins, state = counted(*case, weight)
    for column, feature in enumerate((A, B)):
        for place, found in enumerate(bins.split(state, feature.name).values()):
            wanted = alone(*case, IDS[:, column] == place, weight)
            np.testing.assert_allclose(found.bins, wanted, rtol=1e-12)


def test_the_values_of_a_slice_add_up_to_the_whole(case):
    bins, state = counted(*case)
    for name in ("a", "b"):
        whole = sum(part.bins.numpy() for part in bins.split(state, name).values())
        np.testing.assert_array_equal(whole, alone(*case, np.full(N, True)))


@pytest.mark.parametrize("mode", ["graph", "xla"])
def test_compiled_counts_are_the_same_to_the_bit(case, mode):
    np.testing.assert_array_equal(counted(*case, mode=mode)[1][:-1], counted(*case)[1][:-1])


def test_the_excess_of_weights_is_that_of_the_rows():
    bins, state = counted(*CASES["matrix"], WEIGHT)
    found = [float(part.weight_excess) for part in bins.split(state, "a").values()]
    wanted = [sum(w * w - w for w in WEIGHT[IDS[:, 0] == place]) for place in range(3)]
    np.testing.assert_allclose(found, wanted, rtol=1e-12)


def test_every_place_of_a_dense_sample_has_the_value_of_the_sample():
    y_true = RNG.integers(0, C, (4, 5))
    y_pred = RNG.random((4, 5, C)).astype("float32")
    bins = SliceBins((A,), ConfusionLayout(C))
    state = bins.tally(canonicalize(y_true, y_pred), tf.constant([[0], [1], [0], [2]]))
    totals = [float(tf.reduce_sum(part.bins)) for part in bins.split(state, "a").values()]
    assert totals == [10, 5, 5]


def test_an_unknown_name_is_refused():
    with pytest.raises(ValueError, match=r"must be one of the slices \['a', 'b'\], got 'c'"):
        SliceBins((A, B), ConfusionLayout(C)).split(tf.zeros([99]), "c")


@pytest.mark.parametrize(("by", "error"), [("a", TypeError), (("a",), TypeError), ((A, Slice("a", 2)), ValueError)])
def test_slices_that_are_none_are_refused(by, error):
    with pytest.raises(error, match="ScoreSet: `by` must hold"):
        check_slices(by, "ScoreSet")


def test_rows_without_tags_are_refused():
    with pytest.raises(ValueError, match=r"ScoreSet counts by a, and the rows carry no tags; call accept"):
        read_slices((A,), "ScoreSet")
