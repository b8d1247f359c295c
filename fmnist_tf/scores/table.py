"""The table: every score as one fraction of `Counts`, with its traits.

A row is a decorated function from counts to (numerator, denominator), without division and without epsilon: 0/0
is decided in one place, `evaluate.divide`. Symbols: tp, fp, fn, tn are the four cells of one class
one-vs-rest; support = tp + fn, predicted = tp + fp, negatives = total - support.
"""

import functools
from collections.abc import Callable
from typing import Literal

import tensorflow as tf

from fmnist_tf.counts import Counts, one_vs_rest
from fmnist_tf.scores.row import Fraction, Rule, Score

#: Disagreement of each pair of classes, rows true.
Weights = tuple[tuple[float, ...], ...]
_INF = float("inf")
#: Every score by name.
SCORES: dict[str, Score] = {}


def per_class(*, overall: Rule | None = None, **traits) -> Callable[[Rule], Score]:
    """Enters a score of one class against the rest into the table."""

    def enter(rule: Rule) -> Score:
        score = Score(name=rule.__name__, fraction=rule, overall=overall, doc=rule.__doc__, **traits)
        return SCORES.setdefault(score.name, score)

    return enter


def overall_score(**traits) -> Callable[[Rule], Score]:
    """Enters an overall multiclass score; of one binary column it is that of the classes no and yes."""

    def enter(rule: Rule) -> Score:
        def of_column(c: Counts) -> Fraction:
            return rule(one_vs_rest(c))

        score = Score(name=rule.__name__, fraction=of_column, overall=rule, doc=rule.__doc__, **traits)
        return SCORES.setdefault(score.name, score)

    return enter


def _sum(values: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum(values, axis=-1)


# The four cells of the 2 x 2 table: numbers of samples, which add up over classes


@per_class(bounds=(0.0, _INF), pooled=True, is_count=True)
def true_positives(c: Counts) -> Fraction:
    """True positives: the weight of the samples of a class that are predicted as it, tp."""
    return c.tp, tf.ones_like(c.tp)


@per_class(bounds=(0.0, _INF), pooled=True, is_count=True, direction="down")
def false_positives(c: Counts) -> Fraction:
    """False positives: the weight of the samples of other classes that are predicted as this one, fp."""
    return c.fp, tf.ones_like(c.tp)


@per_class(bounds=(0.0, _INF), pooled=True, is_count=True)
def true_negatives(c: Counts) -> Fraction:
    """True negatives: the weight of the samples of other classes that are predicted as others, tn."""
    return c.tn, tf.ones_like(c.tp)


@per_class(bounds=(0.0, _INF), pooled=True, is_count=True, direction="down")
def false_negatives(c: Counts) -> Fraction:
    """False negatives: the weight of the samples of a class that are predicted as others, fn."""
    return c.fn, tf.ones_like(c.tp)


# Rates of one row or column of the 2 x 2 table


@per_class(proportion=True)
def precision(c: Counts) -> Fraction:
    """Precision or positive predictive value: tp / (tp + fp)."""
    return c.tp, c.predicted


@per_class(proportion=True)
def recall(c: Counts) -> Fraction:
    """Recall, sensitivity or true positive rate: tp / (tp + fn)."""
    return c.tp, c.support


@per_class(proportion=True)
def specificity(c: Counts) -> Fraction:
    """Specificity or true negative rate: tn / (tn + fp)."""
    return c.tn, c.negatives


@per_class(proportion=True)
def negative_predictive_value(c: Counts) -> Fraction:
    """Negative predictive value: tn / (tn + fn)."""
    return c.tn, c.predicted_negatives


@per_class(proportion=True, direction="down")
def false_positive_rate(c: Counts) -> Fraction:
    """False positive rate or fall-out: fp / (fp + tn)."""
    return c.fp, c.negatives


@per_class(proportion=True, direction="down")
def false_negative_rate(c: Counts) -> Fraction:
    """False negative rate or miss rate: fn / (fn + tp)."""
    return c.fn, c.support


@per_class(proportion=True, direction="down")
def false_discovery_rate(c: Counts) -> Fraction:
    """False discovery rate: fp / (fp + tp)."""
    return c.fp, c.predicted


@per_class(proportion=True, direction="down")
def false_omission_rate(c: Counts) -> Fraction:
    """False omission rate: fn / (fn + tn)."""
    return c.fn, c.predicted_negatives


@per_class(proportion=True, direction=None)
def prevalence(c: Counts) -> Fraction:
    """Prevalence, the share of the class among all: (tp + fn) / total."""
    return c.support, c.total


@per_class(proportion=True, direction=None)
def predicted_positive_rate(c: Counts) -> Fraction:
    """The share predicted as the class: (tp + fp) / total."""
    return c.predicted, c.total


# Scores that combine two rates


@functools.cache  # one row a beta, so that metrics of one configuration share what is compiled
def fbeta_score(beta: float) -> Score:
    """F-beta, (1 + beta^2) tp / (beta^2 support + predicted): recall weighs beta times as much as precision.

    Source: van Rijsbergen, Information Retrieval, 2nd edition, 1979, chapter 7.
    """
    square = float(beta) ** 2

    def fraction(c: Counts) -> Fraction:
        return (1.0 + square) * c.tp, square * c.support + c.predicted

    return Score(name="fbeta_score", fraction=fraction, doc=fbeta_score.__doc__, parameters=(float(beta),))


@per_class()
def f1_score(c: Counts) -> Fraction:
    """F1, the harmonic mean of precision and recall: 2 tp / (2 tp + fp + fn)."""
    return 2.0 * c.tp, c.support + c.predicted


@per_class()
def jaccard(c: Counts) -> Fraction:
    """Jaccard index or intersection over union: tp / (tp + fp + fn)."""
    return c.tp, c.support + c.fp


@per_class(bounds=(-1.0, 1.0))
def informedness(c: Counts) -> Fraction:
    """Informedness or Youden's J: sensitivity + specificity - 1 = (tp tn - fp fn) / ((tp + fn)(fp + tn)).

    Source: Youden, Index for rating diagnostic tests, Cancer 3, 1950; Powers, Evaluation, 2011.
    """
    return c.tp * c.tn - c.fp * c.fn, c.support * c.negatives


@per_class(bounds=(-1.0, 1.0))
def markedness(c: Counts) -> Fraction:
    """Markedness: precision + negative predictive value - 1 = (tp tn - fp fn) / ((tp + fp)(fn + tn)).

    Source: Powers, Evaluation: from precision, recall and F-measure to ROC, informedness, markedness and correlation,
    2011.
    """
    return c.tp * c.tn - c.fp * c.fn, c.predicted * c.predicted_negatives


@per_class(final=tf.sqrt)
def fowlkes_mallows(c: Counts) -> Fraction:
    """Fowlkes-Mallows index: sqrt(precision x recall) = sqrt(tp^2 / ((tp + fp)(tp + fn))).

    Source: Fowlkes and Mallows, A method for comparing two hierarchical clusterings, JASA 78, 1983.
    """
    return c.tp * c.tp, c.predicted * c.support


@per_class(bounds=(0.0, _INF))
def positive_likelihood_ratio(c: Counts) -> Fraction:
    """Positive likelihood ratio: sensitivity / (1 - specificity) = tp (fp + tn) / (fp (tp + fn))."""
    return c.tp * c.negatives, c.fp * c.support


@per_class(bounds=(0.0, _INF), direction="down")
def negative_likelihood_ratio(c: Counts) -> Fraction:
    """Negative likelihood ratio: (1 - sensitivity) / specificity = fn (fp + tn) / (tn (tp + fn))."""
    return c.fn * c.negatives, c.tn * c.support


@per_class(bounds=(0.0, _INF))
def diagnostic_odds_ratio(c: Counts) -> Fraction:
    """Diagnostic odds ratio: (tp tn) / (fp fn).

    Source: Glas et al., The diagnostic odds ratio, Journal of Clinical Epidemiology 56, 2003.
    """
    return c.tp * c.tn, c.fp * c.fn


@per_class(direction="down")
def prevalence_threshold(c: Counts) -> Fraction:
    """Prevalence threshold: sqrt(FPR) / (sqrt(TPR) + sqrt(FPR)), the prevalence below which precision falls fast.

    Source: Balayla, Prevalence threshold and the geometry of screening curves, PLoS ONE 15, 2020.
    """
    false = tf.sqrt(c.fp * c.support)
    return false, false + tf.sqrt(c.tp * c.negatives)


# Overall scores


@overall_score(proportion=True, pooled=True)
def accuracy(c: Counts) -> Fraction:
    """Accuracy, the share of right predictions: sum of tp / total; of columns (tp + tn) / total over all entries."""
    return _sum(c.tp), tf.reduce_max(c.total, axis=-1)


@overall_score(proportion=True, pooled=True, direction="down")
def hamming_loss(c: Counts) -> Fraction:
    """Hamming loss, the share of wrong predictions: sum of fn / total; of columns (fp + fn) / total of all entries."""
    return _sum(c.fn), tf.reduce_max(c.total, axis=-1)


@overall_score(over_classes=True)
def balanced_accuracy(c: Counts) -> Fraction:
    """Balanced accuracy: the mean recall of the classes that occur.

    Source: Brodersen et al., The balanced accuracy and its posterior distribution, ICPR 2010.
    """
    return _sum(tf.math.divide_no_nan(c.tp, c.support)), _sum(_occurs(c))


@overall_score(over_classes=True, bounds=(-1.0, 1.0))
def adjusted_balanced_accuracy(c: Counts) -> Fraction:
    """Balanced accuracy b adjusted for chance, of n classes that occur: (b - 1/n) / (1 - 1/n); 0/0 of a single class.

    Source: Urbanowicz and Moore, ExSTraCS 2.0, Evolutionary Intelligence 8, 2015, as scikit-learn has it.
    """
    recalls, occurring = _sum(tf.math.divide_no_nan(c.tp, c.support)), _sum(_occurs(c))
    several, nothing = occurring > 1, tf.zeros_like(occurring)
    return tf.where(several, recalls - 1.0, nothing), tf.where(several, occurring - 1.0, nothing)


@overall_score(bounds=(-1.0, 1.0))
def matthews_correlation(c: Counts) -> Fraction:
    """Matthews correlation, for several classes R_K: the correlation of true and predicted classes.

    sum(tp tn - fp fn) / sqrt(sum(predicted (total - predicted)) sum(support (total - support))), each sum over the
    classes: equal to the usual forms, without cancellation when a class is rare.
    Source: Matthews, BBA 405, 1975; Gorodkin, Computational Biology and Chemistry 28, 2004.
    """
    spread = _sum(c.predicted * c.predicted_negatives) * _sum(c.support * c.negatives)
    return _sum(c.tp * c.tn - c.fp * c.fn), tf.sqrt(spread)


@overall_score(bounds=(-1.0, 1.0))
def cohen_kappa(c: Counts) -> Fraction:
    """Cohen's kappa, agreement beyond chance: sum(tp tn - fp fn) / sum(support (total - predicted)).

    Equal to (p_o - p_e) / (1 - p_e), without cancellation when a class is rare.
    Source: Cohen, A coefficient of agreement for nominal scales, 1960.
    """
    return _sum(c.tp * c.tn - c.fp * c.fn), _sum(c.support * c.predicted_negatives)


def _geometric_mean_of_recalls(c: Counts) -> Fraction:
    """The n-th root of the product of the recalls of the n classes that occur."""
    occurring = _sum(_occurs(c))
    recalls = tf.where(c.support > 0, tf.math.divide_no_nan(c.tp, c.support), tf.ones_like(c.tp))
    mean = tf.exp(tf.math.divide_no_nan(_sum(tf.math.log(recalls)), occurring))
    any_occurs = tf.minimum(occurring, 1.0)
    return mean * any_occurs, any_occurs


@per_class(final=tf.sqrt, overall=_geometric_mean_of_recalls, over_classes=True)
def geometric_mean(c: Counts) -> Fraction:
    """Geometric mean of the recalls of the classes that occur; of a column sqrt(sensitivity x specificity).

    Source: Kubat and Matwin, Addressing the curse of imbalanced training sets, ICML 1997.
    """
    return c.tp * c.tn, c.support * c.negatives


def _occurs(c: Counts) -> tf.Tensor:
    return tf.cast(c.support > 0, c.support.dtype)


def weighted_kappa(matrix: tf.Tensor, weights: Literal["linear", "quadratic"] | Weights) -> Fraction:
    """Weighted kappa of a confusion matrix (C, C): 1 - sum(w observed) / sum(w expected).

    The disagreement w of the classes i and j is |i - j|, (i - j)^2, or entry [i, j] of a matrix.
    Source: Cohen, Weighted kappa, Psychological Bulletin 70, 1968.
    """
    if not isinstance(weights, str):
        return _beyond_chance(matrix, tf.constant(weights, matrix.dtype))
    classes = tf.range(matrix.shape[-1], dtype=matrix.dtype)
    distance = tf.abs(classes[:, tf.newaxis] - classes)
    return _beyond_chance(matrix, distance if weights == "linear" else distance**2)


def _beyond_chance(matrix: tf.Tensor, disagreement: tf.Tensor) -> Fraction:
    chance = tf.reduce_sum(matrix, axis=1)[:, tf.newaxis] * tf.reduce_sum(matrix, axis=0)
    expected = tf.reduce_sum(disagreement * chance)
    return expected - tf.reduce_sum(matrix) * tf.reduce_sum(disagreement * matrix), expected
