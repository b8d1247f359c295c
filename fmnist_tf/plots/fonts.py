"""Class names in plots: text, never mathematics, in any script that an installed font has."""

import unicodedata
import warnings
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from fmnist_tf.report.names import has_wide_characters, shorten_all

_BOX = "\N{WHITE SQUARE}"
_LAST_RESORT = "Last Resort"  # which has a box for every character, and comes with matplotlib
_INVISIBLE = ("Cf", "Cc", "Zs", "Mn")


def drawable(names: Sequence[str], width: int) -> list[str]:
    """Names shortened but still different; characters that no installed font has become boxes with a number.

    Warns once a call where there are such characters.
    """
    printable = ["".join(c if c.isprintable() else " " for c in name) for name in names]
    short = shorten_all(printable, width)
    missing = _missing("".join(short))
    missing -= set().union(*(_characters(path) for path in _fonts_for(frozenset(missing)).values()))
    if not missing:
        return short
    warnings.warn(
        f"no installed font has the characters {' '.join(sorted(missing)[:5])} of the names, which are drawn as "
        "boxes; install a font such as Noto Sans CJK",
        stacklevel=3,
    )
    return [_boxed(name, missing, row) for row, name in enumerate(short)]


def as_plain_text(artists: Iterable[Any]) -> None:
    """Shows all text of axes or a figure as it is, dollar signs too, in fonts that have its characters."""
    from matplotlib.text import Text

    for text in (found for artist in artists for found in artist.findobj(Text)):
        text.set_parse_math(False)
        fonts = _fonts_for(frozenset(_missing(text.get_text())))
        if fonts:
            text.set_fontfamily([*_default_family(), *fonts])


def stack_upright(labels: Iterable[Any], names: Sequence[str]) -> list[str]:
    """Names of an upright axis: of Chinese, Japanese and Korean one character below the other, not on its side."""
    stacked = ["\n".join(name) if has_wide_characters(name) else name for name in names]
    for label, name in zip(labels, names, strict=True):
        label.set_rotation(0 if has_wide_characters(name) else 90)
    return stacked


def _boxed(name: str, missing: set[str], row: int) -> str:
    if missing.isdisjoint(name):
        return name
    return "".join(_BOX if character in missing else character for character in name) + f" ({row})"


def _missing(text: str) -> set[str]:
    """Characters that the default font lacks."""
    odd = {character for character in text if not character.isascii()}
    visible = {character for character in odd if unicodedata.category(character) not in _INVISIBLE}
    return visible - _default_characters() if visible else set()


def _default_family() -> list[str]:
    import matplotlib as mpl

    return list(mpl.rcParams["font.family"])


def _default_characters() -> frozenset[str]:
    from matplotlib.font_manager import FontProperties, fontManager

    return _characters(fontManager.findfont(FontProperties(family=_default_family())))


@lru_cache(maxsize=64)
def _fonts_for(characters: frozenset[str]) -> dict[str, str]:
    """Name -> path of installed fonts that together have as many of the characters as possible."""
    from matplotlib.font_manager import fontManager

    left, chosen = set(characters), {}
    while left:
        fonts = (font for font in fontManager.ttflist if not font.name.startswith(_LAST_RESORT))
        best = max(fonts, key=lambda font: len(left & _characters(font.fname)), default=None)
        if best is None or left.isdisjoint(_characters(best.fname)):
            break
        chosen[best.name] = best.fname
        left -= _characters(best.fname)
    return chosen


@lru_cache(maxsize=1024)
def _characters(path: str) -> frozenset[str]:
    """The characters of a font; none for a file that cannot be read."""
    from matplotlib.font_manager import get_font

    try:
        return frozenset(map(chr, get_font(path).get_charmap()))
    except (OSError, RuntimeError):
        return frozenset()
