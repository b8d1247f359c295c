"""MiniVGG is the network of the article, takes raw pixels, and trains as the article's did."""

import keras
import numpy as np
import pytest

from fmnist_tf.fashion_mnist.data import load_fashion_mnist
from fmnist_tf.fashion_mnist.model import decaying_sgd, mini_vgg

BLOCK = ["Conv2D", "BatchNormalization", "Conv2D", "BatchNormalization", "MaxPooling2D", "Dropout"]
HEAD = ["Flatten", "Dense", "BatchNormalization", "Dropout", "Dense"]


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    return mini_vgg()


@pytest.fixture(scope="module")
def pixels():
    return load_fashion_mnist()[1][0][:8]


def test_the_layers_are_those_of_the_article(model):
    assert [type(layer).__name__ for layer in model.layers] == ["Rescaling", *BLOCK, *BLOCK, *HEAD]
    kinds = (keras.layers.Conv2D, keras.layers.Dense)
    layers = [layer for layer in model.layers if isinstance(layer, kinds)]
    assert [getattr(layer, "filters", None) or layer.units for layer in layers] == [32, 32, 64, 64, 512, 10]
    assert [layer.activation.__name__ for layer in layers] == ["relu"] * 5 + ["softmax"]
    assert [layer.rate for layer in model.layers if hasattr(layer, "rate")] == [0.25, 0.25, 0.5]


def test_it_has_as_many_weights_as_the_definition_says(model):
    convolutions = [9 * i * o + o for i, o in ((1, 32), (32, 32), (32, 64), (64, 64))]
    dense = [7 * 7 * 64 * 512 + 512, 512 * 10 + 10]
    normalisations = 4 * (32 + 32 + 64 + 64 + 512)
    assert model.count_params() == sum(convolutions) + sum(dense) + normalisations


def test_probabilities_of_every_class_come_out(model, pixels):
    y = mini_vgg(3)(pixels)
    assert y.shape == (8, 3)
    np.testing.assert_allclose(np.sum(y, axis=1), 1, atol=1e-6)
    assert model.output_shape == (None, 10)


def test_pixels_may_be_bytes_or_floats(model, pixels):
    expected = model.predict(pixels, verbose=0)
    np.testing.assert_array_equal(model.predict(pixels.astype("float32"), verbose=0), expected)
    np.testing.assert_array_equal(model(pixels), model(pixels.astype("float64")))


def test_pixels_are_divided_by_255_inside(model, pixels):
    np.testing.assert_allclose(model.layers[0](pixels), pixels / 255, atol=1e-7)


def test_a_saved_model_takes_raw_pixels(model, pixels, tmp_path):
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded.predict(pixels, verbose=0), model.predict(pixels, verbose=0))


def test_one_seed_gives_one_model(model):
    keras.utils.set_random_seed(0)
    for again, first in zip(mini_vgg().get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(again, first)


def test_it_is_not_compiled(model):
    assert not model.compiled


@pytest.mark.parametrize("num_classes", [0, -1])
def test_a_number_of_classes_that_is_not_positive_is_refused(num_classes):
    with pytest.raises(ValueError, match=f"`num_classes` must be positive, got {num_classes}"):
        mini_vgg(num_classes)


@pytest.mark.parametrize("epochs", [1, 10])
def test_the_learning_rate_decays_at_every_step_as_in_older_keras(epochs):
    """Keras 2: `lr = self.lr * (1. / (1. + self.decay * iterations))`, `iterations` counted from 0."""
    optimizer = decaying_sgd(epochs)
    variable = keras.Variable([0.0])
    for step in range(5):
        expected = 0.01 * (1.0 / (1.0 + 0.01 / epochs * step))
        assert float(optimizer.learning_rate) == pytest.approx(expected, rel=1e-6)
        optimizer.apply([keras.ops.ones(1)], [variable])


def test_the_momentum_is_that_of_the_article():
    optimizer = decaying_sgd(epochs=10)
    assert (optimizer.momentum, optimizer.nesterov) == (0.9, False)


def test_epochs_that_are_not_positive_are_refused():
    with pytest.raises(ValueError, match="`epochs` must be positive, got 0"):
        decaying_sgd(0)


@pytest.mark.heavy
def test_it_learns_from_the_bundled_sample():
    """64 images, seen eight times, are nearly known by heart."""
    keras.utils.set_random_seed(0)
    (x, y), _ = load_fashion_mnist()
    model = mini_vgg()
    model.compile(decaying_sgd(epochs=8), "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(x[:64], y[:64], epochs=8, batch_size=16, verbose=0).history
    assert history["accuracy"][-1] > 0.8
