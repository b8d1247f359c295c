"""Tables in .npy and .npz files, by numpy alone: a .npy file is mapped, a member of an .npz read as a stream."""

import math
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np

from fmnist_tf.files.arrays import DAMAGED, open_archive
from fmnist_tf.files.tables.table import Column, Kind, Table, Values

_KINDS: dict[str, Kind] = {"b": "boolean", "i": "integer", "u": "integer", "f": "float"}
_NATIVE = {"b": np.dtype(bool), "i": np.dtype(np.int64), "u": np.dtype(np.int64)}
_DAMAGED = (ValueError, OSError, MemoryError, *DAMAGED)  # MemoryError: Python's parser, of a header of brackets
_MAX_HEADER = 10_000
#: A transposed array of an .npz cannot be streamed by rows; it is read whole up to this size.
_MAX_WHOLE = 2**30


@dataclass(frozen=True, kw_only=True)
class ArrayTable(Table):
    """The one array of a .npy file: a column, or a matrix, called "0"."""

    array: np.ndarray

    def pieces(self, names: Sequence[str], rows: int) -> Iterator[list[Values]]:
        """Copies of parts of the map."""
        for start in range(0, len(self.array), rows):
            yield [_native(np.array(self.array[start : start + rows]))] * len(names)


@dataclass(frozen=True, kw_only=True)
class ArchiveTable(Table):
    """The arrays of an .npz file, a column or a matrix each."""

    def pieces(self, names: Sequence[str], rows: int) -> Iterator[list[Values]]:
        """Rows of the named arrays side by side."""
        with open_archive(Path(self.path)) as archive:
            streams = [_member_pieces(archive, self.path, name, rows) for name in names]
            while piece := self._next(streams):
                yield piece

    def _next(self, streams: Sequence[Iterator[np.ndarray]]) -> list[Values]:
        """A piece of each stream; nothing at their end, which they reach together."""
        try:
            return [piece for stream in streams if (piece := next(stream, None)) is not None]
        except DAMAGED as error:
            raise ValueError(f"{self.path}: damaged: {error}") from error


def open_arrays(path: Path) -> Table:
    """Opens a .npy or .npz file; nothing is unpickled.

    Raises:
        ValueError: it is damaged, or holds something other than rows of numbers or booleans.
    """
    return _open_archive(path) if path.suffix.lower() == ".npz" else _open_array(path)


def _open_array(path: Path) -> ArrayTable:
    try:
        with warnings.catch_warnings(action="ignore", category=UserWarning):  # of headers that Python 2 wrote
            array = np.load(path, mmap_mode="r", allow_pickle=False)
    except (FileNotFoundError, PermissionError):
        raise
    except _DAMAGED as error:
        raise ValueError(f"{path}: not an array of numbers in .npy format; write it with numpy.save") from error
    if not isinstance(array, np.ndarray):
        raise ValueError(f"{path}: not one array; name it .npz")
    _check(str(path), array.shape, array.dtype)
    columns = (_column("0", array.shape, array.dtype),)
    return ArrayTable(path=str(path), columns=columns, headed=False, array=array)


def _open_archive(path: Path) -> ArchiveTable:
    columns, lengths = [], {}
    try:
        with open_archive(path) as archive:
            for member in archive.namelist():
                with archive.open(member) as file:
                    shape, _, dtype = _read_header(file)
                name = member.removesuffix(".npy")
                _check(f"{path}, array {name!r}", shape, dtype)
                columns.append(_column(name, shape, dtype))
                lengths[name] = shape[0]
    except (FileNotFoundError, PermissionError):
        raise
    except _DAMAGED as error:
        reason = f": {error}" if str(error).startswith(str(path)) else ""
        raise ValueError(reason[2:] or f"{path}: not an archive of arrays of numbers; use numpy.savez") from error
    if len(set(lengths.values())) != 1:
        raise ValueError(f"{path}: its arrays must have the same number of rows, got {lengths}")
    return ArchiveTable(path=str(path), columns=tuple(columns))


def _read_header(file: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype]:
    version = np.lib.format.read_magic(file)  # pyright: ignore[reportArgumentType] - a stream of a zip file reads too
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    with warnings.catch_warnings(action="ignore", category=UserWarning):
        return read(file, max_header_size=_MAX_HEADER)  # pyright: ignore[reportArgumentType] - likewise


def _member_pieces(archive: zipfile.ZipFile, path: str, name: str, rows: int) -> Iterator[np.ndarray]:
    with archive.open(f"{name}.npy") as file:
        shape, transposed, dtype = _read_header(file)
        if transposed and len(shape) > 1:
            yield from _transposed_pieces(file, path, name, rows)
            return
        length, rest = math.prod(shape[:1]), shape[1:]
        width = math.prod(rest)
        for start in range(0, length, rows):
            count = min(rows, length - start)
            content = file.read(count * width * dtype.itemsize)
            if len(content) < count * width * dtype.itemsize:
                raise ValueError(f"{path}: array {name!r} ends early")
            yield _native(np.frombuffer(content, dtype).reshape(count, *rest))


def _transposed_pieces(file: IO[bytes], path: str, name: str, rows: int) -> Iterator[np.ndarray]:
    file.seek(0)
    shape, _, dtype = _read_header(file)
    size = math.prod(shape) * dtype.itemsize
    if size > _MAX_WHOLE:
        raise ValueError(f"{path}: array {name!r} is stored by columns; save numpy.ascontiguousarray of it")
    array = np.frombuffer(file.read(size), dtype).reshape(shape, order="F")
    for start in range(0, len(array), rows):
        yield _native(np.ascontiguousarray(array[start : start + rows]))


def _column(name: str, shape: tuple[int, ...], dtype: np.dtype) -> Column:
    return Column(name, _KINDS[dtype.kind], shape[1] if len(shape) > 1 else 1)


def _check(where: str, shape: tuple[int, ...], dtype: np.dtype) -> None:
    if dtype.kind not in _KINDS or dtype.itemsize > 8:
        raise ValueError(f"{where}: expected one array of numbers, got {dtype}")
    if len(shape) not in (1, 2) or 0 in shape[1:]:
        raise ValueError(f"{where}: expected class ids (N,) or a column a class (N, C), got shape {shape}")


def _native(piece: np.ndarray) -> np.ndarray:
    """The byte order of this machine, integers as int64; a matrix of one column as a column."""
    dtype = _NATIVE.get(piece.dtype.kind, piece.dtype.newbyteorder("="))
    piece = piece.astype(dtype, copy=False)
    return piece.reshape(-1) if piece.ndim > 1 and piece.shape[1] == 1 else piece
