"""The choice of operations: find the largest score, count bins, add to a state, rank histograms.

Every choice is made at trace time, from static shapes alone (`sizes`), and every path gives the same integers.
"""

from fmnist_tf.kernels.argmax import has_nan, largest
from fmnist_tf.kernels.bincount import histogram, scatter_add, should_count_pairs, should_scatter
from fmnist_tf.kernels.ranking import Ranked, rank, reverse_cumsum, running_max
from fmnist_tf.kernels.sizes import COLUMNS_TO, SCATTER_FROM, XLA_FROM, XLA_SIZES, is_large, is_wide, should_compile

__all__ = [
    "COLUMNS_TO",
    "SCATTER_FROM",
    "XLA_FROM",
    "XLA_SIZES",
    "Ranked",
    "has_nan",
    "histogram",
    "is_large",
    "is_wide",
    "largest",
    "rank",
    "reverse_cumsum",
    "running_max",
    "scatter_add",
    "should_compile",
    "should_count_pairs",
    "should_scatter",
]
