"""Elements of a page. Class names and titles are not trusted: `element` escapes all text that is not `Markup`."""

import unicodedata
from collections.abc import Iterable
from html import escape
from typing import Any

_FIRST_STRONG_ISOLATE, _POP_ISOLATE = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"


class Markup(str):
    """HTML; any other string is text."""


def element(tag: str, *children: Any, **attributes: Any) -> Markup:
    """An element; children that are not `Markup` and all attributes are escaped, attributes that are None left out."""
    named = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items() if value is not None}
    written = "".join(f' {name}="{escape(str(value))}"' for name, value in named.items())
    return Markup(f"<{tag}{written}>{join(children)}</{tag}>")


def isolate(name: str) -> Markup:
    """A name of any script, isolated so that its direction does not affect the text around it."""
    return element("bdi", name)


def isolated_text(name: str) -> str:
    """The same for places that take text alone, such as titles: marks around a name written from right to left."""
    rightward = any(unicodedata.bidirectional(character) in ("R", "AL") for character in name)
    return f"{_FIRST_STRONG_ISOLATE}{name}{_POP_ISOLATE}" if rightward else name


def join(children: Iterable[Any]) -> Markup:
    """One after the other, escaped where they are text."""
    return Markup("".join(child if isinstance(child, Markup) else escape(str(child)) for child in children))


def line(x1: float, y1: float, x2: float, y2: float, kind: str | None = None) -> Markup:
    """A line of a drawing; coordinates are shares of the width and the height."""
    places = {"x1": x1, "y1": y1, "x2": x2, "y2": y2}
    return element("line", **{name: percent(place) for name, place in places.items()}, class_=kind)


def dot(x: float, y: float, kind: str | None = None, text: str | None = None, *, radius: float = 3) -> Markup:
    """A dot of a drawing, with a text to hover."""
    titles = [] if text is None else [element("title", text)]
    return element("circle", *titles, cx=percent(x), cy=percent(y), r=radius, class_=kind)


def percent(share: float) -> str:
    """A share as a length of CSS and SVG."""
    return f"{100 * share:.2f}%"
