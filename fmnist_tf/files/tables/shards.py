"""Several files as one table: the columns are found by name in each, in any order."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from urllib.parse import unquote

import numpy as np

from fmnist_tf.files.tables.table import Column, Kind, Table, Texts, Values, WiderColumn

_ORDER: tuple[Kind, ...] = ("boolean", "integer", "float", "text")


@dataclass(frozen=True, kw_only=True)
class Shards(Table):
    """Tables one after the other; the columns are those of all, in the order of first occurrence.

    Attributes:
        tables: the shards, in order.
    """

    tables: tuple[Table, ...]

    @classmethod
    def of(cls, tables: Sequence[Table]) -> "Shards":
        """Shards with the columns of all.

        Raises:
            ValueError: some of them name their columns and others do not, or a column has several widths.
        """
        headed = [table for table in tables if table.headed]
        if len(headed) not in (0, len(tables)):
            bare = next(table for table in tables if not table.headed)
            raise ValueError(f"{headed[0].path} names its columns and {bare.path} does not; write a header in each")
        return cls(
            path=f"{tables[0].path} and {len(tables) - 1} more",
            tables=tuple(tables),
            columns=_union(tables),
            headed=bool(headed),
            typed=all(table.typed for table in tables),
            notes=tuple(dict.fromkeys(chain.from_iterable(table.notes for table in tables))),
        )

    def pieces(self, names: Sequence[str], rows: int) -> Iterator[list[Values]]:
        """The pieces of each shard in turn."""
        kinds: dict[str, Kind] = {column.name: column.kind for column in self.columns}
        for table in self.tables:
            own = {column.name: column.kind for column in table.columns}
            for name in names:
                if name not in own:
                    raise ValueError(f"{table.path} has no column {name!r}, which {self.path} have")
                if own[name] != kinds[name] and not table.typed:
                    raise WiderColumn(table.path, name, kinds[name])
        for table in self.tables:
            yield from table.pieces(names, rows)


def _union(tables: Sequence[Table]) -> tuple[Column, ...]:
    columns: dict[str, Column] = {}
    for table in tables:
        for column in table.columns:
            known = columns.setdefault(column.name, column)
            if known.width != column.width:
                raise ValueError(
                    f"{table.path}: a row of column {column.name!r} holds {column.width} numbers, "
                    f"that of {tables[0].path} {known.width}"
                )
            columns[column.name] = known._replace(kind=max(known.kind, column.kind, key=_ORDER.index))
    return tuple(columns.values())


@dataclass(frozen=True, kw_only=True)
class Partition(Table):
    """A table with the columns that the names of its folders give, such as split=test/part-0.parquet."""

    table: Table
    constants: Mapping[str, str]

    @classmethod
    def of(cls, table: Table) -> Table:
        """The table with its partition columns; the table itself if no folder is called key=value."""
        parts = [part.partition("=") for part in Path(table.path).parent.parts]
        constants = {unquote(key): unquote(value) for key, sign, value in parts if sign and key}
        own = {column.name for column in table.columns}
        constants = {key: value for key, value in constants.items() if key not in own}
        if not constants or not table.headed:
            return table
        columns = (*table.columns, *(Column(key, _kind(value)) for key, value in constants.items()))
        return cls(
            path=table.path, columns=columns, typed=table.typed, notes=table.notes, table=table, constants=constants
        )

    def pieces(self, names: Sequence[str], rows: int) -> Iterator[list[Values]]:
        """The columns of the file, and beside them the constants."""
        stored = [name for name in names if name not in self.constants]
        for piece in self.table.pieces(stored or [self.table.columns[0].name], rows):
            found = dict(zip(stored, piece, strict=False))
            yield [found[name] if name in found else self._constant(name, len(piece[0])) for name in names]

    def _constant(self, name: str, rows: int) -> Values:
        value = self.constants[name]
        return np.full(rows, int(value)) if _kind(value) == "integer" else Texts(np.zeros(rows, np.int64), (value,))


def _kind(text: str) -> Kind:
    return "integer" if text.isascii() and text.isdecimal() and len(text) < 18 else "text"
