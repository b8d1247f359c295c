"""Keras metrics over exact counts: one small explicit class a score."""

from fmnist_tf.metrics.calibration import BrierScore, ExpectedCalibrationError, LogLoss, MaximumCalibrationError
from fmnist_tf.metrics.confusion import CohenKappa, ConfusionMatrix, MultilabelConfusionMatrix
from fmnist_tf.metrics.costs import ExpectedCost
from fmnist_tf.metrics.counts import CountMetric
from fmnist_tf.metrics.curve_set import CurveSet
from fmnist_tf.metrics.curves import AUROC, AveragePrecision
from fmnist_tf.metrics.entities import EntityF1, EntityPrecision, EntityRecall
from fmnist_tf.metrics.error_rates import (
    FalseDiscoveryRate,
    FalseNegativeRate,
    FalseOmissionRate,
    FalsePositiveRate,
    PredictedPositiveRate,
    Prevalence,
)
from fmnist_tf.metrics.f_scores import F1Score, FBetaScore, FowlkesMallows, Jaccard
from fmnist_tf.metrics.hierarchical import HierarchicalF1, HierarchicalPrecision, HierarchicalRecall
from fmnist_tf.metrics.operating import PrecisionAtRecall, RecallAtPrecision
from fmnist_tf.metrics.overall import Accuracy, BalancedAccuracy, GeometricMean, HammingLoss, MatthewsCorrelation
from fmnist_tf.metrics.per_image import PerImage
from fmnist_tf.metrics.presets import Dice, MacroF1, MacroPrecision, MacroRecall, MeanIoU, MicroF1, WeightedF1
from fmnist_tf.metrics.rates import NegativePredictiveValue, Precision, Recall, Specificity
from fmnist_tf.metrics.ratios import (
    DiagnosticOddsRatio,
    Informedness,
    Markedness,
    NegativeLikelihoodRatio,
    PositiveLikelihoodRatio,
    PrevalenceThreshold,
)
from fmnist_tf.metrics.score_set import ScoreSet
from fmnist_tf.metrics.sensitivity import SensitivityAtSpecificity, SpecificityAtSensitivity
from fmnist_tf.metrics.thresholds import BestThreshold, PrecisionRecallCurve, RocCurve
from fmnist_tf.metrics.whole_rows import ExactMatch, TopKAccuracy

__all__ = [
    "AUROC",
    "Accuracy",
    "AveragePrecision",
    "BalancedAccuracy",
    "BestThreshold",
    "BrierScore",
    "CohenKappa",
    "ConfusionMatrix",
    "CountMetric",
    "CurveSet",
    "DiagnosticOddsRatio",
    "Dice",
    "EntityF1",
    "EntityPrecision",
    "EntityRecall",
    "ExactMatch",
    "ExpectedCalibrationError",
    "ExpectedCost",
    "F1Score",
    "FBetaScore",
    "FalseDiscoveryRate",
    "FalseNegativeRate",
    "FalseOmissionRate",
    "FalsePositiveRate",
    "FowlkesMallows",
    "GeometricMean",
    "HammingLoss",
    "HierarchicalF1",
    "HierarchicalPrecision",
    "HierarchicalRecall",
    "Informedness",
    "Jaccard",
    "LogLoss",
    "MacroF1",
    "MacroPrecision",
    "MacroRecall",
    "Markedness",
    "MatthewsCorrelation",
    "MaximumCalibrationError",
    "MeanIoU",
    "MicroF1",
    "MultilabelConfusionMatrix",
    "NegativeLikelihoodRatio",
    "NegativePredictiveValue",
    "PerImage",
    "PositiveLikelihoodRatio",
    "Precision",
    "PrecisionAtRecall",
    "PrecisionRecallCurve",
    "PredictedPositiveRate",
    "Prevalence",
    "PrevalenceThreshold",
    "Recall",
    "RecallAtPrecision",
    "RocCurve",
    "ScoreSet",
    "SensitivityAtSpecificity",
    "Specificity",
    "SpecificityAtSensitivity",
    "TopKAccuracy",
    "WeightedF1",
]
