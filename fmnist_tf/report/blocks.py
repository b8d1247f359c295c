"""Tables and lists of lines -> text of a fixed width, Markdown, or rich. What is in them is decided elsewhere."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Group

WIDTH = 100
_GAP = "  "


@dataclass(frozen=True)
class Table:
    """Rows under a header; the first column is words, the others are numbers. Blank rows separate groups."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Lines:
    """Lines under a title; bulleted in Markdown."""

    title: str
    lines: Sequence[str]


Block = Table | Lines


def to_text(blocks: Iterable[Block], width: int = WIDTH) -> str:
    """Plain text, no line wider than `width`: names that are too long end in an ellipsis."""
    return "\n\n".join("\n".join(_text_of(block, width)) for block in blocks) + "\n"


def to_markdown(blocks: Iterable[Block]) -> str:
    """GitHub-flavoured Markdown."""
    return "\n\n".join("\n".join(_markdown_of(block)) for block in blocks) + "\n"


def to_rich(blocks: Iterable[Block]) -> "Group":
    """What `rich.print` shows, as wide as the terminal."""
    from rich.console import Group
    from rich.padding import Padding

    return Group(*(Padding(_rich_of(block), (0, 0, 1, 0)) for block in blocks))


def shorten(text: str, width: int) -> str:
    """At most `width` terminal columns of `text`, the last an ellipsis where something is missing."""
    if display_width(text) <= width:
        return text
    kept = ""
    for character in text:
        if display_width(kept + character) > width - 1:
            break
        kept += character
    return kept + "…"


def display_width(text: str) -> int:
    """Terminal columns: two for wide East Asian characters, none for combining ones."""
    return sum(_character_width(character) for character in text)


def _character_width(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Mn"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _pad(text: str, width: int, left: bool) -> str:
    blanks = " " * (width - display_width(text))
    return text + blanks if left else blanks + text


def _text_of(block: Block, width: int) -> list[str]:
    title = [block.title] if block.title else []
    if isinstance(block, Lines):
        return [shorten(line, width) for line in [*title, *(f"  {line}" if title else line for line in block.lines)]]
    widths = _column_widths(block, width)
    lines = [_text_row(row, widths) for row in (block.header, *block.rows)]
    return [*title, *lines]


def _column_widths(table: Table, width: int) -> list[int]:
    """As wide as their content; what is too much is taken from the first column."""
    rows = [row for row in (table.header, *table.rows) if row]
    widths = [max(display_width(row[column]) for row in rows) for column in range(len(table.header))]
    others = sum(widths[1:]) + len(_GAP) * (len(widths) - 1)
    return [min(widths[0], max(width - others, 8)), *widths[1:]]


def _text_row(row: Sequence[str], widths: list[int]) -> str:
    if not row:
        return ""
    cells = [_pad(shorten(cell, width), width, column == 0) for column, (cell, width) in enumerate(zip(row, widths))]
    return _GAP.join(cells).rstrip()


def _markdown_of(block: Block) -> list[str]:
    title = [f"**{_escape(block.title)}**", ""] if block.title else []
    if isinstance(block, Lines):
        bullet = "- " if title else ""
        return [*title, *(bullet + _escape(line) for line in block.lines)]
    rule = "|".join([":--", *["--:"] * (len(block.header) - 1)])
    rows = [_markdown_row(row) for row in block.rows if row]
    return [*title, _markdown_row(block.header), f"|{rule}|", *rows]


def _markdown_row(row: Sequence[str]) -> str:
    return "| " + " | ".join(_escape(cell) for cell in row) + " |"


def _escape(text: str) -> str:
    """Class names are text, not markup; an interval is no link."""
    for character in "\\`*_|<>[]#":
        text = text.replace(character, f"\\{character}")
    return text.replace("\n", " ")


def _rich_of(block: Block) -> Any:
    from rich.table import Table as RichTable
    from rich.text import Text

    if isinstance(block, Lines):
        title = [Text(block.title, style="bold")] if block.title else []
        indent = "  " if block.title else ""
        return Text("\n").join([*title, *(Text(indent + line) for line in block.lines)])
    table = RichTable(title=block.title or None, title_justify="left", title_style="bold", box=None, pad_edge=False)
    table.add_column(Text(block.header[0]), overflow="ellipsis", no_wrap=True, ratio=None)
    for name in block.header[1:]:
        table.add_column(Text(name), justify="right", no_wrap=True)
    for row in block.rows:
        table.add_row(*(Text(cell) for cell in row or [""]))
    return table
