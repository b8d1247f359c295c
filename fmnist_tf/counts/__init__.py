"""Counts: `algebra` says what is counted, `layouts` into which cell of a state a sample falls."""

from fmnist_tf.counts.algebra import Counts, from_matrix, one_vs_rest, pool
from fmnist_tf.counts.layouts import (
    NUM_EXTRA_BINS,
    ConfusionLayout,
    CountLayout,
    ExactRows,
    Layout,
    PerClassLayout,
    TopKHits,
    discard_bin,
    effective_weight,
    redirect_invalid,
    tally,
)

__all__ = [
    "NUM_EXTRA_BINS",
    "ConfusionLayout",
    "CountLayout",
    "Counts",
    "ExactRows",
    "Layout",
    "PerClassLayout",
    "TopKHits",
    "discard_bin",
    "effective_weight",
    "from_matrix",
    "one_vs_rest",
    "pool",
    "redirect_invalid",
    "tally",
]
