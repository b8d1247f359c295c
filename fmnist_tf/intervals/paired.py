"""The interval of a difference between two models that were scored on the same samples: paired predictions.

Both models often err on the same samples, so that their scores vary together from test set to test set. The difference
then varies less than that of independent test sets. Only the paired predictions tell how much less.
"""

from functools import cached_property
from typing import Any

import numpy as np

from fmnist_tf.counts import effective_number
from fmnist_tf.intervals.inputs import ScoreLike, is_undefined, read_score, select
from fmnist_tf.intervals.paired_areas import AREAS, Area, area_difference, area_interval, areas_of
from fmnist_tf.intervals.proportions import Interval, as_interval
from fmnist_tf.intervals.sample import Sample
from fmnist_tf.intervals.unit_effects import ADDED, Added, alone, between
from fmnist_tf.intervals.units import Units, make_units
from fmnist_tf.scores import Score, Selection, split_name


class Paired:
    """The predictions of two models of the same samples.

    Args:
        y_true: true class ids (N,), or zeros and ones of C binary columns (N, C).
        pred_a: predictions of model a, the baseline, shaped like `y_true`.
        pred_b: predictions of model b, which is compared with it, shaped like `y_true`.
        num_classes: C; 2 of one binary column.
        multiclass: False with ids (N,) of 0 and 1: they are those of one binary column, of which a score without an
            average is that of yes.
        zero_division: the value of 0/0.
        classes: the class ids that averages run over; None for all.
        sample_weight: weights (N,), or None.
        groups: (N,), the group of each sample, such as its image or its user: samples of one group depend on each
            other, and the intervals are those of other groups. None where every sample is drawn by itself.
        probabilities: of both models, (N,) of the class 1, or (N, C), for AUROC and average precision; or None.

    Attributes:
        true: as given.
        pred_a: as given.
        pred_b: as given.
        a: the `Sample` of model a.
        b: the `Sample` of model b.
        units: the `Units` that another test set would draw anew.
        effective_total: the effective number of weighted samples, (sum w)^2 / sum w^2; None without weights.

    Raises:
        ValueError: shapes that differ, no sample, an id that is not a class, or weights below 0.

    Example:
        >>> pairs = Paired([0, 0, 1, 1] * 50, [0, 1, 1, 1] * 50, [0, 0, 1, 1] * 50, num_classes=2)
        >>> low, high = pairs.difference("accuracy")
        >>> print(f"{low:+.3f} {high:+.3f}")
        +0.190 +0.310

    Source: Agresti and Min, Simple improved confidence intervals for comparing matched proportions, Statistics in
    Medicine 24, 2005: the variance of the difference of accuracies, with two samples added.
    """

    def __init__(
        self,
        y_true: Any,
        pred_a: Any,
        pred_b: Any,
        num_classes: int,
        *,
        multiclass: bool = True,
        zero_division: float = 0.0,
        classes: tuple[int, ...] | None = None,
        sample_weight: Any = None,
        groups: Any = None,
        probabilities: tuple[Any, Any] | None = None,
    ):
        sides = (_flat(np.asarray(ids)) for ids in (y_true, pred_a, pred_b))
        self.true, self.pred_a, self.pred_b = sides
        is_ids, one_column = self.true.ndim == 1, np.ndim(y_true) == 2
        for ids in (self.true, self.pred_a, self.pred_b):
            _check_ids(ids, self.true.shape, max(num_classes, 2) if is_ids else 2)
        self._num_classes = max(num_classes, 2) if is_ids else self.true.shape[1]
        self.sample_weight = _read_weights(sample_weight, len(self.true))
        self.groups, self.probabilities = groups, probabilities
        self._areas: dict[str, tuple[Area, Area]] = {}
        true, a, b = (ids.astype(np.int64) for ids in (self.true, self.pred_a, self.pred_b))
        self.units = make_units(true, a, b, self._num_classes, weight=self.sample_weight, groups=groups)
        options: Any = {
            "zero_division": zero_division,
            "classes": classes,
            "multiclass": multiclass and is_ids and not one_column,
        }
        self.a, self.b = (Sample(self._matrix(pred), **options) for pred in (self.units.a, self.units.b))

    def _matrix(self, pred: np.ndarray) -> np.ndarray:
        """The confusion matrix (C, C) of a model, or (C, 2, 2)."""
        size, true = self._num_classes, self.units.true
        weight = self.units.weight * self.units.times[self.units.unit]
        if true.ndim == 1:
            return np.bincount(true * size + pred, weight, size**2).reshape(size, size)
        cells = [np.bincount(column, weight, 4) for column in (2 * true + pred).T]
        return np.reshape(cells, (-1, 2, 2))

    @property
    def effective_total(self) -> float | None:
        """The effective number of weighted samples, (sum w)^2 / sum w^2; None without weights."""
        weight = self.sample_weight
        return None if weight is None else effective_number(float(np.sum(weight)), float(np.sum(weight**2)))

    def fits(self, a: Any, b: Any) -> bool:
        """Whether these are the confusion matrices of the two models."""
        pairs = zip((self.a, self.b), (a, b), strict=True)
        return all(matrix is not None and _are_equal(sample.cells, matrix) for sample, matrix in pairs)

    def difference(self, score: ScoreLike, level: float = 0.95) -> Interval:
        """Interval of score(b) - score(a), of an overall score, an average or one class.

        The jackknife leaves out one unit of both models at a time; the gradient of both scores gives the least
        variance, as in `jackknife`. The interval is symmetric, since differences are far from their bounds; of groups
        it has the quantile of Student's t, since there are few of them. AUROC and
        average precision are compared by the influence of each sample, as DeLong's test does.

        Args:
            score: a name such as "macro_f1", "recall/3", "worst_recall" or "auroc", or a `Selection`.
            level: the probability of covering.

        Raises:
            ValueError: a score without finite bounds, or of all classes singly; AUROC without probabilities.

        Source: DeLong, DeLong and Clarke-Pearson, Comparing the areas under two or more correlated receiver operating
        characteristic curves, Biometrics 44, 1988; with groups: Obuchowski, Nonparametric analysis of clustered ROC
        curve data, Biometrics 53, 1997.
        """
        if is_area(score):
            return area_difference(*self.areas(str(score)), level, self.units.degrees)
        selection = self.a.rules.select(score)
        width = _width(selection.score)
        if selection.class_id is not None:
            return self._of_class(selection, width, level)
        if selection.average is None:
            raise ValueError("ask `class_differences` for the differences of single classes")
        function, _ = read_score(selection, self.a.rules)
        added = Added(self._added_cells, self._unit_weight)
        smooth = selection.average != "worst"
        cells = self.a.cells, self.b.cells
        return between(self.units, cells, function, added, width=width, level=level, smooth=smooth)

    def values(self, score: ScoreLike) -> tuple[float, float]:
        """The score of model a and that of model b.

        Args:
            score: a name such as "macro_f1" or "auroc", or a `Selection`.

        Raises:
            ValueError: an unknown score, or AUROC without probabilities.
        """
        if is_area(score):
            a, b = self.areas(str(score))
            return a.value, b.value
        function, _ = read_score(score, self.a.rules)
        a, b = (float(function(sample.counts)) for sample in (self.a, self.b))
        return a, b

    def areas(self, name: str) -> tuple[Area, Area]:
        """An area of model a and that of model b, with the effect of each sample or group on it.

        Args:
            name: "auroc", "average_precision", "macro_auroc", "auroc/3".

        Raises:
            ValueError: there are no probabilities, or they do not tell this area.
        """
        if name not in self._areas:
            self._areas[name] = areas_of(self, name)
        return self._areas[name]

    @property
    def are_groups(self) -> bool:
        """Whether the units are groups of several samples."""
        return bool(np.isfinite(self.units.degrees))

    def interval(self, side: str, score: ScoreLike, level: float = 0.95) -> Interval:
        """Interval of the score of one model, over the same units as that of the difference.

        Where every sample is drawn by itself, `fmnist_tf.intervals.interval` of the confusion matrix is the better one.

        Args:
            side: "a" or "b".
            score: a name such as "macro_f1" or "auroc", or a `Selection`.
            level: the probability of covering.
        """
        if is_area(score):
            return area_interval(self.areas(str(score))[side == "b"], level, self.units.degrees)
        selection, cells = self.a.rules.select(score), getattr(self, side).cells
        function, bounds = read_score(selection, self.a.rules)
        if is_undefined(selection, getattr(self, side).counts, self.a.rules):
            return as_interval(*bounds)
        units, added = self.units, self._added_cells
        if selection.class_id is not None:
            function, _ = read_score(selection._replace(class_id=1), self.a.rules)
            units, added = self.units.against_the_rest(selection.class_id), _TO_TABLES
            cells = _table_of(units, side)
        smooth = selection.average != "worst"
        weighed = Added(added, self._unit_weight)
        return alone(units, side, cells, function, weighed, bounds=bounds, level=level, smooth=smooth)

    def class_differences(self, score: ScoreLike, level: float = 0.95) -> Interval:
        """One interval a class, (C,): each class against the rest is a problem of no and yes.

        Args:
            score: the name of a score of single classes, such as "recall".
            level: the probability of covering.
        """
        selection = select(score)
        width = _width(selection.score)
        each = [selection._replace(class_id=k) for k in range(self._num_classes)]
        return as_interval(*np.transpose([self._of_class(one, width, level) for one in each]))

    def _of_class(self, selection: Selection, width: float, level: float) -> Interval:
        assert selection.class_id is not None
        function, _ = read_score(selection._replace(class_id=1), self.a.rules)
        units = self.units.against_the_rest(selection.class_id)
        tables = [_table_of(units, side) for side in "ab"]
        return between(units, tables, function, Added(_TO_TABLES, self._unit_weight), width=width, level=level)

    @property
    def _unit_weight(self) -> float:
        """The usual weight of a sample."""
        weight = self.sample_weight
        return 1.0 if weight is None else float(np.sum(weight**2) / np.sum(weight))

    @cached_property
    def _added_cells(self) -> np.ndarray:
        if self.true.ndim == 2:
            return np.tile(_TO_TABLES, (self._num_classes, 1, 1))
        return _added(self._num_classes, np.unique(self.true))


def _table_of(units: Units, side: str) -> np.ndarray:
    """The table [[tn, fp], [fn, tp]] of one model, of units that are members of a class or not."""
    return np.einsum("u,uij->ij", units.times, units.tables(getattr(units, side), 2)[:, 1])


def is_area(score: ScoreLike) -> bool:
    """Whether a score is the name of an area under a curve, which counts do not give."""
    parts = split_name(score) if isinstance(score, str) else None
    return parts is not None and parts[0] in AREAS


def _flat(ids: np.ndarray) -> np.ndarray:
    """One column (N, 1) as (N,)."""
    return ids[:, 0] if ids.ndim == 2 and ids.shape[1] == 1 else ids


def _check_ids(ids: np.ndarray, shape: tuple[int, ...], num_classes: int) -> None:
    if ids.ndim not in (1, 2) or ids.shape != shape or not ids.size or ids.dtype.kind not in "iub":
        raise ValueError(f"paired class ids must be integers (N,), or of columns (N, C), got {ids.dtype} {ids.shape}")
    if ids.min() < 0 or ids.max() >= num_classes:
        raise ValueError(f"paired class ids must be from 0 to {num_classes - 1}, got {ids.min()} to {ids.max()}")


def _read_weights(sample_weight: Any, size: int) -> np.ndarray | None:
    if sample_weight is None:
        return None
    weight = np.asarray(sample_weight, np.float64)
    if weight.shape != (size,) or not np.all(np.isfinite(weight) & (weight >= 0)) or not weight.any():
        raise ValueError(f"`sample_weight` must hold {size} finite numbers of 0 or more, some above 0")
    return weight


def _are_equal(cells: np.ndarray, matrix: Any) -> bool:
    """Sums of weights in another order may differ in their last digits."""
    matrix = np.asarray(matrix)
    return cells.shape == matrix.shape and bool(np.allclose(cells, matrix, rtol=1e-9, atol=1e-9))


def _added(size: int, occurring: np.ndarray) -> np.ndarray:
    """The samples added to the cells (R, R) of either model."""
    added = np.zeros((size, size))
    added[occurring] = 0.5 / max(size - 1, 1)
    added[occurring, occurring] = 0.5
    return ADDED / len(occurring) * added


_TO_TABLES = _added(2, np.arange(2))


def _width(score: Score) -> float:
    """Between the bounds of a score: no difference is larger."""
    if not np.all(np.isfinite(score.bounds)):
        raise ValueError(f"the difference of {score.name} has no symmetric interval: the score has no finite bounds")
    return score.bounds[1] - score.bounds[0]
