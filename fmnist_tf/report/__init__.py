"""Reports after an epoch: `Report` on one confusion matrix, `Comparison` of two."""

from fmnist_tf.report.cells import Cell, Confusion
from fmnist_tf.report.comparison import Comparison
from fmnist_tf.report.curves import CurveBlock
from fmnist_tf.report.pairs import compare
from fmnist_tf.report.report import Report
from fmnist_tf.report.sample_size import samples_needed

__all__ = ["Cell", "Comparison", "Confusion", "CurveBlock", "Report", "compare", "samples_needed"]
