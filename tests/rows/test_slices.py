"""A Slice turns values of any kind into ids, and refuses values that two readers would take for one."""

import numpy as np
import pytest
import tensorflow as tf

from fmnist_tf.rows import Slice

SITE = Slice("site", ("north", "south"))


@pytest.mark.parametrize(
    ("values", "ids"),
    [
        (["south", "west", "north"], [1, 2, 0]),
        (np.array([b"south", b"north"]), [1, 0]),
        (np.array(["south", None, float("nan")], object), [1, 2, 2]),
    ],
)
def test_text_that_is_unknown_or_missing_counts_under_other(values, ids):
    assert SITE.encode(values).tolist() == ids


@pytest.mark.parametrize("values", [[3.0, 1.0, np.nan, 7.0], [3, 1, 7, 8]])
def test_numbers_that_are_unknown_or_missing_count_under_other(values):
    number = Slice("number", (1, 3))
    assert number.encode(values).tolist() == [1, 0, 2, 2]
    assert number.encode(tf.constant(values)).numpy().tolist() == [1, 0, 2, 2]


def test_a_number_of_values_counts_from_0():
    assert Slice("band", 3).encode([2, 0, 3, -1]).tolist() == [2, 0, 3, 3]


def test_tensors_of_text_are_encoded_as_arrays_are():
    assert SITE.encode(tf.constant(["south", "west"])).numpy().tolist() == [1, 2]


@pytest.mark.parametrize("values", [[0, 1], tf.constant([0, 1])])
def test_numbers_for_a_slice_of_text_are_refused(values):
    with pytest.raises(TypeError, match="slice 'site' has values that are text"):
        SITE.encode(values)


def test_values_that_would_share_a_key_are_refused():
    with pytest.raises(ValueError, match=r"'a\?' and 'a!' of slice 'k' would both be logged as 'a_'"):
        Slice("k", ("a?", "a!"))


@pytest.mark.parametrize("value", ["other", "worst"])
def test_names_that_keys_use_are_refused(value):
    with pytest.raises(ValueError, match="that name is taken"):
        Slice("k", (value, "a"))


@pytest.mark.parametrize(
    ("values", "error"),
    [((), ValueError), ("north", TypeError), (("a", 1), TypeError), (("a", "a"), ValueError), ((np.nan,), TypeError)],
)
def test_values_that_are_no_values_are_refused(values, error):
    with pytest.raises(error, match="`values` of slice 'k'"):
        Slice("k", values)


def test_slices_of_the_same_values_are_equal():
    assert Slice("site", ["north", "south"]) == SITE
    assert len({SITE, Slice("site", ("south", "north"))}) == 2
