"""Names of columns by a list or a pattern, in natural order."""

import re
from collections.abc import Sequence
from difflib import get_close_matches


def match_names(pattern: str, known: Sequence[str], path: str) -> list[tuple[str, str]]:
    """The columns that a list or a pattern names.

    Args:
        pattern: names with commas between them, each of which may hold stars, such as "cat,dog" or "p_*".
        known: the columns there are.
        path: of their file, for messages.

    Returns:
        (column, class name) of each; of a pattern the class name is the text that the stars match, and p_2 comes
        before p_10.

    Raises:
        ValueError: there is no such column, or one is named twice.

    Example:
        >>> match_names("p_*", ["p_10", "y", "p_2"], "a.csv")
        [('p_2', '2'), ('p_10', '10')]
    """
    found = [pair for part in pattern.split(",") for pair in _match(part.strip(), known, path)]
    columns = [column for column, _ in found]
    if len(set(columns)) < len(columns):
        raise ValueError(f"{pattern!r} names a column of {path} twice")
    return found


def _match(pattern: str, known: Sequence[str], path: str) -> list[tuple[str, str]]:
    if pattern in known:
        return [(pattern, pattern)]
    star = re.compile("(.*)".join(map(re.escape, pattern.split("*"))))
    matches = [(name, "".join(match.groups())) for name in known if (match := star.fullmatch(name))]
    if "*" in pattern and matches:
        return sorted(matches, key=lambda pair: _natural(pair[0]))
    near = get_close_matches(pattern, known, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    listed = ", ".join(known[:10]) + (", ..." if len(known) > 10 else "")
    raise ValueError(f"{path} has no column {pattern!r}; it has {listed}{hint}")


def _natural(name: str) -> list[tuple[int, int, str]]:
    """The key of an order in which p_2 comes before p_10."""
    parts = re.split(r"(\d+)", name)
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]
