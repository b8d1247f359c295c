"""The keys of ScoreLogger in logs and history: outputs, characters, and one value a key."""

import re

import keras
import numpy as np
import pytest

from fmnist_tf import AUROC, CurveSet, MacroF1, ScoreLogger, ScoreSet
from fmnist_tf.callbacks.keys import key_of, safe_key
from support.fitting import compiled, fit, quiet

X = np.random.default_rng(0).normal(size=(60, 4)).astype("float32")
Y, Z = np.arange(60) % 3, np.arange(60) % 2


def two_outputs(**metrics):
    inputs = keras.Input((4,))
    heads = {name: keras.layers.Dense(n, "softmax", name=name)(inputs) for name, n in (("a", 3), ("b", 2))}
    model = keras.Model(inputs, heads)
    model.compile("sgd", dict.fromkeys(heads, "sparse_categorical_crossentropy"), metrics=metrics)
    return model


def logs_of(model, *loggers):
    options = {"validation_split": 0.5, "verbose": 0, "callbacks": list(loggers)}
    return model.fit(X, {"a": Y, "b": Z}, **options).history


def test_keys_of_several_outputs_begin_with_the_output():
    a, b = quiet(output="a", per_class=("recall",)), quiet(output="b")
    logs = logs_of(two_outputs(a=[ScoreSet(live=())], b=[ScoreSet(live=())]), a, b)
    assert {"a_macro_f1", "val_a_macro_f1", "val_b_macro_f1", "val_a_recall/2"} <= logs.keys()
    assert logs["val_b_macro_f1"] == b.history["val_b_macro_f1"]
    assert not {"macro_f1", "val_macro_f1"} & logs.keys()


def test_bare_keys_of_sets_are_replaced_on_every_output_that_has_a_logger():
    a, b = quiet(output="a"), quiet(output="b")
    logs = logs_of(two_outputs(a=[ScoreSet()], b=[ScoreSet()]), a, b)
    keys = {key for key in logs if key.endswith("macro_f1")}
    assert keys == {"a_macro_f1", "val_a_macro_f1", "b_macro_f1", "val_b_macro_f1"}
    assert logs["a_macro_f1"] == a.history["a_macro_f1"]


def test_sets_of_two_outputs_without_a_logger_each_are_refused():
    with pytest.raises(ValueError, match=r"both write 'accuracy'.*ScoreSet\(prefix='[ab]_'\)"):
        logs_of(two_outputs(a=[ScoreSet()], b=[ScoreSet()]), quiet(output="a"))


def test_the_only_output_with_a_metric_is_named_in_keys_and_line(capsys):
    logs = logs_of(two_outputs(b=[ScoreSet(live=())]), ScoreLogger())
    assert "val_b_macro_f1" in logs
    assert capsys.readouterr().out.startswith("epoch 1: val b macro_f1 0.")


@pytest.mark.parametrize(
    ("metrics", "key"),
    [
        ([MacroF1(ignore_class=0), ScoreSet(live=())], "macro_f1"),
        ([keras.metrics.SparseTopKCategoricalAccuracy(2, name="macro_f1"), ScoreSet(live=())], "macro_f1"),
        (["accuracy", ScoreSet(live=(), ignore_class=2)], "accuracy"),
    ],
)
def test_another_value_under_a_key_of_the_logger_is_refused_after_the_first_batch(metrics, key):
    steps = []
    count = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: steps.append(batch))
    logger = ScoreLogger(verbose=0, scores=("accuracy", "macro_f1"))
    with pytest.raises(ValueError, match=f"would both write {key!r}"):
        fit(logger, *metrics, callbacks=[count, logger])
    assert steps == [0]


def test_weighted_beside_unweighted_is_refused():
    model = compiled()
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"], weighted_metrics=[ScoreSet(live=())])
    with pytest.raises(ValueError, match="accuracy and ScoreLogger would both write 'accuracy'"):
        model.fit(np.zeros((9, 8)), np.zeros(9), verbose=0, callbacks=[quiet()])


def test_the_accuracy_of_keras_is_the_same_value():
    assert "accuracy" in fit(quiet(), "accuracy", ScoreSet(live=())).history


def test_two_loggers_of_different_metrics_are_refused():
    metrics = ScoreSet(live=()), ScoreSet(live=(), ignore_class=2, name="other")
    loggers = [quiet(metric=metric) for metric in metrics]
    with pytest.raises(ValueError, match="ScoreLogger and ScoreLogger would both write"):
        fit(loggers[0], *metrics, callbacks=loggers)


def test_the_given_metric_is_read():
    metrics = ScoreSet(live=()), ScoreSet(live=(), ignore_class=2, name="other")
    logger = fit(quiet(metric=metrics[1]), *metrics)
    assert logger.counts["train"][0].support[2] == 0


def test_one_metric_object_in_two_places_is_refused():
    one, inputs = MacroF1(), keras.Input((4,))
    model = keras.Model(inputs, {name: keras.layers.Dense(3, "softmax", name=name)(inputs) for name in "ab"})
    losses = dict.fromkeys("ab", "sparse_categorical_crossentropy")
    model.compile("sgd", losses, metrics={"a": [one], "b": [one]})
    with pytest.raises(ValueError, match="one MacroF1 object"):
        model.fit(X, {"a": Y, "b": Y}, verbose=0, callbacks=[quiet(output="a")])


@pytest.mark.parametrize("name", ["[PAD]", "a/", "..", "", "/x", "a//b", "50 %", "Größe", "T-shirt/top", "x\ty", "."])
def test_every_key_is_one_that_mlflow_takes(name):
    validation = pytest.importorskip("mlflow.utils.validation", reason="MLflow is not installed")
    validation._validate_metric_name(key_of("val", f"f1_score/{name}", "digit"))


def test_allowed_characters_stay():
    assert safe_key("f1_score/T-shirt top.1:2") == "f1_score/T-shirt top.1:2"


@pytest.mark.parametrize("names", [["a", "a", "b"], ["[x]", "(x)", "b"], ["", ".", "b"]])
def test_names_that_would_be_one_key_are_refused_at_construction(names):
    with pytest.raises(ValueError, match=f"`class_names` must differ.*{re.escape(repr(names[1]))}"):
        quiet(class_names=names)


@pytest.mark.parametrize(
    "options",
    [
        {"data": {"a?": (X, Y), "a!": (X, Y)}},
        {"data": {"x": (X, Y), "x_macro": (X, Y)}, "scores": ("macro_f1_score", "f1_score")},
    ],
)
def test_data_sets_that_would_have_one_key_are_refused_at_construction(options):
    with pytest.raises(ValueError, match="would both be logged as"):
        quiet(**options)


def test_a_class_name_with_brackets_is_logged_with_underscores():
    logger = fit(quiet(per_class=("recall",), class_names=["[PAD]", "b", "c"]))
    assert "recall/_PAD_" in logger.history


@pytest.mark.heavy
def test_curve_scores_of_an_output_are_named_by_it():
    logs = logs_of(two_outputs(b=[ScoreSet(live=()), CurveSet(scores=("auroc",)), AUROC(name="area")]), quiet())
    assert {"val_b_auroc", "val_b_area"} <= logs.keys()
    assert "auroc" not in logs
