"""`Comparison`: two reports score by score, with the interval of each difference and the classes that changed."""

import os
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from fmnist_tf.intervals import Interval, Paired, combine
from fmnist_tf.intervals.significance import holm, mcnemar
from fmnist_tf.report.blocks import WIDTH, Block, Fitted, Lines, Table, to_markdown, to_text
from fmnist_tf.report.cells import Cell, number
from fmnist_tf.report.names import label, shorten_start
from fmnist_tf.report.report import Report
from fmnist_tf.scores import find_score

_LONGEST_NAME = 13  # terminal columns, so that both, the difference and the longest score fit 80
_FLIPS_SHOWN = 10
SEEDS = "The intervals are those of this test set; another training, with another seed, moves the scores as well."


class Change(NamedTuple):
    """A score in both reports, and b - a with its interval.

    Attributes:
        a: the score in report a.
        b: the score in report b.
        difference: b - a.
    """

    a: Cell
    b: Cell
    difference: Cell

    @property
    def beyond_chance(self) -> bool:
        """Whether the interval of the difference excludes zero."""
        low, high = self.difference.low, self.difference.high
        return low is not None and high is not None and (low > 0 or high < 0)

    def to_dict(self) -> dict[str, Any]:
        """{"a": cell, "b": cell, "difference": cell, "beyond_chance": bool}."""
        cells = {name: cell.to_dict() for name, cell in self._asdict().items()}
        return {**cells, "beyond_chance": self.beyond_chance}


class Comparison:
    """The change from report a to report b; `compare` makes one of rows.

    Without paired predictions the interval of a difference assumes independent test sets. Two models scored on the same
    images often err on the same ones: the interval is then too wide.

    Args:
        a: the first report, the baseline.
        b: the second report; a difference is b - a.
        names: the names of a and b.
        paired: the predictions of both models of the same samples, where they are known.

    Attributes:
        a: as given.
        b: as given.
        names: as given.
        pairs: the paired predictions, or None.

    Raises:
        ValueError: the reports have different classes or levels, or matrices that are not those of `paired`.

    Example:
        >>> comparison = Comparison(Report([[50, 50], [10, 90]]), Report([[95, 5], [10, 90]]))
        >>> comparison.changed
        ['0', '1']
        >>> print(f"{comparison.scores['accuracy'].difference.value:+.3f}")
        +0.225
    """

    def __init__(self, a: Report, b: Report, names: tuple[str, str] = ("a", "b"), *, paired: Paired | None = None):
        if (a.class_names, a.multiclass, a.reported, a.averaged) != (
            b.class_names,
            b.multiclass,
            b.reported,
            b.averaged,
        ):
            raise ValueError("two reports can be compared only where their classes are the same, in the same order")
        if a.level != b.level:
            raise ValueError(f"two reports can be compared only at one `level`, got {a.level} and {b.level}")
        if paired and not paired.fits(a.matrix, b.matrix):
            raise ValueError("`paired` holds other predictions than the matrices of the two reports")
        self.a, self.b, self.names, self.pairs = a, b, names, paired

    @property
    def paired(self) -> bool:
        """Whether the predictions of both models of the same samples are known."""
        return self.pairs is not None

    @cached_property
    def scores(self) -> dict[str, Change]:
        """Overall scores, then the means: "accuracy", ..., "macro_f1_score", ..."""
        cells = zip(_scores(self.a).items(), _scores(self.b).values(), strict=True)
        return {name: Change(a, b, self._differ(name, a, b, self.a.level)) for (name, a), b in cells}

    def difference(self, score: str, level: float | None = None) -> Cell:
        """score(b) - score(a) with its interval, of an overall score, an average or one class.

        Args:
            score: a name such as "macro_f1" or "recall[3]".
            level: the probability of covering; that of the reports by default.
        """
        level = self.a.level if level is None else level
        return self._differ(score, self.a.cell(score, level), self.b.cell(score, level), level)

    def _differ(self, name: str, a: Cell, b: Cell, level: float) -> Cell:
        return Cell.of(b.value - a.value, self._paired_interval(name, level) if self.pairs else _independent(a, b))

    def _paired_interval(self, name: str, level: float) -> Interval:
        assert self.pairs is not None
        selection = find_score(name)
        if selection.class_id is None:
            return self.pairs.difference(name, level)
        low, high = self.pairs.class_differences(selection._replace(class_id=None), level)
        return Interval(low[selection.class_id], high[selection.class_id])

    @cached_property
    def classes(self) -> dict[str, Change]:
        """Class name -> the change of its F1."""
        return self._of_classes(self.a.level)

    @cached_property
    def changed(self) -> list[str]:
        """Classes whose F1 changed beyond chance.

        All classes are tested at once, so each interval has the level 1 - (1 - level) / C (Bonferroni): with the
        probability `level` no class is listed that did not change.
        """
        changes = self._of_classes(1 - (1 - self.a.level) / len(self.a.reported))
        return [name for name, change in changes.items() if change.beyond_chance]

    def _of_classes(self, level: float) -> dict[str, Change]:
        a, b = (report.class_cells("f1_score", level) for report in (self.a, self.b))
        if self.pairs:
            ends = zip(*self.pairs.class_differences("f1_score", level), strict=True)
            of_all = [Interval(*pair) for pair in ends]
            intervals = [of_all[row] for row in self.a.reported]
        else:
            intervals = map(_independent, a, b)
        rows = zip(self.a.reported_names, a, b, intervals, strict=True)
        return {name: Change(a, b, Cell.of(b.value - a.value, found)) for name, a, b, found in rows}

    @cached_property
    def flips(self) -> np.ndarray:
        """Samples of each class that became right or wrong: a structured array, a row a class.

        Fields: class (name), fixed (a wrong, b right), broken (a right, b wrong), p (exact test of McNemar) and p_holm
        (corrected for the number of classes by Holm's method).

        Raises:
            ValueError: the predictions are not paired.
        """
        if self.pairs is None:
            raise ValueError("`flips` need the rows of both models; give `compare` two arrays of rows")
        true, right = self.pairs.true, [pred == self.pairs.true for pred in (self.pairs.pred_a, self.pairs.pred_b)]
        fixed, broken = (
            np.bincount(true[won & ~lost], minlength=self.a.num_classes)[list(self.a.reported)]
            for won, lost in (right[::-1], right)
        )
        p = np.array([mcnemar(int(f), int(b)) for f, b in zip(fixed, broken, strict=True)])
        names = np.array(self.a.reported_names)
        fields = [("class", names.dtype), ("fixed", "i8"), ("broken", "i8"), ("p", "f8"), ("p_holm", "f8")]
        return np.array(list(zip(names, fixed, broken, p, holm(p), strict=True)), fields)

    def equivalent(self, margin: float, score: str = "macro_f1") -> bool:
        """Whether a score differs by less than `margin` either way, by two one-sided tests.

        Each test is at the level of the reports, so that the interval of the difference at the level 1 - 2 (1 - level)
        must lie between -margin and margin. False says that they differ by more, or that there are too few samples.

        Args:
            margin: the largest difference that does not matter, above 0.
            score: the name of a score.

        Raises:
            ValueError: a margin that is not above 0, or a score whose interval is not known.

        Source: Schuirmann, A comparison of the two one-sided tests procedure and the power approach for assessing the
        equivalence of average bioavailability, Journal of Pharmacokinetics and Biopharmaceutics 15, 1987.
        """
        if not margin > 0:
            raise ValueError(f"`margin` must be above 0, got {margin}")
        found = self.difference(score, 2 * self.a.level - 1)
        if found.low is None or found.high is None:
            raise ValueError(f"the interval of the difference of {score!r} is not known from counts alone")
        return bool(-margin < found.low and found.high < margin)

    def text(self, width: int = WIDTH) -> str:
        """Plain text, at most so many columns wide."""
        return to_text(self._variants(), width)

    def markdown(self) -> str:
        """GitHub-flavoured Markdown."""
        return to_markdown(self._blocks())

    def rich(self) -> Fitted:
        """A renderable for `rich`; `rich.print(comparison)` does the same."""
        return Fitted(self._variants())

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON: {"scores": {name: change}, "classes": {name: change of F1}, "changed": [names], "paired"}.

        Of paired predictions there is also "flips": {class name: {"fixed", "broken", "p", "p_holm"}}.
        """
        flips = {row["class"].item(): {key: row[key].item() for key in row.dtype.names[1:]} for row in self._flips}
        return {
            "scores": {name: change.to_dict() for name, change in self.scores.items()},
            "classes": {name: change.to_dict() for name, change in self.classes.items()},
            "changed": self.changed,
            "paired": self.paired,
            **({"flips": flips} if self.paired else {}),
        }

    @property
    def _flips(self) -> Any:
        return self.flips if self.paired else ()

    def to_html(self, path: str | os.PathLike[str]) -> None:
        """Writes one HTML page that needs nothing else, as `fmnist-tf report A B --html` does.

        Args:
            path: the file.
        """
        from fmnist_tf.report.html import comparison_page, write_page

        write_page(path, comparison_page(self, " and ".join(self.names)))

    def __str__(self) -> str:
        return self.text()

    def __rich__(self) -> Fitted:
        return self.rich()

    def _repr_html_(self) -> str:
        """The comparison in a notebook."""
        from fmnist_tf.report.html.notebook import blocks_fragment

        return blocks_fragment(self._blocks())

    def _repr_markdown_(self) -> str:
        return self.markdown()

    def _variants(self) -> list[list[Block]]:
        """The blocks, and a variant for narrow terminals without the scores of either report."""
        return [self._blocks(), self._blocks(differences_alone=True)]

    def _blocks(self, *, differences_alone: bool = False) -> list[Block]:
        first = 3 if differences_alone else 1
        header = [*(shorten_start(name, _LONGEST_NAME) for name in self.names), "difference", ""][first - 1 :]
        scores = [_row(label(name), change, change.beyond_chance) for name, change in self.scores.items()]
        classes = [_row(name, change, name in self.changed) for name, change in self.classes.items()]
        tables = (
            Table("", [title, *header], [[row[0], *row[first:]] for row in rows])
            for title, rows in (("score", scores), ("F1 of", classes))
        )
        narrow = ["Too narrow for the scores of both."] if differences_alone else []
        return [*tables, *self._flips_block(), Lines("", [*narrow, self._verdict(), self._legend(), SEEDS])]

    def _flips_block(self) -> list[Block]:
        """The classes with the most flips."""
        order = sorted(self._flips, key=lambda row: -int(row["fixed"] + row["broken"]))[:_FLIPS_SHOWN]
        rows = [
            [str(row["class"]), number(int(row["fixed"])), number(int(row["broken"])), f"{row['p_holm']:.3g}"]
            for row in order
            if row["fixed"] + row["broken"]
        ]
        return [Table("", ["flips of", "fixed", "broken", "p (Holm)"], rows)] if rows else []

    def _verdict(self) -> str:
        if not self.changed:
            return "No class changed beyond chance."
        return f"Changed beyond chance ({len(self.changed)} of {len(self.a.reported)}): {', '.join(self.changed)}"

    def _legend(self) -> str:
        test_sets = f"both on the same {number(self.a.total)} samples" if self.paired else "for independent test sets"
        level = f"{100 * self.a.level:g} % confidence intervals"
        return f"{level}, {test_sets}; * beyond chance, of classes with all asked at once"


def _row(name: str, change: Change, marked: bool) -> list[str]:
    value, low, high = change.difference
    difference = f"{value:+.3f}" if low is None or high is None else f"{value:+.3f} [{low:+.3f}, {high:+.3f}]"
    return [name, f"{change.a.value:.3f}", f"{change.b.value:.3f}", difference, "*" if marked else ""]


def _scores(report: Report) -> dict[str, Cell]:
    means = {"macro": report.macro, "weighted": report.weighted}
    return report.overall | {f"{mean}_{name}": cell for mean, cells in means.items() for name, cell in cells.items()}


def _classes_of(report: Report) -> Any:
    return report.class_names, report.multiclass, report.reported, report.averaged


def _independent(a: Cell, b: Cell) -> Interval | None:
    """The interval of b - a, if both have one."""
    if a.low is None or b.low is None:
        return None
    return combine(a.value, b.value, Interval(*a[1:]), Interval(*b[1:]))
