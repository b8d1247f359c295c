"""The files of a ScoreLogger stay when another run goes on in its folder."""

import json

import numpy as np
import pytest

from fmnist_tf.callbacks.matrix_log import MatrixLog
from support.fitting import X, Y, fit, quiet


def continued(folder, *epochs, **options):
    for first, last in epochs:
        fit(quiet(log_dir=folder), initial_epoch=first, epochs=last, **options)
    with np.load(folder / "matrices.npz", allow_pickle=False) as saved:
        return dict(saved)


def test_a_run_that_continues_keeps_the_matrices_of_earlier_epochs(tmp_path):
    saved = continued(tmp_path, (0, 3), (3, 4))
    assert saved["epochs"].tolist() == [0, 1, 2, 3]
    assert saved["train"].sum(axis=(1, 2)).tolist() == [30] * 4
    assert [json.loads(line)["epoch"] for line in (tmp_path / "history.jsonl").open()] == [0, 1, 2, 3]


def test_the_last_record_of_an_epoch_holds(tmp_path):
    for epoch, weight in [(0, 1.0), (1, 2.0), (2, 3.0), (1, 4.0)]:
        MatrixLog(tmp_path / "matrices.npz").write(epoch, {"val": np.full((2, 2), weight)})
    with np.load(tmp_path / "matrices.npz") as saved:
        assert (saved["epochs"].tolist(), saved["val"][:, 0, 0].tolist()) == ([0, 1, 2], [1, 4, 3])


def test_sets_that_lack_an_epoch_say_which_ones_they_have(tmp_path):
    saved = continued(tmp_path, (0, 4), validation_data=(X[:9], Y[:9]), validation_freq=2)
    assert (saved["epochs"].tolist(), saved["val_epochs"].tolist()) == ([0, 1, 2, 3], [1, 3])
    assert saved["val"].shape == (2, 3, 3)


def test_matrices_without_epochs_are_taken_for_the_first_ones(tmp_path):
    np.savez(tmp_path / "matrices.npz", train=np.ones((2, 3, 3)))
    saved = continued(tmp_path, (2, 3))
    assert saved["train"].sum(axis=(1, 2)).tolist() == [9, 9, 30]


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"train": np.array([print], object)}, "matrices.npz: .*; give another log_dir="),
        ({"train": np.ones((2, 3, 3)), "epochs": np.arange(3)}, "2 matrices for 3 epochs; give another log_dir="),
        ({"train": np.ones((2, 5, 5))}, "matrices of 5 classes, got 3; give another log_dir="),
    ],
)
def test_matrices_that_cannot_be_continued_are_not_overwritten(tmp_path, arrays, message):
    np.savez(tmp_path / "matrices.npz", **arrays)
    before = (tmp_path / "matrices.npz").read_bytes()
    with pytest.raises(ValueError, match=message):
        continued(tmp_path, (2, 3))
    assert (tmp_path / "matrices.npz").read_bytes() == before


def test_a_file_cannot_be_the_log_dir(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match="`log_dir` must be a folder, got the file"):
        quiet(log_dir=tmp_path / "file")
