"""ScoreLogger in every situation fit can put it in, against counts by hand."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn.metrics import f1_score

from fmnist_tf import ConfusionMatrix, MacroF1, ScoreLogger, ScoreSet

X = np.random.default_rng(0).random((96, 4)).astype("float32")
Y = np.random.default_rng(1).integers(0, 3, 96)
XV, YV = X[:40], Y[:40]


def _model(*metrics, weighted=(), **options):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation="softmax")])
    model.compile(
        "sgd", "sparse_categorical_crossentropy", metrics=list(metrics), weighted_metrics=list(weighted), **options
    )
    return model


def _fit(model, *callbacks, **options):
    return model.fit(X, Y, **{"batch_size": 32, "epochs": 2, "verbose": 0, "callbacks": list(callbacks)} | options)


def _quiet(*args, **options):
    return ScoreLogger(*args, verbose=0, **options)


def _macro_f1(model, x=XV, y=YV):
    return f1_score(y, model.predict(x, verbose=0).argmax(-1), average="macro", labels=range(3), zero_division=0)


def _totals(logger, name):
    return [counts.total[0] for counts in logger.counts[name]]


def test_validation_scores_are_those_of_the_model_at_the_end_of_the_epoch():
    model, logger = _model(ScoreSet(live=())), _quiet()
    _fit(model, logger, validation_data=(XV, YV))
    assert logger.history["val_macro_f1"][-1] == pytest.approx(_macro_f1(model), abs=1e-12)


def test_every_epoch_counts_training_and_validation_rows_once():
    model, logger = _model(ScoreSet()), _quiet()
    _fit(model, logger, validation_data=(XV, YV))
    assert (_totals(logger, "train"), _totals(logger, "val")) == ([96, 96], [40, 40])


def test_the_model_is_called_by_fit_alone():
    rows = []

    class Spy(keras.layers.Layer):
        def call(self, x):
            tf.py_function(lambda batch: rows.append(len(batch)), [x], [])
            return tf.ensure_shape(x, [None, 4])

    model = keras.Sequential([keras.Input((4,)), Spy(), keras.layers.Dense(3, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=[ScoreSet()], jit_compile=False)
    _fit(model, _quiet(), validation_data=(XV, YV))
    assert sum(rows) == 2 * (96 + 40)


def test_without_validation_the_epoch_end_holds_training():
    model, logger = _model(MacroF1()), _quiet()
    _fit(model, logger)
    assert _totals(logger, "train") == [96, 96]
    assert "val" not in logger.counts


@pytest.mark.parametrize("first", [True, False])
def test_an_evaluate_by_another_callback_does_not_disturb_the_counts(first):
    class Evaluator(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.evaluate(X[:10], Y[:10], verbose=0)

    logger = _quiet()
    _fit(_model(ScoreSet()), *([Evaluator(), logger] if first else [logger, Evaluator()]))
    assert _totals(logger, "train") == [96, 96]


def test_rows_left_by_compile_do_not_leak_into_the_first_epoch():
    model, logger = _model(ScoreSet()), _quiet()
    model.train_on_batch(X[:7], Y[:7])
    _fit(model, logger, epochs=1)
    assert _totals(logger, "train") == [96]


def test_validation_every_second_epoch_is_recorded_with_its_epochs():
    logger = _quiet()
    _fit(_model(ScoreSet()), logger, epochs=4, validation_data=(XV, YV), validation_freq=2)
    assert (logger.epochs["val"], logger.epochs["train"]) == ([1, 3], [0, 1, 2, 3])


def test_initial_epoch_names_the_epochs():
    logger = _quiet()
    _fit(_model(ScoreSet()), logger, initial_epoch=3, epochs=5)
    assert logger.epochs["train"] == [3, 4]


def test_several_fits_each_begin_a_new_record():
    model, logger = _model(ScoreSet()), _quiet()
    _fit(model, logger)
    _fit(model, logger, epochs=1)
    assert _totals(logger, "train") == [96]
    assert len(logger.history["macro_f1"]) == 1


def test_steps_per_execution_changes_no_count():
    logger = _quiet(batch_interval=2)
    _fit(_model(ScoreSet(), steps_per_execution=2), logger, validation_data=(XV, YV), batch_size=16)
    assert (_totals(logger, "train"), _totals(logger, "val")) == ([96, 96], [40, 40])


def test_a_dataset_of_unknown_size_changes_no_count():
    batches = tf.data.Dataset.from_tensor_slices((X, Y)).batch(32).filter(lambda x, y: True)
    logger = _quiet(batch_interval=2)
    _model(ScoreSet()).fit(batches, epochs=2, verbose=0, callbacks=[logger])
    assert _totals(logger, "train") == [96, 96]


def test_an_exception_in_fit_leaves_a_later_evaluate_outside_of_any_epoch():
    class Fails(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            raise RuntimeError("stop")

    model, logger = _model(ScoreSet()), _quiet()
    with pytest.raises(RuntimeError, match="stop"):
        _fit(model, logger, Fails())
    model.evaluate(XV, YV, verbose=0, callbacks=[logger])
    assert list(logger.counts) == ["evaluate"]
    assert _totals(logger, "evaluate") == [40]


def test_finish_after_ctrl_c_writes_the_report_of_what_was_recorded(tmp_path):
    class Stops(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 1:
                raise KeyboardInterrupt

    logger = _quiet(log_dir=tmp_path)
    with pytest.raises(KeyboardInterrupt):
        _fit(_model(ScoreSet()), logger, Stops(), epochs=5)
    logger.finish()
    assert "macro mean" in (tmp_path / "report.txt").read_text()
    assert [json.loads(line)["epoch"] for line in (tmp_path / "history.jsonl").open()] == [0, 1]


def test_batch_scores_are_those_of_their_batches_alone():
    model, logger = _model(ScoreSet()), _quiet(batch_interval=1, scores=("accuracy",))
    model.optimizer.learning_rate = 0.0
    _fit(model, logger, epochs=1, shuffle=False)
    right = model.predict(X, verbose=0).argmax(-1) == Y
    assert [batch["scores"]["accuracy"] for batch in logger.batches] == [right[k : k + 32].mean() for k in (0, 32, 64)]


def test_named_data_sets_are_scored_beside_validation():
    model, logger = _model(ScoreSet()), _quiet({"test": (X[40:], Y[40:])})
    _fit(model, logger, validation_data=(XV, YV))
    assert logger.history["test_macro_f1"][-1] == pytest.approx(_macro_f1(model, X[40:], Y[40:]), abs=1e-12)


def test_data_alone_is_called_val_and_needs_no_compiled_metric():
    model, logger = _model(), _quiet((XV, YV))
    _fit(model, logger)
    assert logger.history["val_macro_f1"][-1] == pytest.approx(_macro_f1(model), abs=1e-12)


def test_data_called_val_beside_validation_is_refused():
    with pytest.raises(ValueError, match="name it otherwise"):
        _fit(_model(ScoreSet()), _quiet((XV, YV)), validation_data=(XV, YV))


def test_weights_of_a_data_set_are_used():
    weight = np.linspace(0, 2, 40).astype("float32")  # as fit casts them
    model, logger = _model(), _quiet((XV, YV, weight), scores=("accuracy",))
    _fit(model, logger)
    right = model.predict(XV, verbose=0).argmax(-1) == YV
    assert logger.history["val_accuracy"][-1] == pytest.approx(
        np.average(right, weights=weight.astype(float)), abs=1e-12
    )


def test_sample_weights_reach_weighted_metrics():
    weight = np.linspace(0, 2, 96)
    logger = _quiet()
    _fit(_model(weighted=[ScoreSet()]), logger, sample_weight=weight)
    assert _totals(logger, "train") == pytest.approx([weight.sum()] * 2)


def test_an_unweighted_metric_is_read_before_a_weighted_one():
    logger = _quiet()
    _fit(_model(MacroF1(), weighted=[ScoreSet(live=())]), logger, sample_weight=np.full(96, 2.0))
    assert _totals(logger, "train") == [96, 96]


def test_a_metric_with_the_matrix_is_preferred():
    logger = _quiet()
    _fit(_model(MacroF1(), ConfusionMatrix()), logger, validation_data=(XV, YV))
    assert [matrix.shape for matrix in logger.matrices["val"]] == [(3, 3), (3, 3)]


def test_early_stopping_can_monitor_a_class():
    logger = _quiet(per_class=("f1_score",), class_names=["a", "b", "T-shirt/top"])
    stop = keras.callbacks.EarlyStopping("val_f1_score/T-shirt/top", mode="max", patience=0, min_delta=1.0)
    history = _fit(_model(ScoreSet()), logger, stop, epochs=9, validation_data=(XV, YV))
    assert len(history.history["val_f1_score/T-shirt/top"]) == 2


def test_a_key_that_a_compiled_metric_wrote_is_left_alone_in_logs_and_exact_in_history():
    logger = _quiet(scores=("macro_f1",))
    history = _fit(_model(MacroF1()), logger, epochs=1)
    assert history.history["macro_f1"][0] == np.float32(logger.history["macro_f1"][0])


def test_scores_that_are_not_live_are_added_at_the_end_of_the_epoch():
    history = _fit(_model(ScoreSet(live=())), _quiet(scores=("cohen_kappa",)), validation_data=(XV, YV))
    assert {"cohen_kappa", "val_cohen_kappa"} <= history.history.keys()


def test_with_nothing_to_read_training_does_not_begin():
    with pytest.raises(ValueError, match=r"compile the model with metrics=\[ScoreSet\(\)\]"):
        _fit(_model(), _quiet())


def _two_outputs(*metrics):
    inputs = keras.Input((4,))
    heads = {name: keras.layers.Dense(3, activation="softmax", name=name)(inputs) for name in ("a", "b")}
    model = keras.Model(inputs, heads)
    loss = dict.fromkeys(heads, "sparse_categorical_crossentropy")
    model.compile("sgd", loss, metrics={"a": [ScoreSet(live=())], "b": [ScoreSet(live=())]})
    return model


def test_several_outputs_ask_which_one_is_meant():
    steps = []
    count = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: steps.append(batch))
    with pytest.raises(ValueError, match=r"several outputs.*output="):
        _two_outputs().fit(X, {"a": Y, "b": Y}, verbose=0, callbacks=[count, _quiet()])
    assert steps == []


def test_the_named_output_is_read_and_stands_in_the_keys():
    model, logger = _two_outputs(), _quiet({"test": (XV, {"a": YV, "b": YV})}, output="b")
    model.fit(X, {"a": Y, "b": Y}, verbose=0, callbacks=[logger])
    expected = f1_score(YV, model.predict(XV, verbose=0)["b"].argmax(-1), average="macro", labels=range(3))
    assert logger.history["test_b_macro_f1"][-1] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("names", [["a", "b"], ["a", "b", "c", "d"]])
def test_names_that_do_not_fit_the_classes_are_refused_before_the_first_batch(names):
    logger, steps = _quiet(class_names=names), []
    count = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: steps.append(batch))
    with pytest.raises(ValueError, match=f"must name 3 classes, got {len(names)}"):
        _fit(_model(ScoreSet()), count, logger)
    assert steps == []


def test_report_of_an_epoch_is_that_of_its_matrix():
    logger = _quiet()
    _fit(_model(ScoreSet()), logger, validation_data=(XV, YV))
    value = logger.report("val", epoch=0).to_dict()["macro"]["f1_score"]["value"]
    assert value == pytest.approx(logger.history["val_macro_f1"][0], abs=1e-12)


@pytest.mark.parametrize(("name", "error"), [("test", KeyError), ("train", ValueError)])
def test_report_of_what_was_not_recorded_says_what_was(name, error):
    logger = _quiet()
    _fit(_model(ScoreSet()), logger, epochs=1)
    with pytest.raises(error, match=r"train|0"):
        logger.report(name, epoch=7)


def test_a_line_an_epoch_tells_score_interval_change_and_worst_class(capsys):
    _fit(_model(ScoreSet()), ScoreLogger(class_names=["a", "b", "c"]), validation_data=(XV, YV))
    last = capsys.readouterr().out.strip().splitlines()[-1]
    assert last.startswith("epoch 2: val macro_f1 0.")
    assert "worst class" in last
    assert "(" in last


def test_files_hold_what_was_recorded(tmp_path):
    logger = _quiet(log_dir=tmp_path)
    _fit(_model(ScoreSet()), logger, validation_data=(XV, YV))
    with np.load(tmp_path / "matrices.npz", allow_pickle=False) as saved:
        assert np.array_equal(saved["val"], np.stack(logger.matrices["val"]))
    assert list((tmp_path / "validation").glob("events.out.tfevents.*"))


def test_without_tensorboard_a_warning_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.warns(UserWarning, match=r"pip install 'fmnist_tf\[tensorboard\]'"):
        _fit(_model(ScoreSet()), _quiet(log_dir=tmp_path), epochs=1)
    assert (tmp_path / "history.jsonl").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"scores": ("macro_f2",)}, "unknown score"),
        ({"data": {"train": (X, Y)}}, "cannot be called"),
        ({"data": (X,)}, r"must be \(x, y\)"),
        ({"batch_interval": 0}, "at least 1"),
    ],
)
def test_bad_arguments_are_refused_at_construction(options, message):
    with pytest.raises(ValueError, match=message):
        ScoreLogger(**options)
