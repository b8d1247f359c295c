"""Two runs are compared pair by pair where both kept what they said of the same images."""

import json

import numpy as np
import pytest

from fmnist_tf import cli
from fmnist_tf.fashion_mnist.predictions import rows_of
from fmnist_tf.report import Report
from fmnist_tf.report.run_folder import ROWS, Info, RunFolder
from fmnist_tf.report.run_folder.pairs import compare_runs

TRUE = np.repeat(np.arange(3), 100).astype("uint8")


def make_run(path, wrong, true=TRUE):
    """A run of three classes that takes the first `wrong` images for something else."""
    predicted = np.where(np.arange(true.size) < wrong, (true + 1) % 3, true)
    path.mkdir()
    folder, matrix = RunFolder(path), np.bincount(true * 3 + predicted, minlength=9).reshape(3, 3)
    folder.write_info(Info({}, ["a", "b", "c"], num_epochs=1, best_epoch=0, finished=True))
    folder.write_report(Report(matrix, ["a", "b", "c"]))
    folder.write_rows({"val": rows_of(true, np.eye(3)[predicted])})
    return folder


@pytest.fixture
def runs(tmp_path):
    return make_run(tmp_path / "a", 30), make_run(tmp_path / "b", 20)


def match(runs):
    return compare_runs(*runs, ("a", "b"))


def test_answers_come_back_as_they_were_written(runs):
    rows = runs[0].read_rows()["val"]
    assert rows["id"].tolist() == list(range(300))
    assert np.array_equal(rows["label"], TRUE)
    assert set(rows["confidence"]) == {1.0}


def test_runs_on_the_same_images_are_matched(runs, capsys):
    assert match(runs).difference("accuracy").low > 0
    assert match(runs).paired
    assert cli.main(["report", str(runs[0].path), str(runs[1].path)]) == 0
    assert "both on the same 300 samples" in capsys.readouterr().out


def test_runs_on_other_images_are_not_matched(runs, tmp_path):
    assert not match((runs[0], make_run(tmp_path / "c", 20, TRUE[::-1]))).paired


def test_a_run_without_answers_is_compared_as_if_it_had_seen_other_images(runs, capsys):
    (runs[1].path / ROWS).unlink()
    assert cli.main(["report", str(runs[0].path), str(runs[1].path)]) == 0
    assert "for independent test sets" in capsys.readouterr().out


def test_answers_that_are_not_those_of_the_report_are_not_used(runs):
    runs[1].write_rows({"val": rows_of(TRUE, np.eye(3)[TRUE])})
    assert not match(runs).paired


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", np.arange(6.0)], ids=["empty", "cut off", "numbers"])
def test_damaged_answers_are_status_2(content, runs, capsys):
    path = runs[1].path / ROWS
    np.savez(path, val=content) if isinstance(content, np.ndarray) else path.write_bytes(content)
    assert cli.main(["report", str(runs[0].path), str(runs[1].path)]) == 2
    assert ROWS in capsys.readouterr().err


def test_two_runs_as_markdown_tell_what_was_fixed(runs, capsys):
    assert cli.main(["report", str(runs[0].path), str(runs[1].path), "--format", "md"]) == 0
    out = capsys.readouterr().out
    assert "| a | 10 | 0 | 0.00586 |" in out
    assert "Samples fixed, such as 20, 21, 22, 23, 24" in out
    assert "another training, with another seed, moves the scores as well" in out


def test_two_runs_as_json_tell_what_was_fixed(runs, capsys):
    assert cli.main(["report", str(runs[0].path), str(runs[1].path), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["flips"]["a"]["fixed"] == 10


def test_one_run_can_be_markdown_too(runs, capsys):
    assert cli.main(["report", str(runs[0].path), "--format", "md"]) == 0
    assert "| a |" in capsys.readouterr().out
