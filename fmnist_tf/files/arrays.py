"""Arrays from files that are not trusted: nothing is unpickled, and sizes are checked before memory is allocated."""

import io
import math
import struct
import tokenize
import warnings
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np

#: The errors of the standard library and numpy for damaged archives besides ValueError and OSError, found by fuzzing.
DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    tokenize.TokenError,
    NotImplementedError,
    RuntimeError,
    SyntaxError,
    TypeError,
    OverflowError,
    EOFError,
)
_MAX_BYTES = 2**30
#: The largest file of text, unless said otherwise.
MAX_TEXT_BYTES = 64 * 2**20
_MAX_HEADER = 10_000


def read_bytes(path: Path, limit: int = MAX_TEXT_BYTES) -> bytes:
    """The content of a regular file of at most `limit` bytes; links, pipes and larger files raise ValueError."""
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise ValueError("not a regular file")
    with path.open("rb") as file:
        content = file.read(limit + 1)
    if len(content) > limit:
        raise ValueError(f"larger than {limit} bytes")
    return content


def save_arrays(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Writes an .npz file that `read_arrays` reads: a transposed array is written row by row."""
    rows = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    # numpy's annotation reads every keyword as `allow_pickle`.
    np.savez_compressed(path, **rows)  # pyright: ignore[reportArgumentType]


def read_arrays(content: bytes, limit: int = _MAX_BYTES) -> dict[str, np.ndarray]:
    """The arrays of an .npz file, none of them pickled; no more memory is allocated than the file can fill.

    Raises:
        ValueError: an array that holds objects or less than it declares; more than `limit` bytes in all; damage.
    """
    try:
        return _read_archive(content, limit)
    except DAMAGED as error:
        raise ValueError(f"not an intact .npz file: {error}") from error


def open_archive(file: Path | IO[bytes]) -> zipfile.ZipFile:
    """Opens an .npz file, stored or deflated as numpy writes it.

    Raises:
        ValueError: a member is compressed in another way, whose errors would be those of another library.
    """
    archive = zipfile.ZipFile(file)
    for member in archive.infolist():
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            archive.close()
            raise ValueError(f"array {member.filename!r} is compressed by another method than that of numpy")
    return archive


def _read_archive(content: bytes, limit: int) -> dict[str, np.ndarray]:
    arrays = {}
    with open_archive(io.BytesIO(content)) as archive:
        if sum(member.file_size for member in archive.infolist()) > limit:
            raise ValueError(f"unpacks to more than {limit} bytes")
        for member in archive.infolist():
            with archive.open(member) as file:
                arrays[member.filename.removesuffix(".npy")] = read_array(file, member.file_size)
    return arrays


def read_array(file: Any, size: int) -> np.ndarray:
    """One array of an open .npy file of that many bytes; nothing is unpickled.

    Raises:
        ValueError: it is damaged, holds objects or less than it declares.
    """
    try:
        np.lib.format.read_magic(file)
        with warnings.catch_warnings(action="error", category=UserWarning):  # of headers that Python 2 wrote
            shape, fortran_order, dtype = np.lib.format.read_array_header_1_0(file, max_header_size=_MAX_HEADER)
    except (*DAMAGED, UserWarning, MemoryError) as error:  # MemoryError: Python's parser, of a header of brackets
        raise ValueError(f"not an intact .npy file: {str(error)[:200]}") from error
    if dtype.hasobject or fortran_order or math.prod(shape) * dtype.itemsize > size:
        raise ValueError("an array is not what a run writes")
    return np.frombuffer(file.read(size), dtype).reshape(shape)
