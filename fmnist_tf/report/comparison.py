"""`Comparison`: two reports score by score, with the interval of each difference and the classes that changed."""

import os
from functools import cached_property
from typing import Any

import numpy as np

from fmnist_tf.intervals import Interval, Paired, is_area
from fmnist_tf.intervals.paired_areas import AREAS
from fmnist_tf.report.blocks import WIDTH, Block, Fitted, Lines, Table, to_markdown, to_text
from fmnist_tf.report.cells import Cell, number
from fmnist_tf.report.changes import Change, independent, table_row
from fmnist_tf.report.flips import count_flips, flipped_rows
from fmnist_tf.report.names import label, shorten_start
from fmnist_tf.report.report import Report
from fmnist_tf.report.sample_size import samples_needed

_LONGEST_NAME = 13  # terminal columns, so that both, the difference and the longest score fit 80
_FLIPS_SHOWN = 10
_IDS_SHOWN = 5
_MAIN, _VISIBLE = "macro_f1_score", 0.01  # the score and the difference of the note on how many samples are enough
SEEDS = "The intervals are those of this test set; another training, with another seed, moves the scores as well."


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
        level = self.a.level
        cells = zip(_scores(self.a).items(), _scores(self.b).values(), strict=True)
        counted = {name: self._change(name, a, b, level) for (name, a), b in cells}
        return counted | {name: self._area_change(name, level) for name in self._area_names}

    @property
    def _area_names(self) -> list[str]:
        """Those that the rows tell; of more than two classes their means."""
        if self.pairs is None or self.pairs.probabilities is None:
            return []
        several = len(self.a.class_names) > 2 or not self.a.multiclass
        return [f"macro_{name}" if several else name for name in AREAS]

    def _area_change(self, name: str, level: float) -> Change:
        pairs = self._known_pairs
        values = zip("ab", pairs.values(name), strict=True)
        a, b = (Cell.of(value, pairs.interval(side, name, level)) for side, value in values)
        return Change(a, b, Cell.of(b.value - a.value, pairs.difference(name, level)))

    def _change(self, name: str, a: Cell, b: Cell, level: float, difference: Interval | None = None) -> Change:
        """From the cells of both reports, whose intervals are by sample; of groups they are those of other groups."""
        pairs = self.pairs
        if difference is None:
            difference = pairs.difference(name, level) if pairs else independent(a, b)
        if pairs and pairs.are_groups:
            a, b = (Cell.of(cell.value, pairs.interval(side, name, level)) for side, cell in (("a", a), ("b", b)))
        return Change(a, b, Cell.of(b.value - a.value, difference))

    def difference(self, score: str, level: float | None = None) -> Cell:
        """score(b) - score(a) with its interval, of an overall score, an average or one class.

        Args:
            score: a name such as "macro_f1", "recall/3" or "worst_recall"; also "auroc" and "average_precision" with
                rows of one binary column or of two classes, or with rows that hold the scores of all classes.
            level: the probability of covering; that of the reports by default.
        """
        level = self.a.level if level is None else level
        if is_area(score):
            return self._area_change(score, level).difference
        a, b = (report.cell(score, level) for report in (self.a, self.b))
        return self._change(score, a, b, level).difference

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
        found = zip(*self.pairs.class_differences("f1_score", level), strict=True) if self.pairs else ()
        known = dict(enumerate(Interval(*ends) for ends in found))
        rows = zip(self.a.reported, self.a.reported_names, a, b, strict=True)
        return {name: self._change(f"f1_score/{k}", a, b, level, known.get(k)) for k, name, a, b in rows}

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
        scores = [table_row(label(name), change, change.beyond_chance) for name, change in self.scores.items()]
        classes = [table_row(name, change, name in self.changed) for name, change in self.classes.items()]
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
        return [listed if self.changed else "No class changed beyond chance.", *self.about_noise]

    @cached_property
    def about_noise(self) -> list[str]:
        """Where macro F1 did not change beyond chance: how equal the two are for sure, and how many samples would tell.

        Sentences; none where it changed, or where its interval is not known.
        """
        main = self.scores[_MAIN]
        if main.beyond_chance or main.difference.low is None or not np.isfinite(main.difference.low):
            return []
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


def _scores(report: Report) -> dict[str, Cell]:
    means = {"macro": report.macro, "weighted": report.weighted}
    return report.overall | {f"{mean}_{name}": cell for mean, cells in means.items() for name, cell in cells.items()}


def _classes_of(report: Report) -> Any:
    return report.class_names, report.multiclass, report.reported, report.averaged
