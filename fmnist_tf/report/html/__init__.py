"""A report as one HTML page that needs nothing else: no network, no fonts, no other scripts.

`page.html`, `page.css` and `page.js` beside this module are the frame; each of the other modules makes one part.
"""

import os
from collections.abc import Mapping
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template

from fmnist_tf.files import atomic_write
from fmnist_tf.report import Report
from fmnist_tf.report.html.confusion import confusion
from fmnist_tf.report.html.elements import Markup, join
from fmnist_tf.report.html.gallery import Gallery, mistakes, suspects
from fmnist_tf.report.html.history import Numbers, curve
from fmnist_tf.report.html.scores import classes, curve_scores, headline, summary

__all__ = ["Gallery", "report_page", "write_page"]


def report_page(
    report: Report,
    history: Mapping[str, Numbers] | None = None,
    title: str = "Classification report",
    *,
    wrong: Gallery | None = None,
    suspect: Gallery | None = None,
) -> str:
    """One self-contained HTML page: scores with intervals, classes, confusion matrix, most confused pairs, curve.

    Args:
        report: what the page shows.
        history: name -> one value an epoch, None or NaN where there is none; "val_macro_f1" and "macro_f1" are drawn.
        title: the heading.
        wrong: mistakes with their images; a click on a cell of the matrix shows those of the cell.
        suspect: training labels that are probably wrong, with their images.

    Returns:
        The page, to be written as UTF-8. With more than 30 classes the matrix shows the 24 with the most errors and the
        sum of the others; the table shows all, with a search field.

    Example:
        >>> page = report_page(Report([[8, 2], [1, 9]], ["cat", "dog"]))
        >>> "cat predicted as dog: 2 of 10" in page
        True
    """
    parts = [
        headline(report),
        curve_scores(report),
        classes(report),
        confusion(report),
        mistakes(report, wrong),
        suspects(suspect, report.class_names),
        curve(history or {}),
    ]
    return frame_page(title, summary(report), join(parts))


def frame_page(title: str, summary: Markup, main: Markup) -> str:
    """A page of these parts, with the style and the script that all pages share."""
    words = {"title": escape(title), "summary": summary, "main": main}
    return Template(_read("page.html")).substitute(words, style=_read("page.css"), script=_read("page.js"))


def _read(name: str) -> str:
    return files(__name__).joinpath(name).read_text(encoding="utf-8")


def write_page(path: str | os.PathLike[str], page: str) -> None:
    """Writes a page, whole or not at all."""
    with atomic_write(Path(path)) as draft:
        draft.write_text(page, encoding="utf-8", newline="")
