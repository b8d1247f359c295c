"""Two run folders, compared sample by sample where their rows are of the same samples."""

import numpy as np

from fmnist_tf.intervals import Paired, Rules
from fmnist_tf.report.comparison import Comparison
from fmnist_tf.report.report import Report
from fmnist_tf.report.run_folder.folder import ROWS, RunFolder
from fmnist_tf.rows.pairs import are_pairs, pair_rows

_FIELDS = ("id", "label", "predicted")


def compare_runs(a: RunFolder, b: RunFolder, names: tuple[str, str]) -> Comparison:
    """The comparison of the reports of two runs: paired if both kept rows, of the same samples and of their reports.

    Args:
        a: the baseline.
        b: the run that is compared with it.
        names: the names of a and b.

    Raises:
        FileNotFoundError: one of them holds no finished epoch.
        ValueError: a file is not what a run writes, or the runs have different classes.
    """
    reports = a.read_report(), b.read_report()
    rows = _rows_of_report(a), _rows_of_report(b)
    if rows[0] is None or rows[1] is None or not are_pairs(rows[0], rows[1]):
        return Comparison(*reports, names)
    paired = _pair(rows[0], rows[1], reports[0])
    if not paired.fits(*(report.matrix for report in reports)):
        return Comparison(*reports, names)
    return Comparison(*reports, names, paired=paired, ids=rows[0]["id"])


def _rows_of_report(folder: RunFolder) -> np.ndarray | None:
    """The rows of the set that is reported on, in order of id; None where none were kept, or ids repeat."""
    rows = folder.read_rows().get(folder.read_info().dataset)
    if rows is None:
        return None
    if not (rows.ndim == 1 and rows.dtype.names and all(field in rows.dtype.names for field in _FIELDS)):
        raise ValueError(f"{folder.path / ROWS}: expected rows with {', '.join(_FIELDS)}, got {rows.dtype}")
    ids, order = np.unique(rows["id"], return_index=True)
    return rows[order] if len(ids) == len(rows) else None


def _pair(a: np.ndarray, b: np.ndarray, report: Report) -> Paired:
    columns, some = a["label"].ndim == 2, len(report.averaged) < report.num_classes
    classes = report.averaged if some else None
    rules = Rules(report.multiclass and not columns, report.zero_division, classes, report.source.binary)
    return pair_rows(a, b, a["label"].shape[1] if columns else report.num_classes, rules)
