"""`tally`: the state of one batch, for any layout."""

from typing import Protocol, runtime_checkable

import tensorflow as tf

from fmnist_tf import kernels
from fmnist_tf.counts.layouts import NUM_EXTRA_BINS, ConfusionLayout, Layout, PerClassLayout, effective_weight
from fmnist_tf.labels import Labels


@runtime_checkable
class CountsUnits(Protocol):
    """A layout that counts other units than samples, such as rows or entities."""

    def unit_weight(self, labels: Labels) -> tf.Tensor | None:
        """The weight of each unit, and 1 where there is none; None without weights."""
        ...


def tally(layout: Layout, labels: Labels) -> tf.Tensor:
    """The state of one batch: float64 (layout.size + NUM_EXTRA_BINS,)."""
    if isinstance(layout, PerClassLayout) and labels.input_format.multiclass:
        pairs = ConfusionLayout(layout.num_classes)
        if kernels.should_count_pairs(labels.true.shape.num_elements(), layout.num_classes):
            return layout.fold(pairs, tally(pairs, labels))
    bins, weight = layout.bin_indices(labels)
    size = layout.size + NUM_EXTRA_BINS
    if labels.weight is None:
        return kernels.histogram(bins, size, weight)
    return tf.concat([kernels.histogram(bins, size - 1, weight), [weight_excess(layout, labels)]], axis=0)


def weight_excess(layout: Layout, labels: Labels) -> tf.Tensor:
    """The sum of w^2 - w over the valid samples, float64 (): 0 without weights.

    Added to the sum of w it gives the sum of w^2, which the variance of weighted counts needs. A stream without weights
    needs no operation for it.
    """
    weight = layout.unit_weight(labels) if isinstance(layout, CountsUnits) else effective_weight(labels)
    return tf.constant(0.0, tf.float64) if weight is None else tf.reduce_sum(weight * weight - weight)
