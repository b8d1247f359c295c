"""One process at a time holds a folder, and none that has died."""

import errno
import fcntl
import os
import re
import signal
import subprocess
import sys

import pytest

from fmnist_tf.files import lock_folder

HOLD = "import sys, time, pathlib; sys.path[:0] = sys.argv[2:]\nfrom lock import lock_folder\n"
HOLD += "with lock_folder(pathlib.Path(sys.argv[1])):\n    print('held', flush=True)\n    time.sleep(60)"


def hold(folder):
    """A process that holds the folder."""
    module = os.path.dirname(sys.modules[lock_folder.__module__].__file__)
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(folder), module], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    return process


def enter(folder):
    with lock_folder(folder):
        return sorted(os.listdir(folder))


def test_a_folder_is_held_until_the_block_ends(tmp_path):
    assert enter(tmp_path) == [".lock"]
    assert os.listdir(tmp_path) == []


def test_a_second_process_is_told_who_holds_it_and_a_kill_sets_it_free(tmp_path):
    process = hold(tmp_path)
    told = rf"{re.escape(str(tmp_path))} is in use by process {process.pid} on .*, started \d{{4}}-\d\d-\d\d .*--out"
    with pytest.raises(ValueError, match=told):
        enter(tmp_path)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert enter(tmp_path) == [".lock"]


def test_a_file_system_without_locks_is_named(tmp_path, monkeypatch, capsys):
    def refuse(*_):
        raise OSError(errno.ENOLCK, "no locks")

    monkeypatch.setattr(fcntl, "flock", refuse)
    assert enter(tmp_path) == []
    assert capsys.readouterr().err == f"fmnist-tf: {tmp_path} cannot be locked here; start no second training in it\n"
