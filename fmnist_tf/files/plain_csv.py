"""CSV that a spreadsheet shows as it is: no cell is a formula."""

import csv
import io
from collections.abc import Iterable
from typing import Any

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def to_csv(rows: Iterable[Iterable[Any]]) -> str:
    """Lines of cells with commas between them, each text guarded by `guard`.

    Example:
        >>> print(to_csv([["class", "f1"], ["=1+1", -0.5]]), end="")
        class,f1
        '=1+1,-0.5
    """
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(map(guard, row) for row in rows)
    return buffer.getvalue()


def guard(cell: Any) -> Any:
    """The cell; a text that a spreadsheet would run as a formula has an apostrophe in front.

    Such a text begins with =, +, -, @, a tab or a carriage return and is no number (OWASP, "CSV Injection").
    """
    is_formula = isinstance(cell, str) and cell.startswith(_FORMULA) and not _is_number(cell)
    return f"'{cell}" if is_formula else cell


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
