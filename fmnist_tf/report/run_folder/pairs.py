"""Two run folders whose rows are of the same samples: their paired predictions."""

import numpy as np

from fmnist_tf.intervals import Paired
from fmnist_tf.report.report import Report
from fmnist_tf.report.run_folder.folder import ROWS, RunFolder

_FIELDS = ("id", "label", "predicted")


def pair_runs(a: RunFolder, b: RunFolder, reports: tuple[Report, Report]) -> Paired | None:
    """The predictions of both runs; None unless both kept them, of the same samples and of their reports.

    Raises:
        ValueError: a file of rows is not what a run writes.
    """
    of_a, of_b = _rows_of_report(a), _rows_of_report(b)
    if of_a is None or of_b is None or not all(np.array_equal(of_a[key], of_b[key]) for key in ("id", "label")):
        return None
    paired = _pair(of_a, of_b, reports[0])
    return paired if paired and paired.fits(*(report.matrix for report in reports)) else None


def _rows_of_report(folder: RunFolder) -> np.ndarray | None:
    """The rows of the set that is reported on, by id; None where none were kept, of columns, or if ids repeat."""
    rows = folder.read_rows().get(folder.read_info().dataset)
    if rows is None:
        return None
    if not (rows.ndim == 1 and rows.dtype.names and all(field in rows.dtype.names for field in _FIELDS)):
        raise ValueError(f"{folder.path / ROWS}: expected rows with {', '.join(_FIELDS)}, got {rows.dtype}")
    ids, order = np.unique(rows["id"], return_index=True)
    return rows[order] if len(ids) == len(rows) and rows["label"].ndim == 1 else None


def _pair(a: np.ndarray, b: np.ndarray, report: Report) -> Paired | None:
    if report.matrix is None or report.matrix.ndim != 2:
        return None
    return Paired(
        *(a["label"], a["predicted"], b["predicted"]),
        report.num_classes,
        zero_division=report.zero_division,
        classes=report.averaged if len(report.averaged) < report.num_classes else None,
    )
