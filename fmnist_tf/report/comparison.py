"""`Comparison`: two reports score by score, with the interval of each difference and the classes that changed."""

import os
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from fmnist_tf.intervals import Interval, Paired, combine, is_area
from fmnist_tf.intervals.paired_areas import AREAS, area_interval, areas_of
from fmnist_tf.report.blocks import WIDTH, Block, Fitted, Lines, Table, to_markdown, to_text
from fmnist_tf.report.cells import Cell, number
from fmnist_tf.report.flips import count_flips, flipped_rows
from fmnist_tf.report.names import label, shorten_start
from fmnist_tf.report.report import Report
from fmnist_tf.report.sample_size import samples_needed

_LONGEST_NAME = 13  # terminal columns, so that both, the difference and the longest score fit 80
_FLIPS_SHOWN = 10
_IDS_SHOWN = 5
_MAIN, _VISIBLE = "macro_f1_score", 0.01  # the score and the difference of the note on how many samples are enough
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
        ids: the ids of these samples, (N,); None for 0 to N - 1.

    Attributes:
        a: as given.
        b: as given.
        names: as given.
        pairs: the paired predictions, or None.
        ids: as given.

    Raises:
        ValueError: the reports have different classes or levels, or matrices that are not those of `paired`.

    Example:
        >>> comparison = Comparison(Report([[50, 50], [10, 90]]), Report([[95, 5], [10, 90]]))
        >>> comparison.changed
        ['0', '1']
        >>> print(f"{comparison.scores['accuracy'].difference.value:+.3f}")
        +0.225
    """

    def __init__(
        self,
        a: Report,
        b: Report,
        names: tuple[str, str] = ("a", "b"),
        *,
        paired: Paired | None = None,
        ids: np.ndarray | None = None,
    ):
        if _classes_of(a) != _classes_of(b):
            raise ValueError("two reports can be compared only where their classes are the same, in the same order")
        if a.level != b.level:
            raise ValueError(f"two reports can be compared only at one `level`, got {a.level} and {b.level}")
        if paired and not paired.fits(a.matrix, b.matrix):
            raise ValueError("`paired` holds other predictions than the matrices of the two reports")
        self.a, self.b, self.names, self.pairs, self.ids = a, b, names, paired, ids

    @property
    def paired(self) -> bool:
        """Whether the predictions of both models of the same samples are known."""
        return self.pairs is not None

    @cached_property
    def scores(self) -> dict[str, Change]:
        """Overall scores, then the means: "accuracy", ..., "macro_f1_score", ..., then areas where rows tell them."""
        cells = zip(_scores(self.a).items(), _scores(self.b).values(), strict=True)
        counted = {name: Change(a, b, self._differ(name, a, b, self.a.level)) for (name, a), b in cells}
        known = AREAS if self.pairs and self.pairs.probabilities else ()
        return counted | {name: self._area_change(name, self.a.level) for name in known}

    def _area_change(self, name: str, level: float) -> Change:
        pairs = self._known_pairs
        a, b = (Cell.of(area.value, area_interval(area, level)) for area in areas_of(pairs, name))
        return Change(a, b, Cell.of(b.value - a.value, pairs.difference(name, level)))

    def difference(self, score: str, level: float | None = None) -> Cell:
        """score(b) - score(a) with its interval, of an overall score, an average or one class.

        Args:
            score: a name such as "macro_f1", "recall/3" or "worst_recall"; with rows of one binary column or of two
                classes that hold the confidence also "auroc" and "average_precision".
            level: the probability of covering; that of the reports by default.
        """
        level = self.a.level if level is None else level
        if is_area(score):
            return self._area_change(score, level).difference
        return self._differ(score, self.a.cell(score, level), self.b.cell(score, level), level)

    def _differ(self, name: str, a: Cell, b: Cell, level: float) -> Cell:
        return Cell.of(b.value - a.value, self.pairs.difference(name, level) if self.pairs else _independent(a, b))

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

        Fields: class (name), fixed (a wrong, b right), broken (a right, b wrong), p (exact test of McNemar; of groups
        the exact sign test) and p_holm (corrected for the number of classes by Holm's method).

        Raises:
            ValueError: the predictions are not paired.
        """
        return count_flips(self._known_pairs, self.a.reported, self.a.reported_names)

    @cached_property
    def flipped(self) -> np.ndarray:
        """The samples that became right or wrong: a structured array in the order of ids.

        Fields: id, class_id, a and b (what either predicted) and fixed (else broken). Of binary columns there is a row
        for each column that changed, whose number is class_id.

        Raises:
            ValueError: the predictions are not paired.
        """
        return flipped_rows(self._known_pairs, self.ids)

    @property
    def _known_pairs(self) -> Paired:
        if self.pairs is None:
            raise ValueError("`flips` need the rows of both models; give `compare` two arrays of rows")
        return self.pairs

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

    def to_html(self, path: str | os.PathLike[str], images: Any = None) -> None:
        """Writes one HTML page that needs nothing else, as `fmnist-tf report A B --html` does.

        Args:
            path: the file.
            images: `images[id]` is the image of a row, to show those that were fixed or broken: an array of the whole
                set, (N, height, width) or (N, height, width, 1 or 3), or a dict of some; None without images.
        """
        from fmnist_tf.report.html import comparison_page, write_page

        write_page(path, comparison_page(self, " and ".join(self.names), images=images))

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
        return [*tables, *self._flips_block(), Lines("", [*narrow, *self._verdict(), self._legend(), SEEDS])]

    def _flips_block(self) -> list[Block]:
        """The classes with the most flips."""
        order = sorted(self._flips, key=lambda row: -int(row["fixed"] + row["broken"]))[:_FLIPS_SHOWN]
        rows = [
            [str(row["class"]), number(int(row["fixed"])), number(int(row["broken"])), f"{row['p_holm']:.3g}"]
            for row in order
            if row["fixed"] + row["broken"]
        ]
        table = Table("", ["flips of", "fixed", "broken", "p (Holm)"], rows)
        return [table, Lines("", [self._examples()])] if rows else []

    def _examples(self) -> str:
        """Some of the samples that changed, by their ids."""
        sides = {"fixed": self.flipped[self.flipped["fixed"]], "broken": self.flipped[~self.flipped["fixed"]]}
        ids = {name: ", ".join(map(str, rows["id"][:_IDS_SHOWN])) for name, rows in sides.items()}
        return f"Samples {'; '.join(f'{name}, such as {some}' for name, some in ids.items() if some)}"

    def _verdict(self) -> list[str]:
        listed = f"Changed beyond chance ({len(self.changed)} of {len(self.a.reported)}): {', '.join(self.changed)}"
        main = self.scores[_MAIN]
        is_known = main.difference.low is not None and np.isfinite(main.difference.low)
        noise = self._about_noise() if is_known and not main.beyond_chance else []
        return [listed if self.changed else "No class changed beyond chance.", *noise]

    def _about_noise(self) -> list[str]:
        """How equal the two are for sure, and how many samples would tell a small difference from noise."""
        ends = self.difference(_MAIN, 2 * self.a.level - 1)[1:]
        margin = max(abs(end) for end in ends if end is not None)
        needed = samples_needed(self if self.paired else self.a, _VISIBLE, score=_MAIN)
        return [
            f"{label(_MAIN)}: noise; the two differ by less than {margin:.3f} (two one-sided tests)",
            f"About {number(needed)} paired samples show a difference of {_VISIBLE:g} in 4 of 5 test sets; here are "
            f"{number(round(self.a.samples))}",
        ]

    def _legend(self) -> str:
        test_sets = f"both on the same {number(self.a.total)} samples" if self.paired else "for independent test sets"
        level = f"{100 * self.a.level:g} % confidence intervals"
        a, b = self.names
        return f"{b} minus {a}, {level}, {test_sets}; * beyond chance, of classes with all asked at once"


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
