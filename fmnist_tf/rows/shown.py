"""`Tags`: the ids and slices of the rows of a batch, and how a metric can see them.

Keras passes labels, predictions and weights to a metric and nothing else. So the model that has taken the tags off the
labels shows them while its metrics are updated, to code in the same thread: each replica has one.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

import tensorflow as tf

from fmnist_tf.rows.slices import Slice

#: The remedy in errors about missing tags.
REMEDY = "call accept_tags(model) before fit, and give data as tag(x, y, slices=..., ids=...)"


class Tags(NamedTuple):
    """Tags of the N rows of a batch.

    Attributes:
        ids: int64 (N,), the name of each row; None where the data has none.
        slices: `Slice.tag_key` -> int32 (N,), the ids of values.
    """

    ids: tf.Tensor | None
    slices: Mapping[str, tf.Tensor]

    def values_of(self, feature: Slice, user: str) -> tf.Tensor:
        """The ids of a slice's values, int32 (N,).

        Args:
            feature: the slice.
            user: the public name in the error.

        Raises:
            ValueError: the rows have no such tag, or one of a slice with other values.
        """
        if feature.tag_key in self.slices:
            return self.slices[feature.tag_key]
        names = [key.rpartition("#")[0] for key in self.slices]
        if feature.name in names:
            raise ValueError(
                f"{user}: the rows were tagged with another {feature.name!r}, of other values; use one Slice"
            )
        raise ValueError(f"{user}: the rows have no tag {feature.name!r}, only {names}; give tag(slices=) its Slice")


_shown = threading.local()


@contextmanager
def show_tags(tags: Tags | None) -> Iterator[None]:
    """Lets metrics that are updated inside see the tags of their batch."""
    before = getattr(_shown, "tags", None)
    _shown.tags = tags
    try:
        yield
    finally:
        _shown.tags = before


def current_tags() -> Tags | None:
    """The tags of the batch that is counted; None where it has none."""
    return getattr(_shown, "tags", None)
