"""Contenders in turns: what each call takes, and the median and quartiles of the ratios within rounds.

A machine's speed drifts; two contenders of one round meet the same machine. So the figures to trust are the ratios.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Contender:
    """One way of doing the work.

    Attributes:
        name: what the table calls it.
        run: does the work once.
        value: what the work is for; all contenders that have one must agree.
        self_timed: whether `run` returns its seconds, because more happens in it than is to be measured.
    """

    name: str
    run: Callable[[], Any]
    value: Callable[[], Any] | None = None
    self_timed: bool = False


@dataclass(frozen=True)
class Spread:
    """Median and quartiles."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: np.ndarray) -> "Spread":
        """The spread of some values."""
        low, median, high = np.percentile(values, [25, 50, 75])
        return cls(float(median), float(low), float(high))

    def __str__(self) -> str:
        return f"{self.median:.3g} [{self.low:.3g}, {self.high:.3g}]"


@dataclass(frozen=True)
class Measurement:
    """One row of the table.

    Attributes:
        benchmark: the module that measured it.
        case: shapes, model.
        contender: who did the work.
        seconds: the median time of one call, or None where something else than time was measured.
        ratio: time over the time of the contender `reference`, round by round.
        reference: see `ratio`.
        added: time above the reference, over what `peer` takes above it, round by round.
        peer: see `added`.
        x: where the case stands on the `axis` of a chart.
        axis: what grows from case to case.
        note: a figure that is no time.
    """

    benchmark: str
    case: str
    contender: str
    seconds: float | None = None
    ratio: Spread | None = None
    reference: str = ""
    added: Spread | None = None
    peer: str = ""
    x: float | None = None
    axis: str = ""
    note: str = ""


def contest(
    benchmark: str,
    case: str,
    contenders: Sequence[Contender],
    *,
    rounds: int,
    round_seconds: float = 0.02,
    peer: str = "",
    x: float | None = None,
    axis: str = "",
) -> list[Measurement]:
    """Checks that the contenders agree, warms up, and lets them take turns; the first one is the reference."""
    check_agreement(case, contenders)
    times = take_turns(contenders, rounds, round_seconds)
    reference = times[contenders[0].name]
    added = None if peer not in times else times[peer] - reference
    return [
        Measurement(
            benchmark,
            case,
            name,
            float(np.median(spent)),
            Spread.of(spent / reference),
            contenders[0].name,
            None if added is None else Spread.of((spent - reference) / added),
            "" if added is None else peer,
            x,
            axis,
        )
        for name, spent in times.items()
    ]


def check_agreement(case: str, contenders: Sequence[Contender]) -> None:
    """Raises unless every contender that has a value has the same one."""
    values = {contender.name: np.asarray(contender.value()) for contender in contenders if contender.value}
    for name, value in values.items():
        first = next(iter(values))
        if not np.allclose(value, values[first], rtol=1e-5, atol=1e-6):
            raise AssertionError(f"{case}: {name} says {value}, {first} says {values[first]}")


def take_turns(contenders: Sequence[Contender], rounds: int, round_seconds: float) -> dict[str, np.ndarray]:
    """Seconds of one call, by contender and round; who begins changes from round to round."""
    calls = {contender.name: _calls_in(contender, round_seconds) for contender in contenders}
    times = {contender.name: np.empty(rounds) for contender in contenders}
    for turn in range(rounds):
        first = turn % len(contenders)
        for contender in (*contenders[first:], *contenders[:first]):
            times[contender.name][turn] = _seconds(contender, calls[contender.name])
    return times


def _calls_in(contender: Contender, round_seconds: float) -> int:
    """How many calls fill a round; asking warms up."""
    for _ in range(2):
        contender.run()
    return int(np.clip(round_seconds / max(_seconds(contender, 1), 1e-7), 1, 10_000))


def _seconds(contender: Contender, calls: int) -> float:
    if contender.self_timed:
        return sum(contender.run() for _ in range(calls)) / calls
    start = time.perf_counter()
    for _ in range(calls):
        contender.run()
    return (time.perf_counter() - start) / calls
