"""Reports and comparisons inside a notebook: a fragment of HTML whose style does not affect the rest."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

from fmnist_tf.report.blocks import Block, Lines, Table
from fmnist_tf.report.html.elements import Markup, element, isolate
from fmnist_tf.report.layout import report_blocks
from fmnist_tf.report.report import Report

_MOST_CELLS = 30  # classes up to which the matrix is shown
_STYLE = Markup(
    """<style>
.fmnist-tf table { border-collapse: collapse; margin: .4em 0; font-variant-numeric: tabular-nums; }
.fmnist-tf th, .fmnist-tf td { padding: .15em .6em; text-align: right; white-space: nowrap; background: none; }
.fmnist-tf th:first-child { text-align: left; }
.fmnist-tf td small { opacity: .7; }
.fmnist-tf .fmnist-tf-tiles { display: flex; flex-wrap: wrap; gap: .6em; }
.fmnist-tf .fmnist-tf-tiles div { padding: .4em .8em; border: 1px solid rgb(128 128 128 / .4); border-radius: .4em; }
.fmnist-tf .fmnist-tf-tiles b { display: block; font-size: 1.3em; }
</style>"""
)
_HIT, _MISS = "86 180 233", "230 159 0"


def report_fragment(report: Report) -> str:
    """Tiles of the main scores, the table of classes, the confusion matrix, and the lines below them."""
    tiles = {"macro F1": report.macro["f1_score"], "accuracy": report.overall["accuracy"]}
    shown = (element("div", name, element("b", f"{cell.value:.3f}"), _ends(str(cell))) for name, cell in tiles.items())
    classes, scores, *rest = report_blocks(report)
    parts = [element("div", *shown, class_="fmnist-tf-tiles"), _block(classes), _block(scores), _matrix(report)]
    return _wrap([*parts, *map(_block, rest)])


def blocks_fragment(blocks: Iterable[Block]) -> str:
    """Any blocks of tables and lines."""
    return _wrap(map(_block, blocks))


def _wrap(parts: Iterable[Markup]) -> str:
    return str(element("div", _STYLE, *parts, class_="fmnist-tf"))


def _block(block: Block) -> Markup:
    title = [element("p", element("strong", block.title))] if block.title else []
    if isinstance(block, Lines):
        lines = [element("li" if title else "p", line) for line in block.lines]
        return element("div", *title, element("ul", *lines) if title else element("div", *lines))
    return element("div", *title, _table(block))


def _table(table: Table) -> Markup:
    head = element("thead", element("tr", *(element("th", text, scope="col") for text in table.header)))
    rows = (
        element("tr", element("th", isolate(name), scope="row"), *(element("td", *_number(text)) for text in numbers))
        for name, *numbers in filter(None, table.rows)
    )
    return element("table", head, element("tbody", *rows))


def _number(text: str) -> Sequence[Any]:
    """A number, and its interval smaller."""
    value, bracket, _ = text.partition(" [")
    return [value, " ", element("small", _ends(text))] if bracket else [text]


def _ends(text: str) -> str:
    _, bracket, ends = text.partition(" [")
    return f"[{ends}" if bracket else ""


def _matrix(report: Report) -> Markup:
    """Rows true; nothing of very many classes, or where there is no matrix."""
    if report.matrix is None or report.matrix.ndim != 2 or report.num_classes > _MOST_CELLS:
        return Markup("")
    head = element("tr", element("th", "true, predicted →"), *(element("th", isolate(n)) for n in report.class_names))
    rows = (
        element("tr", element("th", isolate(report.class_names[row]), scope="row"), *_cells(report.matrix[row], row))
        for row in report.reported
    )
    return element("table", element("thead", head), element("tbody", *rows))


def _cells(counts: Any, row: int) -> list[Markup]:
    total = max(float(counts.sum()), 1e-300)
    return [_cell(float(count), float(count) / total, row == column) for column, count in enumerate(counts)]


def _cell(count: float, share: float, is_hit: bool) -> Markup:
    """Coloured by its share of the row; the root lets a few errors be seen."""
    if not count:
        return element("td", 0)
    strength = share if is_hit else math.sqrt(share)
    return element("td", f"{count:,.6g}", style=f"background: rgb({_HIT if is_hit else _MISS} / {strength:.2f})")
