"""Names of classes and scores as people read them: checked, labelled, and shortened so that they stay different."""

import unicodedata
from collections import Counter
from collections.abc import Sequence

_LABELS = {
    "f1": "F1",
    "f1_score": "F1",
    "matthews_correlation": "Matthews correlation",
    "cohen_kappa": "Cohen's kappa",
    "auroc": "AUROC",
}
_AVERAGES = ("macro", "micro", "weighted")


def check_names(class_names: Sequence[str] | None, num_classes: int, *, binary: bool = False) -> tuple[str, ...]:
    """The names as a tuple; "0", "1", ... by default.

    Args:
        class_names: one name a class, or None.
        num_classes: how many there must be.
        binary: whether they are those of no and yes of one column.

    Raises:
        ValueError: they are too few, too many or not distinct.
    """
    names = tuple(str(name) for name in (range(num_classes) if class_names is None else class_names))
    if len(names) != num_classes:
        meant = "names, of no and of yes, for one binary column" if binary else "names, one a class"
        raise ValueError(f"`class_names` must hold {num_classes} {meant}, got {len(names)}")
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise ValueError(f"`class_names` must be distinct, got {min(twice)!r} more than once")
    return names


def label(score: str) -> str:
    """The name of a score as people write it: "macro_f1_score" is "macro F1"."""
    average, _, rest = score.partition("_")
    if average in _AVERAGES:
        return f"{average} {label(rest)}"
    return _LABELS.get(score, score.replace("_", " "))


def capitalize(text: str) -> str:
    """With a capital at the start; the others stay as they are, as in "Macro F1"."""
    return text[:1].upper() + text[1:]


def shorten(text: str, width: int) -> str:
    """At most `width` terminal columns of `text`, an ellipsis in its middle where something is missing.

    Example:
        >>> shorten("Malignant neoplasm, part 3", 16)
        'Malignan… part 3'
    """
    if display_width(text) <= width:
        return text
    tail = _last(text, (width - 1) // 2)
    return _first(text, width - 1 - display_width(tail)) + "…" + tail


def shorten_start(text: str, width: int) -> str:
    """Likewise, with the ellipsis at the start: the ends of paths tell them apart."""
    return text if display_width(text) <= width else "…" + _last(text, width - 1)


def shorten_all(names: Sequence[str], width: int) -> list[str]:
    """Names shortened in the middle; where that makes two of them one, their numbers tell them apart.

    Example:
        >>> shorten_all(["the one part of a whole", "the two parts of a whole"], 10)
        ['the o…hole', 'the t…hole']
    """
    short = [shorten(name, width) for name in names]
    times = Counter(short)
    return [
        text if times[text] == 1 or text == name else _numbered(name, row, width)
        for row, (name, text) in enumerate(zip(names, short, strict=True))
    ]


def _numbered(name: str, row: int, width: int) -> str:
    number = f"… ({row})"
    return _first(name, width - len(number)) + number


def _first(text: str, width: int) -> str:
    """The beginning, at most so many terminal columns."""
    used, kept = 0, []
    for character in text:
        used += display_width(character)
        if used > width:
            break
        kept.append(character)
    return "".join(kept)


def _last(text: str, width: int) -> str:
    """The end, at most so many terminal columns; it begins with no combining character."""
    kept = _first(text[::-1], width)[::-1]
    while kept and unicodedata.combining(kept[0]):
        kept = kept[1:]
    return kept


def display_width(text: str) -> int:
    """Terminal columns: two for wide East Asian characters, none for combining ones."""
    return len(text) if text.isascii() else sum(map(_character_width, text))


def _character_width(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Mn"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def has_wide_characters(text: str) -> bool:
    """Whether there are Chinese, Japanese or Korean characters in it."""
    return any(unicodedata.east_asian_width(character) in "WF" for character in text)
