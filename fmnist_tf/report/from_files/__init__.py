"""Labels and predictions in files of any supported format -> the report of their matrix, piece by piece."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from fmnist_tf.curves.distribution import Distribution
from fmnist_tf.files.tables import Table, WiderColumn
from fmnist_tf.report.from_files.columns import Request, RowsDiffer, Source
from fmnist_tf.report.from_files.ids import score_ids
from fmnist_tf.report.from_files.options import Job, Options, Progress, Retry
from fmnist_tf.report.from_files.scores import score_scores
from fmnist_tf.report.report import Report

__all__ = ["Options", "Request", "score_files", "sort_classes"]


def score_files(request: Request, options: Options, progress: Progress | None = None) -> Report:
    """The report of labels and predictions in files; of scores with their curves.

    The files are read once, or again if a later row contradicts the first rows: a column of text holds fractions below
    integers, labels count from 1.

    Args:
        request: the files and their columns.
        options: the meaning of the numbers.
        progress: called with the number of rows counted so far.

    Returns:
        The report; its note tells how the files were read, if there was a choice.

    Raises:
        ValueError: the files cannot be read, do not fit each other, or hold rows that cannot be counted; one line that
            names the remedy.
    """
    while True:
        source = Source.open(request)
        try:
            return _score(Job(source, options, _doubts(source), progress))
        except WiderColumn as error:
            request = request.widen(error)
        except RowsDiffer as error:
            raise ValueError("; ".join([str(error), *_remedy(source.tables, error)])) from error
        except Retry as again:
            options = replace(options, **again.changes)


def _doubts(source: Source) -> list[str]:
    """A note where both files begin with the line 0, which is how pandas heads a column without a name."""
    if len(source.tables) == 2 and all(table.other_header and not table.headed for table in source.tables):
        return ["both files begin with the line 0, which is read as a row; --header takes it for a header"]
    return []


def _remedy(tables: Sequence[Table], error: RowsDiffer) -> list[str]:
    """The remedy if the files differ by one row, and the first line of one of them may be a header or a row."""
    longer = int(error.rows[1] > error.rows[0])
    if abs(error.rows[0] - error.rows[1]) != 1:
        return []
    for at, headed in ((longer, False), (1 - longer, True)):
        table, other = tables[at], tables[1 - at]
        if table.other_header and table.headed == headed:
            # The option holds for both files.
            fits = other.typed or other.headed != headed
            name, option = ("a row", "--no-header") if headed else ("a header", "--header")
            by_hand = f"write {'a header above it' if headed else 'a name in its place'}, such as label"
            return [f"if the first line of {table.path} is {name}, {f'pass {option}' if fits else by_hand}"]
    return []


def _score(job: Job) -> Report:
    """Scores predicted classes or scores, as the kind of the columns tells."""
    preds, asked = job.source.predictions, job.options
    if asked.from_logits and preds.kinds != {"float"} and preds.typed:
        raise ValueError(f"{preds.path} holds no logits but integers; leave out --from-logits")
    may_be_ids = preds.width == 1 and not (asked.threshold is not None or asked.from_logits or asked.as_scores)
    if may_be_ids and (preds.kinds != {"float"} or not preds.typed):
        return score_ids(job)
    if "text" in preds.kinds:
        name = next(column.name for column in preds.columns if column.kind == "text")
        raise ValueError(f"{preds.path}: scores must be numbers, column {name!r} holds text")
    return score_scores(job)


def sort_classes(report: Report, score: str) -> Report:
    """The same report with its classes in order of a score or of support, the lowest first.

    Args:
        report: of classes that exclude each other, or of columns.
        score: "support", or the name of a score such as "f1_score" or "recall".

    Returns:
        Another report.

    Raises:
        ValueError: there is no such score.

    Example:
        >>> list(sort_classes(Report([[8, 2], [0, 5]], ["cat", "dog"]), "support").support)
        ['dog', 'cat']
    """
    values = list(report.support.values()) if score == "support" else [c.value for c in report.class_cells(score)]
    order = np.argsort(np.nan_to_num(np.array(values, np.float64), nan=np.inf), kind="stable")
    found = _sort(report, order)
    found.slices = {
        name: {value: _sort(part, order) for value, part in parts.items()} for name, parts in report.slices.items()
    }
    return found


def _sort(report: Report, order: np.ndarray) -> Report:
    """The report with its classes in another order."""
    assert report.matrix is not None
    matrix = report.matrix[order]
    matrix = matrix[:, order] if matrix.ndim == 2 else matrix
    names = [report.class_names[k] for k in order]
    curves = _sort_curves(report.curves.distribution, order) if report.curves else None
    total = report.effective_total
    return Report(matrix, names, level=report.level, note=report.note, curves=curves, effective_total=total)


def _sort_curves(distribution: Distribution, order: np.ndarray) -> Distribution:
    """The histograms in another order; that of one column stays."""
    weights = distribution.weights
    return distribution if len(weights) == 1 else replace(distribution, weights=weights[order])
