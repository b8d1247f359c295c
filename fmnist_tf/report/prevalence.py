"""A report at another prevalence: the same predictions, other class frequencies."""

import copy
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from fmnist_tf.intervals.prevalence import PrevalenceSample

if TYPE_CHECKING:
    from fmnist_tf.report.report import Report


class AtPrevalence:
    """The part of a `Report` that shows it at another prevalence."""

    def at(self, prevalence: Mapping[str, float]) -> "Report":
        """The report that the same model would have where the classes occur as often as given.

        The rates of each true class stay; the rows of the matrix are scaled. Every score follows, with its interval:
        precision falls where a class is rare, recall does not. It holds where the samples of a class look the same
        there. Curves are left out.

        Args:
            prevalence: the share of each class by name; classes that are not named keep their proportions in what is
                left. Of multilabel columns the share of yes of each column.

        Raises:
            ValueError: an unknown class, shares that do not sum to 1, a class without samples; a report of `Counts`.

        Example:
            >>> from fmnist_tf import Report
            >>> report = Report([[91, 9], [3, 7]], ["healthy", "ill"])
            >>> print(report.classes["ill"]["precision"])
            0.438 [0.231, 0.668]
            >>> print(report.at({"ill": 0.01}).classes["ill"]["precision"])
            0.073 [0.035, 0.145]
        """
        report: Any = self
        return report_at(report, prevalence)


def report_at(report: "Report", prevalence: Mapping[str, float]) -> "Report":
    """The report with its rows scaled to a prevalence, as `Report.at` says."""
    matrix = report.matrix
    if matrix is None:
        raise ValueError("a report of Counts does not say which classes were confused; give Report a matrix")
    shares = _shares(report, matrix, prevalence)
    for row in zip(*np.nonzero((shares > 0) & (matrix.sum(axis=-1) == 0)), strict=True):
        raise ValueError(f"`prevalence` asks for {report.class_names[row[0]]!r}, of which no sample was counted")
    sample = PrevalenceSample(
        matrix,
        shares,
        binary=report.source.binary,
        zero_division=report.zero_division,
        classes=report._sample.rules.classes,
        effective_total=report.effective_total,
    )
    return _with_sample(report, sample, ", ".join(f"{name} {share:g}" for name, share in prevalence.items()))


def _with_sample(report: "Report", sample: PrevalenceSample, said: str) -> "Report":
    """A copy that reads another sample; what the report has computed and what needs single scores stays behind."""
    other = copy.copy(report)
    for name in list(vars(other)):
        if isinstance(getattr(type(report), name, None), cached_property):
            del vars(other)[name]
    other.source = report.source._replace(counts=sample.counts, matrix=sample.matrix)
    other.counts, other.matrix = sample.counts, sample.matrix
    other._sample, other.curves, other.slices = sample, None, {}
    other.note = f"at prevalence {said}" if report.note is None else f"{report.note}; at prevalence {said}"
    return other


def _shares(report: "Report", matrix: np.ndarray, prevalence: Mapping[str, float]) -> np.ndarray:
    """How often each true class is to occur, (C,), of columns (C, 2)."""
    for name, share in prevalence.items():
        if name not in report.class_names:
            raise ValueError(f"`prevalence` must name classes, {', '.join(report.class_names)}, got {name!r}")
        if not 0 <= share <= 1:
            raise ValueError(f"`prevalence` must hold shares from 0 to 1, got {share} of {name!r}")
    wanted = np.array([prevalence.get(name, np.nan) for name in report.class_names], np.float64)
    support = matrix.sum(axis=-1)
    if matrix.ndim == 3:
        yes = np.where(np.isnan(wanted), support[:, 1] / np.maximum(support.sum(axis=1), 1.0), wanted)
        return np.stack([1 - yes, yes], axis=-1)
    return _fill(wanted, support)


def _fill(wanted: np.ndarray, support: np.ndarray) -> np.ndarray:
    """Shares of classes that exclude each other: those not named keep their proportions in what is left."""
    named, rest = np.nansum(wanted), np.where(np.isnan(wanted), support, 0.0)
    left = 1 - named
    if left < -1e-9 or (rest.sum() == 0 and left > 1e-9):
        raise ValueError(f"`prevalence` must sum to 1, or to less where classes are not named, got a sum of {named:g}")
    return np.where(np.isnan(wanted), max(left, 0.0) * rest / max(rest.sum(), 1.0), wanted)
