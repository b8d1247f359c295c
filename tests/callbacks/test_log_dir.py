"""A log_dir is a run folder: the command reads it, and its page is complete."""

import json

import numpy as np
import pytest

from fmnist_tf import CurveSet, ScoreSet, cli
from fmnist_tf.callbacks.epoch_log import Epoch, EpochLog
from fmnist_tf.intervals import Paired
from fmnist_tf.report import Report
from fmnist_tf.report.run_folder import GALLERY, ROWS, RunFolder
from support.fitting import X, Y, fit, quiet

NAMES = ("a", "b", "c")


@pytest.fixture(scope="module")
def logger(tmp_path_factory):
    logger = quiet(log_dir=tmp_path_factory.mktemp("runs") / "mine", class_names=NAMES)
    return fit(logger, ScoreSet(), CurveSet(live=()), epochs=3, validation_data=(X, Y))


def test_the_command_prints_the_report_of_the_logger(logger, capsys):
    assert cli.main(["report", str(logger.log_dir)]) == 0
    assert capsys.readouterr().out.strip() == logger.report("val").text().strip()


def test_the_record_is_that_of_the_logger(logger):
    folder = RunFolder(logger.log_dir)
    info, record = folder.read_info(), folder.read_record()
    assert (info.num_epochs, info.best_epoch, info.best_by, info.finished) == (
        3,
        logger.best_epoch,
        "val_macro_f1",
        True,
    )
    assert {key: record.history[key] for key in logger.history} == logger.history
    assert record.intervals["val_macro_f1"][-1] == pytest.approx(logger.report("val").macro["f1_score"][1:])
    assert info.arguments["parameters"] == 27


def test_page_and_pictures_are_written_at_the_end(logger):
    assert {"report.html", "curves.png", "confusion_matrix.png"} <= {path.name for path in logger.log_dir.iterdir()}


def test_the_command_makes_the_same_page(logger, tmp_path):
    assert cli.main(["report", str(logger.log_dir), "--html", str(tmp_path / "page.html")]) == 0
    assert (tmp_path / "page.html").read_text() == (logger.log_dir / "report.html").read_text()


FIELDS = [("id", int), ("label", int), ("predicted", int), ("confidence", float)]


def log_of(folder, wrong, *, finished=True):
    """The log of an epoch of four samples of which one is wrong."""
    rows = np.array([(k, k % 2, (k + (k == wrong)) % 2, 0.9) for k in range(4)], FIELDS)
    report = Report(Paired(rows["label"], rows["predicted"], rows["predicted"], 2).a.matrix, ["cat", "dog"])
    log = EpochLog(folder, images={"val": np.zeros((4, 5, 5))})
    log.write(Epoch(0, {"val_macro_f1": 0.5}, {}, {"val": rows}, report, "val", ("val_macro_f1", False), {}))
    if finished:
        log.finish(report)


def test_two_log_dirs_with_images_show_those_of_the_samples_that_changed(tmp_path, capsys):
    log_of(tmp_path / "a", wrong=1)
    log_of(tmp_path / "b", wrong=2)
    folders = [str(tmp_path / name) for name in "ab"]
    assert cli.main(["report", *folders, "--html", str(tmp_path / "page.html")]) == 0
    page = (tmp_path / "page.html").read_text()
    assert page.count("<img ") == 2
    assert '<figure data-cell="1 fixed">' in page
    assert '<figure data-cell="0 broken">' in page
    assert cli.main(["report", folders[0], "--html", str(tmp_path / "page.html")]) == 0
    assert (tmp_path / "page.html").read_text() == (tmp_path / "a" / "report.html").read_text()


def test_the_images_of_an_earlier_run_are_gone_once_another_has_begun(tmp_path):
    log_of(tmp_path, wrong=1)
    assert (tmp_path / GALLERY).exists()
    log_of(tmp_path, wrong=2, finished=False)
    assert not (tmp_path / GALLERY).exists()


def test_two_log_dirs_with_rows_are_compared_pair_by_pair(logger, tmp_path, capsys):
    rows = np.zeros(len(Y), [("id", int), ("label", int), ("predicted", int)])
    matrix = logger.matrices["val"][-1]
    rows["id"], (true, pred) = np.arange(len(Y)), np.nonzero(matrix)
    counts = matrix[true, pred].astype(int)
    rows["label"], rows["predicted"] = np.repeat(true, counts), np.repeat(pred, counts)
    RunFolder(logger.log_dir).write_rows({"val": rows})
    assert cli.main(["report", str(logger.log_dir), str(logger.log_dir)]) == 0
    assert "both on the same 30 samples" in " ".join(capsys.readouterr().out.split())
    (logger.log_dir / ROWS).unlink()


def test_a_run_that_goes_on_keeps_the_history_of_earlier_epochs(tmp_path):
    fit(quiet(log_dir=tmp_path), epochs=2)
    fit(quiet(log_dir=tmp_path), initial_epoch=2, epochs=3)
    record = RunFolder(tmp_path).read_record()
    assert (len(record.history["macro_f1"]), len(record.intervals["macro_f1"])) == (3, 3)
    assert RunFolder(tmp_path).read_info().num_epochs == 3


@pytest.mark.heavy
def test_a_run_that_was_killed_can_be_read(tmp_path):
    logger = quiet(log_dir=tmp_path)
    logger.on_train_end = lambda logs=None: None
    fit(logger)
    assert RunFolder(tmp_path).read_report().text() == logger.report("train").text()
    assert json.loads((tmp_path / "run.json").read_text())["finished"] is False
