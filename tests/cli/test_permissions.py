"""Folders and files that the user may not write or read: one line that names the path, and nothing left behind."""

import os

import numpy as np
import pytest

from fmnist_tf import Report, cli
from fmnist_tf.report.run_folder import Info, RunFolder

TINY = ["--epochs", "1", "--train-size", "8", "--test-size", "8"]
LINES = {
    ("train", *TINY, "--out", "{}/new"): "Permission denied: {}/new",
    ("train", *TINY, "--out", "{}/run", "--force"): "Permission denied: {}/run/.lock",
    ("train", "--resume", "--out", "{}/run"): "Permission denied: {}/run/.lock",
    ("report", "{}/run", "--html", "{}/page.html"): "Permission denied: {}/page.html",
    ("score", "{}/y.npy", "{}/y.npy", "--html", "{}/page.html"): "Permission denied: {}/page.html",
    ("score", "{}/closed.npy", "{}/y.npy"): "Permission denied: {}/closed.npy",
    ("score", "{}/closed.csv", "{}/y.npy"): "Permission denied: {}/closed.csv",
    ("score", "{}/closed.parquet", "{}/y.npy"): "{}/closed.parquet",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A run and some files, seen by a user who may neither write to them nor read those called closed."""
    path = tmp_path_factory.mktemp("closed")
    run = RunFolder(path / "run")
    run.path.mkdir()
    run.write_info(Info({"seed": 0}, ["cat", "dog"], num_epochs=1, best_epoch=0))
    run.write_report(Report(np.eye(2), ["cat", "dog"]))
    (run.path / "history.json").write_text("{}")
    np.save(path / "y.npy", np.arange(2))
    for suffix in (".npy", ".csv", ".parquet"):
        (path / f"closed{suffix}").write_bytes(b"0\n1\n")
        (path / f"closed{suffix}").chmod(0)
    for above in path.parents:  # pytest closes its own folders to other users
        if above.name.startswith(("pytest-", "popen-")):
            above.chmod(0o755)
    for closed in (path, run.path):
        closed.chmod(0o555)
    return path


@pytest.fixture
def _as_nobody():
    """Root may do anything: take the rights of another user for a while."""
    if os.geteuid():
        yield
        return
    "".encode("cp437")  # zipfile asks for it, and Python itself may lie in a folder of root
    os.seteuid(65534)
    yield
    os.seteuid(0)


@pytest.mark.usefixtures("_as_nobody")
@pytest.mark.parametrize("line", LINES)
def test_what_is_not_allowed_is_one_line_and_status_2(line, folder, capsys):
    before = sorted(os.listdir(folder))
    assert cli.main([word.format(folder) for word in line]) == 2
    told = capsys.readouterr().err
    assert (told.count("\n"), LINES[line].format(folder) in told) == (1, True)
    assert sorted(os.listdir(folder)) == before
