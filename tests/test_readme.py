"""The README keeps its promises: its Python blocks run, its commands are two, its tables are complete."""

import re
from pathlib import Path

import pytest

import fmnist_tf
from fmnist_tf import metrics

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def test_python_blocks_of_the_readme_run_in_turn(capsys):
    namespace: dict[str, object] = {}
    for block in _blocks("python"):
        exec(compile(block, "README.md", "exec"), namespace)
    assert "macro mean" in capsys.readouterr().out


def test_quick_start_has_two_commands_of_one_line_each():
    section = README.split("## Quick start")[1].split("\n## ")[0]
    commands = re.findall(r"^```sh\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    assert [command.strip().count("\n") for command in commands] == [0, 0]


@pytest.mark.parametrize("name", sorted(set(metrics.__all__) - {"CountMetric"}))
def test_every_metric_stands_in_the_table_of_scores(name):
    assert f"`{name}" in README


def test_every_public_name_is_there():
    assert all(hasattr(fmnist_tf, name) for name in fmnist_tf.__all__)
