"""`Change`: one score in two reports, and its difference with the interval."""

from typing import Any, NamedTuple

from fmnist_tf.intervals import Interval, combine
from fmnist_tf.report.cells import Cell


class Change(NamedTuple):
    """A score in both reports, and b - a with its interval.

    Attributes:
        a: the score in report a.
        b: the score in report b.
        difference: b - a.
    """

    a: Cell
    b: Cell
    difference: Cell

    @property
    def beyond_chance(self) -> bool:
        """Whether the interval of the difference excludes zero."""
        low, high = self.difference.low, self.difference.high
        return low is not None and high is not None and (low > 0 or high < 0)

    def to_dict(self) -> dict[str, Any]:
        """{"a": cell, "b": cell, "difference": cell, "beyond_chance": bool}."""
        cells = {name: cell.to_dict() for name, cell in self._asdict().items()}
        return {**cells, "beyond_chance": self.beyond_chance}


def independent(a: Cell, b: Cell) -> Interval | None:
    """The interval of b - a, if both have one."""
    if a.low is None or b.low is None:
        return None
    return combine(a.value, b.value, Interval(*a[1:]), Interval(*b[1:]))


def table_row(name: str, change: Change, marked: bool) -> list[str]:
    """The line of a table: name, both values, the difference with its interval, a star where it is beyond chance."""
    value, low, high = change.difference
    difference = f"{value:+.3f}" if low is None or high is None else f"{value:+.3f} [{low:+.3f}, {high:+.3f}]"
    return [name, f"{change.a.value:.3f}", f"{change.b.value:.3f}", difference, "*" if marked else ""]
