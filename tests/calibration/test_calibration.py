"""Calibration errors, Brier score and log loss equal their definitions, scikit-learn, and published values."""

import numpy as np
import pytest

from fmnist_tf.metrics import BrierScore, ExpectedCalibrationError, LogLoss, MaximumCalibrationError
from support import curve_oracles as oracles
from support.catalogue import fed

sklearn = pytest.importorskip("sklearn.metrics")

SEEDS = range(2)
ERRORS = (ExpectedCalibrationError, MaximumCalibrationError)
LOSSES = {BrierScore: oracles.brier_score, LogLoss: oracles.log_loss}


def draw(seed, num_classes=3, rows=30):
    """(y_true, probabilities, weight), of few distinct probabilities."""
    rng = np.random.default_rng(seed)
    p = rng.integers(1, 9, (rows, num_classes)).astype(float)
    return rng.integers(0, num_classes, rows), p / p.sum(axis=1, keepdims=True), rng.integers(0, 9, rows) / 4


def double(kind, **options):
    return kind(dtype="float64", **options)


def assert_close(ours, theirs):
    np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("kind", "oracle"), LOSSES.items())
def test_losses_equal_their_definition(seed, kind, oracle):
    y_true, p, weight = draw(seed)
    assert_close(fed(double(kind), y_true, p, weight).result(), oracle(np.eye(3)[y_true], p, weight))
    yes = np.eye(3)[y_true]
    of_columns = [oracle(yes[:, [c]], p[:, [c]], weight) for c in range(3)]
    for average, expected in ((None, of_columns), ("macro", np.mean(of_columns)), ("micro", np.mean(of_columns))):
        assert_close(fed(double(kind, multi_label=True, average=average), yes, p, weight).result(), expected)
    assert_close(fed(double(kind, multi_label=True, class_id=1), yes, p, weight).result(), of_columns[1])
    assert_close(fed(double(kind), yes[:, 0], p[:, 0], weight).result(), of_columns[0])


@pytest.mark.parametrize("seed", SEEDS)
def test_losses_agree_with_scikit_learn(seed):
    y_true, p, weight = draw(seed)
    labels = range(3)
    brier = sklearn.brier_score_loss(y_true, p, sample_weight=weight, labels=labels)
    assert_close(fed(double(BrierScore), y_true, p, weight).result(), brier)
    loss = sklearn.log_loss(y_true, p, sample_weight=weight, labels=labels)
    assert_close(fed(double(LogLoss), y_true, p, weight).result(), loss)
    for dtype in (np.float32, np.float64):
        certain = np.eye(3, dtype=dtype)[y_true[::-1]]
        theirs = sklearn.log_loss(y_true, certain, sample_weight=weight, labels=labels)
        np.testing.assert_allclose(fed(double(LogLoss), y_true, certain, weight).result(), theirs, rtol=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("num_bins", [1, 10, 15, 100])
def test_calibration_errors_equal_their_definition(seed, num_bins):
    y_true, p, weight = draw(seed)
    top = oracles.calibration_errors(p.argmax(axis=1) == y_true, p.max(axis=1), num_bins, weight)
    column = oracles.calibration_errors(y_true == 1, p[:, 1], num_bins, weight)
    for kind, expected, of_column in zip(ERRORS, top, column, strict=True):
        assert_close(fed(double(kind, num_bins=num_bins), y_true, p, weight).result(), expected)
        assert_close(fed(double(kind, num_bins=num_bins), y_true == 1, p[:, 1], weight).result(), of_column)
        columns = double(kind, num_bins=num_bins, multi_label=True, class_id=1)
        assert_close(fed(columns, np.eye(3)[y_true], p, weight).result(), of_column)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_confidence_at_an_edge_belongs_to_the_bin_above(dtype):
    for num_bins in (10, 15, 100):
        edges = (np.arange(num_bins + 1) / num_bins).astype(dtype)
        weight = fed(ExpectedCalibrationError(num_bins=num_bins), np.ones(num_bins + 1), edges).reliability.weight
        np.testing.assert_array_equal(weight, [[*[1] * (num_bins - 1), 2]])


@pytest.mark.parametrize("kind", [*ERRORS, *LOSSES])
@pytest.mark.parametrize("columns", [False, True])
def test_logits_score_as_their_probabilities(kind, columns):
    y_true, _, weight = draw(0)
    logits = np.random.default_rng(1).normal(scale=4, size=(30, 3))
    p = 1 / (1 + np.exp(-logits)) if columns else np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    y_true = np.eye(3)[y_true] if columns else y_true
    ours = fed(double(kind, from_logits=True, multi_label=columns), y_true, logits, weight)
    assert_close(ours.result(), fed(double(kind, multi_label=columns), y_true, p, weight).result())


def test_log_loss_of_logits_keeps_what_probabilities_lose():
    assert_close(fed(double(LogLoss, from_logits=True), [1, 0], [-800.0, -800.0]).result(), 400)
    assert_close(fed(double(LogLoss, from_logits=True), [0], [[-800.0, 0.0]]).result(), 800)
    assert fed(double(LogLoss, from_logits=True), [0], [[-np.inf, 0.0]]).result() == np.inf
    assert fed(double(LogLoss, from_logits=True), [0, 1], [-np.inf, np.inf]).result() == 0


@pytest.mark.parametrize("kind", [*ERRORS, *LOSSES])
@pytest.mark.parametrize("options", [{"average": None}, {"average": "micro"}, {"class_id": 1}])
def test_multiclass_scores_have_one_value(kind, options):
    with pytest.raises(ValueError, match=r"`class_id` and `target_class_ids` have no meaning for .* of multiclass"):
        fed(kind(**options), *draw(0)[:2])


#: (metric, y_true, y_pred, value, decimals printed); sources: the examples of torchmetrics' functional calibration
#: errors (1.9) and of scikit-learn's log_loss and brier_score_loss (1.9).
TM_BINARY = [0, 0, 1, 1, 1], [0.25, 0.25, 0.55, 0.75, 0.75]
TM_CLASSES = [0, 1, 2, 0], [[0.25, 0.20, 0.55], [0.55, 0.05, 0.40], [0.10, 0.30, 0.60], [0.90, 0.05, 0.05]]
SK_LOG = [1, 0, 0, 1], [[0.1, 0.9], [0.9, 0.1], [0.8, 0.2], [0.35, 0.65]]
SK_BRIER = [0, 1, 1, 0], [0.1, 0.9, 0.8, 0.3]
SK_BRIER_CLASSES = [0, 1, 2], [[0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.2, 0.2, 0.6]]
PUBLISHED = [
    (ExpectedCalibrationError(num_bins=2), *TM_BINARY, 0.2900, 4),
    (MaximumCalibrationError(num_bins=2), *TM_BINARY, 0.3167, 4),
    (ExpectedCalibrationError(num_bins=3), *TM_CLASSES, 0.2000, 4),
    (MaximumCalibrationError(num_bins=3), *TM_CLASSES, 0.2333, 4),
    (LogLoss(), *SK_LOG, 0.21616, 5),
    (BrierScore(), *SK_BRIER, 0.0375, 4),
    (BrierScore(), *SK_BRIER_CLASSES, 0.146, 2),
]


@pytest.mark.parametrize(("metric", "y_true", "y_pred", "value", "digits"), PUBLISHED)
def test_a_probability_metric_gives_the_published_value(metric, y_true, y_pred, value, digits):
    np.testing.assert_allclose(fed(metric, y_true, y_pred).result(), value, atol=10.0**-digits)


@pytest.mark.parametrize("kind", [ExpectedCalibrationError, MaximumCalibrationError])
def test_an_empty_first_batch_counts_nothing(kind):
    metric = kind(3, multi_label=True)
    metric.update_state(np.zeros((0, 3)), np.zeros((0, 3), np.float32))
    assert np.isnan(metric.result())
    assert metric.invalid == 0
