"""Facts that stand in two files agree."""

import re
from pathlib import Path

import pytest

import fmnist_tf

ROOT = Path(__file__).parents[1]


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def test_the_hook_of_a_commit_runs_the_linter_of_the_checks():
    assert set(re.findall(r"ruff==[\d.]+", read(".pre-commit-config.yaml"))) == {
        *re.findall(r"ruff==[\d.]+", read("pyproject.toml"))
    }


@pytest.mark.parametrize(("file", "line"), [("CITATION.cff", "version: {}"), ("CHANGELOG.md", "## [{}]")])
def test_the_version_stands_in(file, line):
    assert line.format(fmnist_tf.__version__) in read(file)


@pytest.mark.parametrize("workflow", sorted((ROOT / ".github/workflows").glob("*.yml")), ids=lambda path: path.name)
def test_a_workflow_runs_scripts_that_exist(workflow):
    scripts = re.findall(r"run: (\.ci/\w+)", workflow.read_text(encoding="utf-8"))
    assert scripts
    assert all((ROOT / script).is_file() for script in scripts)


def test_no_file_of_the_project_names_a_network_address():
    files = [*ROOT.glob(".ci/*"), *ROOT.glob(".github/**/*.*"), ROOT / "pyproject.toml"]
    assert [file for file in files if "://" in file.read_text(encoding="utf-8")] == []
