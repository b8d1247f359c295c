"""`SliceReport`: every score of every value of a slice, the worst first, and which differ from the rest of the rows."""

import math
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import cached_property
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from fmnist_tf.counts import Counts, effective_number
from fmnist_tf.intervals import quantile
from fmnist_tf.report.blocks import Block, Lines, Table, to_markdown, to_text
from fmnist_tf.report.cells import Cell, number, plain
from fmnist_tf.report.names import label

if TYPE_CHECKING:
    from fmnist_tf.report.report import Report

#: The scores that values are compared by, the first of which orders them.
SCORES = ("macro_f1", "accuracy", "macro_precision", "macro_recall", "matthews_correlation")
#: The scores at all thresholds, where every value has a histogram.
CURVE_SCORES = ("auroc", "average_precision")
_LEVEL = 0.05
_NOTE = "differs: from the rest of the rows, at 5 % after Holm's correction over all values and scores"
_NOTE_OF_CURVES = "; AUROC and average precision are means over the classes and are not compared"
_CELL_LEVEL = 0.95


class SliceRow(NamedTuple):
    """One value.

    Attributes:
        value: its name.
        support: how many rows have it; of weighted rows the sum of the weights.
        scores: name -> cell.
        differs: the scores that differ from those of the rest of the rows.
    """

    value: str
    support: float
    scores: dict[str, Cell]
    differs: tuple[str, ...]


class SliceReport:
    """The scores of the rows of each value of a slice, the worst macro F1 first.

    Where every value has a histogram of scores, as of a `CurveSet(by=)`, they include "auroc" and "average_precision":
    means over the classes, which are not compared.

    A value differs from the rest of the rows, those of all other values, where the difference of a score is significant
    at 5 % after Holm's correction over all values and scores: if nothing differs, something is flagged in at most 5 %
    of data sets.

    Args:
        name: the name of the slice.
        whole: the report of all rows.
        parts: value -> the report of its rows; values without rows are left out.

    Source: Holm, "A simple sequentially rejective multiple test procedure", 1979; the difference as in Newcombe,
    "Interval estimation for the difference between independent proportions", 1998.
    """

    def __init__(self, name: str, whole: "Report", parts: Mapping[str, "Report"]):
        self.name, self._whole = name, whole
        self._parts = {value: part for value, part in parts.items() if part.total}

    @property
    def scores(self) -> tuple[str, ...]:
        """The names of the scores."""
        have_curves = all(part.curves for part in (self._whole, *self._parts.values()))
        return (*SCORES, *(CURVE_SCORES if have_curves else ()))

    @property
    def level(self) -> float:
        """The probability with which each interval covers."""
        return self._whole.level

    @cached_property
    def overall(self) -> dict[str, Cell]:
        """Score -> cell of all rows."""
        return self._cells_of(self._whole)

    @cached_property
    def rows(self) -> list[SliceRow]:
        """One row a value, the worst macro F1 first."""
        differs = self._differing()
        rows = [SliceRow(value, part.total, self._cells[value], differs[value]) for value, part in self._parts.items()]
        return _worst_first(rows, SCORES[0])

    def rows_by(self, score: str) -> list[SliceRow]:
        """One row a value, the worst first by this score.

        Args:
            score: the name of a score of the report.

        Raises:
            ValueError: the report has no such score.
        """
        if score not in self.scores:
            near = get_close_matches(str(score), self.scores, n=1)
            guess = f"; did you mean {near[0]!r}?" if near else ""
            raise ValueError(f"`score` must be one of {', '.join(self.scores)}, got {score!r}{guess}")
        return _worst_first(self.rows, score)

    @cached_property
    def _cells(self) -> dict[str, dict[str, Cell]]:
        """Value -> score -> cell, at the level of the report."""
        return {value: self._cells_of(part) for value, part in self._parts.items()}

    def _cells_of(self, report: "Report") -> dict[str, Cell]:
        curves = report.curves.macro if report.curves else {}
        return {score: curves[score].cell if score in curves else report.cell(score) for score in self.scores}

    def _differing(self) -> dict[str, tuple[str, ...]]:
        p_values = {
            (value, score): p
            for value, part in self._parts.items()
            for score, p in _p_values(self._whole, part, self._cells[value]).items()
        }
        flagged = holm(p_values, _LEVEL)
        return {value: tuple(score for score in SCORES if (value, score) in flagged) for value in self._parts}

    def to_dict(self) -> dict[str, Any]:
        """{"values": {value: {"support": n, "scores": {score: cell}, "differs": [score, ...]}}}, the worst first."""
        return {
            "values": {
                row.value: {
                    "support": plain(row.support),
                    "scores": {score: cell.to_dict() for score, cell in row.scores.items()},
                    "differs": list(row.differs),
                }
                for row in self.rows
            }
        }

    def blocks(self, scores: Sequence[str] | None = None, *, intervals: bool = True) -> list[Block]:
        """The table and its note, as reports are written.

        Args:
            scores: those that have a column; None for all.
            intervals: whether they stand beside them.
        """
        scores = self.scores if scores is None else scores
        table = [
            [
                row.value,
                *(str(row.scores[score] if intervals else Cell(row.scores[score].value)) for score in scores),
                number(row.support),
                ", ".join(map(label, row.differs)) or "-",
            ]
            for row in self.rows
        ]
        header = [self.name, *map(label, scores), "support", "differs"]
        note = _NOTE if set(scores) <= set(SCORES) else _NOTE + _NOTE_OF_CURVES
        return [Table(f"by {self.name}", header, table), Lines("", [note])]

    def text(self, width: int = 200) -> str:
        """Plain text, at most so many columns wide where that is possible."""
        return to_text([self.blocks()], width)

    def markdown(self) -> str:
        """GitHub-flavoured Markdown."""
        return to_markdown(self.blocks())

    def plot(self, score: str = SCORES[0], **options: Any) -> Any:
        """One score of every value as a figure.

        Args:
            score: the name of a score of the report.
            options: those of `plot_slices`, `ax` and `title`.
        """
        from fmnist_tf.plots import plot_slices

        return plot_slices(self, score, **options)

    def __str__(self) -> str:
        return self.text()

    def _repr_markdown_(self) -> str:
        return self.markdown()


def report_by(report: "Report", name: str) -> SliceReport:
    """The slice report of a report that knows its slices.

    Raises:
        ValueError: no such slice.
    """
    if name not in report.slices:
        known = ", ".join(report.slices) or "none; compile the model with ScoreSet(by=(Slice(...),))"
        raise ValueError(f"`name` must be a slice of the report, {known}; got {name!r}")
    return SliceReport(name, report, report.slices[name])


def _worst_first(rows: Sequence[SliceRow], score: str) -> list[SliceRow]:
    """By the value of a score; the last are those without one."""
    return sorted(rows, key=lambda row: (math.isnan(row.scores[score].value), row.scores[score].value))


def holm(p_values: Mapping[Any, float], level: float) -> set[Any]:
    """The hypotheses that Holm's procedure rejects.

    Args:
        p_values: hypothesis -> p.
        level: the probability of rejecting any that is true.

    Example:
        >>> sorted(holm({"a": 0.01, "b": 0.04, "c": 0.03}, 0.05))
        ['a']
    """
    rejected: set[Any] = set()
    for place, (name, p) in enumerate(sorted(p_values.items(), key=lambda item: item[1])):
        if p > level / (len(p_values) - place):
            break
        rejected.add(name)
    return rejected


def _p_values(whole: "Report", part: "Report", cells: Mapping[str, Cell]) -> dict[str, float]:
    """Score -> p of no difference between the rows of a value, with these cells, and the rest; {} without a rest."""
    rest = _rest(whole, part)
    if rest is None:
        return {}
    if part.level != _CELL_LEVEL:
        cells = {score: part.cell(score, _CELL_LEVEL) for score in SCORES}
    found = {score: _p_value(cells[score], rest.cell(score, _CELL_LEVEL)) for score in SCORES}
    return {score: p for score, p in found.items() if p is not None}


def _rest(whole: "Report", part: "Report") -> "Report | None":
    """The report of the rows of all other values."""
    if whole.total - part.total <= 1e-9 * whole.total:
        return None
    ours, theirs = whole.source, part.source
    if ours.matrix is None or theirs.matrix is None:
        source: Any = Counts(*(all_rows - some for all_rows, some in zip(ours.counts, theirs.counts, strict=True)))
    else:
        source = np.maximum(ours.matrix - theirs.matrix, 0.0)
    squares = whole.total**2 / whole.samples - part.total**2 / part.samples
    weighted = whole.is_weighted and squares > 0
    return type(whole)(
        source,
        whole.class_names,
        multiclass=False if ours.binary else ours.multiclass,
        zero_division=whole.zero_division,
        ignore_class=tuple(set(range(whole.num_classes)) - set(whole.reported)),
        target_class_ids=whole.averaged,
        effective_total=effective_number(whole.total - part.total, squares) if weighted else None,
    )


def _p_value(a: Cell, b: Cell) -> float | None:
    """The p of no difference, by how many half widths of its interval it lies from 0; None where there is no interval.

    The half width towards 0 is sqrt((b - low_b)^2 + (high_a - a)^2) for b > a.
    """
    if a.low is None or a.high is None or b.low is None or b.high is None:
        return None
    difference = b.value - a.value
    towards_0 = (b.value - b.low, a.high - a.value) if difference > 0 else (a.value - a.low, b.high - b.value)
    half = math.hypot(*towards_0)
    if math.isnan(half) or math.isnan(difference):
        return None
    z = abs(difference) / half * quantile(_CELL_LEVEL) if half > 0 else 0.0
    return 2 * NormalDist().cdf(-z)
