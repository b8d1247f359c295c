"""`fmnist-tf train` from end to end: files, numbers, what is there already, Ctrl-C, kill -9 and --resume."""

import contextlib
import csv
import errno
import importlib.util
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import keras
import numpy as np
import pyarrow.parquet
import pytest
from sklearn import metrics as sklearn_metrics

import fmnist_tf
from fmnist_tf import cli
from fmnist_tf.fashion_mnist import training
from fmnist_tf.files import lock_folder
from fmnist_tf.report import Report
from fmnist_tf.report.run_folder import AT_END, FILES, INFO, MATRIX, MODEL, OF_COMMAND, PAGE, SUSPECTS, RunFolder

ROOT = Path(__file__).parents[2]
TINY = ["--train-size", "256", "--test-size", "300", "--epochs", "2"]
COMMAND = [sys.executable, "-m", "fmnist_tf_cli"]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The folder of a run that others only look at."""
    folder = tmp_path_factory.mktemp("runs") / "run"
    assert cli.main(["train", *TINY, "--out", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def y_true():
    return fmnist_tf.load_fashion_mnist()[1][1][:300]


@pytest.fixture(scope="module")
def y_pred(run):
    x = fmnist_tf.load_fashion_mnist()[1][0][:300]
    return keras.saving.load_model(run / MODEL).predict(x, verbose=0).argmax(axis=1)


def read_csv(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_json(path):
    return json.loads(path.read_text(encoding="utf-8"))


def fail(error):
    def raise_it(*args, **kwargs):
        raise error

    return raise_it


# What training leaves behind


def test_a_run_leaves_its_files_and_no_others(run):
    assert set(os.listdir(run)) == OF_COMMAND


def test_the_report_is_what_sklearn_says_of_the_model(run, y_true, y_pred):
    report = read_json(run / "report.json")
    names = list(fmnist_tf.CLASS_NAMES)
    expected = sklearn_metrics.classification_report(
        y_true, y_pred, labels=range(10), target_names=names, output_dict=True, zero_division=0
    )
    groups = {"macro": "macro avg", "weighted": "weighted avg"}
    for ours, theirs in [(report[name], expected[key]) for name, key in groups.items()] + [
        (report["classes"][name], expected[name]) for name in names
    ]:
        for score, key in {"precision": "precision", "recall": "recall", "f1_score": "f1-score"}.items():
            assert ours[score]["value"] == pytest.approx(theirs[key], abs=1e-9)
    assert [report["classes"][name]["support"] for name in names] == [expected[name]["support"] for name in names]


def test_scores_of_the_whole_are_what_sklearn_says_of_the_model(run, y_true, y_pred):
    overall = read_json(run / "report.json")["overall"]
    expected = {
        "accuracy": sklearn_metrics.accuracy_score(y_true, y_pred),
        "balanced_accuracy": sklearn_metrics.balanced_accuracy_score(y_true, y_pred),
        "matthews_correlation": sklearn_metrics.matthews_corrcoef(y_true, y_pred),
        "cohen_kappa": sklearn_metrics.cohen_kappa_score(y_true, y_pred),
    }
    assert {name: cell["value"] for name, cell in overall.items()} == pytest.approx(expected, abs=1e-9)


def test_the_history_of_the_best_epoch_is_that_of_the_model(run, y_true, y_pred):
    history = read_json(run / "history.json")
    best = int(np.argmax(history["val_macro_f1"]))
    assert read_json(run / INFO)["best_epoch"] == best
    for name in ("precision", "recall", "f1"):
        score = getattr(sklearn_metrics, f"{name}_score")
        expected = score(y_true, y_pred, average="macro", labels=range(10), zero_division=0)
        assert history[f"val_macro_{name}"][best] == pytest.approx(expected, abs=1e-9)
    assert history["val_accuracy"][best] == pytest.approx(np.mean(y_true == y_pred), abs=1e-9)


def test_matrices_tell_the_history_of_every_epoch(run, y_true, y_pred):
    history = read_json(run / "history.json")
    with np.load(run / "matrices.npz", allow_pickle=False) as matrices:
        for prefix, matrix, rows in (("", matrices["train"], 256), ("val_", matrices["val"], 300)):
            assert matrix.shape == (2, 10, 10)
            assert matrix.sum(axis=(1, 2)).tolist() == [rows, rows]
            accuracy = np.trace(matrix, axis1=1, axis2=2) / rows
            np.testing.assert_allclose(history[f"{prefix}accuracy"], accuracy, atol=1e-9)
        best = matrices["val"][read_json(run / INFO)["best_epoch"]]
    np.testing.assert_array_equal(best, sklearn_metrics.confusion_matrix(y_true, y_pred, labels=range(10)))
    table = np.loadtxt(run / MATRIX, delimiter=",", skiprows=1, usecols=range(1, 11))
    np.testing.assert_array_equal(table, best)


def test_history_is_the_same_as_table_and_as_json(run):
    table = np.genfromtxt(run / "history.csv", delimiter=",", names=True)
    history = read_json(run / "history.json")
    assert table.dtype.names == ("epoch", *history)
    assert {name: table[name].tolist() for name in history} == history


def test_the_report_says_that_it_is_optimistic(run):
    assert "optimistic" in (run / "report.txt").read_text()


@pytest.fixture(scope="module")
def noisy(tmp_path_factory):
    """A run with held-back images and planted errors, that others only look at, and the words that it printed."""
    out = tmp_path_factory.mktemp("runs") / "noisy"
    arguments = ["--train-size", "200", "--test-size", "100", "--epochs", "1", "--val-split", "0.25"]
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        assert cli.main(["train", *arguments, "--label-noise", "0.1", "--out", str(out)]) == 0
    return out, printed.getvalue()


@pytest.mark.heavy
def test_planted_errors_are_wrong_and_counted(noisy):
    out, printed = noisy
    rows = read_csv(out / SUSPECTS)
    y = fmnist_tf.load_fashion_mnist()[0][1]
    found = sum(row["planted"] == "1" for row in rows)
    assert len(rows) == 15  # 10 % of 150
    for row in rows:
        is_wrong = fmnist_tf.CLASS_NAMES[y[int(row["id"])]] != row["label"]
        assert is_wrong == (row["planted"] == "1")
    sentence = f"Of 15 planted label errors {found / 15:.1%} are among the 15 labels with the lowest margin"
    assert sentence in printed
    assert sentence in (out / "report.txt").read_text()


def test_without_planted_errors_the_lowest_margins_are_listed(run):
    rows = read_csv(run / SUSPECTS)
    assert len(rows) == round(0.05 * 256)
    assert "planted" not in rows[0]
    margins = [float(row["margin"]) for row in rows]
    assert margins == sorted(margins)
    assert {row["seen"] for row in rows} == {"2"}
    assert "training labels were predicted right in no epoch" in (run / "report.txt").read_text()


def test_rows_are_the_predictions_of_the_report(run, y_true, y_pred):
    with np.load(run / "rows.npz") as rows:
        assert rows["val"]["label"].tolist() == y_true.tolist()
        assert rows["val"]["predicted"].tolist() == y_pred.tolist()
        table = pyarrow.parquet.read_table(run / "rows.parquet").to_pydict()
        assert table["confidence"] == rows["val"]["confidence"].tolist()
    assert set(table["set"]) == {"val"}


def test_the_page_shows_mistakes_and_suspects(run, tmp_path, y_true, y_pred):
    assert cli.main(["report", str(run), "--html", str(tmp_path / "page.html")]) == 0
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert page.count("<figure data-cell=") == sum(y_true != y_pred)
    assert page.count("margin -") == 13
    assert len(page) < 2_000_000


@pytest.mark.heavy
def test_held_back_images_choose_and_test_images_report(noisy):
    out, _ = noisy
    (x, y) = (part[:100] for part in fmnist_tf.load_fashion_mnist()[1])
    predicted = keras.saving.load_model(out / MODEL).predict(x, verbose=0).argmax(axis=1)
    matrix = RunFolder(out).read_report().matrix
    np.testing.assert_array_equal(matrix, sklearn_metrics.confusion_matrix(y, predicted, labels=range(10)))
    with np.load(out / "matrices.npz") as matrices:
        assert (matrices["train"].sum(), matrices["val"].sum()) == (150, 50)
    assert "optimistic" not in (out / "report.txt").read_text()


@pytest.mark.heavy
def test_ctrl_c_keeps_what_was_recorded_and_resume_goes_on(run, tmp_path, monkeypatch, capsys):
    def interrupt(self, epoch, logs=None):
        if epoch == 1:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(training.Recorder, "on_epoch_begin", interrupt)
        assert cli.main(["train", *TINY, "--out", str(tmp_path)]) == 130
    assert set(os.listdir(tmp_path)) == OF_COMMAND - set(AT_END)
    assert "--resume" in capsys.readouterr().out
    assert cli.main(["train", "--resume", "--epochs", "1", "--out", str(tmp_path)]) == 2
    assert "is less than the run's 2" in capsys.readouterr().err
    assert cli.main(["train", "--resume", "--out", str(tmp_path)]) == 0
    for name in ("history.json", "history.csv", "report.json", SUSPECTS, INFO):
        assert (tmp_path / name).read_bytes() == (run / name).read_bytes()


@pytest.mark.parametrize("folder", ["made", "runs/made", "there"])
def test_ctrl_c_before_anything_is_written_leaves_no_folder(folder, tmp_path, monkeypatch, capsys):
    (tmp_path / "there").mkdir()
    monkeypatch.setattr(training.Recorder, "begin", fail(KeyboardInterrupt()))
    assert cli.main(["train", *TINY, "--out", str(tmp_path / folder)]) == 130
    output = capsys.readouterr()
    assert (output.out, output.err) == ("", "fmnist-tf: interrupted\n")
    assert os.listdir(tmp_path) == ["there"]


def test_without_matplotlib_the_command_says_how_to_get_pictures(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(cli.commands, "train", lambda *_, **__: Report(np.eye(2)))
    monkeypatch.setattr(cli.commands, "summary", lambda folder: "")
    assert cli.main(["train", *TINY, "--out", str(tmp_path)]) == 0
    assert "Pictures were left out, since matplotlib is not installed: pip install" in capsys.readouterr().out


# What is there already


def test_a_run_is_not_overwritten(run, capsys):
    before = {name: (run / name).read_bytes() for name in os.listdir(run)}
    assert cli.main(["train", *TINY, "--out", str(run)]) == 2
    assert "holds a run already" in capsys.readouterr().err
    assert {name: (run / name).read_bytes() for name in os.listdir(run)} == before


@pytest.mark.parametrize("option", [[], ["--resume"], ["--force"]])
def test_a_folder_that_another_process_trains_into_is_refused(option, tmp_path, capsys):
    with lock_folder(tmp_path):
        assert cli.main(["train", *TINY, *option, "--out", str(tmp_path)]) == 2
    output = capsys.readouterr()
    assert f"{tmp_path} is in use by process {os.getpid()} on " in output.err
    assert (output.out, output.err.count("\n"), os.listdir(tmp_path)) == ("", 1, [])


def test_resume_of_a_finished_run_changes_nothing(run, capsys):
    before = {name: (run / name).stat() for name in os.listdir(run)}
    assert cli.main(["train", "--resume", "--out", str(run)]) == 0
    assert "has finished" in capsys.readouterr().out
    assert {name: (run / name).stat() for name in os.listdir(run)} == before


def test_force_replaces_a_run_and_nothing_else(tmp_path, monkeypatch):
    for name in ("mine.txt", *FILES):
        (tmp_path / name).touch()
    monkeypatch.setattr(cli.commands, "train", fail(KeyboardInterrupt()))
    monkeypatch.setattr(cli.commands, "summary", lambda folder: "")
    assert cli.main(["train", *TINY, "--force", "--out", str(tmp_path)]) == 130
    assert os.listdir(tmp_path) == ["mine.txt"]


def test_by_default_each_run_has_a_new_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(time, "strftime", lambda _: "now")
    for name in ("now", "now-2", "now-3"):
        path = cli.commands.new_path()
        assert path == Path("runs", name)
        path.mkdir(parents=True)


def test_a_full_disk_is_one_line_and_status_1(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(cli.commands, "train", fail(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "model.keras")))
    assert cli.main(["train", *TINY, "--out", str(tmp_path / "run")]) == 1
    assert capsys.readouterr().err == (
        "fmnist-tf: No space left on device: model.keras; make room or write elsewhere; a run goes on with train "
        "--resume --out\n"
    )


# Reports of what there is


def test_report_prints_what_training_printed(run, capsys):
    assert cli.main(["report", str(run)]) == 0
    assert (run / "report.txt").read_text().strip() == capsys.readouterr().out.strip()


def test_two_runs_are_compared(run, capsys):
    assert cli.main(["report", str(run), str(run)]) == 0
    assert "No class changed" in capsys.readouterr().out


# Kills


def start(*arguments):
    return subprocess.Popen(
        [*COMMAND, "train", *arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def wait_for(condition, process):
    while not condition() and process.poll() is None:
        time.sleep(0.01)


@pytest.mark.heavy  # three processes that train
@pytest.mark.parametrize("kills", [(1,), (1, 2)])
def test_a_run_that_was_killed_ends_as_one_that_was_not(tmp_path, kills):
    tiny = ["--train-size", "128", "--test-size", "64", "--epochs", str(len(kills) + 1), "--out"]
    overall = start(*tiny, str(tmp_path / "whole"))
    killed = tmp_path / "killed"
    for epochs in kills:
        process = start(*tiny, str(killed), "--resume")
        done = f'"num_epochs": {epochs}'
        wait_for(lambda done=done: (killed / INFO).exists() and done in (killed / INFO).read_text(), process)
        time.sleep(0.1)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    resumed = start("--out", str(killed), "--resume")
    for process in (overall, resumed):
        assert process.communicate()[1] == ""
        assert process.returncode == 0
    archives = {name for name in OF_COMMAND if name.endswith(".npz")}  # which hold the time
    for name in OF_COMMAND - {MODEL, PAGE} - archives:
        assert (killed / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name
    for name in archives:
        with np.load(killed / name) as ours, np.load(tmp_path / "whole" / name) as theirs:
            assert all(np.array_equal(ours[key], theirs[key]) for key in theirs), name
    models = [keras.saving.load_model(path / MODEL).get_weights() for path in (killed, tmp_path / "whole")]
    assert all(np.array_equal(ours, theirs) for ours, theirs in zip(*models, strict=True))
