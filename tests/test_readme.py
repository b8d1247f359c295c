"""The README keeps its promises: its Python blocks run, its commands are two, its links lead somewhere."""

import re
from pathlib import Path

import fmnist_tf

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def _row_names(report: str) -> list[str]:
    """The words before the first number of each line; which pairs are confused most depends on the training."""
    lines = (line for line in report.splitlines() if not line.startswith(("  ", "Most confused", "Confused")))
    return [re.split(r"\s+-?\d", line)[0].strip() for line in lines if not line[:1].isdigit()]


def test_python_blocks_of_the_readme_run_in_turn_and_print_the_report_that_is_shown(capsys):
    namespace: dict[str, object] = {}
    for block in _blocks("python"):
        exec(compile(block, "README.md", "exec"), namespace)
    printed = _row_names(capsys.readouterr().out)
    assert [name for name in _row_names(_blocks("text")[0]) if name not in printed] == []


def test_quick_start_has_two_commands_of_one_line_each():
    section = README.split("## Quick start")[1].split("\n## ")[0]
    commands = re.findall(r"^```sh\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    assert [command.strip().count("\n") for command in commands] == [0, 0]


def test_the_readme_takes_two_minutes():
    assert len(README.splitlines()) <= 150


def test_every_link_leads_to_a_file():
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_public_name_is_there():
    assert all(hasattr(fmnist_tf, name) for name in fmnist_tf.__all__)
