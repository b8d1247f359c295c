"""`train --ladder`: the best epoch is the announced one, and a resumed run goes on with it."""

import json
import os

import numpy as np
import pytest

from fmnist_tf import cli
from fmnist_tf.fashion_mnist import training
from fmnist_tf.fashion_mnist.announced import columns_of, from_arrays, make_ladder, to_arrays
from fmnist_tf.intervals import Rules
from fmnist_tf.report.run_folder import INFO, OF_COMMAND, Record
from fmnist_tf.rows.steps import Scoring
from fmnist_tf_cli import parse

LABELS = np.arange(600) % 3
SCORING = Scoring(3, Rules(True))
#: Wrong predictions of each epoch: fewer, one fewer, many fewer.
WRONG = (300, 200, 199, 100)


def rows_of(wrong):
    rows = np.zeros(600, [("id", int), ("label", int), ("predicted", int)])
    rows["id"], rows["label"] = np.arange(600), LABELS
    rows["predicted"] = np.where(np.arange(600) < wrong, (LABELS + 1) % 3, LABELS)
    return rows


def climb(ladder, history, epochs):
    for epoch in epochs:
        entry = ladder.step(epoch, rows_of(WRONG[epoch]), SCORING, 1 - WRONG[epoch] / 600)
        for key, value in ({"val_macro_f1": entry["value"]} | columns_of(entry)).items():
            history.setdefault(key, []).append(value)
    return history


def test_the_best_epoch_of_a_record_is_the_one_announced_last():
    history = climb(make_ladder({}, None), {}, range(3))
    assert Record(history).best_epoch == 1
    assert Record({"val_macro_f1": history["val_macro_f1"]}).best_epoch == 2


def test_a_resumed_ladder_goes_on_as_if_it_had_never_stopped():
    straight, first = make_ladder({}, None), make_ladder({}, None)
    expected = climb(straight, {}, range(4))
    history = climb(first, {}, range(2))
    resumed = make_ladder(history, from_arrays(to_arrays(first.best_rows)))
    np.testing.assert_equal(climb(resumed, history, range(2, 4)), expected)
    np.testing.assert_equal(resumed.history, straight.history)


@pytest.mark.parametrize(
    "change", [{"announced/id": np.zeros(2, np.int64)}, {"announced/label": np.zeros(600)}, {"announced/id": None}]
)
def test_damaged_rows_of_a_checkpoint_are_refused(change):
    arrays = to_arrays(rows_of(3)) | change
    with pytest.raises(ValueError, match="three arrays of integers"):
        from_arrays({name: array for name, array in arrays.items() if array is not None})


def test_a_history_without_its_rows_is_refused():
    with pytest.raises(ValueError, match="rows of the announced epoch are missing"):
        make_ladder(climb(make_ladder({}, None), {}, range(2)), None)


def test_the_ladder_is_for_one_process(capsys):
    with pytest.raises(SystemExit):
        parse(["train", "--ladder", "--workers", "a:1,b:1", "--worker-index", "0", "--out", "x"])
    assert "argument --ladder: pairs the rows of one process" in capsys.readouterr().err


@pytest.mark.heavy
def test_a_run_with_the_ladder_is_resumed_to_the_byte(tmp_path, monkeypatch, capsys):
    tiny = ["train", "--train-size", "256", "--test-size", "300", "--epochs", "3", "--ladder", "--out"]
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    assert cli.main([*tiny, str(whole)]) == 0
    assert "the last that beat the one before by more than noise" in capsys.readouterr().out

    def interrupt(self, epoch, logs=None):
        if epoch == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(training.Recorder, "on_epoch_begin", interrupt)
        assert cli.main([*tiny, str(parts)]) == 130
    assert cli.main(["train", "--resume", "--out", str(parts)]) == 0
    assert set(os.listdir(parts)) == OF_COMMAND
    for name in ("history.json", "history.csv", "report.json", INFO):
        assert (parts / name).read_bytes() == (whole / name).read_bytes()
    history = json.loads((whole / "history.json").read_text(encoding="utf-8"))
    best = max(epoch for epoch, value in enumerate(history["ladder_announced"]) if value)
    assert json.loads((whole / INFO).read_text(encoding="utf-8"))["best_epoch"] == best
