"""One binary column is a problem of two classes, no (0) and yes (1), as scikit-learn has it with labels=[0, 1]."""

import numpy as np
import pytest

from fmnist_tf import metrics
from support.catalogue import fed

sklearn = pytest.importorskip("sklearn.metrics")
RNG = np.random.default_rng(1)
Y_TRUE, Y_PRED, WEIGHT = RNG.integers(0, 2, 60), RNG.random(60), RNG.integers(1, 9, 60) / 4
YES = Y_PRED > 0.5
SHAPES = {"(N,)": (-1,), "(N, 1)": (-1, 1), "(N, T, 1)": (12, 5, 1)}
each_shape = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)


def assert_close(ours, theirs):
    np.testing.assert_allclose(np.asarray(ours), theirs, rtol=1e-12, atol=1e-12)


@each_shape
@pytest.mark.parametrize("threshold", [None, 0.5])
@pytest.mark.parametrize(
    ("kind", "average"),
    [
        (metrics.MacroF1, "macro"),
        (metrics.MicroF1, "micro"),
        (metrics.WeightedF1, "weighted"),
        (metrics.F1Score, "binary"),
    ],
)
def test_a_name_with_an_average_goes_over_both_and_one_without_is_yes(kind, average, threshold, shape):
    ours = kind(threshold=threshold, dtype="float64")
    fed(ours, Y_TRUE.reshape(shape), Y_PRED.reshape(shape), WEIGHT.reshape(shape))
    assert_close(ours.result(), sklearn.f1_score(Y_TRUE, YES, average=average, sample_weight=WEIGHT))
    assert ours.counts.tp.shape == (1,)


@pytest.mark.parametrize("matrix", [False, True])
def test_a_set_reads_names_alike(matrix):
    names = ["precision", "macro_precision", "micro_recall", "weighted_jaccard", "recall/0", "recall/1", "worst_recall"]
    ours = fed(metrics.ScoreSet(scores=[*names, "mean_iou", "dice"], matrix=matrix, dtype="float64"), Y_TRUE, Y_PRED)
    no, yes = sklearn.recall_score(Y_TRUE, YES, average=None)
    jaccard = sklearn.jaccard_score(Y_TRUE, YES, average=None)
    expected = [
        sklearn.precision_score(Y_TRUE, YES),
        sklearn.precision_score(Y_TRUE, YES, average="macro"),
        sklearn.accuracy_score(Y_TRUE, YES),
        sklearn.jaccard_score(Y_TRUE, YES, average="weighted"),
        *(no, yes, min(no, yes)),
        np.mean(jaccard),
        sklearn.f1_score(Y_TRUE, YES),
    ]
    assert_close(list(ours.result().values()), expected)
    assert_close(list(ours.compute().values()), expected)


@pytest.mark.parametrize("kind", [metrics.F1Score, metrics.Precision, metrics.Specificity])
def test_a_class_is_one_of_no_and_yes_and_no_average_gives_both(kind):
    both = fed(kind(average=None, dtype="float64"), Y_TRUE, Y_PRED).result()
    alone = [fed(kind(class_id=k, dtype="float64"), Y_TRUE, Y_PRED).result() for k in (0, 1)]
    of_no = fed(kind(dtype="float64"), 1 - Y_TRUE, 1 - Y_PRED).result()
    assert_close(both, alone)
    assert_close(both, [of_no, fed(kind(dtype="float64"), Y_TRUE, Y_PRED).result()])


@pytest.mark.parametrize("average", ["macro", "micro", "weighted"])
@pytest.mark.parametrize("make", [metrics.F1Score, lambda **of: metrics.ScoreSet(scores=[metrics.F1Score(**of)])])
def test_an_average_by_argument_names_both_readings(make, average):
    with pytest.raises(ValueError, match=rf"two readings: .*F1Score\(\) without average; .*'{average}_f1'"):
        make(average=average).update_state(Y_TRUE, Y_PRED)


def test_an_ignored_answer_leaves_its_class_out_of_the_mean():
    ours = fed(metrics.MacroF1(ignore_class=0, dtype="float64"), Y_TRUE, Y_PRED)
    yes = Y_TRUE == 1
    assert_close(ours.result(), sklearn.f1_score(Y_TRUE[yes], YES[yes], labels=[1], average="macro"))
    assert ours.reported_classes == (1,)


def test_several_thresholds_of_one_column_are_the_first_axis():
    limits = [0.3, 0.5, 0.8]
    ours = fed(metrics.MacroF1(threshold=limits, dtype="float64"), Y_TRUE, Y_PRED).result()
    assert_close(ours, [sklearn.f1_score(Y_TRUE, limit < Y_PRED, average="macro") for limit in limits])
    assert fed(metrics.F1Score(threshold=limits), Y_TRUE, Y_PRED).result().shape == (3,)


# Logits


@pytest.mark.parametrize("threshold", [None, 0.5, 0.7, [0.2, 0.9], 0.0, 1.0])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_from_logits_compares_the_logit_of_the_threshold(threshold, dtype):
    logits = np.log(Y_PRED) - np.log1p(-Y_PRED)
    options = {"average": None, "threshold": threshold}
    ours = fed(metrics.F1Score(from_logits=True, **options), Y_TRUE, logits.astype(dtype))
    assert_close(ours.result(), fed(metrics.F1Score(**options), Y_TRUE, Y_PRED).result())
    assert ours.invalid == 0


def test_from_logits_has_no_effect_on_multiclass_scores():
    y_true, scores = RNG.integers(0, 3, 20), RNG.normal(size=(20, 3))
    ours, plain = fed(metrics.MacroF1(from_logits=True), y_true, scores), fed(metrics.MacroF1(), y_true, scores)
    assert ours.result() == plain.result()


def test_a_threshold_of_logits_is_a_probability():
    with pytest.raises(ValueError, match=r"`threshold` must be a probability, .* with from_logits=True, got 2\.0"):
        metrics.F1Score(threshold=2.0, from_logits=True)


@pytest.mark.parametrize("kind", [metrics.F1Score, metrics.ScoreSet, metrics.ConfusionMatrix, metrics.ExactMatch])
def test_scores_outside_0_to_1_ask_for_from_logits_or_a_threshold(kind):
    metric = fed(kind(), [0, 1, 1], [-2.0, 0.4, 3.0])
    assert metric.invalid == 2
    with pytest.raises(ValueError, match=r"2 x score outside 0 to 1 .*from_logits=True .*threshold="):
        metric.result()
    assert fed(kind(threshold=0.0), [0, 1, 1], [-2.0, 0.4, 3.0]).invalid == 0
