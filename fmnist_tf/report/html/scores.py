"""The parts of a page that hold scores: how much was scored, the headline, and the table of classes."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from fmnist_tf.report import Cell, Report
from fmnist_tf.report.cells import number
from fmnist_tf.report.curves import BOUNDS
from fmnist_tf.report.html.drawing import score_ticks
from fmnist_tf.report.html.elements import Markup, dot, element, isolate, join, line
from fmnist_tf.report.layout import averaged_support, mean_rows
from fmnist_tf.report.names import label

MANY_CLASSES = 30  # more than this: a search field, and a matrix of those that err most


def summary(report: Report) -> Markup:
    """How much was scored, and the note of the report."""
    text = report.extent
    if any(cell.low is not None for cell in report.overall.values()):
        text += f"; in brackets {100 * report.level:g}\N{NO-BREAK SPACE}% confidence intervals"
    return join([element("p", text), *([element("p", report.note, class_="note")] if report.note else [])])


def headline(report: Report) -> Markup:
    """Macro F1 and the overall scores."""
    scores = {"macro F1": report.macro["f1_score"], **{label(name): cell for name, cell in report.overall.items()}}
    cards = (element("div", element("dt", name), element("dd", *_written(cell))) for name, cell in scores.items())
    return element("dl", *cards, class_="headline")


def curve_scores(report: Report) -> Markup:
    """Scores at all thresholds with their bounds, and better thresholds; nothing where the report has none."""
    if report.curves is None:
        return Markup("")
    cards = (
        element(
            "div",
            element("dt", name),
            element("dd", *_written(score.cell), element("small", f"bounds {score.bounds_text}")),
        )
        for (name, _, _), score in zip(report.curves.rows, report.curves.macro.values(), strict=True)
    )
    suggested_thresholds = report.curves.suggested_thresholds
    listed = [element("h3", "Other thresholds"), element("ul", *(element("li", line) for line in suggested_thresholds))]
    shown = [element("dl", *cards, class_="headline"), element("p", BOUNDS), *(listed if suggested_thresholds else [])]
    return element("section", element("h2", "Scores at all thresholds"), *shown)


def _written(cell: Cell) -> list[Any]:
    """The score and, smaller, its interval; a dash where it is no number."""
    value, low, high = cell.to_dict().values()
    written = ["–" if value is None else f"{value:.3f}"]
    if low is None or high is None:
        return written
    return [*written, " ", element("small", f"[{low:.3f}, {high:.3f}]")]


def classes(report: Report) -> Markup:
    """The table of classes or columns, sortable, with a field to search many."""
    many = len(report.reported) > MANY_CLASSES
    what, title = ("class", "Classes") if report.multiclass else ("column", "Columns")
    axis = _axis([*report.classes.values(), *mean_rows(report).values()])
    rows = (_class_row(name, cells, report.support[name], axis) for name, cells in report.classes.items())
    total = averaged_support(report)
    heads = [_sortable(header) for header in (what, "precision", "recall")]
    heads += [_sortable("F1", element("small", f"{axis[0]:g} to {axis[1]:g}")), _sortable("support")]
    table = element(
        "table",
        element("thead", element("tr", *heads)),
        element("tbody", *rows),
        element("tfoot", *(_class_row(name, cells, total, axis) for name, cells in mean_rows(report).items())),
        class_="scores",
    )
    search = [element("label", f"Find a {what}", Markup('<input type="search">'), class_="find")] if many else []
    scroll = element("div", table, class_="scroll long" if many else "scroll")
    return element("section", element("h2", title), *search, scroll)


def _axis(rows: Iterable[Mapping[str, Cell]]) -> tuple[float, float]:
    """The ends of the axis of the drawn intervals: round numbers around all of F1."""
    numbers = [number for cells in rows for number in cells["f1_score"] if number is not None and math.isfinite(number)]
    found = score_ticks(min(numbers), max(numbers)) if numbers else [0.0, 1.0]
    return found[0], found[-1]


def _sortable(header: str, *more: Markup) -> Markup:
    return element("th", element("button", header, type="button"), *more, scope="col", aria_sort="none")


def _class_row(name: str, cells: Mapping[str, Cell], support: float, axis: tuple[float, float]) -> Markup:
    scores = (_score_cell(score, cell, axis) for score, cell in cells.items())
    return element(
        "tr",
        element("th", isolate(name), scope="row"),
        *scores,
        element("td", number(support), data_value=repr(support)),
    )


def _score_cell(score: str, cell: Cell, axis: tuple[float, float]) -> Markup:
    value = cell.to_dict()["value"]
    bar = [_interval_bar(cell, axis)] if score == "f1_score" and value is not None else []
    return element("td", *bar, *_written(cell), data_value="" if value is None else repr(value))


def _interval_bar(cell: Cell, axis: tuple[float, float]) -> Markup:
    """The score as a dot on a line from one end of the axis to the other, with its interval."""
    low, value, high = ((end - axis[0]) / (axis[1] - axis[0]) for end in _ends(cell))
    marks = [line(0, 0.5, 1, 0.5, "range"), line(low, 0.5, high, 0.5), dot(value, 0.5, radius=2.5)]
    return element("svg", *marks, aria_hidden="true")


def _ends(cell: Cell) -> tuple[float, float, float]:
    """Low, value and high; the value itself where there is no interval."""
    if cell.low is None or cell.high is None or not math.isfinite(cell.low + cell.high):
        return cell.value, cell.value, cell.value
    return cell.low, cell.value, cell.high
