"""The slice of the worked example: three bands of mean brightness, and the report of each."""

import numpy as np
from sklearn.metrics import accuracy_score

from fmnist_tf.fashion_mnist.brightness import BANDS, brightness_bands, reports_by_band

RNG = np.random.default_rng(0)
IMAGES = (RNG.integers(0, 256, (90, 28, 28, 1)) * RNG.random((90, 1, 1, 1))).astype("uint8")
MEANS = IMAGES.mean(axis=(1, 2, 3))


def test_each_band_holds_a_third_of_the_training_images():
    bands = brightness_bands(IMAGES, IMAGES)
    assert {band: np.sum(bands == band) for band in BANDS} == dict.fromkeys(BANDS, 30)
    assert MEANS[bands == "dark"].max() < MEANS[bands == "medium"].min() < MEANS[bands == "bright"].min()


def test_the_limits_are_those_of_the_training_images():
    assert set(brightness_bands(np.zeros((3, 28, 28, 1), "uint8"), IMAGES)) == {"dark"}
    assert set(brightness_bands(np.full((3, 28, 28, 1), 255, "uint8"), IMAGES)) == {"bright"}


def test_the_report_of_a_band_is_that_of_its_images():
    y_true, y_pred = RNG.integers(0, 10, 90), RNG.integers(0, 10, 90)
    bands = brightness_bands(IMAGES, IMAGES)
    for band, report in reports_by_band(y_true, y_pred, bands).items():
        rows = bands == band
        assert report.total == rows.sum()
        assert report.overall["accuracy"].value == accuracy_score(y_true[rows], y_pred[rows])


def test_a_band_without_images_is_left_out():
    dark = brightness_bands(np.zeros((5, 28, 28, 1), "uint8"), IMAGES)
    assert list(reports_by_band(np.arange(5), np.arange(5), dark)) == ["dark"]
