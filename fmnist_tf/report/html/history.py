"""The part of a page that shows macro F1 from epoch to epoch."""

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from fmnist_tf.report.html.elements import Markup, dot, element, line, percent

CURVES = {"val_macro_f1": "validation", "macro_f1": "training"}

Numbers = Sequence[float | None]


def curve(history: Mapping[str, Numbers]) -> Markup:
    """A line of validation and one of training; nothing without either."""
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
    """Epoch, from 1, -> value or NaN; fewer values than epochs are of every k-th epoch."""
    values = history.get(key) or ()
    every = _num_epochs(history) // len(values) if values else 1
    return {(index + 1) * every: math.nan if value is None else value for index, value in enumerate(values)}


def _known(points: Mapping[int, float]) -> dict[int, float]:
    return {epoch: float(value) for epoch, value in points.items() if math.isfinite(value)}


def _plot(lines: Mapping[str, Mapping[int, float]]) -> Markup:
    """SVG without a view box: coordinates are percentages, so that text and strokes keep their size at every width."""
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
        marks += [line(*known[a], *known[b], kind) for a, b in sides]
        marks += [dot(*known[epoch], kind, f"{text}, epoch {epoch}: {points[epoch]:.4f}") for epoch in known]
    return element("svg", *marks, role="img", aria_label="Macro F1 per epoch")


def _ticks(low: float, high: float, least: float) -> list[float]:
    """From three to six round numbers around low and high, `least` or more apart."""
    span = max(high - low, 2 * least)
    scale = 10.0 ** math.floor(math.log10(span / 4))
    step = max(least, next(scale * factor for factor in (1, 2, 5, 10) if span / (scale * factor) <= 4))
    start, end = math.floor(low / step), math.ceil(high / step)
    return [round(index * step, 9) for index in range(start, max(end, start + 1) + 1)]


def _height_mark(value: float, y: float) -> list[Markup]:
    text = element("text", f"{value:g}", x=0, y=percent(y), dx="-8", dy="4", text_anchor="end")
    return [line(0, y, 1, y, "grid"), text]


def _epoch_mark(epoch: float, x: float) -> Markup:
    return element("text", f"{epoch:g}", x=percent(x), y="100%", dy="20", text_anchor="middle")
