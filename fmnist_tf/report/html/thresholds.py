"""The part of a page on the threshold of binary columns: a slider, and the scores, counts and costs at it.

The counts at about a hundred thresholds are in the page; `page.js` computes the scores from them.
"""

import json
from typing import Any, NamedTuple

import numpy as np

from fmnist_tf.report import Report
from fmnist_tf.report.cells import number
from fmnist_tf.report.html.drawing import Axes, chart, stretched
from fmnist_tf.report.html.elements import Markup, element, line

_MOST_COLUMNS = 100
_WANTED = (0.001, 0.002, 0.005, *(k / 100 for k in range(1, 100)), 0.995, 0.998, 0.999)
_SCORES = {"precision": "first", "recall": "second", "F1": "third"}
_COUNTS = ("predicted yes", "true positives", "false positives", "false negatives", "true negatives")


class Column(NamedTuple):
    """One binary column at each of the thresholds.

    Attributes:
        name: the name of yes.
        tp: true positives at each threshold.
        predicted: how many are predicted as yes.
        support: how many are truly yes.
        total: how many there are.
        now: the place of the threshold whose counts are those of the report, or nearest to them.
    """

    name: str
    tp: np.ndarray
    predicted: np.ndarray
    support: float
    total: float
    now: int

    def at(self, place: int) -> dict[str, str]:
        """The scores and counts at a threshold, as written."""
        tp, predicted = float(self.tp[place]), float(self.predicted[place])
        fp, fn = predicted - tp, self.support - tp
        values = {
            "precision": _share(tp, predicted),
            "recall": _share(tp, self.support),
            "F1": _share(2 * tp, predicted + self.support),
            "specificity": _share(self.total - self.support - fp, self.total - self.support),
        }
        counts = (predicted, tp, fp, fn, self.total - predicted - fn)
        return values | {name: number(max(count, 0.0)) for name, count in zip(_COUNTS, counts, strict=True)}


def thresholds(report: Report, cost_ratio: float | None = None) -> Markup:
    """The slider; nothing unless the report has histograms of the scores of binary columns.

    Args:
        report: the report.
        cost_ratio: how many false positives cost as much as one false negative; None leaves it to the reader.
    """
    if report.curves is None or not report.curves.thresholds:
        return Markup("")
    values, columns = _read(report)
    first = columns[0]
    data = [[c.tp.tolist(), c.predicted.tolist(), c.support, c.total, c.now] for c in columns]
    parts = [
        element(
            "p",
            "Yes is a score above the threshold. Move it to see what it costs and what it brings; a threshold "
            "chosen on these data is optimistic, so confirm it on others.",
        ),
        element("div", *_controls(columns, first, values, cost_ratio), class_="controls"),
        element("output", _sentence(first, values), class_="said"),
        element("div", _chart(first, values), _table(first), class_="panels"),
    ]
    named = {"data_thresholds": _plain(values.tolist()), "data_columns": _plain(data)}
    return element("section", element("h2", "Threshold"), *parts, class_="thresholds", **named)


def _read(report: Report) -> tuple[np.ndarray, list[Column]]:
    """The thresholds, and the columns, those first to which another threshold brings most."""
    curves = report.curves
    assert curves is not None
    d = curves.distribution
    right = np.clip(np.searchsorted(d.thresholds, _WANTED), 1, len(d.edges) - 1)
    places = np.unique(right - (np.array(_WANTED) - d.thresholds[right - 1] < d.thresholds[right] - _WANTED))
    counts = [field.numpy() for field in d.histogram.counts()]
    names = sorted(curves.thresholds, key=lambda name: -curves.thresholds[name].gain)[:_MOST_COLUMNS]
    return d.thresholds[places], [_column(report, name, curves.columns[name], places, counts) for name in names]


def _column(report: Report, name: str, row: int, places: np.ndarray, counts: list[np.ndarray]) -> Column:
    tp, predicted, support, total = (field[:, row] for field in counts)
    reported = [float(field.numpy()[report.class_names.index(name)]) for field in report.counts[:2]]
    away = np.abs(tp[places] - reported[0]) + np.abs(predicted[places] - reported[1])
    nearest = int(np.argmin(away + 1e-9 * np.abs(np.arange(len(places)) - len(places) / 2)))
    return Column(name, tp[places], predicted[places], float(support[0]), float(total[0]), nearest)


def _controls(columns: list[Column], first: Column, values: np.ndarray, cost_ratio: float | None) -> list[Markup]:
    options = (element("option", column.name, value=place) for place, column in enumerate(columns))
    choose = [element("label", "Column ", element("select", *options, name="column"))] if len(columns) > 1 else []
    slider = _void("input", type="range", name="threshold", min=0, max=len(values) - 1, value=first.now, step=1)
    ratio = None if cost_ratio is None else f"{cost_ratio:g}"
    cost = _void("input", type="number", name="ratio", min=0, step="any", value=ratio, placeholder="–")
    return [
        *choose,
        element("label", "Threshold ", slider, class_="slide"),
        element("label", "A miss costs as much as ", cost, " false alarms"),
        element("span", *(element("button", said, type="button", name=said) for said in _BUTTONS), class_="buttons"),
    ]


_BUTTONS = ("as reported", "best F1", "least cost")


def _void(tag: str, **attributes: Any) -> Markup:
    """An element without content or end."""
    return Markup(element(tag, **attributes).removesuffix(f"</{tag}>"))


def _sentence(column: Column, values: np.ndarray) -> str:
    at = column.at(column.now)
    return f"{values[column.now]:.3g}: " + ", ".join(f"{name} {at[name]}" for name in _SCORES)


def _table(column: Column) -> Markup:
    rows = (
        element("tr", element("th", name, scope="row"), element("td", value, data_name=name))
        for name, value in column.at(column.now).items()
    )
    cost = element("tr", element("th", "cost, in false alarms", scope="row"), element("td", "–", data_name="cost"))
    return element("table", element("tbody", *rows, cost), class_="plain")


def _chart(column: Column, values: np.ndarray) -> Markup:
    """Precision, recall and F1 over the threshold, and a line at the chosen one."""
    axes = Axes([0, 0.25, 0.5, 0.75, 1], [0, 0.25, 0.5, 0.75, 1], "threshold")
    at = [column.at(place) for place in range(len(values))]
    paths = [
        axes.curve(
            [(x, float(row[name])) for x, row in zip(values.tolist(), at, strict=True) if row[name] != "–"], kind
        )
        for name, kind in _SCORES.items()
    ]
    now = line(values[column.now], 0, values[column.now], 1, "now")
    keys = (element("span", element("span", class_=f"key {kind}"), name, " ") for name, kind in _SCORES.items())
    drawn = chart("Precision, recall and F1 over the threshold", *axes.marks(), stretched(*paths), now)
    return element("figure", element("figcaption", *keys), drawn, class_="curve")


def _share(part: float, whole: float) -> str:
    return f"{part / whole:.3f}" if whole > 0 else "–"


def _plain(values: list[Any]) -> str:
    """JSON of numbers, short."""
    return json.dumps(_rounded(values), separators=(",", ":"))


def _rounded(value: Any) -> Any:
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return int(value) if float(value).is_integer() else float(f"{value:.6g}")
