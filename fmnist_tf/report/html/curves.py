"""The part of a page on scores of single classes: ROC, precision-recall, reliability, and a table of AUROC and AP."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from fmnist_tf.intervals import wilson
from fmnist_tf.report import Report
from fmnist_tf.report.curves import CurveBlock, CurveScore
from fmnist_tf.report.html.drawing import Axes, Point, chart, stretched
from fmnist_tf.report.html.elements import Markup, dot, element, isolate, line

_MOST_DRAWN = 12
_MOST_POINTS = 120
_BINS = 10
_SHARES = (0, 0.25, 0.5, 0.75, 1)
_AXES = {
    "ROC": Axes(_SHARES, _SHARES, "false positive rate"),
    "Precision and recall": Axes(_SHARES, _SHARES, "recall"),
    "Reliability": Axes(_SHARES, _SHARES, "mean score"),
}
_WHAT = {
    "ROC": "True positive rate over the false positive rate.",
    "Precision and recall": "Precision over recall.",
    "Reliability": "Share that is truly of the class, over the mean score of a bin, with its interval.",
}


class Rates(NamedTuple):
    """Both curves of every column of a histogram, each (C, edges)."""

    fpr: np.ndarray
    tpr: np.ndarray
    precision: np.ndarray
    recall: np.ndarray


def curves(report: Report) -> Markup:
    """Charts and table; nothing where the report has no histogram of scores."""
    if report.curves is None:
        return Markup("")
    block = report.curves
    drawn = _most_interesting(block)
    figures = element("div", *_figures(report, block, drawn), class_="panels three")
    note = _note(block, drawn)
    title = "Scores of each class" if len(block.class_names) > 1 else "Curves"
    parts = [element("p", note), *_choice(drawn), figures, *([_table(block)] if len(block.class_names) > 1 else [])]
    return element("section", element("h2", title), *parts, class_="classes-at-thresholds")


def _most_interesting(block: CurveBlock) -> list[str]:
    """All classes if they are few, else those with the lowest AUROC."""
    names = list(block.class_names)
    if len(names) <= _MOST_DRAWN:
        return names
    auroc = {name: block.classes[name]["auroc"].cell.value for name in names}
    return sorted(names, key=lambda name: (np.isnan(auroc[name]), auroc[name]))[:_MOST_DRAWN]


def _note(block: CurveBlock, drawn: list[str]) -> str:
    if len(block.class_names) == 1:
        return f"Curves of {block.class_names[0]}; the dot is the threshold of the report."
    some = "" if len(drawn) == len(block.class_names) else f", of the {len(drawn)} classes with the lowest AUROC"
    return f"Each class against the rest, a line a class{some}. Choose one to see it alone; its dot is the report."


def _choice(drawn: list[str]) -> list[Markup]:
    if len(drawn) == 1:
        return []
    options = (element("option", name, value=place) for place, name in enumerate(drawn))
    every = element("option", "all classes", value="")
    return [element("label", "Class ", element("select", every, *options, name="class"), class_="find")]


def _figures(report: Report, block: CurveBlock, drawn: list[str]) -> Iterator[Markup]:
    d = block.distribution
    rates = Rates(*d.roc(), *d.precision_recall())
    groups: dict[str, list[Markup]] = {title: [] for title in _AXES}
    several = len(drawn) > 1
    for place, name in enumerate(drawn):
        row = block.columns[name]
        points = _operating_points(report, name)
        groups["ROC"].append(_group(place, _AXES["ROC"], _thinned(rates.fpr[row], rates.tpr[row]), name, points["ROC"]))
        both = _thinned(rates.recall[row], rates.precision[row])
        groups["Precision and recall"].append(
            _group(place, _AXES["Precision and recall"], both, name, points["Precision and recall"])
        )
        # Of several classes those of all together are shown until one is chosen: whiskers of many cannot be told apart.
        groups["Reliability"].append(_reliability(str(place), d.weights[row], d.thresholds, hidden=several))
    if several:
        groups["Reliability"].append(_reliability("", d.weights.sum(axis=0), d.thresholds))
    for title, axes in _AXES.items():
        guide = [] if title == "Precision and recall" else [line(0, 1, 1, 0, "guide")]
        lines = element("g", *groups[title], class_="lines many" if several and title != "Reliability" else "lines")
        drawing = chart(f"{title}. {_WHAT[title]}", *axes.marks(), *guide, lines)
        caption = element("figcaption", element("strong", title), element("p", _WHAT[title]))
        yield element("figure", caption, drawing, class_="curve")


def _group(place: int, axes: Axes, points: list[Point], name: str, now: Point | None) -> Markup:
    mark = [] if now is None else [dot(*axes.place(*now), "first", f"{name}, as reported", radius=4)]
    path = [stretched(axes.curve(points, "first", name))] if points else []
    return element("g", *path, *mark, data_class=place)


def _thinned(x: np.ndarray, y: np.ndarray) -> list[Point]:
    """At most so many points of a curve, evenly spaced along it."""
    known = np.isfinite(x) & np.isfinite(y)
    x, y = x[known], y[known]
    if not len(x):
        return []
    along = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y)))])
    wanted = np.linspace(0.0, along[-1], _MOST_POINTS)
    places = np.unique(np.concatenate([[0, len(x) - 1], np.clip(np.searchsorted(along, wanted), 0, len(x) - 1)]))
    return [(float(x[place]), float(y[place])) for place in places]


def _operating_points(report: Report, name: str) -> dict[str, Point | None]:
    """Where the counts of the report lie on the curves."""
    row = report.class_names.index(name)
    tp, predicted, support, total = (float(field.numpy()[row]) for field in report.counts)
    recall = tp / support if support else None
    rest = total - support
    roc = None if recall is None or not rest else ((predicted - tp) / rest, recall)
    precision = None if recall is None or not predicted else (recall, tp / predicted)
    return {"ROC": roc, "Precision and recall": precision}


def _reliability(place: str, weights: np.ndarray, thresholds: np.ndarray, *, hidden: bool = False) -> Markup:
    """Ten bins of scores: the share of positives with its interval, over the mean score."""
    axes = _AXES["Reliability"]
    edges = np.clip(thresholds, 0.0, 1.0)
    middle = (edges[1:] + edges[:-1]) / 2
    bins = np.minimum((middle * _BINS).astype(int), _BINS - 1)
    total = np.bincount(bins, weights.sum(axis=1), _BINS)
    positives = np.bincount(bins, weights[:, 1], _BINS)
    scores = np.bincount(bins, weights.sum(axis=1) * middle, _BINS)
    filled = np.flatnonzero(total)
    low, high = wilson(positives[filled], total[filled])
    points = [(float(scores[b] / total[b]), float(positives[b] / total[b])) for b in filled]
    kind = "first"
    marks = [_whisker(axes, x, ends, kind) for (x, _), ends in zip(points, zip(low, high, strict=True), strict=True)]
    marks += [
        dot(*axes.place(x, y), kind, f"score {x:.3f}: {y:.3f} of {total[b]:,.6g}")
        for (x, y), b in zip(points, filled, strict=True)
    ]
    path = [stretched(axes.curve(points, kind))] if points else []
    return element("g", *path, *marks, data_class=place, hidden="" if hidden else None)


def _whisker(axes: Axes, x: float, ends: tuple[float, float], kind: str) -> Markup:
    (left, bottom), (_, top) = axes.place(x, ends[0]), axes.place(x, ends[1])
    return line(left, bottom, left, top, f"whisker {kind}")


def _table(block: CurveBlock) -> Markup:
    """AUROC and average precision of every class, with intervals."""
    heads = (
        element("th", element("button", said, type="button"), scope="col", aria_sort="none")
        for said in ("class", "AUROC", "average precision")
    )
    rows = (
        element("tr", element("th", isolate(name), scope="row"), *map(_cell, scores.values()))
        for name, scores in block.classes.items()
    )
    mean = element("tr", element("th", "mean", scope="row"), *map(_cell, block.macro.values()))
    parts = element("thead", element("tr", *heads)), element("tbody", *rows), element("tfoot", mean)
    table = element("table", *parts, class_="scores two")
    return element("div", table, class_="scroll long" if len(block.class_names) > 30 else "scroll")


def _cell(score: CurveScore) -> Markup:
    value, low, high = score.cell.to_dict().values()
    written = "–" if value is None else f"{value:.3f}"
    interval = [] if low is None or high is None else [" ", element("small", f"[{low:.3f}, {high:.3f}]")]
    return element("td", written, *interval, data_value="" if value is None else repr(value))
