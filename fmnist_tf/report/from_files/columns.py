"""The columns of labels, predictions and weights in the files, and their rows side by side."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from fmnist_tf.files.patterns import match_names
from fmnist_tf.files.tables import Column, Reading, Table, Texts, Values, WiderColumn, find_files, open_table

_PREFIX = re.compile(r"^.*[_.:/ -](?=.)")


class Role(NamedTuple):
    """The columns that hold the labels, or the predictions.

    Attributes:
        path: where they are, for messages.
        columns: in the order of the classes, where there is one a class.
        names: of the classes, one a column; None where the file names none.
        typed: whether the format tells integers from floats.
    """

    path: str
    columns: tuple[Column, ...]
    names: tuple[str, ...] | None
    typed: bool

    @property
    def width(self) -> int:
        """The number of numbers in a row."""
        return sum(column.width for column in self.columns)

    @property
    def kinds(self) -> set[str]:
        """The kinds of the columns."""
        return {column.kind for column in self.columns}


class Piece(NamedTuple):
    """Some rows.

    Attributes:
        labels: the columns of the labels.
        predictions: the columns of the predictions.
        weight: float64 (n,), or None.
        groups: the columns of groups.
    """

    labels: list[Values]
    predictions: list[Values]
    weight: np.ndarray | None
    groups: Sequence[Values] = ()


class RowsDiffer(ValueError):
    """Two files differ in their number of rows."""

    def __init__(self, paths: Sequence[str], rows: Sequence[int]):
        super().__init__(f"{paths[0]} has {rows[0]:,} rows and {paths[1]} has {rows[1]:,}; they must be as many")
        self.rows = tuple(rows)


@dataclass(frozen=True)
class Request:
    """The files and columns to score.

    Attributes:
        files: paths, folders or globs: labels and predictions, or files that hold both.
        label: name of the column of labels, or a pattern of several; None where there are two files.
        pred: name of the column of predicted classes.
        scores: names of the columns of scores, with commas between them, or a pattern such as "p_*".
        weight: name of the column of weights.
        by: names of the columns of groups.
        readings: how the files are read: one, or one for each of two.
    """

    files: tuple[str, ...]
    label: str | None = None
    pred: str | None = None
    scores: str | None = None
    weight: str | None = None
    by: tuple[str, ...] = ()
    readings: tuple[Reading, ...] = field(default=(Reading(), Reading()))

    @property
    def groups(self) -> list[list[Path]]:
        """The files of each table."""
        if self.label is not None:
            return [find_files(self.files)]
        if len(self.files) != 2:
            raise ValueError(f"expected Y_TRUE and Y_PRED, or files with --label, got {len(self.files)} files")
        return [find_files([file]) for file in self.files]

    def widen(self, error: WiderColumn) -> "Request":
        """The same, with a column read as a wider kind."""
        at = next(k for k, group in enumerate(self.groups) if error.path in map(str, group))
        reading = self.readings[at].widen(error.column, error.kind)
        readings = [reading if k == at else old for k, old in enumerate(self.readings)]
        return replace(self, readings=tuple(readings))


@dataclass(frozen=True)
class Source:
    """Open files: one table with all columns, or one of labels and one of predictions."""

    tables: tuple[Table, ...]
    labels: Role
    predictions: Role
    weight: Column | None = None
    groups: tuple[str, ...] = ()

    @classmethod
    def open(cls, request: Request) -> "Source":
        """Opens the files and finds the columns.

        Raises:
            ValueError: a file cannot be read, or has no such column.
        """
        tables = [open_table(group, reading) for group, reading in zip(request.groups, request.readings, strict=False)]
        if request.label is None:
            labels, predictions = (_whole(table) for table in tables)
            return cls(tuple(tables), *_meet(labels, predictions))
        table = tables[0]
        labels = _select(table, request.label, "--label")
        predictions = _select(table, request.scores or request.pred or "", "--scores" if request.scores else "--pred")
        weight = _select(table, request.weight, "--weight").columns[0] if request.weight else None
        _check_groups(table, request.by, {*labels.columns, *predictions.columns})
        return cls((table,), *_meet(labels, predictions), weight, request.by)

    @property
    def notes(self) -> list[str]:
        """How the files were read."""
        return [note for table in self.tables for note in table.notes]

    def pieces(self, rows: int) -> Iterator[Piece]:
        """All rows, at most so many at a time.

        Raises:
            RowsDiffer: two files have different numbers of rows.
        """
        labels, predictions = ([column.name for column in role.columns] for role in (self.labels, self.predictions))
        if len(self.tables) == 2:
            streams = self.tables[0].pieces(labels, rows), self.tables[1].pieces(predictions, rows)
            for true, pred in side_by_side(*streams, (self.tables[0].path, self.tables[1].path)):
                yield Piece(true, pred, None)
            return
        weight = [self.weight.name] if self.weight else []
        ends = np.cumsum([len(labels), len(predictions), len(weight)])
        for piece in self.tables[0].pieces([*labels, *predictions, *weight, *self.groups], rows):
            true, pred, weights, groups = (
                piece[start:end] for start, end in zip([0, *ends], [*ends, None], strict=True)
            )
            yield Piece(true, pred, _weight(weights, self.tables[0].path), groups)

    def label_texts(self, rows: int) -> list[str]:
        """The different texts of a column of labels, sorted."""
        found: set[str] = set()
        for piece in self.tables[0].pieces([self.labels.columns[0].name], rows):
            assert isinstance(piece[0], Texts)
            found.update(piece[0].values)
        return sorted(found)


def _weight(values: list[Values], path: str) -> np.ndarray | None:
    if not values:
        return None
    if isinstance(values[0], Texts):
        raise ValueError(f"{path}: weights must be numbers, got {values[0].values[0]!r}")
    weight = values[0].astype(np.float64)
    bad = ~(np.isfinite(weight) & (weight >= 0))
    if bad.any():
        raise ValueError(f"{path}: weights must be finite and not negative, got {weight[bad][0]}")
    return weight


def side_by_side(
    first: Iterator[list[Values]], second: Iterator[list[Values]], paths: tuple[str, str]
) -> Iterator[tuple[list[Values], list[Values]]]:
    """The rows of two streams, in pieces of equal size.

    Raises:
        RowsDiffer: one is longer than the other.
    """
    streams, seen = (first, second), 0
    held: list[list[Values] | None] = [None, None]
    while True:
        for k in (0, 1):
            held[k] = held[k] or next(streams[k], None)
        true, pred = held
        if true is None or pred is None:
            break
        rows = min(len(true[0]), len(pred[0]))
        yield cut(true, 0, rows), cut(pred, 0, rows)
        held = [cut(part, rows, None) if len(part[0]) > rows else None for part in (true, pred)]
        seen += rows
    rest = [0 if part is None else len(part[0]) for part in held]
    rest = [count + sum(len(piece[0]) for piece in stream) for count, stream in zip(rest, streams, strict=True)]
    if any(rest):
        raise RowsDiffer(paths, [seen + count for count in rest])


def cut(piece: list[Values], start: int, stop: int | None) -> list[Values]:
    """Some rows of all columns."""
    return [
        Texts(values.indices[start:stop], values.values) if isinstance(values, Texts) else values[start:stop]
        for values in piece
    ]


def stack(columns: list[Values]) -> np.ndarray:
    """Columns side by side: (n,) of one, else (n, C) of the widest type."""
    arrays = [column for column in columns if not isinstance(column, Texts)]
    if len(arrays) == 1:
        return arrays[0]
    dtype = np.result_type(*arrays)
    if any(array.ndim > 1 for array in arrays):
        return np.concatenate([array.reshape(len(array), -1) for array in arrays], axis=1, dtype=dtype)
    table = np.empty((len(arrays[0]), len(arrays)), dtype)
    for k, array in enumerate(arrays):
        table[:, k] = array
    return table


def _whole(table: Table) -> Role:
    """All columns of a file."""
    single = len(table.columns) == 1
    names = tuple(column.name for column in table.columns) if table.headed and not single else None
    return Role(table.path, table.columns, names, table.typed)


def _select(table: Table, pattern: str, option: str) -> Role:
    """The columns that an option names, with commas between them, or by a pattern in natural order."""
    if not table.headed:
        raise ValueError(f"{table.path} has no names of columns; give two files, Y_TRUE Y_PRED, without {option}")
    known = {column.name: column for column in table.columns}
    if pattern in known:
        return Role(table.path, (known[pattern],), None, table.typed)
    found = match_names(pattern, list(known), table.path)
    columns, names = tuple(known[name] for name, _ in found), tuple(short for _, short in found)
    return Role(table.path, columns, names, table.typed)


def _check_groups(table: Table, names: Sequence[str], others: set[Column]) -> None:
    """Refuses columns of groups that are not there, that hold several numbers a row, or that are labels too."""
    for name in names:
        (column,) = _select(table, name, "--by").columns[:1]
        if column.name != name or column.width > 1:
            raise ValueError(f"{table.path}: --by must name one column of one value a row, got {name!r}")
        if column in others:
            raise ValueError(f"{table.path}: --by must name another column than those of labels and predictions")


def _meet(labels: Role, predictions: Role) -> tuple[Role, Role]:
    """Columns of labels in the order of the columns of scores, where both name their classes."""
    ours, theirs = labels.names, predictions.names
    if not ours or not theirs or len(ours) < 2 or len(theirs) < 2 or ours == theirs:
        return labels, predictions
    if not set(ours) & set(theirs):  # unrelated names, such as true_0 and pred_0: by order
        return labels, predictions
    if set(ours) != set(theirs):
        odd = sorted(set(ours) ^ set(theirs))[0]
        where = predictions.path if odd in ours else labels.path
        raise ValueError(f"{where} has no column {odd!r}; labels and predictions must name the same classes")
    by_name = dict(zip(ours, labels.columns, strict=True))
    return labels._replace(names=theirs, columns=tuple(by_name[name] for name in theirs)), predictions


def short_names(names: Sequence[str]) -> list[str]:
    """The names without their common prefix, up to a sign such as _: p_cat, p_dog -> cat, dog."""
    prefixes = {match[0] if (match := _PREFIX.match(name)) else "" for name in names}
    prefix = prefixes.pop() if len(prefixes) == 1 else ""
    return [name.removeprefix(prefix) for name in names]
