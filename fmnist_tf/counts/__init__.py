"""Counts: `algebra` defines them; `layouts`, `row_layouts` and `entities` map a sample to a cell of a state."""

from fmnist_tf.counts.algebra import Counts, effective_number, from_matrix, no_and_yes, one_vs_rest, pool
from fmnist_tf.counts.entities import EntitySpans
from fmnist_tf.counts.layouts import (
    NUM_EXTRA_BINS,
    ConfusionLayout,
    CountLayout,
    Layout,
    PerClassLayout,
    discard_bin,
    effective_weight,
    redirect_invalid,
)
from fmnist_tf.counts.row_layouts import ExactRows, RowScores, TopKHits
from fmnist_tf.counts.tally import tally, weight_excess

__all__ = [
    "NUM_EXTRA_BINS",
    "ConfusionLayout",
    "CountLayout",
    "Counts",
    "EntitySpans",
    "ExactRows",
    "Layout",
    "PerClassLayout",
    "RowScores",
    "TopKHits",
    "discard_bin",
    "effective_number",
    "effective_weight",
    "from_matrix",
    "no_and_yes",
    "one_vs_rest",
    "pool",
    "redirect_invalid",
    "tally",
    "weight_excess",
]
