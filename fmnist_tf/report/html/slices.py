"""The part of a page on slices: the scores of the rows of every value, the worst first."""

from fmnist_tf.report import Report
from fmnist_tf.report.cells import number
from fmnist_tf.report.html.elements import Markup, element, isolate, join
from fmnist_tf.report.names import label
from fmnist_tf.report.slices import SCORES, SliceRow

_SHOWN = SCORES[:2]


def slices(report: Report) -> Markup:
    """A table a slice; nothing where the report has none."""
    return join(_of_one(report, name) for name in report.slices)


def _of_one(report: Report, name: str) -> Markup:
    rows = report.by(name).rows
    head = element(
        "tr", *(element("th", said, scope="col") for said in (name, *map(label, _SHOWN), "support", "differs"))
    )
    table = element("table", element("thead", head), element("tbody", *map(_row, rows)), class_="scores slices")
    note = (
        "The worst first. Differs: from the rest of the rows, at 5\N{NO-BREAK SPACE}% after Holm's correction over all "
        "values and scores."
    )
    title = element("h2", "By ", isolate(name))
    return element("section", title, element("p", note), element("div", table, class_="scroll"))


def _row(row: SliceRow) -> Markup:
    cells = (element("td", *_written(str(row.scores[score]))) for score in _SHOWN)
    differs = ", ".join(map(label, row.differs)) or "–"
    name = element("th", isolate(row.value), scope="row")
    return element("tr", name, *cells, element("td", number(row.support)), element("td", differs))


def _written(text: str) -> list:
    value, bracket, ends = text.partition(" [")
    return [value, " ", element("small", f"[{ends}")] if bracket else [value]
