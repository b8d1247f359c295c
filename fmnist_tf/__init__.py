"""Streaming classification metrics for Keras on TensorFlow: exact counts, every score, one callback."""

import os

if os.environ.get("KERAS_BACKEND", "tensorflow") != "tensorflow":
    raise ImportError("fmnist_tf needs Keras on TensorFlow; unset KERAS_BACKEND or set it to 'tensorflow'")
if os.environ.get("TF_USE_LEGACY_KERAS", "0").lower() in ("1", "true"):
    raise ImportError("fmnist_tf needs Keras 3; unset TF_USE_LEGACY_KERAS")

import keras

if keras.config.backend() != "tensorflow":
    raise ImportError("fmnist_tf needs Keras on TensorFlow; set KERAS_BACKEND=tensorflow or fix keras.json")

from fmnist_tf.compat import is_too_old

if is_too_old(keras.__version__):
    raise ImportError(f"fmnist_tf needs Keras 3.10 or later, got {keras.__version__}; run pip install --upgrade keras")

from fmnist_tf.callbacks import ScoreLogger
from fmnist_tf.distribute import evaluate_workers, fit_workers, join_workers
from fmnist_tf.fashion_mnist import CLASS_NAMES, load_fashion_mnist, mini_vgg
from fmnist_tf.metrics import (
    AUROC,
    Accuracy,
    AveragePrecision,
    BalancedAccuracy,
    BestThreshold,
    BrierScore,
    CohenKappa,
    ConfusionMatrix,
    CountMetric,
    CurveSet,
    DiagnosticOddsRatio,
    Dice,
    ExactMatch,
    ExpectedCalibrationError,
    F1Score,
    FalseDiscoveryRate,
    FalseNegativeRate,
    FalseOmissionRate,
    FalsePositiveRate,
    FBetaScore,
    FowlkesMallows,
    GeometricMean,
    HammingLoss,
    Informedness,
    Jaccard,
    LogLoss,
    MacroF1,
    MacroPrecision,
    MacroRecall,
    Markedness,
    MatthewsCorrelation,
    MaximumCalibrationError,
    MeanIoU,
    MicroF1,
    MultilabelConfusionMatrix,
    NegativeLikelihoodRatio,
    NegativePredictiveValue,
    PositiveLikelihoodRatio,
    Precision,
    PrecisionAtRecall,
    PrecisionRecallCurve,
    PredictedPositiveRate,
    Prevalence,
    PrevalenceThreshold,
    Recall,
    RecallAtPrecision,
    RocCurve,
    ScoreSet,
    SensitivityAtSpecificity,
    Specificity,
    SpecificityAtSensitivity,
    TopKAccuracy,
    WeightedF1,
)
from fmnist_tf.report import Comparison, Report, compare, samples_needed
from fmnist_tf.rows import LadderStopping, Ledger, Slice, accept_tags, tag

__version__ = "0.1.0"
__all__ = [
    "AUROC",
    "CLASS_NAMES",
    "Accuracy",
    "AveragePrecision",
    "BalancedAccuracy",
    "BestThreshold",
    "BrierScore",
    "CohenKappa",
    "Comparison",
    "ConfusionMatrix",
    "CountMetric",
    "CurveSet",
    "DiagnosticOddsRatio",
    "Dice",
    "ExactMatch",
    "ExpectedCalibrationError",
    "F1Score",
    "FBetaScore",
    "FalseDiscoveryRate",
    "FalseNegativeRate",
    "FalseOmissionRate",
    "FalsePositiveRate",
    "FowlkesMallows",
    "GeometricMean",
    "HammingLoss",
    "Informedness",
    "Jaccard",
    "LadderStopping",
    "Ledger",
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
    "PositiveLikelihoodRatio",
    "Precision",
    "PrecisionAtRecall",
    "PrecisionRecallCurve",
    "PredictedPositiveRate",
    "Prevalence",
    "PrevalenceThreshold",
    "Recall",
    "RecallAtPrecision",
    "Report",
    "RocCurve",
    "ScoreLogger",
    "ScoreSet",
    "SensitivityAtSpecificity",
    "Slice",
    "Specificity",
    "SpecificityAtSensitivity",
    "TopKAccuracy",
    "WeightedF1",
    "__version__",
    "accept_tags",
    "compare",
    "evaluate_workers",
    "fit_workers",
    "join_workers",
    "load_fashion_mnist",
    "mini_vgg",
    "samples_needed",
    "tag",
]
