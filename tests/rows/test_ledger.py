"""A ledger counts the rows of fit, goes on in a later one, and lists the labels that are probably wrong."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.special import log_softmax

from fmnist_tf.rows import Ledger, accept_tags, tag
from fmnist_tf.rows.margins import outcome
from support.ledger import replay
from support.replicas import two_replicas
from support.tagged import N, X, Y, fit, model_of, tagged


def trained(model, data=None, epochs=3, ledger=None, size=N, **options):
    ledger = ledger or Ledger(size)
    fit(model, ledger, data=data, epochs=epochs, **options)
    return ledger.table


@pytest.mark.parametrize("activation", [None, "softmax"])
def test_a_model_that_stands_still_has_the_margins_of_its_predictions(activation):
    model = model_of(
        rate=0.0,
        activation=activation,
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=activation is None),
    )
    table = trained(model)
    scores = model.predict(X, verbose=0)
    logits = scores if activation is None else np.log(scores)
    for name, wanted in replay(np.stack([logits] * 3).astype("float64"), Y).items():
        np.testing.assert_allclose(table[name], wanted, rtol=1e-4, atol=1e-5, err_msg=name)


@pytest.mark.parametrize("kind", ["one_hot", "soft", "column"])
def test_labels_of_every_kind_are_their_class(kind):
    y = {"one_hot": np.eye(3)[Y], "soft": 0.8 * np.eye(3)[Y] + 0.2 / 3, "column": Y[:, None]}[kind]
    loss = "sparse_categorical_crossentropy" if kind == "column" else "categorical_crossentropy"
    assert trained(model_of(loss=loss, rate=0.0), tagged(y=y))["label"].tolist() == Y.tolist()


@pytest.mark.parametrize("scale", [1.0, 200.0])
def test_one_sigmoid_has_the_logit_with_the_sign_of_the_label(scale):
    y = (Y > 0).astype("float32")
    model = model_of(units=1, activation="sigmoid", rate=0.0)
    model.layers[0].kernel.assign(model.layers[0].kernel * scale)
    table = trained(model, tagged(y=y))
    logit = (X @ model.layers[0].kernel.numpy())[:, 0]
    np.testing.assert_allclose(table["margin"], np.where(y > 0, logit, -logit), rtol=1e-3, atol=1e-4)
    assert scale == 1 or table["margin"].max() > 60 > -60 > table["margin"].min()
    assert table["label"].tolist() == y.tolist()


def test_several_columns_have_the_least_margin_of_a_row():
    y = np.random.default_rng(0).integers(0, 2, (N, 3)).astype("float32")
    model = model_of(loss="binary_crossentropy", activation="sigmoid", rate=0.0)
    table = trained(model, tagged(y=y))
    logit = X @ model.layers[0].kernel.numpy()
    np.testing.assert_allclose(table["margin"], np.where(y > 0, logit, -logit).min(1), rtol=1e-4, atol=1e-5)
    assert (table["correct"] == 3 * ((logit > 0) == y).all(1)).all()
    assert (table["label"] == -1).all()


@pytest.mark.parametrize("y_true", [0, 1])
def test_margins_of_probabilities_are_finite_and_reach_beyond_60(y_true):
    certain = tf.constant([[1.0, 0.0]])
    found = outcome(tf.constant([y_true]), certain, None, multi_label=False)
    assert 60 < abs(float(found.margin[0])) < 100


def test_margins_are_the_same_of_logits_and_of_their_log_probabilities():
    logits = np.random.default_rng(0).normal(size=(6, 4)).astype("float32")
    labels = tf.constant([0, 1, 2, 3, 0, 1])
    of_logits = outcome(labels, tf.constant(logits), tf.constant(logits), multi_label=False)
    of_probabilities = outcome(labels, tf.constant(np.exp(log_softmax(logits, -1))), None, multi_label=False)
    np.testing.assert_allclose(of_logits.margin, of_probabilities.margin, rtol=1e-4, atol=1e-5)


def test_sample_weights_change_nothing():
    weight = np.arange(N, dtype="float32")
    with_weights = trained(model_of(rate=0.0), tagged(sample_weight=weight))
    np.testing.assert_array_equal(with_weights, trained(model_of(rate=0.0)))


def test_rows_of_validation_are_not_counted():
    assert (trained(model_of(), validation_data=tagged(), epochs=1)["seen"] == 1).all()


def test_rows_never_seen_are_told_apart():
    table = trained(model_of(), tagged(X[:30], Y[:30], ["north"] * 30))
    assert (table["seen"][30:] == 0).all()
    assert np.isnan(table["margin"][30:]).all()
    assert (table["first_learned"][30:] == -1).all()


# Fits one after the other


def test_a_second_fit_goes_on():
    ledger, model = Ledger(N), model_of()
    trained(model, ledger=ledger, epochs=2)
    assert (trained(model, ledger=ledger, epochs=1)["seen"] == 3).all()


def test_a_ledger_given_for_a_later_fit_sees_it():
    model = model_of()
    fit(model)
    assert (trained(model, epochs=1)["seen"] == 1).all()


@pytest.mark.parametrize("data", [None, (X, Y)], ids=["tagged", "untagged"])
def test_a_later_fit_without_the_ledger_is_not_counted(data):
    ledger, model = Ledger(N), model_of()
    trained(model, ledger=ledger, epochs=1)
    fit(model, data=data)
    assert (ledger.table["seen"] == 1).all()
    assert (trained(model, ledger=ledger, epochs=1)["seen"] == 2).all()


def test_a_fit_that_broke_off_leaves_the_next_one_alone():
    class Breaks(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            raise RuntimeError

    ledger, model = Ledger(N), model_of()
    with pytest.raises(RuntimeError):
        fit(model, ledger, Breaks())
    fit(model, data=(X, Y))
    assert (ledger.table["seen"] == 1).all()


def test_epochs_count_on_in_a_second_fit():
    ledger, model = Ledger(N), model_of(rate=0.0)
    trained(model, ledger=ledger, epochs=2)
    model.layers[0].kernel.assign(-model.layers[0].kernel)
    assert set(trained(model, ledger=ledger, epochs=1)["first_learned"]) <= {-1, 0, 2}


def test_reset_begins_anew():
    ledger, model = Ledger(N), model_of()
    trained(model, ledger=ledger)
    ledger.reset()
    assert (ledger.table["seen"] == 0).all()
    assert (trained(model, ledger=ledger, epochs=1)["seen"] == 1).all()


def test_counting_ends_at_an_epoch():
    assert (trained(model_of(), ledger=Ledger(N, until=2), epochs=3)["seen"] == 2).all()


def test_a_state_that_is_loaded_goes_on():
    ledger, model = Ledger(N), model_of()
    trained(model, ledger=ledger, epochs=2)
    again = Ledger(N)
    again.load_state_dict(ledger.state_dict())
    np.testing.assert_array_equal(again.table, ledger.table)
    assert (trained(model, ledger=again, epochs=1)["seen"] == 3).all()


def test_a_state_of_another_number_of_rows_is_refused():
    with pytest.raises(ValueError, match=r"must be one of a Ledger of 5 rows, got a table \(40, 8\)"):
        Ledger(5).load_state_dict(Ledger(N).state_dict())


def test_replicas_count_as_one_device():
    with two_replicas().scope():
        several = model_of(rate=0.0)
    table, alone = trained(several), trained(model_of(rate=0.0))
    assert (table["seen"] == 3).all()
    for name in table.dtype.names:
        np.testing.assert_allclose(table[name], alone[name], rtol=1e-5, atol=1e-6, err_msg=name)


# Suspects


def test_suspects_are_the_lowest_margins_of_the_rows_seen():
    ledger = Ledger(N)
    table = trained(model_of(), tagged(X[:30], Y[:30], ["north"] * 30), ledger=ledger)
    assert ledger.suspects(k=4)["id"].tolist() == np.argsort(table["margin"])[:4].tolist()
    assert len(ledger.suspects(share=0.1)) == 3  # of 30 rows seen
    assert len(ledger.suspects()) == 2


@pytest.mark.parametrize("options", [{"share": 0.1, "k": 2}, {"share": 1.5}, {"k": -1}])
def test_a_share_that_is_none_is_refused(options):
    with pytest.raises(ValueError, match="`share`"):
        Ledger(N).suspects(**options)


@pytest.mark.heavy
def test_planted_errors_are_found_among_the_lowest_margins():
    """Of scikit-learn's digits with 10 % wrong labels at least 80 % are among the lowest 10 % of margins."""
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    rng = np.random.default_rng(0)
    wrong = rng.choice(len(y), len(y) // 10, replace=False)
    y[wrong] = (y[wrong] + rng.integers(1, 10, len(wrong))) % 10
    keras.utils.set_random_seed(0)
    layers = [keras.Input((64,)), keras.layers.Dense(64, activation="relu"), keras.layers.Dense(10)]
    model = accept_tags(keras.Sequential(layers))
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    ledger = Ledger(len(y))
    fit(model, ledger, data=tag((x / 16).astype("float32"), y), epochs=12)
    found = np.isin(wrong, ledger.suspects(share=0.1)["id"]).mean()
    assert found >= 0.8


# What is refused


@pytest.mark.parametrize(
    ("ids", "words"),
    [
        (np.arange(N) + 1, "ids must be 0 to 39, got 40"),
        (np.arange(N) - 7, r"ids must be 0 to 39, got -\d"),
    ],
)
def test_ids_outside_the_table_are_refused(ids, words):
    with pytest.raises(ValueError, match=words):
        trained(model_of(), tagged(ids=ids))


@pytest.mark.parametrize("step", [1, N // 2], ids=["within a batch", "across batches"])
def test_ids_that_repeat_within_a_pass_are_refused(step):
    ids = np.arange(N) // 2 if step == 1 else np.arange(N) % step
    data = tf.data.Dataset.zip(tf.data.Dataset.from_tensor_slices((X, Y)), tf.data.Dataset.from_tensor_slices(ids))
    data = data.batch(10).map(lambda row, place: tag(*row, ids=place))
    with pytest.raises(ValueError, match=r"ids repeat within one pass, such as \d+; give tag\(ids=\)"):
        model_of().fit(data, verbose=0, callbacks=[Ledger(N)])


def test_passes_that_do_not_end_with_an_epoch_are_no_repetition():
    data = tf.data.Dataset.from_tensor_slices(tagged()).shuffle(N).repeat().batch(8)
    ledger = Ledger(N)
    model_of().fit(data, steps_per_epoch=4, epochs=5, verbose=0, callbacks=[ledger])
    assert ledger.table["seen"].sum() == 8 * 4 * 5


def test_data_without_ids_are_refused():
    with pytest.raises(ValueError, match=r"Ledger needs an id for each row .* call accept_tags\(model\)"):
        trained(model_of(), (X, Y))


def test_a_model_that_accepts_no_tags_is_refused():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match=r"Ledger needs rows that carry tags; call accept_tags\(model\)"):
        model.fit(X, Y, verbose=0, callbacks=[Ledger(N)])


def test_dense_predictions_are_refused_with_the_size():
    model = accept_tags(keras.Sequential([keras.Input((4, 1)), keras.layers.Dense(3, activation="softmax")]))
    model.compile("sgd", "sparse_categorical_crossentropy")
    with pytest.raises(
        ValueError, match=r"dense predictions of shape \(None, 4, 3\): a row for each place would take 5,120 bytes"
    ):
        model.fit(*tag(X[..., None], np.repeat(Y[:, None], 4, 1)), verbose=0, callbacks=[Ledger(N)])


def test_one_of_several_outputs_must_be_named():
    x = keras.Input((4,))
    heads = {name: keras.layers.Dense(3, activation="softmax", name=name)(x) for name in ("a", "b")}
    model = accept_tags(keras.Model(x, heads))
    model.compile("sgd", "sparse_categorical_crossentropy")
    with pytest.raises(
        ValueError, match=r"Ledger: `output` must be one of the model's outputs, \['a', 'b'\], got None"
    ):
        fit(model, Ledger(N), data=tag(X, {"a": Y, "b": Y}))


@pytest.mark.parametrize(("number", "error"), [(0, ValueError), (2.5, TypeError), (True, TypeError)])
def test_a_number_of_rows_that_is_none_is_refused(number, error):
    with pytest.raises(error, match="Ledger: `num_rows` must be"):
        Ledger(number)
