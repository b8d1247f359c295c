"""Every row of the migration page gives the same value on both sides."""

import re
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np
import pytest

import fmnist_tf

sklearn = pytest.importorskip("sklearn.metrics")
PAGE = (Path(__file__).parents[2] / ".docs/migration.md").read_text(encoding="utf-8")

#: How far apart values may be that peers do not compute exactly: from 200 or 2,000 thresholds, in float32, clipped.
APPROXIMATE = {
    "AUC": 2e-3,
    "PrecisionAtRecall": 0.02,
    "RecallAtPrecision": 0.02,
    "SensitivityAtSpecificity": 0.02,
    "SpecificityAtSensitivity": 0.02,
}
#: Ours are values of a histogram, whose bounds hold the exact one.
HISTOGRAMS = ("AUROC", "AveragePrecision")


class Row(NamedTuple):
    """A row of a table: code of the other library and ours, and what it is checked against."""

    library: str
    data: str
    theirs: str
    ours: str
    reading: str
    reference: str


def rows():
    """All rows of the page."""
    library = data = None
    for line in PAGE.splitlines():
        if head := re.match(r"\| `(keras\.metrics|tfa\.metrics|torchmetrics\.classification|sklearn\.metrics)`", line):
            library = head[1]
        elif comment := re.match(r"<!-- data: (.*) -->", line):
            data = comment[1]
        elif line.startswith("| `"):
            theirs, ours, third = (re.findall(r"`([^`]*)`", cell) for cell in line.strip("|").split(" | "))
            yield Row(library, data, theirs[0], ours[0], "".join(ours[1:]), third[0] if third else "")


ROWS = list(rows())
NAMES = {"np": np, "range": range}
exec(re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)[1], NAMES)


def ours(row):
    """Our value, as float64."""
    metric = eval(row.ours, vars(fmnist_tf))
    metric.update_state(*eval(row.data, NAMES))
    return np.asarray(eval(f"metric{row.reading}") if row.reading else metric.result(), "float64")


def of_keras(row):
    """The value of Keras' own metric, of predictions as (N, 1) where its metric wants a column."""
    y_true, y_pred = eval(row.data, NAMES)
    if row.data == "yes, s":
        y_true, y_pred = y_true[:, None], y_pred[:, None]
    metric = eval(row.theirs, vars(keras.metrics))
    metric.update_state(y_true, y_pred)
    return np.asarray(metric.result(), "float64")


def of_sklearn(expression):
    """The value of an expression of scikit-learn's functions."""
    return np.asarray(eval(expression, vars(sklearn) | NAMES), "float64")


def tolerance(row):
    kind = row.theirs.partition("(")[0]
    if row.library == "keras.metrics":
        return APPROXIMATE.get(kind, 1e-6)
    return 2e-4 if row.ours.startswith(HISTOGRAMS) else 1e-6


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.UndefinedMetricWarning")
@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.library.split('.')[0]}-{row.theirs}")
def test_a_row_gives_one_value(row):
    if row.library == "keras.metrics":
        expected = of_keras(row)
    else:
        expected = of_sklearn(row.theirs if row.library == "sklearn.metrics" else row.reference)
    np.testing.assert_allclose(ours(row), expected, rtol=0, atol=tolerance(row))


def test_the_page_has_rows_of_every_library():
    assert {row.library for row in ROWS} == {
        "keras.metrics",
        "tfa.metrics",
        "torchmetrics.classification",
        "sklearn.metrics",
    }
    assert len(ROWS) > 80


@pytest.mark.heavy
@pytest.mark.parametrize("row", [row for row in ROWS if row.library.startswith("torch")], ids=lambda row: row.theirs)
def test_torchmetrics_itself_agrees_where_it_is_installed(row):
    torchmetrics = pytest.importorskip("torchmetrics.classification", reason="needs the extra bench")
    torch = pytest.importorskip("torch")
    y_true, y_pred = (torch.from_numpy(np.asarray(values)) for values in eval(row.data, NAMES))
    value = eval(row.theirs, vars(torchmetrics))(y_pred, y_true).numpy()
    value = value[3] if row.theirs.startswith("BinaryStatScores") else value  # tp, fp, tn, fn, support
    np.testing.assert_allclose(ours(row), np.asarray(value, "float64"), rtol=0, atol=tolerance(row))
