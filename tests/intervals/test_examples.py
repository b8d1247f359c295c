"""The examples in the docstrings of intervals run."""

import doctest
import importlib

import pytest

MODULES = ("areas", "choice", "delta", "inputs", "jackknife", "paired", "proportions", "resampling", "significance")


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_run(name):
    found = doctest.testmod(importlib.import_module(f"fmnist_tf.intervals.{name}"))
    assert found.attempted > 0
    assert found.failed == 0
