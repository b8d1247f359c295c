"""The step that counts a set writes its rows down: id, label, prediction, confidence and slices."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from fmnist_tf.labels import InputSpec
from fmnist_tf.rows import accept_tags, tag
from fmnist_tf.rows import recorder as recorders
from fmnist_tf.rows.receiver import receiver_of
from fmnist_tf.rows.recorder import RowRecorder, find_mistakes
from support.replicas import two_replicas
from support.tagged import SITE, SITES, N, X, Y, model_of, tagged


class Records(keras.callbacks.Callback):
    """Starts, evaluates and finishes, as ScoreLogger does."""

    def __init__(self, recorder):
        super().__init__()
        self.recorder = recorder

    def on_test_begin(self, logs=None):
        self.recorder.start()

    def on_test_batch_end(self, batch, logs=None):
        self.recorder.fetch()

    def on_test_end(self, logs=None):
        self.rows = self.recorder.finish()


def recorded(model, data=None, spec=None, features=(SITE,), *, scores=False, **options):
    recorder = RowRecorder(model, spec or InputSpec(), features, scores=scores)
    receiver_of(model, "a test").add_listener(recorder.record)
    callback = Records(recorder)
    parts = dict(zip(("x", "y", "sample_weight"), tagged() if data is None else data, strict=False))
    model.evaluate(**parts, verbose=0, callbacks=[callback], **{"batch_size": 16} | options)
    return callback.rows


@pytest.mark.parametrize(
    "options", [{"jit_compile": True}, {"jit_compile": False}, {"run_eagerly": True}, {"steps_per_execution": 2}]
)
def test_rows_are_what_predict_says(options):
    model = model_of(**options)
    rows, p = recorded(model, scores=True), model.predict(X, verbose=0)
    assert rows["id"].tolist() == list(range(N))
    np.testing.assert_allclose(rows["scores"], p, rtol=1e-6)
    assert rows["label"].tolist() == Y.tolist()
    assert rows["predicted"].tolist() == p.argmax(1).tolist()
    np.testing.assert_allclose(rows["confidence"], p.max(1), rtol=1e-6)


def test_values_of_slices_stand_beside_by_name():
    assert recorded(model_of())["site"].tolist() == np.where(SITES == "west", "other", SITES).tolist()


def test_weights_are_kept_where_the_metric_counts_them():
    weight = np.random.default_rng(4).random(N)
    model = model_of()
    recorder = RowRecorder(model, InputSpec(), weighted=True)
    receiver_of(model, "a test").add_listener(recorder.record)
    callback = Records(recorder)
    x, y = tagged()
    model.evaluate(x, y, sample_weight=weight, verbose=0, batch_size=16, callbacks=[callback])
    np.testing.assert_allclose(callback.rows["weight"], weight, rtol=1e-6)
    assert callback.rows.dtype.names == ("id", "label", "predicted", "confidence", "weight")


def test_weights_that_the_metric_does_not_count_are_left_out():
    assert "weight" not in recorded(model_of(), (*tagged(), np.ones(N))).dtype.names


def test_rows_are_in_the_order_of_their_ids():
    ids = np.random.default_rng(3).permutation(N) * 10
    rows = recorded(model_of(), tagged(ids=ids))
    assert rows["id"].tolist() == sorted(ids)
    assert rows["label"].tolist() == Y[np.argsort(ids)].tolist()


def test_logits_become_probabilities():
    model = model_of(activation=None, loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    p = keras.ops.softmax(model.predict(X, verbose=0))
    np.testing.assert_allclose(recorded(model)["confidence"], np.max(p, 1), rtol=1e-5)


def test_one_column_is_no_or_yes():
    model = model_of(units=1, activation="sigmoid")
    rows, p = recorded(model, tagged(y=Y > 0)), model.predict(X, verbose=0)[:, 0]
    assert rows["predicted"].tolist() == (p > 0.5).astype(int).tolist()
    np.testing.assert_allclose(rows["confidence"], np.maximum(p, 1 - p), rtol=1e-6)


def test_several_columns_keep_each_answer():
    y = np.random.default_rng(0).integers(0, 2, (N, 3)).astype("float32")
    model = model_of(loss="binary_crossentropy", activation="sigmoid")
    rows = recorded(model, tagged(y=y), InputSpec(threshold=0.5))
    assert rows["label"].tolist() == y.tolist()
    assert rows["predicted"].tolist() == (model.predict(X, verbose=0) > 0.5).astype(int).tolist()


def test_rows_whose_label_is_ignored_are_left_out():
    rows = recorded(model_of(), spec=InputSpec(ignore_class=(1,)))
    assert rows["id"].tolist() == np.flatnonzero(Y != 1).tolist()


def test_more_rows_than_the_device_holds_are_fetched_in_between(monkeypatch):
    monkeypatch.setattr(recorders, "_CAPACITY", 20)
    assert recorded(model_of(), batch_size=8)["label"].tolist() == Y.tolist()


def test_more_rows_in_one_call_than_the_device_holds_are_an_error(monkeypatch):
    monkeypatch.setattr(recorders, "_CAPACITY", 20)
    with pytest.raises(ValueError, match="more than 20 rows came in one call"):
        recorded(model_of(), batch_size=40)


def test_a_second_pass_begins_anew():
    model = model_of()
    recorder = RowRecorder(model, InputSpec())
    receiver_of(model, "a test").add_listener(recorder.record)
    callback = Records(recorder)
    for _ in range(2):
        model.evaluate(*tagged(), verbose=0, callbacks=[callback])
    assert len(callback.rows) == N


def test_replicas_record_the_rows_of_all():
    with two_replicas().scope():
        several = model_of()
    rows, alone = recorded(several, scores=True), recorded(model_of(), scores=True)
    assert rows["id"].tolist() == list(range(N))
    np.testing.assert_allclose(rows["scores"], alone["scores"], rtol=1e-6)
    assert rows["predicted"].tolist() == alone["predicted"].tolist()


def test_ids_that_repeat_are_refused():
    data = tf.data.Dataset.from_tensor_slices((X, Y, np.arange(N) % 10)).batch(16)
    data = data.map(lambda x, y, place: tag(x, y, ids=place))
    with pytest.raises(ValueError, match=r"ids repeat within one pass, such as 0; give tag\(ids=\)"):
        recorded(model_of(), (data,), features=(), batch_size=None)


def test_rows_without_ids_are_refused():
    with pytest.raises(ValueError, match=r"ScoreLogger\(rows=True\) needs an id for each row; call accept_tags"):
        recorded(model_of(), (X, Y))


def test_rows_without_a_wanted_slice_are_refused():
    with pytest.raises(ValueError, match=r"the rows have no tag 'site', only \[\]; give tag\(slices=\) its Slice"):
        recorded(model_of(), tag(X, Y))


def test_dense_predictions_are_refused_with_the_size():
    model = accept_tags(keras.Sequential([keras.Input((4, 1)), keras.layers.Dense(3, activation="softmax")]))
    model.compile("sgd", "sparse_categorical_crossentropy")
    with pytest.raises(ValueError, match=r"a row for each place would take 160 bytes a sample"):
        recorded(model, tag(X[..., None], np.repeat(Y[:, None], 4, 1)), features=())


# Mistakes

ROWS = np.array(
    [(0, 0, 0, 0.9), (1, 0, 1, 0.6), (2, 1, 0, 0.8), (3, 2, 1, 0.7), (4, 0, 1, 0.95)],
    [("id", int), ("label", int), ("predicted", int), ("confidence", float)],
)


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        ({}, [4, 2, 3, 1]),
        ({"k": 2}, [4, 2]),
        ({"label": 0}, [4, 1]),
        ({"label": "c", "predicted": "b"}, [3]),
        ({"predicted": 0}, [2]),
    ],
)
def test_mistakes_come_the_most_confident_first(options, ids):
    assert find_mistakes(ROWS, **options, class_names=("a", "b", "c"))["id"].tolist() == ids


def test_a_name_that_is_no_class_is_refused():
    with pytest.raises(ValueError, match=r"`label` must be a class id or one of \['a'\], got 'z'"):
        find_mistakes(ROWS, label="z", class_names=("a",))
