"""Two runs are compared pair by pair where both kept what they said of the same images."""

import json

import numpy as np
import pytest

from fmnist_tf import cli
from fmnist_tf.fashion_mnist.predictions import pair_runs, read_predictions, write_predictions
from fmnist_tf.report import Report
from fmnist_tf.report.run_folder import PREDICTIONS, Info, RunFolder

TRUE = np.repeat(np.arange(3), 100).astype("uint8")


def make_run(path, wrong, true=TRUE):
    """A run of three classes that takes the first `wrong` images for something else."""
    predicted = np.where(np.arange(true.size) < wrong, (true + 1) % 3, true)
    path.mkdir()
    folder, matrix = RunFolder(path), np.bincount(true * 3 + predicted, minlength=9).reshape(3, 3)
    folder.write_info(Info({}, ["a", "b", "c"], num_epochs=1, best_epoch=0, finished=True))
    folder.write_report(Report(matrix, ["a", "b", "c"]))
    write_predictions(folder, true, predicted)
    return folder


@pytest.fixture
def runs(tmp_path):
    return make_run(tmp_path / "a", 30), make_run(tmp_path / "b", 20)


def match(runs):
    return pair_runs(*runs, tuple(run.read_report() for run in runs))


def test_answers_come_back_as_they_were_written(runs):
    ids = read_predictions(runs[0])
    assert (ids.dtype, ids.shape) == (np.uint8, (2, 300))
    assert np.array_equal(ids[0], TRUE)


def test_runs_on_the_same_images_are_matched(runs, capsys):
    assert match(runs).difference("accuracy").low > 0
    assert cli.main(["report", str(runs[0].path), str(runs[1].path)]) == 0
    assert "both on the same 300 samples" in capsys.readouterr().out


def test_runs_on_other_images_are_not_matched(runs, tmp_path):
    assert match((runs[0], make_run(tmp_path / "c", 20, TRUE[::-1]))) is None


def test_a_run_without_answers_is_compared_as_if_it_had_seen_other_images(runs, capsys):
    (runs[1].path / PREDICTIONS).unlink()
    assert cli.main(["report", str(runs[0].path), str(runs[1].path)]) == 0
    assert "for independent test sets" in capsys.readouterr().out


def test_answers_that_are_not_those_of_the_report_are_not_used(runs):
    write_predictions(runs[1], TRUE, TRUE)
    assert match(runs) is None


@pytest.mark.parametrize("content", [b"", b"\x93NUMPY", np.arange(6.0)], ids=["empty", "cut off", "numbers"])
def test_damaged_answers_are_status_2(content, runs, capsys):
    path = runs[1].path / PREDICTIONS
    np.save(path, content) if isinstance(content, np.ndarray) else path.write_bytes(content)
    assert cli.main(["report", str(runs[0].path), str(runs[1].path)]) == 2
    assert PREDICTIONS in capsys.readouterr().err


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
