"""Charts as inline SVG, whose texts and strokes keep their size at every width of the page.

Coordinates of marks and texts are percentages. Lines and areas of many points are in an inner drawing of the size 1 x 1
that is stretched to the chart, with strokes that are not scaled.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from fmnist_tf.report.html.elements import Markup, element, line, percent

_FEW = 12  # ticks up to which each epoch has one
Point = tuple[float, float]


class Axes(NamedTuple):
    """The ranges of a chart.

    Attributes:
        x: ticks of the horizontal axis, rising; the chart reaches from the first to the last.
        y: likewise of the vertical axis.
        x_name: what the horizontal axis shows.
        decimals: of the numbers beside the vertical axis.
    """

    x: Sequence[float]
    y: Sequence[float]
    x_name: str = ""
    decimals: int | None = None

    def place(self, x: float, y: float) -> Point:
        """Shares of width and height, from the left and from the top."""
        return (x - self.x[0]) / (self.x[-1] - self.x[0]), (self.y[-1] - y) / (self.y[-1] - self.y[0])

    def marks(self) -> list[Markup]:
        """Grid lines and the numbers of both axes."""
        heights = [mark for y in self.y for mark in self._height(y)]
        steps = [self._step(x) for x in self.x]
        name = element("text", self.x_name, x="100%", y="100%", dy="36", text_anchor="end", class_="axis")
        return [*heights, *steps, *([name] if self.x_name else [])]

    def _height(self, y: float) -> list[Markup]:
        place = self.place(self.x[0], y)[1]
        written = f"{y:g}" if self.decimals is None else f"{y:.{self.decimals}f}"
        text = element("text", written, x=0, y=percent(place), dx="-8", dy="4", text_anchor="end")
        return [line(0, place, 1, place, "grid"), text]

    def _step(self, x: float) -> Markup:
        return element(
            "text", f"{x:g}", x=percent(self.place(x, self.y[0])[0]), y="100%", dy="20", text_anchor="middle"
        )

    def curve(self, points: Iterable[Point], kind: str | None = None, title: str | None = None) -> Markup:
        """A line through points."""
        return self._path(points, "", kind, title)

    def area(self, points: Iterable[Point], kind: str | None = None) -> Markup:
        """A filled area with these corners."""
        return self._path(points, "Z", kind, None)

    def _path(self, points: Iterable[Point], end: str, kind: str | None, title: str | None) -> Markup:
        places = (self.place(*point) for point in points)
        d = "L".join(f"{_short(x)} {_short(y)}" for x, y in places)
        titles = [] if title is None else [element("title", title)]
        return element("path", *titles, d=f"M{d}{end}", class_=kind)


def stretched(*paths: Markup) -> Markup:
    """An inner drawing of the size 1 x 1 that fills the chart."""
    return element("svg", *paths, viewBox="0 0 1 1", preserveAspectRatio="none", width="100%", height="100%")


def chart(label: str, *content: Any, kind: str = "chart", **attributes: Any) -> Markup:
    """A chart with a text for people who cannot see it."""
    return element("svg", *content, role="img", aria_label=label, class_=kind, **attributes)


def ticks(low: float, high: float, least: float) -> list[float]:
    """From three to six round numbers around low and high, `least` or more apart."""
    span = max(high - low, 2 * least)
    scale = 10.0 ** math.floor(math.log10(span / 4))
    step = max(least, next(scale * factor for factor in (1, 2, 5, 10) if span / (scale * factor) <= 4))
    start, end = math.floor(low / step), math.ceil(high / step)
    return [round(index * step, 9) for index in range(start, max(end, start + 1) + 1)]


def score_ticks(low: float, high: float) -> list[float]:
    """Ticks around values of a score, which lies between 0 and 1 if these do."""
    found = ticks(low, high, 0.01)
    inside = [tick for tick in found if (tick >= 0 or low < 0) and (tick <= 1 or high > 1)]
    return inside if len(inside) > 1 else found


def epoch_ticks(first: int, last: int) -> list[float]:
    """Every epoch if they are few, else evenly spaced ones, with the first and the last."""
    if last - first < _FEW:
        return [float(epoch) for epoch in range(first, max(last, first + 1) + 1)]
    step = next(s * 10**power for power in range(9) for s in (1, 2, 5) if (last - first) / (s * 10**power) <= 8)
    inner = [tick for tick in range(step, last, step) if tick - first > step / 2 and last - tick > step / 2]
    return [float(first), *map(float, inner), float(last)]


def _short(share: float) -> str:
    return f"{share:.4f}".rstrip("0").rstrip(".") or "0"
