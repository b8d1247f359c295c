"""The examples in the docstrings of reports and plots run."""

import doctest
import importlib

import pytest

MODULES = (
    "report.report",
    "report.comparison",
    "report.pairs",
    "report.names",
    "report.html",
    "plots.matrix",
    "plots.images",
    "plots.ledger",
    "plots.slices",
)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_run(name):
    found = doctest.testmod(importlib.import_module(f"fmnist_tf.{name}"))
    assert found.attempted > 0
    assert found.failed == 0
