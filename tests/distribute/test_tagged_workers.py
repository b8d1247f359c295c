"""Tags and slices on two workers: each value counts the rows of both."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import f1_score, roc_auc_score

from support import tagged_worker, worker

pytestmark = pytest.mark.heavy

SCRIPT = Path(__file__).parents[1] / "support" / "tagged_worker.py"


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """(history, probabilities) after training on two workers."""
    file = tmp_path_factory.mktemp("tagged") / "chief.npz"
    addresses = ",".join(worker.free_addresses())
    processes = [
        subprocess.Popen([sys.executable, SCRIPT, str(index), addresses, str(file)], stderr=subprocess.PIPE, text=True)
        for index in (0, 1)
    ]
    errors = [process.communicate()[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], errors
    with np.load(file) as found:
        arrays = dict(found)
    model = tagged_worker.make_model()
    model.set_weights([arrays[f"weight/{place}"] for place in range(2)])
    return arrays, model.predict(tagged_worker.X, verbose=0)


@pytest.mark.parametrize("value", ["north", "south", "other"])
def test_scores_of_a_value_are_those_of_its_rows_on_both_workers(trained, value):
    history, p = trained
    site = "west" if value == "other" else value
    rows = np.equal(tagged_worker.SITES, site)
    y_true = tagged_worker.Y[rows]
    f1 = f1_score(y_true, p[rows].argmax(1), average="macro", labels=range(3), zero_division=0)
    assert history[f"history/val_macro_f1/site/{value}"][-1] == pytest.approx(f1)
    auroc = roc_auc_score(y_true, p[rows], multi_class="ovr", labels=range(3))
    assert history[f"history/val_auroc/site/{value}"][-1] == pytest.approx(auroc, abs=0.03)
