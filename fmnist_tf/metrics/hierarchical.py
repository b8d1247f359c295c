"""Scores of a confusion matrix by weights of its cells: classes in a tree."""

from collections.abc import Iterable, Mapping
from typing import Any

from fmnist_tf.compat import higher_is_better
from fmnist_tf.metrics.base import registered
from fmnist_tf.metrics.matrix import MatrixMetric
from fmnist_tf.metrics.pairs import PairScore
from fmnist_tf.scores.pairs import Hierarchy, PairRatio, hierarchy, read_parents


class HierarchicalMetric(PairScore):
    """The part of a metric that knows the parents of classes; a mixin of `MatrixMetric`."""

    #: The score, a property of `Hierarchy`.
    rate: str

    def _take_parents(self, parents: Any) -> None:
        self.parents = read_parents(parents)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, JSON-ready."""
        return {**super().get_config(), "parents": [[child, list(above)] for child, above in self.parents]}

    @property
    def _least_num_classes(self) -> int:
        return 2

    def _check_num_classes(self, num_classes: int) -> None:
        super()._check_num_classes(num_classes)
        self._hierarchy(num_classes)

    def _hierarchy(self, num_classes: int) -> Hierarchy:
        return hierarchy(self.parents, max(num_classes, 2))

    def _ratio(self) -> PairRatio | None:
        if self.num_classes is None:
            return None
        return getattr(self._hierarchy(self.num_classes), self.rate)

    def _fingerprint(self) -> dict[str, Any]:
        # One state serves all three scores.
        return {**super()._fingerprint(), "score": "hierarchical", "parents": str(self.parents)}


@registered
@higher_is_better
class HierarchicalPrecision(HierarchicalMetric, MatrixMetric):
    """hP, the share of the nodes of predictions that labels share: sum |A(y) & A(p)| / sum |A(p)|.

    A(c) is class c with all its ancestors, the root left out: a prediction in the right branch is right in part. It is
    read off the confusion matrix, which the state keeps. Where all classes hang on one root it is micro F1, accuracy.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update. Needed
            where predictions are class ids.
        parents: each class id, and each inner node, with its parent, or a list of its parents:
            {0: "bird", 1: "bird", 2: "fish", "bird": "animal", "fish": "animal"}. Inner nodes have any names, or are
            classes themselves. A node without parents that is above every class is the root.
        threshold: None where the largest score wins (of one column: 0.5); else the number that a score of one column
            must exceed for yes.
        from_logits: whether scores of one column are logits; the threshold stays a probability. No effect on multiclass
            scores.
        ignore_class: a label, or several, whose rows are left out.
        zero_division: the value of 0/0.
        on_invalid: "raise" makes `result()` raise, in a graph return NaN, once a row could not be counted; "skip" keeps
            the number of such rows in `invalid` alone.
        name: key in the logs; "hierarchical_precision" by default.
        dtype: dtype of the result alone; None for Keras' default. Counts are float64.

    Returns:
        A scalar of the metric's dtype.

    Raises:
        ValueError: a circle in `parents`, or a node that is above no class; several binary columns; a matrix of more
            than 1 GiB; in `result()` for invalid rows.
        TypeError: `parents` that are no mapping.

    Source: Kiritchenko, Matwin and Famili, Functional annotation of genes using hierarchical text categorization, 2005.

    Example:
        >>> metric = HierarchicalPrecision(3, parents={0: "bird", 1: "bird", 2: "fish"})
        >>> metric.update_state([0, 1, 2], [0, 0, 1])
        >>> round(float(metric.result()), 4)
        0.5
    """

    rate, default_name = "precision", "hierarchical_precision"

    def __init__(
        self,
        num_classes: int | None = None,
        *,
        parents: Mapping[Any, Any] | Iterable[tuple[Any, Any]],
        threshold: float | None = None,
        from_logits: bool = False,
        ignore_class: int | Iterable[int] | None = None,
        zero_division: float = 0.0,
        on_invalid: str = "raise",
        name: str | None = None,
        dtype: str | None = None,
    ):
        self._take_parents(parents)
        super().__init__(
            num_classes,
            threshold=threshold,
            from_logits=from_logits,
            ignore_class=ignore_class,
            zero_division=zero_division,
            on_invalid=on_invalid,
            name=name,
            dtype=dtype,
        )


@registered
@higher_is_better
class HierarchicalRecall(HierarchicalMetric, MatrixMetric):
    """hR, the share of the nodes of labels that predictions share: sum |A(y) & A(p)| / sum |A(y)|.

    A(c) is class c with all its ancestors, the root left out: a prediction in the right branch is right in part. It is
    read off the confusion matrix, which the state keeps. Where all classes hang on one root it is micro F1, accuracy.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update. Needed
            where predictions are class ids.
        parents: each class id, and each inner node, with its parent, or a list of its parents:
            {0: "bird", 1: "bird", 2: "fish", "bird": "animal", "fish": "animal"}. Inner nodes have any names, or are
            classes themselves. A node without parents that is above every class is the root.
        threshold: None where the largest score wins (of one column: 0.5); else the number that a score of one column
            must exceed for yes.
        from_logits: whether scores of one column are logits; the threshold stays a probability. No effect on multiclass
            scores.
        ignore_class: a label, or several, whose rows are left out.
        zero_division: the value of 0/0.
        on_invalid: "raise" makes `result()` raise, in a graph return NaN, once a row could not be counted; "skip" keeps
            the number of such rows in `invalid` alone.
        name: key in the logs; "hierarchical_recall" by default.
        dtype: dtype of the result alone; None for Keras' default. Counts are float64.

    Returns:
        A scalar of the metric's dtype.

    Raises:
        ValueError: a circle in `parents`, or a node that is above no class; several binary columns; a matrix of more
            than 1 GiB; in `result()` for invalid rows.
        TypeError: `parents` that are no mapping.

    Source: Kiritchenko, Matwin and Famili, Functional annotation of genes using hierarchical text categorization, 2005.

    Example:
        >>> metric = HierarchicalRecall(3, parents={0: "bird", 1: "bird", 2: "fish"})
        >>> metric.update_state([0, 1, 2], [0, 0, 1])
        >>> round(float(metric.result()), 4)
        0.5
    """

    rate, default_name = "recall", "hierarchical_recall"

    def __init__(
        self,
        num_classes: int | None = None,
        *,
        parents: Mapping[Any, Any] | Iterable[tuple[Any, Any]],
        threshold: float | None = None,
        from_logits: bool = False,
        ignore_class: int | Iterable[int] | None = None,
        zero_division: float = 0.0,
        on_invalid: str = "raise",
        name: str | None = None,
        dtype: str | None = None,
    ):
        self._take_parents(parents)
        super().__init__(
            num_classes,
            threshold=threshold,
            from_logits=from_logits,
            ignore_class=ignore_class,
            zero_division=zero_division,
            on_invalid=on_invalid,
            name=name,
            dtype=dtype,
        )


@registered
@higher_is_better
class HierarchicalF1(HierarchicalMetric, MatrixMetric):
    """hF, the F1 of nodes of a tree: 2 sum |A(y) & A(p)| / (sum |A(y)| + sum |A(p)|).

    A(c) is class c with all its ancestors, the root left out: a prediction in the right branch is right in part. It is
    read off the confusion matrix, which the state keeps. Where all classes hang on one root it is micro F1, accuracy.

    Args:
        num_classes: number of classes C; None takes it from the last dimension of `y_pred` at the first update. Needed
            where predictions are class ids.
        parents: each class id, and each inner node, with its parent, or a list of its parents:
            {0: "bird", 1: "bird", 2: "fish", "bird": "animal", "fish": "animal"}. Inner nodes have any names, or are
            classes themselves. A node without parents that is above every class is the root.
        threshold: None where the largest score wins (of one column: 0.5); else the number that a score of one column
            must exceed for yes.
        from_logits: whether scores of one column are logits; the threshold stays a probability. No effect on multiclass
            scores.
        ignore_class: a label, or several, whose rows are left out.
        zero_division: the value of 0/0.
        on_invalid: "raise" makes `result()` raise, in a graph return NaN, once a row could not be counted; "skip" keeps
            the number of such rows in `invalid` alone.
        name: key in the logs; "hierarchical_f1" by default.
        dtype: dtype of the result alone; None for Keras' default. Counts are float64.

    Returns:
        A scalar of the metric's dtype.

    Raises:
        ValueError: a circle in `parents`, or a node that is above no class; several binary columns; a matrix of more
            than 1 GiB; in `result()` for invalid rows.
        TypeError: `parents` that are no mapping.

    Source: Kiritchenko, Matwin and Famili, Functional annotation of genes using hierarchical text categorization, 2005.

    Example:
        >>> metric = HierarchicalF1(3, parents={0: "bird", 1: "bird", 2: "fish"})
        >>> metric.update_state([0, 1, 2], [0, 0, 1])
        >>> round(float(metric.result()), 4)
        0.5
    """

    rate, default_name = "f1_score", "hierarchical_f1"

    def __init__(
        self,
        num_classes: int | None = None,
        *,
        parents: Mapping[Any, Any] | Iterable[tuple[Any, Any]],
        threshold: float | None = None,
        from_logits: bool = False,
        ignore_class: int | Iterable[int] | None = None,
        zero_division: float = 0.0,
        on_invalid: str = "raise",
        name: str | None = None,
        dtype: str | None = None,
    ):
        self._take_parents(parents)
        super().__init__(
            num_classes,
            threshold=threshold,
            from_logits=from_logits,
            ignore_class=ignore_class,
            zero_division=zero_division,
            on_invalid=on_invalid,
            name=name,
            dtype=dtype,
        )
