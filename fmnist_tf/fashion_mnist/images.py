"""The images of a training: loaded, split, with planted label errors if asked for, and in batches."""

from typing import NamedTuple

import numpy as np
import tensorflow as tf
from tensorflow.random.experimental import stateless_shuffle  # pyright: ignore[reportMissingImports] - a lazy module

from fmnist_tf.fashion_mnist.data import CLASS_NAMES, Split, load_fashion_mnist
from fmnist_tf.fashion_mnist.label_noise import choose_wrong, plant_errors
from fmnist_tf.fashion_mnist.options import Options
from fmnist_tf.rows import tag


class Images(NamedTuple):
    """The images to train on, those that choose the epoch, and those of the report if they are different."""

    train: Split
    val: Split
    test: Split | None


def load_images(options: Options) -> Images:
    """Loads the data and splits it by the options; with `label_noise` the labels to train on are partly wrong.

    Raises:
        OSError: the data cannot be read.
        ValueError: the data is damaged, or smaller than the options ask for.
    """
    train, test = load_fashion_mnist(options.data)
    train = _first("--train-size", options.train_size, train)
    test = _first("--test-size", options.test_size, test)
    if options.val_split is None:
        return Images(_with_errors(options, train), test, None)
    if not 0 < round(len(train[1]) * options.val_split) < len(train[1]):
        raise ValueError(f"--val-split {options.val_split} leaves one side of {len(train[1])} images empty")
    val, rest = _split(options.val_split, options.seed, len(train[1]))
    return Images(_with_errors(options, (train[0][rest], train[1][rest])), (train[0][val], train[1][val]), test)


def training_ids(options: Options, images: Images) -> np.ndarray:
    """The index in the training set of each image that is trained on, ascending."""
    number = len(images.train[1])
    if options.val_split is None:
        return np.arange(number)
    return _split(options.val_split, options.seed, number + len(images.val[1]))[1]


def planted_errors(options: Options, images: Images) -> np.ndarray:
    """Which of the images that are trained on have a planted error, ascending; none without `label_noise`."""
    return choose_wrong(len(images.train[1]), options.label_noise or 0, options.seed)


def _split(share: float, seed: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """The indices that are held back, and the others, ascending."""
    order = np.random.default_rng(seed).permutation(size)
    held_back = round(size * share)
    return order[:held_back], np.sort(order[held_back:])


def _with_errors(options: Options, split: Split) -> Split:
    if options.label_noise is None:
        return split
    return split[0], plant_errors(split[1], options.label_noise, len(CLASS_NAMES), options.seed)[0]


def shuffled_batches(split: Split, batch_size: int, seed: int, epochs: range) -> tf.data.Dataset:
    """Batches of several epochs, one after the other, each in an order that its seed and number alone determine.

    Labels are tagged with ids, the positions of the images in the split.
    """
    with tf.device("CPU"):
        x, y = (tf.constant(array) for array in split)

    def batches_of(epoch: tf.Tensor) -> tf.data.Dataset:
        ids = tf.range(len(split[1]), dtype=tf.int64)
        order = stateless_shuffle(ids, tf.stack([tf.cast(seed, tf.int64), epoch]))
        return tf.data.Dataset.from_tensor_slices(order).batch(batch_size)

    batches = tf.data.Dataset.range(epochs.start, epochs.stop).flat_map(batches_of)
    return batches.map(lambda ids: tag(tf.gather(x, ids), tf.gather(y, ids), ids=ids)).prefetch(tf.data.AUTOTUNE)


def _first(flag: str, size: int | None, split: Split) -> Split:
    if size is not None and size > len(split[1]):
        raise ValueError(f"{flag} must be at most {len(split[1])}, the number of images there are, got {size}")
    return split[0][:size], split[1][:size]
