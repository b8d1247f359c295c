"""Random damage to files: a ValueError, or a harmless change. `benchmarks/mutants.py` is the long form."""

import io
import zipfile

import numpy as np
import pytest

from benchmarks.mutants import KINDS, attack
from fmnist_tf.files import read_arrays
from fmnist_tf.files.tables import open_table

pytest.importorskip("pyarrow", reason="needs the extra 'files'")


@pytest.mark.parametrize("kind", KINDS)
def test_damaged_files_are_refused_or_read(kind, tmp_path):
    found = attack(kind, 200, tmp_path, seed=0)
    assert found.refused > 50
    assert found.slowest < 10


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_archive_that_numpy_does_not_write_is_refused(method, tmp_path):
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w", method) as archive, archive.open("y.npy", "w") as member:
        np.save(member, np.arange(3))
    for read in (lambda: read_arrays(path.read_bytes()), lambda: open_table([path])):
        with pytest.raises(ValueError, match=r"compressed by another method|not an archive of arrays"):
            read()


def test_a_small_gzip_file_does_not_unpack_to_a_large_array(tmp_path):
    buffer = io.BytesIO()
    np.savez_compressed(buffer, a=np.zeros(2**24))
    with pytest.raises(ValueError, match="unpacks to more than 1000000 bytes"):
        read_arrays(buffer.getvalue(), limit=1_000_000)
