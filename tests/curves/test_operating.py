"""Operating points and curves: what the thresholds between bins attain, beside definitions and scikit-learn."""

import numpy as np
import pytest

from fmnist_tf.metrics import (
    BestThreshold,
    F1Score,
    MatthewsCorrelation,
    Precision,
    PrecisionAtRecall,
    PrecisionRecallCurve,
    Recall,
    RecallAtPrecision,
    RocCurve,
    SensitivityAtSpecificity,
    Specificity,
    SpecificityAtSensitivity,
)
from fmnist_tf.scores import SCORES
from support.catalogue import CLASSES, fed
from support.marks import heavy

sklearn = pytest.importorskip("sklearn.metrics")

#: (metric, what is asked, as a metric of answers, what is wanted)
ATTAINED = [
    (RecallAtPrecision, "precision", Precision, Recall),
    (PrecisionAtRecall, "recall", Recall, Precision),
    (SensitivityAtSpecificity, "specificity", Specificity, Recall),
    (SpecificityAtSensitivity, "sensitivity", Recall, Specificity),
]
each_attained = pytest.mark.parametrize(("kind", "constraint", "asked_metric", "wanted_metric"), ATTAINED)


def draw(seed, rows=40):
    """(y_true, scores, weight) of one column, with ties; scores far enough apart for bins of their own."""
    rng = np.random.default_rng(seed)
    return rng.integers(0, 2, rows), (rng.integers(1, 20, rows) / 20).astype(np.float32), rng.integers(0, 4, rows)


def thresholds_of(scores):
    """A threshold below every distinct score, and one above all."""
    return [0.0, *np.unique(scores)]


def of(kind, y_true, scores, weight, thresholds):
    """A score of answers at each threshold."""
    return fed(kind(1, threshold=thresholds, zero_division=np.nan, dtype="float64"), y_true, scores, weight).result()


@each_attained
@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("least", [0.0, 0.6, 1.0])
def test_the_best_that_a_threshold_attains(kind, constraint, asked_metric, wanted_metric, seed, least):
    data = draw(seed)
    asked_rates, objective = (
        np.array(of(each, *data, thresholds_of(data[1]))) for each in (asked_metric, wanted_metric)
    )
    expected = np.nanmax(np.where(asked_rates >= least, objective, 0.0))
    metric = fed(kind(dtype="float64", **{constraint: least}), *data)
    np.testing.assert_allclose(metric.result(), expected, rtol=1e-12)
    if expected > 0:
        there = of(wanted_metric, *data, [float(metric.thresholds[0])])
        np.testing.assert_allclose(there, expected, rtol=1e-12)
        assert of(asked_metric, *data, [float(metric.thresholds[0])]) >= least


#: Scores that a threshold can make best: those with a direction that are a metric of that name, counts left out.
NAMES = {kind.default_name for kind in CLASSES}
DIRECTED = [name for name, row in SCORES.items() if row.direction and not row.is_count and name in NAMES]


@pytest.mark.parametrize("score", DIRECTED)
def test_no_threshold_is_better_than_the_best_one(score):
    kind = next(kind for kind in CLASSES if kind.default_name == score)
    y_true, scores, weight = draw(7)
    values = np.array(of(kind, y_true, scores, weight, [-1.0, *thresholds_of(scores)]))
    expected = np.nanmax(values) if SCORES[score].direction == "up" else np.nanmin(values)
    metric = fed(BestThreshold(score=score), y_true, scores, weight)
    np.testing.assert_allclose(metric.best, expected, rtol=1e-12)
    np.testing.assert_allclose(of(kind, y_true, scores, weight, [float(metric.result())]), expected, rtol=1e-12)


@pytest.mark.parametrize("seed", [0, heavy(1)])
def test_each_class_has_its_own_best_threshold(seed):
    rng = np.random.default_rng(seed)
    y_true, p = rng.integers(0, 3, 50), rng.dirichlet(np.ones(3), 50).astype(np.float32)
    ours = fed(BestThreshold(score="matthews_correlation"), y_true, p)
    for class_id in range(3):
        predictions = MatthewsCorrelation(1, threshold=float(ours.result()[class_id]))
        fed(predictions, y_true == class_id, p[:, class_id])
        np.testing.assert_allclose(predictions.result(), ours.best[class_id], rtol=1e-6)
        one = fed(BestThreshold(score="matthews_correlation", class_id=class_id), y_true, p)
        assert one.result() == ours.result()[class_id]


def test_a_threshold_below_all_scores_can_be_given_to_a_metric():
    for from_logits, scores in ((False, [0.0, 0.0]), (True, [-1e30, -800.0])):
        best = fed(BestThreshold(from_logits=from_logits), [1, 1], scores)
        assert best.best == 1
        assert fed(F1Score(threshold=float(best.result())), [1, 1], scores).result() == 1


@pytest.mark.parametrize("num_bins", [4, 2048])
def test_the_default_threshold_lies_between_two_bins(num_bins):
    y_true, scores, weight = draw(1)
    for metric, scores_, threshold in ((RocCurve(num_bins=num_bins), scores, 0.5),
                                       (RocCurve(num_bins=num_bins, from_logits=True), scores - 0.5, 0.0)):  # fmt: skip
        fpr, tpr, thresholds = fed(metric, y_true, scores_, weight).result()
        (place,) = np.flatnonzero(thresholds == threshold)
        rates = [of(kind, y_true, scores_, weight, threshold) for kind in (Specificity, Recall)]
        np.testing.assert_allclose([1 - fpr[place], tpr[place]], rates, rtol=1e-12)


def test_a_best_threshold_of_logits_is_a_logit():
    rng = np.random.default_rng(0)
    y_true, logits = rng.integers(0, 2, 50), rng.normal(scale=5, size=50).astype(np.float32)
    ours = fed(BestThreshold(from_logits=True), y_true, logits)
    np.testing.assert_allclose(fed(F1Score(1, threshold=float(ours.result())), y_true, logits).result(), ours.best)


@pytest.mark.parametrize("seed", range(2))
def test_curves_go_through_the_points_of_scikit_learn(seed):
    y_true, scores, weight = draw(seed)
    fpr, tpr, _ = sklearn.roc_curve(y_true, scores, sample_weight=weight, drop_intermediate=False)
    ours = fed(RocCurve(), y_true, scores, weight).result()
    assert (np.diff(ours.fpr) >= 0).all()
    assert (np.diff(ours.thresholds) <= 0).all()
    np.testing.assert_array_equal(distinct(ours.fpr, ours.tpr), distinct(fpr, tpr))
    precision, recall, _ = sklearn.precision_recall_curve(y_true, scores, sample_weight=weight)
    ours = fed(PrecisionRecallCurve(), y_true, scores, weight).result()
    np.testing.assert_array_equal(distinct(ours.precision, ours.recall), distinct(precision, recall))
    assert [len(part) for part in ours] == [8193, 8193, 8192]
    assert (np.diff(ours.thresholds) >= 0).all()


def distinct(x, y):
    """The points of a curve, rounded, without repetition."""
    return np.unique(np.round([x, y], 12), axis=1)


def test_curves_of_classes_and_of_one():
    rng = np.random.default_rng(0)
    y_true, p = rng.integers(0, 3, 50), rng.dirichlet(np.ones(3), 50)
    all_classes, one = fed(RocCurve(num_bins=64), y_true, p).result(), fed(RocCurve(num_bins=64, class_id=2), y_true, p)
    assert (all_classes.fpr.shape, all_classes.thresholds.shape) == ((3, 65), (65,))
    np.testing.assert_array_equal(one.result().tpr, all_classes.tpr[2])


@each_attained
def test_a_class_without_positives_has_no_operating_point(kind, constraint, asked_metric, wanted_metric):
    metric = fed(kind(average=None, num_bins=64, **{constraint: 0.5}), [0, 1], [[0.9, 0.1, 0.0], [0.2, 0.8, 0.0]])
    np.testing.assert_array_equal(np.isnan(metric.result()), [False, False, True])
    assert np.isnan(metric.thresholds[2])


def test_what_no_threshold_attains_is_0_at_no_threshold():
    metric = fed(RecallAtPrecision(precision=0.9), [1, 0], [0.2, 0.8])
    assert metric.result() == 0
    assert np.isnan(metric.thresholds[0])


#: Examples of torchmetrics' functional operating points (1.9): (metric, y_true, y_pred, value).
TM_PR = [0, 1, 1, 0], [0.0, 0.5, 0.7, 0.8]
TM_SS = [0, 1, 1, 1], [0.0, 0.5, 0.4, 0.1]
TM_COLUMNS = [[1, 0, 1], [0, 0, 0], [0, 1, 1], [1, 1, 1]], [
    [0.75, 0.05, 0.35], [0.45, 0.75, 0.05], [0.05, 0.55, 0.75], [0.05, 0.65, 0.05]
]  # fmt: skip
PUBLISHED = [
    (RecallAtPrecision(precision=0.5), *TM_PR, 1.0),
    (PrecisionAtRecall(recall=0.5), *TM_PR, 0.6667),
    (SensitivityAtSpecificity(specificity=0.5), *TM_SS, 1.0),
    (SpecificityAtSensitivity(sensitivity=0.5), *TM_SS, 1.0),
    (RecallAtPrecision(precision=0.5, multi_label=True, average=None), *TM_COLUMNS, [1.0, 1.0, 1.0]),
    (PrecisionAtRecall(recall=0.5, multi_label=True, average=None), *TM_COLUMNS, [1.0, 0.6667, 1.0]),
    (SensitivityAtSpecificity(specificity=0.5, multi_label=True, average=None), *TM_COLUMNS, [0.5, 1.0, 0.6667]),
    (SpecificityAtSensitivity(sensitivity=0.5, multi_label=True, average=None), *TM_COLUMNS, [1.0, 0.5, 1.0]),
]


@pytest.mark.parametrize(("metric", "y_true", "y_pred", "value"), PUBLISHED)
def test_an_operating_point_is_the_published_one(metric, y_true, y_pred, value):
    np.testing.assert_allclose(fed(metric, y_true, y_pred).result(), value, atol=1e-4)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: RecallAtPrecision(precision=1.5), r"`precision` must be from 0 to 1, got 1.5"),
        (lambda: BestThreshold(score="f2"), r"`score` must be a score with a direction, .*f1_score.*, got 'f2'"),
        (lambda: BestThreshold(score="prevalence"), r"`score` must be a score with a direction"),
        (lambda: RocCurve(num_bins=1), r"`num_bins` must be at least 3, got 1"),
        (
            lambda: RocCurve(100_000),
            r"histograms of 8,192 bins for roc_curve would take 13.1 GB; pass a smaller",
        ),
        (lambda: RocCurve(3, class_id=3), r"`class_id` must be less than the number of classes, 3, got 3"),
    ],
)
def test_a_bad_argument_of_an_operating_point_is_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()
