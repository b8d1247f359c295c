"""The slice of the worked example: how bright an image is on average, in three bands of the training images."""

import numpy as np

from fmnist_tf.fashion_mnist.data import CLASS_NAMES
from fmnist_tf.report import Report

#: The bands, thirds of the training images, from the darkest.
BANDS = ("dark", "medium", "bright")


def brightness_bands(images: np.ndarray, training_images: np.ndarray) -> np.ndarray:
    """The band of the mean brightness of each image, one of `BANDS`, (N,).

    Args:
        images: uint8 (N, 28, 28, 1).
        training_images: those whose terciles are the limits of the bands; a mean on a limit is in the brighter band.
    """
    limits = np.quantile(_brightness(training_images), [1 / 3, 2 / 3])
    return np.array(BANDS)[np.searchsorted(limits, _brightness(images), side="right")]


def _brightness(images: np.ndarray) -> np.ndarray:
    return images.reshape(len(images), -1).mean(axis=1, dtype=np.float64)


def reports_by_band(y_true: np.ndarray, y_pred: np.ndarray, bands: np.ndarray) -> dict[str, Report]:
    """Band -> the report of its images; bands without images are left out.

    Args:
        y_true: class ids (N,).
        y_pred: predicted class ids (N,).
        bands: the band of each image, (N,).
    """
    size = len(CLASS_NAMES)
    cells = y_true.astype(np.int64) * size + y_pred
    counts = {band: np.bincount(cells[bands == band], minlength=size**2).reshape(size, size) for band in BANDS}
    return {band: Report(matrix, CLASS_NAMES) for band, matrix in counts.items() if matrix.any()}
