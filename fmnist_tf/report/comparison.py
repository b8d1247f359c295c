"""`Comparison`: two reports score by score, with the interval of each difference and the classes that changed."""

from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from fmnist_tf.intervals import Interval, Paired, combine
from fmnist_tf.report.blocks import Block, Lines, Table, shorten_start, to_markdown, to_rich, to_text
from fmnist_tf.report.cells import Cell, number
from fmnist_tf.report.report import Report, label

if TYPE_CHECKING:
    from fmnist_tf.report.blocks import Fitted


_LONGEST_NAME = 13  # terminal columns, so that both, the difference and the longest score fit 80


class Change(NamedTuple):
    """A score in both reports, and b - a with its interval."""

    a: Cell
    b: Cell
    difference: Cell

    @property
    def beyond_chance(self) -> bool:
        """Whether the interval of the difference leaves zero out."""
        low, high = self.difference.low, self.difference.high
        return low is not None and high is not None and (low > 0 or high < 0)

    def to_dict(self) -> dict[str, Any]:
        """{"a": cell, "b": cell, "difference": cell, "beyond_chance": bool}."""
        cells = {name: cell.to_dict() for name, cell in self._asdict().items()}
        return {**cells, "beyond_chance": self.beyond_chance}


class Comparison:
    """What changed from report a to report b.

    Without `paired` the interval of a difference takes the two test sets as independent. Two models scored on the same
    images as a rule err on the same ones: the interval is then wider than need be, and what it calls a change is one.

    Args:
        a: the report compared with.
        b: the report compared; a difference is b - a.
        names: what to call them.
        paired: the answers of both models to the same positions, where they are known.

    Raises:
        ValueError: the reports have different classes or levels, or matrices that are not those of `paired`.
    """

    def __init__(self, a: Report, b: Report, names: tuple[str, str] = ("a", "b"), *, paired: Paired | None = None):
        if a.class_names != b.class_names or a.multiclass != b.multiclass:
            raise ValueError("two reports can be compared only where their classes are the same, in the same order")
        if a.level != b.level:
            raise ValueError(f"two reports can be compared only at one `level`, got {a.level} and {b.level}")
        if paired and not paired.fits(a.matrix, b.matrix):
            raise ValueError("`paired` holds other answers than the matrices of the two reports")
        self.a, self.b, self.names, self.paired = a, b, names, paired

    @cached_property
    def scores(self) -> dict[str, Change]:
        """Scores of the whole, then the means: "accuracy", ..., "macro_f1_score", ..."""
        cells = zip(_scores(self.a).items(), _scores(self.b).values(), strict=True)
        return {name: Change(a, b, self._differ(name, a, b)) for (name, a), b in cells}

    def _differ(self, name: str, a: Cell, b: Cell) -> Cell:
        paired = self.paired and self.paired.difference(name, self.a.level)
        return Cell.of(b.value - a.value, paired or _independent(a, b))

    @cached_property
    def classes(self) -> dict[str, Change]:
        """Class name -> the change of its F1."""
        return self._of_classes(self.a.level)

    @cached_property
    def changed(self) -> list[str]:
        """Classes whose F1 changed beyond chance.

        All classes are looked at at once, so each is asked at the level 1 - (1 - level) / C (Bonferroni): with the
        probability `level` none is named that did not change.
        """
        changes = self._of_classes(1 - (1 - self.a.level) / self.a.num_classes)
        return [name for name, change in changes.items() if change.beyond_chance]

    def _of_classes(self, level: float) -> dict[str, Change]:
        a, b = (report.class_cells("f1_score", level) for report in (self.a, self.b))
        if self.paired:
            intervals = map(Interval, *self.paired.class_differences("f1_score", level))
        else:
            intervals = map(_independent, a, b)
        rows = zip(self.a.class_names, a, b, intervals, strict=True)
        return {name: Change(a, b, Cell.of(b.value - a.value, found)) for name, a, b, found in rows}

    def text(self) -> str:
        """Plain text, at most 100 columns wide."""
        return to_text(self._blocks())

    def markdown(self) -> str:
        """GitHub-flavoured Markdown."""
        return to_markdown(self._blocks())

    def rich(self) -> "Fitted":
        """A renderable for `rich`; `rich.print(comparison)` does the same."""
        return to_rich(self._blocks())

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON: {"scores": {name: change}, "classes": {name: change of F1}, "changed": [names]}."""
        return {
            "scores": {name: change.to_dict() for name, change in self.scores.items()},
            "classes": {name: change.to_dict() for name, change in self.classes.items()},
            "changed": self.changed,
        }

    def __str__(self) -> str:
        return self.text()

    def __rich__(self) -> "Fitted":
        return self.rich()

    def _blocks(self) -> list[Block]:
        header = [*(shorten_start(name, _LONGEST_NAME) for name in self.names), "difference", ""]
        scores = [_row(label(name), change, change.beyond_chance) for name, change in self.scores.items()]
        classes = [_row(name, change, name in self.changed) for name, change in self.classes.items()]
        return [
            Table("", ["score", *header], scores),
            Table("", ["F1 of", *header], classes),
            Lines("", [self._verdict(), self._legend()]),
        ]

    def _verdict(self) -> str:
        if not self.changed:
            return "No class changed beyond chance."
        return f"Changed beyond chance ({len(self.changed)} of {self.a.num_classes}): {', '.join(self.changed)}"

    def _legend(self) -> str:
        positions = number(self.a.total)
        what = f"both scored the same {positions} positions" if self.paired else "for independent test sets"
        return (
            f"{100 * self.a.level:g} % confidence intervals, {what}; * beyond chance, of classes with all asked at once"
        )


def _row(name: str, change: Change, marked: bool) -> list[str]:
    value, low, high = change.difference
    difference = f"{value:+.3f}" if low is None or high is None else f"{value:+.3f} [{low:+.3f}, {high:+.3f}]"
    return [name, f"{change.a.value:.3f}", f"{change.b.value:.3f}", difference, "*" if marked else ""]


def _scores(report: Report) -> dict[str, Cell]:
    means = {"macro": report.macro, "weighted": report.weighted}
    return report.overall | {f"{mean}_{name}": cell for mean, cells in means.items() for name, cell in cells.items()}


def _independent(a: Cell, b: Cell) -> Interval | None:
    """Of b - a, where both have an interval."""
    if a.low is None or b.low is None:
        return None
    return combine(a.value, b.value, Interval(*a[1:]), Interval(*b[1:]))
