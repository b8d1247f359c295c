"""CSV that is written holds no formula for a spreadsheet."""

import json

import numpy as np
import pytest

from fmnist_tf import Report, cli
from fmnist_tf.files import guard, to_csv
from fmnist_tf.report.run_folder import MATRIX, Info, RunFolder

NAMES = ["=HYPERLINK(A1)", "+cat", "-dog", "@sum"]


@pytest.mark.parametrize("text", [*NAMES, "\t=1", "-", "-1+1", "=1"])
def test_a_formula_has_an_apostrophe_in_front(text):
    assert guard(text) == f"'{text}"


@pytest.mark.parametrize("cell", ["cat", "a=b", "-1", "+0.5", "-inf", "'=1", "", 1, -0.5, None])
def test_other_cells_stay(cell):
    assert guard(cell) is cell


def test_commas_and_quotes_stay_in_their_cell():
    assert to_csv([["a,b", '"=1"', "=1,2"]]) == '"a,b","""=1""","\'=1,2"\n'


@pytest.mark.parametrize("guarded", [True, False])
def test_a_run_reads_the_names_that_it_has_written(guarded, tmp_path):
    run, report = RunFolder(tmp_path), Report(np.eye(4), NAMES)
    run.write_info(Info({}, NAMES, num_epochs=1, best_epoch=0))
    run.write_report(report)
    text = (tmp_path / MATRIX).read_text()
    assert text.splitlines()[3] == "'-dog,0,0,1,0"
    (tmp_path / MATRIX).write_text(text if guarded else text.replace("'", ""))  # as older versions wrote them
    assert run.read_report().to_dict() == report.to_dict()


def test_the_command_writes_no_formula(tmp_path, capsys):
    np.save(tmp_path / "y.npy", np.arange(4))
    (tmp_path / "names.txt").write_text("\n".join(NAMES))
    files = [str(tmp_path / name) for name in ("y.npy", "y.npy", "names.txt")]
    assert cli.main(["score", *files[:2], "--classes", files[2], "--format", "csv"]) == 0
    assert "class,'=HYPERLINK(A1),f1_score,1.0" in capsys.readouterr().out
    assert cli.main(["score", *files[:2], "--classes", files[2], "--format", "json"]) == 0
    assert list(json.loads(capsys.readouterr().out)["classes"]) == NAMES
