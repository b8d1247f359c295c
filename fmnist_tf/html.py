"""A report as one HTML page that needs nothing else: no network, no fonts, no scripts of others.

`report.html` beside this module is the page with its style and script; here its parts are made. Class names and titles
come from anywhere, so `element` escapes whatever is not `Markup`.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from importlib.resources import files
from itertools import pairwise
from string import Template
from typing import Any

import numpy as np

from fmnist_tf.report import Cell, Confusion, Report
from fmnist_tf.report.cells import number
from fmnist_tf.report.report import label

CURVES = {"val_macro_f1": "validation", "macro_f1": "training"}
_MANY_CLASSES = 30  # more than this: a search field, and a matrix of those that err most
_SHOWN_IN_MATRIX = 24
_SHOWN_PAIRS = 10

Numbers = Sequence[float | None]


class Markup(str):
    """HTML; any other string is text."""


def report_page(
    report: Report, history: Mapping[str, Numbers] | None = None, title: str = "Classification report"
) -> str:
    """One self-contained HTML page: scores with intervals, classes, confusion matrix, most confused pairs, curve.

    Args:
        report: what the page shows.
        history: name -> one value an epoch, None or NaN where there is none; "val_macro_f1" and "macro_f1" are drawn.
        title: the heading.

    Returns:
        The page, to be written as UTF-8. Of more than 30 classes the matrix shows the 24 that err most and takes the
        others together; the table shows all, with a field to search them.

    Example:
        >>> page = report_page(Report([[8, 2], [1, 9]], ["cat", "dog"]))
        >>> "cat taken for dog: 2 of 10" in page
        True
    """
    parts = {
        "title": escape(title),
        "summary": _summary(report),
        "headline": _headline(report),
        "classes": _classes(report),
        "confusion": _confusion(report),
        "curve": _curve(history or {}),
    }
    return Template(files("fmnist_tf").joinpath("report.html").read_text(encoding="utf-8")).substitute(parts)


def element(tag: str, *children: Any, **attributes: Any) -> Markup:
    """An element; children that are not `Markup` and all attributes are escaped, attributes that are None left out."""
    named = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items() if value is not None}
    written = "".join(f' {name}="{escape(str(value))}"' for name, value in named.items())
    return Markup(f"<{tag}{written}>{_join(children)}</{tag}>")


def _join(children: Iterable[Any]) -> Markup:
    return Markup("".join(child if isinstance(child, Markup) else escape(str(child)) for child in children))


# Scores


def _summary(report: Report) -> Markup:
    line = f"{number(report.total)} {'positions' if report.exclusive else 'rows'}, {report.num_classes} classes"
    if any(cell.low is not None for cell in report.overall.values()):
        line += f"; in brackets {100 * report.level:g}\N{NO-BREAK SPACE}% confidence intervals"
    return _join([element("p", line), *([element("p", report.note, class_="note")] if report.note else [])])


def _headline(report: Report) -> Markup:
    scores = {"macro F1": report.macro["f1_score"], **{label(name): cell for name, cell in report.overall.items()}}
    cards = (element("div", element("dt", name), element("dd", *_written(cell))) for name, cell in scores.items())
    return element("dl", *cards, class_="headline")


def _written(cell: Cell) -> list[Any]:
    """The score and, smaller, its interval; a dash where it is no number."""
    value, low, high = cell.to_dict().values()
    written = ["–" if value is None else f"{value:.3f}"]
    if low is None or high is None:
        return written
    return [*written, " ", element("small", f"[{low:.3f}, {high:.3f}]")]


def _classes(report: Report) -> Markup:
    many = report.num_classes > _MANY_CLASSES
    rows = (_class_row(name, cells, report.support[name]) for name, cells in report.classes.items())
    total = float(np.sum(report.counts.support))
    means = (("macro mean", report.macro), ("weighted mean", report.weighted))
    table = element(
        "table",
        element("thead", element("tr", *map(_sortable, ["class", "precision", "recall", "F1", "support"]))),
        element("tbody", *rows),
        element("tfoot", *(_class_row(name, cells, total) for name, cells in means)),
        class_="scores",
    )
    search = [element("label", "Find a class", Markup('<input type="search">'), class_="find")] if many else []
    scroll = element("div", table, class_="scroll long" if many else "scroll")
    return element("section", element("h2", "Classes"), *search, scroll)


def _sortable(header: str) -> Markup:
    return element("th", element("button", header, type="button"), scope="col", aria_sort="none")


def _class_row(name: str, cells: Mapping[str, Cell], support: float) -> Markup:
    scores = (_score_cell(score, cell) for score, cell in cells.items())
    return element(
        "tr", element("th", name, scope="row"), *scores, element("td", number(support), data_value=repr(support))
    )


def _score_cell(score: str, cell: Cell) -> Markup:
    value = cell.to_dict()["value"]
    bar = [_interval_bar(cell)] if score == "f1_score" and value is not None else []
    return element("td", *bar, *_written(cell), data_value="" if value is None else repr(value))


def _interval_bar(cell: Cell) -> Markup:
    """The score as a dot on a line from 0 to 1, with its interval."""
    marks = [_line(0, 0.5, 1, 0.5, "range")]
    if cell.low is not None and cell.high is not None:
        marks.append(_line(cell.low, 0.5, cell.high, 0.5))
    return element("svg", *marks, _dot(cell.value, 0.5, radius=2.5), aria_hidden="true")


# Confusions


def _confusion(report: Report) -> Markup:
    if report.matrix is None or report.matrix.ndim != 2:
        return Markup("")
    shown = _shown(report.matrix)
    names, matrix = _condensed(report.matrix, report.class_names, shown)
    table = _matrix(names, matrix, len(shown))
    left = element("div", element("h2", "Confusion matrix"), *_legend(len(shown), report.num_classes), table)
    return element("section", left, _pairs(report), class_="confusion")


def _shown(matrix: np.ndarray) -> np.ndarray:
    """All classes where they are few, else those with the most errors."""
    if len(matrix) <= _MANY_CLASSES:
        return np.arange(len(matrix))
    errors = matrix.sum(axis=0) + matrix.sum(axis=1) - 2 * matrix.diagonal()
    return np.sort(np.argsort(-errors, kind="stable")[:_SHOWN_IN_MATRIX])


def _condensed(matrix: np.ndarray, names: tuple[str, ...], shown: np.ndarray) -> tuple[list[str], np.ndarray]:
    """The shown classes, and the sum of the others as one more."""
    if len(shown) == len(names):
        return list(names), matrix
    group = np.full(len(names), len(shown))
    group[shown] = np.arange(len(shown))
    member = np.eye(len(shown) + 1)[group]
    own = [names[int(index)] for index in shown]
    return [*own, f"{len(names) - len(shown)} others"], member.T @ matrix @ member


def _legend(num_shown: int, num_classes: int) -> list[Markup]:
    right, wrong = (element("span", class_=f"swatch {kind}", aria_hidden="true") for kind in ("hit", "miss"))
    lines = [
        element("p", "Rows are true classes, columns what they were taken for."),
        element("p", right, " right, ", wrong, " wrong: the stronger, the larger the share of the row."),
    ]
    if num_shown < num_classes:
        lines.append(element("p", f"Of {num_classes} classes the {num_shown} with the most errors."))
    return lines


def _matrix(names: Sequence[str], matrix: np.ndarray, num_shown: int) -> Markup:
    columns = (element("th", element("span", name), scope="col", title=name) for name in names)
    rows = (_matrix_row(row, names, counts, num_shown) for row, counts in enumerate(matrix))
    table = element(
        "table",
        element("thead", element("tr", element("td"), *columns)),
        element("tbody", *rows),
        class_="matrix large" if len(names) > 14 else "matrix",
    )
    return element("div", table, class_="scroll")


def _matrix_row(row: int, names: Sequence[str], counts: np.ndarray, num_shown: int) -> Markup:
    support = float(counts.sum())
    pairs = (Confusion(names[row], name, float(count), support) for name, count in zip(names, counts, strict=True))
    kinds = ("miss" if row != column else "hit" if row < num_shown else None for column in range(len(names)))
    cells = map(_matrix_cell, pairs, kinds)
    return element("tr", element("th", names[row], scope="row", title=names[row]), *cells)


def _matrix_cell(pair: Confusion, kind: str | None) -> Markup:
    """One count; its title is what the script shows on hover and on focus."""
    recognised = f"{pair.true} recognised: {number(pair.count)} of {number(pair.support)}"
    text = recognised if kind == "hit" else str(pair)
    if not pair.count:
        return element("td", 0, title=text, class_="none")
    share = pair.count / pair.support
    strength = share if kind == "hit" else math.sqrt(share)  # the root lets a few errors be seen
    return element("td", number(pair.count), title=text, class_=kind, style=f"--share:{strength:.2f}")


def _pairs(report: Report) -> Markup:
    pairs = report.confused(None)
    shown = pairs[:_SHOWN_PAIRS]
    title = "Confused pairs" if len(shown) == len(pairs) else f"Most confused, {len(shown)} of {len(pairs):,} pairs"
    items = (element("li", str(pair), _share_bar(pair.count / shown[0].count)) for pair in shown)
    content = element("ul", *items, class_="pairs") if shown else element("p", "No class was taken for another.")
    return element("div", element("h2", title), content)


def _share_bar(share: float) -> Markup:
    return element("span", style=f"width:{100 * share:.1f}%", aria_hidden="true")


# Curve


def _curve(history: Mapping[str, Numbers]) -> Markup:
    lines = {text: _points(history, key) for key, text in CURVES.items()}
    lines = {text: points for text, points in lines.items() if _known(points)}
    if not lines:
        return Markup("")
    keys = (element("span", element("span", class_=f"key {kind}"), text) for text, kind in _styled(lines))
    best_of, points = next(iter(lines.items()))
    best = max(_known(points), key=lambda epoch: points[epoch])
    caption = [*keys, element("p", f"Best in {best_of}: {points[best]:.3f} in epoch {best} of {_num_epochs(history)}.")]
    figure = element("figure", _plot(lines), element("figcaption", *caption), class_="curve")
    return element("section", element("h2", "Macro F1 per epoch"), figure)


def _styled(lines: Iterable[Any]) -> Iterable[tuple[Any, str]]:
    return zip(lines, ("first", "second"), strict=False)


def _num_epochs(history: Mapping[str, Numbers]) -> int:
    return max(len(values) for values in history.values())


def _points(history: Mapping[str, Numbers], key: str) -> dict[int, float]:
    """Epoch, from 1, -> value or NaN; fewer values than epochs were taken every few epochs."""
    values = history.get(key) or ()
    every = _num_epochs(history) // len(values) if values else 1
    return {(index + 1) * every: math.nan if value is None else value for index, value in enumerate(values)}


def _known(points: Mapping[int, float]) -> dict[int, float]:
    return {epoch: float(value) for epoch, value in points.items() if math.isfinite(value)}


def _plot(lines: Mapping[str, Mapping[int, float]]) -> Markup:
    """SVG without a view box: places are percentages, so that text and strokes keep their size at every width."""
    epochs = [epoch for points in lines.values() for epoch in points]
    values = [value for points in lines.values() for value in _known(points).values()]
    heights = _ticks(min(values), max(values), 0.01)
    first, last = min(epochs), max(*epochs, min(epochs) + 1)
    low, high = heights[0], heights[-1]

    def place(epoch: float, value: float) -> tuple[float, float]:
        return (epoch - first) / (last - first), (high - value) / (high - low)

    marks = [mark for height in heights for mark in _height_mark(height, place(first, height)[1])]
    shown = {first, *(tick for tick in _ticks(first, last, 1) if first < tick <= max(epochs))}
    marks += [_epoch_mark(epoch, place(epoch, low)[0]) for epoch in sorted(shown)]
    for (text, points), kind in reversed(list(_styled(lines.items()))):
        known = {epoch: place(epoch, value) for epoch, value in _known(points).items()}
        sides = [(a, b) for a, b in pairwise(points) if a in known and b in known]
        marks += [_line(*known[a], *known[b], kind) for a, b in sides]
        marks += [_dot(*known[epoch], kind, f"{text}, epoch {epoch}: {points[epoch]:.4f}") for epoch in known]
    return element("svg", *marks, role="img", aria_label="Macro F1 per epoch")


def _ticks(low: float, high: float, least: float) -> list[float]:
    """From three to six round numbers around low and high, `least` or more apart."""
    span = max(high - low, 2 * least)
    scale = 10.0 ** math.floor(math.log10(span / 4))
    step = max(least, next(scale * factor for factor in (1, 2, 5, 10) if span / (scale * factor) <= 4))
    start, end = math.floor(low / step), math.ceil(high / step)
    return [round(index * step, 9) for index in range(start, max(end, start + 1) + 1)]


def _height_mark(value: float, y: float) -> list[Markup]:
    text = element("text", f"{value:g}", x=0, y=_percent(y), dx="-8", dy="4", text_anchor="end")
    return [_line(0, y, 1, y, "grid"), text]


def _epoch_mark(epoch: float, x: float) -> Markup:
    return element("text", f"{epoch:g}", x=_percent(x), y="100%", dy="20", text_anchor="middle")


def _line(x1: float, y1: float, x2: float, y2: float, kind: str | None = None) -> Markup:
    places = {"x1": x1, "y1": y1, "x2": x2, "y2": y2}
    return element("line", **{name: _percent(place) for name, place in places.items()}, class_=kind)


def _dot(x: float, y: float, kind: str | None = None, text: str | None = None, *, radius: float = 3) -> Markup:
    titles = [] if text is None else [element("title", text)]
    return element("circle", *titles, cx=_percent(x), cy=_percent(y), r=radius, class_=kind)


def _percent(share: float) -> str:
    return f"{100 * share:.2f}%"
