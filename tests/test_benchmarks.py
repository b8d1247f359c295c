"""The benchmarks keep up with the names of the package."""

import importlib
import pkgutil

import pytest

import benchmarks

MODULES = [module.name for module in pkgutil.iter_modules(benchmarks.__path__) if module.name != "__main__"]


@pytest.mark.parametrize("name", MODULES)
def test_a_benchmark_can_be_imported(name):
    importlib.import_module(f"benchmarks.{name}")


def test_a_benchmark_that_the_command_offers_exists():
    command = importlib.import_module("benchmarks.__main__")
    assert set(command.NAMES) <= set(MODULES)
