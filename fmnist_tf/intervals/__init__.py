"""Confidence intervals of scores, from counts alone: neither samples nor records of training are needed.

For independent samples a confusion matrix is one draw of a multinomial distribution, so that the scores of another test
set of the same size follow from the matrix:

    wilson            a plain proportion, from its two counts
    delta             any score, by the gradient of its formula under the multinomial covariance
    jackknife         any score, by leaving out one sample of each cell
    bootstrap         any score, by drawing the matrix again and again
    bootstrap_groups  any score, by drawing whole images, whose pixels are not independent
    difference        two test sets
    Paired            two models on one test set, from their predictions of each sample
    areas             AUROC and average precision, from a histogram of scores

`interval` chooses the method. `benchmarks/COVERAGE.md` has the simulation behind the choice, and the limits of all.
"""

from fmnist_tf.intervals.choice import difference, interval
from fmnist_tf.intervals.delta import delta
from fmnist_tf.intervals.inputs import Rules, Source, as_counts, is_multiclass, is_whole, read_source, select, value_of
from fmnist_tf.intervals.jackknife import jackknife
from fmnist_tf.intervals.paired import Paired, is_area
from fmnist_tf.intervals.proportions import Interval, combine, quantile, wilson
from fmnist_tf.intervals.resampling import bootstrap, bootstrap_groups
from fmnist_tf.intervals.sample import Sample

__all__ = [
    "Interval",
    "Paired",
    "Rules",
    "Sample",
    "Source",
    "as_counts",
    "bootstrap",
    "bootstrap_groups",
    "combine",
    "delta",
    "difference",
    "interval",
    "is_area",
    "is_multiclass",
    "is_whole",
    "jackknife",
    "quantile",
    "read_source",
    "select",
    "value_of",
    "wilson",
]
