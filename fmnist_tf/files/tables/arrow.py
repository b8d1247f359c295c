"""Tables by pyarrow: .csv and .tsv, .jsonl, .parquet, streamed in record batches (extra `files`)."""

import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.dataset as ds
from pyarrow import csv, parquet, types

from fmnist_tf.files.tables.dialect import Dialect
from fmnist_tf.files.tables.table import WIDER, Column, Kind, Table, Texts, Values, WiderColumn

pc: Any = pyarrow.compute  # its functions are made at import, which type checkers do not see
_BLOCK = 2**21
_READAHEAD = 4
#: Rows of a batch of parquet: two columns of integers stay in the processor's cache.
_PARQUET_ROWS = 2**17
_TYPES: dict[Kind, pa.DataType] = {
    "boolean": pa.bool_(),
    "integer": pa.int64(),
    "float": pa.float64(),
    "text": pa.string(),
}
_TRUE, _FALSE = ["true", "True", "TRUE"], ["false", "False", "FALSE"]
_NOISE = "input source "  # in messages of pyarrow, before the second name of the file
#: For damage pyarrow raises an OSError too, one without a number.
_DAMAGED = (pa.ArrowException, OSError, UnicodeDecodeError)
_OF_SYSTEM = (MemoryError, FileNotFoundError, PermissionError)
_MISFIT = re.compile(r"CSV column #(\d+).*conversion error")


@dataclass(frozen=True, kw_only=True)
class ArrowTable(Table):
    """A file that pyarrow reads.

    Attributes:
        read: gives record batches of the named columns, of at most so many rows.
        names: the names of all columns, for messages of pyarrow, which hold indices.
    """

    read: Callable[[Sequence[str], int], Iterator[Any]]
    names: tuple[str, ...] = ()

    def pieces(self, names: Sequence[str], rows: int) -> Iterator[list[Values]]:
        """Record batches as numpy arrays, those of numbers without a copy."""
        seen = 0
        try:
            for batch in self.read(list(dict.fromkeys(names)), rows):
                if batch.num_rows:
                    yield [self._values(batch.column(name), name, seen) for name in names]
                    seen += batch.num_rows
        except _OF_SYSTEM:
            raise
        except _DAMAGED as error:
            raise _told(error, self.path, self.names, self.columns) from error

    def _values(self, column: Any, name: str, seen: int) -> Values:
        if name in self.groups:
            return _as_written(column)
        if _is_list(column.type):
            return self._matrix(column, name, seen)
        kind = _kind(column.type)
        if column.null_count and kind != "float":
            row = seen + 1 + pc.index(column.is_null(), True).as_py()
            raise ValueError(f"{self.path}: column {name!r} has no value in row {row}")
        return self._texts(column, name, seen) if kind == "text" else to_numpy(column)

    def _texts(self, column: Any, name: str, seen: int) -> Texts:
        texts = to_texts(column)
        if "" in texts.values and (empty := texts.indices == texts.values.index("")).any():
            raise ValueError(f"{self.path}: column {name!r} has no value in row {seen + 1 + int(empty.argmax())}")
        return texts

    def _matrix(self, column: Any, name: str, seen: int) -> np.ndarray:
        lengths = pc.list_value_length(column)
        width = next(known.width for known in self.columns if known.name == name)
        wrong = pc.not_equal(lengths.fill_null(-1), width)
        if pc.any(wrong).as_py():
            row = seen + 1 + pc.index(wrong, True).as_py()
            raise ValueError(f"{self.path}: column {name!r} does not hold {width} numbers in row {row}")
        return to_numpy(column)


def _as_written(column: Any) -> Texts:
    """A column as text, "" where a row has no value."""
    if types.is_dictionary(column.type):
        column = column.dictionary_decode()
    column = column.cast(pa.string()).fill_null("").dictionary_encode()
    return Texts(column.indices.to_numpy(zero_copy_only=False), tuple(column.dictionary.to_pylist()))


def _scan(dataset: Any, columns: Sequence[str], rows: int) -> Iterator[Any]:
    """The batches of a file of text."""
    scanner = dataset.scanner(columns=columns, batch_size=rows, batch_readahead=_READAHEAD, fragment_readahead=1)
    return scanner.to_batches()


def _decode(path: Path, columns: Sequence[str], rows: int) -> Iterator[Any]:
    """The batches of a .parquet file, decoded in another thread while the caller counts.

    Not by a dataset: that decodes whole row groups, however large, several of them ahead. Without `pre_buffer=False`
    the bytes of the whole file stay in memory to its end.
    """
    with parquet.ParquetFile(path, pre_buffer=False) as file, ThreadPoolExecutor(1) as thread:
        batches = file.iter_batches(min(rows, _PARQUET_ROWS), columns=columns)
        ahead = deque(thread.submit(next, batches, None) for _ in range(_READAHEAD))
        try:
            while (batch := ahead.popleft().result()) is not None:
                ahead.append(thread.submit(next, batches, None))
                yield batch
        finally:
            thread.shutdown(cancel_futures=True)


def to_numpy(column: Any) -> np.ndarray:
    """A column of numbers or booleans as (n,), without a copy where Arrow allows it; of lists of one length (n, width).

    Integers are widened to int64, decimals to float64.
    """
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    if _is_list(column.type):
        return to_numpy(column.flatten()).reshape(len(column), -1)
    kind = _kind(column.type)
    if kind == "integer":
        return column.to_numpy(zero_copy_only=False).astype(np.int64, copy=False)
    if kind == "float" and not types.is_floating(column.type):
        column = column.cast(pa.float64())
    return column.to_numpy(zero_copy_only=False)


def to_texts(column: Any) -> Texts:
    """A column of text, or of values that are shown as text, such as dates."""
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    if not types.is_dictionary(column.type):
        column = (column if types.is_string(column.type) else column.cast(pa.string())).dictionary_encode()
    return Texts(column.indices.to_numpy(zero_copy_only=False), tuple(map(str, column.dictionary.to_pylist())))


def to_values(column: Any) -> Values:
    """A column of numbers, booleans or text."""
    is_text = not _is_list(column.type) and _kind(column.type) == "text"
    return to_texts(column) if is_text else to_numpy(column)


def _told(error: Exception, path: str, names: Sequence[str], columns: Sequence[Column]) -> ValueError:
    """The error for a column that needs a wider kind, or for a damaged file."""
    found = _MISFIT.search(str(error))
    name = names[int(found[1])] if found and names else None
    kind = next((column.kind for column in columns if column.name == name), None)
    if name is not None and kind in WIDER:
        return WiderColumn(path, name, WIDER[kind])
    reason = " ".join(str(error).rpartition(_NOISE)[2].split())
    return ValueError(f"{path}: {reason.removeprefix(f'{path!r}: ')[:300]}")


def open_csv(path: Path, dialect: Dialect, told: Mapping[str, Any]) -> Table:
    """Opens a text file of this dialect.

    Raises:
        ValueError: pyarrow cannot read it; one line that names it.
    """
    names = [f"dropped {k}" for k in range(dialect.kept[-1] + 1)]
    for k, column in zip(dialect.kept, dialect.columns, strict=True):
        names[k] = column.name
    kinds = {column.name: _TYPES[column.kind] for column in dialect.columns}
    file_format = ds.CsvFileFormat(
        parse_options=csv.ParseOptions(delimiter=dialect.separator, newlines_in_values=False),
        read_options=csv.ReadOptions(column_names=names, skip_rows=dialect.skipped, block_size=_BLOCK),
        convert_options=csv.ConvertOptions(
            column_types=kinds,
            decimal_point=dialect.decimal,
            strings_can_be_null=False,
            true_values=_TRUE,
            false_values=_FALSE,
        ),
    )
    # With a schema pyarrow does not parse the first block a second time to find one.
    schema = pa.schema([(name, kinds.get(name, pa.string())) for name in names])
    dataset = ds.dataset(str(path), format=file_format, schema=schema)
    return ArrowTable(**told, read=partial(_scan, dataset), names=tuple(names))


def open_typed(path: Path) -> Table:
    """Opens a .parquet or .jsonl file, whose columns have names and types.

    Raises:
        ValueError: it is damaged; one line that names it.
    """
    is_parquet = path.suffix.lower() in (".parquet", ".pq")
    try:
        schema, read = _open_parquet(path) if is_parquet else _open_json(path)
        fields = [field for field in schema if not field.name.startswith("__index_level_")]
        for name in (field.name for field in fields if len(schema.get_all_field_indices(field.name)) > 1):
            raise ValueError(f"{path}: two columns are called {name!r}")
        columns = tuple(_column(field, read) for field in fields if _is_read(field.type))
    except _OF_SYSTEM:
        raise
    except _DAMAGED as error:
        raise _told(error, str(path), (), ()) from error
    return ArrowTable(path=str(path), read=read, columns=columns)


def _open_parquet(path: Path) -> tuple[Any, Callable[[Sequence[str], int], Iterator[Any]]]:
    return parquet.read_schema(path), partial(_decode, path)


def _open_json(path: Path) -> tuple[Any, Callable[[Sequence[str], int], Iterator[Any]]]:
    dataset = ds.dataset(str(path), format="json")
    return dataset.schema, partial(_scan, dataset)


def _column(field: Any, read: Callable[[Sequence[str], int], Iterator[Any]]) -> Column:
    """Name, kind and width; of lists the width of the first row."""
    if not _is_list(field.type):
        return Column(field.name, _kind(field.type))
    first = next((batch.column(field.name) for batch in islice(read([field.name], 1), 1)), None)
    return Column(field.name, _kind(field.type.value_type), max(1, len(first[0].as_py() or ())) if first else 1)


def _is_list(kind: Any) -> bool:
    return types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind)


def _is_read(kind: Any) -> bool:
    if _is_list(kind):
        return _is_read(kind.value_type) and _kind(kind.value_type) != "text"
    return not (types.is_nested(kind) or types.is_binary(kind) or types.is_large_binary(kind))


def _kind(kind: Any) -> Kind:
    """The kind of an Arrow type; dates and the like are text."""
    if types.is_boolean(kind):
        return "boolean"
    if types.is_integer(kind):
        return "integer"
    return "float" if types.is_floating(kind) or types.is_decimal(kind) or types.is_null(kind) else "text"
