"""`SliceBins`: counts of every value of every slice, in one histogram beside that of all rows.

For each feature each value, "other" included, has a copy of the bins of a layout: per feature and not per combination,
so that two features of 3 and 4 values take 9 copies and not 20. A crossed slice is a separate Slice.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import tensorflow as tf

from fmnist_tf import kernels
from fmnist_tf.counts import Layout
from fmnist_tf.labels import VALID, Labels
from fmnist_tf.rows.shown import REMEDY, current_tags
from fmnist_tf.rows.slices import Slice


class SliceState(NamedTuple):
    """The state of the rows of one value.

    Attributes:
        bins: float64, those of the layout.
        weight_excess: the sum of w^2 - w over the rows, float64 ().
    """

    bins: tf.Tensor
    weight_excess: tf.Tensor


@dataclass(frozen=True)
class SliceBins:
    """A layout with one copy of its bins for each value of each slice. Hashable.

    Attributes:
        features: the slices.
        layout: of the counts of one value.
    """

    features: tuple[Slice, ...]
    layout: Layout

    @property
    def _copy(self) -> int:
        """Bins of one value: those of the layout, and one for the excess of weights."""
        return self.layout.size + 1

    @property
    def size(self) -> int:
        """Number of bins, with a last one for discarded samples."""
        return self._copy * sum(len(feature.value_names) for feature in self.features) + 1

    def bin_indices(self, labels: Labels, ids: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor | None]:
        """(bins, weight), int64 (K,) and float64 (K,) or None.

        The last axes of the bins of a layout are those of the predictions, of scores with the axis of the classes.

        Args:
            labels: a batch in canonical form.
            ids: int32 (N, F), the ids of the values of each feature.
        """
        inner, weight = self.layout.bin_indices(labels)
        first = _first_bins(self.features, self._copy)
        starts = tf.cast(ids, tf.int64) * self._copy + tf.constant(first, tf.int64)
        bins, weights = [], []
        for place in range(len(self.features)):
            start = _along(starts[:, place], inner.shape.rank, labels.pred.shape.rank)
            valid = (inner < self.layout.size) & (start >= 0)
            bins.append(tf.reshape(tf.where(valid, inner + start, tf.constant(self.size - 1, tf.int64)), [-1]))
            weights.append(None if weight is None else tf.reshape(weight, [-1]))
        if labels.weight is None:
            return tf.concat(bins, 0), None if weight is None else tf.concat(weights, 0)
        return self._with_excess(labels, starts, bins, weights)

    def _with_excess(self, labels, starts, bins, weights):
        """Adds w^2 - w of each sample to the last bin of its values."""
        is_valid = labels.status == VALID
        excess = tf.where(is_valid, labels.weight * (labels.weight - 1), 0.0)
        for place in range(len(self.features)):
            rank = labels.true.shape.rank
            place_of = _along(starts[:, place], rank, rank) + self.layout.size
            bins.append(tf.reshape(place_of + tf.zeros_like(labels.true, tf.int64), [-1]))
            weights.append(tf.reshape(excess, [-1]))
        return tf.concat(bins, 0), tf.concat(weights, 0)

    def tally(self, labels: Labels, ids: tf.Tensor) -> tf.Tensor:
        """The counts of one batch, float64 (size,)."""
        bins, weight = self.bin_indices(labels, ids)
        return kernels.histogram(bins, self.size, weight)

    def split(self, state: tf.Tensor, name: str) -> dict[str, SliceState]:
        """Value -> its part of a state (size,).

        Raises:
            ValueError: no such slice.
        """
        names = [feature.name for feature in self.features]
        if name not in names:
            raise ValueError(f"`name` must be one of the slices {names}, got {name!r}")
        place = names.index(name)
        start, values = _first_bins(self.features, self._copy)[place], self.features[place].value_names
        copies = tf.reshape(state[start : start + len(values) * self._copy], [len(values), self._copy])
        return {value: SliceState(copies[row, :-1], copies[row, -1]) for row, value in enumerate(values)}


def _first_bins(features: Sequence[Slice], copy: int) -> list[int]:
    """The first bin of each feature."""
    starts = [0]
    for feature in features:
        starts.append(starts[-1] + copy * len(feature.value_names))
    return starts[:-1]


def _along(of_rows: tf.Tensor, rank: int, last: int) -> tf.Tensor:
    """(N,) reshaped to the rows axis of a tensor of bins, which is the first of its `last` axes."""
    shape = [1] * (rank - last) + [-1] + [1] * (last - 1)
    return tf.reshape(of_rows, shape)


def read_slices(features: Sequence[Slice], user: str) -> tf.Tensor | None:
    """The ids of the values of the rows that are counted, int32 (N, F); None without features.

    Raises:
        ValueError: the rows have no tags, or lack one of these.
    """
    if not features:
        return None
    tags = current_tags()
    if tags is None:
        names = ", ".join(feature.name for feature in features)
        raise ValueError(f"{user} counts by {names}, and the rows carry no tags; {REMEDY}")
    return tf.stack([tags.values_of(feature, user) for feature in features], axis=1)


def check_slices(by: object, user: str) -> tuple[Slice, ...]:
    """Slices given as `by=`.

    Raises:
        TypeError: `by` is something else.
        ValueError: two slices of one name.
    """
    features = (by,) if isinstance(by, Slice) else by
    features = tuple(features) if isinstance(features, Iterable) and not isinstance(features, str) else None
    if features is None or not all(isinstance(feature, Slice) for feature in features):
        raise TypeError(f'{user}: `by` must hold Slice objects, as by=(Slice("site", ("north", "south")),), got {by!r}')
    names = [feature.name for feature in features]
    if len(set(names)) < len(names):
        raise ValueError(f"{user}: `by` must hold slices of different names, got {names}")
    return features
