"""No key of the logs stands for two values: a ScoreSet beside other metrics, built-in ones, and on several outputs."""

import keras
import numpy as np
import pytest

from fmnist_tf import AUROC, CohenKappa, CurveSet, F1Score, FBetaScore, MacroF1, Precision, Recall, ScoreSet

X = np.random.default_rng(0).normal(size=(12, 4)).astype(np.float32)
Y = np.arange(12) % 3


def _logs(weight=None, **compiled):
    """What evaluate() says of a model of one output."""
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy", **compiled)
    return model.evaluate(X, Y, sample_weight=weight, verbose=0, return_dict=True)


@pytest.mark.parametrize(
    ("metric", "key"),
    [
        (MacroF1(zero_division=1.0), "macro_f1"),
        (MacroF1(ignore_class=2), "macro_f1"),
        (F1Score(average="micro", name="macro_f1"), "macro_f1"),
        (CohenKappa(weights="linear"), "cohen_kappa"),
        (ScoreSet(scores=("macro_f1",), threshold=0.5, matrix=False), "macro_f1"),
        (keras.metrics.MeanSquaredError(name="macro_f1"), "macro_f1"),
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


def test_weighted_keys_are_named_as_keras_names_them():
    weight = np.where(Y == 0, 4.0, 1.0)
    logs = _logs(weight, metrics=[ScoreSet(scores=("macro_f1",))], weighted_metrics=[ScoreSet(scores=("macro_f1",))])
    alone = _logs(weight, metrics=[MacroF1()], weighted_metrics=[MacroF1()])
    assert sorted(logs) == sorted(alone) == ["loss", "macro_f1", "weighted_macro_f1"]


def test_keys_of_several_outputs_begin_with_the_output():
    inputs = keras.Input((4,))
    heads = {name: keras.layers.Dense(3, activation="softmax", name=name)(inputs) for name in ("a", "b")}
    model = keras.Model(inputs, heads)
    loss = dict.fromkeys(heads, "sparse_categorical_crossentropy")
    model.compile("sgd", loss, metrics={name: [ScoreSet(scores=("macro_f1",)), MacroF1()] for name in heads})
    logs = model.evaluate(X, {"a": Y, "b": Y}, verbose=0, return_dict=True)
    assert {"a_macro_f1", "b_macro_f1"} <= logs.keys()
    assert "macro_f1" not in logs


def test_a_set_of_curve_scores_beside_the_same_scores_is_no_clash():
    assert sorted(_logs(metrics=[AUROC(), CurveSet(scores=("auroc",))])) == ["auroc", "loss"]


def test_a_curve_score_of_other_bins_is_another_value():
    with pytest.raises(ValueError, match="both write 'auroc'"):
        _logs(metrics=[AUROC(num_bins=64), CurveSet(scores=("auroc",))])


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
