"""The part of a page with images: the mistakes of each cell of the matrix, and labels that are probably wrong.

Thumbnails are files inside the page, so that it needs no others. Of each cell as many are shown as keep the page small.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from fmnist_tf.report.html.confusion import shown_classes
from fmnist_tf.report.html.elements import Markup, element, isolate
from fmnist_tf.report.html.thumbnails import fitting, thumbnail
from fmnist_tf.report.report import Report

#: Bytes of all images of mistakes, and of all suspects, with their captions.
_MISTAKE_BYTES, _SUSPECT_BYTES = 1_200_000, 400_000
_MOST_SUSPECTS = 200


class Gallery(NamedTuple):
    """Rows of a report and their images.

    Attributes:
        rows: structured array: mistakes with the fields id, label, predicted and confidence, such as
            `logger.mistakes("val", k=None)`; or suspects with id, label and margin, such as `ledger.suspects()`, and
            predicted where it is known.
        images: `images[id]` is the image of a row: an array of the whole set, (N, height, width) or (N, height, width,
            1 or 3), from 0 to 255 or from 0 to 1; or a dict of them.
        note: a sentence above the images; "" for none.
    """

    rows: np.ndarray
    images: Any
    note: str = ""


class _Mistake(NamedTuple):
    """One mistake: the row, the cell of the matrix that it is counted in, and the words for both classes."""

    row: np.void
    cell: tuple[int, int]
    true: str
    predicted: str


def mistakes(report: Report, gallery: Gallery | None) -> Markup:
    """The images of each cell of the matrix, the most confident first; nothing without images or a matrix."""
    if gallery is None or (report.multiclass and report.matrix is None):
        return Markup("")
    found = list(_mistakes(report, gallery.rows))
    cards = fitting((_mistake_card(one, gallery.images) for one in _in_turn(found)), _MISTAKE_BYTES)
    said = f"{len(found):,} mistakes" + (f", {len(cards):,} shown" if len(cards) < len(found) else "")
    how = "Click a cell of the matrix for its mistakes, the most confident first."
    button = element("button", "show all", type="button", hidden="")
    selected = element("p", element("span", said, aria_live="polite"), Markup(" "), button)
    heads = [element("h2", "Mistakes"), element("p", how, class_="how", hidden=""), selected]
    heads += [element("p", gallery.note)] if gallery.note else []
    return element("section", *heads, element("div", *cards, class_="images"), class_="gallery", id="mistakes")


def suspects(gallery: Gallery | None, class_names: Sequence[str]) -> Markup:
    """Labels that are probably wrong, with the prediction and the margin; nothing without any."""
    if gallery is None or not len(gallery.rows):
        return Markup("")
    rows = gallery.rows[:_MOST_SUSPECTS]
    cards = fitting((_suspect_card(row, gallery.images, class_names) for row in rows), _SUSPECT_BYTES)
    how = f"The {len(cards)} training labels with the lowest margin: over the run the model resisted them most."
    heads = [element("h2", "Labels to check"), element("p", how)]
    heads += [element("p", gallery.note)] if gallery.note else []
    return element("section", *heads, element("div", *cards, class_="images"), class_="gallery", id="suspects")


def _mistakes(report: Report, rows: np.ndarray) -> Iterator[_Mistake]:
    """The mistakes, the most confident first; a row of several columns has one for each wrong column."""
    names = report.class_names
    rows = rows[np.argsort(-rows["confidence"], kind="stable")]
    if rows["label"].ndim > 1:
        for row in rows:
            for column in np.flatnonzero(row["label"] != row["predicted"]):
                is_yes = bool(row["label"][column])
                words = [f"{names[column]}, {'yes' if side else 'no'}" for side in (is_yes, not is_yes)]
                yield _Mistake(row, (list(report.reported).index(int(column)), 1 if is_yes else 2), *words)
        return
    place = _places(report)
    for row in rows[rows["label"] != rows["predicted"]]:
        label, predicted = int(row["label"]), int(row["predicted"])
        yield _Mistake(row, (place[label], place[predicted]), names[label], names[predicted])


def _places(report: Report) -> dict[int, int]:
    """Class id -> its row and column in the matrix of the page, where the classes that are not shown share one."""
    shown = shown_classes(np.asarray(report.matrix)).tolist()
    places = dict.fromkeys(range(report.num_classes), len(shown))
    return places | {k: index for index, k in enumerate(shown)}


def _in_turn(found: Iterable[_Mistake]) -> list[_Mistake]:
    """The first of every cell, then the second of every cell, ...: a prefix has as many of each as there are."""
    before: Counter[tuple[int, int]] = Counter()
    turns = []
    for one in found:
        turns.append((before[one.cell], one))
        before[one.cell] += 1
    return [one for _, one in sorted(turns, key=lambda turn: turn[0])]


def _mistake_card(one: _Mistake, images: Any) -> Markup:
    words = [element("b", isolate(one.true)), element("span", "predicted ", isolate(one.predicted))]
    small = element("small", f"{100 * one.row['confidence']:.0f} %, id {one.row['id']}")
    cell = f"{one.cell[0]} {one.cell[1]}"
    return element("figure", thumbnail(images, one.row["id"]), element("figcaption", *words, small), data_cell=cell)


def _suspect_card(row: np.void, images: Any, class_names: Sequence[str]) -> Markup:
    words = [element("b", isolate(class_names[int(row["label"])]), "?")]
    if "predicted" in (row.dtype.names or ()):
        words.append(element("span", "predicted ", isolate(class_names[int(row["predicted"])])))
    small = element("small", f"margin {row['margin']:.1f}, id {row['id']}")
    return element("figure", thumbnail(images, row["id"]), element("figcaption", *words, small))
