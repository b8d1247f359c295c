"""The line that a `ScoreLogger` prints about an epoch."""

import re
import textwrap
from collections.abc import Iterable, Mapping

import numpy as np

from fmnist_tf.callbacks.keys import LogKeys
from fmnist_tf.callbacks.snapshots import Snapshot
from fmnist_tf.scores import Selection, find_score

_MOST_NAMED = 5
_INDENT = "  "


def describe(
    title: str,
    now: Snapshot,
    before: Snapshot | None,
    shown: Iterable[str],
    keys: LogKeys,
    *,
    paired: Mapping[str, str] | None = None,
) -> str:
    """One line: scores with interval and change, the worst class, classes of recall 0, uncertain curves.

    Args:
        title: the first words of the line, such as "epoch 2: val".
        now: the counts of this epoch.
        before: those of the epoch before, if there was one.
        shown: names of scores of `keys`, or of curve metrics.
        keys: scores and class names.
        paired: name of a score -> how it compares with an earlier epoch on the same rows, in place of the change.
    """
    words = [title]
    for name in shown:
        selection = keys.scores.get(name)
        about = _about_curve(name, now, before) if selection is None else _about_score(name, selection, now, before)
        change = (paired or {}).get(name)
        words += [*(word for word in about if not word.startswith("(")), change] if change else about
    wide = now.distribution and now.distribution.remedy
    return " ".join(words) + _about_classes(now, keys.names(now.num_classes)) + (f"; {wide}" if wide else "")


def fold(line: str, width: int) -> str:
    """The line in lines of at most so many columns, broken around a parenthesis or after a semicolon if possible."""
    lines: list[str] = []
    for part in re.split(r"(?<=[;)]) | (?=\()", line):
        joined = f"{lines[-1]} {part}" if lines else part
        if len(joined) <= width:
            lines[-1:] = [joined]
        else:
            indent = _INDENT if lines else ""
            lines += textwrap.wrap(part, width, initial_indent=indent, subsequent_indent=_INDENT)
    return "\n".join(lines)


def _about_curve(name: str, now: Snapshot, before: Snapshot | None) -> list[str]:
    value = now.curve_scores.get(name)
    return [] if value is None else _value(name, value, before.curve_scores.get(name) if before else None)


def _about_score(name: str, selection: Selection, now: Snapshot, before: Snapshot | None) -> list[str]:
    bounds = now.interval(selection)
    head, *change = _value(name, now.evaluate(selection), before.evaluate(selection) if before else None)
    return [head, *([f"[{bounds.low:.4f}, {bounds.high:.4f}]"] if bounds else []), *change]


def _value(name: str, value: float, earlier: float | None) -> list[str]:
    return [f"{name} {value:.4f}", *([] if earlier is None else [f"({value - earlier:+.4f})"])]


def _about_classes(now: Snapshot, names: list[str]) -> str:
    support, tp = (np.asarray(field) for field in (now.by_class.support, now.by_class.tp))
    f1 = now.class_scores(find_score("f1_score"))
    occurring = [k for k in now.reported if support[k] > 0 and np.isfinite(f1[k])]
    if not occurring:
        return ""
    worst = min(occurring, key=lambda k: f1[k])
    lost = [names[k] for k in occurring if tp[k] == 0]
    more = f" and {len(lost) - _MOST_NAMED} more" if len(lost) > _MOST_NAMED else ""
    missed = f"; recall 0: {', '.join(lost[:_MOST_NAMED])}{more}" if lost else ""
    return f"; worst class {names[worst]}, F1 {f1[worst]:.4f}{missed}"
