"""The content of a report in reading order: the tables and lines that text, Markdown and terminal share."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from fmnist_tf.report.blocks import Block, Lines, Table
from fmnist_tf.report.cells import Cell, number
from fmnist_tf.report.names import label

if TYPE_CHECKING:
    from fmnist_tf.report.report import Report
    from fmnist_tf.report.slices import SliceReport

PER_CLASS = ("precision", "recall", "f1_score")
_SHOWN_PAIRS = 5
#: What is left out, the more the narrower the terminal.
_LEFT_OUT = (
    "",
    "Too narrow for the intervals of precision and recall.",
    "Too narrow for precision and recall.",
    "Too narrow for precision, recall and intervals.",
)


def variants(report: "Report") -> list[list[Block]]:
    """The blocks of a report for terminals that are less and less wide."""
    return [report_blocks(report, level) for level in range(len(_LEFT_OUT))]


def report_blocks(report: "Report", left_out: int = 0) -> list[Block]:
    """The blocks of a report; `left_out` is how many steps of leaving out a narrow terminal needs."""
    curves = report.curves.blocks(bounds=left_out < 2, intervals=left_out < 3) if report.curves else []
    note = [f"Note: {report.note}"] if report.note else []
    footer = Lines("", [*filter(None, [_LEFT_OUT[left_out]]), legend(report) if left_out < 3 else report.extent, *note])
    scores = _table_of_scores(report, with_intervals=left_out < 3)
    slices = [block for name in report.slices for block in _slices(report.by(name), left_out)]
    return [_table_of_classes(report, left_out), scores, *curves, *_pairs(report), *slices, footer]


def legend(report: "Report") -> str:
    """How much was scored, how it was weighted, and what brackets mean."""
    line = report.extent
    if any(cell.low is not None for cells in report.classes.values() for cell in cells.values()):
        line += f"; in brackets {100 * report.level:g} % confidence intervals"
    return line


def extent(report: "Report") -> str:
    """How much was scored, of which epoch, and how it was weighted."""
    samples = f"{number(report.total)} samples"
    if report.is_weighted:
        effective = number(round(report.samples, 1))
        samples = f"weighted: sum of weights {number(report.total)}, effective number of samples {effective}"
    many = len(report.reported)
    kind, plural = ("class", "classes") if report.multiclass else ("multilabel column", "multilabel columns")
    epoch = "" if report.epoch is None else f"epoch {report.epoch + 1}: "
    return f"{epoch}{samples}, {many} {kind if many == 1 else plural}"


def mean_rows(report: "Report") -> dict[str, dict[str, Cell]]:
    """The averages below the classes, by the names of their rows; they say over how many classes where not over all."""
    averaged = report.averaged
    some = f" of {len(averaged)}" if len(averaged) < len(report.classes) else ""
    return {f"macro mean{some}": report.macro, f"weighted mean{some}": report.weighted}


def averaged_support(report: "Report") -> float:
    """The support of the classes that averages run over."""
    return float(np.sum(np.asarray(report.counts.support)[list(report.averaged)]))


def _table_of_classes(report: "Report", left_out: int) -> Table:
    shown = PER_CLASS if left_out < 2 else ("f1_score",)
    with_interval = {0: PER_CLASS, 3: ()}.get(left_out, ("f1_score",))

    def row(name: str, cells: Mapping[str, Cell], support: float) -> list[str]:
        written = [cells[score] if score in with_interval else Cell(cells[score].value) for score in shown]
        return [name, *map(str, written), number(support)]

    rows = [row(name, cells, report.support[name]) for name, cells in report.classes.items()]
    total = averaged_support(report)
    means = [row(name, cells, total) for name, cells in mean_rows(report).items()]
    return Table("", ["", *map(label, shown), "support"], [*rows, [], *means])


def _table_of_scores(report: "Report", with_intervals: bool) -> Table:
    cells = {name: cell if with_intervals else Cell(cell.value) for name, cell in report.overall.items()}
    return Table("", ["", "score"], [[label(name), str(cell)] for name, cell in cells.items()])


def _slices(found: "SliceReport", left_out: int) -> list[Block]:
    """Macro F1 and accuracy of every value, on a narrow terminal macro F1 alone; `report.by(name)` has all scores."""
    return found.blocks(("macro_f1", "accuracy")[: 2 if left_out < 2 else 1], intervals=left_out < 3)


def _pairs(report: "Report") -> list[Block]:
    shown = [str(pair) for pair in report.confused(_SHOWN_PAIRS)]
    if not shown:
        return []
    total = report.num_confused
    title = "Confused pairs" if total == len(shown) else f"Most confused, {len(shown)} of {total:,} pairs"
    return [Lines(title, shown)]
