"""The part of a comparison page on samples that changed: how many of each class were fixed or broken, and their images.

A click on a number of the table leaves the images of that class and kind. Of each as many are shown as keep the page
small.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np

from fmnist_tf.report import Comparison
from fmnist_tf.report.cells import number
from fmnist_tf.report.html.elements import Markup, element, isolate, join
from fmnist_tf.report.html.thumbnails import fitting, thumbnail

_MANY = 30
_IMAGE_BYTES = 1_200_000  # of all images, with their captions
_KINDS = ("fixed", "broken")
_HEADS = ("class", *_KINDS, "p (Holm)")
_TEXT = "Fixed: the first was wrong, the second is right. Broken: the other way round. p is "
_OF_SAMPLES, _OF_GROUPS = "McNemar's exact test.", "the exact sign test of the groups."


def flips(comparison: Comparison, images: Any = None) -> Markup:
    """The table of the classes that have any, and the images; nothing where the predictions are not paired.

    Args:
        comparison: what the page shows.
        images: `images[id]` is the image of a row; None without images.
    """
    if not comparison.paired:
        return Markup("")
    rows = [row for row in comparison.flips if row["fixed"] + row["broken"]]
    if not rows:
        return element("section", element("h2", "Flips"), element("p", "None."))
    grouped = comparison.pairs is not None and comparison.pairs.groups is not None
    text = element("p", _TEXT, _OF_GROUPS if grouped else _OF_SAMPLES)
    parts = [element("h2", "Flips"), text, _table(comparison, rows)]
    return join([element("section", *parts, id="flips"), _gallery(comparison, images)])


def _table(comparison: Comparison, rows: list[Any]) -> Markup:
    button = (element("button", said, type="button") for said in _HEADS)
    head = element("tr", *(element("th", one, scope="col", aria_sort="none") for one in button))
    ids = dict(zip(comparison.a.reported_names, comparison.a.reported, strict=True))
    body = element("tbody", *(_row(row, ids[str(row["class"])]) for row in rows))
    table = element("table", element("thead", head), body, class_="scores two")
    return element("div", table, class_="scroll long" if len(rows) > _MANY else "scroll")


def _row(row: Any, class_id: int) -> Markup:
    """The numbers name the images that belong to them."""
    counts = (
        element("td", number(int(row[kind])), data_value=int(row[kind]), data_cell=f"{class_id} {kind}")
        for kind in _KINDS
    )
    p = element("td", f"{row['p_holm']:.3g}", data_value=repr(float(row["p_holm"])))
    return element("tr", element("th", isolate(str(row["class"])), scope="row"), *counts, p)


def _gallery(comparison: Comparison, images: Any) -> Markup:
    rows = [row for row in comparison.flipped if row["class_id"] in comparison.a.reported]
    known = [] if images is None else [row for row in rows if _has(images, int(row["id"]))]
    if not known:
        return Markup("")
    cards = _by_class(comparison, known, images)
    said = f"{len(rows):,} fixed and broken samples" + (f", {len(cards):,} shown" if len(cards) < len(rows) else "")
    how = "Click a number of the table for the samples of that class."
    button = element("button", "show all", type="button", hidden="")
    chosen = element("p", element("span", said, aria_live="polite"), Markup(" "), button)
    heads = [element("h2", "Fixed and broken samples"), element("p", how, class_="how", hidden=""), chosen]
    return element("section", *heads, element("div", *cards, class_="images"), class_="gallery", id="flipped")


def _has(images: Any, row_id: int) -> bool:
    return row_id in images if isinstance(images, dict) else 0 <= row_id < len(images)


def _by_class(comparison: Comparison, rows: list[Any], images: Any) -> list[Markup]:
    """As many cards as fit, taken in turn from every class and kind, then in the order of classes, the fixed first."""
    fitted = _in_turn(rows)
    cards = fitting((_card(comparison, row, images) for row in fitted), _IMAGE_BYTES)
    pairs = zip(fitted, cards, strict=False)
    return [card for _, card in sorted(pairs, key=lambda pair: (pair[0]["class_id"], not pair[0]["fixed"]))]


def _in_turn(rows: list[Any]) -> list[Any]:
    """The first of every class and kind, then the second of each, ...: a prefix has as many of each as there are."""
    before: Counter[Any] = Counter()
    turns = []
    for row in rows:
        cell = int(row["class_id"]), bool(row["fixed"])
        turns.append(before[cell])
        before[cell] += 1
    return [rows[place] for place in np.argsort(turns, kind="stable")]


def _card(comparison: Comparison, row: Any, images: Any) -> Markup:
    kind = "fixed" if row["fixed"] else "broken"
    words = [element("b", isolate(comparison.a.class_names[row["class_id"]])), *_words(comparison, row, kind)]
    caption = element("figcaption", *words, element("small", f"id {row['id']}"))
    return element("figure", thumbnail(images, row["id"]), caption, data_cell=f"{row['class_id']} {kind}")


def _words(comparison: Comparison, row: Any, kind: str) -> Iterator[Markup]:
    """Which kind, and what both models predicted."""
    names = comparison.a.class_names if comparison.a.multiclass else ("no", "yes")
    yield element("span", kind, class_=kind)
    yield element("span", isolate(names[row["a"]]), ", then ", isolate(names[row["b"]]))
