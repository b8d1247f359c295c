"""Finds files and opens them as one table, by the format that their names tell."""

import glob
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from fmnist_tf.files.tables.arrays import open_arrays
from fmnist_tf.files.tables.dialect import Dialect, read_sample, sniff
from fmnist_tf.files.tables.plain import PlainTable
from fmnist_tf.files.tables.shards import Partition, Shards
from fmnist_tf.files.tables.table import Reading, Table

#: File name endings that are read.
TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
ARROW_SUFFIXES = (".jsonl", ".ndjson", ".json", ".parquet", ".pq")
ARRAY_SUFFIXES = (".npy", ".npz")
SUFFIXES = (*TEXT_SUFFIXES, *ARROW_SUFFIXES, *ARRAY_SUFFIXES)


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
    reading = reading or Reading()
    tables = [Partition.of(replace(_open_file(path, reading), groups=reading.groups)) for path in paths]
    return tables[0] if len(tables) == 1 else Shards.of(tables)


def _open_file(path: Path, reading: Reading) -> Table:
    suffix = path.suffix.lower()
    if suffix in ARRAY_SUFFIXES:
        return open_arrays(path)
    if suffix in TEXT_SUFFIXES:
        return _open_text(path, reading)
    if suffix not in ARROW_SUFFIXES:
        raise ValueError(f"{path}: expected a file that ends in {', '.join(SUFFIXES)}")
    return _arrow(path).open_typed(path)


def _arrow(path: Path):
    """The module that needs pyarrow."""
    try:
        from fmnist_tf.files.tables import arrow
    except ImportError as error:
        raise ImportError(f"{path}: {path.suffix} files need pyarrow; pip install 'fmnist-tf[files]'") from error
    return arrow


def _open_text(path: Path, reading: Reading) -> Table:
    """Opens a .csv or .tsv file by pyarrow where that is installed, else by the csv module.

    Raises:
        ValueError: it is not text, has no rows, or its rows have several lengths or an index column; one line.
    """
    dialect = sniff(read_sample(path), str(path), reading)
    try:
        from fmnist_tf.files.tables import arrow
    except ImportError:
        return PlainTable(**_told(path, dialect), dialect=dialect)
    return arrow.open_csv(path, dialect, _told(path, dialect))


def _told(path: Path, dialect: Dialect) -> dict[str, Any]:
    """The attributes of a `Table` that follow from the dialect of its file."""
    return {
        "path": str(path),
        "columns": dialect.columns,
        "headed": dialect.headed,
        "typed": False,
        "notes": dialect.notes,
        "other_header": dialect.other_header,
    }
