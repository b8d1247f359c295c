"""Marks of single cases of a parametrized test."""

import pytest


def heavy(*values):
    """A case that `.ci/heavy` alone runs, since all cases together take too long for every commit."""
    return pytest.param(*values, marks=pytest.mark.heavy)
