"""Names, keys, arguments of other libraries, and one object in two places."""

import copy
import pickle
import re

import keras
import numpy as np
import pytest

from fmnist_tf import metrics
from fmnist_tf.metrics import AUROC, Accuracy, F1Score, MacroF1, Precision, Recall, ScoreSet
from support.catalogue import CLASSES, NEEDS, fed

X, Y = np.random.default_rng(0).normal(size=(12, 4)).astype("float32"), np.arange(12) % 3


def model_of(outputs=1):
    inputs = keras.Input((4,))
    heads = [keras.layers.Dense(3, activation="softmax", name=name)(inputs) for name in "ab"[:outputs]]
    return keras.Model(inputs, heads if outputs > 1 else heads[0])


def compiled(metric, model=None, **options):
    model = model or model_of()
    model.compile("sgd", "sparse_categorical_crossentropy", **(options or {"metrics": [metric]}), jit_compile=False)
    return model


# Keys


@pytest.mark.parametrize(
    ("metric", "name"),
    [
        (F1Score(class_id=2), "f1_score/2"),
        (Recall(class_id=0, average="macro"), "recall/0"),
        (F1Score(class_id=2, name="mine"), "mine"),
        (MacroF1(name="f1 [%] of «a»"), "f1 ___ of _a_"),
        (Accuracy(name="a-b.c:d/e f_g"), "a-b.c:d/e f_g"),
    ],
)
def test_a_name_holds_the_class_and_only_characters_that_loggers_take(metric, name):
    assert metric.name == name
    assert re.fullmatch(r"[\w\-.:/ ]+", metric.name)


def test_a_set_puts_a_prefix_before_its_keys():
    ours = ScoreSet(scores=["recall[1]", "worst_f1", MacroF1(name="a[b]")], prefix="digit ", live=["recall[1]", "a_b_"])
    result = fed(ours, [0, 1], np.eye(2)).result()
    assert list(result) == ["digit recall/1", "digit a_b_"]
    assert list(ours.compute(["recall/1"])) == ["recall/1"]
    assert ScoreSet.from_config(ours.get_config()).key("worst_f1") == "digit worst_f1"


def test_two_scores_of_one_key_are_refused():
    with pytest.raises(ValueError, match=r"scores 'a_b' and 'a\?b' are both|'a_b' is in the set twice"):
        ScoreSet(scores=[MacroF1(name="a_b"), Accuracy(name="a?b")])
    with pytest.raises(ValueError, match="'recall/1' is in the set twice"):
        ScoreSet(scores=["recall/1", "recall[1]"])


def test_two_metrics_of_two_classes_have_two_keys():
    logs = compiled(None, metrics=[F1Score(class_id=1), F1Score(class_id=2)]).evaluate(
        X, Y, verbose=0, return_dict=True
    )
    assert set(logs) == {"loss", "f1_score/1", "f1_score/2"}


# One object in two places


@pytest.mark.parametrize("how", ["outputs", "weighted"])
def test_one_object_for_two_places_is_refused(how):
    one, model = MacroF1(), model_of(2 if how == "outputs" else 1)
    places = (
        {"metrics": {"a": [one], "b": [one]}} if how == "outputs" else {"metrics": [one], "weighted_metrics": [one]}
    )
    compiled(one, model, **places)
    with pytest.raises(ValueError, match=r"one MacroF1 object was given to two outputs.*make one MacroF1\(\) for each"):
        model.evaluate(X, [Y, Y] if how == "outputs" else Y, verbose=0)


def test_one_object_may_be_compiled_again_and_into_another_model():
    one = MacroF1()
    for model in (first := model_of(), first, model_of()):
        assert "macro_f1" in compiled(one, model).evaluate(X, Y, verbose=0, return_dict=True)


def test_one_object_may_be_compiled_again_after_a_first_try_that_failed():
    one, other, model = MacroF1(), Accuracy(num_classes=7), model_of()
    with pytest.raises(ValueError, match="the metric counts 7"):
        compiled(None, model, metrics=[other, one]).evaluate(X, Y, verbose=0)
    assert "macro_f1" in compiled(one, model).evaluate(X, Y, verbose=0, return_dict=True)


def test_a_metric_may_be_renamed_copied_and_pickled():
    metric = MacroF1()
    metric.name = "first"
    metric.name = "mine"
    for again in (metric, copy.deepcopy(metric), pickle.loads(pickle.dumps(metric))):
        assert "mine" in compiled(again).evaluate(X, Y, verbose=0, return_dict=True)


# Arguments


@pytest.mark.parametrize("kind", CLASSES)
def test_a_repr_shows_what_is_not_the_default(kind):
    needs = NEEDS.get(kind, {})
    name, shown = repr(kind(**needs)).removesuffix(")").split("(", maxsplit=1)
    assert (name, eval(f"dict({shown})")) == (kind.__name__, needs)
    assert "name='mine'" in repr(kind(**needs, name="mine"))


def test_a_repr_names_arguments_of_bases_too():
    assert repr(F1Score(average="weighted", threshold=0.3)) == "F1Score(threshold=0.3, average='weighted')"


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (
            lambda: Precision(thresholds=0.3),
            "Precision got .* 'thresholds'; did you mean `threshold`",
        ),
        (lambda: AUROC(num_thresholds=200), "AUROC got .*did you mean `num_bins`"),
        (lambda: metrics.BestThreshold(n_bins=9), "BestThreshold got .*did you mean `num_bins`"),
        (lambda: metrics.SpecificityAtSensitivity(min_sensitivity=1), "SpecificityAtS.*did you mean `sensitivity`"),
        (lambda: metrics.MaximumCalibrationError(n_bins=9), "MaximumCalibrationError got .*did you mean `num_bins`"),
        (lambda: AUROC(curve="PR"), "use AUROC for .* and AveragePrecision"),
        (lambda: metrics.Jaccard(axis=-1), "classes are always the last axis"),
        (lambda: metrics.Jaccard(sparse_y_pred=False), "told apart by their dtype"),
        (lambda: metrics.CohenKappa(weightage="linear"), "did you mean `weights`"),
        (lambda: F1Score(task="multiclass"), "follows from shapes and dtypes"),
        (lambda: F1Score(labels=[1, 2]), "did you mean `target_class_ids`"),
        (lambda: F1Score(pos_label=1), "did you mean `class_id`"),
        (lambda: F1Score(avarage="macro"), "did you mean `average`"),
        (lambda: MacroF1(quite_else=1), "it takes num_classes, target_class_ids"),
        (lambda: F1Score("macro"), r"did you mean F1Score\(average='macro'\)"),
        (lambda: Precision(0.5), r"did you mean Precision\(threshold=0\.5\)"),
        (lambda: ScoreSet(["macro_f1"]), r"did you mean ScoreSet\(scores=\['macro_f1'\]\)"),
        (lambda: metrics.RecallAtPrecision(0.8), r"did you mean RecallAtPrecision\(precision=0\.8\)"),
        (lambda: F1Score(3, "macro"), "takes num_classes alone by position"),
    ],
)
def test_arguments_of_others_are_answered_with_ours(make, told):
    with pytest.raises(TypeError, match=told):
        make()


def test_a_custom_metric_hands_arguments_on_to_its_base():
    class Custom(AUROC):
        def __init__(self, custom=1, **kwargs):
            super().__init__(**kwargs)

    assert Custom(custom=2, num_bins=64).num_bins == 64
    with pytest.raises(TypeError, match=r"Custom got .*did you mean `num_bins`"):
        Custom(n_bins=64)


@pytest.mark.parametrize(
    ("metric", "multiclass"),
    [
        (metrics.TopKAccuracy(3, k=2), True),
        (MacroF1(3), True),
        (MacroF1(3, threshold=0.5), False),
        (F1Score(3, top_k=2), False),
    ],
)
def test_whether_classes_exclude_each_other_is_known_before_the_first_batch(metric, multiclass):
    before = metric.multiclass
    fed(metric, [0, 1, 2], np.eye(3))
    assert (before, metric.multiclass) == (multiclass, multiclass)


def test_a_number_by_position_is_that_of_the_classes():
    assert metrics.TopKAccuracy(9).num_classes == 9
    with pytest.raises(ValueError, match=r"`k` must be at most the number of classes, 3, got 5; pass k="):
        metrics.TopKAccuracy(3)
    with pytest.raises(ValueError, match=r"`k` must be at most the number of classes, 3, got 5; pass k="):
        metrics.TopKAccuracy().update_state([0], np.eye(3)[:1])
