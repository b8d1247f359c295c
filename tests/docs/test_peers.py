"""Every row of "The same score elsewhere" in the reference holds: the value of another library is equal, or differs."""

import re
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np
import pytest

import fmnist_tf

sklearn = pytest.importorskip("sklearn.metrics")
DOCS = Path(__file__).parents[2] / ".docs"
ROW = re.compile(r"\| `(.+?)` \| (scikit-learn|Keras|torchmetrics) `(.+?)` \| (equal|differs)\b.* \|")
#: Keras adds an epsilon to what it divides by, and computes in float32; ours of a histogram have bounds.
TOLERANCE, OF_HISTOGRAMS = 1e-6, 2e-4


class Row(NamedTuple):
    """A row of a table: data, our code, the other library and its code, and "equal" or "differs"."""

    page: str
    data: str
    ours: str
    library: str
    theirs: str
    says: str


def rows():
    """All rows of the reference."""
    for page in sorted(DOCS.glob("reference/*.md")):
        data = ""
        for line in page.read_text(encoding="utf-8").splitlines():
            if comment := re.match(r"<!-- data: (.*) -->", line):
                data = comment[1]
            elif row := ROW.fullmatch(line):
                yield Row(page.stem, data, *row.groups())
            else:
                assert not line.startswith("| `"), line


ROWS = list(rows())
NAMES = {"np": np, "range": range}
exec((DOCS / "migration.md").read_text(encoding="utf-8").partition("```python\n")[2].partition("```")[0], NAMES)


def of_scikit_learn(row):
    return eval(row.theirs, dict(vars(sklearn)) | NAMES)


def of_keras(row):
    """Keras' metrics of one column want predictions (N, 1)."""
    y_true, y_pred = (
        part[:, None] if row.data.startswith(("yes", "0 * yes")) and part.ndim == 1 else part
        for part in eval(row.data, NAMES)
    )
    metric = eval(row.theirs, dict(vars(keras.metrics)))
    metric.update_state(y_true, y_pred)
    return metric.result()


def of_torchmetrics(row):
    torchmetrics = pytest.importorskip("torchmetrics.classification", reason="needs the extra bench")
    torch = pytest.importorskip("torch")
    y_true, y_pred = (torch.from_numpy(np.asarray(part)) for part in eval(row.data, NAMES))
    return eval(row.theirs, dict(vars(torchmetrics)))(y_pred, y_true).numpy()


LIBRARIES = {"scikit-learn": of_scikit_learn, "Keras": of_keras, "torchmetrics": of_torchmetrics}


@pytest.mark.heavy
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.UndefinedMetricWarning", "ignore::UserWarning")
@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.page}-{row.library}-{row.ours}-{row.theirs}")
def test_a_row_holds(row):
    theirs = np.asarray(LIBRARIES[row.library](row), "float64")
    metric = eval(row.ours, dict(vars(fmnist_tf)))
    metric.update_state(*eval(row.data, NAMES))
    tolerance = OF_HISTOGRAMS if hasattr(type(metric), "bounds") else TOLERANCE
    same = np.allclose(metric.result(), theirs, rtol=0, atol=tolerance, equal_nan=True)
    assert same == (row.says == "equal"), (metric.result(), theirs)


def test_every_family_of_scores_says_how_it_differs():
    families = {"rates", "overall", "curves", "calibration", "sets", "structure", "decisions"}
    assert {
        page.stem
        for page in DOCS.glob("reference/*.md")
        if "## The same score elsewhere" in page.read_text(encoding="utf-8")
    } == families
    assert len(ROWS) > 80
