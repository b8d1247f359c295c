"""One small explicit class a score: a row of the table as a Keras metric. All share the arguments of `CountMetric`."""

from typing import Any, Unpack

from fmnist_tf.metrics import arguments
from fmnist_tf.metrics.counts import registered
from fmnist_tf.metrics.table import AveragedMetric, FixedAverageMetric, TopKMetric, TopKOptions
from fmnist_tf.scores import fbeta_score, table


@registered
class Accuracy(AveragedMetric):
    """Accuracy: the share of positions that are right; of yes/no columns, the mean over rows and columns."""

    score = table.accuracy


@registered
class BalancedAccuracy(AveragedMetric):
    """Balanced accuracy: the mean recall of the classes that occur in `y_true`."""

    score = table.balanced_accuracy


@registered
class Precision(TopKMetric):
    """Precision: tp / (tp + fp), the share of positive answers that are right."""

    score = table.precision


@registered
class Recall(TopKMetric):
    """Recall, sensitivity: tp / (tp + fn), the share of a class that is found."""

    score = table.recall


@registered
class Specificity(AveragedMetric):
    """Specificity: tn / (tn + fp), the share of the rest that is left alone."""

    score = table.specificity


@registered
class NegativePredictiveValue(AveragedMetric):
    """Negative predictive value: tn / (tn + fn), the share of negative answers that are right."""

    score = table.negative_predictive_value


@registered
class F1Score(TopKMetric):
    """F1: 2 tp / (2 tp + fp + fn), the harmonic mean of precision and recall."""

    score = table.f1_score


@registered
class FBetaScore(TopKMetric):
    """F-beta: (1 + beta^2) tp / (beta^2 support + predicted).

    Args:
        num_classes: as for every metric, see `CountMetric`; likewise those not named here.
        beta: how many times as much recall weighs as precision; finite, at least 0.
    """

    score = fbeta_score(1.0)

    def __init__(self, num_classes: int | None = None, *, beta: float = 1.0, **options: Unpack[TopKOptions]):
        self.beta = arguments.check_finite("beta", beta, least=0.0)
        self.score = fbeta_score(self.beta)
        super().__init__(num_classes, **options)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, JSON-ready."""
        return {**super().get_config(), "beta": self.beta}

    def _fingerprint(self) -> dict[str, Any]:
        return {**super()._fingerprint(), "beta": self.beta}


@registered
class Jaccard(AveragedMetric):
    """Jaccard index, intersection over union: tp / (tp + fp + fn)."""

    score = table.jaccard


@registered
class MatthewsCorrelation(AveragedMetric):
    """Matthews correlation coefficient, for several exclusive classes Gorodkin's R_K: from -1 to 1, chance at 0."""

    score = table.matthews_correlation


@registered
class GeometricMean(AveragedMetric):
    """Geometric mean of the recalls of the classes that occur; of a column sqrt(sensitivity x specificity)."""

    score = table.geometric_mean


@registered
class Informedness(AveragedMetric):
    """Informedness, Youden's J: sensitivity + specificity - 1."""

    score = table.informedness


@registered
class Markedness(AveragedMetric):
    """Markedness: precision + negative predictive value - 1."""

    score = table.markedness


@registered
class FowlkesMallows(AveragedMetric):
    """Fowlkes-Mallows index: sqrt(precision x recall)."""

    score = table.fowlkes_mallows


@registered
class HammingLoss(AveragedMetric):
    """Hamming loss: the share of positions that are wrong; of yes/no columns, the mean over rows and columns."""

    score = table.hamming_loss


@registered
class FalsePositiveRate(AveragedMetric):
    """False positive rate, fall-out: fp / (fp + tn)."""

    score = table.false_positive_rate


@registered
class FalseNegativeRate(AveragedMetric):
    """False negative rate, miss rate: fn / (fn + tp)."""

    score = table.false_negative_rate


@registered
class FalseDiscoveryRate(AveragedMetric):
    """False discovery rate: fp / (fp + tp)."""

    score = table.false_discovery_rate


@registered
class FalseOmissionRate(AveragedMetric):
    """False omission rate: fn / (fn + tn)."""

    score = table.false_omission_rate


@registered
class PositiveLikelihoodRatio(AveragedMetric):
    """Positive likelihood ratio: sensitivity / (1 - specificity); infinite without false positives."""

    score = table.positive_likelihood_ratio


@registered
class NegativeLikelihoodRatio(AveragedMetric):
    """Negative likelihood ratio: (1 - sensitivity) / specificity."""

    score = table.negative_likelihood_ratio


@registered
class DiagnosticOddsRatio(AveragedMetric):
    """Diagnostic odds ratio: (tp tn) / (fp fn)."""

    score = table.diagnostic_odds_ratio


@registered
class Prevalence(AveragedMetric):
    """Prevalence: (tp + fn) / total, the share of a class among all."""

    score = table.prevalence


@registered
class PredictedPositiveRate(AveragedMetric):
    """Predicted positive rate: (tp + fp) / total, the share predicted as a class."""

    score = table.predicted_positive_rate


@registered
class PrevalenceThreshold(AveragedMetric):
    """Prevalence threshold: sqrt(FPR) / (sqrt(TPR) + sqrt(FPR))."""

    score = table.prevalence_threshold


@registered
class MacroF1(FixedAverageMetric):
    """The mean F1 over all classes."""

    score, average, default_name = table.f1_score, "macro", "macro_f1"


@registered
class MicroF1(FixedAverageMetric):
    """The F1 of the pooled counts: for exclusive classes, accuracy."""

    score, average, default_name = table.f1_score, "micro", "micro_f1"


@registered
class WeightedF1(FixedAverageMetric):
    """The mean F1 over classes, weighted by support."""

    score, average, default_name = table.f1_score, "weighted", "weighted_f1"


@registered
class MacroPrecision(FixedAverageMetric):
    """The mean precision over all classes."""

    score, average, default_name = table.precision, "macro", "macro_precision"


@registered
class MacroRecall(FixedAverageMetric):
    """The mean recall over all classes: for exclusive classes that all occur, balanced accuracy."""

    score, average, default_name = table.recall, "macro", "macro_recall"
