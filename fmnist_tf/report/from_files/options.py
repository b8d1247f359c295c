"""Options for labels and predictions in files, and the requests of one pass to read them again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from fmnist_tf.report.from_files.columns import Source, short_names
from fmnist_tf.report.from_files.counts import Weights
from fmnist_tf.report.from_files.groups import Groups
from fmnist_tf.report.report import Report

#: Numbers in a piece of scores: large, since each size is compiled once.
NUMBERS_A_PIECE = 2**21
IDS_A_PIECE = 2**18
FLAGS = ("False", "True")

Progress = Callable[[int], None]


@dataclass(frozen=True)
class Options:
    """How labels and predictions are read.

    Attributes:
        class_names: names of the classes or columns, in the order of their ids; of one column those of no and yes.
        threshold: scores above it are yes, and each column of scores is binary.
        from_logits: the scores are logits.
        level: of the confidence intervals.
        as_scores: one column of text holds scores, though its first rows could be class ids.
        first_id: 1 where labels count from 1.
    """

    class_names: tuple[str, ...] | None = None
    threshold: float | None = None
    from_logits: bool = False
    level: float = 0.95
    as_scores: bool = False
    first_id: int = 0


class Retry(Exception):
    """Raised in a pass: the files must be read again with other options."""

    def __init__(self, **changes: Any):
        super().__init__(changes)
        self.changes = changes


@dataclass
class Job:
    """One pass over the files.

    Attributes:
        source: the open files.
        options: the meaning of the numbers.
        said: notes for the report.
        progress: called with the number of rows counted so far.
        weights: of the rows counted so far.
        groups: the rows of every value of the columns of --by.
    """

    source: Source
    options: Options
    said: list[str]
    progress: Progress | None = None
    weights: Weights = field(default_factory=Weights)

    def __post_init__(self):
        self.groups = Groups(self.source.groups)

    def report(self, matrix: Any, names: Sequence[str] | None, curves: Any = None, classes: Any = None) -> Report:
        """The report, with all that was noted and those of groups; `classes` are the ids of its classes."""
        note = "; ".join(dict.fromkeys([*self.source.notes, *self.said])) or None
        total = self.weights.effective_total
        report = Report(matrix, names, level=self.options.level, note=note, curves=curves, effective_total=total)
        report.slices = self.groups.reports(report, classes)
        return report

    def check_rows(self) -> None:
        """Refuses files without rows."""
        if not self.weights.rows:
            raise ValueError(f"{self.source.labels.path} holds no rows")


def name_numbers(names: Sequence[str] | None) -> bool:
    """Whether names are integers that labels mean by name, such as 1, 2, 3 or p_2, p_0; not 0, 1, 2 in order."""
    short = short_names(names or ())
    are_numbers = all(name.isascii() and name.isdecimal() and len(name) < 18 for name in short)
    return are_numbers and short != [str(place) for place in range(len(short))]
