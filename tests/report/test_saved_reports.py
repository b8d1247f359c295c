"""A report is made again from its arrays as it was, whatever it was made of."""

import numpy as np
import pytest

from fmnist_tf import CurveSet
from fmnist_tf.files import read_arrays, save_arrays
from fmnist_tf.report import Report
from fmnist_tf.report.run_folder.saved import report_arrays, saved_report
from support.catalogue import fed

NAMES = ["T-shirt/top", "plané", "猫"]
MATRIX = np.array([[80, 15, 5], [9, 70, 21], [0, 3, 97]])
COLUMNS = [[[188, 12], [20, 80]], [[150, 0], [0, 150]], [[290, 10], [0, 0]]]
P = np.random.default_rng(0).dirichlet(np.ones(3), 90)


def sliced():
    report = Report(MATRIX, NAMES)
    report.slices = {"site": {"north": Report(MATRIX // 2, NAMES), "other": Report(MATRIX - MATRIX // 2, NAMES)}}
    return report


REPORTS = {
    "matrix": lambda: Report(MATRIX, NAMES, note="a note", epoch=3),
    "columns": lambda: Report(COLUMNS, NAMES, level=0.9),
    "one column": lambda: Report(COLUMNS[:1], ["no", "yes"]),
    "two classes": lambda: Report(COLUMNS[0], ["no", "yes"]),
    "counts": lambda: Report(Report(MATRIX).counts, NAMES, zero_division=np.nan),
    "weights": lambda: Report(MATRIX * 0.3, NAMES, effective_total=250.5),
    "some classes": lambda: Report(MATRIX, NAMES, ignore_class=2, target_class_ids=(0,)),
    "curves": lambda: Report.from_predictions(np.arange(90) % 3, P, NAMES),
    "binary curves": lambda: Report.from_predictions(np.arange(90) % 2, P[:, 0]),
    "curves of columns": lambda: Report.from_predictions(np.eye(3)[np.arange(90) % 3], P, NAMES, threshold=0.5),
    "curves of logits": lambda: Report(
        COLUMNS, NAMES, curves=fed(CurveSet(multi_label=True, from_logits=True), np.eye(3), 9 * np.eye(3) - 4)
    ),
    "slices": sliced,
}


def saved(report, path):
    save_arrays(path, report_arrays(report))
    return saved_report(read_arrays(path.read_bytes()), report.class_names, report.note)


@pytest.mark.parametrize("kind", REPORTS)
def test_a_report_is_read_as_it_was_written(kind, tmp_path):
    report = REPORTS[kind]()
    again = saved(report, tmp_path / "report.npz")
    assert again.text() == report.text()
    assert again.to_dict() == report.to_dict() or "nan" in again.text()


def test_slices_keep_their_values(tmp_path):
    again = saved(sliced(), tmp_path / "report.npz")
    assert again.by("site").to_dict() == sliced().by("site").to_dict()


@pytest.mark.parametrize(
    ("name", "array", "told"),
    [
        ("curves/num_classes", np.array(10**9), "a histogram of 1000000000 classes .* is not what a run writes"),
        ("curves/places", np.array([10**9]), "shape mismatch"),
        ("curves/weights", np.array([-1.0]), "weights of 0 or more between rising edges"),
        ("curves/edges", np.zeros(3), "not what a run writes: IndexError"),
        ("matrix", np.full((3, 3), -1.0), "finite counts of zero or more"),
        ("reported", np.array(["a"]), "invalid literal"),
        ("level", np.array(2.0), r"`level` must lie between 0 and 1, got 2\.0"),
    ],
)
def test_arrays_that_no_report_has_are_refused(name, array, told):
    arrays = report_arrays(REPORTS["curves"]()) | {name: array}
    with pytest.raises(ValueError, match=told):
        saved_report(arrays, NAMES)
