"""Scores of a confusion matrix that are a ratio of two weighted sums over its cells: trees of classes, and costs."""

from collections.abc import Hashable, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from fmnist_tf.scores.table import Fraction

Node = Hashable
#: Each node with its parents, in the order given.
Parents = tuple[tuple[Node, tuple[Node, ...]], ...]


class PairRatio(NamedTuple):
    """sum(matrix x numerator) / sum(matrix x denominator), float64 (C, C) each, rows true."""

    numerator: np.ndarray
    denominator: np.ndarray

    def fraction(self, matrix: tf.Tensor) -> Fraction:
        """Numerator and denominator of a confusion matrix (C, C)."""
        return tf.reduce_sum(matrix * self.numerator), tf.reduce_sum(matrix * self.denominator)


class Hierarchy(NamedTuple):
    """How many nodes classes share, themselves and their ancestors, the root left out.

    Attributes:
        common: of a true and a predicted class, float64 (C, C).
        sizes: of each class alone, float64 (C,).
    """

    common: np.ndarray
    sizes: np.ndarray

    @property
    def precision(self) -> PairRatio:
        """Shared nodes / nodes of the prediction."""
        return PairRatio(self.common, np.broadcast_to(self.sizes, self.common.shape))

    @property
    def recall(self) -> PairRatio:
        """Shared nodes / nodes of the label."""
        return PairRatio(self.common, np.broadcast_to(self.sizes[:, np.newaxis], self.common.shape))

    @property
    def f1_score(self) -> PairRatio:
        """2 x shared nodes / (nodes of the prediction + nodes of the label)."""
        return PairRatio(2 * self.common, self.sizes + self.sizes[:, np.newaxis])


def read_parents(parents: Mapping[Node, Any] | Iterable[tuple[Node, Any]]) -> Parents:
    """Parents as given, a node or several for each child, in one form.

    Raises:
        TypeError: it is no mapping.
    """
    pairs = parents.items() if isinstance(parents, Mapping) else parents
    try:
        found = tuple((child, _nodes(above)) for child, above in pairs)
    except (TypeError, ValueError):
        found = None
    if found is None:
        raise TypeError(f"`parents` must map each class id or node to its parent, or a list of them, got {parents!r}")
    return found


def _nodes(above: Any) -> tuple[Node, ...]:
    return tuple(above) if isinstance(above, list | tuple | set | frozenset) else (above,)


def hierarchy(parents: Parents, num_classes: int) -> Hierarchy:
    """The hierarchy of classes 0 to C - 1.

    A root, a node without parents above every class, says nothing and is left out.

    Raises:
        ValueError: a circle, a node above no class, or no class among the children.
    """
    above = dict(parents)
    lines = [_ancestors(class_id, above) for class_id in range(num_classes)]
    known = frozenset().union(*lines)
    astray = [child for child in above if child not in known]
    if astray or not any(class_id in above for class_id in range(num_classes)):
        what = f"{astray[0]!r}, which is above none of them" if astray else "none of them"
        raise ValueError(f"`parents` must lead from the class ids 0 to {num_classes - 1} upwards, got {what}")
    roots = {node for node in known if node not in above and all(node in line for line in lines)}
    lines = [line - roots for line in lines]
    common = np.array([[len(a & b) for b in lines] for a in lines], np.float64)
    return Hierarchy(common, np.diag(common).copy())


def _ancestors(node: Node, above: Mapping[Node, tuple[Node, ...]]) -> frozenset[Node]:
    """A node and all nodes above it."""
    found: set[Node] = set()
    waiting: list[tuple[Node, tuple[Node, ...]]] = [(node, (node,))]
    while waiting:
        here, path = waiting.pop()
        found.add(here)
        for parent in above.get(here, ()):
            if parent in path:
                raise ValueError(f"`parents` must have no circle, got {' -> '.join(map(str, (*path, parent)))}")
            waiting.append((parent, (*path, parent)))
    return frozenset(found)
