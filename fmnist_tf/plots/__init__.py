"""Plots of matrices, histories and scores (extra `plot`): each function returns a matplotlib `Figure`.

`savefig` writes it. pyplot is not used: there is no global state, no window, and no display is needed. Colours are
those of Okabe and Ito, which people with any colour vision can tell apart; shades are amounts.
"""

from fmnist_tf.plots.comparison import plot_comparison
from fmnist_tf.plots.history import plot_class_scores, plot_curves
from fmnist_tf.plots.images import plot_flips, plot_mistakes, plot_suspects
from fmnist_tf.plots.ledger import plot_cartography, plot_forgetting
from fmnist_tf.plots.matrix import plot_confusion_matrix
from fmnist_tf.plots.reliability import plot_reliability
from fmnist_tf.plots.roc import plot_precision_recall, plot_roc
from fmnist_tf.plots.slices import plot_slices

__all__ = [
    "plot_cartography",
    "plot_class_scores",
    "plot_comparison",
    "plot_confusion_matrix",
    "plot_curves",
    "plot_flips",
    "plot_forgetting",
    "plot_mistakes",
    "plot_precision_recall",
    "plot_reliability",
    "plot_roc",
    "plot_slices",
    "plot_suspects",
]
