"""Every public name says what it is: all arguments are named, and all examples run."""

import doctest
import inspect
import re

import pytest

import fmnist_tf
from fmnist_tf import metrics

NAMES = [name for name in fmnist_tf.__all__ if inspect.getdoc(getattr(fmnist_tf, name)) and name[0] != "_"]
DOCUMENTED = [name for name in NAMES if callable(getattr(fmnist_tf, name))]
CONSTRUCTORS = [name for name in DOCUMENTED if inspect.isclass(getattr(fmnist_tf, name))]
METRICS = [name for name in metrics.__all__ if inspect.isclass(getattr(metrics, name))]
COUNTING = [name for name in metrics.__all__ if issubclass(getattr(metrics, name), metrics.CountMetric)]


def args_section(kind):
    """The names of the arguments that the section Args of a docstring explains."""
    section = re.search(r"^Args:\n((?:    .*\n)+)", inspect.getdoc(kind) + "\n", flags=re.MULTILINE)
    return re.findall(r"^    (\w+): ", section[1], flags=re.MULTILINE) if section else []


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


@pytest.mark.parametrize("name", CONSTRUCTORS)
def test_no_public_constructor_hides_arguments_behind_stars(name):
    parameters = inspect.signature(getattr(fmnist_tf, name)).parameters.values()
    assert [str(p) for p in parameters if p.kind in (p.VAR_KEYWORD, p.VAR_POSITIONAL)] == []


@pytest.mark.parametrize("name", DOCUMENTED)
def test_the_arguments_of_a_public_name_are_those_of_its_docstring(name):
    kind = getattr(fmnist_tf, name)
    assert sorted(args_section(kind)) == sorted(inspect.signature(kind).parameters)
    assert "see `" not in inspect.getdoc(kind)


@pytest.mark.parametrize("name", METRICS)
def test_every_argument_of_a_metric_has_a_type_and_is_given_by_name(name):
    parameters = list(inspect.signature(getattr(metrics, name)).parameters.values())
    assert [p.name for p in parameters if p.annotation is p.empty] == []
    of_another = name == "PerImage"
    assert [p.name for p in parameters if p.kind is not p.KEYWORD_ONLY] == ["metric" if of_another else "num_classes"]


@pytest.mark.parametrize("name", DOCUMENTED)
def test_no_docstring_begins_with_a_question_word(name):
    assert not re.match(r"(What|How|Who|Which)\b", inspect.getdoc(getattr(fmnist_tf, name)))
