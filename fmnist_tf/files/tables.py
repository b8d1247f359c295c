"""Tables of columns from files, read in pieces: the common interface of all formats.

Files are not trusted: nothing is unpickled, and one piece at a time is held in memory.
"""

import glob
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

Kind = Literal["integer", "float", "boolean", "text"]
#: Kinds of a column of text, from the narrowest; later rows may need a wider one.
WIDER: dict[Kind, Kind] = {"boolean": "text", "integer": "float", "float": "text"}
#: File name endings that are read.
TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
ARROW_SUFFIXES = (".jsonl", ".ndjson", ".json", ".parquet", ".pq")
ARRAY_SUFFIXES = (".npy", ".npz")
SUFFIXES = (*TEXT_SUFFIXES, *ARROW_SUFFIXES, *ARRAY_SUFFIXES)


class Column(NamedTuple):
    """A column of a table.

    Attributes:
        name: its name in the file; "0", "1", ... if it has none.
        kind: of its values.
        width: how many numbers a row holds: more than one for a matrix or a column of lists.
    """

    name: str
    kind: Kind
    width: int = 1


class Texts(NamedTuple):
    """A column of text: row i holds `values[indices[i]]`; `indices` are integers (n,)."""

    indices: np.ndarray
    values: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.indices)


#: A piece of one column: numbers or booleans (n,) or (n, width), or texts.
Values = np.ndarray | Texts


@dataclass(frozen=True)
class Reading:
    """Options for reading a file of text.

    Attributes:
        header: whether the first line names the columns; None to tell from the first lines.
        drop_index: leave out a first column that looks like an index; False refuses it, None reads it like any other.
        kinds: (column, kind) of columns that are wider than their first rows look like.
        groups: columns of groups: rows may have no value, "", and text is read as it is written.
    """

    header: bool | None = None
    drop_index: bool | None = False
    kinds: tuple[tuple[str, Kind], ...] = ()
    groups: tuple[str, ...] = ()

    def widen(self, column: str, kind: Kind) -> "Reading":
        """The same with a column of another kind."""
        return replace(self, kinds=(*((name, old) for name, old in self.kinds if name != column), (column, kind)))


@dataclass(frozen=True, kw_only=True)
class Table:
    """Named columns of one file or several.

    Attributes:
        path: the file or files, for messages.
        columns: in the order of the file.
        headed: whether the file names its columns.
        typed: whether the format tells integers from floats; in text 1 and 1.0 may be the same.
        notes: how the file was read, if there was a choice.
        other_header: whether the first line may be the opposite of what it was read as, header or row.
        groups: columns in which rows may have no value, "".
    """

    path: str
    columns: tuple[Column, ...]
    headed: bool = True
    typed: bool = True
    notes: tuple[str, ...] = ()
    other_header: bool = False
    groups: tuple[str, ...] = ()

    def pieces(self, names: Sequence[str], rows: int) -> Iterator[list[Values]]:
        """Columns by name, at most so many rows at a time.

        Raises:
            WiderColumn: a column of text holds values of another kind than its first rows.
            ValueError: the file is damaged, or a row holds no value.
        """
        raise NotImplementedError


class WiderColumn(ValueError):
    """A column of text holds a wider kind than its first rows: the table has to be read again."""

    path: str
    column: str
    kind: Kind

    def __init__(self, path: str, column: str, kind: Kind):
        super().__init__(f"{path}: column {column!r} must be read as {kind}")
        self.path, self.column, self.kind = path, column, kind


def find_files(patterns: Sequence[str]) -> list[Path]:
    """The files that paths, folders and globs name, in order of name within each; hidden ones are left out.

    Args:
        patterns: paths of files, of folders, which are searched with all below them, or globs such as "shards/*.csv".

    Returns:
        One path or more, each once.

    Raises:
        FileNotFoundError: there is no such file, or no file of a format that is read.

    Example:
        >>> find_files(["no/such/*.csv"])
        Traceback (most recent call last):
        ...
        FileNotFoundError: there is no file 'no/such/*.csv'
    """
    found = [path for pattern in patterns for path in _expand(pattern)]
    return list(dict.fromkeys(found))


def _expand(pattern: str) -> list[Path]:
    path = Path(pattern)
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if file.is_file() and not _is_hidden(file.relative_to(path)))
        files = [file for file in files if file.suffix.lower() in SUFFIXES]
    elif path.exists():
        files = [path]
    else:
        files = [Path(name) for name in sorted(glob.glob(pattern, recursive=True)) if Path(name).is_file()]
    if not files:
        kind = f"no {', '.join(SUFFIXES)} file in the folder" if path.is_dir() else "no file"
        raise FileNotFoundError(f"there is {kind} {pattern!r}")
    return files


def _is_hidden(path: Path) -> bool:
    """Whether a name begins with . or _, such as a draft or a marker file _SUCCESS."""
    return any(part.startswith((".", "_")) for part in path.parts)


def open_table(paths: Sequence[Path], reading: Reading | None = None) -> Table:
    """Opens files of one format, or several, as one table.

    Args:
        paths: one file or more; of several, each must hold the columns that are asked for.
        reading: how text is read.

    Raises:
        ValueError: a file is damaged or of another format; one line that names it.
        ImportError: the format needs pyarrow, which is not installed.
    """
    from fmnist_tf.files.tables_shards import Partition, Shards

    reading = reading or Reading()
    tables = [Partition.of(replace(_open_file(path, reading), groups=reading.groups)) for path in paths]
    return tables[0] if len(tables) == 1 else Shards.of(tables)


def _open_file(path: Path, reading: Reading) -> Table:
    from fmnist_tf.files import tables_arrays, tables_text

    suffix = path.suffix.lower()
    if suffix in ARRAY_SUFFIXES:
        return tables_arrays.open_arrays(path)
    if suffix in TEXT_SUFFIXES:
        return tables_text.open_text(path, reading)
    if suffix not in ARROW_SUFFIXES:
        raise ValueError(f"{path}: expected a file that ends in {', '.join(SUFFIXES)}")
    return _arrow(path).open_typed(path)


def _arrow(path: Path):
    """The module that needs pyarrow."""
    try:
        from fmnist_tf.files import tables_arrow
    except ImportError as error:
        raise ImportError(f"{path}: {path.suffix} files need pyarrow; pip install 'fmnist-tf[files]'") from error
    return tables_arrow
