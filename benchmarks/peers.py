"""The optional peers: a missing one is skipped by name."""

import importlib
from types import ModuleType

#: Names of peers that were asked for and are not installed.
missing: set[str] = set()


def load(name: str) -> ModuleType | None:
    """A module, or None and its name in `missing`."""
    try:
        return importlib.import_module(name)
    except ImportError:
        missing.add(name.partition(".")[0])
        return None
