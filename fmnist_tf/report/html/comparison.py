"""The page of a comparison: differences with their intervals, classes, flips, and the learning curves of both."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fmnist_tf.report import Comparison
from fmnist_tf.report.cells import Cell, number
from fmnist_tf.report.changes import Change
from fmnist_tf.report.comparison import SEEDS
from fmnist_tf.report.html.drawing import ticks
from fmnist_tf.report.html.elements import Markup, dot, element, isolate, join, line
from fmnist_tf.report.html.flips import flips
from fmnist_tf.report.html.history import Training, shared_curve
from fmnist_tf.report.names import label, shorten

_MANY = 30
_DIGITS = 3
_LONGEST = 24  # terminal columns of a name at the head of a table; the summary has it whole


def comparison_parts(
    comparison: Comparison, trainings: Sequence[Training] = (), images: Any = None
) -> tuple[Markup, Markup]:
    """The summary and the main part of the page.

    Args:
        comparison: what the page shows.
        trainings: those of a and b, where they are known.
        images: `images[id]` is the image of a row; None without images.
    """
    curves = shared_curve(dict(zip(comparison.names, trainings, strict=False))) if trainings else Markup("")
    names = {label(name): (change, change.beyond_chance) for name, change in comparison.scores.items()}
    classes = {name: (change, name in comparison.changed) for name, change in comparison.classes.items()}
    parts = [
        _tiles(comparison),
        _differences("Scores", "score", names, comparison),
        _differences("F1 of each class", "class", classes, comparison),
        flips(comparison, images),
        curves,
    ]
    return _summary(comparison), join(parts)


def _summary(comparison: Comparison) -> Markup:
    changed, of = len(comparison.changed), len(comparison.a.reported)
    verdict = (
        f"F1 of {changed} of {of} classes changed beyond chance." if changed else "No class changed beyond chance."
    )
    level = f"{100 * comparison.a.level:g}\N{NO-BREAK SPACE}%"
    sets = (
        f"both on the same {number(comparison.a.total)} samples" if comparison.paired else "for independent test sets"
    )
    a, b = comparison.names
    lines = [
        element("p", "Differences are ", isolate(b), " minus ", isolate(a), "."),
        element("p", f"{level} confidence intervals, {sets}. Of classes all are asked at once (Bonferroni)."),
        *(element("p", f"{line}.") for line in comparison.about_noise),
        element("p", SEEDS),
    ]
    return join([element("p", verdict, class_="verdict"), *lines])


def _tiles(comparison: Comparison) -> Markup:
    shown = {name: comparison.scores[name] for name in ("macro_f1_score", "accuracy", "matthews_correlation")}
    tiles = (
        element(
            "div",
            element("dt", label(name)),
            element("dd", _signed(change.difference), element("small", _ends(change.difference), " ")),
        )
        for name, change in shown.items()
    )
    return element("dl", *tiles, class_="headline three")


def _differences(title: str, what: str, rows: Mapping[str, tuple[Change, bool]], comparison: Comparison) -> Markup:
    axis = _axis(change.difference for change, _ in rows.values())
    heads = [element("th", _button(what), scope="col", aria_sort="none")]
    heads += [
        element("th", element("button", isolate(shorten(name, _LONGEST)), type="button"), scope="col", aria_sort="none")
        for name in comparison.names
    ]
    span = element("small", f"{axis[0]:+g} to {axis[1]:+g}".replace("-", "\N{MINUS SIGN}"))
    heads.append(element("th", _button("difference"), span, scope="col", aria_sort="none"))
    body = (_row(name, change, marked, axis) for name, (change, marked) in rows.items())
    table = element(
        "table", element("thead", element("tr", *heads)), element("tbody", *body), class_="scores differences"
    )
    scroll = element("div", table, class_="scroll long" if len(rows) > _MANY else "scroll")
    return element("section", element("h2", title), scroll)


def _button(text: str) -> Markup:
    return element("button", text, type="button")


def _row(name: str, change: Change, marked: bool, axis: tuple[float, float]) -> Markup:
    values = (
        element("td", f"{cell.value:.{_DIGITS}f}", data_value=repr(cell.value) if math.isfinite(cell.value) else "")
        for cell in (change.a, change.b)
    )
    difference = change.difference
    bar = [_bar(difference, axis)] if math.isfinite(difference.value) else []
    star = element("abbr", "*", title="beyond chance") if marked else ""
    value = element("span", _signed(difference), element("span", star, class_="star"), class_="value")
    written = [*bar, value, " ", element("small", _ends(difference))]
    last = element(
        "td", *written, data_value=repr(difference.value) if bar else "", class_="changed" if marked else None
    )
    return element("tr", element("th", isolate(name), scope="row"), *values, last)


def _axis(cells: Iterable[Cell]) -> tuple[float, float]:
    """Round numbers around zero and all intervals."""
    ends = [end for cell in cells for end in cell if end is not None and math.isfinite(end)]
    found = ticks(min([0.0, *ends]), max([0.0, *ends]), 0.01)
    return found[0], found[-1]


def _bar(cell: Cell, axis: tuple[float, float]) -> Markup:
    """The difference as a dot, its interval as a line, and zero as a mark across."""
    ends = (cell.value if end is None else end for end in (cell.low, cell.high))
    zero, value, low, high = ((number - axis[0]) / (axis[1] - axis[0]) for number in (0.0, cell.value, *ends))
    marks = [line(0, 0.5, 1, 0.5, "range"), line(zero, 0, zero, 1, "zero")]
    marks += [line(low, 0.5, high, 0.5), dot(value, 0.5, radius=2.5)]
    return element("svg", *marks, aria_hidden="true")


def _signed(cell: Cell) -> str:
    return _written(cell.value) if math.isfinite(cell.value) else "–"


def _ends(cell: Cell) -> str:
    return "" if cell.low is None or cell.high is None else f"[{_written(cell.low)}, {_written(cell.high)}]"


def _written(value: float) -> str:
    """With its sign; a minus sign is as wide as a plus sign, so that numbers stand in columns."""
    return f"{value:+.{_DIGITS}f}".replace("-", "\N{MINUS SIGN}")
