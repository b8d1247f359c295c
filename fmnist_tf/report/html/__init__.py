"""A report as one HTML page that needs nothing else: no network, no fonts, no other scripts.

`page.html`, `page.css` and `page.js` beside this module are the frame; each of the other modules makes one part.
"""

import os
from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from fmnist_tf.files import atomic_write
from fmnist_tf.report import Comparison, Report
from fmnist_tf.report.html.comparison import comparison_parts
from fmnist_tf.report.html.confusion import confusion
from fmnist_tf.report.html.curves import curves
from fmnist_tf.report.html.decision import about, epoch_line, training_of
from fmnist_tf.report.html.elements import Markup, join
from fmnist_tf.report.html.gallery import Gallery, mistakes, suspects
from fmnist_tf.report.html.history import Numbers, Training, curve
from fmnist_tf.report.html.scores import classes, curve_scores, headline, summary
from fmnist_tf.report.html.slices import slices
from fmnist_tf.report.html.thresholds import thresholds
from fmnist_tf.report.run_folder import Info, Record

__all__ = ["Gallery", "comparison_page", "report_page", "run_page", "training_of", "write_page"]


def report_page(
    report: Report,
    history: Mapping[str, Numbers] | None = None,
    title: str = "Classification report",
    *,
    training: Training | None = None,
    cost_ratio: float | None = None,
    wrong: Gallery | None = None,
    suspect: Gallery | None = None,
) -> str:
    """One self-contained HTML page: what a person needs to decide about a model.

    Scores with intervals, learning curves, classes, confusion matrix, most confused pairs; with histograms of scores
    also ROC, precision-recall and reliability curves, and for binary columns a slider for the threshold; slices.

    Args:
        report: what the page shows.
        history: name -> one value an epoch, None or NaN where there is none; "val_macro_f1", "macro_f1" and losses are
            drawn. `training` holds it already.
        title: the heading.
        training: what is known of the training.
        cost_ratio: how many false positives cost as much as one false negative, for the slider; None leaves it open.
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
    training = training or Training(history or {})
    parts = [
        headline(report),
        curve_scores(report),
        curve(training),
        classes(report),
        thresholds(report, cost_ratio),
        confusion(report),
        mistakes(report, wrong),
        curves(report),
        slices(report),
        suspects(suspect, report.class_names),
        about(training),
    ]
    return frame_page(title, join([*epoch_line(training), summary(report)]), join(parts))


def run_page(
    report: Report,
    record: Record,
    info: Info,
    title: str,
    *,
    cost_ratio: float | None = None,
    wrong: Gallery | None = None,
    suspect: Gallery | None = None,
) -> str:
    """The page of a run folder.

    Args:
        report: what the page shows.
        record: history and intervals of the run.
        info: the content of its run.json.
        title: the heading, such as the name of the folder; bytes that are not UTF-8 are replaced.
        cost_ratio: how many false positives cost as much as one false negative, for the slider.
        wrong: mistakes with their images.
        suspect: training labels that are probably wrong, with their images.
    """
    title = os.fsencode(title).decode("utf-8", "replace")
    training = training_of(report, record, info)
    return report_page(report, title=title, training=training, cost_ratio=cost_ratio, wrong=wrong, suspect=suspect)


def comparison_page(
    comparison: Comparison, title: str = "Comparison", *, trainings: Sequence[Training] = (), images: Any = None
) -> str:
    """One self-contained HTML page of a comparison: differences with intervals, classes, flips, both learning curves.

    Args:
        comparison: what the page shows.
        title: the heading.
        trainings: what is known of the trainings of a and b.
        images: `images[id]` is the image of a row, of which those that were fixed or broken are shown: an array of the
            set, (N, height, width) or (N, height, width, 1 or 3), from 0 to 255 or from 0 to 1; or a dict of some.

    Example:
        >>> page = comparison_page(Comparison(Report([[50, 50], [10, 90]]), Report([[95, 5], [10, 90]])))
        >>> "F1 of 2 of 2 classes changed beyond chance." in page
        True
    """
    return frame_page(title, *comparison_parts(comparison, trainings, images))


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
