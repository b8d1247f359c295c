"""Counts and matrices of one batch, for tests of pure functions."""

from fmnist_tf.counts import ConfusionLayout, Counts, PerClassLayout, tally


def count(labels) -> Counts:
    """Counts of one batch; several thresholds give fields (T, C)."""
    several = labels.pred.shape.rank > labels.true.shape.rank
    layout = PerClassLayout(labels.input_format.num_classes, labels.pred.shape[0] if several else 0)
    return layout.counts(tally(layout, labels)[: layout.size], labels.input_format.multiclass)


def count_pairs(labels):
    """Confusion matrix of one batch, float64 (C, C), rows true; of one binary column [[tn, fp], [fn, tp]]."""
    layout = ConfusionLayout(labels.input_format.num_classes)
    return layout.matrix(tally(layout, labels)[: layout.size])
