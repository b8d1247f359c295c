"""Random damage to the files of a run and of a data set: a ValueError that names the file, or a harmless change."""

import io
import random
import time

import numpy as np
import pytest

from fmnist_tf.fashion_mnist.data import read_idx, write_idx
from fmnist_tf.fashion_mnist.predictions import rows_of
from fmnist_tf.files import read_arrays, save_arrays
from fmnist_tf.report import Report
from fmnist_tf.report.run_folder import INFO, REPORT, ROWS, Info, RunFolder

NAMES = ["cat", "dog", "T-shirt/top"]
PIECES = (
    b"",
    b"\x00",
    b"\xff" * 8,
    b"(" * 300,
    b"9" * 40,
    b"-1e308",
    b'"',
    b"[[[[",
    b"\n",
    b",",
    b"\x1f\x8b\x08",
    b"nan",
)


def damage(content, chance):
    """A copy with one to three changes: bytes turned, cut, doubled or put in."""
    for _ in range(chance.randint(1, 3)):
        start, length = chance.randrange(len(content) + 1), chance.choice((0, 1, 4, 50))
        piece = chance.choice((*PIECES, bytes(chance.randrange(256) for _ in range(4)), content[start : start + 40]))
        content = content[:start] + piece + content[start + length :]
    return content


def make_run(folder):
    run = RunFolder(folder)
    run.write_info(Info({"seed": 0}, NAMES, num_epochs=1, best_epoch=0))
    run.write_report(Report(np.arange(9).reshape(3, 3), NAMES))
    run.write_rows({"val": rows_of(np.array([0, 1, 2]), np.eye(3)[[0, 2, 2]])})
    return run


def images(path):
    write_idx(path, np.arange(3 * 28 * 28, dtype=np.uint8).reshape(3, 28, 28))
    return path


def arrays(path):
    save_arrays(path, {"a": np.arange(6.0), "b": np.ones((2, 2), np.uint8)})
    return path


#: Kind of file -> what makes one in a folder, its name, and what reads it.
KINDS = {
    "run.json": (make_run, INFO, lambda path: RunFolder(path.parent).read_report()),
    "report.npz": (make_run, REPORT, lambda path: RunFolder(path.parent).read_report()),
    "rows.npz": (make_run, ROWS, lambda path: RunFolder(path.parent).read_rows()),
    "IDX": (lambda folder: images(folder / "idx.gz"), "idx.gz", lambda path: read_idx(path, (28, 28))),
    ".npz": (lambda folder: arrays(folder / "a.npz"), "a.npz", lambda path: read_arrays(path.read_bytes())),
}


def attack(kind, number, folder, seed):
    """Reads so many mutants; returns how many were refused, and the seconds of the slowest."""
    make, name, read = KINDS[kind]
    make(folder)
    path, chance = folder / name, random.Random(seed)
    whole, refused, slowest = path.read_bytes(), 0, 0.0
    for _ in range(number):
        path.write_bytes(damage(whole, chance))
        began = time.perf_counter()
        try:
            read(path)
        except ValueError:
            refused += 1
        slowest = max(slowest, time.perf_counter() - began)
    return refused, slowest


@pytest.mark.parametrize("kind", KINDS)
def test_damaged_files_are_refused_or_read(kind, tmp_path):
    refused, slowest = attack(kind, 300, tmp_path, seed=0)
    assert refused > 100
    assert slowest < 5


@pytest.mark.heavy
@pytest.mark.parametrize("kind", KINDS)
def test_very_many_damaged_files_are_refused_or_read(kind, tmp_path):
    refused, slowest = attack(kind, 50_000, tmp_path, seed=1)
    assert refused > 10_000
    assert slowest < 5


def test_a_small_gzip_file_does_not_unpack_to_a_large_array(tmp_path):
    buffer = io.BytesIO()
    np.savez_compressed(buffer, a=np.zeros(2**24))
    with pytest.raises(ValueError, match="unpacks to more than 1000000 bytes"):
        read_arrays(buffer.getvalue(), limit=1_000_000)
