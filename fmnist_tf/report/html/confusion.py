"""The part of a page on mistakes: a multiclass matrix, or four cells a multilabel column."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from fmnist_tf.report import Confusion, Report
from fmnist_tf.report.cells import number
from fmnist_tf.report.html.elements import Markup, element, isolate, isolated_text, join
from fmnist_tf.report.html.scores import MANY_CLASSES
from fmnist_tf.report.names import has_wide_characters, shorten_all

_SHOWN_IN_MATRIX = 24
_SHOWN_PAIRS = 10
_WIDTH_OF_HEAD, _WIDE_NAME, _NARROW_NAME = 20, 24, 11  # of names beside the matrix, in columns of a terminal
_KINDS = ("hit", "miss", "miss", "hit")  # of the four cells of a column


def confusion(report: Report) -> Markup:
    """The matrix and the most confused pairs; nothing if they are unknown."""
    if not report.multiclass:
        return _columns(report)
    if report.matrix is None:
        return Markup("")
    shown = shown_classes(report.matrix)
    names, matrix = _condensed(report.matrix, report.class_names, shown)
    table = _matrix(names, matrix, len(shown))
    left = element("div", element("h2", "Confusion matrix"), *_legend(len(shown), report.num_classes), table)
    pairs = _pairs(report.confused(None), "Confused pairs", "No class was predicted as another.")
    return element("section", left, pairs, class_="confusion")


def shown_classes(matrix: np.ndarray) -> np.ndarray:
    """All classes if they are few, else those with the most errors."""
    if len(matrix) <= MANY_CLASSES:
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
    lines = [
        element("p", "Rows are true classes, columns predicted ones."),
        element("p", *_colours(), " wrong: the stronger, the larger the share of the row."),
    ]
    if num_shown < num_classes:
        lines.append(element("p", f"Of {num_classes} classes the {num_shown} with the most errors."))
    return lines


def _matrix(names: Sequence[str], matrix: np.ndarray, num_shown: int) -> Markup:
    heads = zip(names, shorten_all(names, _WIDTH_OF_HEAD), strict=True)
    columns = (element("th", _head(short), scope="col", title=name) for name, short in heads)
    shown = _row_names(names)
    rows = (_matrix_row(row, names, counts, num_shown, shown[row]) for row, counts in enumerate(matrix))
    table = element(
        "table",
        element("thead", element("tr", element("td"), *columns)),
        element("tbody", *rows),
        class_="matrix large" if len(names) > 14 else "matrix",
    )
    return element("div", table, class_="scroll")


def _head(name: str) -> Markup:
    """Rotated, unless it is of a script whose characters stand upright."""
    return element("span", isolate(name), class_="upright" if has_wide_characters(name) else None)


def _row_names(names: Sequence[str]) -> list[Markup]:
    """Names as wide screens and phones have room for, shortened in the middle; one of the two is shown."""
    wide, narrow = (shorten_all(names, width) for width in (_WIDE_NAME, _NARROW_NAME))
    return [
        isolate(name)
        if name == short
        else join([element("bdi", name, class_="wide"), element("bdi", short, class_="narrow")])
        for name, short in zip(wide, narrow, strict=True)
    ]


def _matrix_row(row: int, names: Sequence[str], counts: np.ndarray, num_shown: int, shown: Markup) -> Markup:
    support = float(counts.sum())
    pairs = (Confusion(names[row], name, float(count), support) for name, count in zip(names, counts, strict=True))
    kinds = ("miss" if row != column else "hit" if row < num_shown else None for column in range(len(names)))
    cells = map(_matrix_cell, pairs, kinds)
    return element("tr", element("th", shown, scope="row", title=names[row]), *cells)


def _matrix_cell(pair: Confusion, kind: str | None) -> Markup:
    """One count; its title is what the script shows on hover and on focus."""
    pair = replace(pair, true=isolated_text(pair.true), predicted=isolated_text(pair.predicted))
    recognised = f"{pair.true} recognised: {number(pair.count)} of {number(pair.support)}"
    text = recognised if kind == "hit" else str(pair)
    if not pair.count:
        return element("td", 0, title=text, class_="none")
    share = pair.count / pair.support
    strength = share if kind == "hit" else math.sqrt(share)  # with the root a few errors can be seen
    return element("td", number(pair.count), title=text, class_=kind, style=f"--share:{strength:.2f}")


def _pairs(pairs: Sequence[Confusion], title: str, none: str) -> Markup:
    shown = pairs[:_SHOWN_PAIRS]
    title += "" if len(shown) == len(pairs) else f", the {len(shown)} most frequent of {len(pairs):,}"
    items = (element("li", *_pair_text(pair), _share_bar(pair.count / shown[0].count)) for pair in shown)
    content = element("ul", *items, class_="pairs") if shown else element("p", none)
    return element("div", element("h2", title), content)


def _pair_text(pair: Confusion) -> list[Any]:
    """The text of a pair, each name isolated."""
    counts = f": {number(pair.count)} of {number(pair.support)}"
    return [isolate(pair.true), " predicted as ", isolate(pair.predicted), counts]


# Multilabel columns


def _columns(report: Report) -> Markup:
    """Four cells a column, and the columns that err most."""
    predictions = [_four_cells(report, index) for index in report.reported]
    heads = (element("th", said, scope="col") for said in ("predicted yes", "predicted no") * 2)
    over = (element("th", truly, scope="colgroup", colspan=2) for truly in ("truly yes", "truly no"))
    names = report.reported_names
    rows = (
        element("tr", element("th", shown, scope="row", title=name), *map(_matrix_cell, cells, _KINDS))
        for name, shown, cells in zip(names, _row_names(names), predictions, strict=True)
    )
    head = element("thead", element("tr", element("td"), *over), element("tr", element("td"), *heads))
    table = element("table", head, element("tbody", *rows), class_="matrix columns")
    scroll = element("div", table, class_="scroll long" if report.num_classes > MANY_CLASSES else "scroll")
    legend = [
        element("p", "Each column is a binary problem: true and predicted class, yes or no."),
        element("p", *_colours(), " wrong: the stronger, the larger the share of the true samples."),
    ]
    errors = sorted((cells[k] for cells in predictions for k in (1, 2) if cells[k].count), key=lambda cell: -cell.count)
    pairs = _pairs(errors, "Wrong predictions", "No prediction was wrong.")
    return element("section", element("div", element("h2", "Predictions"), *legend, scroll), pairs, class_="confusion")


def _four_cells(report: Report, index: int) -> list[Confusion]:
    """True positives, false negatives, false positives and true negatives of one column."""
    name = report.class_names[index]
    tp, predicted, support, total = (float(field.numpy()[index]) for field in report.counts)
    yes, no = f"{name}, yes", f"{name}, no"
    counts = ((yes, "yes", tp, support), (yes, "no", support - tp, support))
    negatives, false = total - support, predicted - tp
    counts += ((no, "yes", false, negatives), (no, "no", negatives - false, negatives))
    return [Confusion(*count) for count in counts]


def _colours() -> list[Any]:
    right, wrong = (element("span", class_=f"swatch {kind}", aria_hidden="true") for kind in ("hit", "miss"))
    return [right, " right, ", wrong]


def _share_bar(share: float) -> Markup:
    return element("span", style=f"width:{100 * share:.1f}%", aria_hidden="true")
