"""The dialect of a text file of columns, from its first lines: separator, decimal sign, header, index column."""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path

from fmnist_tf.files.tables.table import Column, Kind, Reading

#: Separators, in the order in which they are tried: a comma may also be a decimal sign, a space part of a text.
_SEPARATORS = ("\t", ";", "|", ",", " ")
_NAMES = {"\t": "tabs", ";": "';'", "|": "'|'", " ": "spaces"}
_SAMPLE_ROWS = 200
_MAX_ROWS = 2**20
_MAX_SAMPLE = 2**22
_MAX_LINE = 2**20
_COMMA = re.compile(r"\s*[+-]?\d+,\d+([eE][+-]?\d+)?\s*")
_INTEGER = re.compile(r"\s*[+-]?\d+\s*")
_FLAGS = ("true", "false", "True", "False", "TRUE", "FALSE")
_MISSING = ("", "nan", "NaN", "NA", "N/A", "null", "NULL", "None")
#: Usual names of a column of labels or predictions; a header with one of them needs no note.
_HEADERS = ("label", "labels", "y", "y_true", "y_pred", "true", "pred", "class", "target", "prediction")
_INDEX_REMEDY = "pass --drop-index, or write the file with index=False"


@dataclass(frozen=True)
class Dialect:
    """The dialect of a text file.

    Attributes:
        separator: between columns.
        decimal: "." or ",".
        columns: names and kinds, as far as the first rows tell.
        headed: whether the first line names the columns.
        skipped: lines before the first row.
        kept: indices of the columns that are read: all, or all but an index.
        notes: what was recognised, if it is unusual.
        other_header: whether the first line may be the opposite of what it was read as.
    """

    separator: str
    decimal: str
    columns: tuple[Column, ...]
    headed: bool
    skipped: int
    kept: tuple[int, ...]
    notes: tuple[str, ...] = ()
    other_header: bool = False


def read_lines(path: Path) -> list[str]:
    """The lines of a text file that are not blank, stripped.

    Raises:
        ValueError: it is not text in UTF-8, or has a line that is too long, or more than fit.
    """
    if path.stat().st_size > _MAX_SAMPLE:
        raise ValueError(f"{path}: larger than {_MAX_SAMPLE} bytes")
    return [line.strip() for line in _read(path, _MAX_ROWS) if line.strip()]


def read_sample(path: Path) -> list[str]:
    """The first lines of a text file, without line ends.

    Raises:
        ValueError: it is not text in UTF-8, or has no lines, or one that is too long.
    """
    lines = _read(path, _SAMPLE_ROWS)
    if not any(line.strip() for line in lines):
        raise ValueError(f"{path} holds no rows")
    return lines


def _read(path: Path, most: int) -> list[str]:
    lines, size = [], 0
    try:
        with path.open(encoding="utf-8-sig") as file:
            while len(lines) < most and size < _MAX_SAMPLE and (line := file.readline(_MAX_LINE + 1)):
                if len(line) > _MAX_LINE:
                    raise ValueError(f"{path}, line {len(lines) + 1}: longer than {_MAX_LINE} characters")
                lines.append(line.rstrip("\n"))
                size += len(line)
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is no text in UTF-8; save it as such") from error
    return lines


def sniff(lines: Sequence[str], path: str, reading: Reading) -> Dialect:
    """The dialect of a file, from its first lines.

    Args:
        lines: the first lines of the file.
        path: of the file, for messages.
        reading: the options that are known: header, index, kinds of columns.

    Returns:
        A `Dialect`.

    Raises:
        ValueError: rows of several lengths, no rows, an index column that is not to be dropped, names that repeat.

    Example:
        >>> sniff(["cat;dog", "0,2;0,8"], "p.csv", Reading()).notes
        ("p.csv is read with ';' between columns and decimal commas",)
    """
    comments, lines = _split_comments(lines)
    separator, rows = _find_separator(lines, path)
    separator, rows, decimal = _find_decimal(separator, rows, path)
    header, rows, other = _find_header(rows, reading.header, decimal)
    if header is None and comments and len(commented := _split(comments[-1].lstrip("# "), separator)) == len(rows[0]):
        header, other = commented, False
        skipped = len(comments)
    else:
        skipped = len(comments) + (header is not None)
    _check_widths(header, rows, path, reading)
    names = header or [str(k) for k in range(len(rows[0]))]
    kept = _find_kept(names, rows, header is not None, path, reading)
    _check_names(names, kept, path)
    kinds: dict[str, Kind] = {**dict(reading.kinds), **dict.fromkeys(reading.groups, "text")}
    columns = tuple(Column(names[k], kinds.get(names[k]) or _kind([row[k] for row in rows], decimal)) for k in kept)
    notes = _notes(path, separator, decimal)
    if header and other and header[0].lower() not in _HEADERS:
        notes = (*notes, f"{path} begins with its header {header[0]!r}")
    blank = _leading_blank(lines)
    return Dialect(separator, decimal, columns, header is not None, skipped + blank, kept, notes, other)


def _split_comments(lines: Sequence[str]) -> tuple[list[str], list[str]]:
    """Lines before the first row that begin with #, as numpy.savetxt writes its header, and the other lines."""
    count = 0
    while count < len(lines) and lines[count].startswith("#"):
        count += 1
    if count == len(lines):
        return [], list(lines)
    return list(lines[:count]), list(lines[count:])


def _leading_blank(lines: Sequence[str]) -> int:
    return next((k for k, line in enumerate(lines) if line.strip()), 0)


def _split(line: str, separator: str) -> list[str]:
    return next(csv.reader([line], delimiter=separator), [])


def _find_separator(lines: Sequence[str], path: str) -> tuple[str, list[list[str]]]:
    """The first separator that cuts all lines into the same number of columns, two or more; else a comma."""
    text = [line for line in lines if line.strip()]
    for separator in _SEPARATORS:
        rows = _parse(text, separator, path)
        widths = {len(row) for row in rows}
        numeric = separator != " " or all(_is_number(field) for row in rows[1:] or rows for field in row)
        if len(widths) == 1 and widths != {1} and numeric:
            return separator, rows
    for separator in ("\t", ";", "|", ","):  # rows one longer than the header, as R writes its row names
        rows = _parse(text, separator, path)
        if len(rows) > 1 and len({len(row) for row in rows[1:]}) == 1 and len(rows[0]) == len(rows[1]) - 1:
            return separator, rows
    rows = _parse(text, ",", path)
    return ",", rows


def _parse(lines: Sequence[str], separator: str, path: str) -> list[list[str]]:
    try:
        return [row for row in csv.reader(lines, delimiter=separator) if row]
    except csv.Error as error:
        raise ValueError(f"{path}: {error}") from error


def _find_decimal(separator: str, rows: list[list[str]], path: str) -> tuple[str, list[list[str]], str]:
    """Finds decimal commas: in fields between other separators, or in lines of one number that a comma has split."""
    fields = [field for row in rows[1:] or rows for field in row]
    if any(_COMMA.fullmatch(field) for field in fields) and not any(_has_point(field) for field in fields):
        return separator, rows, ","
    if separator != "," or {len(row) for row in rows[1:]} - {2}:
        return separator, rows, "."
    body = rows[1:] if len(rows[0]) == 1 else rows
    whole, part = [row[0] for row in body], [row[-1] for row in body]
    cut = body and all(len(row) == 2 and _INTEGER.fullmatch(row[0]) and row[1].isdecimal() for row in body)
    if cut and (len(rows[0]) == 1 or (set(whole) <= {"0", "1"} and not set(part) <= {"0", "1"})):
        return ";", [[",".join(row)] for row in rows], ","
    return separator, rows, "."


def _has_point(field: str) -> bool:
    return "." in field and _is_number(field)


def _find_header(
    rows: list[list[str]], told: bool | None, decimal: str
) -> tuple[list[str] | None, list[list[str]], bool]:
    """The names in the first line, or None; the rows; and whether the opposite is as likely."""
    first, rest = rows[0], rows[1:]
    if told is not None:
        return (first if told else None), (rest if told else rows), False
    if all(_is_number(field, decimal) or field in _FLAGS or field.strip() in _MISSING[1:] for field in first):
        counts_up = _is_range(first)
        is_header = counts_up and len(first) > 1 and (len(first) > 2 or not _are_integers(rest))
        return (first, rest, False) if is_header and rest else (None, rows, counts_up)
    if len(first) == 1 and first in rest:  # a class that occurs again
        return None, rows, False
    return first, rest, len(first) == 1 and not any(_is_number(row[0], decimal) for row in rest)


def _is_range(fields: Sequence[str]) -> bool:
    """Whether these are the names 0 to C-1, or 1 to C, as pandas heads columns without names."""
    if not all(_INTEGER.fullmatch(field) for field in fields):
        return False
    numbers = [int(field) for field in fields]
    return numbers[0] in (0, len(numbers) > 1) and all(b - a == 1 for a, b in pairwise(numbers))


def _are_integers(rows: Sequence[Sequence[str]]) -> bool:
    return all(_INTEGER.fullmatch(field) for row in rows for field in row)


def _check_widths(header: list[str] | None, rows: list[list[str]], path: str, reading: Reading) -> None:
    if not rows:
        raise ValueError(f"{path} holds no rows below its header")
    width = len(rows[0])
    if header is not None and len(header) == width - 1:
        if reading.drop_index is False:
            raise ValueError(f"{path}: the first column has no name and looks like an index; {_INDEX_REMEDY}")
        header.insert(0, "")
    elif header is not None and len(header) != width:
        commas = all(_INTEGER.fullmatch(field) for field in rows[0]) and width == 2 * len(header)
        remedy = "; decimal commas ask for ';' between columns" if commas else ""
        raise ValueError(f"{path}: the header names {len(header)} columns, the first row has {width}{remedy}")
    for number, row in enumerate(rows, 1):
        if len(row) != width:
            raise ValueError(f"{path}, row {number}: expected {width} columns, got {len(row)}")


def _find_kept(names: list[str], rows: list[list[str]], headed: bool, path: str, reading: Reading) -> tuple[int, ...]:
    """All columns, or all but an index."""
    every = tuple(range(len(names)))
    if len(names) < 2 or reading.drop_index is None:
        return every
    counts_up = _counts_up([row[0] for row in rows])
    nameless = headed and not names[0].strip()
    if not (counts_up or nameless):
        return every
    if not reading.drop_index:
        reason = "has no name" if nameless else "counts up by one"
        raise ValueError(f"{path}: the first column {reason} and looks like an index; {_INDEX_REMEDY}")
    return every[1:]


def _counts_up(fields: Sequence[str]) -> bool:
    """Whether integers grow by one from row to row, and are more than a 0 and a 1 of two one-hot rows."""
    if len(fields) < 2 or not all(_INTEGER.fullmatch(field) for field in fields):
        return False
    numbers = [int(field) for field in islice(fields, _SAMPLE_ROWS)]
    return all(b - a == 1 for a, b in pairwise(numbers)) and numbers[-1] > 1


def _check_names(names: Sequence[str], kept: Sequence[int], path: str) -> None:
    seen: set[str] = set()
    for k in kept:
        if names[k] in seen:
            raise ValueError(f"{path}: the header names {names[k]!r} twice")
        seen.add(names[k])


def _kind(fields: Sequence[str], decimal: str) -> Kind:
    """The narrowest kind that holds all fields."""
    present = [field for field in fields if field.strip() not in _MISSING]
    if present and all(field in _FLAGS for field in present):
        return "boolean"
    if len(present) == len(fields) and all(_INTEGER.fullmatch(field) and len(field) < 19 for field in fields):
        return "integer"
    return "float" if all(_is_number(field, decimal) for field in present) else "text"


def _is_number(field: str, decimal: str = ".") -> bool:
    try:
        float(field.replace(",", ".") if decimal == "," else field)
    except ValueError:
        return False
    return "_" not in field


def _notes(path: str, separator: str, decimal: str) -> tuple[str, ...]:
    said = [f"with {_NAMES[separator]} between columns"] if separator in (";", "|", " ") else []
    said += ["decimal commas" if said else "with decimal commas"] if decimal == "," else []
    return (f"{path} is read {' and '.join(said)}",) if said else ()
