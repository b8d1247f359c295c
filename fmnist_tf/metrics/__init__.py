"""Keras metrics over exact counts: one small explicit class a score."""

from fmnist_tf.metrics.calibration import (
    CalibrationRatio,
    ClasswiseCalibrationError,
    ExpectedCalibrationError,
    MaximumCalibrationError,
)
from fmnist_tf.metrics.cells import FalseNegatives, FalsePositives, TrueNegatives, TruePositives
from fmnist_tf.metrics.conformal import ConformalSets
from fmnist_tf.metrics.confusion import ConfusionMatrix, MultilabelConfusionMatrix
from fmnist_tf.metrics.costs import ExpectedCost
from fmnist_tf.metrics.counts import CountMetric
from fmnist_tf.metrics.curve_set import CurveSet
from fmnist_tf.metrics.curves import AUROC, AveragePrecision, EqualErrorRate
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
from fmnist_tf.metrics.kappa import CohenKappa
from fmnist_tf.metrics.losses import BrierScore, BrierSkillScore, D2LogLoss, LogLoss
from fmnist_tf.metrics.net_benefit import NetBenefit
from fmnist_tf.metrics.operating import PrecisionAtRecall, RecallAtPrecision
from fmnist_tf.metrics.operating_points import OperatingPoints
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
from fmnist_tf.metrics.selective import AUGRC
from fmnist_tf.metrics.sensitivity import SensitivityAtSpecificity, SpecificityAtSensitivity
from fmnist_tf.metrics.thresholds import BestThreshold, PrecisionRecallCurve, RocCurve
from fmnist_tf.metrics.whole_rows import ExactMatch, TopKAccuracy

__all__ = [
    "AUGRC",
    "AUROC",
    "Accuracy",
    "AveragePrecision",
    "BalancedAccuracy",
    "BestThreshold",
    "BrierScore",
    "BrierSkillScore",
    "CalibrationRatio",
    "ClasswiseCalibrationError",
    "CohenKappa",
    "ConformalSets",
    "ConfusionMatrix",
    "CountMetric",
    "CurveSet",
    "D2LogLoss",
    "DiagnosticOddsRatio",
    "Dice",
    "EntityF1",
    "EntityPrecision",
    "EntityRecall",
    "EqualErrorRate",
    "ExactMatch",
    "ExpectedCalibrationError",
    "ExpectedCost",
    "F1Score",
    "FBetaScore",
    "FalseDiscoveryRate",
    "FalseNegativeRate",
    "FalseNegatives",
    "FalseOmissionRate",
    "FalsePositiveRate",
    "FalsePositives",
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
    "NetBenefit",
    "OperatingPoints",
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
    "TrueNegatives",
    "TruePositives",
    "WeightedF1",
]
