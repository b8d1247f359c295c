"""Tables and lists of lines -> text of a fixed width, Markdown, or rich. Other modules make their content."""

import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fmnist_tf.report.names import display_width, shorten, shorten_all

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.text import Text as RichText

WIDTH = 100
_GAP = "  "
_FEW = 12  # terminal columns that a name needs at least


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
#: The same content in several widths, the widest first; the last is taken if none fits.
Variants = Sequence[Sequence[Block]]


def to_text(variants: Variants, width: int = WIDTH) -> str:
    """Plain text, no line wider than `width`: columns are left out before a number is cut, names are shortened."""
    blocks = _choose(variants, width)
    return "\n\n".join("\n".join(_text_of(_printable(block), width)) for block in blocks) + "\n"


def to_markdown(blocks: Iterable[Block]) -> str:
    """GitHub-flavoured Markdown."""
    return "\n\n".join("\n".join(_markdown_of(block)) for block in blocks) + "\n"


@dataclass(frozen=True)
class Fitted:
    """A renderable for `rich` that chooses a variant by the width of the terminal."""

    variants: Variants

    def __rich_console__(self, console: "Console", options: "ConsoleOptions") -> "RenderResult":
        """Called by rich."""
        for number, block in enumerate(_choose(self.variants, options.max_width)):
            if number:
                yield ""
            yield _rich_of(block, options.max_width)


def _choose(variants: Variants, width: int) -> Sequence[Block]:
    fitting = (blocks for blocks in variants if max(map(_least_width, blocks), default=0) <= width)
    return next(fitting, variants[-1])


def _least_width(block: Block) -> int:
    """The least width of a block; names of a table are cut but stay different."""
    if isinstance(block, Lines):
        return 0
    widths = _column_widths(block, 0)
    return min(_FEW, max(display_width(row[0]) for row in block.rows if row)) + _rest(widths)


def _pad(text: str, width: int, left: bool) -> str:
    blanks = " " * (width - display_width(text))
    return text + blanks if left else blanks + text


def _text_of(block: Block, width: int) -> list[str]:
    title = [block.title] if block.title else []
    if isinstance(block, Lines):
        indent = "  " if title else ""
        return [*title, *(part for line in block.lines for part in _wrap(line, width, indent))]
    widths = _column_widths(block, width)
    rows = [row for row in (block.header, *block.rows) if row]
    names = iter(shorten_all([row[0] for row in rows], widths[0]))
    lines = [_text_row(next(names), row, widths) if row else "" for row in (block.header, *block.rows)]
    return [*title, *lines]


def _printable(block: Block) -> Block:
    """The block without tabs, line ends and escape sequences, which class names from a file may contain."""
    if isinstance(block, Lines):
        return Lines(_plain(block.title), [_plain(line) for line in block.lines])
    return Table(_plain(block.title), block.header, [[_plain(cell) for cell in row] for row in block.rows])


def _plain(text: str) -> str:
    return text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)


def _wrap(line: str, width: int, indent: str) -> list[str]:
    """A line as several; `textwrap` counts characters, of which wide ones fill two columns."""
    characters = width * len(line) // max(display_width(line), 1)
    parts = textwrap.wrap(
        line, max(characters, _FEW), initial_indent=indent, subsequent_indent=2 * indent, break_on_hyphens=False
    )
    return [shorten(part, width) for part in parts]


def _column_widths(table: Table, width: int) -> list[int]:
    """Widths of the content; the first column is narrowed if all are too wide."""
    rows = [row for row in (table.header, *table.rows) if row]
    widths = [max(display_width(row[column]) for row in rows) for column in range(len(table.header))]
    return [min(widths[0], max(width - _rest(widths), _FEW)), *widths[1:]]


def _rest(widths: list[int]) -> int:
    """Terminal columns of all but the first column."""
    return sum(widths[1:]) + len(_GAP) * (len(widths) - 1)


def _text_row(name: str, row: Sequence[str], widths: list[int]) -> str:
    numbers = (_pad(cell, width, left=False) for cell, width in zip(row[1:], widths[1:], strict=True))
    return _GAP.join([_pad(name, widths[0], left=True), *numbers]).rstrip()


def _markdown_of(block: Block) -> list[str]:
    title = [f"**{_escape(block.title)}**", ""] if block.title else []
    if isinstance(block, Lines):
        if title:
            return [*title, *(f"- {_escape(line)}" for line in block.lines)]
        return "\n\n".join(map(_escape, block.lines)).split("\n")
    rule = "|".join([":--", *["--:"] * (len(block.header) - 1)])
    rows = [_markdown_row(row) for row in block.rows if row]
    return [*title, _markdown_row(block.header), f"|{rule}|", *rows]


def _markdown_row(row: Sequence[str]) -> str:
    return "| " + " | ".join(_escape(cell) for cell in row) + " |"


def _escape(text: str) -> str:
    """Class names are text, not markup or mathematics; brackets before a number are those of an interval."""
    return re.sub(r"[\\`*_|<>#$]|\[(?![-+.\d])", r"\\\g<0>", text).replace("\n", " ")


def _rich_of(block: Block, width: int) -> "RichText":
    """The text, with title or header in bold; tables of rich are not used, since they cut numbers before names."""
    from rich.text import Text as RichText

    lines = [RichText(line, no_wrap=True) for line in _text_of(_printable(block), width)]
    if isinstance(block, Table) or block.title:
        lines[0].stylize("bold")
    return RichText("\n", no_wrap=True).join(lines)
