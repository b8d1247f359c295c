"""No key of the logs stands for two values: with a ScoreLogger, a set of scores beside other metrics is checked."""

import keras
import numpy as np
import pytest

from fmnist_tf import (
    AUROC,
    CohenKappa,
    CurveSet,
    F1Score,
    FBetaScore,
    MacroF1,
    Precision,
    Recall,
    ScoreLogger,
    ScoreSet,
)

X = np.random.default_rng(0).normal(size=(12, 4)).astype(np.float32)
Y = np.arange(12) % 3


def _logs(weight=None, **compiled):
    """The logs of one epoch with a logger that adds nothing."""
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy", **compiled)
    logger = ScoreLogger(scores=(), verbose=0)
    return model.fit(X, Y, sample_weight=weight, verbose=0, callbacks=[logger]).history


@pytest.mark.parametrize(
    ("metric", "key"),
    [
        (MacroF1(zero_division=1.0), "macro_f1"),
        (MacroF1(ignore_class=2), "macro_f1"),
        (F1Score(average="micro", name="macro_f1"), "macro_f1"),
        (CohenKappa(weights="linear"), "cohen_kappa"),
        (ScoreSet(scores=("macro_f1",), threshold=0.5, matrix=False), "macro_f1"),
        (keras.metrics.SparseTopKCategoricalAccuracy(2, name="macro_f1"), "macro_f1"),
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_two_metrics_with_different_values_for_one_key_are_refused(metric, key):
    with pytest.raises(ValueError, match=f"both write {key!r} into the logs"):
        _logs(metrics=[metric, ScoreSet(scores=("macro_f1", "cohen_kappa"))])


def test_sets_of_scores_with_other_parameters_are_told_apart():
    with pytest.raises(ValueError, match="both write 'fbeta_score'"):
        _logs(metrics=[ScoreSet(scores=[FBetaScore(beta=2.0)]), ScoreSet(scores=[FBetaScore(beta=3.0)])])


def test_a_set_beside_the_same_scores_is_no_clash():
    logs = _logs(metrics=[ScoreSet(scores=("macro_f1", FBetaScore(beta=2.0))), MacroF1(), FBetaScore(beta=2.0)])
    assert sorted(logs) == ["fbeta_score", "loss", "macro_f1"]


def test_a_set_beside_the_accuracy_of_keras_is_no_clash():
    assert sorted(_logs(metrics=["accuracy", ScoreSet(scores=("accuracy",))])) == ["accuracy", "loss"]


def test_the_accuracy_of_keras_counts_what_a_set_ignores():
    with pytest.raises(ValueError, match="both write 'accuracy'"):
        _logs(metrics=["accuracy", ScoreSet(scores=("accuracy",), ignore_class=2)])


def test_sets_of_weighted_and_unweighted_metrics_need_a_prefix():
    weight, scores = np.where(Y == 0, 4.0, 1.0), ("macro_f1",)
    with pytest.raises(ValueError, match=r"both write 'macro_f1'.*ScoreSet\(prefix='weighted_'\)"):
        _logs(weight, metrics=[ScoreSet(scores=scores)], weighted_metrics=[ScoreSet(scores=scores)])
    weighted = ScoreSet(scores=scores, prefix="weighted_")
    logs = _logs(weight, metrics=[ScoreSet(scores=scores)], weighted_metrics=[weighted])
    assert {"macro_f1", "weighted_macro_f1"} <= logs.keys()


def test_a_set_of_curve_scores_beside_the_same_scores_is_no_clash():
    assert sorted(_logs(metrics=[AUROC(), CurveSet(scores=("auroc",)), ScoreSet(live=())])) == ["auroc", "loss"]


def test_a_curve_score_of_other_bins_is_another_value():
    with pytest.raises(ValueError, match="both write 'auroc'"):
        _logs(metrics=[AUROC(num_bins=64), CurveSet(scores=("auroc",)), ScoreSet(live=())])


def test_a_set_of_curve_scores_refuses_options_that_it_would_pass_over():
    with pytest.raises(ValueError, match="`from_logits` of auroc is True, but the set counts with False"):
        CurveSet(scores=[AUROC(from_logits=True)])


def test_a_set_that_is_asked_by_hand_gives_its_plain_names():
    assert list(ScoreSet(3, scores=("macro_f1",)).result()) == ["macro_f1"]


@pytest.mark.parametrize(
    ("score", "option"),
    [
        (F1Score(threshold=0.3), "threshold"),
        (Recall(ignore_class=1), "ignore_class"),
        (Precision(top_k=2), "top_k"),
        (CohenKappa(weights="quadratic"), "weights"),
        (MacroF1(zero_division=float("nan")), "zero_division"),
    ],
)
def test_a_set_refuses_options_of_a_score_that_it_would_pass_over(score, option):
    with pytest.raises(ValueError, match=f"`{option}` of {score.name} is .* compile the metric beside the set"):
        ScoreSet(scores=[score])


def test_a_set_takes_a_score_whose_options_are_its_own():
    assert list(ScoreSet(scores=[F1Score(threshold=0.3)], threshold=0.3, matrix=False).selections) == ["f1_score"]
