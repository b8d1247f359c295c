"""The command `score`: arguments -> the report of files -> its output format."""

import sys
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console

from fmnist_tf.files import to_csv, to_json
from fmnist_tf.files.tables import Reading
from fmnist_tf.files.tables.dialect import read_lines
from fmnist_tf.report import Comparison, Report
from fmnist_tf.report.from_files import Options, Request, score_files, sort_classes

_FIELDS = ("group", "name", "score", "value", "low", "high", "support")
_PATIENCE = 1.0  # seconds before the number of rows is shown


def score(arguments: Namespace) -> Report:
    """The report of the arguments of `fmnist-tf score`.

    Raises:
        ValueError: as `score_files`.
        ImportError: a format needs pyarrow.
    """
    names = None if arguments.classes is None else tuple(read_lines(arguments.classes))
    if names is not None and len(names) < 2:
        raise ValueError(f"{arguments.classes}: class names must be 2 or more, got {len(names)}")
    one_table = arguments.label is not None
    header = True if one_table and arguments.header is None else arguments.header
    # In one table columns are chosen by name, so that an index column does not matter.
    by = tuple(dict.fromkeys(arguments.by or ()))
    reading = Reading(header=header, drop_index=None if one_table else arguments.drop_index, groups=by)
    request = Request(
        tuple(arguments.files),
        arguments.label,
        arguments.pred,
        arguments.scores,
        arguments.weight,
        by,
        readings=(reading, reading),
    )
    options = Options(names, arguments.threshold, arguments.from_logits, arguments.level)
    with _progress() as progress:
        report = score_files(request, options, progress)
    return report if arguments.sort is None else sort_classes(report, arguments.sort)


@contextmanager
def _progress() -> Iterator[Callable[[int], None] | None]:
    """Shows the number of rows on a terminal if reading takes long."""
    if not sys.stderr.isatty():
        yield None
        return
    begin = time.monotonic()
    with Console(stderr=True).status("reading") as status:

        def show(rows: int) -> None:
            spent = time.monotonic() - begin
            if spent > _PATIENCE:
                status.update(f"{rows:,} rows, {rows / spent:,.0f} a second")

        yield show


def render(report: Report | Comparison, output_format: str) -> str:
    """The report as "text", "md", "json" or, not of a comparison, "csv"; of JSON and CSV notes go to stderr.

    Example:
        >>> print(render(Report([[8, 2], [1, 9]], ["cat", "dog"]), "csv").splitlines()[0])
        group,name,score,value,low,high,support
    """
    if isinstance(report, Report) and output_format in ("json", "csv") and report.note:
        print(f"fmnist-tf: note: {report.note}", file=sys.stderr)
    formats: dict[str, Callable[[], str]] = {
        "text": report.text,
        "md": report.markdown,
        "json": lambda: to_json(report.to_dict()).rstrip("\n"),
    }
    return _to_csv(report) if output_format == "csv" and isinstance(report, Report) else formats[output_format]()


def _to_csv(report: Report) -> str:
    """A line for each score."""
    return to_csv([_FIELDS, *_csv_rows(report.to_dict())]).rstrip("\n")


def _csv_rows(groups: dict[str, Any]) -> Iterator[list[Any]]:
    for group in ("overall", "macro", "weighted"):
        yield from _cells(group, "", groups[group])
    for name, cells in groups["classes"].items():
        yield from _cells("class", name, cells)
    for column, found in groups.get("by", {}).items():
        for value, row in found["values"].items():
            yield from _cells(f"by {column}", value, {**row["scores"], "support": row["support"]})


def _cells(group: str, name: str, cells: dict[str, Any]) -> Iterator[list[Any]]:
    support = cells.get("support", "")
    for score_name, cell in cells.items():
        if score_name != "support":
            yield [group, name, score_name, cell["value"], cell["low"], cell["high"], support]
