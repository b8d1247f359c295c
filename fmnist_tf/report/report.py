"""`Report`: every score of one confusion matrix with its interval, as text, Markdown, JSON and for a terminal."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from fmnist_tf.counts import Counts
from fmnist_tf.curves.distribution import Distribution
from fmnist_tf.intervals import Interval, Sample, as_counts, interval, is_multiclass, quantile, select
from fmnist_tf.report.blocks import Block, Lines, Table, to_markdown, to_rich, to_text
from fmnist_tf.report.cells import Cell, Confusion, number, plain
from fmnist_tf.report.curves import CurveBlock
from fmnist_tf.scores import Average, Selection, find_score

if TYPE_CHECKING:
    from fmnist_tf.report.blocks import Fitted

OVERALL = ("accuracy", "balanced_accuracy", "matthews_correlation", "cohen_kappa")
PER_CLASS = ("precision", "recall", "f1_score")
_LABELS = {"f1": "F1", "f1_score": "F1", "matthews_correlation": "Matthews correlation", "cohen_kappa": "Cohen's kappa"}
_SHOWN_PAIRS = 5


class Report:
    """Per class precision, recall, F1 and support; their means; scores of the whole; the most confused pairs.

    Every score stands beside its confidence interval, which `fmnist_tf.intervals` computes from the same counts: it
    says how far the score would move on another test set of the same size, and nothing about another training.

    Args:
        matrix_or_counts: (C, C) of exclusive classes, rows true; (C, 2, 2) of yes/no columns, [[tn, fp], [fn, tp]]; or
            `Counts` (C,), which leave the intervals of averages and the confused pairs unknown.
        class_names: C different names; "0", "1", ... by default.
        multiclass: of `Counts` alone: whether the classes exclude each other; by default read off their sums.
        level: the probability with which each interval covers.
        note: a line printed beside the intervals, such as "optimistic: the epoch was chosen on these images".
        curves: a metric with a histogram of the same data, such as `CurveSet`, or its `distribution`: adds AUROC and
            average precision, and for yes/no columns the thresholds that would give a better F1.

    Attributes:
        matrix: float64 array, or None where there are only counts.
        counts: the `Counts` of every score.
        class_names: a tuple of C names.
        multiclass: whether the classes exclude each other.
        curves: the `CurveBlock`, or None.

    Raises:
        ValueError: shape, negative or non-finite counts, or names that are too few, too many or not distinct; curves
            of other classes.
        TypeError: a metric in place of its matrix or counts; curves without a histogram.

    Example:
        >>> report = Report([[8, 2], [1, 9]], ["cat", "dog"])
        >>> report.overall["accuracy"].value
        0.85
        >>> print(report.confused()[0])
        cat taken for dog: 2 of 10
    """

    def __init__(
        self,
        matrix_or_counts: Any,
        class_names: Sequence[str] | None = None,
        *,
        multiclass: bool | None = None,
        level: float = 0.95,
        note: str | None = None,
        curves: Any = None,
    ):
        _refuse_metric(matrix_or_counts)
        self.counts, self.matrix = as_counts(matrix_or_counts)
        self.class_names = check_names(class_names, len(self.counts.tp.numpy()))
        self.multiclass = _is_multiclass(self.counts, self.matrix, multiclass)
        quantile(level)  # refuses a level outside (0, 1)
        self.level = level
        self.note = note
        self.curves = None if curves is None else self._read_curves(Distribution.of(curves))

    def _read_curves(self, d: Distribution) -> CurveBlock:
        return CurveBlock(d, self.counts, self.class_names, multiclass=self.multiclass)

    @property
    def num_classes(self) -> int:
        """C."""
        return len(self.class_names)

    @cached_property
    def overall(self) -> dict[str, Cell]:
        """Scores of the whole; of yes/no columns the mean over the columns."""
        return {name: self.cell(name) for name in OVERALL}

    @cached_property
    def macro(self) -> dict[str, Cell]:
        """Means over all classes."""
        return self._average("macro")

    @cached_property
    def weighted(self) -> dict[str, Cell]:
        """Means weighted by support."""
        return self._average("weighted")

    @cached_property
    def classes(self) -> dict[str, dict[str, Cell]]:
        """Class name -> score -> cell."""
        columns = {name: self.class_cells(name) for name in PER_CLASS}
        return {
            name: {score: cells[row] for score, cells in columns.items()} for row, name in enumerate(self.class_names)
        }

    @cached_property
    def support(self) -> dict[str, float]:
        """Class name -> how many are truly of that class."""
        return dict(zip(self.class_names, (float(count) for count in self.counts.support.numpy()), strict=True))

    @property
    def total(self) -> float:
        """How many positions were scored."""
        return float(self.counts.total.numpy()[0])

    @property
    def extent(self) -> str:
        """How much was scored, in words."""
        if self.multiclass:
            return f"{number(self.total)} positions, {self.num_classes} classes"
        return f"{number(self.total)} rows, {self.num_classes} yes/no column{'s' * (self.num_classes > 1)}"

    def cell(self, score: str | Selection) -> Cell:
        """Any one score of the table with its interval, by a name as `find_score` reads it."""
        return Cell.of(self._value(score), self._interval(score))

    def class_cells(self, score: str, level: float | None = None) -> list[Cell]:
        """One score of every class, in their order, with intervals of the report's level or another."""
        selection = find_score(score)._replace(average=None)
        values, found = self._value(selection), self._interval(selection, level)
        if found is None:
            return [Cell.of(value, None) for value in values]
        return [Cell.of(*row) for row in zip(values, map(Interval, found.low, found.high), strict=True)]

    def confused(self, n: int | None = 5) -> list[Confusion]:
        """The n pairs of classes that were confused most often, or all; [] where there is no (C, C) matrix."""
        if self.matrix is None or self.matrix.ndim != 2:
            return []
        wrong = self.matrix * (1 - np.eye(self.num_classes))
        order = np.argsort(-wrong, axis=None, kind="stable")[: np.count_nonzero(wrong)][:n]
        pairs = zip(*np.unravel_index(order, wrong.shape), strict=True)
        names, support = self.class_names, self.counts.support.numpy()
        return [
            Confusion(names[true], names[pred], float(wrong[true, pred]), float(support[true])) for true, pred in pairs
        ]

    def text(self) -> str:
        """Plain text, at most 100 columns wide."""
        return to_text(self._blocks())

    def markdown(self) -> str:
        """GitHub-flavoured Markdown."""
        return to_markdown(self._blocks())

    def rich(self) -> "Fitted":
        """A renderable for `rich`, which comes with Keras; `rich.print(report)` does the same."""
        return to_rich(self._blocks(), self._blocks(brief=True))

    def to_dict(self) -> dict[str, dict[str, Any]]:
        """Ready for JSON: {"overall": {score: cell}, "macro": ..., "weighted": ..., "classes": {name: ...}}.

        A cell is {"value": v, "low": l, "high": h}; NaN and infinity are None. A class also has its "support". With
        curves there is also "curves", as `CurveBlock.to_dict` says.
        """
        groups = {"overall": self.overall, "macro": self.macro, "weighted": self.weighted}
        return {
            **{group: _to_dicts(cells) for group, cells in groups.items()},
            "classes": {
                name: {**_to_dicts(cells), "support": plain(self.support[name])} for name, cells in self.classes.items()
            },
            **({"curves": self.curves.to_dict()} if self.curves else {}),
        }

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"Report({self.num_classes} classes, {number(self.total)} positions)"

    def __rich__(self) -> "Fitted":
        return self.rich()

    def _value(self, score: str | Selection) -> Any:
        return select(score).evaluate(self.counts, multiclass=self.multiclass).numpy()[()]

    def _interval(self, score: str | Selection, level: float | None = None) -> Interval | None:
        return interval(score, self._source, multiclass=self.multiclass, level=level or self.level)

    @cached_property
    def _source(self) -> Any:
        return self.counts if self.matrix is None else Sample(self.matrix)

    def _average(self, average: Average) -> dict[str, Cell]:
        return {name: self.cell(find_score(name)._replace(average=average)) for name in PER_CLASS}

    def _blocks(self, *, brief: bool = False) -> list[Block]:
        """What is shown; in brief with the interval of F1 alone, for a narrow terminal."""
        note = [f"Note: {self.note}"] if self.note else []
        footer = Lines("", [self._legend(), *note])
        curves = self.curves.blocks() if self.curves else []
        return [self._table_of_classes(brief), self._table_of_scores(), *curves, *self._pairs(), footer]

    def _table_of_classes(self, brief: bool) -> Table:
        header = ["", *map(label, PER_CLASS), "support"]
        rows = [_row(name, cells, self.support[name], brief) for name, cells in self.classes.items()]
        total = float(np.sum(self.counts.support))
        means = (("macro mean", self.macro), ("weighted mean", self.weighted))
        return Table("", header, [*rows, [], *(_row(name, cells, total, brief) for name, cells in means)])

    def _table_of_scores(self) -> Table:
        return Table("", ["", "score"], [[label(name), str(cell)] for name, cell in self.overall.items()])

    def _pairs(self) -> list[Block]:
        pairs = self.confused(None)
        if not pairs:
            return []
        shown = [str(pair) for pair in pairs[:_SHOWN_PAIRS]]
        title = "Confused pairs" if len(pairs) == len(shown) else f"Most confused, {len(shown)} of {len(pairs):,} pairs"
        return [Lines(title, shown)]

    def _legend(self) -> str:
        line = self.extent
        if any(cell.low is not None for cells in self.classes.values() for cell in cells.values()):
            line += f"; in brackets {100 * self.level:g} % confidence intervals"
        return line


def label(score: str) -> str:
    """The name of a score as people write it."""
    mean, _, rest = score.partition("_")
    if mean in ("macro", "micro", "weighted"):
        return f"{mean} {label(rest)}"
    return _LABELS.get(score, score.replace("_", " "))


def _row(name: str, cells: dict[str, Cell], support: float, brief: bool) -> list[str]:
    shown = [Cell(cell.value) if brief and score != "f1_score" else cell for score, cell in cells.items()]
    return [name, *map(str, shown), number(support)]


def _to_dicts(cells: dict[str, Cell]) -> dict[str, Any]:
    return {name: cell.to_dict() for name, cell in cells.items()}


def _refuse_metric(matrix_or_counts: Any) -> None:
    """A metric may have a matrix, counts or both, and several thresholds: which is meant, its owner knows."""
    if isinstance(matrix_or_counts, keras.metrics.Metric):
        raise TypeError(
            f"`matrix_or_counts` must be a matrix or Counts, got the metric {matrix_or_counts.name!r}; "
            "pass its .matrix or .counts"
        )


def _is_multiclass(counts: Counts, matrix: np.ndarray | None, multiclass: bool | None) -> bool:
    if matrix is None:
        return is_multiclass(counts) if multiclass is None else multiclass
    if multiclass not in (None, matrix.ndim == 2):
        raise ValueError(f"`multiclass` contradicts a matrix of shape {matrix.shape}; leave it out")
    return matrix.ndim == 2


def check_names(class_names: Sequence[str] | None, num_classes: int) -> tuple[str, ...]:
    """The names as a tuple; "0", "1", ... by default.

    Raises:
        ValueError: they are too few, too many or not distinct.
    """
    names = tuple(str(name) for name in (range(num_classes) if class_names is None else class_names))
    if len(names) != num_classes:
        raise ValueError(f"`class_names` must hold {num_classes} names, one a class, got {len(names)}")
    twice = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    if twice:
        raise ValueError(f"`class_names` must be distinct, got {twice[0]!r} more than once")
    return names
