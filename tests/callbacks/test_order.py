"""A callback that monitors a key before ScoreLogger has written it is refused, and only then."""

import keras
import numpy as np
import pytest
from keras.callbacks import CallbackList, EarlyStopping, ModelCheckpoint, ReduceLROnPlateau

from fmnist_tf import MacroF1, ScoreLogger, ScoreSet

X = np.random.default_rng(0).random((12, 4)).astype("float32")
Y = np.random.default_rng(1).integers(0, 3, 12)


def compiled(*metrics):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=list(metrics))
    return model


def begin(model, *callbacks):
    """What fit does first, without its training."""
    CallbackList(list(callbacks), model=model, add_history=True, epochs=1).on_train_begin()


def quiet(data=None, **options):
    return ScoreLogger(data, verbose=0, **options)


@pytest.mark.parametrize(
    "early",
    [
        EarlyStopping("val_macro_recall", mode="max"),
        ModelCheckpoint("best.keras", monitor="val_macro_f1", mode="max"),
        ReduceLROnPlateau("val_f1_score/Shirt", mode="max"),
        EarlyStopping("test_macro_f1", mode="max"),
        EarlyStopping("accuracy", mode="max"),
    ],
)
def test_a_callback_before_the_logger_cannot_monitor_its_keys(early):
    logger = quiet({"test": (X, Y)}, per_class=("f1_score",))
    with pytest.raises(ValueError, match=f"{type(early).__name__} monitors .*; put ScoreLogger before"):
        begin(compiled(ScoreSet(live=())), early, logger)


def test_fit_refuses_before_it_trains():
    model = compiled(ScoreSet(live=()))
    before = [weight.copy() for weight in model.get_weights()]
    with pytest.raises(ValueError, match="put ScoreLogger before EarlyStopping in `callbacks`"):
        model.fit(X, Y, verbose=0, callbacks=[EarlyStopping("macro_f1", mode="max"), quiet()])
    assert all(map(np.array_equal, before, model.get_weights()))


def test_fit_with_a_list_of_ones_own_refuses_too():
    model = compiled(ScoreSet(live=()))
    callbacks = CallbackList([EarlyStopping("macro_f1", mode="max"), quiet()], model=model, epochs=1)
    with pytest.raises(ValueError, match="put ScoreLogger before"):
        model.fit(X, Y, verbose=0, callbacks=callbacks)


@pytest.mark.parametrize(
    ("metrics", "key"),
    [
        ([MacroF1()], "val_macro_f1"),
        ([ScoreSet(live=("macro_f1",))], "macro_f1"),
        ([ScoreSet(live=()), "accuracy"], "val_accuracy"),
        ([ScoreSet(live=()), keras.metrics.SparseCategoricalAccuracy(name="accuracy")], "accuracy"),
        ([ScoreSet(live=())], "val_loss"),
    ],
)
def test_what_a_compiled_metric_writes_can_be_monitored_anywhere(metrics, key):
    logger = quiet()
    begin(compiled(*metrics), EarlyStopping(key, mode="max"), logger)
    assert not logger._finished


def test_the_score_of_the_loggers_own_validation_comes_from_no_metric():
    with pytest.raises(ValueError, match="monitors 'val_macro_f1'"):
        begin(compiled(MacroF1()), EarlyStopping("val_macro_f1", mode="max"), quiet((X, Y)))


def test_after_the_logger_all_its_keys_can_be_monitored():
    logger = quiet(per_class=("f1_score",))
    begin(compiled(ScoreSet(live=())), logger, EarlyStopping("val_f1_score/0", mode="max"))
    assert not logger._finished


def test_outside_of_a_list_nothing_is_checked():
    logger = quiet()
    logger.set_model(compiled(ScoreSet(live=())))
    logger.on_train_begin()
    assert not logger._finished


def test_the_key_of_one_output_of_several_is_not_that_of_the_logger():
    inputs = keras.Input((4,))
    heads = {name: keras.layers.Dense(3, activation="softmax", name=name)(inputs) for name in ("a", "b")}
    model = keras.Model(inputs, heads)
    model.compile("sgd", dict.fromkeys(heads, "sparse_categorical_crossentropy"), metrics={"a": [ScoreSet()]})
    begin(model, EarlyStopping("val_a_macro_f1", mode="max"), quiet())
    with pytest.raises(ValueError, match="monitors 'val_macro_f1'"):
        begin(model, EarlyStopping("val_macro_f1", mode="max"), quiet())
