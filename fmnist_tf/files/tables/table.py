"""`Table`: named columns that are read in pieces, the interface of all formats."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np

Kind = Literal["integer", "float", "boolean", "text"]
#: Kinds of a column of text, from the narrowest; later rows may need a wider one.
WIDER: dict[Kind, Kind] = {"boolean": "text", "integer": "float", "float": "text"}


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
