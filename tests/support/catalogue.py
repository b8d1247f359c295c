"""Every metric of the package with what its constructor needs, and a small stream to feed them all.

A new metric class enters by itself, from `fmnist_tf.metrics.__all__`; one that needs arguments for three classes gets
a line in NEEDS. VARIANTS are arguments that change what is counted or how.
"""

import json
from functools import partial

import numpy as np
import pytest
import tensorflow as tf

from fmnist_tf import metrics
from fmnist_tf.metrics import (
    AUROC,
    AveragePrecision,
    BrierScore,
    CohenKappa,
    ConfusionMatrix,
    ExpectedCalibrationError,
    ExpectedCost,
    F1Score,
    FBetaScore,
    HierarchicalF1,
    HierarchicalPrecision,
    HierarchicalRecall,
    LogLoss,
    MultilabelConfusionMatrix,
    NetBenefit,
    Precision,
    PrecisionAtRecall,
    RecallAtPrecision,
    ScoreSet,
    SensitivityAtSpecificity,
    SpecificityAtSensitivity,
    TopKAccuracy,
)
from fmnist_tf.metrics.entities import EntityMetric
from fmnist_tf.metrics.histograms import HistogramMetric
from fmnist_tf.metrics.probability import ProbabilityMetric
from fmnist_tf.metrics.selective import SelectiveMetric
from support.one_token import LABELS, ONE_TOKEN, OnePixel, OneTokenF1

NUM_CLASSES = 3
HIERARCHICAL = (HierarchicalF1, HierarchicalPrecision, HierarchicalRecall)
_KINDS = [getattr(metrics, name) for name in metrics.__all__ if name != "CountMetric"]
CLASSES = [ONE_TOKEN.get(kind, kind) for kind in _KINDS]
NEEDS = {
    **{kind: {"labels": LABELS} for kind in ONE_TOKEN.values() if issubclass(kind, EntityMetric)},
    ExpectedCost: {"cost_matrix": [[0.0, 1.0, 2.0], [1.0, 0.0, 1.0], [4.0, 1.0, 0.0]]},
    **{kind: {"parents": [[0, ["a"]], [1, ["a"]], [2, ["b"]]]} for kind in HIERARCHICAL},
    NetBenefit: {"threshold": 0.4},
    TopKAccuracy: {"k": 2},
    PrecisionAtRecall: {"recall": 0.5},
    RecallAtPrecision: {"precision": 0.5, "average": "weighted"},
    SensitivityAtSpecificity: {"specificity": 0.5, "average": None},
    SpecificityAtSensitivity: {"sensitivity": 0.5, "class_id": 1},
}
VARIANTS = [
    (AUROC, {"average": None, "num_bins": 64}),
    (AUROC, {"from_logits": True, "class_id": 1, "num_bins": 64}),
    (AUROC, {"multi_class": "ovo", "num_bins": 64}),
    (AveragePrecision, {"multi_label": True, "average": "micro", "num_bins": 64}),
    (AveragePrecision, {"multi_label": True, "from_logits": True, "average": "weighted", "num_bins": 64}),
    (BrierScore, {"multi_label": True, "average": "micro"}),
    (ExpectedCalibrationError, {"multi_label": True, "from_logits": True, "average": None}),
    (LogLoss, {"from_logits": True}),
    (CohenKappa, {"weights": "quadratic"}),
    (CohenKappa, {"weights": [[0, 1, 2], [3, 0, 1], [1, 4, 0]]}),
    (ConfusionMatrix, {"normalize": "true"}),
    (F1Score, {"average": None}),
    (F1Score, {"threshold": 0.4}),
    (FBetaScore, {"beta": 2.0, "average": "weighted"}),
    (OneTokenF1, {"labels": ["O", "B-X", "E-X"], "scheme": "IOBES", "average": None}),
    (MultilabelConfusionMatrix, {"threshold": 0.4}),
    (Precision, {"threshold": [0.3, 0.5]}),
    (Precision, {"top_k": 2, "class_id": 1}),
    (ScoreSet, {"matrix": False, "scores": ["micro_f1", "recall[2]", FBetaScore(beta=2.0)], "live": ["micro_f1"]}),
]


def _few_bins(kind, arguments):
    """Of the large histograms, for which XLA compiles every result, AUROC is enough."""
    large = issubclass(kind, HistogramMetric | SelectiveMetric) and kind is not AUROC
    return ({"num_bins": 64} if large else {}) | arguments


#: Every metric as (class, arguments).
ALL_METRICS = [(kind, _few_bins(kind, NEEDS.get(kind, {}))) for kind in CLASSES] + VARIANTS


def name_of(kind, kwargs):
    """Such as F1Score-average=None, a readable id."""
    return "-".join([kind.__name__, *(f"{key}={value}" for key, value in kwargs.items() if key != "scores")])


def each_metric(test):
    """Runs a test for every metric, as its argument `make`: make(**more) gives a new one."""
    cases = [pytest.param(partial(kind, **kwargs), id=name_of(kind, kwargs)) for kind, kwargs in ALL_METRICS]
    return pytest.mark.parametrize("make", cases)(test)


def _ways_of_counting():
    """Every metric; heavy where an earlier one counts alike and differs in its score alone."""
    seen = set()
    for kind, kwargs in ALL_METRICS:
        told = json.loads(kind(num_classes=NUM_CLASSES, **kwargs).state_dict()["fingerprint"])
        way = str({name: value for name, value in told.items() if name not in ("score", "beta")})
        marks = [pytest.mark.heavy] if way in seen else []
        seen.add(way)
        yield pytest.param(partial(kind, **kwargs), id=name_of(kind, kwargs), marks=marks)


WAYS_OF_COUNTING = list(_ways_of_counting())


def each_way_of_counting(test):
    """Runs a test for every metric as `each_metric` does, by default for one of those that count alike."""
    return pytest.mark.parametrize("make", WAYS_OF_COUNTING)(test)


def stream(rows=12, seed=0):
    """(y_true, y_pred): ids (rows,) and probabilities (rows, 3) in quarters, with ties and every class."""
    rng = np.random.default_rng(seed)
    y_true = np.arange(rows) % NUM_CLASSES
    y_pred = rng.multinomial(4, np.ones(NUM_CLASSES) / NUM_CLASSES, rows).astype(np.float32) / 4
    return y_true, y_pred


def fed(metric, y_true, y_pred, sample_weight=None):
    """The metric after one batch."""
    metric.update_state(y_true, y_pred, sample_weight)
    return metric


def state_of(metric):
    """All that a metric has counted, faults included, as one vector."""
    return np.concatenate([np.ravel(metric.state_dict()[name]) for name in ("counts", "invalid")])


def tolerance_of(metric):
    """How far the order of the rows may move the state: not at all, but where cells are sums of fractions."""
    return 1e-12 if isinstance(metric, ProbabilityMetric | OnePixel) else 0


def assert_same_state(ours, theirs):
    """Two metrics have counted the same."""
    np.testing.assert_allclose(state_of(ours), state_of(theirs), rtol=tolerance_of(ours))


def value_of(metric):
    """The result as numpy, of a dict as an array."""
    return as_array(metric.result())


def as_array(result):
    """A result, or a dict or tuple of them, as one float64 vector."""
    return np.concatenate([np.ravel(np.asarray(part, np.float64)) for part in tf.nest.flatten(result)])
