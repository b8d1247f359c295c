"""Files are there whole or not at all, and what a killed process left is cleared away."""

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
