"""One number of a report with its interval, one confused pair, and how both are written."""

import math
from dataclasses import dataclass
from typing import NamedTuple

from fmnist_tf.intervals import Interval

_FINE = 1e5  # bounds have five digits
_HUGE = 1e15  # its digits would not fit beside the scores


class Cell(NamedTuple):
    """A score with its interval.

    Attributes:
        value: the score.
        low: the lower end of the confidence interval, or None where the counts do not determine it.
        high: the upper end of the confidence interval, or None.
    """

    value: float
    low: float | None = None
    high: float | None = None

    @classmethod
    def of(cls, value: float, interval: Interval | None) -> "Cell":
        """A cell of Python floats."""
        return cls(float(value)) if interval is None else cls(float(value), float(interval.low), float(interval.high))

    def to_dict(self) -> dict[str, float | None]:
        """{"value", "low", "high"}; NaN and infinity, which JSON does not know, are None."""
        return {key: finite(number) for key, number in self._asdict().items()}

    def __str__(self) -> str:
        if self.low is None or self.high is None:
            return f"{self.value:.3f}"
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


@dataclass(frozen=True)
class Confusion:
    """How often one class was predicted as another, and how many samples there are of it.

    Attributes:
        true: the name of the true class.
        predicted: the name of the class that was predicted.
        count: how many samples of the true class were predicted as the other.
        support: how many samples of the true class there are.
    """

    true: str
    predicted: str
    count: float
    support: float

    def __str__(self) -> str:
        return f"{self.true} predicted as {self.predicted}: {number(self.count)} of {number(self.support)}"


def bounds_text(low: float, high: float) -> str:
    """The bounds of the exact value of a score, rounded outwards so that they hold."""
    if math.isnan(low):
        return "nan"
    return f"{math.floor(low * _FINE) / _FINE:.5f} to {math.ceil(high * _FINE) / _FINE:.5f}"


def number(count: float) -> str:
    """A count as text: 10,000, or 2.5 for fractional weights, or 1.00e15 if it is huge."""
    if count >= _HUGE:
        return f"{count:.2e}".replace("e+", "e")
    return f"{count:,.0f}" if float(count).is_integer() else f"{count:,.4g}"


def plain(count: float) -> int | float:
    """A count for JSON: an int where it is whole."""
    return int(count) if float(count).is_integer() else float(count)


def finite(value: float | None) -> float | None:
    """A number for JSON, which knows neither NaN nor infinity."""
    return float(value) if value is not None and math.isfinite(value) else None


def to_dicts(cells: dict[str, Cell]) -> dict[str, dict[str, float | None]]:
    """Name -> cell, ready for JSON."""
    return {name: cell.to_dict() for name, cell in cells.items()}
