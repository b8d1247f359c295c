"""Labels carry tags through every way of training, and the model is as if they had none."""

import pickle

import keras
import numpy as np
import pytest
import tensorflow as tf

from fmnist_tf.rows import Ledger, Slice, accept_tags, tag
from fmnist_tf.rows.receiver import receiver_of
from fmnist_tf.rows.tags import untag
from support.tagged import SITE, SITES, X, Y, fit, model_of, tagged

N = len(X)


class Heard:
    """Listens to the rows of steps that run eagerly."""

    def __init__(self, model):
        self.ids, self.sites, self.labels, self.weights, self.training = [], [], [], [], []
        receiver_of(model, "a test").add_listener(self)

    def __call__(self, rows, training):
        self.ids += rows.tags.ids.numpy().tolist()
        self.sites += rows.tags.values_of(SITE, "a test").numpy().tolist()
        self.labels += rows.y_true.numpy().tolist()
        self.weights += [] if rows.sample_weight is None else rows.sample_weight.numpy().tolist()
        self.training.append(training)


@pytest.fixture
def eager():
    model = model_of(run_eagerly=True)
    return model, Heard(model)


def test_every_row_keeps_its_tags_when_shuffled(eager):
    model, heard = eager
    fit(model, shuffle=True)
    assert heard.ids != list(range(N))
    assert sorted(heard.ids) == list(range(N))
    assert heard.labels == Y[heard.ids].tolist()
    assert heard.sites == SITE.encode(SITES[heard.ids]).tolist()


def test_a_listener_hears_once_a_step_whether_it_is_training(eager):
    model, heard = eager
    fit(model, validation_data=tagged())
    assert heard.training == [True] * 3 + [False] * 3  # 40 rows in batches of 16


@pytest.mark.parametrize("shape", [(N,), (N, 1)])
def test_weights_arrive_as_they_were_given(eager, shape):
    model, heard = eager
    weight = np.arange(N, dtype="float32")
    fit(model, data=tagged(sample_weight=weight.reshape(shape)), shuffle=False)
    assert np.ravel(heard.weights).tolist() == weight.tolist()


def test_weights_of_columns_arrive_as_they_were_given():
    weight = np.arange(2.0 * N).reshape(N, 2)
    _, y, given = tagged(y=np.eye(2)[Y % 2], sample_weight=weight)
    keras.tree.assert_same_structure(y, given)  # as Keras asks of weights that are no (N,)
    assert untag(y, given).sample_weight is weight


@pytest.mark.parametrize("form", ["validation_data", "validation_split", "Dataset", "PyDataset"])
def test_tags_pass_through_every_form_of_data(eager, form):
    class Batches(keras.utils.PyDataset):
        def __len__(self):
            return 4

        def __getitem__(self, place):
            rows = slice(10 * place, 10 * place + 10)
            return tagged(X[rows], Y[rows], SITES[rows], ids=np.arange(N)[rows])

    model, heard = eager
    if form == "validation_data":
        fit(model, validation_data=tagged())
    elif form == "validation_split":
        fit(model, validation_split=0.5)
    elif form == "Dataset":
        model.fit(tf.data.Dataset.from_tensor_slices(tagged()).batch(16), verbose=0)
    else:
        model.fit(Batches(), verbose=0)
    assert set(heard.ids) == set(range(N))
    assert heard.sites == SITE.encode(SITES[heard.ids]).tolist()


@pytest.mark.parametrize("batched", [True, False])
def test_text_is_encoded_inside_map(eager, batched):
    def give(x, y, site, place):
        return tag(x, y, slices={SITE: site}, ids=place)

    model, heard = eager
    rows = tf.data.Dataset.from_tensor_slices((X, Y, SITES, np.arange(N)))
    model.fit(rows.batch(16).map(give) if batched else rows.map(give).batch(16), verbose=0)
    assert heard.sites == SITE.encode(SITES).tolist()


def test_slices_need_no_ids_inside_map():
    rows = tf.data.Dataset.from_tensor_slices((X, Y, SITES)).map(lambda x, y, site: tag(x, y, slices={SITE: site}))
    _, y = next(iter(rows.batch(4)))
    assert untag(y).tags.ids is None


def test_nothing_to_tag_with_inside_map_is_refused():
    with pytest.raises(ValueError, match=r"inside Dataset\.map give ids="):
        tf.data.Dataset.from_tensor_slices((X, Y)).map(tag)


@pytest.mark.parametrize("options", [{"jit_compile": True}, {"jit_compile": False}, {"steps_per_execution": 2}])
def test_the_ledger_sees_every_row_however_the_step_is_compiled(options):
    ledger = Ledger(N)
    fit(model_of(**options), ledger, epochs=2)
    assert (ledger.table["seen"] == 2).all()


class StepOfItsOwn(keras.Model):
    """A subclassed model whose training step calls one or both of the two methods."""

    def __init__(self, calls):
        super().__init__()
        self.dense, self.calls = keras.layers.Dense(3), calls

    def call(self, x):
        return self.dense(x)

    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compute_loss(x, y, y_pred) if "loss" in self.calls else tf.reduce_mean(y_pred)
        self.optimizer.apply_gradients(
            zip(tape.gradient(loss, self.trainable_weights), self.trainable_weights, strict=True)
        )
        return self.compute_metrics(x, y, y_pred) if "metrics" in self.calls else {"loss": loss}


@pytest.mark.parametrize("calls", [("loss", "metrics"), ("loss",), ("metrics",)])
def test_a_train_step_of_its_own_may_call_either_method(calls):
    model = accept_tags(StepOfItsOwn(calls))
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    ledger = Ledger(N)
    fit(model, ledger)
    assert (ledger.table["seen"] == 1).all()


class LossOfItsOwn(keras.Model):
    def compute_loss(self, x, y, y_pred, sample_weight=None):
        return super().compute_loss(x, y, y_pred, sample_weight)


def test_a_compute_loss_that_is_not_told_training_still_tells_the_steps_apart():
    x = keras.Input((4,))
    model = accept_tags(LossOfItsOwn(x, keras.layers.Dense(3, activation="softmax")(x)))
    model.compile("sgd", "sparse_categorical_crossentropy", run_eagerly=True)
    heard = Heard(model)
    fit(model, validation_data=tagged())
    assert heard.training == [True] * 3 + [False] * 3


def two_outputs(**options):
    x = keras.Input((4,))
    heads = {name: keras.layers.Dense(3, activation="softmax", name=name)(x) for name in ("a", "b")}
    model = accept_tags(keras.Model(x, heads))
    model.compile("sgd", "sparse_categorical_crossentropy", metrics={"a": ["accuracy"], "b": ["accuracy"]}, **options)
    return model


def test_several_outputs_train_with_tags():
    ledger = Ledger(N, output="b")
    history = fit(two_outputs(), ledger, data=tagged(y={"a": Y, "b": 2 - Y})).history
    assert {"a_accuracy", "b_accuracy"} <= history.keys()
    assert ledger.table["label"].tolist() == (2 - Y).tolist()


def test_the_logs_are_those_of_the_data_without_tags():
    with_tags = fit(model_of("accuracy"), validation_data=tagged(), shuffle=False, epochs=2).history
    without = fit(model_of("accuracy"), data=(X, Y), validation_data=(X, Y), shuffle=False, epochs=2).history
    assert with_tags == without


def test_mixed_precision_trains_with_tags():
    keras.config.set_dtype_policy("mixed_float16")
    ledger = Ledger(N)
    fit(model_of(), ledger)
    assert np.isfinite(ledger.table["margin"]).all()


def test_a_model_that_accepts_tags_is_saved_cloned_pickled_as_any_other(tmp_path):
    model = model_of()
    fit(model)
    model.save(tmp_path / "model.keras")
    model.export(tmp_path / "exported", verbose=False)
    copies = keras.models.load_model(tmp_path / "model.keras"), pickle.loads(pickle.dumps(model))
    for copy in copies:
        np.testing.assert_array_equal(copy.predict(X, verbose=0), model.predict(X, verbose=0))
    assert all("compute_loss" not in vars(copy) for copy in (*copies, keras.models.clone_model(model)))
    assert fit(copies[0], data=(X, Y)).history["loss"]


def test_accepting_tags_twice_changes_nothing():
    model = model_of()
    before = model.compute_loss
    assert accept_tags(model) is model
    assert model.compute_loss == before


def test_a_model_that_was_trained_before_accepts_tags():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.fit(X, Y, verbose=0)
    ledger = Ledger(N)
    fit(accept_tags(model), ledger)
    assert (ledger.table["seen"] == 1).all()


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"slices": {"site": SITES}}, TypeError, "`slices` must be a dict of Slice"),
        ({"slices": {SITE: SITES[:5]}}, ValueError, "slice 'site' must have one value for each of 40 rows"),
        ({"slices": {SITE: SITES, Slice("site", 2): SITES}}, ValueError, "different names"),
        ({"ids": np.zeros(N, int)}, ValueError, "id 0 comes 40 times"),
        ({"ids": np.arange(N) / 1.0}, TypeError, "`ids` must be integers"),
        ({"ids": np.arange(5)}, ValueError, "one for each of 40 rows"),
    ],
)
def test_tags_that_do_not_fit_are_refused(options, error, words):
    with pytest.raises(error, match=words):
        tag(X, Y, **options)


def test_only_a_model_accepts_tags():
    with pytest.raises(TypeError, match=r"must be a keras\.Model"):
        accept_tags("model")
