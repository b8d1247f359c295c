"""Text tables by the csv module alone, if pyarrow is not installed: much slower, the same values."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from fmnist_tf.files.tables.dialect import Dialect
from fmnist_tf.files.tables.table import WIDER, Kind, Table, Texts, Values, WiderColumn

_FLAGS = {"true": True, "false": False}


@dataclass(frozen=True, kw_only=True)
class PlainTable(Table):
    """A .csv or .tsv file."""

    dialect: Dialect

    def pieces(self, names: Sequence[str], rows: int) -> Iterator[list[Values]]:
        """Fields parsed row by row."""
        at = {column.name: k for k, column in zip(self.dialect.kept, self.columns, strict=True)}
        kinds: dict[str, Kind] = {column.name: column.kind for column in self.columns}
        first = 1
        with open(self.path, encoding="utf-8-sig", newline="") as file:
            records = self._records(csv.reader(islice(file, self.dialect.skipped, None), delimiter=self._separator))
            while piece := list(islice(records, rows)):
                yield [self._values(name, kinds[name], [row[at[name]] for row in piece], first) for name in names]
                first += len(piece)

    @property
    def _separator(self) -> str:
        return self.dialect.separator

    def _records(self, reader: Iterator[list[str]]) -> Iterator[list[str]]:
        width = self.dialect.kept[-1] + 1
        try:
            for number, row in enumerate((row for row in reader if row), 1):
                if len(row) != width:
                    raise ValueError(f"{self.path}, row {number}: expected {width} columns, got {len(row)}")
                yield row
        except (csv.Error, UnicodeDecodeError) as error:
            raise ValueError(f"{self.path}: {error}") from error

    def _values(self, name: str, kind: Kind, fields: list[str], first: int) -> Values:
        if kind != "float" and "" in fields and name not in self.groups:
            raise ValueError(f"{self.path}: column {name!r} has no value in row {first + fields.index('')}")
        try:
            return _parse(kind, fields, self.dialect.decimal)
        except (ValueError, KeyError, OverflowError):
            raise WiderColumn(self.path, name, WIDER[kind]) from None


def _parse(kind: Kind, fields: list[str], decimal: str) -> Values:
    if kind == "text":
        values, indices = np.unique(np.array(fields, object), return_inverse=True)
        return Texts(indices, tuple(values))
    if kind == "boolean":
        return np.array([_FLAGS[field.strip().lower()] for field in fields])
    if kind == "integer":
        return np.array([int(field) for field in fields], np.int64)
    return np.array([float(field.replace(",", ".") if decimal == "," else field or "nan") for field in fields])
