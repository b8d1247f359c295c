"""`Report`: every score of one confusion matrix with its interval, as text, Markdown, JSON, a table and a page."""

import os
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from fmnist_tf.curves.distribution import Distribution
from fmnist_tf.intervals import Interval, Sample, interval, quantile, read_source, select
from fmnist_tf.report.as_dict import report_dict
from fmnist_tf.report.blocks import WIDTH, Fitted, to_markdown, to_text
from fmnist_tf.report.cells import Cell, Confusion
from fmnist_tf.report.confused import most_confused
from fmnist_tf.report.curves import CurveBlock
from fmnist_tf.report.inputs import check_ids, read_targets, refuse_metric, without_rows
from fmnist_tf.report.layout import PER_CLASS, extent, report_blocks, variants
from fmnist_tf.report.names import check_names
from fmnist_tf.report.prevalence import AtPrevalence
from fmnist_tf.scores import Average, Selection, find_score

if TYPE_CHECKING:
    import pandas as pd

    from fmnist_tf.report.slices import SliceReport

OVERALL = ("accuracy", "balanced_accuracy", "matthews_correlation", "cohen_kappa")


class Report(AtPrevalence):
    """Per class precision, recall, F1 and support; their means; overall scores; the most confused pairs.

    Every score stands beside its confidence interval, from the same counts: it says how far the score would move on
    another test set of the same size, and nothing about another training.

    Args:
        matrix_or_counts: (C, C) of classes that exclude each other, rows true; (C, 2, 2) of multilabel columns,
            [[tn, fp], [fn, tp]]; or `Counts` (C,), which leave the intervals of averages and the confused pairs
            unknown. One binary column, (1, 2, 2) or `Counts` (1,), has two rows, no and yes.
        class_names: C different names; "0", "1", ... by default. Of one binary column those of no and of yes.
        multiclass: of `Counts` alone: whether the classes exclude each other; by default read off their sums. False
            with a matrix (2, 2): it is that of one binary column.
        level: the probability with which each interval covers.
        note: a line printed below, such as "optimistic: the epoch was chosen on these images".
        curves: a metric with a histogram of the same data, such as `CurveSet`, or its `distribution`: adds AUROC and
            average precision, and for binary columns the thresholds that would give a better F1.
        zero_division: the value of 0/0; nan leaves such classes out of means.
        ignore_class: class ids that have no row and are left out of averages; `class_names` still name all C. Samples
            of these classes, which a metric with `ignore_class=` has not counted, are left out of a matrix (C, C).
        target_class_ids: class ids that averages run over; the others keep their rows. None for all.
        effective_total: the effective number of samples of weighted counts, (sum w)^2 / sum w^2, which intervals use;
            None takes the counts as numbers of samples.
        epoch: the epoch that is reported on, from 0; printed from 1.

    Attributes:
        matrix: float64 (C, C) or (C, 2, 2), or None where there are only counts; (2, 2) of one binary column.
        counts: the `Counts` of every score.
        class_names: a tuple of C names.
        multiclass: whether the classes exclude each other, as no and yes do.
        reported: the class ids that have a row.
        averaged: the class ids that averages run over.
        curves: the `CurveBlock`, or None.

    Raises:
        ValueError: shape, negative or non-finite counts, or names that are too few, too many or not distinct; ids of no
            class; curves of other classes.
        TypeError: a metric in place of its matrix or counts; curves without a histogram.

    Example:
        >>> report = Report([[8, 2], [1, 9]], ["cat", "dog"])
        >>> report.overall["accuracy"].value
        0.85
        >>> print(report.macro["f1_score"])
        0.850 [0.639, 0.953]
        >>> print(report.confused()[0])
        cat predicted as dog: 2 of 10
    """

    def __init__(
        self,
        matrix_or_counts: Any,
        class_names: Sequence[str] | None = None,
        *,
        multiclass: bool | None = None,
        level: float = 0.95,
        note: str | None = None,
        curves: Any = None,
        zero_division: float = 0.0,
        ignore_class: int | Iterable[int] | None = (),
        target_class_ids: Iterable[int] | None = None,
        effective_total: float | None = None,
        epoch: int | None = None,
    ):
        refuse_metric(matrix_or_counts)
        quantile(level)  # refuses a level outside (0, 1)
        source = read_source(matrix_or_counts, multiclass)
        num_classes = len(np.asarray(source.counts.tp))
        ignored = check_ids("ignore_class", ignore_class, None)
        self.reported = tuple(row for row in range(num_classes) if row not in ignored)
        self.averaged = read_targets(target_class_ids, self.reported, num_classes)
        self.source = without_rows(source, ignored)
        self.slices: Mapping[str, Mapping[str, Report]] = {}  # name -> value -> the report of its rows
        self._by: dict[str, SliceReport] = {}
        self.counts, self.matrix, self.multiclass = self.source[:3]
        self.class_names = check_names(class_names, num_classes, binary=source.binary)
        self.level, self.note, self.epoch, self.zero_division = level, note, epoch, zero_division
        self.effective_total = effective_total
        self._sample = self._make_sample()
        self.curves = None if curves is None else self._read_curves(Distribution.of(curves))

    @classmethod
    def from_predictions(
        cls,
        y_true: Any,
        y_pred: Any,
        class_names: Sequence[str] | None = None,
        *,
        sample_weight: Any = None,
        threshold: float | None = None,
        from_logits: bool = False,
    ) -> "Report":
        """The report of predictions that have been made already.

        Args:
            y_true: class ids or strings (N,), or one-hot rows (N, C); of multilabel columns 0 or 1 in each, (N, C). An
                array, a tensor, a list, or a Series or DataFrame of pandas.
            y_pred: class ids or strings (N,), one-hot rows or scores (N, C), the largest of which wins; of one binary
                column floats (N,) or (N, 1), yes above the threshold. The columns of a DataFrame name the classes.
            class_names: C names, in the order of ids and columns. Without them strings are sorted.
            sample_weight: weights (N,).
            threshold: each column of `y_pred` is binary, yes above this probability. One column has 0.5 by default.
            from_logits: `y_pred` holds logits.

        Raises:
            ValueError: lengths that differ, labels that are no class, scores outside 0 to 1 without `from_logits`.

        Example:
            >>> report = Report.from_predictions(["cat", "dog", "dog"], ["cat", "cat", "dog"])
            >>> print(report.confused()[0])
            dog predicted as cat: 1 of 2
        """
        from fmnist_tf.report.predictions import score_predictions

        options: Any = {"sample_weight": sample_weight, "threshold": threshold, "from_logits": from_logits}
        return cls(**score_predictions(y_true, y_pred, class_names, **options))

    def _make_sample(self) -> Sample:
        """The counts with their rules; averages over all classes need no list of them."""
        source = self.source
        return Sample(
            source.counts if source.matrix is None else source.matrix,
            multiclass=False if source.binary else None if source.matrix is not None else source.multiclass,
            zero_division=self.zero_division,
            classes=None if len(self.averaged) == self.num_classes else self.averaged,
            effective_total=self.effective_total,
        )

    def _read_curves(self, d: Distribution) -> CurveBlock:
        weighted = self.effective_total if self.is_weighted else None
        return CurveBlock(
            d,
            self.counts,
            self.class_names,
            multiclass=self.multiclass,
            reported=self.reported,
            averaged=self.averaged,
            level=self.level,
            effective_total=weighted,
        )

    @property
    def num_classes(self) -> int:
        """C."""
        return len(self.class_names)

    @property
    def is_weighted(self) -> bool:
        """Whether the samples have unequal weights, or weights other than 1."""
        return self.effective_total is not None and not np.isclose(self.effective_total, self.total, rtol=1e-9)

    @cached_property
    def overall(self) -> dict[str, Cell]:
        """Overall scores; of multilabel columns the mean over the columns."""
        return {name: self.cell(name) for name in OVERALL}

    @cached_property
    def macro(self) -> dict[str, Cell]:
        """Means over all classes, or those of `averaged`."""
        return self._average("macro")

    @cached_property
    def weighted(self) -> dict[str, Cell]:
        """Means weighted by support."""
        return self._average("weighted")

    @cached_property
    def classes(self) -> dict[str, dict[str, Cell]]:
        """Class name -> score -> cell, of the classes that are reported."""
        columns = {name: self.class_cells(name) for name in PER_CLASS}
        return {
            name: {score: cells[row] for score, cells in columns.items()}
            for row, name in enumerate(self.reported_names)
        }

    @property
    def reported_names(self) -> tuple[str, ...]:
        """The names of the classes that have a row."""
        return tuple(self.class_names[row] for row in self.reported)

    @cached_property
    def support(self) -> dict[str, float]:
        """Class name -> how many samples are truly of that class."""
        support = self.counts.support.numpy()
        return {self.class_names[row]: float(support[row]) for row in self.reported}

    @property
    def total(self) -> float:
        """How many samples were scored; of weighted ones the sum of the weights."""
        return float(np.max(self.counts.total.numpy()))

    @property
    def samples(self) -> float:
        """How many samples intervals take the counts for: the effective number of weighted ones."""
        return self.total if self.effective_total is None else self.effective_total

    @property
    def extent(self) -> str:
        """How much was scored, in words."""
        return extent(self)

    def cell(self, score: str | Selection, level: float | None = None) -> Cell:
        """Any one score of the table with its interval.

        Args:
            score: a name as `find_score` reads it, such as "macro_f1", or a `Selection`.
            level: of the interval; that of the report by default.
        """
        return Cell.of(self._value(score), self._interval(score, level))

    def class_cells(self, score: str, level: float | None = None) -> list[Cell]:
        """One score of every class that is reported, in their order.

        Args:
            score: the name of a score.
            level: of the intervals; that of the report by default.
        """
        selection = find_score(score)._replace(average=None)
        if selection.is_overall(self.multiclass):
            raise ValueError(f"`score` must have a value for each class, as 'recall' has, got {score!r}")
        values, found = self._value(selection), self._interval(selection, level)
        ends = [found and Interval(found.low[row], found.high[row]) for row in self.reported]
        return [Cell.of(values[row], pair) for row, pair in zip(self.reported, ends, strict=True)]

    def confused(self, n: int | None = 5) -> list[Confusion]:
        """The n pairs of classes that were confused most often, or all; [] where there is no (C, C) matrix."""
        if self._wrong is None:
            return []
        return most_confused(self._wrong, self.class_names, self.counts.support.numpy(), n)

    @property
    def num_confused(self) -> int:
        """How many pairs of classes were confused at all."""
        return 0 if self._wrong is None else int(np.count_nonzero(self._wrong))

    @cached_property
    def _wrong(self) -> np.ndarray | None:
        if self.matrix is None or self.matrix.ndim != 2:
            return None
        return self.matrix * (1 - np.eye(self.num_classes))

    def by(self, name: str) -> "SliceReport":
        """The scores of every value of a slice, in a report of a `ScoreLogger` that reads `ScoreSet(by=)`, or of files.

        Args:
            name: the name of the slice.

        Raises:
            ValueError: the report knows no such slice.
        """
        from fmnist_tf.report.slices import report_by

        if name not in self._by:
            self._by[name] = report_by(self, name)
        return self._by[name]

    def text(self, width: int = WIDTH) -> str:
        """Plain text, at most so many columns wide."""
        return to_text(variants(self), width)

    def markdown(self) -> str:
        """GitHub-flavoured Markdown."""
        return to_markdown(report_blocks(self))

    def rich(self) -> Fitted:
        """A renderable for `rich`; `rich.print(report)` does the same."""
        return Fitted(variants(self))

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON: {"overall": {score: cell}, "macro": ..., "weighted": ..., "classes": {name: ...}}.

        A cell is {"value": v, "low": l, "high": h}; NaN and infinity are None. A class has its "support" too. There may
        be "curves" as of `CurveBlock.to_dict`, "epoch" from 0, "effective_total", and "by", slice -> its dict.
        """
        return report_dict(self)

    def to_frame(self) -> "pd.DataFrame":
        """A DataFrame of pandas, a row a class and a mean: each score, its "_low" and "_high", and the support.

        Raises:
            ImportError: pandas is missing.
        """
        from fmnist_tf.report.frames import report_frame

        return report_frame(self)

    def to_html(self, path: str | os.PathLike[str], *, cost_ratio: float | None = None) -> None:
        """Writes one HTML page that needs nothing else, as `fmnist-tf report --html` does.

        Args:
            path: the file.
            cost_ratio: how many false positives cost as much as one false negative, for the slider of thresholds.
        """
        from fmnist_tf.report import html

        html.write_page(path, html.report_page(self, cost_ratio=cost_ratio))

    def plot(self, **options: Any) -> Any:
        """The confusion matrix as a figure; options are those of `plot_confusion_matrix`."""
        from fmnist_tf.plots import plot_confusion_matrix

        return plot_confusion_matrix(self.matrix, self.class_names, **options)

    __rich__, _repr_markdown_, __str__ = rich, markdown, text

    def _repr_html_(self) -> str:
        """The report in a notebook: scores, classes and matrix."""
        from fmnist_tf.report.html import notebook

        return notebook.report_fragment(self)

    def _value(self, score: str | Selection) -> Any:
        return self._sample.rules.evaluate(score, self.counts).numpy()[()]

    def _interval(self, score: str | Selection, level: float | None = None) -> Interval | None:
        return interval(score, self._sample, level=level or self.level)

    def _average(self, average: Average) -> dict[str, Cell]:
        return {name: self.cell(select(name)._replace(average=average)) for name in PER_CLASS}
