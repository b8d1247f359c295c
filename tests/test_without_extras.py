"""The core needs what pyproject.toml declares and no more: it is run where every other package cannot be imported."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

import fmnist_tf

ROOT = Path(fmnist_tf.__file__).parents[1]
HIDE = """
import runpy, sys

class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name in {hidden}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Hidden())
runpy.run_path({script!r}, run_name="__main__")
"""


def declared():
    """The distributions that the core declares."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {name_of(line) for line in project["dependencies"]}


def name_of(requirement):
    """The name in a requirement, in the form in which names are compared."""
    return re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", requirement)[0]).lower()


def with_all_that_they_need(names):
    """These distributions and, in turn, those that they require without an extra."""
    found, waiting = set(), set(names)
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting |= {name_of(line) for line in _requires(name) if "extra ==" not in line} - found
    return found


def _requires(name):
    try:
        return requires(name) or []
    except PackageNotFoundError:  # for another platform
        return []


def importable_beyond(names):
    """The top-level modules that only other distributions bring."""
    brought = packages_distributions()
    return {module for module, by in brought.items() if not {name_of(each) for each in by} & names}


def test_the_core_runs_where_no_extra_is_installed():
    hidden = importable_beyond(with_all_that_they_need(declared()) | {"fmnist-tf"})
    assert {"matplotlib", "sklearn", "pytest"} <= hidden
    code = HIDE.format(hidden=sorted(hidden), script=str(ROOT / "tests/support/without_extras.py"))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert "macro mean" in done.stdout
