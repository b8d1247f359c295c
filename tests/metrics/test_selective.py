"""AUGRC against an oracle of pairs, and conformal sets: coverage in many splits, small sets, refusals."""

import keras
import numpy as np
import pytest

from fmnist_tf import ScoreLogger
from fmnist_tf.metrics import AUGRC, ConformalSets, ScoreSet
from support.catalogue import fed


def drawn(rng, rows, num_classes=4, sharpness=2.0):
    """(labels, probabilities) of a model that is often right; the label is drawn from other probabilities."""
    logits = rng.normal(size=(rows, num_classes))
    y_true = np.argmax(logits + rng.gumbel(size=logits.shape), axis=1)
    p = np.exp(sharpness * logits)
    return y_true, (p / p.sum(axis=1, keepdims=True)).astype("float32")


# AUGRC


def oracle(y_true, p):
    """The mean over pairs: a wrong sample is accepted before the share of samples less confident, ties half."""
    confidence, wrong = p.max(axis=1), p.argmax(axis=1) != y_true
    below = [(confidence < c).mean() + (confidence == c).mean() / 2 for c in confidence]
    return np.mean(wrong * below)


@pytest.mark.parametrize("seed", range(3))
def test_the_area_is_the_mean_over_pairs_within_its_bounds(seed):
    y_true, p = drawn(np.random.default_rng(seed), 200)
    metric = fed(AUGRC(dtype="float64", num_bins=64), y_true, p)
    low, high = metric.bounds
    assert low <= oracle(y_true, p) <= high
    exact = fed(AUGRC(dtype="float64", num_bins=1 << 16), y_true, p)
    np.testing.assert_allclose(exact.result(), oracle(y_true, p), atol=1e-4)


@pytest.mark.parametrize(("p", "value"), [([0.9, 0.9, 0.9, 0.9], 0.125), ([0.9, 0.8, 0.7, 0.6], 0.03125)])
def test_confidence_that_says_nothing_gives_half_the_error_and_the_best_order_the_least(p, value):
    """Source: Traub et al., 2024: a random order gives e / 2, the best e^2 / 2."""
    metric = fed(AUGRC(), [0, 0, 0, 1], np.stack([p, np.subtract(1, p)], axis=1))
    assert float(metric.result()) == pytest.approx(value)
    column = fed(AUGRC(), [1, 1, 1, 0], np.array(p))
    assert float(column.result()) == pytest.approx(value)


def test_the_curve_ends_with_the_error_and_the_interval_is_that_of_a_simulation():
    rng = np.random.default_rng(0)
    y_true, p = drawn(rng, 400)
    metric = fed(AUGRC(dtype="float64"), y_true, p)
    curve, error = metric.curve(), np.mean(p.argmax(axis=1) != y_true)
    np.testing.assert_allclose([curve.coverage[0], curve.risk[0], curve.generalized_risk[0]], [1, error, error])
    values = [oracle(*drawn(rng, 400)) for _ in range(200)]
    low, high = metric.interval()
    assert low < metric.result() < high
    assert 0.7 < (high - low) / (2 * 1.96 * np.std(values)) < 1.4


# Conformal sets


@pytest.mark.parametrize("num_bins", [32, pytest.param(8192, marks=pytest.mark.heavy)])
def test_coverage_in_200_splits_is_at_least_nominal(num_bins):
    rng, covered = np.random.default_rng(1), []
    for _ in range(200):
        sets = fed(ConformalSets(coverage=0.9, num_bins=num_bins), *drawn(rng, 99))
        y_true, p = drawn(rng, 300)
        covered.append(np.mean((p > float(sets.result()))[np.arange(300), y_true]))
    assert np.mean(covered) >= 0.9


def test_each_class_is_covered_where_it_has_its_own_threshold():
    rng = np.random.default_rng(2)
    y_true, p = drawn(rng, 4000)
    p[:, 0] *= 0.2  # a model that does not like class 0
    p /= p.sum(axis=1, keepdims=True)
    half = slice(0, 2000), slice(2000, 4000)
    together, apart = (fed(ConformalSets(by_class=by), y_true[half[0]], p[half[0]]) for by in (False, True))
    of_0 = y_true[half[1]] == 0
    covered = [float(np.mean(sets.predict(p[half[1]]).numpy()[of_0, 0])) for sets in (together, apart)]
    assert covered[0] < 0.85
    assert covered[1] > 0.87


def test_too_few_samples_give_sets_of_all_classes():
    sets = fed(ConformalSets(coverage=0.9), [0, 1], [[0.9, 0.1], [0.2, 0.8]])
    assert sets.result() < 0
    assert sets.predict([[1.0, 0.0]]).numpy().all()


@pytest.fixture(scope="module")
def trained():
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(90, 3)).astype("float32")
    y = np.argmax(x + rng.normal(size=x.shape), axis=1)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(3, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=[ScoreSet()], jit_compile=False)
    return model, x, y, ScoreLogger(verbose=0)


def test_an_attached_model_gives_sets_and_is_saved(trained, tmp_path):
    model, x, y, _ = trained
    sets = ConformalSets(coverage=0.8).calibrate(model, x, y)
    attached = sets.attach(model)
    found = attached.predict(x, verbose=0)
    np.testing.assert_array_equal(found, sets.predict(model.predict(x, verbose=0)))
    assert found.dtype == bool
    assert np.mean(found[np.arange(90), y]) >= 0.8
    attached.save(tmp_path / "sets.keras")
    again = keras.models.load_model(tmp_path / "sets.keras")
    np.testing.assert_array_equal(again.predict(x, verbose=0), found)


def test_the_set_that_chose_the_epoch_is_refused(trained):
    model, x, y, logger = trained
    model.fit(x[:30], y[:30], validation_data=(x[30:60], y[30:60]), epochs=2, verbose=0, callbacks=[logger])
    with pytest.raises(ValueError, match="which chose the epoch; calibrate on data that took no part in training"):
        ConformalSets().calibrate(model, x[30:60], y[30:60], logger=logger)
    assert ConformalSets().calibrate(model, x[60:], y[60:], logger=logger).attach(model).output_shape == (None, 3)


def test_conformal_sets_are_not_compiled_nor_attached_before_they_are_calibrated(trained):
    model, x, y, _ = trained
    model.compile("adam", "sparse_categorical_crossentropy", metrics=[ConformalSets()], jit_compile=False)
    with pytest.raises(ValueError, match="ConformalSets cannot be compiled"):
        model.evaluate(x, y, verbose=0)
    with pytest.raises(ValueError, match="has counted nothing yet"):
        ConformalSets().attach(model)


@pytest.mark.parametrize("coverage", [0.0, 1.0, 1.5])
def test_what_is_no_coverage_is_refused(coverage):
    with pytest.raises(ValueError, match="`coverage` must be"):
        ConformalSets(coverage=coverage)
