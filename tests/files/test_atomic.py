"""Files are there whole or not at all, and what a killed process left is cleared away."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fmnist_tf.callbacks.epoch_log import EpochLog
from fmnist_tf.files import atomic_write, clear_drafts


def test_a_file_is_replaced_once_the_block_has_ended_well(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with atomic_write(path) as draft:
        draft.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"


def test_a_block_that_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(UnicodeEncodeError), atomic_write(path) as draft:
        draft.write_text("ne\ud800", encoding="utf-8")
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("a.txt", "old")]


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileNotFoundError) as error, atomic_write(tmp_path / "nowhere" / "a.txt"):
        pass
    assert error.value.filename == str(tmp_path / "nowhere")


@pytest.mark.parametrize("clear", [clear_drafts, EpochLog], ids=["clear_drafts", "EpochLog"])
def test_drafts_of_a_killed_process_are_cleared(clear, tmp_path):
    draft = tmp_path / ".writing-1"
    draft.mkdir()
    (draft / "a.txt").touch()
    clear(tmp_path)
    assert not draft.exists()


def write(path, text="new"):
    with atomic_write(path) as draft:
        draft.write_text(text)


@pytest.mark.parametrize("mode", [0o640, 0o600, 0o755, 0o444])
def test_a_file_keeps_its_mode(mode, tmp_path):
    path = tmp_path / "a.html"
    path.touch()
    path.chmod(mode)
    write(path)
    assert (stat.S_IMODE(path.stat().st_mode), path.read_text()) == (mode, "new")


def test_a_symbolic_link_stays_and_what_it_leads_to_is_replaced(tmp_path):
    (tmp_path / "there").mkdir()
    target, link = tmp_path / "there" / "b.html", tmp_path / "a.html"
    link.symlink_to(target)
    for text in ("made", "replaced"):
        write(link, text)
        assert (link.is_symlink(), target.read_text()) == (True, text)
    assert os.listdir(tmp_path / "there") == ["b.html"]


def test_a_pipe_is_written_through(tmp_path):
    pipe = tmp_path / "a.html"
    os.mkfifo(pipe)
    with ThreadPoolExecutor() as pool:
        read = pool.submit(pipe.read_text)
        write(pipe)
        assert read.result(10) == "new"
    assert (pipe.is_fifo(), os.listdir(tmp_path)) == (True, ["a.html"])


def test_a_device_stays_a_device(tmp_path):
    link = tmp_path / "a.html"
    link.symlink_to("/dev/null")
    write(link)
    assert link.is_symlink()
    assert Path("/dev/null").is_char_device()
