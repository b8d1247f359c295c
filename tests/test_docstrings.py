"""Every public name says what it is: all arguments are named, and all examples run."""

import doctest
import inspect
import re

import pytest

import fmnist_tf
from fmnist_tf import metrics

NAMES = [name for name in fmnist_tf.__all__ if inspect.getdoc(getattr(fmnist_tf, name)) and name[0] != "_"]
DOCUMENTED = [name for name in NAMES if callable(getattr(fmnist_tf, name))]
COUNTING = [name for name in metrics.__all__ if issubclass(getattr(metrics, name), metrics.CountMetric)]


def arguments_of(kind):
    """The arguments of a constructor or function, by name."""
    return [name for name in inspect.signature(kind).parameters if name not in ("self", "options")]


@pytest.mark.parametrize("name", DOCUMENTED)
def test_every_example_of_a_public_name_runs(name):
    value = getattr(fmnist_tf, name)
    finder = doctest.DocTestFinder(recurse=False)
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    for example in finder.find(value, name, globs={**vars(inspect.getmodule(value)), **vars(fmnist_tf)}):
        runner.run(example)
    assert runner.summarize(verbose=False).failed == 0


@pytest.mark.parametrize("name", COUNTING)
def test_every_metric_has_an_example_a_formula_or_shape_and_its_errors(name):
    doc = inspect.getdoc(getattr(metrics, name))
    assert all(part in doc for part in ("Args:", "Example:", "Raises:"))
    assert doc.count(">>>") >= 2


@pytest.mark.parametrize("name", COUNTING)
def test_every_argument_of_a_metric_is_named(name):
    kind = getattr(metrics, name)
    named = re.findall(r"^    (\w+): ", inspect.getdoc(kind), flags=re.MULTILINE)
    assert [argument for argument in arguments_of(kind) if argument not in named] == []
    assert "see `" not in inspect.getdoc(kind)


@pytest.mark.parametrize("name", DOCUMENTED)
def test_no_docstring_begins_with_a_question_word(name):
    assert not re.match(r"(What|How|Who|Which)\b", inspect.getdoc(getattr(fmnist_tf, name)))
